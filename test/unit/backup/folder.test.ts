import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { join, posix, win32 } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listFiles } from '#engine/backup/files.ts';
import { folderNameOf, folderStamp, isBackupFolder } from '#engine/backup/folder-names.ts';
import type { Manifest } from '#engine/backup/manifest.ts';
import { isBeingWritten, makePartialFolder } from '#engine/backup/partial-folder.ts';
import { readProofs, writeProofs } from '#engine/backup/proofs-file.ts';
import { readManifestFile, whyNotInside } from '#engine/backup/read-manifest.ts';
import { restoreText } from '#engine/backup/restore-text.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const good: Manifest = {
  format: 'pilothouse-backup/1',
  id: 'one',
  madeBy: { pilothouse: '0.1.0', pgDump: '15.18' },
  system: { id: 's', name: 'Shop', environment: 'production' },
  database: { id: 'd', name: 'shop', host: '127.0.0.1', port: 5432 },
  server: { version: '15.18', versionNum: 150018, systemIdentifier: '7' },
  dump: { format: 'custom', path: 'dump.pgdump', jobs: 1, compressLevel: 1 },
  snapshotAt: '2026-11-20T19:46:00.000Z',
  lsn: null,
  startedAt: '2026-11-20T19:46:00.000Z',
  endedAt: '2026-11-20T19:46:01.000Z',
  encoding: 'UTF8',
  collate: 'C',
  ctype: 'C',
  localeProvider: null,
  locale: null,
  collationVersion: null,
  owner: 'postgres',
  databaseBytes: 1,
  extensions: [],
  tablespaces: [],
  roles: [],
  globals: { file: 'globals.sql', passwords: false },
  contents: { tables: [], sequences: [], largeObjects: 0, constraints: { total: 0, valid: 0 } },
  files: [{ path: 'dump.pgdump', sizeBytes: 3, sha256: 'a'.repeat(64) }],
};

async function folderWith(text: string): Promise<string> {
  const folder = await temporaryFolder('manifest');
  await writeFile(join(folder, 'manifest.json'), text);
  return folder;
}
const changed = (change: (manifest: Manifest) => void): string => {
  const manifest = structuredClone(good);
  change(manifest);
  return JSON.stringify(manifest);
};

describe('the name of a folder', () => {
  test.each([
    ['shop', 'shop'],
    ['Shop & Söhne', 'Shop%20%26%20S%c3%b6hne'],
    ['../../etc', '%2e.%2f..%2fetc'],
    ['..', '%2e%2e'],
    ['', '_'],
    ['con', '_con'],
    ['a/b', 'a%2fb'],
    ['50%', '50%25'],
  ])('for %j is %j', (name, expected) => {
    expect(folderNameOf(name)).toBe(expected);
  });
  test('never is longer than any disk takes', () => {
    expect(folderNameOf('ä'.repeat(63)).length).toBeLessThanOrEqual(80);
  });
  test('for a time sorts by it', () => {
    expect(folderStamp(Date.UTC(2026, 10, 20, 19, 46, 5))).toBe('20261120T194605Z');
  });
});

describe('a folder is taken for one of a backup', () => {
  test.each([
    ['below the backup folder', posix, '/home/backups', '/home/backups/shop/shop/20261120T194600Z', true],
    ['below the backup folder', win32, 'C:\\u\\pilot\\backups', 'C:\\u\\pilot\\backups\\shop\\shop\\20261120T194600Z', true],
    ['below it, the drive written in another case', win32, 'C:\\u\\backups', 'c:\\u\\backups\\shop\\shop\\20261120T194600Z', true],
    ['that is the backup folder itself', posix, '/home/backups', '/home/backups', false],
    ['of a whole database', posix, '/home/backups', '/home/backups/shop/shop', false],
    ['beside it', posix, '/home/backups', '/home/other/shop/shop/20261120T194600Z', false],
    ['beside it', win32, 'C:\\u\\backups', 'C:\\u\\other\\shop\\shop\\20261120T194600Z', false],
    ['on another drive', win32, 'C:\\u\\pilot\\backups', 'D:\\old\\backups\\shop\\shop\\20261120T194600Z', false],
    ['on a share', win32, 'C:\\u\\pilot\\backups', '\\\\nas\\old\\backups\\shop\\shop\\20261120T194600Z', false],
  ] as const)('%s: %#', (_where, path, backups, folder, expected) => {
    expect(isBackupFolder(backups, folder, path)).toBe(expected);
  });
});

describe('a folder that is being written', () => {
  test('gets another name than one of the same second', async () => {
    const home = { backups: await temporaryFolder('backups') };
    const names = { system: 'Shop', database: 'shop' };
    const first = await makePartialFolder(home, names, 0);
    const second = await makePartialFolder(home, names, 0);
    await first.seal();
    const third = await makePartialFolder(home, names, 0);
    expect(new Set([first.finalPath, second.finalPath, third.finalPath]).size).toBe(3);
  });
  test('is gone when it is removed', async () => {
    const backups = await temporaryFolder('backups');
    const partial = await makePartialFolder({ backups }, { system: 'Shop', database: 'shop' }, 0);
    await writeFile(join(partial.path, 'dump'), 'x');
    await partial.remove();
    expect(await listFiles(backups)).toEqual([]);
  });
  test('is known as one that is being written from the moment it is there', async () => {
    const backups = await temporaryFolder('backups');
    const path = join(backups, 'Shop', 'shop', '19700101T000000Z.partial');
    const making = makePartialFolder({ backups }, { system: 'Shop', database: 'shop' }, 0);
    while (!existsSync(path)) await new Promise((resolve) => setImmediate(resolve));
    expect(isBeingWritten(path)).toBe(true);
    await making;
  });
  test('is not known as one that is being written any more when it could not be made', async () => {
    const backups = await temporaryFolder('backups');
    await mkdir(join(backups, 'Shop'));
    await writeFile(join(backups, 'Shop', 'shop'), 'in the way');
    await expect(makePartialFolder({ backups }, { system: 'Shop', database: 'shop' }, 0)).rejects.toThrow();
    expect(isBeingWritten(join(backups, 'Shop', 'shop', '19700101T000000Z.partial'))).toBe(false);
  });
  test('refuses to count a link among its files', async () => {
    const folder = await temporaryFolder('link');
    await symlink('/etc/passwd', join(folder, 'dump'));
    await expect(listFiles(folder)).rejects.toMatchObject({ code: 'backup.damaged' });
  });
});

describe('a manifest', () => {
  test('is read', async () => {
    expect((await readManifestFile(await folderWith(JSON.stringify(good)))).manifest).toEqual(good);
  });
  test.each([
    ['is cut', JSON.stringify(good).slice(0, -20)],
    ['is of another format', changed((manifest) => void Object.assign(manifest, { format: 'pilothouse-backup/9' }))],
    ['lacks a field', JSON.stringify({ ...good, contents: undefined })],
    ['names a file that leads out', changed((manifest) => void manifest.files.push({ path: '../../etc/passwd', sizeBytes: 1, sha256: 'a'.repeat(64) }))],
    ['names an absolute dump', changed((manifest) => void (manifest.dump.path = '/dev/zero'))],
    ['names a file twice', changed((manifest) => void manifest.files.push(...good.files))],
    ['names no file of its dump', changed((manifest) => void (manifest.files = []))],
    ['has a hash that is none', changed((manifest) => void manifest.files.push({ path: 'x', sizeBytes: 1, sha256: 'zz' }))],
  ])('that %s is refused', async (_what, text) => {
    await expect(readManifestFile(await folderWith(text))).rejects.toMatchObject({ code: 'backup.manifest-invalid' });
  });
  test('that is a link is refused', async () => {
    const folder = await temporaryFolder('manifest');
    await writeFile(join(folder, 'elsewhere'), JSON.stringify(good));
    await symlink(join(folder, 'elsewhere'), join(folder, 'manifest.json'));
    await expect(readManifestFile(folder)).rejects.toMatchObject({ code: 'backup.manifest-invalid' });
  });
  test.skipIf(process.platform === 'win32')('that is a pipe is refused, and nobody waits for what comes out of it', async () => {
    const folder = await temporaryFolder('manifest');
    execFileSync('mkfifo', [join(folder, 'manifest.json')]);
    await expect(readManifestFile(folder)).rejects.toMatchObject({ code: 'backup.manifest-invalid', message: expect.stringContaining('not a plain file') });
  });
  test('that is larger than any is not read', async () => {
    const folder = await folderWith('{');
    await truncate(join(folder, 'manifest.json'), 1024 * 1024 * 1024);
    await expect(readManifestFile(folder)).rejects.toMatchObject({ code: 'backup.manifest-invalid', message: expect.stringContaining('more than any manifest') });
  });
  test('that is not there says that the backup was never finished', async () => {
    await expect(readManifestFile(await temporaryFolder('manifest'))).rejects.toMatchObject({ code: 'backup.incomplete' });
  });
  test.each(['a/../b', './a', 'a//b', 'C:/a', 'a\\b', 'a\0b', '', '/a'])('has no path %j', (path) => {
    expect(whyNotInside(path)).not.toBeNull();
  });
});

describe('proofs beside a manifest', () => {
  const record = { level: 'L0' as const, ok: true, at: '2026-11-20T19:46:00.000Z', durationMs: 1, where: 'this computer', checks: [], operationId: null };
  test('are read as they were written', async () => {
    const folder = await temporaryFolder('proofs');
    await writeProofs(folder, { manifestSha256: 'x', pinned: true, records: [record] });
    expect(await readProofs(folder)).toEqual({ manifestSha256: 'x', pinned: true, records: [record] });
  });
  test.each(['', '{', '{"format":"other"}', '[]'])('that say %j say nothing', async (text) => {
    const folder = await temporaryFolder('proofs');
    await writeFile(join(folder, 'proofs.json'), text);
    expect(await readProofs(folder)).toEqual({ manifestSha256: null, pinned: false, records: [] });
  });
  test('that are a link are not followed', async () => {
    const folder = await temporaryFolder('proofs');
    await mkdir(join(folder, 'other'));
    await writeProofs(join(folder, 'other'), { manifestSha256: 'x', pinned: true, records: [record] });
    await symlink(join(folder, 'other', 'proofs.json'), join(folder, 'proofs.json'));
    expect((await readProofs(folder)).records).toEqual([]);
  });
  test.skipIf(process.platform === 'win32')('that are a pipe are not waited for', async () => {
    const folder = await temporaryFolder('proofs');
    execFileSync('mkfifo', [join(folder, 'proofs.json')]);
    expect((await readProofs(folder)).records).toEqual([]);
  });
  test('that are larger than any are not read', async () => {
    const folder = await temporaryFolder('proofs');
    await writeProofs(folder, { manifestSha256: 'x', pinned: true, records: [record] });
    await truncate(join(folder, 'proofs.json'), 1024 * 1024 * 1024);
    expect((await readProofs(folder)).records).toEqual([]);
  });
  test('take the place of those before whole or not at all', async () => {
    const folder = await temporaryFolder('proofs');
    await writeProofs(folder, { manifestSha256: 'x', pinned: false, records: [] });
    await writeProofs(folder, { manifestSha256: 'x', pinned: true, records: [record] });
    expect(JSON.parse(await readFile(join(folder, 'proofs.json'), 'utf8'))).toMatchObject({ pinned: true });
  });
});

describe('RESTORE.md', () => {
  const textOf = (change: Partial<Manifest>) => restoreText({ ...good, ...change });
  const named = (name: string) => textOf({ database: { ...good.database, name }, system: { ...good.system, name } });
  const commandsOf = (text: string) => text.split('\n').filter((line) => line.startsWith('    '));

  test('has the commands of the stock programs', () => {
    expect(restoreText(good)).toContain('pg_restore --exit-on-error --jobs=2 --dbname=shop_restored dump.pgdump');
  });
  test.each([
    ['a line end', 'shop\n    rm -rf ~\n# x', 'shop_rm_-rf_x_restored'],
    ['the look of an option', '--version', '_version_restored'],
    ['the look of a conninfo string', 'host=evil.example dbname=x', 'host_evil_example_dbname_x_restored'],
    ['the look of a URI', 'postgres://evil/x', 'postgres_evil_x_restored'],
    ['quotes and a substitution', `a'$(id)"`, 'a_id__restored'],
    ['another line end', 'a\u2028b\rc', 'a_b_c_restored'],
    ['all the length there is', 'x'.repeat(63), `${'x'.repeat(54)}_restored`],
    ['letters of any script', '商店', '商店_restored'],
  ])('gives a name with %s as a name', (_what, name, into) => {
    const text = named(name);
    expect(text.split('\n')).toHaveLength(restoreText(good).split('\n').length);
    expect(commandsOf(text).filter((line) => line.includes('createdb')).map((line) => line.split(' ').at(-1)?.replaceAll("'", ''))).toEqual([into]);
    expect(commandsOf(text).join('\n')).not.toMatch(/rm -rf|evil\.|\$\(/);
  });
  test('tells createdb of the rules of an ICU locale', () => {
    expect(textOf({ localeProvider: 'icu', locale: 'und', icuRules: '&a < g\n&b < c' })).toContain("--icu-locale=und '--icu-rules=&a < g &b < c' shop_restored");
  });
  test.each([
    ['icu', 'en-US-u-ks-level2', '--locale-provider=icu --icu-locale=en-US-u-ks-level2 shop_restored'],
    ['builtin', 'C.UTF-8', '--locale-provider=builtin --builtin-locale=C.UTF-8 shop_restored'],
    ['libc', null, '--lc-ctype=C --locale-provider=libc shop_restored'],
    [null, null, '--lc-ctype=C shop_restored'],
  ])('tells createdb of the locale provider %s', (localeProvider, locale, expected) => {
    expect(textOf({ localeProvider, locale })).toContain(expected);
  });
});
