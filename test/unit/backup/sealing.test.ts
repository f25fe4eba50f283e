import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSealing } from '#engine/backup/sealing.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const quiet = { signal: new AbortController().signal, onBytes() {} };

test('a file that could not be made durable once is no good, although the next sync succeeds', async () => {
  const folder = await temporaryFolder('sealing');
  await writeFile(join(folder, 'dump'), 'x');
  let syncs = 0;
  const sealing = createSealing(folder, {
    ...quiet,
    async sync() {
      syncs += 1;
      if (syncs === 1) throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' });
    },
  });
  void sealing.early('dump');
  await expect(sealing.finish()).rejects.toMatchObject({ code: 'EIO' });
});

test('a file that is not there yet is sealed in the end', async () => {
  const folder = await temporaryFolder('sealing');
  const sealing = createSealing(folder, quiet);
  void sealing.early('dump');
  await writeFile(join(folder, 'dump'), 'x');
  expect(await sealing.finish()).toMatchObject([{ path: 'dump', sizeBytes: 1 }]);
});
