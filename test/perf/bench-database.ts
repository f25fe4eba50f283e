/** A database to measure with, and a plan carried out to its end. */
import type { EngineClient } from '#shared/contract/index.ts';
import type { Operation, Plan } from '#shared/contract/operations.ts';
import type { PostgresServer } from '#test/postgres-server.ts';

/** About 300 MB: rows that compress like those of a shop, in tables of unlike size, with keys and indexes. */
export async function fill(server: PostgresServer): Promise<void> {
  await server.query('CREATE DATABASE bench');
  const inBench = { database: 'bench' };
  for (const [table, rows] of [['orders', 700_000], ['order_items', 900_000], ['customers', 150_000], ['audit_log', 400_000]] as const) {
    await server.query(`CREATE TABLE ${table} (id bigint PRIMARY KEY, customer int NOT NULL, placed timestamptz NOT NULL, note text NOT NULL, amount numeric(10,2))`, [], inBench);
    await server.query(
      `INSERT INTO ${table} SELECT n, n % 1000, timestamptz '2026-01-01' + n * interval '1 second', md5(n::text) || ' ' || repeat(chr(97 + n % 26), 20) || ' ' || md5((n * 7)::text), (n % 10000) / 100.0 FROM generate_series(1, ${rows}) AS n`,
      [],
      inBench,
    );
    await server.query(`CREATE INDEX ON ${table} (customer)`, [], inBench);
  }
  // As autovacuum leaves a database that somebody uses: counted by its indexes, and nothing is tidied up in the middle of a pair.
  await server.query('VACUUM ANALYZE', [], inBench);
  await server.query('CHECKPOINT');
}

export async function finish(client: EngineClient, plan: Plan, succeeded: Operation['state'][] = ['succeeded', 'succeeded-with-warnings']): Promise<Operation> {
  const { operationId } = await client.call('operation.run', { planId: plan.id, token: plan.token, ...(plan.confirmName === null ? {} : { confirmName: plan.confirmName }) });
  for await (const _batch of client.follow('operation.follow', { operationId, afterSeq: 0 })) continue;
  const { operation } = await client.call('operation.get', { operationId });
  if (!succeeded.includes(operation.state)) throw new Error(`${operation.title}: ${operation.state}, ${operation.summary}`);
  return operation;
}
