/** A small database that holds one of everything that a restore can get wrong. */
import type { PostgresServer } from './postgres-server.ts';

const shopSql = `
  CREATE TYPE mood AS ENUM ('calm', 'hurried');
  CREATE TABLE customers (id serial PRIMARY KEY, name text NOT NULL CHECK (name <> ''), mood mood DEFAULT 'calm');
  CREATE TABLE "Mixed ""Case" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer int REFERENCES customers);
  CREATE TABLE events (id int, day date) PARTITION BY RANGE (day);
  CREATE TABLE events_2020 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
  CREATE TABLE empty (id int);
  INSERT INTO customers (name) SELECT 'customer ' || g FROM generate_series(1, 500) g;
  INSERT INTO "Mixed ""Case" (customer) SELECT id FROM customers;
  INSERT INTO events SELECT g, '2020-02-01' FROM generate_series(1, 40) g;
  CREATE INDEX ON customers (name);
  CREATE VIEW names AS SELECT name FROM customers;
  CREATE MATERIALIZED VIEW totals AS SELECT mood, count(*) FROM customers GROUP BY mood;
  SELECT lo_from_bytea(0, 'a large object');
`;
/** Rows that count, in all its tables: those of its view are none. */
export const shopRows = 500 + 500 + 40;

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** Makes such a database. */
export async function makeShop(server: PostgresServer, name: string): Promise<void> {
  await server.query(`CREATE DATABASE ${quoted(name)}`);
  await server.query(shopSql, [], { database: name });
}

/** The databases of a server that are not its own. */
export async function databasesOf(server: PostgresServer): Promise<string[]> {
  const rows = await server.query<{ datname: string }>("SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1");
  return rows.map((row) => row.datname);
}

/** Rows of one table. */
export async function rowsOf(server: PostgresServer, database: string, table: string): Promise<number> {
  const [row] = await server.query<{ rows: number }>(`SELECT count(*)::int AS rows FROM ${table}`, [], { database });
  return row?.rows ?? -1;
}
