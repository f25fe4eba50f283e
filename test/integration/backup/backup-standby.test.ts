/** A backup that is taken from a hot standby, and comes back on its primary. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Backup } from '#shared/contract/backups.ts';
import { parseManifest } from '#engine/backup/read-manifest.ts';
import { backUp, createShop, engineOf } from '#test/backed-up-shop.ts';
import { requireClientTool } from '#test/client-tools.ts';
import type { TestEngine } from '#test/engine-parts.ts';
import { testedMajors } from '#test/postgres-binaries.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const dumpMajor = requireClientTool('pg_dump').major;

describe.each([...new Set([...testedMajors, 15 as const])].filter((major) => major <= dumpMajor))('a backup of a standby of Postgres %d that has an unlogged table', (major) => {
  let primary!: PostgresServer;
  let standby!: PostgresServer;
  beforeAll(async () => {
    primary = await startPostgres({ major });
    await createShop(primary, 'shop');
    standby = await startPostgres({ major, standbyOf: primary });
    const [end] = await primary.query<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
    await waitFor('the standby to have it all', async () => (await standby.query<{ has: boolean }>('SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS has', [end?.lsn]))[0]?.has);
  });
  afterAll(async () => {
    await (standby as PostgresServer | undefined)?.stop();
    await (primary as PostgresServer | undefined)?.stop();
  });

  async function backedUp(): Promise<{ engine: TestEngine; databaseId: string; backup: Backup }> {
    const { engine, databaseId } = engineOf(await temporaryFolder('standby'), standby, 'shop');
    onTestFinished(() => engine.close());
    expect(await backUp(engine, databaseId, { proof: 'L2' })).toMatchObject({ state: 'succeeded' });
    const [backup] = (await engine.call('backup.list', {})).backups;
    return { engine, databaseId, backup: backup as Backup };
  }

  test('says where it was taken, and has counted every table but that', async () => {
    const { backup } = await backedUp();
    const { contents } = parseManifest(readFileSync(join(backup.path, 'manifest.json'), 'utf8'), backup.path);
    expect([contents.fromStandby, contents.tables.some(({ name }) => name === 'unlogged'), contents.tables.find(({ name }) => name === 'orders')?.rows]).toEqual([true, false, 3000]);
  });
  test('is proven by the primary, where that table comes back empty, as it was dumped', async () => {
    const { engine, databaseId, backup } = await backedUp();
    const { connection } = engine.context.systems.getDatabase(databaseId);
    engine.context.systems.updateDatabase(databaseId, { connection: { ...connection, port: primary.port } });
    const { plan } = await engine.call('backup.planVerify', { backupId: backup.id, level: 'L3' });
    const operation = await engine.run(plan);
    expect(operation).toMatchObject({ state: 'succeeded' });
    expect((await engine.call('backup.list', {})).backups).toMatchObject([{ proof: 'L3', damaged: null }]);
    expect(JSON.stringify(engine.events(operation.id))).toContain('public.unlogged came back empty');
  });
  test('has the rows of that table where it is taken from the primary instead', async () => {
    const { engine, databaseId } = engineOf(await temporaryFolder('standby'), primary, 'shop');
    onTestFinished(() => engine.close());
    expect(await backUp(engine, databaseId)).toMatchObject({ state: 'succeeded' });
    const [backup] = (await engine.call('backup.list', {})).backups;
    const { contents } = parseManifest(readFileSync(join((backup as Backup).path, 'manifest.json'), 'utf8'), '');
    expect([contents.fromStandby, contents.tables.find(({ name }) => name === 'unlogged')]).toEqual([undefined, { schema: 'public', name: 'unlogged', kind: 'table', rows: 1, unlogged: true }]);
  });
});
