import { spawnSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openHome } from '#engine/home.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const home = fileURLToPath(new URL('../../electron/engine/home.ts', import.meta.url));

describe('the data folder', () => {
  test('is made with all that is missing above it, for its owner alone', async () => {
    const root = join(await temporaryFolder('home'), 'deep', 'deeper');
    openHome(root);
    expect([root, join(root, '..'), join(root, 'backups')].map((folder) => (statSync(folder).mode & 0o777).toString(8))).toEqual(['700', '700', '700']);
  });
  test('is refused in words below a file', async () => {
    const file = join(await temporaryFolder('home'), 'file');
    writeFileSync(file, '');
    expect(() => openHome(join(file, 'home'))).toThrow(expect.objectContaining({ code: 'store.unwritable', details: { root: join(file, 'home') } }));
  });
  // In a process of its own: what hangs cannot be given up from within.
  test.skipIf(process.platform !== 'linux')('is refused in words, and at once, where the file system takes no folders', () => {
    const script = `import { openHome } from ${JSON.stringify(home)}; try { openHome('/proc/pilothouse/home'); } catch (error) { process.stdout.write(error.code); }`;
    const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', timeout: 8000 });
    expect([stdout, signal]).toEqual(['store.unwritable', null]);
  });
});
