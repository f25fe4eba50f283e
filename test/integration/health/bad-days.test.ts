/** What goes wrong while health looks: never a false ok, never a check that is missing. */
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { postgresChecks } from '#engine/health/postgres/index.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { HealthResult } from '#shared/contract/health.ts';
import { freePort } from '#test/free-port.ts';
import { healthEngine } from '#test/health-engine.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { startProxy } from '#test/proxy.ts';
import { waitFor } from '#test/wait-for.ts';

const everyId = new Set(postgresChecks.map((check) => check.about.id));
const idsOf = (results: readonly HealthResult[]) => new Set(results.map((result) => result.check));
const notUnknown = (results: readonly HealthResult[]) => results.filter((result) => result.status !== 'unknown').map((result) => `${result.check} ${result.status}`);

let server!: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ major: 15, settings: { log_statement: 'all', log_line_prefix: `'%a|'` } });
  await server.query('CREATE TABLE orders (id int PRIMARY KEY, filling text)');
});
afterAll(() => server.stop());

/** Holds a lock on the table until the test is over. */
async function lockOrders(): Promise<void> {
  const client = new Client({ host: server.host, port: server.port, user: server.user, password: server.password, database: 'postgres' });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
}

describe('a database that cannot be reached', () => {
  test('is critical by connectivity, and everything that has to be asked there is unknown', async () => {
    const { look } = await healthEngine({ server: { ...server, port: await freePort() } });
    const { results } = await look();
    expect([idsOf(results), notUnknown(results)]).toEqual([everyId, ['connectivity critical', 'last-backup critical']]);
  });
  test('for its practice server is stopped says so, and that starting it mends all of it', async () => {
    const { look } = await healthEngine({ server: { ...server, port: await freePort() }, isStopped: () => Promise.resolve(true) });
    const { find, results } = await look();
    const why = new Set(results.filter(({ status }) => status === 'unknown').map(({ summary }) => summary));
    expect([find('connectivity')?.summary, find('connectivity')?.fix?.act, [...why]]).toEqual(['The practice system is stopped', { kind: 'start-practice' }, ['Not asked: the practice system is stopped']]);
  });
  test('shows the layer that failed', async () => {
    const { look } = await healthEngine({ server: { ...server, port: await freePort() } });
    const { find } = await look(['connectivity', 'settings']).then(async () => look());
    expect(find('connectivity')?.evidence.rows.map(([layer, state]) => `${layer} ${state}`)).toEqual(['Name Ok', 'Network Failed', 'TLS Not tried', 'Sign-in Not tried', 'Database Not tried', 'Privileges Not tried']);
  });
  test('is remembered with its system', async () => {
    const { look, engine, databaseId } = await healthEngine({ server: { ...server, port: await freePort() } });
    await look();
    expect(engine.context.systems.getDatabase(databaseId).lastError?.code).toBe('postgres.refused');
  });
  test('with a wrong password is critical', async () => {
    const { look } = await healthEngine({ server, password: 'not the password' });
    expect((await look()).find('connectivity')).toMatchObject({ status: 'critical', summary: expect.stringContaining('does not accept the password') });
  });
  test('whose password was not typed yet is unknown, not critical: nothing is known of it', async () => {
    const { look, engine, systemId, databaseId } = await healthEngine({ server });
    const { connection } = engine.context.systems.getDatabase(databaseId);
    engine.context.systems.removeDatabase(databaseId);
    engine.context.systems.insertDatabase({ id: 'untyped', systemId, label: 'untyped', connection, at: 0 });
    expect((await look()).find('connectivity')?.status).toBe('unknown');
  });
  test('whose password is behind a locked vault is unknown, and every result says the same one step', async () => {
    const { look, engine } = await healthEngine({ server });
    Object.assign(engine.context.postgres, { connect: () => Promise.reject(new PilothouseError('vault.locked', 'The vault is locked.', { hint: 'Unlock it.' })) });
    const { results } = await look();
    const shut = results.filter((result) => result.check !== 'last-backup');
    expect(new Set(shut.map(({ status, summary, opener, fix }) => [status, summary, opener, fix?.where, fix?.do].join(' | ')))).toEqual(new Set(['unknown | Not asked: The vault is locked. | Open the vault, then check again. | console | Open the vault']));
  });
  test('that is another cluster than it was is critical, and asked nothing', async () => {
    const { look, engine } = await healthEngine({ server, systemIdentifier: '1234567890123456789' });
    const { find, operation } = await look();
    const asked = engine.events(operation.id).filter((event) => event.kind === 'log' && event.command?.text.includes('pg_stat_'));
    expect([find('connectivity')?.status, find('settings')?.status, asked.length]).toEqual(['critical', 'unknown', 0]);
  });
});

describe('a connection that is cut in the middle', () => {
  test.each([2000, 5000, 9000])('after %d bytes leaves what was seen, and the rest unknown', async (bytes) => {
    const proxy = await startProxy(server.port);
    onTestFinished(() => proxy.close());
    const { look } = await healthEngine({ server: { ...server, port: proxy.port } });
    proxy.cutAfter(bytes);
    const { operation, results } = await look();
    const lost = results.filter((result) => result.status === 'unknown' && /lost|could not be reached/.test(result.summary));
    expect([operation.state, idsOf(results), lost.length > 0]).toEqual(['succeeded', everyId, true]);
  });
  test('by the server\'s end is unknown too', async () => {
    const mortal = await startPostgres({ major: 15 });
    onTestFinished(() => mortal.stop());
    await mortal.query('CREATE TABLE orders (id int PRIMARY KEY)');
    const locker = new Client({ host: mortal.host, port: mortal.port, user: mortal.user, password: mortal.password, database: 'postgres' });
    locker.on('error', () => {}); // It dies with the server, as is meant.
    await locker.connect();
    await locker.query('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
    const { look } = await healthEngine({ server: mortal, limits: { statementTimeoutMs: 60_000, lockTimeoutMs: 60_000 } });
    const looking = look();
    await waitFor('a check to wait for the lock', async () => (await mortal.query<{ n: number }>("SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'pilothouse health' AND wait_event_type = 'Lock'"))[0]?.n);
    await mortal.kill();
    const { results, find } = await looking;
    expect([idsOf(results), find('unindexed-foreign-keys')?.status, find('sequence-exhaustion')?.status]).toEqual([everyId, 'unknown', 'unknown']);
  });
});

describe('a check that fails', () => {
  test('for a lock is unknown, and the others answer', async () => {
    await server.query('CREATE TABLE lines (id int REFERENCES orders)');
    onTestFinished(() => server.query('DROP TABLE lines').then(() => {}));
    const locker = new Client({ host: server.host, port: server.port, user: server.user, password: server.password, database: 'postgres' });
    await locker.connect();
    await locker.query('BEGIN; LOCK TABLE lines IN ACCESS EXCLUSIVE MODE');
    const { look } = await healthEngine({ server, limits: { statementTimeoutMs: 5000, lockTimeoutMs: 100 } });
    const { find } = await look();
    await locker.end();
    expect([find('unindexed-foreign-keys', 'postgres')?.status, find('sequence-exhaustion', 'postgres')?.status]).toEqual(['unknown', 'ok']);
  });
  test('for its time is unknown, says so, and the others answer', async () => {
    await server.query('CREATE TABLE lines (id int REFERENCES orders)');
    onTestFinished(() => server.query('DROP TABLE lines').then(() => {}));
    const locker = new Client({ host: server.host, port: server.port, user: server.user, password: server.password, database: 'postgres' });
    await locker.connect();
    await locker.query('BEGIN; LOCK TABLE lines IN ACCESS EXCLUSIVE MODE');
    const { look } = await healthEngine({ server, limits: { statementTimeoutMs: 500, lockTimeoutMs: 60_000 } });
    const { find } = await look();
    await locker.end();
    expect([find('unindexed-foreign-keys', 'postgres')?.summary, find('sequence-exhaustion', 'postgres')?.status]).toEqual(['The question took longer than 500 ms and was given up', 'ok']);
  });
});

test('a snapshot of ours is no finding while pg_dump works with it', async () => {
  const session = async (application_name: string) => {
    const client = new Client({ host: server.host, port: server.port, user: server.user, password: server.password, database: 'postgres', application_name });
    client.on('error', () => {}); // It is ended below, as is meant.
    await client.connect();
    onTestFinished(() => client.end());
    return client;
  };
  await (await session('pilothouse backup')).query('BEGIN');
  const { look, engine, systemId } = await healthEngine({ server });
  await engine.call('health.setThreshold', { systemId, check: 'idle-in-transaction', threshold: { warn: 0, critical: null } });
  const statuses = [];
  statuses.push((await look(['idle-in-transaction'])).operation.result?.['status']);
  const dump = await session('pilothouse dump');
  const working = dump.query('SELECT pg_sleep(60)').catch(() => {}); // Ended below.
  await waitFor('the dump to work', async () => (await server.query<{ n: number }>("SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'pilothouse dump' AND state = 'active'"))[0]?.n);
  statuses.push((await look(['idle-in-transaction'])).operation.result?.['status']);
  await server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pilothouse dump'");
  await working;
  expect(statuses).toEqual(['warn', 'ok']);
});

test('a cancelled look keeps nothing, and leaves no session behind', async () => {
  await server.query('CREATE TABLE lines (id int REFERENCES orders)');
  const locker = new Client({ host: server.host, port: server.port, user: server.user, password: server.password, database: 'postgres' });
  await locker.connect();
  onTestFinished(async () => {
    await locker.end();
    await server.query('DROP TABLE lines');
  });
  await locker.query('BEGIN; LOCK TABLE lines IN ACCESS EXCLUSIVE MODE');
  const { engine, systemId } = await healthEngine({ server, limits: { statementTimeoutMs: 60_000, lockTimeoutMs: 60_000 } });
  const { plan } = await engine.call('health.plan', { systemId });
  const operationId = engine.start(plan);
  const sessions = (waiting: string) => server.query<{ n: number }>(`SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'pilothouse health' ${waiting}`).then((rows) => rows[0]?.n ?? 0);
  await waitFor('a check to wait for the lock', () => sessions("AND wait_event_type = 'Lock'"));
  engine.context.runner.cancel(operationId);
  const operation = await engine.context.runner.finished(operationId);
  await waitFor('its session to be gone', async () => (await sessions('')) === 0);
  const { runs } = await engine.call('health.runs', { systemId });
  expect([operation.state, runs]).toEqual(['cancelled', []]);
});

test('nobody\'s view stands in for one of the catalogue', async () => {
  await server.query('CREATE DATABASE trap');
  const trap = { database: 'trap' };
  await server.query('CREATE SCHEMA evil', [], trap);
  await server.query('CREATE TABLE evil.caught (who text)', [], trap);
  await server.query("CREATE FUNCTION evil.catch() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'caught %', current_user; END $$", [], trap);
  for (const view of ['pg_stat_user_tables', 'pg_index', 'pg_stat_database', 'pg_stat_bgwriter', 'pg_settings', 'pg_class']) await server.query(`CREATE VIEW evil.${view} AS SELECT evil.catch()`, [], trap);
  await server.query('ALTER DATABASE trap SET search_path = evil, pg_catalog', [], trap);
  onTestFinished(() => server.query('DROP DATABASE trap WITH (FORCE)').then(() => {}));
  const { look, engine } = await healthEngine({ server, database: 'trap' });
  const { operation, find } = await look();
  expect([JSON.stringify(engine.events(operation.id)).includes('caught'), find('duplicate-indexes', 'trap')?.status]).toEqual([false, 'ok']);
});

test('nothing is asked but in a transaction that cannot write, with limits of its own', async () => {
  const { look } = await healthEngine({ server });
  await look();
  const sent = (await server.readLog()).split('\n').flatMap((line) => (/^pilothouse health\|LOG: +statement: /.test(line) ? [line.replace(/^.*?statement: /, '')] : []));
  const outside = sent.filter((text) => !/^BEGIN READ ONLY; SET LOCAL statement_timeout = \d+; SET LOCAL lock_timeout = \d+;$/.test(text));
  expect([sent.length > 40, outside.filter((text) => /pg_stat|pg_index|pg_database|pg_sequence/.test(text) || !/^(?:SET search_path = pg_catalog, pg_temp; SET statement_timeout = 0; )?SELECT |^ROLLBACK$/.test(text))]).toEqual([true, []]);
});

test('a lock that keeps waiting is not what a look holds itself', async () => {
  await lockOrders();
  const { look } = await healthEngine({ server, limits: { statementTimeoutMs: 2000, lockTimeoutMs: 100 } });
  await look();
  expect(await server.query("SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE a.application_name = 'pilothouse health'")).toEqual([]);
});
