/** Files that people edited on Windows, and the durability of ours there. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readText } from '#engine/import/read-file.ts';
import { readServiceFile } from '#engine/import/service-file.ts';
import { syncFile, syncFileNow, syncFolder, syncFolderNow } from '#engine/platform/durable.ts';
import { linesOf, textOf, withoutMark } from '#engine/platform/text.ts';
import { findInPassfile, readPassfile } from '#engine/postgres/passfile.ts';
import { readKeyFile } from '#engine/ssh/key-file.ts';
import { loadConfig } from '#engine/ssh/config/load.ts';
import { parseKnownHosts } from '#engine/ssh/known-hosts.ts';
import { readSecretFile } from '../../../electron/cli/prompt.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const mark = '\uFEFF';
const utf16 = (text: string): Buffer => Buffer.from(mark + text, 'utf16le');
const place = { label: 'shop', host: 'db', port: 5432, database: 'shop', user: 'ann', viaId: null, through: null };

describe('text that somebody wrote', () => {
  it.each([
    ['UTF-8', Buffer.from('h\u00f6st')],
    ['UTF-8 with a byte order mark', Buffer.from(`${mark}h\u00f6st`)],
    ['UTF-16 as the shell of Windows writes it', utf16('h\u00f6st')],
    ['UTF-16 the other way round', utf16('h\u00f6st').swap16()],
  ])('is read as %s', (_, bytes) => {
    expect(textOf(bytes)).toBe('h\u00f6st');
  });
  it('has the same lines whatever they end in', () => {
    expect([linesOf(`${mark}a\r\nb\n\nc`), withoutMark(`${mark}a`), withoutMark('a')]).toEqual([['a', 'b', '', 'c'], 'a', 'a']);
  });
});

const asWindowsWritesIt = (text: string): [string, Buffer][] => [
  ['with a mark and CRLF', Buffer.from(mark + text.replaceAll('\n', '\r\n'))],
  ['in UTF-16', utf16(text.replaceAll('\n', '\r\n'))],
];

async function written(bytes: Buffer): Promise<string> {
  const file = join(await temporaryFolder('edited'), 'file');
  writeFileSync(file, bytes, { mode: 0o600 });
  return file;
}

async function textIn(bytes: Buffer): Promise<string> {
  const read = readText(await written(bytes));
  return read.state === 'read' ? read.text : read.state;
}

describe('a file that was edited on Windows', () => {
  it.each(asWindowsWritesIt('Host web\n  HostName web.example\n  User ann\n'))('is read as an ssh_config: %s', async (_, bytes) => {
    const text = await textIn(bytes);
    const { settings, problems, conditions } = loadConfig('config', { read: () => text, glob: () => [], homeFolder: '/home/ann' });
    expect([settings.map(({ keyword, words }) => [keyword, words]), problems, conditions.length]).toEqual([[['hostname', ['web.example']], ['user', ['ann']]], [], 1]);
  });
  it.each(asWindowsWritesIt('web.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJrmbSEcLrF6c8jSmRZ5Zm3bHTz6m8yXxDcnEo8O0JpT ann\n'))('is read as known_hosts: %s', async (_, bytes) => {
    const { entries, problems } = parseKnownHosts(await textIn(bytes));
    expect([entries.map(({ hosts, comment }) => [hosts, comment]), problems]).toEqual([[['web.example', 'ann']], []]);
  });
  it.each(asWindowsWritesIt('[shop]\nhost=db\nport=5432\n'))('is read as a service file: %s', async (_, bytes) => {
    const { services, problems } = readServiceFile(await textIn(bytes));
    expect([services.map(({ name, values }) => [name, values.get('host'), values.get('port')]), problems]).toEqual([[['shop', 'db', '5432']], []]);
  });
  it.each(asWindowsWritesIt('db:5432:shop:ann:hunter22\n'))('is read as a passfile: %s', async (_, bytes) => {
    expect((await readPassfile(await written(bytes), place)).reveal()).toBe('hunter22');
  });
  it('is read where it is pasted with its mark', () => {
    const { settings, problems } = loadConfig('pasted', { read: () => `${mark}Host web\r\nUser ann\r\n`, glob: () => [], homeFolder: '/home/ann' });
    const { services } = readServiceFile(`${mark}[shop]\r\nhost=db\r\n`);
    expect([settings.map(({ words }) => words), problems, services[0]?.values.get('host')]).toEqual([[['ann']], [], 'db']);
  });
  it.each(asWindowsWritesIt('a long passphrase\n'))('is read as the file of a secret: %s', async (_, bytes) => {
    expect(await readSecretFile(await written(bytes))).toBe('a long passphrase');
  });
  it.each(asWindowsWritesIt('-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n'))('is read as a key: %s', async (_, bytes) => {
    expect((await readKeyFile(await written(bytes), 'web')).reveal()).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\r\nAAAA/);
  });
  it('keeps what stands in a password', () => {
    expect(findInPassfile('db:5432:shop:ann:a\\:b \r\n', ['db', '5432', 'shop', 'ann'])).toBe('a:b ');
  });
});

describe('what was written', () => {
  it('is flushed on Windows by a file that is open for writing, and its folder is left alone', async () => {
    const folder = await temporaryFolder('durable');
    const file = join(folder, 'file');
    writeFileSync(file, 'kept');
    const flags: number[] = [];
    await syncFile(file, { platform: 'win32', sync: async (opened) => void flags.push((await opened.write('K', 0)).bytesWritten) });
    syncFileNow(file, 'win32');
    // A folder that is not there could not be opened.
    await syncFolder(join(folder, 'none'), 'win32');
    syncFolderNow(join(folder, 'none'), 'win32');
    expect([readFileSync(file, 'utf8'), flags]).toEqual(['Kept', [1]]);
  });
  it('is flushed elsewhere with the names in its folder', async () => {
    const folder = join(await temporaryFolder('durable'), 'folder');
    mkdirSync(folder);
    await syncFolder(folder, 'linux');
    syncFolderNow(folder, 'darwin');
    await expect(syncFolder(join(folder, 'none'), 'linux')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(() => syncFolderNow(join(folder, 'none'), 'linux')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });
  it('is flushed elsewhere without a right to write', async () => {
    const file = join(await temporaryFolder('durable'), 'file');
    writeFileSync(file, 'kept');
    let refused = '';
    await syncFile(file, { platform: 'linux', sync: async (opened) => opened.write('x').then(() => {}, (error: NodeJS.ErrnoException) => void (refused = error.code ?? '')) });
    await (await open(file)).close();
    expect([refused, readFileSync(file, 'utf8')]).toEqual(['EBADF', 'kept']);
  });
});
