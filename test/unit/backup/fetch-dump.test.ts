/** Files of a dump as they are brought here, where the line ends while one of them is being written. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fetchDump, type FetchingDump } from '#engine/backup/detached/fetch-dump.ts';
import { openBelow } from '#test/open-files.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

test.skipIf(process.platform !== 'linux')('a line that ends while a file is about to be opened leaves nothing open', async () => {
  const local = await temporaryFolder('fetching');
  const content = Buffer.alloc(1000, 'x');
  const file = { name: 'toc.dat', sizeBytes: content.length * 2, sha256: createHash('sha256').update(content).digest('hex') };
  const cut = new Error('The line was cut.');
  const fetching = {
    context: { ports: { clock: { now: () => 0 } } },
    operation: { progress() {}, log() {} },
    signal: new AbortController().signal,
    // What is ended waits for nobody who still writes.
    site: { label: 'db-1', there: { run: ({ onStdoutChunk }: { onStdoutChunk: (chunk: Buffer) => Promise<void> }) => (void onStdoutChunk(content), Promise.reject(cut)) } },
    line: { patiently: (work: () => Promise<unknown>) => work(), held: () => null },
    bySftp: false, remote: '/there', local, files: [file], sealing: {}, range: [0, 1],
  } as unknown as FetchingDump;
  await expect(fetchDump(fetching)).rejects.toBe(cut);
  await waitFor('what was on its way to be written', async () => (await stat(join(local, file.name)).catch(() => null)) !== null);
  expect(await openBelow(local)).toEqual([]);
});
