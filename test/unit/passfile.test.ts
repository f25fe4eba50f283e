import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findInPassfile, readPassfile } from '#engine/postgres/passfile.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const place = { label: 'shop', host: 'db', port: 5432, database: 'shop', user: 'ann', viaId: null, through: null };
const find = (text: string): string | null => findInPassfile(text, ['db', '5432', 'shop', 'ann']);

describe('a passfile', () => {
  it.each([
    ['db:5432:shop:ann:hunter22', 'hunter22'],
    ['*:*:*:*:hunter22', 'hunter22'],
    ['db:*:shop:*:hunter22\n', 'hunter22'],
    ['other:5432:shop:ann:no\ndb:5432:shop:ann:hunter22\n*:*:*:*:no', 'hunter22'],
    ['# db:5432:shop:ann:no\n\ndb:5432:shop:ann:hunter22\r\n', 'hunter22'],
    ['db:5432:shop:ann:a\\:b\\\\c', 'a:b\\c'],
    ['db:5432:shop:ann:a:b', 'a:b'],
    ['db:5432:shop:ann: # spaces ', ' # spaces '],
    ['d\\b:5432:shop:ann:x', 'x'],
    ['db:5432:shop:bob:x', null],
    ['db*:5432:shop:ann:x', null],
    ['db:5432:shop', null],
    ['', null],
  ])('is read as libpq reads it: %j', (text, password) => {
    expect(find(text)).toBe(password);
  });

  it.each([0o640, 0o604, 0o660])('that others may read is refused, and says so: mode %o', async (mode) => {
    const file = join(await temporaryFolder('passfile'), 'pgpass');
    await writeFile(file, '*:*:*:*:hunter22');
    await chmod(file, mode);
    await expect(readPassfile(file, place)).rejects.toMatchObject({ code: 'postgres.password-needed', message: expect.stringContaining('may be read by others'), hint: `Run: chmod 0600 ${file}` });
  });

  it('for its owner alone gives its password', async () => {
    const file = join(await temporaryFolder('passfile'), 'pgpass');
    await writeFile(file, '*:*:*:*:hunter22', { mode: 0o600 });
    expect((await readPassfile(file, place)).reveal()).toBe('hunter22');
  });

  it('without a fitting line says for whom it looked, and no password', async () => {
    const file = join(await temporaryFolder('passfile'), 'pgpass');
    await writeFile(file, 'else:*:*:*:hunter22', { mode: 0o600 });
    const error = await readPassfile(file, place).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'postgres.password-needed', message: expect.stringContaining('ann at db:5432') });
    expect(JSON.stringify(error)).not.toContain('hunter22');
  });

  it('that is missing or a folder is named', async () => {
    const folder = await temporaryFolder('passfile');
    await mkdir(join(folder, 'inside'));
    await expect(readPassfile(join(folder, 'none'), place)).rejects.toMatchObject({ code: 'postgres.password-needed', message: expect.stringContaining('ENOENT') });
    await expect(readPassfile(join(folder, 'inside'), place)).rejects.toMatchObject({ code: 'postgres.password-needed', message: expect.stringContaining('not a plain file') });
  });

  it('on a socket is also looked up as localhost', async () => {
    const file = join(await temporaryFolder('passfile'), 'pgpass');
    await writeFile(file, 'localhost:*:*:*:hunter22', { mode: 0o600 });
    expect((await readPassfile(file, { ...place, host: '/run/postgresql' })).reveal()).toBe('hunter22');
  });
});
