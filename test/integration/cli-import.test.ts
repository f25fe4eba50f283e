/** Importing on the command line: shown first, then added. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import * as documents from '../../electron/cli/documents.ts';
import { cliSession, type CliSession } from '#test/cli-session.ts';
import { command, startCommand } from '#test/command-line.ts';
import { makeKey } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const canary = 'canary-of-an-import-19';
let home: string;
let cli: CliSession;
beforeEach(async () => {
  home = await temporaryFolder('cli-import-home');
  vi.stubEnv('HOME', home);
  vi.stubEnv('SSH_AUTH_SOCK', undefined);
  mkdirSync(join(home, '.ssh'));
  writeFileSync(join(home, '.ssh', 'id_ed25519'), makeKey(home).privateKey, { mode: 0o600 });
  writeFileSync(join(home, '.ssh', 'config'), 'Host gate\nHost db-1 db-2\n  HostName %h.internal\n  ProxyJump gate\nHost odd\n  ProxyCommand nc %h %p\n');
  cli = cliSession(await temporaryFolder('cli-import'));
  await cli.read(documents.systemAddedDocument, 'system', 'add', 'Shop');
});

const labels = async (): Promise<string[]> => (await cli.read(documents.hostListDocument, 'host', 'list')).hosts.map(({ label }) => label);

describe('hosts', () => {
  test('are shown, and nothing is added, where nobody says yes', async () => {
    const { preview, imported } = await cli.read(documents.hostsImportedDocument, 'import', 'ssh', '--system', 'Shop');
    expect([preview.hosts.map(({ label, state }) => `${label} ${state}`), imported, await labels()]).toEqual([['db-1 new', 'db-2 new', 'gate new', 'odd unsupported'], null, []]);
  });
  test('are in the order of their numbers', async () => {
    writeFileSync(join(home, '.ssh', 'config'), 'Host db-10 db-9 Web db-2\n  HostName %h.internal\n  IdentityFile none\n');
    const { preview } = await cli.read(documents.hostsImportedDocument, 'import', 'ssh');
    expect(preview.hosts.map(({ label }) => label)).toEqual(['db-2', 'db-9', 'db-10', 'Web']);
  });
  test('are added with --yes: all that are new, or those that are named with what is on the way', async () => {
    await cli.read(documents.hostsImportedDocument, 'import', 'ssh', '--system', 'Shop', '--only', 'db-2', '--yes');
    expect(await labels()).toEqual(['db-2', 'gate']);
    const { imported } = await cli.read(documents.hostsImportedDocument, 'import', 'ssh', '--system', 'Shop', '--yes');
    expect(imported?.added.map(({ label }) => label)).toEqual(['db-1']);
  });
  test('are told in words, with what is not supported and why', async () => {
    const { stdout } = await command(['--home', cli.home, 'import', 'ssh']);
    expect(stdout).toMatch(/odd: .*config:6 \(proxycommand\): no command is run[\s\S]*STATE +NAME +ADDRESS +THROUGH[\s\S]*new +db-1 +\S+@db-1\.internal:22 +gate[\s\S]*Name the system/);
  });
  test('are told what is worth knowing of twenty of them once, before the table', async () => {
    writeFileSync(join(home, '.ssh', 'config'), `Host ${Array.from({ length: 20 }, (_each, index) => `db-${index + 1}`).join(' ')}\n  HostName %h.internal\n  IdentityFile none\nHost web\n`);
    const { stdout } = await command(['--home', cli.home, 'import', 'ssh']);
    const notes = stdout.slice(0, stdout.indexOf('STATE '));
    expect([notes.split('\n').filter((line) => line.includes('Its password is asked for')), stdout.slice(notes.length).includes('Its password')]).toEqual([[expect.stringMatching(/^ {2}db-1, db-2, db-3 and 17 more: Its password is asked for, or whatever else it asks, as a one-time code: /)], false]);
  });
  test('are asked for at a terminal', async () => {
    const terminal = { stdin: new PassThrough(), columns: 80 };
    const started = startCommand(['--home', cli.home, 'import', 'ssh', '--system', 'Shop'], '', terminal);
    await waitFor('the question', () => started.said().includes('Add 3 hosts to Shop? Type yes:'));
    terminal.stdin.write('yes\r');
    expect([(await started.result).status, await labels()]).toEqual([0, ['db-1', 'db-2', 'gate']]);
  });
  test('are read of lines that are piped in', async () => {
    const { document } = await command(['--home', cli.home, '--json', 'import', 'ssh', '--system', 'Shop', '--text', '-', '--yes'], 'ssh -p 2222 ann@web.example\n');
    expect(documents.hostsImportedDocument.parse(document()).imported?.added.map(({ connection: { host, port, user } }) => [host, port, user])).toEqual([['web.example', 2222, 'ann']]);
  });
  test('that do not exist cannot be named', async () => {
    expect(await cli.fail('import', 'ssh', '--system', 'Shop', '--only', 'nobody', '--yes')).toMatchObject({ code: 'store.not-found', status: 1 });
  });
});

describe('databases', () => {
  const list = async () => (await cli.read(documents.databaseListDocument, 'database', 'list')).databases.map(({ label, connection }) => `${label} ${connection.password.source}`);
  test('are added from the usual files, with their password where it is', async () => {
    writeFileSync(join(home, '.pgpass'), `db.example:5432:shop:ann:${canary}\n*:*:*:ann:${canary}\n`, { mode: 0o600 });
    writeFileSync(join(home, '.pg_service.conf'), '[stock]\nhost=db2\nuser=bob\n');
    const { preview } = await cli.read(documents.databasesImportedDocument, 'import', 'databases', '--system', 'Shop', '--yes');
    expect([preview.databases.map(({ state }) => state), await list()]).toEqual([['unsupported', 'new', 'new'], ['shop passfile', 'stock ask']]);
  });
  test('are added from a file as the shell of Windows writes it', async () => {
    const file = join(home, 'urls');
    writeFileSync(file, Buffer.from('\uFEFFpostgres://ann@db/shop\r\npostgres://ann@db/stock\r\n', 'utf16le'));
    expect([(await cli.run('import', 'databases', '--system', 'Shop', '--text', file, '--yes')).status, await list()]).toEqual([0, ['shop ask', 'stock ask']]);
  });
  test('are added with an authority that an editor of Windows has put a mark before', async () => {
    const file = join(home, 'authority.pem');
    writeFileSync(file, '\uFEFF-----BEGIN CERTIFICATE-----\r\nAAAA\r\n-----END CERTIFICATE-----\r\n');
    const { status } = await cli.run('database', 'add', 'Shop', 'postgres://ann@db/shop?sslmode=verify-full', '--ca', file, '--password-from', 'none', '--no-test');
    const { databases } = await cli.read(documents.databaseListDocument, 'database', 'list');
    expect([status, databases[0]?.connection.tls.ca]).toEqual([0, expect.stringMatching(/^-----BEGIN CERTIFICATE-----/)]);
  });
  test('are added from pasted addresses with their passwords in the vault', async () => {
    const file = join(home, 'urls');
    writeFileSync(file, `postgres://ann:${canary}@db/shop\n`);
    expect(await cli.fail('import', 'databases', '--system', 'Shop', '--text', file, '--yes')).toMatchObject({ code: 'vault.absent' });
    expect(await list()).toEqual([]);
    const passphrase = cli.secretFile('passphrase', 'a long passphrase of the vault');
    await cli.read(documents.vaultDocument, 'vault', 'create', '--passphrase-file', passphrase);
    const result = await cli.run('import', 'databases', '--system', 'Shop', '--text', file, '--yes', '--passphrase-file', passphrase);
    expect([result.status, await list(), (result.stdout + result.stderr).includes('canary')]).toEqual([0, ['shop vault'], false]);
    expect(readFileSync(join(cli.home, 'vault.json'), 'utf8')).not.toContain('canary');
  });
});
