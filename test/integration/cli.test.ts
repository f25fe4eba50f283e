import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { z } from 'zod';
import * as documents from '../../electron/cli/documents.ts';
import { attach } from '#engine/attach/attach-client.ts';
import { connectOrStart, type EngineConnection } from '#engine/attach/connect-or-start.ts';
import { openHome } from '#engine/home.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { cliSession, type CliSession } from '#test/cli-session.ts';
import { command, startCommand, type CommandResult } from '#test/command-line.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { makeTemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

let home: string;
let server: PostgresServer;
let cli: CliSession;
let passphrase: string;

beforeAll(async () => {
  home = await makeTemporaryFolder('cli');
  server = await startPostgres({ major: 15 });
  await server.query('CREATE DATABASE shop');
  await server.query('CREATE TABLE orders AS SELECT n AS id, md5(n::text) AS code FROM generate_series(1, 5000) AS n', [], { database: 'shop' });
  await server.query('ALTER TABLE orders ADD PRIMARY KEY (id)', [], { database: 'shop' });
  cli = cliSession(home);
  passphrase = cli.secretFile('passphrase', 'a passphrase for tests');
  await cli.read(documents.vaultDocument, 'vault', 'create', '--passphrase-file', passphrase);
  await cli.read(documents.systemAddedDocument, 'system', 'add', 'Shop', '--environment', 'staging');
  await cli.read(documents.databaseAddedDocument, 'database', 'add', 'Shop', `postgres://postgres@127.0.0.1:${server.port}/shop`, '--tls', 'disable', '--password-file', cli.secretFile('password', server.password), '--passphrase-file', passphrase);
});
afterAll(async () => {
  await server.stop();
  await rm(home, { recursive: true, force: true });
});

/** Of a command that needs the database's password. */
const unlocked = (...args: string[]): string[] => ['--passphrase-file', passphrase, ...args];

describe('documents', () => {
  test('list the systems', async () => {
    const { systems } = await cli.read(documents.systemListDocument, 'system', 'list');
    expect(systems.map((system) => [system.name, system.environment, system.databases.length])).toEqual([['Shop', 'staging', 1]]);
  });
  test('show a system by the beginning of its name', async () => {
    expect((await cli.read(documents.systemDocument, 'system', 'show', 'sho')).system.name).toBe('Shop');
  });
  test('list the databases', async () => {
    expect((await cli.read(documents.databaseListDocument, 'database', 'list')).databases.map((database) => database.label)).toEqual(['shop']);
  });
  test('say how a connection stands, layer by layer', async () => {
    const { test: tried } = await cli.read(documents.databaseTestDocument, ...unlocked('database', 'test', 'Shop/shop'));
    expect(tried.layers.map((layer) => layer.state)).toEqual(['ok', expect.anything(), expect.anything(), 'ok', 'ok', expect.anything()]);
  });
  test('say what health saw, worst first, with the exit status of the worst', async () => {
    const result = await cli.run(...unlocked('health', 'Shop', '--only', 'connections,connectivity'));
    const document = documents.healthDocument.parse(result.document());
    expect([result.status, document.status, document.results.map((entry) => entry.check).sort()]).toEqual([0, 'ok', ['connections', 'connectivity']]);
  });
  test('explain a check', async () => {
    expect((await cli.read(documents.explanationDocument, 'health', 'Shop', '--explain', 'connections')).check.id).toBe('connections');
  });
  test('name the methods of the contract', async () => {
    const { methods } = await cli.read(documents.methodListDocument, 'call', '--list');
    expect(methods.map((method) => method.name)).toEqual(expect.arrayContaining(['backup.plan', 'operation.follow', 'system.add']));
  });
  test('say what this installation is', async () => {
    expect((await cli.read(documents.aboutDocument, 'about')).home).toBe(home);
  });
  test('say the version', async () => {
    const { version } = await cli.read(documents.versionDocument, 'version');
    const [option, help] = await Promise.all([command(['--json', '--version']), command(['--json', 'backup', '--help'])]);
    expect([option.document(), help.document()]).toEqual([{ version: expect.stringMatching(/^\d+\.\d+\.\d+$/) }, { help: expect.stringContaining('Usage') }]);
    expect(version).toBe(option.document()['version']);
  });
  test('say where a copy of the local file is', async () => {
    expect((await cli.read(documents.storeFileDocument, 'store', 'backup')).sizeBytes).toBeGreaterThan(0);
  });
  test('say how the vault stands', async () => {
    expect((await cli.read(documents.vaultDocument, 'vault', 'status')).vault.state).toBe('locked');
  });
  test('are one line and end with a line end', async () => {
    expect((await cli.run('system', 'list')).stdout).toMatch(/^\{.*\}\n$/);
  });
});

describe('a backup by the command line', () => {
  let made: z.infer<typeof documents.backupDocument>['backup'];
  let id: string;
  let path: string;

  beforeAll(async () => {
    made = (await cli.read(documents.backupDocument, ...unlocked('backup', 'run', '--database', 'shop'))).backup;
    ({ id, path } = made);
  });

  test('is proven and has every row', () => {
    expect(made).toMatchObject({ system: 'Shop', database: 'shop', proof: 'L3', tables: 1, rows: 5000 });
  });

  test('is in the list', async () => {
    expect((await cli.read(documents.backupListDocument, 'backup', 'list', 'Shop')).backups.map((backup) => backup.id)).toContain(id);
  });
  test('is shown by the beginning of its id', async () => {
    expect((await cli.read(documents.backupDetailDocument, 'backup', 'show', id.slice(0, 8))).backup.id).toBe(id);
  });
  test('is verified by its folder', async () => {
    const document = await cli.read(documents.verifyDocument, ...unlocked('backup', 'verify', path, '--level', 'L1'));
    expect([document.backup, document.checks.every((check) => check.ok)]).toEqual([id, true]);
  });
  test('is pinned and let go again', async () => {
    const pinned = await cli.read(documents.backupPinDocument, 'backup', 'pin', id);
    const unpinned = await cli.read(documents.backupPinDocument, 'backup', 'unpin', id);
    expect([pinned.backup.pinned, unpinned.backup.pinned]).toEqual([true, false]);
  });
  test('is not deleted while it is the last proven one', async () => {
    expect(await cli.fail('backup', 'delete', id, '--confirm', 'shop')).toMatchObject({ code: 'backup.protected', status: 1 });
  });
  test('is found again by a scan', async () => {
    expect((await cli.read(documents.backupScanDocument, 'backup', 'scan')).found).toBeGreaterThan(0);
  });
  test('is not taken from a folder outside the data folder', async () => {
    const outside = await temporaryFolder('outside');
    expect(await cli.fail('backup', 'verify', outside)).toMatchObject({ code: 'backup.not-found', status: 1 });
  });
  test('is not taken from a folder that is not there', async () => {
    expect(await cli.fail('backup', 'verify', './nowhere')).toMatchObject({ code: 'backup.not-found' });
  });
  test('is not taken from a folder beside it without a manifest', async () => {
    await mkdir(join(home, 'backups', 'Shop', 'empty'), { recursive: true });
    expect(await cli.fail('backup', 'verify', join(home, 'backups', 'Shop', 'empty'))).toMatchObject({ code: 'backup.not-found' });
  });
  test('is restored beside, swapped, taken back and dropped', async () => {
    const beside = await cli.read(documents.restoreDocument, ...unlocked('restore', 'run', '--backup', path, '--into', 'shop__new', '--confirm', 'shop__new', '--swap', '--confirm', 'shop'));
    expect(beside.restore).toMatchObject({ database: 'shop', outcome: 'clean', tables: 1, rows: 5000, equal: true, differences: [] });
    expect(beside.restore.undo?.command).toBe(`restore undo ${beside.restore.id}`);
    expect(await cli.fail(...unlocked('restore', 'undo', beside.restore.id))).toMatchObject({ code: 'operation.name-not-confirmed', message: expect.stringContaining('nobody here to ask') });
    await cli.read(documents.restoreDocument, ...unlocked('restore', 'undo', beside.restore.id, '--yes'));
    expect(await cli.fail(...unlocked('restore', 'drop', 'shop__new', '--confirm', 'shop'))).toMatchObject({ code: 'operation.name-not-confirmed' });
    await cli.read(documents.restoreDocument, ...unlocked('restore', 'drop', 'shop__new', '--confirm', 'shop__new'));
    const databases = await server.query<{ datname: string }>('SELECT datname FROM pg_database ORDER BY 1');
    expect(databases.map((database) => database.datname)).toEqual(['postgres', 'shop', 'template0', 'template1']);
    expect((await cli.read(documents.restoreListDocument, 'restore', 'list')).restores.map((restore) => restore.state)).toEqual(['dropped']);
  });
  test('is kept beside without a passphrase: nothing on the server is asked', async () => {
    const beside = await cli.read(documents.restoreDocument, ...unlocked('restore', 'run', '--backup', path, '--into', 'shop__kept', '--confirm', 'shop__kept'));
    const kept = await cli.run('restore', 'keep', 'shop__kept');
    await cli.read(documents.restoreDocument, ...unlocked('restore', 'drop', beside.restore.id, '--confirm', 'shop__kept'));
    expect([kept.status, documents.restoreDocument.parse(kept.document()).restore.id]).toEqual([0, beside.restore.id]);
  });
  test('is not restored for a swap that nobody consented to', async () => {
    expect(await cli.fail(...unlocked('restore', 'run', '--backup', id, '--into', 'shop__late', '--swap'))).toMatchObject({ code: 'operation.name-not-confirmed', status: 1 });
    expect((await cli.read(documents.restoreListDocument, 'restore', 'list')).restores.map((restore) => restore.into)).not.toContain('shop__late');
  });
  test('stands restored, and its document says so, where the swap is refused afterwards', async () => {
    await server.query('ALTER DATABASE shop RENAME TO shop_away');
    onTestFinished(async () => {
      await server.query('ALTER DATABASE shop_away RENAME TO shop');
    });
    const result = await cli.run(...unlocked('restore', 'run', '--backup', id, '--into', 'shop__alone', '--swap', '--yes'));
    const document = documents.restoreDocument.extend(documents.errorDocument.shape).parse(result.document());
    await cli.read(documents.restoreDocument, ...unlocked('restore', 'drop', document.restore.id, '--confirm', 'shop__alone'));
    expect([result.status, document.error.code, document.restore.database, document.restore.equal]).toEqual([1, 'restore.swap-refused', 'shop__alone', true]);
  });
  test('is planned to be restored without anything being changed', async () => {
    expect((await cli.read(documents.restorePlanDocument, ...unlocked('restore', 'plan', '--backup', id))).into).toBe('shop__new');
  });
  test('is found in history', async () => {
    const { events } = await cli.read(documents.historyDocument, 'history', 'search', 'pg_dump');
    expect(events.some((event) => event.target.includes('shop'))).toBe(true);
  });
  test('is exported with history into a new file, and never over an old one', async () => {
    const file = join(home, 'history.md');
    expect((await cli.read(documents.exportDocument, 'history', 'export', '--format', 'markdown', '--out', file)).export).toMatchObject({ path: file, content: null });
    expect(await cli.fail('history', 'export', '--cursor', 'x')).toMatchObject({ status: 64, message: expect.stringContaining('"x" is no cursor') as string });
    expect((await cli.read(documents.exportDocument, 'history', 'export', '--cursor', '2')).export).toMatchObject({ events: 1, nextCursor: null, fileName: expect.stringContaining('-before-event-2.json') as string });
    expect(await cli.fail('history', 'export', '--out', file)).toMatchObject({ status: 64, message: expect.stringContaining('left as it is') as string });
  });
  test('is an operation with its plan and its log', async () => {
    const { operations } = await cli.read(documents.operationListDocument, 'operation', 'list');
    const ran = operations.find((operation) => operation.kind === 'backup.run');
    const shown = await cli.read(documents.operationDetailDocument, 'operation', 'show', ran?.id ?? '');
    const followed = await cli.read(documents.operationDocument, 'operation', 'follow', ran?.id ?? '');
    expect([shown.events.at(-1)?.kind, followed.operation.state, followed.operation.requestedBy]).toEqual(['result', 'succeeded', 'cli']);
  });
});

describe('Ctrl-C', () => {
  test('cancels what runs, waits until it is cleaned up, and says so by its exit status', async () => {
    await server.query('CREATE TABLE IF NOT EXISTS slow (id int)', [], { database: 'shop' });
    const started = startCommand(['--home', home, '--json', ...unlocked('backup', 'run', '--database', 'shop')]);
    await waitFor('the backup to begin', () => started.said().includes('Open one snapshot'), { within: 20_000 });
    started.interrupt();
    const result = await started.result;
    const folders = await server.query<{ datname: string }>('SELECT datname FROM pg_database ORDER BY 1');
    expect([result.status, documents.errorDocument.parse(result.document()).error.code, folders.length]).toEqual([1, 'operation.cancelled', 4]);
  });
  test('after a backup was made says which one stays', async () => {
    const started = startCommand(['--home', home, '--json', ...unlocked('backup', 'run', '--database', 'shop')]);
    await waitFor('the backup to be made', () => started.said().includes('put it in place: done'), { within: 20_000, every: 5 });
    started.interrupt();
    const document = documents.backupDocument.extend(documents.errorDocument.shape).parse((await started.result).document());
    expect([document.error.code, document.backup.rows]).toEqual(['operation.cancelled', 5000]);
  });
  test('is what became of an operation, or cancelling it has failed', async () => {
    const { operations } = await cli.read(documents.operationListDocument, 'operation', 'list', '--limit', '1');
    expect(await cli.fail('operation', 'cancel', operations[0]?.id ?? '')).toMatchObject({ code: 'operation.not-running', status: 1 });
  });
});

describe('an operation that a script runs by the contract', () => {
  async function run(method: string, input: unknown, ...options: string[]): Promise<CommandResult> {
    return command(['--home', home, '--json', ...options, 'call', method], JSON.stringify(input));
  }
  async function plan(...asked: Parameters<typeof run>): Promise<{ planId: string; token: string }> {
    const { id, token } = (await run(...asked)).document()['plan'] as { id: string; token: string };
    return { planId: id, token };
  }

  test('is done when the command has ended, though nothing else runs', async () => {
    const { systems } = await cli.read(documents.systemListDocument, 'system', 'list');
    const result = await run('operation.run', await plan('health.plan', { systemId: systems[0]?.id }));
    const { operationId, ...more } = result.document();
    const { operation } = await cli.read(documents.operationDetailDocument, 'operation', 'show', String(operationId));
    expect([result.status, operation.state, more]).toEqual([0, 'succeeded', {}]);
  });
  test('that fails ends with a status that says so, and a document that says why', async () => {
    const { databases } = await cli.read(documents.databaseListDocument, 'database', 'list');
    const result = await run('operation.run', await plan('backup.plan', { databaseId: databases[0]?.id }, '--passphrase-file', passphrase));
    expect([result.status, result.document(), result.stderr]).toEqual([1, { operationId: expect.any(String), error: expect.objectContaining({ code: 'vault.locked' }) }, expect.stringContaining('[vault.locked]')]);
  });
  test('and that there is not, or is asked for wrongly, is a failure of usage', async () => {
    const answers = await Promise.all([run('no.such-method', {}), run('system.get', {}), run('operation.follow', {}), command(['--home', home, '--json', 'call', 'system.list'], '{')]);
    expect(answers.map((answer) => [answer.status, documents.errorDocument.parse(answer.document()).error.code])).toEqual([[64, 'contract.unknown-method'], ...Array.from({ length: 3 }, () => [64, 'contract.invalid-input'])]);
  });
});

describe('a command that others use the engine of', () => {
  test('waits for them, and cuts them off at the first Ctrl-C', async () => {
    const started = startCommand(['--home', home, 'call', 'changes.follow']);
    const guest = await waitFor('the engine', () => attach(openHome(home), 'guest'));
    onTestFinished(() => guest.close());
    started.interrupt();
    await waitFor('it to wait', () => started.said().includes('Other commands still use'));
    started.interrupt();
    expect((await started.result).status).toBe(0);
    await expect(guest.call('system.list', {})).rejects.toMatchObject({ code: 'contract.disconnected' });
  });
});

describe('names that a terminal would obey', () => {
  const hostile = 'Evil\u001b[2J\u001b]0;title\u0007\u009b31m\r';
  const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;
  let engine: EngineConnection;

  beforeAll(async () => {
    const ports: Ports = { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' };
    engine = await connectOrStart({ root: home, ports, caller: 'test' });
    const { system } = await engine.client.call('system.add', { name: hostile, environment: 'development' });
    const connection = { host: '127.0.0.1', port: 1, database: hostile, user: hostile, tls: { mode: 'disable' as const, ca: null }, password: { source: 'none' as const } };
    const { database } = await engine.client.call('database.add', { systemId: system.id, label: hostile, connection });
    const { plan } = await engine.client.call('health.plan', { systemId: system.id });
    await engine.client.call('operation.run', { planId: plan.id, token: plan.token });
    await engine.client.call('backup.savePlan', { name: hostile, databaseId: database.id, options: {} });
  });
  afterAll(async () => {
    const { systems } = await engine.client.call('system.list', {});
    for (const { id, name } of systems) if (name.startsWith('Evil')) await engine.client.call('system.remove', { systemId: id, confirmName: name });
    await engine.close();
  });

  const commands = [['system', 'list'], ['system', 'show', 'Evil'], ['system', 'show', hostile], ['system', 'remove', 'Evil'], ['database', 'list'], ['database', 'test', 'Evil'], ['health', 'Evil'], ['backup', 'plans'], ['backup', 'run', 'Evil'], ['backup', 'verify', hostile], ['restore', 'run', '--backup', hostile], ['operation', 'list'], ['operation', 'show', 'Check Evil'], ['history', 'search', 'Evil'], ['history', 'export', 'Evil'], ['history', 'export', 'Evil', '--format', 'markdown'], ['call', 'system.list'], ['call', hostile], [hostile]];
  test.each(commands.map((args) => ({ args, words: args.join(' ').replaceAll(hostile, 'NAME') })))('say their names and nothing else: $words', async ({ args }) => {
    const started = [false, true].map((json) => startCommand(['--home', home, ...(json ? ['--json'] : []), ...args], '', { stdin: new PassThrough().end(), columns: 80 }));
    // Whoever is asked for a name has nothing to say.
    const results = await Promise.all(started.map((one) => one.result));
    // The bar of a terminal redraws its own line, by sequences of our own.
    expect(results.map((result) => result.stdout + result.stderr.replaceAll('\r\u001b[K', '')).filter((text) => obeyed.test(text))).toEqual([]);
  });
});

describe('failures', () => {
  test('without the passphrase say how to give it', async () => {
    expect(await cli.fail('database', 'test', 'shop')).toMatchObject({ code: 'vault.locked', hint: expect.stringContaining('--passphrase-file') as string, status: 1 });
  });
  test('with a wrong passphrase leave the vault as it was', async () => {
    expect(await cli.fail('--passphrase-file', cli.secretFile('wrong', 'not the passphrase'), 'database', 'test', 'shop')).toMatchObject({ code: 'vault.wrong-passphrase', status: 1 });
  });
  test('of health are not taken for a warning', async () => {
    expect(await cli.fail('health', 'Nowhere')).toMatchObject({ code: 'store.not-found', status: 3 });
  });
  test('of health that cannot look at all are unknown', async () => {
    expect(await cli.fail('health', 'Shop', '--only', 'no-such-check')).toMatchObject({ status: 3 });
  });
  test('of usage have a status of their own', async () => {
    const statuses = await Promise.all([['frobnicate'], ['backup', 'verify', 'x', '--level', 'L9'], ['system', 'add'], ['system', 'add', 'x', '--environment', 'moon'], ['backup', 'run'], ['health'], ['list', '--nonsense'], []].map(async (args) => (await cli.run(...args)).status));
    expect(new Set(statuses)).toEqual(new Set([64]));
  });
  test('of usage are values too that an option does not take', async () => {
    const lines = [['backup', 'run', '--database', 'shop', '--jobs', 'x'], ['backup', 'run', '--database', 'shop', '--compress', '10'], ['backup', 'list', '--limit', '0'], ['restore', 'plan', '--backup', 'x', '--jobs', '0'], ['restore', 'run', '--backup', 'x', '--jobs', '99'], ['history', 'search', 'x', '--limit', 'many'], ['operation', 'list', '--limit', '-1'], ['database', 'add', 'Shop', 'postgres://u@127.0.0.1/x', '--ca', './nowhere'], ['database', 'add', 'Shop', 'not an address'], ['system', 'show', '']];
    const results = await Promise.all(lines.map((args) => cli.fail(...args)));
    expect(results.map((result) => result.status)).toEqual(lines.map(() => 64));
  });
  test('name several that may be meant', async () => {
    await cli.read(documents.systemAddedDocument, 'system', 'add', 'Shop two');
    const error = await cli.fail('system', 'show', 'sho');
    expect(error).toMatchObject({ code: 'store.conflict', message: expect.stringContaining('Shop two') as string });
    await cli.read(documents.removedDocument, 'system', 'remove', 'Shop two', '--confirm', 'Shop two');
  });
  test('name what there is when nothing is meant', async () => {
    expect(await cli.fail('backup', 'run', 'no-such-plan')).toMatchObject({ code: 'store.not-found' });
  });
  test('refuse to forget a system whose name was not typed', async () => {
    expect(await cli.fail('system', 'remove', 'Shop')).toMatchObject({ code: 'operation.name-not-confirmed', status: 1 });
  });
  test('refuse a password on the command line', async () => {
    expect(await cli.fail('database', 'add', 'Shop', 'postgres://shop:canary@127.0.0.1/shop')).toMatchObject({ code: 'contract.invalid-input', status: 64, message: expect.not.stringContaining('canary') as string });
  });
  test('refuse a file of secrets that others can read', async () => {
    const file = cli.secretFile('open', 'secret');
    await chmod(file, 0o644);
    expect(await cli.fail('--passphrase-file', file, 'vault', 'unlock')).toMatchObject({ status: 64 });
  });
  test('are one paragraph for people, and nothing on standard output', async () => {
    const result = await command(['--home', home, 'system', 'show', 'Nowhere']);
    expect([result.status, result.stdout, result.stderr.trim().split('\n').length]).toEqual([1, '', 1]);
  });
});

describe('text for people', () => {
  test.each([[['system', 'list'], 'Shop'], [['database', 'list'], 'shop'], [['backup', 'list'], 'proven'], [['operation', 'list'], 'Back up shop'], [['about'], 'Pilothouse'], [['vault', 'status'], 'locked'], [['--help'], 'Usage'], [['backup', 'verify', '--help'], '--level']])('%j says "%s"', async (args, words) => {
    const result = await command(['--home', home, ...args]);
    expect([result.status, result.stdout]).toEqual([0, expect.stringContaining(words)]);
  });
});
