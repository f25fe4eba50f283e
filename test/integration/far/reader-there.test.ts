/** A computer without any program of Postgres: the host makes the dump, reads it back and restores it. */
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createBackupRoom } from '#engine/backup/backup-room.ts';
import { connectChain } from '#engine/ssh/chain.ts';
import { createHostRepository } from '#engine/store/host-repository.ts';
import { createTestEngine, type TestEngine } from '#test/engine-parts.ts';
import { createFarShop, farConnection, reachedBy, startFarPlace, type FarPlace } from '#test/far-shop.ts';
import { whyNoSshServer } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const missing = whyNoSshServer();
let place: FarPlace;
let engine: TestEngine;
let databaseId: string;
beforeAll(async () => {
  if (missing !== null) return;
  place = await startFarPlace();
  await createFarShop(place, 'shop');
});
afterAll(() => place?.stop());
beforeEach(async (context) => {
  if (missing !== null) context.skip(missing);
  engine = createTestEngine({
    root: await temporaryFolder('far-reader'),
    rooms: [createBackupRoom],
    connectHost: () => connectChain([place.host.hop()]),
    toolPlaces: { versionFolders: () => Promise.resolve([]), searchPath: () => '' },
  });
  onTestFinished(() => engine.close());
  databaseId = engine.addDatabase({ name: 'Far', server: { host: '127.0.0.1', port: place.postgres.port, password: place.postgres.password }, database: 'shop' }).databaseId;
  createHostRepository(engine.context.store).insert({ id: 'db-1', systemId: 'Far', label: 'db-1', connection: reachedBy(place.host, place.keyFiles.host), at: 1 });
});

const reach = (connect: { host: string; port: number; user: string } | null, user = 'postgres') =>
  void engine.context.systems.updateDatabase(databaseId, { connection: farConnection(place, 'db-1', 'shop', { user, host: place.sockets, password: { source: 'none' }, tools: { where: 'host', access: { kind: 'plain' }, connect } }) });
const proofOf = async (): Promise<string | null> => (await engine.call('backup.list', {})).backups[0]?.proof ?? null;

describe('with no program of Postgres on this computer', () => {
  test('a backup is made, read back, restored and counted by those of the host', async () => {
    reach(null);
    const { plan } = await engine.call('backup.plan', { databaseId, options: { format: 'custom', jobs: 1, proof: 'L3' } });
    const operation = await engine.run(plan);
    expect([operation.state, operation.error, await proofOf()]).toEqual(['succeeded', null, 'L3']);
    const commands = engine.events(operation.id).flatMap((event) => (event.kind === 'log' && event.command !== undefined && /pg_(dump|restore|dumpall)|psql/.test(event.command.text) ? [event.command.text] : []));
    expect([commands.length > 5, commands.every((text) => text.startsWith('db-1: '))]).toEqual([true, true]);
  });
  test('nothing is restored where they meet another database than we do', async () => {
    reach(null);
    await engine.run((await engine.call('backup.plan', { databaseId, options: { format: 'custom', jobs: 1, proof: 'L2' } })).plan);
    const backupId = (await engine.call('backup.list', {})).backups[0]?.id ?? '';
    // The same folder of sockets, and a port on which there is nobody.
    reach({ host: place.sockets, port: place.postgres.port + 1, user: 'postgres' });
    const verified = await engine.run((await engine.call('backup.planVerify', { backupId, level: 'L3' })).plan);
    expect([verified.state, verified.error?.code, await proofOf()]).toEqual(['failed', 'postgres.wrong-identity', 'L2']);
  });
  test('nor as another role than ours', async () => {
    await place.postgres.query('CREATE ROLE keeper LOGIN SUPERUSER');
    onTestFinished(() => place.postgres.query('DROP ROLE keeper').then(() => undefined));
    reach({ host: place.sockets, port: place.postgres.port, user: 'postgres' }, 'keeper');
    const operation = await engine.run((await engine.call('backup.plan', { databaseId, options: { format: 'custom', jobs: 1, proof: 'L3' } })).plan);
    expect([operation.state, operation.error?.code, await proofOf()]).toEqual(['failed', 'postgres.tool-missing', 'L2']);
  });
  test('a directory of files can be read by nobody, and is not planned', async () => {
    engine.context.systems.updateDatabase(databaseId, { connection: farConnection(place, 'db-1', 'shop', { host: place.sockets, password: { source: 'none' } }) });
    const { plan } = await engine.call('backup.plan', { databaseId, options: { format: 'directory' } });
    expect([plan.runnable, plan.findings.filter(({ state }) => state === 'critical').map(({ title }) => title)]).toEqual([false, [expect.stringContaining('pg_dump was not found on this computer')]]);
  });
});
