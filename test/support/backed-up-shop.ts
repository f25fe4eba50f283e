/** A small database with everything that a dump can get wrong, and what a backup must never leave behind. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupOptions } from '#shared/contract/backups.ts';
import type { Operation } from '#shared/contract/operations.ts';
import { createBackupRoom } from '#engine/backup/backup-room.ts';
import type { Ports } from '#engine/ports.ts';
import { createTestEngine, type TestEngine } from './engine-parts.ts';
import type { PostgresServer } from './postgres-server.ts';
import { processesMatching } from './processes.ts';
import { waitFor } from './wait-for.ts';

/** Rows of `orders`, for tests that need a dump to last. */
export interface ShopOptions {
  orders?: number;
}

/** Makes the database: odd names, partitions, sequences, large objects, views, an empty table, one without columns. */
export async function createShop(server: PostgresServer, database: string, options: ShopOptions = {}): Promise<void> {
  await server.query(`CREATE DATABASE "${database}"`);
  await server.query(
    `CREATE SCHEMA "Mixed Case";
     CREATE TABLE "Mixed Case"."Odd ""Table"" ö" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "Weird col" text, c int CHECK (c >= 0));
     INSERT INTO "Mixed Case"."Odd ""Table"" ö" ("Weird col", c) SELECT E'a\\tb\\n\\\\.' || g, g FROM generate_series(1, 500) g;
     CREATE TABLE customers (id serial PRIMARY KEY, name text NOT NULL UNIQUE);
     INSERT INTO customers (name) SELECT 'customer ' || g FROM generate_series(1, 200) g;
     CREATE TABLE orders (id serial PRIMARY KEY, customer_id int REFERENCES customers, total numeric, note text);
     INSERT INTO orders (customer_id, total, note) SELECT 1 + g % 200, g, md5(g::text) || md5((g * 7)::text) FROM generate_series(1, ${options.orders ?? 3000}) g;
     CREATE TABLE parts (k int, v text) PARTITION BY RANGE (k);
     CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO (100);
     CREATE TABLE parts_high PARTITION OF parts FOR VALUES FROM (100) TO (1000);
     INSERT INTO parts SELECT g, 'x' FROM generate_series(0, 999) g;
     CREATE TABLE nothing_in_it (a int);
     CREATE TABLE no_columns ();
     CREATE UNLOGGED TABLE unlogged AS SELECT 1 AS a;
     CREATE MATERIALIZED VIEW totals AS SELECT customer_id, sum(total) FROM orders GROUP BY 1;
     CREATE MATERIALIZED VIEW never_filled AS SELECT * FROM orders WITH NO DATA;
     CREATE VIEW newest AS SELECT * FROM orders ORDER BY id DESC LIMIT 10;
     SELECT lo_from_bytea(0, decode(repeat('ab', 50000), 'hex'));
     SELECT lo_create(0)`,
    [],
    { database },
  );
}

/** An engine with the room of backups alone, and the shop among its databases. */
export function engineOf(root: string, server: { host: string; port: number; password: string }, database: string, ports: Partial<Ports> = {}): { engine: TestEngine; databaseId: string } {
  const engine = createTestEngine({ root, ports, rooms: [createBackupRoom] });
  const known = engine.context.systems.find('Shop')?.databases.find((each) => each.connection.database === database);
  return { engine, databaseId: known?.id ?? engine.addDatabase({ name: 'Shop', server, database }).databaseId };
}

export async function backUp(engine: TestEngine, databaseId: string, options: Partial<BackupOptions> = {}): Promise<Operation> {
  const { plan } = await engine.call('backup.plan', { databaseId, options });
  return engine.run(plan);
}

/** Folders of backups, finished or not, by their path below the backup folder. */
export function backupFoldersIn(root: string): string[] {
  const backups = join(root, 'backups');
  if (!existsSync(backups)) return [];
  return readdirSync(backups).flatMap((system) => readdirSync(join(backups, system)).flatMap((database) => readdirSync(join(backups, system, database)).map((folder) => `${system}/${database}/${folder}`)));
}

/** Sessions of ours on a server, and databases that a proof made. */
export async function leftOnServer(server: PostgresServer): Promise<string[]> {
  const sessions = await server.query<{ name: string }>("SELECT application_name || ' in ' || datname AS name FROM pg_stat_activity WHERE application_name LIKE 'pilothouse%'");
  const scratch = await server.query<{ name: string }>("SELECT datname AS name FROM pg_database WHERE datname LIKE 'pilothouse\\_proof\\_%'");
  return [...sessions, ...scratch].map(({ name }) => name);
}

/** Everything that must be gone five seconds after a backup ended, however it ended. Empty when all is well. */
export async function leftovers(root: string, server: PostgresServer): Promise<string[]> {
  const processes = processesMatching(root).filter(({ commandLine }) => /pg_dump|pg_restore/.test(commandLine));
  return [...processes.map(({ commandLine }) => commandLine), ...backupFoldersIn(root).filter((folder) => !/\/\d{8}T\d{6}Z(-\d+)?$/.test(folder)), ...(await leftOnServer(server))];
}

/** Waits five seconds at most for nothing to be left. @returns what is left then */
export async function leftAfterFiveSeconds(root: string, server: PostgresServer): Promise<string[]> {
  try {
    await waitFor('nothing to be left', async () => (await leftovers(root, server)).length === 0, { within: 5000, every: 100 });
    return [];
  } catch {
    // Then what is left is the answer.
    return leftovers(root, server);
  }
}
