import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
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
  const modeOf = (folder: string) => (statSync(folder).mode & 0o777).toString(8);
  test('is not made of a folder that others use, which stays as it is', async () => {
    const root = join(await temporaryFolder('home'), 'shared');
    mkdirSync(root);
    chmodSync(root, 0o755);
    writeFileSync(join(root, 'something'), '');
    expect(() => openHome(root)).toThrow(expect.objectContaining({ code: 'store.unwritable', message: expect.stringContaining('others may look into it'), hint: expect.stringContaining('chmod 700') }));
    expect(modeOf(root)).toBe('755');
  });
  test.each([0o600, 0o644])('is not made of a file, whose mode %o stays', async (mode) => {
    const file = join(await temporaryFolder('home'), 'file');
    writeFileSync(file, 'something');
    chmodSync(file, mode);
    expect(() => openHome(file)).toThrow(expect.objectContaining({ code: 'store.unwritable', message: expect.stringContaining('it is a file') }));
    expect(modeOf(file)).toBe(mode.toString(8));
  });
  test('is closed to others where it is empty, or was one before', async () => {
    const [empty, before] = [join(await temporaryFolder('home'), 'empty'), join(await temporaryFolder('home'), 'before')];
    for (const folder of [empty, before]) {
      mkdirSync(folder);
      chmodSync(folder, 0o755);
    }
    writeFileSync(join(before, 'pilothouse.db'), '');
    openHome(empty);
    openHome(before);
    expect([modeOf(empty), modeOf(before)]).toEqual(['700', '700']);
  });
  test('is not made of a folder of somebody else, though root could', async () => {
    let theirs = '/';
    if (process.getuid?.() === 0) {
      theirs = join(await temporaryFolder('home'), 'theirs');
      mkdirSync(theirs);
      chownSync(theirs, 12_345, 12_345);
      chmodSync(theirs, 0o755);
    }
    expect(() => openHome(theirs)).toThrow(expect.objectContaining({ code: 'store.unwritable', message: expect.stringContaining('another account') }));
    expect(modeOf(theirs)).not.toBe('700');
  });
  test('has one key, whatever link leads to it', async () => {
    const folder = await temporaryFolder('home');
    symlinkSync(folder, join(folder, 'link'));
    expect(openHome(join(folder, 'link')).key).toBe(openHome(folder).key);
  });
  // In a process of its own: what hangs cannot be given up from within.
  test.skipIf(process.platform !== 'linux')('is refused in words, and at once, where the file system takes no folders', () => {
    const script = `import { openHome } from ${JSON.stringify(home)}; try { openHome('/proc/pilothouse/home'); } catch (error) { process.stdout.write(error.code); }`;
    const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', timeout: 8000 });
    expect([stdout, signal]).toEqual(['store.unwritable', null]);
  });
});
