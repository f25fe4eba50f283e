import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { BackupOptions } from '#shared/contract/backups.ts';
import type { Environment } from '#shared/domain/environment.ts';
import { watchLocks } from '#engine/backup/lock-watch.ts';
import { backUp, createShop, engineOf } from '#test/backed-up-shop.ts';
import type { TestEngine } from '#test/engine-parts.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ major: 15 });
  await createShop(server, 'shop', { orders: 60_000 });
});
afterAll(() => server.stop());

async function open(): Promise<{ engine: TestEngine; databaseId: string }> {
  const { engine, databaseId } = engineOf(await temporaryFolder('backup-plan'), server, 'shop');
  onTestFinished(() => engine.close());
  return { engine, databaseId };
}

const plan = async (engine: TestEngine, databaseId: string, options: Partial<BackupOptions> = {}) => (await engine.call('backup.plan', { databaseId, options })).plan;
const newest = async (engine: TestEngine) => (await engine.call('backup.list', {})).backups[0];

describe('the plan of a backup', () => {
  test('calls the first one the first', async () => {
    const { engine, databaseId } = await open();
    expect((await plan(engine, databaseId)).consequences[0]).toMatch(/^The first backup of shop: /);
  });
  test('calls the next one one more', async () => {
    const { engine, databaseId } = await open();
    await backUp(engine, databaseId, { proof: 'L0' });
    expect((await plan(engine, databaseId)).consequences[0]).toMatch(/^One more backup of shop: /);
  });
  test('expects the size of the last one with the same options, not that of the last one', async () => {
    const { engine, databaseId } = await open();
    const sizes: Record<number, number | undefined> = {};
    for (const compressLevel of [1, 0, 9]) {
      await backUp(engine, databaseId, { proof: 'L0', compressLevel });
      sizes[compressLevel] = (await newest(engine))?.sizeBytes;
    }
    const expected = async (compressLevel: number) => / about ([\d.]+) MiB here/.exec((await plan(engine, databaseId, { compressLevel })).consequences[0] ?? '')?.[1];
    expect([await expected(1), await expected(0)]).toEqual([1, 0].map((level) => ((sizes[level] ?? 0) / 1024 / 1024).toFixed(1)));
  });
  test('promises no more of a cancel than it does: a whole copy stays', async () => {
    const { engine, databaseId } = await open();
    expect((await plan(engine, databaseId)).wayBack).toContain('One that is whole stays, also when its proof is cancelled');
  });
  const environments: [Environment, 'L2' | 'L3', boolean][] = [['production', 'L3', true], ['production', 'L2', false], ['development', 'L3', false]];
  test.each(environments)('on %s up to %s says first that it writes there without a typed name: %s', async (environment, proof, isSaid) => {
    const { engine, databaseId } = await open();
    engine.context.systems.update('Shop', { environment });
    const { confirmName, consequences } = await plan(engine, databaseId, { proof });
    expect([confirmName, consequences[0]?.includes('writes to a production server, and asks for no typed name')]).toEqual([null, isSaid]);
  });
  test('of a verification on production says it first as well', async () => {
    const { engine, databaseId } = await open();
    engine.context.systems.update('Shop', { environment: 'production' });
    await backUp(engine, databaseId, { proof: 'L0' });
    const verification = await engine.call('backup.planVerify', { backupId: (await newest(engine))?.id ?? '', level: 'L3' });
    expect(verification.plan.consequences[0]).toContain('writes to a production server, and asks for no typed name');
  });
});

test('a backup is not said to be at 100 % while it is still at work', async () => {
  const { engine, databaseId } = await open();
  const operation = await backUp(engine, databaseId, { proof: 'L3' });
  const fractions = engine.events(operation.id).flatMap((event) => (event.kind === 'progress' && event.fraction !== null ? [event.fraction] : []));
  expect(Math.round(Math.max(...fractions) * 100)).toBeLessThan(100);
});

test('who has to wait for a dump is told once, with what waits and who waits behind that', async () => {
  const { engine, databaseId } = await open();
  const target = engine.context.targetOf(databaseId);
  const connect = async (applicationName: string) => {
    const session = await engine.context.postgres.connect(target, { applicationName });
    await session.query('SET search_path = public');
    onTestFinished(() => session.close());
    return session;
  };
  const [dump, changer, reader] = await Promise.all(['pilothouse dump', 'migration', 'shop app'].map(connect));
  await dump?.query('BEGIN; LOCK TABLE public.orders IN ACCESS SHARE MODE');
  const waits = (name: string) => waitFor(`${name} to wait`, async () => (await server.query("SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'", [name]))[0]);
  const changed = changer?.query('ALTER TABLE public.orders ADD COLUMN later int');
  await waits('migration');
  const read = reader?.query('SELECT count(*) FROM public.orders');
  await waits('shop app');
  const warnings: string[] = [];
  const watch = watchLocks({ postgres: engine.context.postgres, target, operation: { signal: new AbortController().signal, warn: (text: string) => void warnings.push(text), log: (_level: string, text: string) => void warnings.push(text) }, everyMs: 20 });
  await waitFor('both to be told of', () => warnings.length >= 2);
  await dump?.query('ROLLBACK');
  await Promise.all([changed, read]);
  await watch.stop();
  expect(warnings.sort()).toEqual([expect.stringMatching(/^postgres \(migration\), process \d+ on shop .*: ALTER TABLE public\.orders ADD COLUMN later int$/), expect.stringMatching(/^postgres \(shop app\), .*: SELECT count\(\*\) FROM public\.orders$/)]);
});

test('a plan does not wait long for somebody who changes a table', async () => {
  const { engine, databaseId } = await open();
  const seen: unknown[] = [];
  const { connect } = engine.context.postgres;
  engine.context.postgres.connect = (target, options) => (seen.push(options.lockTimeoutMs), connect(target, options));
  await plan(engine, databaseId);
  expect(seen).toEqual([5000]);
});

test('its instants are told to the minute, in UTC', async () => {
  const { engine, databaseId } = await open();
  await backUp(engine, databaseId, { proof: 'L0' });
  const backupId = (await newest(engine))?.id ?? '';
  await backUp(engine, databaseId, { proof: 'L0' });
  const verified = await engine.run((await engine.call('backup.planVerify', { backupId, level: 'L0' })).plan);
  const deletion = (await engine.call('backup.planDelete', { backupId })).plan;
  for (const text of [verified.summary ?? '', deletion.question, ...deletion.consequences]) expect(text).not.toMatch(/\dT\d/);
  expect(deletion.question).toMatch(/^Delete the backup of shop of \d{4}-\d\d-\d\d \d\d:\d\d UTC\?$/);
});

// Counted by the kernel: what this process has read, from memory too.
const counter = '/proc/self/io';
test.skipIf(!existsSync(counter))('L0 of a backup that was just made reads every byte again', async () => {
  const bytesRead = () => Number(/^rchar: (\d+)/m.exec(readFileSync(counter, 'utf8'))?.[1]);
  let before = 0;
  const root = await temporaryFolder('backup-plan');
  const { engine, databaseId } = engineOf(root, server, 'shop', {
    checkpoint(name) {
      if (name === 'proof:L0') before = bytesRead();
      return Promise.resolve();
    },
  });
  onTestFinished(() => engine.close());
  await backUp(engine, databaseId, { proof: 'L0', compressLevel: 0 });
  const read = bytesRead() - before;
  const { contents } = await engine.call('backup.get', { backupId: (await newest(engine))?.id ?? '' });
  expect(read).toBeGreaterThanOrEqual((contents?.files ?? []).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
});

describe('sequences that are restored', () => {
  const checksOf = async (database: string, sql: string) => {
    await server.query(`CREATE DATABASE ${database}`);
    await server.query(sql, [], { database });
    const root = await temporaryFolder('backup-plan');
    const { engine, databaseId } = engineOf(root, server, database);
    onTestFinished(async () => {
      await engine.close();
      await rm(join(root, 'backups'), { recursive: true });
    });
    const operation = await backUp(engine, databaseId);
    const { proofs, backup } = await engine.call('backup.get', { backupId: (await newest(engine))?.id ?? '' });
    return { state: operation.state, proof: backup.proof, check: proofs.find(({ level }) => level === 'L3')?.checks.find(({ name }) => name.includes('column')) };
  };

  test('are looked at against their columns, partitioned, descending and empty ones too', async () => {
    const sql = `CREATE TABLE a (id serial PRIMARY KEY); INSERT INTO a DEFAULT VALUES; INSERT INTO a DEFAULT VALUES;
      CREATE TABLE "B b" (id bigint GENERATED ALWAYS AS IDENTITY, k int) PARTITION BY LIST (k); CREATE TABLE b1 PARTITION OF "B b" FOR VALUES IN (1); INSERT INTO "B b" (k) VALUES (1);
      CREATE TABLE down (id int GENERATED BY DEFAULT AS IDENTITY (INCREMENT -1)); INSERT INTO down DEFAULT VALUES; CREATE TABLE none (id serial)`;
    expect(await checksOf('past', sql)).toMatchObject({ state: 'succeeded', proof: 'L3', check: { name: 'Every sequence is past its column', detail: '4 sequences' } });
  });
  test('and are behind them, as they are in the database, are a warning and no damage', async () => {
    const sql = 'CREATE TABLE a (id serial PRIMARY KEY); INSERT INTO a VALUES (7)';
    expect(await checksOf('behind', sql)).toMatchObject({ state: 'succeeded-with-warnings', proof: 'L3', check: { name: 'Sequences behind their column, as in the database itself', detail: 'public.a_id_seq stands at 1, and public.a.id reaches 7' } });
  });
});
