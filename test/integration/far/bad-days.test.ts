/**
 * What is done to a database behind two machines, while the line is cut, a machine is away, its server hangs up, a disk is
 * full or the engine is killed, at every step. Afterwards it is finished, or it says what failed; nothing half made is left
 * on either side, the live database is whole, and nothing is called proven that does not equal its source.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { isFinished } from '#shared/domain/operation-state.ts';
import { createFarShop, lockTable, openFarEngine, startFarPlace, type FarEngine, type FarPlace } from '#test/far-shop.ts';
import { mountSmallDisk, whyNoSmallDisk } from '#test/full-disk.ts';
import { processesMatching } from '#test/processes.ts';
import { endOf } from '#test/run-to-end.ts';
import { sampleOf } from '#test/sample.ts';
import { cutConnections, whyNoSshServer, type SshServer } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';
import { addShop, beginOrder, points, prepareOrder, runOrder, type FarOrder, type Tools } from './orders.ts';

const missing = whyNoSshServer();
let place: FarPlace;
beforeAll(async () => void (missing === null && (place = await startFarPlace())));
afterAll(() => place?.stop());
beforeEach((context) => {
  if (missing !== null) context.skip(missing);
});

let made = 0;
/** A shop of its own for each test, so that none sees what another left. */
async function newShop(): Promise<string> {
  const name = `far_${(made += 1)}`;
  await createFarShop(place, name, { orders: 500 });
  return name;
}

interface Scene {
  far: FarEngine;
  root: string;
  database: string;
  databaseId: string;
  /** What happens at which point; once. */
  at: { point: string; fault: () => void | Promise<void> } | null;
}

async function setScene(tools: Tools): Promise<Scene> {
  const root = await temporaryFolder('far-bad-days');
  const database = await newShop();
  const scene: Scene = { far: null as unknown as FarEngine, root, database, databaseId: '', at: null };
  await openScene(scene);
  scene.databaseId = await addShop(scene.far, place, database, tools);
  onTestFinished(() => scene.far.engine.close());
  return scene;
}

async function openScene(scene: Scene): Promise<void> {
  scene.far = await openFarEngine(place, scene.root, {
    async checkpoint(name) {
      const { at } = scene;
      if (at?.point !== name) return;
      scene.at = null;
      await at.fault();
    },
  });
}

const programsOf = (database: string) => processesMatching(database).filter(({ commandLine }) => /\bpg_(dump|dumpall|restore)\b/.test(commandLine));
const databasesOf = async (database: string) => (await place.postgres.query<{ datname: string }>("SELECT datname FROM pg_database WHERE starts_with(datname, $1) OR datname LIKE 'pilothouse%' ORDER BY 1", [database])).map(({ datname }) => datname);
const ordersIn = async (database: string) => (await place.postgres.query<{ orders: number }>('SELECT count(*)::int AS orders FROM orders', [], { database }))[0]?.orders;
const unfinished = (root: string): string[] => (existsSync(join(root, 'backups')) ? readdirSync(join(root, 'backups'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.partial')) : []);
/** Jobs of others run on this machine at the same time: theirs bear another operation. */
const privateFolders = (operationId: string): string[] => [...readdirSync('/dev/shm'), ...readdirSync(join(place.host.folder, 'home'))].filter((name) => name.startsWith('.pilothouse-') && (!name.startsWith('.pilothouse-job-') || name.endsWith(operationId)));

/**
 * What has to hold however it ended, once the machines can be reached again.
 * @param live how many orders the live database has, by what the order is about
 */
async function expectWhole(scene: Scene, order: FarOrder, operationId: string): Promise<void> {
  const { far, root, database, databaseId } = scene;
  const { client } = far;
  const { operation } = await client.call('operation.get', { operationId });
  expect(isFinished(operation.state), operation.state).toBe(true);
  if (operation.state !== 'succeeded' && operation.state !== 'succeeded-with-warnings') expect([operation.error?.message ?? operation.advice ?? '', operation.error?.hint ?? operation.advice ?? ''].every((text) => text.length > 10), JSON.stringify(operation)).toBe(true);
  // Being reached again is what lets it settle what it could not while the machines were away.
  await waitFor('everything half made to be gone', async () => {
    await client.call('database.test', { databaseId });
    const left = [...unfinished(root), ...privateFolders(operationId), ...programsOf(database).map(({ commandLine }) => commandLine), ...(await databasesOf(database)).filter((name) => name.startsWith('pilothouse'))];
    if (left.length > 0) throw new Error(left.join('; '));
    return true;
  }, { within: 30_000, every: 250 });
  const { backups } = await client.call('backup.list', {});
  // Green only what equals its source: the shop has not changed since.
  for (const backup of backups) if (backup.proof === 'L3') expect([backup.rows, backup.damaged]).toEqual([expect.any(Number), null]);
  if (operation.state === 'succeeded' && order.what === 'backup') expect(backups.map(({ proof }) => proof)).toEqual(['L3']);
  // Whatever was exchanged or not, there is a live database under its name with all that it had, and it lets people in.
  await waitFor('the live database to be whole', async () => (await ordersIn(database)) === 500, { within: 20_000 });
  const { restores } = await client.call('restore.list', {});
  const names = new Set(await databasesOf(database));
  for (const restore of restores) if (restore.state === 'beside') expect(names.has(restore.into), `${restore.into} is said to be beside`).toBe(true);
  if (order.what === 'restore' && operation.state !== 'succeeded' && operation.state !== 'succeeded-with-warnings' && restores[0]?.state !== 'beside') expect([...names]).toEqual([database]);
}

const cut = (server: () => SshServer) => () => cutConnections(server());
/** Its sshd takes nobody in for a while; those who are in are cut. */
const away = (server: () => SshServer) => () => {
  process.kill(server().pid, 'SIGSTOP');
  cutConnections(server());
  setTimeout(() => process.kill(server().pid, 'SIGCONT'), 1500);
};
const hangUp = (database: () => string) => async () => {
  await place.postgres.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name LIKE $1 AND (starts_with(datname, $2) OR datname LIKE $3)', ['pilothouse%', database(), 'pilothouse%']);
};

interface Fault {
  name: string;
  fault: (scene: Scene) => () => void | Promise<void>;
}
const faults: Fault[] = [
  { name: 'the connection to the host is cut', fault: () => cut(() => place.host) },
  { name: 'the connection to the bastion is cut', fault: () => cut(() => place.bastion) },
  { name: 'the host is away for a while', fault: () => away(() => place.host) },
  { name: 'the bastion is away for a while', fault: () => away(() => place.bastion) },
  { name: 'the server hangs up', fault: ({ database }) => hangUp(() => database) },
];

const kinds = ['backup', 'restore', 'swap', 'undo'] as const;
/** Only a backup, with its proof, is made by the programs of the host. */
const toolsOf = (what: FarOrder['what']): readonly Tools[] => (what === 'backup' ? ['here', 'host'] : ['here']);
/** Exchanging names is a matter of the server alone: there one of each kind is enough. */
const faultsOf = (what: FarOrder['what']): readonly Fault[] => (what === 'swap' || what === 'undo' ? faults.filter((_fault, index) => index % 2 === 0) : faults);
const all = kinds.flatMap((what) => toolsOf(what).flatMap((tools) => points[what].flatMap((point) => faultsOf(what).map((fault) => ({ what, tools, point, ...fault })))));
/** So that a few in a row are of every kind; the stride has no divisor in common with the number of them. */
const spread = <T>(items: readonly T[], stride: number): T[] => items.map((_item, index) => items[(index * stride) % items.length] as T);

describe('at each point of each operation', () => {
  test.each(sampleOf(spread(all, 67), 4))('$what with the programs of $tools: $name at $point', async ({ what, tools, point, fault }) => {
    const scene = await setScene(tools);
    const order = await prepareOrder(scene.far, what, scene.databaseId);
    scene.at = { point, fault: fault(scene) };
    const operationId = await beginOrder(scene.far, order);
    await endOf(scene.far.client, operationId);
    await expectWhole(scene, order, operationId);
  });
});

describe('while pg_dump works', () => {
  test.each(sampleOf(spread((['here', 'host'] as const).flatMap((tools) => faults.map((each) => ({ tools, ...each }))), 3), 1))('with the programs of $tools: $name', async ({ tools, fault }) => {
    const scene = await setScene(tools);
    const lock = { release: async (): Promise<void> => {} };
    scene.at = { point: 'backup:snapshot', fault: async () => void Object.assign(lock, await lockTable(place, scene.database, 'orders')) };
    const order: FarOrder = { what: 'backup', databaseId: scene.databaseId };
    const operationId = await beginOrder(scene.far, order);
    await waitFor('the dump to wait for the lock', async () => (await place.postgres.query("SELECT FROM pg_stat_activity WHERE application_name = 'pilothouse dump' AND datname = $1 AND wait_event_type = 'Lock'", [scene.database])).length > 0);
    await fault(scene)();
    const operation = await endOf(scene.far.client, operationId);
    await lock.release();
    expect([operation.state, (await scene.far.client.call('backup.list', {})).backups]).toEqual(['failed', []]);
    await expectWhole(scene, order, operationId);
  });
});

describe('the engine is killed', () => {
  const killed = kinds.flatMap((what) => toolsOf(what).flatMap((tools) => points[what].map((point) => ({ what, tools, point }))));
  test.each(sampleOf(spread(killed, 11), 1))('at $point of a $what with the programs of $tools, and started again', async ({ what, tools, point }) => {
    const scene = await setScene(tools);
    const order = await prepareOrder(scene.far, what, scene.databaseId);
    await scene.far.engine.close();
    const { postgres, bastion, host, sockets, keyFiles } = place;
    const facts = { sockets, keyFiles, postgres: { port: postgres.port, password: postgres.password }, bastion: { port: bastion.port, user: bastion.user, knownKeys: bastion.knownKeys }, host: { port: host.port, user: host.user, knownKeys: host.knownKeys } };
    const child = spawn(process.execPath, [join(import.meta.dirname, 'killed-order.ts'), JSON.stringify({ place: facts, root: scene.root, order, at: point })], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const signal = await new Promise((resolve) => child.once('close', (_code, by) => resolve(by)));
    await openScene(scene);
    if (signal !== 'SIGKILL') throw new Error(`The engine was not killed at ${point}: ${said}`);
    await scene.far.engine.recovered;
    const { operations } = await scene.far.client.call('operation.list', { limit: 1 });
    await expectWhole(scene, order, operations[0]?.id ?? '');
  });
});

describe('with the programs of the host', () => {
  test('a disk that is full here stops the dump there', async (context) => {
    const reason = whyNoSmallDisk();
    if (reason !== null) context.skip(reason);
    const disk = await mountSmallDisk(24 * 1024 * 1024);
    onTestFinished(() => disk.remove());
    const scene = await setScene('host');
    await scene.far.engine.close();
    rmSync(join(scene.root, 'backups'), { recursive: true, force: true });
    symlinkSync(disk.folder, join(scene.root, 'backups'));
    await openScene(scene);
    await place.postgres.query("INSERT INTO orders (customer_id, total, note) SELECT 1, g, gen_random_uuid()::text FROM generate_series(1, 20000) g", [], { database: scene.database });
    // Somebody else fills the disk when there is no looking at it any more.
    scene.at = { point: 'backup:snapshot', fault: () => writeFileSync(join(disk.folder, 'filler'), Buffer.alloc(statfsSync(disk.folder).bavail * statfsSync(disk.folder).bsize - 200_000)) };
    const operation = await runOrder(scene.far, { what: 'backup', databaseId: scene.databaseId });
    expect([operation.state, operation.error?.code, unfinished(scene.root), programsOf(scene.database)]).toEqual(['failed', 'backup.space', [], []]);
  });
  test('a pg_dump that is killed there is a failure', async () => {
    const scene = await setScene('host');
    scene.at = { point: 'backup:snapshot', fault: async () => {
      const lock = await lockTable(place, scene.database, 'orders');
      onTestFinished(() => lock.release());
    } };
    const order: FarOrder = { what: 'backup', databaseId: scene.databaseId };
    const operationId = await beginOrder(scene.far, order);
    await waitFor('the dump to begin', () => programsOf(scene.database).some(({ commandLine }) => commandLine.startsWith('/') && commandLine.includes('pg_dump ')));
    for (const { pid, commandLine } of programsOf(scene.database)) if (/^\S*pg_dump /.test(commandLine)) process.kill(pid, 'SIGKILL');
    const operation = await endOf(scene.far.client, operationId);
    expect([operation.state, operation.error?.code, unfinished(scene.root)]).toEqual(['failed', 'backup.dump-failed', []]);
  });
});
