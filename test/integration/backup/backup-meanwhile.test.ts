/** A scan, a deletion and a backup that come at the same time, and a disk that goes away and comes back. */
import { cpSync, existsSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Backup } from '#shared/contract/backups.ts';
import { inTurn } from '#engine/backup/proof-memory.ts';
import { readManifestFile } from '#engine/backup/read-manifest.ts';
import { backUp, createShop, engineOf } from '#test/backed-up-shop.ts';
import type { TestEngine } from '#test/engine-parts.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { makeTemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

let server: PostgresServer;
/** A data folder with a proven backup and a newer one that was only hashed. */
let original: string;

beforeAll(async () => {
  server = await startPostgres({ major: 15 });
  await createShop(server, 'shop');
  original = await makeTemporaryFolder('meanwhile-original');
  const { engine, databaseId } = engineOf(original, server, 'shop');
  await backUp(engine, databaseId, { proof: 'L3' });
  await backUp(engine, databaseId, { proof: 'L0' });
  await engine.close();
});
afterAll(async () => {
  await server.stop();
  await rm(original, { recursive: true });
});

const catalogue = async (engine: TestEngine) => (await engine.call('backup.list', {})).backups;
const planDelete = async (engine: TestEngine, backup: Backup) => (await engine.call('backup.planDelete', { backupId: backup.id })).plan;

interface Opened {
  root: string;
  engine: TestEngine;
  databaseId: string;
  newest: Backup;
  proven: Backup;
  /** What is done at a checkpoint from now on. */
  at(point: string, work: () => Promise<unknown>): void;
}

async function open(): Promise<Opened> {
  const root = await temporaryFolder('meanwhile');
  cpSync(original, root, { recursive: true });
  const works = new Map<string, () => Promise<unknown>>();
  const { engine, databaseId } = engineOf(root, server, 'shop', {
    async checkpoint(name) {
      await works.get(name)?.();
    },
  });
  engine.unlock(databaseId, server.password);
  onTestFinished(() => engine.close());
  await engine.call('backup.scan', {});
  const [newest, proven] = await catalogue(engine);
  return { root, engine, databaseId, newest: newest as Backup, proven: proven as Backup, at: (point, work) => void works.set(point, work) };
}

describe('the newest proven backup', () => {
  test('is not deleted by a plan that was made while the disk of the backups was away', async () => {
    const { root, engine, proven } = await open();
    renameSync(join(root, 'backups'), join(root, 'away'));
    expect(await engine.call('backup.scan', {})).toMatchObject({ missing: 2 });
    const plan = await planDelete(engine, proven);
    await rm(join(root, 'backups'), { recursive: true, force: true });
    renameSync(join(root, 'away'), join(root, 'backups'));
    expect(await engine.run(plan)).toMatchObject({ state: 'failed', error: { code: 'backup.protected' } });
    expect([existsSync(proven.path), (await catalogue(engine))[1]]).toMatchObject([true, { id: proven.id, proof: 'L3', damaged: null }]);
  });
  test('is not planned to be deleted by what a scan saw that began before its disk was back', async () => {
    const { root, engine, proven, at } = await open();
    renameSync(proven.path, join(root, 'away'));
    await engine.call('backup.scan', {});
    const { promise: listed, resolve: hasListed } = Promise.withResolvers<void>();
    const { promise: back, resolve: isBack } = Promise.withResolvers<void>();
    at('scan:listed', () => (hasListed(), back));
    const scanning = engine.call('backup.scan', {});
    await listed;
    renameSync(join(root, 'away'), proven.path);
    const refusal = expect(planDelete(engine, proven)).rejects.toMatchObject({ code: 'backup.protected' });
    isBack();
    await scanning;
    await refusal;
  });
});

describe('a scan', () => {
  test('does not take a backup for missing that was finished after the folders were listed', async () => {
    const { engine, databaseId, at } = await open();
    at('scan:listed', () => backUp(engine, databaseId, { proof: 'L0' }));
    expect(await engine.call('backup.scan', {})).toMatchObject({ found: 2, missing: 0 });
    expect((await catalogue(engine)).map(({ damaged }) => damaged)).toEqual([null, null, null]);
  });
  test('tells nothing of a backup that was deleted after the folders were listed', async () => {
    const { engine, newest, at } = await open();
    const plan = await planDelete(engine, newest);
    at('scan:listed', () => engine.run(plan));
    expect(await engine.call('backup.scan', {})).toEqual({ found: 1, added: 0, missing: 0, unreadable: [] });
  });
  test('does not bring back a backup that is deleted while it is read', async () => {
    const { engine, newest, proven, at } = await open();
    const plan = await planDelete(engine, newest);
    let deleting: Promise<unknown> = Promise.resolve();
    let scanning: Promise<unknown> = Promise.resolve();
    // The folder's turn is taken; the deletion waits for it, and behind that the scan, which has read the manifest by then.
    await inTurn(newest.path, async () => {
      const operationId = engine.start(plan);
      deleting = engine.context.runner.finished(operationId);
      await waitFor('the deletion to be at its folder', () => engine.events(operationId).some((event) => event.kind === 'phase'), { every: 1 });
      const { promise: listed, resolve: hasListed } = Promise.withResolvers<void>();
      at('scan:listed', async () => hasListed());
      scanning = engine.call('backup.scan', {});
      await listed;
      for (let time = 0; time < 50; time += 1) await readManifestFile(newest.path);
    });
    await Promise.all([deleting, scanning]);
    expect((await catalogue(engine)).map(({ id }) => id)).toEqual([proven.id]);
  });
});

test('a deletion takes no folder away while somebody has its turn', async () => {
  const { engine, newest, at } = await open();
  const plan = await planDelete(engine, newest);
  const order: string[] = [];
  at('delete:renamed', async () => void order.push('renamed'));
  let deleting: Promise<unknown> = Promise.resolve();
  await inTurn(newest.path, async () => {
    const operationId = engine.start(plan);
    deleting = engine.context.runner.finished(operationId);
    await waitFor('the deletion to be at its folder', () => engine.events(operationId).some((event) => event.kind === 'phase'), { every: 1 });
    for (let time = 0; time < 50; time += 1) await readManifestFile(newest.path);
    order.push('read');
  });
  await deleting;
  expect(order).toEqual(['read', 'renamed']);
});
