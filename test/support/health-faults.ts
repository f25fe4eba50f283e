/** A server with a fault for every check to find that can be made in a moment, and roles that see more or less of it. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { startPostgres, type PostgresServer } from './postgres-server.ts';
import type { PostgresMajor } from './postgres-binaries.ts';
import { waitFor } from './wait-for.ts';

export const roles = ['superuser', 'monitor', 'plain'] as const;
export type Role = (typeof roles)[number];

export interface FaultyServer {
  server: PostgresServer;
  /** How to sign in as each role. */
  login: Record<Role, { user: string; password: string }>;
  /** Makes a deadlock, and a sort that does not fit into memory, and waits until both are counted. */
  gainCounters(): Promise<void>;
  stop(): Promise<void>;
}

/** Checks that must find something on this server, as a superuser. */
export const planted = [
  'autovacuum-lag', 'blocked-sessions', 'config-file-errors', 'connections', 'dead-tuples', 'duplicate-indexes', 'hba-rules', 'idle-in-transaction', 'invalid-indexes', 'last-backup', 'long-transaction',
  'password-hash', 'prepared-transactions', 'public-create', 'replication-slots', 'sequence-exhaustion', 'settings', 'stale-statistics', 'unindexed-foreign-keys', 'wal-archiving', 'xid-age',
];

/** Limits that turn small faults into findings: nobody waits half an hour in a test. */
export const sharpLimits: Record<string, { warn: number; critical: null }> = {
  'xid-age': { warn: 0, critical: null },
  connections: { warn: 0, critical: null },
  'long-transaction': { warn: 0, critical: null },
  'idle-in-transaction': { warn: 0, critical: null },
  'blocked-sessions': { warn: 0, critical: null },
  'prepared-transactions': { warn: 0, critical: null },
  'replication-slots': { warn: 1, critical: null },
  'stale-statistics': { warn: 10_000, critical: null },
};

const schema = `
CREATE TABLE customers (id serial PRIMARY KEY, name text);
INSERT INTO customers (name) SELECT 'c' || n FROM generate_series(1, 100) n;
CREATE TABLE orders (id serial PRIMARY KEY, customer_id int NOT NULL REFERENCES customers, filling text);
INSERT INTO orders (customer_id, filling) SELECT 1 + n % 100, repeat('x', 700) FROM generate_series(1, 16000) n;
SELECT setval('orders_id_seq', 1400000000);
CREATE INDEX orders_filling ON orders (substr(filling, 1, 10));
CREATE INDEX orders_filling_again ON orders (substr(filling, 1, 10));
CREATE TABLE "Odd ""name" (id int, same int) WITH (autovacuum_enabled = n);
INSERT INTO "Odd ""name" SELECT n, 1 FROM generate_series(1, 30000) n;
DELETE FROM "Odd ""name" WHERE id <= 25000;
GRANT CREATE ON SCHEMA public TO PUBLIC;
`;

export async function startFaultyServer(major: PostgresMajor): Promise<FaultyServer> {
  const server = await startPostgres({
    major,
    settings: { max_prepared_transactions: 5, archive_mode: 'on', archive_command: `'false'`, wal_level: 'logical', deadlock_timeout: '10ms', autovacuum: 'on', autovacuum_naptime: '1d', password_encryption: `'scram-sha-256'` },
    hba: ['host all all 10.0.0.0/8 trust', 'host all all 127.0.0.1/32 md5'],
  });
  const sessions: Client[] = [];
  const session = async (applicationName: string): Promise<Client> => {
    const client = new Client({ host: server.host, port: server.port, user: server.user, password: server.password, database: 'shop', application_name: applicationName });
    client.on('error', () => {}); // They end with the server.
    await client.connect();
    sessions.push(client);
    return client;
  };
  const stop = async (): Promise<void> => {
    await Promise.allSettled(sessions.map((client) => client.end()));
    await server.stop();
  };
  try {
    await server.query('CREATE DATABASE shop');
    await server.query('CREATE DATABASE hidden');
    await server.query('REVOKE CONNECT ON DATABASE hidden FROM PUBLIC');
    await server.query("CREATE ROLE plain LOGIN PASSWORD 'plain-pw'; CREATE ROLE watch LOGIN PASSWORD 'watch-pw' IN ROLE pg_monitor; SET password_encryption = 'md5'; CREATE ROLE old_app LOGIN PASSWORD 'old-pw'");
    for (const database of ['shop', 'hidden']) await server.query(schema, [], { database });
    // In the other database the twin is the older one, as in a copy that was restored in another order.
    await server.query('DROP INDEX orders_filling; CREATE INDEX orders_filling ON orders (substr(filling, 1, 10))', [], { database: 'hidden' });
    await server.query('CREATE UNIQUE INDEX CONCURRENTLY odd_same ON "Odd ""name" (same)', [], { database: 'shop' }).catch(() => {}); // It must fail: that is the fault.
    await server.query("SELECT pg_create_physical_replication_slot('forgotten', true); SELECT pg_switch_wal()");
    const preparing = await session('preparing');
    await preparing.query("BEGIN; UPDATE customers SET name = 'p' WHERE id = 1; PREPARE TRANSACTION 'left behind'");
    const sitting = await session('sitting');
    await sitting.query("BEGIN; UPDATE customers SET name = 'top secret' WHERE id = 2");
    const waiting = await session('waiting');
    waiting.query("UPDATE customers SET name = 'another secret' WHERE id = 2").catch(() => {}); // Ends with the server.
    await server.query('ALTER SYSTEM SET max_connections = 50');
    await server.query('SELECT pg_reload_conf()');
    await waitFor('the configuration to be read again', async () => (await server.query<{ n: number }>("SELECT count(*)::int AS n FROM pg_settings WHERE name = 'max_connections' AND pending_restart"))[0]?.n);
    await appendFile(join(server.dataFolder, 'postgresql.conf'), 'no_such_parameter = 1\n'); // From now on no reload takes over anything.
    await waitFor('archiving to have failed', async () => Number((await server.query<{ n: string }>('SELECT failed_count AS n FROM pg_stat_archiver'))[0]?.n));
    await waitFor('a session to be blocked', async () => (await server.query<{ n: number }>("SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'waiting'"))[0]?.n);
    await waitFor('dead rows to be counted', async () => (await server.query<{ n: number }>("SELECT count(*)::int AS n FROM pg_stat_user_tables WHERE n_dead_tup >= 25000", [], { database: 'shop' }))[0]?.n);
    return {
      server,
      login: { superuser: { user: server.user, password: server.password }, monitor: { user: 'watch', password: 'watch-pw' }, plain: { user: 'plain', password: 'plain-pw' } },
      async gainCounters() {
        const counted = async () => (await server.query<{ deadlocks: string; temp_bytes: string }>("SELECT deadlocks, temp_bytes FROM pg_stat_database WHERE datname = 'shop'"))[0];
        const before = await counted();
        const [one, two] = [await session('one'), await session('two')];
        await one.query('BEGIN; SELECT FROM customers WHERE id = 10 FOR UPDATE');
        await two.query('BEGIN; SELECT FROM customers WHERE id = 11 FOR UPDATE');
        await Promise.allSettled([one.query('SELECT FROM customers WHERE id = 11 FOR UPDATE'), two.query('SELECT FROM customers WHERE id = 10 FOR UPDATE')]);
        await one.query('ROLLBACK');
        await two.query("ROLLBACK; SET work_mem = '64kB'");
        await two.query('SELECT n FROM generate_series(1, 100000) n ORDER BY n DESC OFFSET 99999');
        await Promise.all([one.end(), two.end()]);
        await waitFor('the counters to have grown', async () => {
          const after = await counted();
          return Number(after?.deadlocks) > Number(before?.deadlocks) && Number(after?.temp_bytes) > Number(before?.temp_bytes);
        });
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
