import { fromHere } from '#shared/contract/systems.ts';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { EngineClient } from '#shared/contract/index.ts';
import { Secret } from '#shared/domain/secret.ts';
import { createEngine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { openDatabase } from '#engine/store/database.ts';
import { createBackupRepository } from '#engine/store/backup-repository.ts';
import { createOperationRepository } from '#engine/store/operation-repository.ts';
import { createScratchRepository } from '#engine/store/scratch-repository.ts';
import { createSystemRepository } from '#engine/store/system-repository.ts';
import { createVault } from '#engine/vault/index.ts';
import { draft } from '#test/core.ts';
import { someBackup } from '#test/health-look.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const ports: Ports = { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' };
const connection = { host: '127.0.0.1', port: 1, database: 'shop', user: 'ann', tls: { mode: 'disable' }, password: { source: 'vault' } } as const;
let root: string;
let client: EngineClient;

async function start(): Promise<() => Promise<void>> {
  const engine = await createEngine({ root, ports });
  client = engine.client('test');
  onTestFinished(async () => engine.close());
  return async () => engine.close();
}

async function addShop() {
  const { system } = await client.call('system.add', { name: 'Shop', environment: 'production' });
  await client.call('vault.unlock', { passphrase: 'correct horse' });
  const { database } = await client.call('database.add', { systemId: system.id, connection, password: 'ann-secret' });
  return { systemId: system.id, databaseId: database.id };
}

beforeEach(async () => {
  root = await temporaryFolder('systems');
  // A vault at the engine's own cost takes half a second each time.
  await createVault({ folder: root, ports, scrubber: { register: () => {} }, cost: { N: 2 ** 14, r: 8, p: 1 } }).create(new Secret('correct horse'));
});

describe('a system', () => {
  test('is found again after a restart, with its databases', async () => {
    const stop = await start();
    await addShop();
    await stop();
    await start();
    const { systems } = await client.call('system.list', {});
    expect(systems.map((system) => [system.name, system.databases.map((database) => database.label)])).toEqual([['Shop', ['shop']]]);
  });
  test('with a name that is taken is refused, whatever its capitals', async () => {
    await start();
    await addShop();
    await expect(client.call('system.add', { name: 'SHOP', environment: 'staging' })).rejects.toMatchObject({ code: 'store.conflict' });
  });
  test('is forgotten only by its typed name', async () => {
    await start();
    const { systemId } = await addShop();
    await expect(client.call('system.remove', { systemId, confirmName: 'shop' })).rejects.toMatchObject({ code: 'operation.name-not-confirmed' });
  });
  test('leaves production only by its typed name', async () => {
    await start();
    const { systemId } = await addShop();
    await expect(client.call('system.update', { systemId, environment: 'staging' })).rejects.toMatchObject({ code: 'operation.name-not-confirmed' });
    await client.call('system.update', { systemId, name: 'The shop', environment: 'production' });
    const { system } = await client.call('system.update', { systemId, environment: 'staging', confirmName: 'The shop' });
    expect(system.environment).toBe('staging');
  });
  test('that nobody looked at is unknown, never ok', async () => {
    await start();
    const { systemId } = await addShop();
    const { card } = await client.call('system.get', { systemId });
    expect(card).toMatchObject({ state: 'unknown', stateText: 'Never checked' });
  });
  test('without a database can be checked as soon as it has a host, and says so', async () => {
    await start();
    const { system } = await client.call('system.add', { name: 'Machines', environment: 'staging' });
    const said = async () => (await client.call('system.get', { systemId: system.id })).card.stateText;
    const before = await said();
    await client.call('host.add', { systemId: system.id, label: 'web-1', connection: { host: '127.0.0.1', port: 22, user: 'ann', signIn: { keys: [], agent: true, password: { source: 'none' } }, viaId: null } });
    expect([before, await said()]).toEqual(['No database yet', 'Never checked']);
  });
  test('without a proven backup needs a person', async () => {
    await start();
    await addShop();
    const { needs } = await client.call('overview.get', {});
    expect(needs.map((need) => need.text)).toContain('shop has no backup');
  });
  test('whose proven backup is dated ahead of the clock is told so, for nobody knows how old that is', async () => {
    const stop = await start();
    const { databaseId } = await addShop();
    await stop();
    const store = openDatabase(root, root, Date.now());
    const systemIdentifier = '7300000000000000000';
    createSystemRepository(store).recordSighting(databaseId, { systemIdentifier, serverVersion: '15.19', serverVersionNum: 150_019, sizeBytes: null }, Date.now());
    createBackupRepository(store).upsert(someBackup({ databaseId, systemIdentifier, takenAt: new Date(Date.now() + 5 * 3_600_000).toISOString() }), 'f00d');
    store.close();
    await start();
    const { needs } = await client.call('overview.get', {});
    expect(needs).toContainEqual(expect.objectContaining({ state: 'unknown', text: "How old the newest proven backup of shop is, nobody knows: it is dated ahead of this computer's clock", action: { label: 'Open backups', kind: 'open-backups', id: 'b1' } }));
  });
  test('that cannot be reached says so on the overview, with its error', async () => {
    await start();
    const { databaseId } = await addShop();
    expect((await client.call('database.test', { databaseId })).error?.code).toBe('postgres.refused');
    const { systems, needs } = await client.call('overview.get', {});
    expect(systems[0]).toMatchObject({ state: 'unknown', stateText: 'Not reached' });
    expect(needs).toContainEqual(expect.objectContaining({ state: 'unknown', action: expect.objectContaining({ kind: 'test-connection' }) }));
  });
  test('that is reached elsewhere has other backups of its own, and who shows them is told', async () => {
    await start();
    const { databaseId } = await addShop();
    const leaving = new AbortController();
    const told = (async () => {
      for await (const { topics } of client.follow('changes.follow', {}, { signal: leaving.signal })) if (topics.includes('backups')) return topics;
      return [];
    })();
    await client.call('database.update', { databaseId, connection: { ...connection, database: 'other' } });
    expect(await told).toContain('backups');
    leaving.abort();
  });
});

test('a failure stays on the overview until somebody has read it, however much went well since', async () => {
  const stop = await start();
  await stop();
  const store = openDatabase(root, root, Date.now());
  store.pragma('synchronous = OFF');
  const operations = createOperationRepository(store);
  for (let index = 0; index <= 210; index += 1) {
    operations.insert({ id: `op-${index}`, kind: 'backup.run', title: index === 0 ? 'The first backup' : 'Back up', system: null, target: 'shop', planId: 'plan', plan: { ...draft(), id: 'plan' } as never, details: {}, createdAt: index, requestedBy: 'test' });
    operations.update(`op-${index}`, { state: index === 0 ? 'failed' : 'succeeded', endedAt: index });
  }
  store.close();
  await start();
  const first = (await client.call('overview.get', {})).needs.map((need) => need.text);
  await client.call('operation.acknowledge', { operationId: 'op-0' });
  expect([first, (await client.call('overview.get', {})).needs]).toEqual([[expect.stringContaining('The first backup failed')], []]);
});

describe('another cluster', () => {
  const former = '7000000000000000001';
  const rebuilt = '7000000000000000002';

  test('is accepted by the typed name alone, and then it is the one that was named', async () => {
    await start();
    const { databaseId } = await addShop();
    await expect(client.call('database.update', { databaseId, acceptCluster: rebuilt, confirmName: 'Shop' })).rejects.toMatchObject({ code: 'operation.name-not-confirmed' });
    expect((await client.call('database.update', { databaseId, acceptCluster: rebuilt, confirmName: 'shop' })).database.systemIdentifier).toBe(rebuilt);
  });
  test('that was accepted is not blamed by a look that still expected the one before', async () => {
    const sockets: Socket[] = [];
    const listener = createServer((socket) => void sockets.push(socket.on('error', () => {})));
    await new Promise<void>((resolve) => void listener.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      listener.close();
    });
    const stop = await start();
    const { databaseId } = await addShop();
    await stop();
    const store = openDatabase(root, root, Date.now());
    const systems = createSystemRepository(store);
    systems.updateDatabase(databaseId, { connection: { ...connection, tls: { mode: 'disable', ca: null }, port: (listener.address() as AddressInfo).port, password: { source: 'none' }, ...fromHere } });
    systems.recordSighting(databaseId, { systemIdentifier: former, serverVersion: '17.1', serverVersionNum: 170_001, sizeBytes: 1 }, 1);
    store.close();
    await start();
    const look = client.call('database.test', { databaseId });
    await waitFor('the look that expects the one before', () => sockets.length === 1);
    await client.call('database.update', { databaseId, acceptCluster: rebuilt, confirmName: 'shop' });
    await waitFor('the look that follows', () => sockets.length === 2);
    sockets[0]?.destroy();
    expect((await look).ok).toBe(false);
    const [system] = (await client.call('system.list', {})).systems;
    expect(system?.databases[0]?.lastError).toBeNull();
  });
});

describe('a password', () => {
  test('is in no answer', async () => {
    await start();
    await addShop();
    expect(JSON.stringify([await client.call('system.list', {}), await client.call('overview.get', {})])).not.toContain('ann-secret');
  });
  test('is not sent to a server it was not typed for', async () => {
    await start();
    const { databaseId } = await addShop();
    await client.call('database.update', { databaseId, connection: { ...connection, host: '127.0.0.2' } });
    expect((await client.call('database.test', { databaseId })).error?.code).toMatch(/password-needed|refused/);
    expect((await client.call('vault.status', {})).records).toBe(0);
  });
  test('that is to go into a locked vault leaves no half-added database', async () => {
    await start();
    const { systemId } = await addShop();
    await client.call('vault.lock', {});
    await expect(client.call('database.add', { systemId, connection: { ...connection, database: 'other' }, password: 'x-secret' })).rejects.toMatchObject({ code: 'vault.locked' });
    expect((await client.call('system.get', { systemId })).system.databases).toHaveLength(1);
  });
});

describe('a database with something of ours left on its server', () => {
  beforeEach(async () => {
    const stop = await start();
    const { databaseId } = await addShop();
    await stop();
    const store = openDatabase(root, root, Date.now());
    createScratchRepository(store).insert({ id: 'scratch', databaseId, systemIdentifier: '1', name: 'pilothouse_proof_1', purpose: 'proof', operationId: 'gone', createdAt: 1 });
    store.close();
    await start();
  });

  test('is not forgotten, for nothing else could clean it up', async () => {
    const [system] = (await client.call('system.list', {})).systems;
    await expect(client.call('database.remove', { databaseId: system?.databases[0]?.id ?? '', confirmName: 'shop' })).rejects.toMatchObject({ code: 'operation.busy', message: expect.stringContaining('pilothouse_proof_1') });
    await expect(client.call('system.remove', { systemId: system?.id ?? '', confirmName: 'Shop' })).rejects.toMatchObject({ code: 'operation.busy' });
  });
  test('is not pointed at another server', async () => {
    const [system] = (await client.call('system.list', {})).systems;
    await expect(client.call('database.update', { databaseId: system?.databases[0]?.id ?? '', connection: { ...connection, host: 'elsewhere.example' } })).rejects.toMatchObject({ code: 'operation.busy' });
  });
});
