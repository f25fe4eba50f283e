import { noLines } from '../support/no-lines.ts';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { fromHere, type TlsMode } from '#shared/contract/systems.ts';
import { readKeyValues } from '#shared/domain/key-value-text.ts';
import { createScrubber } from '#shared/domain/scrub.ts';
import { Secret } from '#shared/domain/secret.ts';
import { runChild } from '#engine/children/run-child.ts';
import { silentLogger, systemRandom } from '#engine/ports.ts';
import { createPostgres, readLanguage, type Postgres } from '#engine/postgres/index.ts';
import { createRunFolder, everyBase } from '#engine/postgres/run-folder.ts';
import type { PostgresSession, PostgresTarget } from '#engine/postgres/types.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const user = `it's an "odd\\one":`;
const password = `p:a\\s's "w" $rd #%ö`;
let server: PostgresServer;
let postgres: Postgres;
let home = { root: '', key: '' };

beforeAll(async () => {
  server = await startPostgres({ major: 15, tls: { names: ['localhost'] }, settings: { password_encryption: `'scram-sha-256'` } });
  await server.query(`CREATE ROLE "${user.replaceAll('"', '""')}" LOGIN PASSWORD '${password.replaceAll("'", "''")}'`);
});
afterAll(() => server.stop());
beforeEach(async () => {
  home = { root: await temporaryFolder('home'), key: `test-${systemRandom.id()}` };
  postgres = createPostgres({ ports: { logger: silentLogger }, lines: noLines, home, scrubber: createScrubber(), typed: () => null, fromVault: () => Promise.reject(new Error('no vault here')) });
  const { path } = createRunFolder(home);
  return () => rm(path(), { recursive: true, force: true });
});

function target(wish: { mode?: TlsMode; ca?: string; host?: string; password?: string } = {}): PostgresTarget {
  const host = wish.host ?? '127.0.0.1';
  return { databaseId: null, label: `postgres on ${host}`, systemIdentifier: null, password: new Secret(wish.password ?? password), connection: { host, port: server.port, database: 'postgres', user, tls: { mode: wish.mode ?? 'prefer', ca: wish.ca ?? null }, password: { source: 'ask' }, ...fromHere } };
}
const psql = (conninfo: string, sql: string) => runChild({ command: 'psql', args: ['-X', '-w', '-At', '-c', sql, conninfo] });
const valuesOf = (conninfo: string) => readKeyValues(conninfo, (problem) => new Error(problem));
const authority = (): string => readFileSync(server.certificates?.caFile ?? '', 'utf8');

describe('libpq\'s programs', () => {
  it('connect as we do, whatever is in the names and the password', async () => {
    const result = await postgres.withConninfo(target(), { applicationName: 'pilothouse conninfo test', database: 'template1' }, (conninfo) => psql(conninfo, `SELECT current_user, current_database(), current_setting('application_name')`));
    expect(result).toMatchObject({ exitStatus: 0, stdout: `${user}|template1|pilothouse conninfo test\n` });
  });

  it('leave no folder behind when the engine has ended', async () => {
    const folder = await postgres.withConninfo(target(), { applicationName: 'pilothouse' }, async (conninfo) => dirname(valuesOf(conninfo).get('passfile') ?? ''));
    const before = existsSync(folder);
    postgres.close();
    expect([before, existsSync(folder)]).toEqual([true, false]);
  });

  it('are spoken to in English where that is asked for', async () => {
    await server.query("ALTER ROLE postgres SET lc_messages = 'POSIX'");
    onTestFinished(async () => void (await server.query('ALTER ROLE postgres RESET lc_messages')));
    const superuser = target({ password: server.password });
    const asSuperuser = { ...superuser, connection: { ...superuser.connection, user: 'postgres' } };
    const said = async (inEnglish: boolean) => (await postgres.withConninfo(asSuperuser, { applicationName: 'pilothouse', inEnglish }, (conninfo) => psql(conninfo, 'SHOW lc_messages'))).stdout;
    expect([await said(false), await said(true)]).toEqual(['POSIX\n', 'C\n']);
  });

  it.each([
    ['de_DE.UTF-8', false, true], ['ru_RU.utf8', false, true], ['C', true, false], ['C.UTF-8', true, false], ['en_GB.UTF-8', true, false], ['English_United States.1252', true, false], ['', true, false],
  ])('may be asked for English by a superuser where the server speaks "%s"', async (language, isEnglish, mayAsk) => {
    const asked = (superuser: boolean) => readLanguage({ server: { superuser }, query: async () => ({ rows: [{ language }] }) } as unknown as PostgresSession);
    expect([await asked(true), await asked(false)]).toEqual([{ isEnglish, mayAsk }, { isEnglish, mayAsk: false }]);
  });

  it('get no password by their arguments or their environment', async () => {
    await postgres.withConninfo(target(), { applicationName: 'pilothouse' }, async (conninfo) => {
      expect(conninfo).not.toContain(password);
      expect(valuesOf(conninfo).has('password')).toBe(false);
    });
  });

  it('find it in a file for its owner alone, in memory where there is such a place, and only meanwhile', async () => {
    const file = await postgres.withConninfo(target(), { applicationName: 'pilothouse' }, async (conninfo) => {
      const passfile = valuesOf(conninfo).get('passfile') ?? '';
      expect(statSync(passfile).mode & 0o777).toBe(0o600);
      expect(statSync(dirname(passfile)).mode & 0o777).toBe(0o700);
      expect(passfile.startsWith(home.root)).toBe(process.platform !== 'linux');
      return passfile;
    });
    expect(existsSync(file)).toBe(false);
  });

  it('take no certificate, key or list of the account, and give up a line that is dead', async () => {
    const values = await postgres.withConninfo(target(), { applicationName: 'pilothouse' }, async (conninfo) => valuesOf(conninfo));
    const files = ['sslcert', 'sslkey', 'sslcrl', 'sslrootcert'].map((key) => values.get(key) ?? '');
    expect([files.filter((file) => file === '' || existsSync(file)), values.get('keepalives_idle'), values.get('keepalives_interval'), values.get('keepalives_count')]).toEqual([[], '15', '15', '4']);
  });

  it('leave no file behind that could not be written whole', async () => {
    const folder = createRunFolder(home);
    await expect(folder.write('passfile', {} as string)).rejects.toThrow();
    expect(readdirSync(folder.path())).toEqual([]);
  });

  it('leave no file behind when their work fails', async () => {
    const failing = postgres.withConninfo(target({ mode: 'verify-full', ca: authority() }), { applicationName: 'pilothouse' }, () => Promise.reject(new Error('out of luck')));
    await expect(failing).rejects.toThrow('out of luck');
    expect(readdirSync(createRunFolder(home).path())).toEqual([]);
  });

  it.each<[TlsMode, string | null, boolean]>([['prefer', null, true], ['require', null, true], ['verify-ca', 'ours', true], ['verify-full', 'ours', true], ['verify-full', 'stranger', false], ['require', 'stranger', false], ['verify-full', null, false]])('trust a certificate as we do: %s with the authority %s', async (mode, which, trusts) => {
    const ca = which === null ? {} : { ca: which === 'ours' ? authority() : readFileSync(server.certificates?.strangerCaFile ?? '', 'utf8') };
    const wanted = target({ mode, host: 'localhost', ...ca });
    const { exitStatus } = await postgres.withConninfo(wanted, { applicationName: 'pilothouse' }, (conninfo) => psql(conninfo, 'SELECT 1'));
    const ours = (await postgres.testConnection(wanted)).ok;
    expect([exitStatus === 0, ours]).toEqual([trusts, trusts]);
  });

  it('are not given a password that no passfile can hold', async () => {
    await expect(postgres.withConninfo(target({ password: 'two\nlines' }), { applicationName: 'pilothouse' }, async () => 'ran')).rejects.toMatchObject({ code: 'postgres.password-needed' });
  });
});

describe('what a killed engine left behind', () => {
  it('is removed at the next start', async () => {
    const left = join(createRunFolder(home).path(), '1-abc.passfile');
    writeFileSync(left, 'x', { mode: 0o600 });
    postgres.sweep();
    expect(existsSync(left)).toBe(false);
  });

  it('is looked for in the folder of the session too, whatever the environment says of it today', () => {
    const before = process.env['XDG_RUNTIME_DIR'];
    delete process.env['XDG_RUNTIME_DIR'];
    try {
      expect(everyBase(home)).toEqual(process.platform === 'linux' ? ['/dev/shm', home.root, `/run/user/${process.getuid?.()}`] : [home.root]);
    } finally {
      if (before !== undefined) process.env['XDG_RUNTIME_DIR'] = before;
    }
  });

  it('is removed, and what is in use is not', async () => {
    await postgres.withConninfo(target(), { applicationName: 'pilothouse' }, async (conninfo) => {
      postgres.sweep();
      expect(existsSync(valuesOf(conninfo).get('passfile') ?? '')).toBe(true);
    });
  });

  it('is not looked for behind a link that somebody else put there', async () => {
    const elsewhere = await temporaryFolder('elsewhere');
    writeFileSync(join(elsewhere, 'theirs'), 'x');
    const place = createRunFolder(home).path();
    await rm(place, { recursive: true });
    await symlink(elsewhere, place);
    postgres.sweep();
    expect(existsSync(join(elsewhere, 'theirs'))).toBe(true);
    await rm(place);
  });

  it('finds another place when the first is open to others', async () => {
    const place = createRunFolder(home).path();
    await rm(place, { recursive: true });
    await mkdir(place, { mode: 0o777 });
    expect(createRunFolder(home).path()).not.toBe(place);
    await rm(place, { recursive: true });
  });
});
