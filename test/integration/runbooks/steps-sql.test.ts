/** Statements of steps on a real server: what comes of them, what cannot be written, and what is known when the line is lost. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, onTestFinished } from 'vitest';
import type { Outcome, Sent } from '#engine/runbooks/sent.ts';
import type { StepLimits } from '#engine/runbooks/steps/index.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { startProxy, type TcpProxy } from '#test/proxy.ts';
import { noLimits, rememberingOperation, stepStage, type StepStage } from '#test/step-stage.ts';
import { waitFor } from '#test/wait-for.ts';

let server: PostgresServer;
let stage: StepStage;
let line: TcpProxy;
let databaseId = '';
beforeAll(async () => void (server = await startPostgres({ major: 15 })));
afterAll(() => server.stop());
beforeEach(async () => {
  line = await startProxy(server.port);
  onTestFinished(() => line.close());
  stage = await stepStage(() => Promise.reject(new Error('There is no host.')));
  ({ databaseId } = stage.engine.addDatabase({ name: 'Shop', server: { host: '127.0.0.1', port: line.port, password: server.password }, database: 'postgres' }));
  await server.query('DROP TABLE IF EXISTS orders');
  await server.query('CREATE TABLE orders (id int PRIMARY KEY, note text)');
});
type Changes = Partial<Extract<Sent, { kind: 'sql' }>>;
const sql = (statement: string, changes: Changes = {}): Extract<Sent, { kind: 'sql' }> => ({ kind: 'sql', databaseId, label: 'postgres on 127.0.0.1', database: null, statement, parameters: [], readOnly: false, ...changes });
const send = (statement: string, changes: Changes = {}, limits: Partial<StepLimits> = {}, operation = rememberingOperation()): Promise<Outcome> => stage.runner.send(sql(statement, changes), operation, { ...noLimits, ...limits });
const orders = async (): Promise<number> => (await server.query<{ count: number }>('SELECT count(*)::int AS count FROM orders'))[0]?.count ?? -1;
const running = async (text: string): Promise<number> => (await server.query<{ count: number }>("SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = 'pilothouse runbook' AND state = 'active' AND query LIKE $1", [`%${text}%`]))[0]?.count ?? 0;

describe('statements of a step', () => {
  test('are sent in no session of another cluster than the one that was meant', async () => {
    const [identity] = await server.query<{ id: string }>('SELECT system_identifier::text AS id FROM pg_control_system()');
    await expect(send('INSERT INTO orders VALUES (1)', { systemIdentifier: '7000000000000000001' })).rejects.toMatchObject({ code: 'runbook.target-changed', details: { notSent: true } });
    expect(await orders()).toBe(0);
    await send('INSERT INTO orders VALUES (1)', { systemIdentifier: identity?.id ?? '' });
    expect(await orders()).toBe(1);
  });
  test('bring their rows, and a table of them', async () => {
    const outcome = await send("SELECT 1 AS id, NULL AS nothing, true AS yes, 12345678901234567890::numeric AS much, 'a' AS text", { readOnly: true });
    expect(outcome).toMatchObject({ exitStatus: 0, rows: { columns: ['id', 'nothing', 'yes', 'much', 'text'], rows: [[1, null, true, '12345678901234567890', 'a']], count: 1 }, stdout: 'id | nothing | yes  | much                 | text\n---+---------+------+----------------------+-----\n1  | ∅       | true | 12345678901234567890 | a\n(1 row)\n' });
  });
  test('are given their values beside the text', async () => {
    await send("INSERT INTO orders VALUES ($1, $2)", { parameters: [7, "it's; DROP TABLE orders"] });
    expect((await send('SELECT note FROM orders WHERE id = $1', { parameters: [7], readOnly: true })).rows?.rows).toEqual([["it's; DROP TABLE orders"]]);
  });
  test('are kept to a thousand rows, and all are counted', async () => {
    const { rows, truncated } = await send('SELECT generate_series(1, 5000) AS n', { readOnly: true });
    expect([rows?.rows.length, rows?.count, truncated]).toEqual([1000, 5000, true]);
  });
  test('are sent one after the other, also those that want no transaction', async () => {
    const outcome = await send("INSERT INTO orders VALUES (1, 'a;b'); VACUUM orders;\n-- the index\nCREATE INDEX CONCURRENTLY ON orders (note)");
    expect([outcome.exitStatus, outcome.stdout, await orders()]).toEqual([0, 'INSERT 1\nVACUUM\nCREATE\n', 1]);
  });
  test('stop at the first that fails, and say which it was and what became of those before it', async () => {
    const outcome = await send("INSERT INTO orders VALUES (1); INSERT INTO orders VALUES (1); INSERT INTO orders VALUES (2)");
    expect([outcome.exitStatus, outcome.stderr, await orders()]).toEqual([1, expect.stringMatching(/^ERROR: duplicate key .* \(SQLSTATE 23505\)\nDETAIL: .*\nThis was statement 2 of 3: INSERT INTO orders VALUES \(1\)\. Those before it \(1\) were carried out/), 1]);
  });
  test('that leave a transaction open have done nothing, and say so', async () => {
    const outcome = await send('BEGIN; INSERT INTO orders VALUES (1)');
    expect([outcome.exitStatus, /did not end it, so all that was done in it is taken back/.test(outcome.stderr), await orders()]).toEqual([1, true, 0]);
  });
  test('that end their transaction have done it', async () => {
    expect([(await send('BEGIN; INSERT INTO orders VALUES (1); COMMIT')).exitStatus, await orders()]).toEqual([0, 1]);
  });
  test('have what the server says beside them told', async () => {
    const operation = rememberingOperation();
    await send('DROP TABLE IF EXISTS no_such_table', {}, {}, operation);
    expect(operation.lines).toContainEqual(expect.stringContaining('table "no_such_table" does not exist, skipping'));
  });
  test('are commands of history, one each', async () => {
    const operation = rememberingOperation();
    await send('INSERT INTO orders VALUES (1); SELECT * FROM nowhere', {}, {}, operation);
    expect(operation.commands).toEqual([
      { text: 'INSERT INTO orders VALUES (1)', target: 'postgres on 127.0.0.1', exitStatus: null, durationMs: expect.any(Number) as number, rows: 1 },
      { text: 'SELECT * FROM nowhere', target: 'postgres on 127.0.0.1', exitStatus: 1, durationMs: expect.any(Number) as number, output: expect.stringContaining('nowhere') as string },
    ]);
  });
  test('reach another database of the same server', async () => {
    expect((await send('SELECT current_database()', { database: 'template1', readOnly: true })).rows?.rows).toEqual([['template1']]);
  });
  test('give choices from their first column', async () => {
    expect(await stage.runner.readOptions(sql("VALUES ('b', 1), (NULL, 2), ('a', 3)"), new AbortController().signal)).toEqual(['b', 'a']);
  });
});

describe('a step that reads', () => {
  test.each([
    'INSERT INTO orders VALUES (1)',
    'COMMIT; INSERT INTO orders VALUES (1)',
    'SET default_transaction_read_only = off; INSERT INTO orders VALUES (1)',
    'ROLLBACK; SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE; INSERT INTO orders VALUES (1)',
    "SELECT set_config('transaction_read_only', 'off', false); INSERT INTO orders VALUES (1)",
    'SET TRANSACTION READ WRITE; INSERT INTO orders VALUES (1)',
    'COMMIT; BEGIN READ WRITE; INSERT INTO orders VALUES (1); COMMIT',
    'DO $$ BEGIN COMMIT; SET TRANSACTION READ WRITE; INSERT INTO orders VALUES (1); END $$',
    'WITH written AS (INSERT INTO orders VALUES (1) RETURNING id) SELECT * FROM written',
    'SELECT $1::text; COMMIT; INSERT INTO orders VALUES (1)',
  ])('cannot write: %s', async (statement) => {
    const outcome = await send(statement, { readOnly: true, parameters: statement.includes('$1') ? ['x'] : [] });
    expect([outcome.exitStatus, await orders()]).toEqual([1, 0]);
  });
});

test.each(["COPY (SELECT 1) TO PROGRAM 'cat >/dev/null'", "SELECT 1; /* then */ copy orders TO '/tmp/orders'"])('a step that reads writes no file of the server and runs no program there: %s', async (statement) => {
  await expect(send(statement, { readOnly: true })).rejects.toMatchObject({ code: 'runbook.invalid', details: { notSent: true } });
});

describe('a statement', () => {
  test('is ended on the server by its time limit', async () => {
    const outcome = await send("SELECT pg_sleep(600), 'the-limited'", {}, { timeoutMs: 400 });
    expect([outcome.timedOut, outcome.exitStatus, await running('the-limited')]).toEqual([true, 1, 0]);
  });
  test('is ended on the server when it is cancelled', async () => {
    const operation = rememberingOperation();
    const cancelled = expect(send("INSERT INTO orders SELECT 1 FROM pg_sleep(600) WHERE 'the-cancelled' <> ''", {}, {}, operation)).rejects.toMatchObject({ code: 'operation.cancelled', details: { sqlState: '57014' } });
    await waitFor('it to run', () => running('the-cancelled'));
    operation.cancel();
    await cancelled;
    expect([await running('the-cancelled'), await orders()]).toEqual([0, 0]);
  });
  test('of which nobody can say whether it was ended is unknown', async () => {
    const operation = rememberingOperation();
    const unknown = expect(send("SELECT pg_sleep(20), 'the-unreached'", {}, {}, operation)).rejects.toMatchObject({ code: 'operation.cancelled', details: { unknown: true } });
    await waitFor('it to run', () => running('the-unreached'));
    line.refuse(true);
    line.stall();
    operation.cancel();
    await unknown;
  });
  test('was not sent where the server cannot be reached', async () => {
    line.refuse(true);
    await expect(send('INSERT INTO orders VALUES (1)')).rejects.toMatchObject({ details: { notSent: true } });
  });
  test('was not sent where the line is lost while the session begins', async () => {
    line.cutAfter(500);
    await expect(send('INSERT INTO orders VALUES (1)')).rejects.toMatchObject({ details: { notSent: true } });
    expect(await orders()).toBe(0);
  });
  test('was not sent where another cluster answers', async () => {
    stage.engine.context.systems.updateDatabase(databaseId, { systemIdentifier: '1' });
    await expect(send('INSERT INTO orders VALUES (1)')).rejects.toMatchObject({ code: 'postgres.wrong-identity', details: { notSent: true } });
  });
  test('is unknown where the line is lost while it runs, and it may have been carried out', async () => {
    const lost = expect(send("INSERT INTO orders SELECT 1 FROM pg_sleep(1) WHERE 'the-lost' <> ''")).rejects.toSatisfy((error: { code: string; details: Record<string, unknown> }) => error.code === 'postgres.connection-lost' && error.details['notSent'] === undefined);
    await waitFor('it to run', () => running('the-lost'));
    line.cut();
    await lost;
    await waitFor('it to be carried out', async () => (await orders()) === 1);
  });
});
