/** Files of a dump as they are brought here, where the line ends while one of them is being written, and where a part of one is here already. */
import { createHash } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
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

test('how long the fetching still takes is told by what came since, and not by what was here before', async () => {
  const local = await temporaryFolder('fetching');
  const mebibyte = 1024 * 1024;
  const content = Buffer.alloc(16 * mebibyte, 'x');
  const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
  const file = { name: '3001.dat', sizeBytes: content.length, sha256: sha256(content) };
  await writeFile(join(local, file.name), content.subarray(0, 12 * mebibyte));
  const at = { now: 0 };
  const told: string[] = [];
  const run = async ({ argv, onStdoutChunk }: { argv: string[]; onStdoutChunk?: (chunk: Buffer) => Promise<void> }) => {
    if (onStdoutChunk === undefined) return { exitStatus: 0, stdout: sha256(content.subarray(0, Number(argv.at(-1)))), stderr: '' };
    for (let piece = 0; piece < 4; piece += 1) {
      at.now += 2000;
      await onStdoutChunk(content.subarray(0, mebibyte));
    }
    return { exitStatus: 0, stdout: '', stderr: '' };
  };
  const fetching = {
    context: { ports: { clock: { now: () => at.now } } },
    operation: { progress: ({ text }: { text: string }) => void told.push(text), log() {} },
    signal: new AbortController().signal,
    site: { label: 'db-1', there: { run } },
    line: { patiently: (work: () => Promise<unknown>) => work(), held: () => null },
    bySftp: false, remote: '/there', local, files: [file], sealing: { early: async () => ({ sha256: file.sha256 }) }, range: [0, 1],
  } as unknown as FetchingDump;
  await fetchDump(fetching);
  expect(told).toContainEqual('Fetching from db-1 · 13.0 MiB of 16.0 MiB · 1 file · about 6 s of the fetching left');
});
