import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Ports } from '#engine/ports.ts';
import { backUp, backupFoldersIn, createShop, engineOf, leftAfterFiveSeconds } from '#test/backed-up-shop.ts';
import type { TestEngine } from '#test/engine-parts.ts';
import { requireClientTool } from '#test/client-tools.ts';
import { mountSmallDisk, whyNoSmallDisk } from '#test/full-disk.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { processesMatching } from '#test/processes.ts';
import { startProxy, type TcpProxy } from '#test/proxy.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ major: 15 });
  await createShop(server, 'shop', { orders: 60_000 });
});
afterAll(() => server.stop());

async function openEngine(options: { ports?: Partial<Ports>; through?: TcpProxy; root?: string } = {}): Promise<{ root: string; engine: TestEngine; databaseId: string }> {
  const root = options.root ?? (await temporaryFolder('bad-day'));
  const { engine, databaseId } = engineOf(root, { ...(options.through ?? server), password: server.password }, 'shop', options.ports);
  onTestFinished(() => engine.close());
  return { root, engine, databaseId };
}

async function openProxy(): Promise<TcpProxy> {
  const proxy = await startProxy(server.port);
  onTestFinished(() => proxy.close());
  return proxy;
}

async function catalogue(engine: TestEngine) {
  return (await engine.call('backup.list', {})).backups;
}

/** Starts a backup through a line that is held once a good part of a table has gone through it. */
async function startHeld(proxy: TcpProxy, engine: TestEngine, databaseId: string): Promise<string> {
  const { plan } = await engine.call('backup.plan', { databaseId, options: { proof: 'L0', compressLevel: 0 } });
  const before = proxy.bytesFromServer;
  const operationId = engine.start(plan);
  await waitFor('rows to flow', () => proxy.bytesFromServer - before > 1_000_000, { every: 1 });
  proxy.stall();
  return operationId;
}

describe('a backup leaves nothing and never claims to be one', () => {
  test('when pg_dump is missing', async () => {
    const { root, engine, databaseId } = await openEngine();
    engine.context.postgres.requireTool = () => Promise.reject(new PilothouseError('postgres.tool-missing', 'pg_dump was not found on this computer.', { hint: 'Install the package postgresql-client-15.' }));
    const { plan } = await engine.call('backup.plan', { databaseId });
    expect(plan).toMatchObject({ runnable: false, findings: expect.arrayContaining([{ state: 'critical', title: 'pg_dump was not found on this computer.', fix: 'Install the package postgresql-client-15.' }]) });
    expect(() => engine.start(plan)).toThrow(/cannot run/);
    expect(backupFoldersIn(root)).toEqual([]);
  });

  test('when pg_dump is taken away after it was planned', async () => {
    const { root, engine, databaseId } = await openEngine();
    const { plan } = await engine.call('backup.plan', { databaseId });
    engine.context.postgres.requireTool = (name) => Promise.resolve({ name, path: '/nowhere/pg_dump', version: '15.18', major: 15 });
    expect(await engine.run(plan)).toMatchObject({ state: 'failed' });
    expect(await leftAfterFiveSeconds(root, server)).toEqual([]);
    expect(await catalogue(engine)).toEqual([]);
  });

  test('when pg_dump is older than the server', async ({ skip }) => {
    if (requireClientTool('pg_dump').major >= 18) skip('pg_dump of this machine is not older than any server that comes with the packages');
    const newer = await startPostgres({ major: 18 });
    onTestFinished(() => newer.stop());
    const { engine } = await openEngine();
    const { databaseId } = engine.addDatabase({ name: 'Newer', server: newer, database: 'postgres' });
    const { plan } = await engine.call('backup.plan', { databaseId });
    expect(plan.findings.find((finding) => finding.state === 'critical')).toMatchObject({ title: expect.stringContaining('needs 18 or newer'), fix: expect.stringContaining('postgresql-client-18') });
  });

  test('when the disk for backups fills up', async ({ skip }) => {
    const why = whyNoSmallDisk();
    if (why !== null) skip(why);
    const disk = await mountSmallDisk(31 * 1024 * 1024);
    onTestFinished(() => disk.remove());
    const root = await temporaryFolder('bad-day');
    await rm(join(root, 'backups'), { recursive: true, force: true });
    await symlink(disk.folder, join(root, 'backups'));
    const { engine } = await openEngine({ root });
    await server.query('CREATE DATABASE noise');
    onTestFinished(() => server.query('DROP DATABASE noise WITH (FORCE)').then(() => {}));
    // What gzip cannot make smaller: the guess by the size of tables falls short.
    await server.query(`CREATE TABLE noise AS SELECT (SELECT string_agg(decode(md5(g::text || i::text), 'hex'), '') FROM generate_series(1, 60) i) AS bytes FROM generate_series(1, 38000) g; ALTER TABLE noise ALTER bytes SET STORAGE EXTERNAL`, [], { database: 'noise' });
    const { databaseId } = engine.addDatabase({ name: 'Shop', server, database: 'noise' });
    const operation = await backUp(engine, databaseId, { proof: 'L0' });
    expect(operation).toMatchObject({ state: 'failed', error: { code: 'backup.space' } });
    expect(await leftAfterFiveSeconds(root, server)).toEqual([]);
    expect(backupFoldersIn(root)).toEqual([]);
  });

  test('when there is too little space to begin with', async () => {
    const { root, engine, databaseId } = await openEngine();
    const { plan } = await engine.call('backup.plan', { databaseId, options: { proof: 'L0' } });
    const stored = engine.context.store.prepare<[string], { details_json: string }>('SELECT details_json FROM plans WHERE id = ?').get(plan.id);
    expect(stored).toBeDefined();
    const { runBackup } = await import('#engine/backup/run-backup.ts');
    const { details } = JSON.parse(stored?.details_json ?? '{}') as { details: Parameters<typeof runBackup>[1] };
    const steps: string[] = [];
    const operation = { signal: new AbortController().signal, phase: (step: string, work: () => Promise<unknown>) => (steps.push(step), work()), command() {} } as unknown as Parameters<typeof runBackup>[2];
    await expect(runBackup(engine.context, { ...details, expectedBytes: 1e15 }, operation)).rejects.toMatchObject({ code: 'backup.space' });
    expect(steps).toEqual(['space']);
    expect(await leftAfterFiveSeconds(root, server)).toEqual([]);
  });

  test('when the connection is cut mid-dump', async () => {
    const proxy = await openProxy();
    const { root, engine, databaseId } = await openEngine({ through: proxy });
    const operationId = await startHeld(proxy, engine, databaseId);
    proxy.cut();
    proxy.resume();
    const operation = await engine.context.runner.finished(operationId);
    expect(operation).toMatchObject({ state: 'failed', error: { code: 'postgres.connection-lost', retryable: true } });
    expect(await leftAfterFiveSeconds(root, server)).toEqual([]);
    expect(await catalogue(engine)).toEqual([]);
  });

  test('when pg_dump is killed', async () => {
    const proxy = await openProxy();
    const { root, engine, databaseId } = await openEngine({ through: proxy });
    const operationId = await startHeld(proxy, engine, databaseId);
    const [dump] = processesMatching(root).filter(({ commandLine }) => commandLine.includes('bin/pg_dump --format') && !commandLine.startsWith('/bin/sh'));
    process.kill(dump?.pid as number, 'SIGKILL');
    proxy.resume();
    const operation = await engine.context.runner.finished(operationId);
    expect(operation.state).toBe('failed');
    expect(await leftAfterFiveSeconds(root, server)).toEqual([]);
    expect(await catalogue(engine)).toEqual([]);
  });

  test('when it is cancelled mid-dump', async () => {
    const proxy = await openProxy();
    const { root, engine, databaseId } = await openEngine({ through: proxy });
    const operationId = await startHeld(proxy, engine, databaseId);
    engine.context.runner.cancel(operationId);
    proxy.resume();
    const operation = await engine.context.runner.finished(operationId);
    expect(operation).toMatchObject({ state: 'cancelled', summary: 'Cancelled. Nothing was left behind.' });
    expect(await leftAfterFiveSeconds(root, server)).toEqual([]);
    expect(backupFoldersIn(root)).toEqual([]);
  });

  test.each(['backup:snapshot', 'backup:dumped', 'backup:before-rename'])('when it is cancelled at %s', async (point) => {
    let cancel = () => {};
    const { root, engine, databaseId } = await openEngine({
      ports: {
        async checkpoint(name) {
          if (name === point) cancel();
        },
      },
    });
    const { plan } = await engine.call('backup.plan', { databaseId });
    const operationId = engine.start(plan);
    cancel = () => void engine.context.runner.cancel(operationId);
    expect(await engine.context.runner.finished(operationId)).toMatchObject({ state: 'cancelled', summary: 'Cancelled. Nothing was left behind.' });
    expect(await leftAfterFiveSeconds(root, server)).toEqual([]);
    expect([backupFoldersIn(root), await catalogue(engine)]).toEqual([[], []]);
  });

  test('when another cluster answers under the address that was planned', async () => {
    const { root, engine, databaseId } = await openEngine();
    const stranger = await startPostgres({ major: 15, ownIdentity: true });
    onTestFinished(() => stranger.stop());
    const { plan } = await engine.call('backup.plan', { databaseId, options: { proof: 'L0' } });
    const database = engine.context.systems.getDatabase(databaseId);
    engine.context.systems.updateDatabase(databaseId, { connection: { ...database.connection, port: stranger.port } });
    await stranger.query('CREATE DATABASE shop');
    await stranger.query(`ALTER ROLE postgres PASSWORD '${server.password}'`);
    expect(await engine.run(plan)).toMatchObject({ state: 'failed', error: { code: 'postgres.wrong-identity' } });
    expect(backupFoldersIn(root)).toEqual([]);
  });

  test.each([
    ['emptied by TRUNCATE', 'TRUNCATE to_change', 'was rewritten or emptied'],
    ['rewritten by ALTER TABLE', 'ALTER TABLE to_change ALTER a TYPE bigint', 'was rewritten or emptied'],
    ['replaced by another', 'DROP TABLE to_change; CREATE TABLE to_change AS SELECT 1 AS a', 'was replaced by another table'],
  ])('when a table is %s between the snapshot and the dump', async (_how, change, words) => {
    const { root, engine, databaseId } = await openWithTable(change);
    const operation = await backUp(engine, databaseId, { proof: 'L0' });
    expect(operation).toMatchObject({ state: 'failed', error: { code: 'backup.incomplete', retryable: true, message: expect.stringContaining(`public.to_change in shop ${words}`) } });
    expect([await leftAfterFiveSeconds(root, server), await catalogue(engine)]).toEqual([[], []]);
  });
});

async function openWithTable(change: string): Promise<{ root: string; engine: TestEngine; databaseId: string }> {
  await server.query('CREATE TABLE to_change AS SELECT generate_series(1, 10) AS a', [], { database: 'shop' });
  onTestFinished(() => server.query('DROP TABLE to_change', [], { database: 'shop' }).then(() => {}));
  return openEngine({
    ports: {
      async checkpoint(name) {
        if (name === 'backup:snapshot') await server.query(change, [], { database: 'shop' });
      },
    },
  });
}

test('a table that VACUUM FULL writes anew between the snapshot and the dump has all its rows', async () => {
  const { engine, databaseId } = await openWithTable('VACUUM FULL to_change');
  expect(await backUp(engine, databaseId, { proof: 'L2' })).toMatchObject({ state: 'succeeded' });
  const { contents } = await engine.call('backup.get', { backupId: (await catalogue(engine))[0]?.id ?? '' });
  expect(contents?.tables.find((table) => table.name === 'to_change')?.rows).toBe(10);
});

describe('a backup that is cancelled while it is proved', () => {
  test.each([
    ['backup:renamed', null],
    ['proof:L1', 'L0'],
    ['proof:L2', 'L1'],
    ['proof:L3', 'L2'],
    ['proof:database-made', 'L2'],
    ['proof:restored', 'L2'],
  ])('at %s is kept, unproven, and the server is clean', async (point, proof) => {
    let cancel = () => {};
    const { root, engine, databaseId } = await openEngine({
      ports: {
        async checkpoint(name) {
          if (name === point) cancel();
        },
      },
    });
    const { plan } = await engine.call('backup.plan', { databaseId });
    const operationId = engine.start(plan);
    cancel = () => void engine.context.runner.cancel(operationId);
    const operation = await engine.context.runner.finished(operationId);
    expect(operation).toMatchObject({ state: 'cancelled', summary: expect.stringContaining('was made and is kept') });
    expect(await catalogue(engine)).toMatchObject([{ proof, damaged: null }]);
    expect(await leftAfterFiveSeconds(root, server)).toEqual([]);
  });
});

test('a backup that is cancelled after its last row was counted is proven, and says so', async () => {
  let cancel = () => {};
  const { root, engine, databaseId } = await openEngine({
    ports: {
      async checkpoint(name) {
        if (name === 'proof:compared') cancel();
      },
    },
  });
  const { plan } = await engine.call('backup.plan', { databaseId });
  const operationId = engine.start(plan);
  cancel = () => void engine.context.runner.cancel(operationId);
  expect(await engine.context.runner.finished(operationId)).toMatchObject({ state: 'succeeded', summary: expect.stringContaining('L3: restored and counted') });
  expect(await leftAfterFiveSeconds(root, server)).toEqual([]);
});
