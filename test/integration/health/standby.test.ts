/** A hot standby is looked at as one, and its primary sees it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { healthEngine } from '#test/health-engine.ts';
import { testedMajors } from '#test/postgres-binaries.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { waitFor } from '#test/wait-for.ts';

describe.each(testedMajors)('a standby of Postgres %d', (major) => {
  let primary!: PostgresServer;
  let standby!: PostgresServer;
  beforeAll(async () => {
    primary = await startPostgres({ major });
    await primary.query('CREATE TABLE orders (id serial PRIMARY KEY)');
    await primary.query('CREATE UNLOGGED TABLE scratch (id serial PRIMARY KEY)');
    await primary.query("CREATE TABLE lines (order_id int REFERENCES orders, filling text); INSERT INTO lines SELECT NULL, repeat('x', 1900) FROM generate_series(1, 5000)");
    standby = await startPostgres({ major, standbyOf: primary });
    await waitFor('the standby to stream', async () => (await primary.query<{ n: number }>("SELECT count(*)::int AS n FROM pg_stat_replication WHERE state = 'streaming'"))[0]?.n);
  });
  afterAll(async () => {
    await (standby as PostgresServer | undefined)?.stop();
    await (primary as PostgresServer | undefined)?.stop();
  });

  test('answers every check without an error', async () => {
    const { look, engine } = await healthEngine({ server: standby });
    const { operation } = await look();
    expect(engine.events(operation.id).flatMap((event) => (event.kind === 'log' && event.command?.output !== undefined ? [event.command.output] : []))).toEqual([]);
  });
  test('skips what only its primary can tell, and says so', async () => {
    const { look } = await healthEngine({ server: standby });
    const { find } = await look();
    expect(['dead-tuples', 'stale-statistics', 'autovacuum-lag', 'unused-indexes', 'prepared-transactions'].map((check) => [find(check)?.status, find(check)?.summary.includes('primary')])).toEqual(Array.from({ length: 5 }, () => ['skipped', true]));
  });
  test('takes no table for one that nobody writes to, and neither does a primary whose counts are lost', async () => {
    await waitFor('the rows to be counted', async () => Number((await primary.query<{ n: string }>("SELECT n_live_tup AS n FROM pg_stat_user_tables WHERE relname = 'lines'"))[0]?.n));
    await primary.query("SELECT pg_stat_reset_single_table_counters('lines'::regclass)");
    const found = [];
    for (const server of [standby, primary]) found.push((await (await healthEngine({ server })).look(['unindexed-foreign-keys']).then(({ operation }) => operation)).result?.['status']);
    expect(found).toEqual(['warn', 'warn']);
  });
  test('is near its primary by both', async () => {
    const [fromStandby, fromPrimary] = [await (await healthEngine({ server: standby })).look(), await (await healthEngine({ server: primary })).look()];
    expect([fromStandby.find('replication-lag')?.status, fromPrimary.find('replication-lag')?.status]).toEqual(['ok', 'ok']);
  });
  test('does not take the values of unlogged sequences for seen', async () => {
    const { look } = await healthEngine({ server: standby });
    // Before 15 a sequence was never unlogged, whatever its table.
    expect((await look()).find('sequence-exhaustion')?.status).toBe(major >= 15 ? 'unknown' : 'ok');
  });
  test('whose primary is gone is critical, though it replayed all it received', async () => {
    await primary.stop();
    await waitFor('the receiver to be gone', async () => (await standby.query<{ n: number }>('SELECT count(*)::int AS n FROM pg_stat_wal_receiver'))[0]?.n === 0);
    const { look } = await healthEngine({ server: standby });
    expect((await look()).find('replication-lag')).toMatchObject({ status: 'critical', summary: expect.stringContaining('No WAL arrives') });
  });
});
