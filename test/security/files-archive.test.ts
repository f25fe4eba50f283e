/** Archives that want to write elsewhere: whoever may change a copy of files must not get at anything else by it. */
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { createHashingReader, readArchive } from '#engine/files/archive.ts';
import { createExtraction } from '#engine/files/extract.ts';
import { describeEntry, parseFilesManifest, type EntryInManifest } from '#engine/files/manifest.ts';
import { whyUnsafeTogether } from '#engine/files/structure.ts';
import { tarGzOf, type MadeEntry } from '#test/make-tar.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

let folder: string;
let into: string;
let outside: string;
beforeEach(async () => {
  folder = await temporaryFolder('exploit');
  into = join(folder, 'into');
  outside = join(folder, 'outside');
  mkdirSync(into);
  mkdirSync(outside);
  writeFileSync(join(outside, 'kept'), 'as it was');
});

const signal = new AbortController().signal;
async function extract(entries: readonly MadeEntry[]): Promise<void> {
  const path = join(folder, 'files.tar.gz');
  writeFileSync(path, tarGzOf(entries));
  const extraction = createExtraction(into);
  try {
    await readArchive(path, createHashingReader(() => {}, extraction.take), { signal });
    await extraction.finish();
  } finally {
    await extraction.close();
  }
}
/** That nothing but the folder itself was touched. */
const untouched = (): void => {
  expect([readdirSync(folder).sort(), readdirSync(outside), readFileSync(join(outside, 'kept'), 'utf8')]).toEqual([['files.tar.gz', 'into', 'outside'], ['kept'], 'as it was']);
};

describe('bringing out refuses', () => {
  test.each<[string, () => MadeEntry[]]>([
    ['a name that leads up', () => [{ name: '../outside/evil', text: 'x' }]],
    ['a name that leads up from within', () => [{ name: 'a/../../outside/evil', text: 'x' }]],
    ['a name that begins at the root', () => [{ name: `${outside}/evil`.slice(0, 100), text: 'x' }]],
    ['a name with doubled slashes', () => [{ name: 'a//b', text: 'x' }]],
    ['a name that is the folder itself', () => [{ name: './', text: 'x', type: '0' }, { name: '.', text: 'x' }]],
    ['a link that leads out, and a file through it', () => [{ name: 'door', type: '2', target: outside }, { name: 'door/evil', text: 'x' }]],
    ['a link that leads up, and a file through it', () => [{ name: 'door', type: '2', target: '../outside' }, { name: 'door/kept', text: 'x' }]],
    ['a link in the place of a file that was announced', () => [{ name: 'file', type: '2', target: join(outside, 'kept') }, { name: 'file', text: 'x' }]],
    ['a folder over a link', () => [{ name: 'door', type: '2', target: outside }, { name: 'door', type: '5' }, { name: 'door/evil', text: 'x' }]],
    ['a second name of a file elsewhere', () => [{ name: 'steal', type: '1', target: join(outside, 'kept') }]],
    ['a second name that leads up', () => [{ name: 'steal', type: '1', target: '../outside/kept' }]],
    ['a second name of a link that leads out', () => [{ name: 'door', type: '2', target: join(outside, 'kept') }, { name: 'steal', type: '1', target: 'door' }]],
    ['a second name of what never came', () => [{ name: 'steal', type: '1', target: 'not-there' }]],
    ['a file twice', () => [{ name: 'a', text: 'x' }, { name: 'a', text: 'y' }]],
    ['a file below a file', () => [{ name: 'a', text: 'x' }, { name: 'a/b', text: 'y' }]],
    ['a long name that leads up', () => [{ name: 'x', type: 'L', text: '../outside/evil\0' }, { name: 'harmless', text: 'x' }]],
  ])('%s', async (_what, entries) => {
    await expect(extract(entries())).rejects.toMatchObject({ code: expect.stringMatching(/^(?:files\.unsafe-archive|backup\.damaged)$/) as string });
    untouched();
  });
  test('devices and pipes, which are not made', async () => {
    await extract([{ name: 'null', type: '3' }, { name: 'disk', type: '4' }, { name: 'pipe', type: '6' }, { name: 'file', text: 'x' }]);
    expect(readdirSync(into)).toEqual(['file']);
  });
});

test('a link stays a link, is never followed, and is made when nothing more is written', async () => {
  await extract([{ name: 'door', type: '2', target: join(outside, 'kept') }, { name: 'later', text: 'x', mode: 0o600 }]);
  expect([lstatSync(join(into, 'door')).isSymbolicLink(), lstatSync(join(outside, 'kept')).mode & 0o777]).toEqual([true, 0o644]);
  untouched();
});

describe('a manifest is refused', () => {
  const manifest = (entries: unknown[], files: unknown[] = [{ path: 'files.tar.gz', sizeBytes: 1, sha256: '0'.repeat(64) }]): string =>
    JSON.stringify({
      format: 'pilothouse-files/1', id: 'x', madeBy: { pilothouse: '0', tar: 'tar', gzip: 'here' }, system: { id: 's', name: 's', environment: 'development' }, host: { id: 'h', label: 'h', host: 'h', port: 22, hostKey: 'k', account: 'root' },
      set: { id: 's', name: 's', paths: ['/etc'], exclude: [], access: { kind: 'plain' }, oneFileSystem: true }, takenAt: new Date(0).toISOString(), endedAt: new Date(0).toISOString(), archive: { path: 'files.tar.gz', tarBytes: 1 }, leftOut: [], changed: [], files, entries,
    });
  const entry = { path: 'etc/a', type: 'file', size: 1, mode: 0o644, mtime: 0, uid: 0, gid: 0, user: 'root', group: 'root', sha256: '0'.repeat(64) };
  test('and a sound one is not', () => {
    expect(parseFilesManifest(manifest([entry]), folder).entries.length).toBe(1);
  });
  test.each([
    ['an entry that leads up', manifest([{ ...entry, path: '../etc/a' }])],
    ['an entry whose bytes lead up although its text does not', manifest([{ ...entry, raw: Buffer.from('../outside').toString('base64') }])],
    ['an absolute entry', manifest([{ ...entry, path: '/etc/a' }])],
    ['a file without a hash', manifest([{ ...entry, sha256: undefined }])],
    ['a file of the copy that lies elsewhere', manifest([entry], [{ path: '../files.tar.gz', sizeBytes: 1, sha256: '0'.repeat(64) }])],
    ['no archive', manifest([entry], [])],
    ['another format', manifest([entry]).replace('pilothouse-files/1', 'pilothouse-files/2')],
    ['a cut', manifest([entry]).slice(0, -1)],
  ])('with %s', (_what, text) => {
    expect(() => parseFilesManifest(text, folder)).toThrow(expect.objectContaining({ code: 'backup.manifest-invalid' }));
  });
});

test('entries are judged together, before a host is sent any of them', async () => {
  const entries: EntryInManifest[] = [];
  const path = join(folder, 'files.tar.gz');
  writeFileSync(path, tarGzOf([{ name: 'door', type: '2', target: outside }, { name: 'door/evil', text: 'x' }, { name: 'twice', text: 'x' }, { name: 'twice', text: 'x' }, { name: 'steal', type: '1', target: '../outside/kept' }]));
  await readArchive(path, createHashingReader((entry, sha256) => void entries.push(describeEntry(entry, sha256))), { signal });
  expect(whyUnsafeTogether(entries)).toEqual(['door/evil lies below something that is no folder', 'twice is in it twice', 'steal is a second name of a file that is not in it']);
  expect(existsSync(join(outside, 'evil'))).toBe(false);
});
