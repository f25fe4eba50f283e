/** Statements of the packs, most of them of the shop and of ZbInnovation, in a real Postgres: each can be run, and what takes rows away loses none. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Step } from '#shared/domain/runbook/definition.ts';
import { ask, runbookOf, statementsOf, type Values } from '#test/pack-statements.ts';
import { testedMajors } from '#test/postgres-binaries.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';

/** What a person or a step before would have given. */
const given: Values = {
  order: '1', new_status: 'confirmed', workflow: '1', copy: 'postgres', item: 'orders', role: 'postgres', application: 'checkout', database: 'postgres',
  cutoff: '2020-01-01', old: 0, archived: 0, began: '2020-01-01T00:00:00Z', bytes_before: 1,
};
const schema = `
  CREATE TABLE users (id serial PRIMARY KEY, email text, created_at timestamptz DEFAULT now());
  CREATE TABLE posts (id serial PRIMARY KEY, created_at timestamptz DEFAULT now());
  CREATE TABLE customers (id serial PRIMARY KEY);
  CREATE TABLE sessions (id serial PRIMARY KEY, user_id int, last_activity timestamptz DEFAULT now());
  CREATE TABLE workflows (id serial PRIMARY KEY, name text, active boolean DEFAULT false);
  CREATE TABLE orders (id serial PRIMARY KEY, status text DEFAULT 'new', total_amount numeric DEFAULT 9.5, created_at timestamptz DEFAULT now());
  CREATE TABLE orders_archive (LIKE orders INCLUDING DEFAULTS);
  ALTER TABLE orders_archive ADD PRIMARY KEY (id);
  INSERT INTO workflows (name) VALUES ('thanks');
  INSERT INTO users (email) VALUES ('somebody');
  INSERT INTO posts DEFAULT VALUES;
  INSERT INTO orders DEFAULT VALUES;
  CREATE EXTENSION pg_stat_statements;
  CREATE EXTENSION amcheck;
`;

const statements = ['ecommerce-cod', 'zbinnovation'].flatMap((pack) => statementsOf(pack, given));

describe.each(testedMajors)('of Postgres %i', (major) => {
  let server: PostgresServer;
  let session: Client;
  beforeAll(async () => {
    server = await startPostgres({ major, settings: { shared_preload_libraries: "'pg_stat_statements'" } });
    session = new Client({ host: server.host, port: server.port, user: server.user, password: server.password, database: 'postgres' });
    await session.connect();
    await session.query(schema);
  });
  afterAll(async () => {
    await session?.end();
    await server?.stop();
  });

  it.each(statements.filter(({ statement }) => major >= 14 || !statement.includes('verify_heapam')))('$name is understood', async (statement) => {
    await expect(ask(session, statement)).resolves.toHaveProperty('rows');
  });

  it('a line of the settings that cannot be read is seen, though it names none', async () => {
    const { steps, values } = runbookOf('hydraulic', 'postgres-tuning', given);
    const valid = steps.find(({ id }) => id === 'valid') ?? expect.fail('valid');
    const asked = async () => (await ask(session, { statement: valid.action.kind === 'sql' ? valid.action.statement : '', step: valid, values })).verdicts.every(({ ok }) => ok);
    const file = join(server.dataFolder, 'postgresql.conf');
    const before = readFileSync(file);
    expect(await asked()).toBe(true);
    appendFileSync(file, '\nwork_mem = = 4MB\n');
    try {
      expect(await asked()).toBe(false);
    } finally {
      writeFileSync(file, before);
    }
  });

  describe('the archive of old orders', () => {
    const { steps, values: proposed } = runbookOf('ecommerce-cod', 'archive-old-orders', given);
    const doing = (id: string, more: Values = {}) => {
      const step: Step = steps.find((each) => each.id === id) ?? expect.fail(id);
      return ask(session, { statement: step.action.kind === 'sql' ? step.action.statement : '', step, values: { ...proposed, batch: 100, ...more } });
    };
    const met = async (id: string, values?: Values): Promise<boolean> => (await doing(id, values)).verdicts.every(({ ok }) => ok);
    const counts = async (): Promise<string> => {
      const { rows } = await session.query<{ counts: string }>("SELECT (SELECT count(*) FROM orders) || ' and ' || (SELECT count(*) FROM orders_archive) AS counts");
      return rows[0]?.counts ?? '';
    };
    beforeAll(async () => {
      await session.query('TRUNCATE orders, orders_archive');
      await session.query("INSERT INTO orders (created_at) SELECT now() - interval '1 year' FROM generate_series(1, 250)");
      await session.query('INSERT INTO orders (status) SELECT $1 FROM generate_series(1, 30)', ['new']);
    });

    it('refuses an archive that lacks a column, has one elsewhere, or is not there', async () => {
      expect(await met('same')).toBe(true);
      await session.query('ALTER TABLE orders ADD COLUMN coupon text');
      expect(await met('same')).toBe(false);
      await session.query('ALTER TABLE orders_archive ADD COLUMN gift text, ADD COLUMN coupon text');
      expect([await met('same'), await met('same', { archive_table: 'nowhere' })]).toEqual([false, false]);
      await session.query('ALTER TABLE orders_archive DROP COLUMN gift');
      expect(await met('same')).toBe(true);
    });

    it('refuses orders that other tables point to', async () => {
      expect(await met('children')).toBe(true);
      await session.query('CREATE TABLE order_lines (order_id int REFERENCES orders ON DELETE CASCADE)');
      expect(await met('children')).toBe(false);
      await session.query('DROP TABLE order_lines');
    });

    it('moves each batch whole or not at all, and none where the archive refuses one', async () => {
      const cutoff = String((await doing('cutoff')).rows[0]?.['cutoff']);
      const [counted] = (await doing('count', { cutoff })).rows;
      const values = { cutoff, old: Number(counted?.['old']), archived: Number(counted?.['archived']) };
      expect([values.old, values.archived]).toEqual([250, 0]);
      await session.query("INSERT INTO orders_archive SELECT * FROM orders WHERE created_at < now() - interval '6 months' LIMIT 1");
      expect(await met('count', { cutoff })).toBe(false);
      await expect(doing('move', { ...values, batch: 250 })).rejects.toThrow('duplicate key');
      expect(await counts()).toBe('280 and 1');
      await session.query('TRUNCATE orders_archive');

      const moved: unknown[] = [];
      for (let isOver = false; !isOver && moved.length < 10; ) {
        const { rows, verdicts } = await doing('move', values);
        moved.push(Number(rows[0]?.['moved']));
        isOver = verdicts.every(({ ok }) => ok);
      }
      expect([moved, await counts(), await met('sums', values)]).toEqual([[100, 100, 50, 0], '30 and 250', true]);
      await session.query('DELETE FROM orders_archive WHERE id = (SELECT min(id) FROM orders_archive)');
      expect(await met('sums', values)).toBe(false);
    });
  });
});
