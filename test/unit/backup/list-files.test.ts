import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listFiles } from '#engine/backup/files.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

test('files are listed while one of them is replaced again and again', async () => {
  const folder = await temporaryFolder('list');
  let replacing = true;
  const replaced = (async () => {
    for (let turn = 0; turn < 400; turn += 1) {
      const fresh = join(folder, `proofs.json.${turn}`);
      await writeFile(fresh, '{}');
      await rename(fresh, join(folder, 'proofs.json'));
    }
    replacing = false;
  })();
  const failures: unknown[] = [];
  while (replacing) await listFiles(folder).catch((error: unknown) => failures.push(error));
  await replaced;
  expect(failures).toEqual([]);
});
