import { PassThrough } from 'node:stream';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as documents from '../../electron/cli/documents.ts';
import { cliSession, type CliSession } from '#test/cli-session.ts';
import { command, startCommand } from '#test/command-line.ts';
import { createDetachedDumpRepository } from '#engine/store/detached-dump-repository.ts';
import { openDatabase } from '#engine/store/database.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { makeTemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

describe('another cluster under a known connection', () => {
  const former = '7000000000000000001';
  let home: string;
  let server: PostgresServer;
  let cli: CliSession;
  let id: string;
  let answers: string;
  let accept: string[];

  beforeAll(async () => {
    home = await makeTemporaryFolder('accept');
    server = await startPostgres({ major: 15 });
    cli = cliSession(home);
    accept = ['--password-file', cli.secretFile('password', server.password), 'database', 'accept', 'postgres'];
    await cli.read(documents.systemAddedDocument, 'system', 'add', 'Shop');
    const added = await cli.read(documents.databaseAddedDocument, 'database', 'add', 'Shop', `postgres://postgres@127.0.0.1:${server.port}/postgres`, '--tls', 'disable', '--password-from', 'ask', ...accept.slice(0, 2));
    id = added.database.id;
    answers = added.database.systemIdentifier ?? '';
  });
  afterAll(async () => {
    await server.stop();
    await rm(home, { recursive: true, force: true });
  });
  // As if the server had been rebuilt since it was first seen.
  beforeEach(async () => {
    const { status, stderr } = await command(['--home', home, '--json', 'call', 'database.update'], JSON.stringify({ databaseId: id, acceptCluster: former, confirmName: 'postgres' }));
    if (status !== 0) throw new Error(stderr);
  });

  const expected = async () => (await cli.read(documents.databaseListDocument, 'database', 'list')).databases[0]?.systemIdentifier;

  test('is accepted where the command says which one, and its name', async () => {
    const document = await cli.read(documents.databaseAcceptedDocument, ...accept, '--identifier', answers, '--confirm', 'postgres');
    expect([document.accepted, document.database.systemIdentifier, document.test.ok]).toEqual([answers, answers, true]);
  });
  test('is not accepted by a script that names only the database: nobody saw which one answers', async () => {
    expect(await cli.fail(...accept, '--confirm', 'postgres')).toMatchObject({ code: 'operation.name-not-confirmed', message: expect.stringMatching(new RegExp(`${answers}.*${former}`)) as string, hint: expect.stringContaining(`--identifier ${answers}`) as string });
    expect(await expected()).toBe(former);
  });
  test('is not accepted where it is none that was named', async () => {
    expect(await cli.fail(...accept, '--identifier', '7000000000000000009', '--confirm', 'postgres')).toMatchObject({ code: 'postgres.wrong-identity' });
    expect(await expected()).toBe(former);
  });
  test('is not accepted by another name', async () => {
    expect(await cli.fail(...accept, '--identifier', answers, '--confirm', 'shop')).toMatchObject({ code: 'operation.name-not-confirmed' });
    expect(await expected()).toBe(former);
  });
  test('is shown to a person with both identifiers before the name is asked for', async () => {
    const terminal = { stdin: new PassThrough(), columns: 80 };
    const started = startCommand(['--home', home, ...accept], '', terminal);
    await waitFor('the question', () => started.said().includes('type postgres: '));
    const shown = started.said();
    terminal.stdin.write('postgres\r');
    expect([(await started.result).status, shown.includes(former), shown.includes(answers), await expected()]).toEqual([0, true, true, answers]);
  });
  test('is pointed out by a test, with the command that accepts it', async () => {
    const result = await cli.run(...accept.slice(0, 2), 'database', 'test', 'postgres');
    expect(documents.databaseTestDocument.parse(result.document()).test.error).toMatchObject({ code: 'postgres.wrong-identity', hint: expect.stringContaining('database accept') as string });
  });
  test('is none where the expected one answers', async () => {
    await cli.read(documents.databaseAcceptedDocument, ...accept, '--identifier', answers, '--confirm', 'postgres');
    expect((await cli.read(documents.databaseAcceptedDocument, ...accept)).accepted).toBeNull();
  });
});

describe('a database whose password is to go into a vault that is not made', () => {
  const add = (home: string): string[] => ['--home', home, 'database', 'add', 'Shop', 'postgres://ann@127.0.0.1:1/shop'];

  test('is refused before its password is asked for, with the command that makes the vault', async () => {
    const home = await temporaryFolder('no-vault');
    await cliSession(home).read(documents.systemAddedDocument, 'system', 'add', 'Shop');
    const { status, stderr } = await startCommand(add(home), '', { stdin: new PassThrough(), columns: 80 }).result;
    expect([status, /vault create/.test(stderr), /--password-from ask/.test(stderr), /Password of/.test(stderr)]).toEqual([1, true, true, false]);
  });
});

describe('what is forgotten while a dump of it waits on a host', () => {
  const waits = 'The interrupted backup of shop, whose dump waits on db-1, cannot be continued any more then: it can only be given up, by: backup abandon first';
  let home: string;
  let cli: CliSession;

  beforeEach(async () => {
    home = await temporaryFolder('waiting-dump');
    cli = cliSession(home);
    await cli.read(documents.systemAddedDocument, 'system', 'add', 'Shop');
    const { database } = await cli.read(documents.databaseAddedDocument, 'database', 'add', 'Shop', 'postgres://ann@127.0.0.1:1/shop', '--password-from', 'none', '--no-test');
    const store = openDatabase(home, home, Date.now());
    createDetachedDumpRepository(store).insert({ operationId: 'first', databaseId: database.id, hostId: 'h', folder: 'shop/shop/now.partial', state: 'wanted', continuedBy: null, createdAt: Date.now(), about: { details: { identity: { database: 'shop' }, expectedBytes: 1 }, snapshot: { takenAt: '2026-11-26T10:00:00.000Z' }, siteLabel: 'db-1', targetLabel: 'shop on db-1', jobFolder: '/home/dba/.pilothouse/jobs/first', rewritten: [] } });
    store.close();
  });

  test.each([['database', 'shop'], ['system', 'Shop']])('a %s is not, as long as nobody typed its name, and the dump is named', async (kind, name) => {
    const error = await cli.fail('--yes', kind, 'remove', name);
    expect([error.code, error.message]).toEqual(['operation.name-not-confirmed', `${name} was not forgotten: there is nobody here to ask. ${waits}`]);
  });
  test.each([['database', 'shop'], ['system', 'Shop']])('a %s is by a person who read of it first', async (kind, name) => {
    const terminal = { stdin: new PassThrough(), columns: 80 };
    const started = startCommand(['--home', home, kind, 'remove', name], '', terminal);
    await waitFor('the question', () => started.said().includes(`type the name of the ${kind}, ${name}: `));
    const read = started.said();
    terminal.stdin.write(`${name}\r`);
    expect([(await started.result).status, read.includes(waits)]).toEqual([0, true]);
  });
  test.each([['database', 'shop'], ['system', 'Shop']])('a %s is by a script that names it, which is told', async (kind, name) => {
    const { status, stderr } = await cli.run(kind, 'remove', name, '--confirm', name);
    expect([status, stderr.includes(waits)]).toEqual([0, true]);
  });
});
