import { fromHere } from '#shared/contract/systems.ts';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Environment } from '#shared/domain/environment.ts';
import { PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import type { HealthState } from '#shared/domain/health-state.ts';
import { createEngine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { openDatabase } from '#engine/store/database.ts';
import { createHealthRepository } from '#engine/store/health-repository.ts';
import { createHostRepository } from '#engine/store/host-repository.ts';
import { createOperationRepository } from '#engine/store/operation-repository.ts';
import { createSystemRepository } from '#engine/store/system-repository.ts';
import { draft } from '#test/core.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const ports: Ports = { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' };
let root: string;

beforeEach(async () => {
  root = await temporaryFolder('overview');
});

/** A system of one database that has no backup, with what its health found. */
function insertSystem(name: string, environment: Environment, found: readonly (readonly [check: string, status: HealthState])[]): void {
  const store = openDatabase(root, root, Date.now());
  const systems = createSystemRepository(store);
  systems.insert({ id: name, name, environment, policy: { thresholds: {}, backupAgeHours: { warn: 26, critical: 50 } }, at: Date.now() });
  systems.insertDatabase({ id: `db-${name}`, systemId: name, label: `${name}_db`, connection: { host: '127.0.0.1', port: 1, database: name, user: 'ann', tls: { mode: 'disable', ca: null }, password: { source: 'none' }, ...fromHere }, at: Date.now() });
  createOperationRepository(store).insert({ id: `look-${name}`, kind: 'health.check', title: 'Look', system: { id: name, name, environment }, target: name, planId: 'plan', plan: { ...draft(), id: 'plan' } as never, details: {}, createdAt: Date.now(), requestedBy: 'test' });
  createOperationRepository(store).update(`look-${name}`, { state: 'succeeded', endedAt: Date.now() });
  createHealthRepository(store).insert({
    id: `run-${name}`, systemId: name, operationId: `look-${name}`, startedAt: Date.now(), durationMs: 1, complete: true, samples: [],
    results: found.map(([check, status]) => ({ check, title: check, group: 'activity', target: name, targetKey: `${name}/${check}`, databaseId: `db-${name}`, hostId: null, status, value: null, unit: 'none', warn: null, critical: null, lowerIsWorse: false, summary: `${check} of ${name}`, meaning: '', causes: [], evidence: { columns: [], rows: [], truncated: 0 }, fix: null, opener: null, durationMs: 1 })),
  });
  store.close();
}

async function overview() {
  const engine = await createEngine({ root, ports });
  onTestFinished(async () => engine.close());
  return engine.client('test').call('overview.get', {});
}

test('no backup at all is said once, although health found it too', async () => {
  insertSystem('shop', 'production', [['last-backup', 'critical']]);
  const { needs } = await overview();
  expect(needs.map(({ text, more }) => [text, more])).toEqual([['shop_db has no backup', 0]]);
});

test('one finding of health speaks for the others of its state, and says for how many', async () => {
  insertSystem('shop', 'production', [['dead-tuples', 'warn'], ['sequences', 'warn'], ['last-backup', 'critical']]);
  const { needs } = await overview();
  expect(needs.map(({ state, text, more }) => [state, text, more])).toEqual([['critical', 'shop_db has no backup', 0], ['warn', 'dead-tuples of shop', 1]]);
});

test('no backup at all comes before what else is critical', async () => {
  insertSystem('shop', 'production', [['dead-tuples', 'critical'], ['sequences', 'critical']]);
  const { needs } = await overview();
  expect(needs.map(({ text, more }) => [text, more])).toEqual([['shop_db has no backup', 0], ['dead-tuples of shop', 1]]);
});

test('of two that are as bad, production comes first and practice last', async () => {
  for (const environment of ['practice', 'development', 'staging', 'production'] as const) insertSystem(environment, environment, [['dead-tuples', 'critical']]);
  const { needs, systems } = await overview();
  const order = ['production', 'staging', 'development', 'practice'];
  expect([systems.map(({ system }) => system.environment), needs.map((need) => need.environment)]).toEqual([order, order.flatMap((each) => [each, each])]);
});

test('a machine that shows another key than is known is critical, and not only unknown', async () => {
  insertSystem('shop', 'production', []);
  const store = openDatabase(root, root, Date.now());
  const hosts = createHostRepository(store);
  hosts.insert({ id: 'gate', systemId: 'shop', label: 'gate', connection: { host: 'gate', port: 22, user: 'ops', signIn: { keys: [], agent: true, password: { source: 'none' } }, viaId: null }, at: Date.now() });
  hosts.recordFailure('gate', toErrorShape(new PilothouseError('ssh.host-key-changed', 'ops@gate: it shows another key.', { hint: 'Compare it.', details: { hop: 'ops@gate' } }), ''));
  store.close();
  const { needs } = await overview();
  expect(needs.filter(({ action }) => action.kind === 'open-settings')).toMatchObject([{ state: 'critical', text: 'gate is not reached: it shows another key.' }]);
});

test('a machine that is away is said once, for what is reached through it as well', async () => {
  insertSystem('shop', 'production', []);
  const store = openDatabase(root, root, Date.now());
  const hosts = createHostRepository(store);
  const systems = createSystemRepository(store);
  const signIn = { keys: [], agent: true, password: { source: 'none' as const } };
  const away = toErrorShape(new PilothouseError('ssh.unreachable', 'ops@gate: it cannot be reached.', { hint: 'Try again.', details: { hop: 'ops@gate' } }), '');
  hosts.insert({ id: 'gate', systemId: 'shop', label: 'gate', connection: { host: 'gate', port: 22, user: 'ops', signIn, viaId: null }, at: Date.now() });
  hosts.insert({ id: 'db-1', systemId: 'shop', label: 'db-1', connection: { host: 'db-1', port: 22, user: 'ops', signIn, viaId: 'gate' }, at: Date.now() });
  hosts.recordFailure('gate', away);
  const { connection } = systems.getDatabase('db-shop');
  systems.updateDatabase('db-shop', { connection: { ...connection, viaId: 'db-1' } });
  systems.recordFailure('db-shop', away);
  store.close();
  const { needs } = await overview();
  expect(needs.filter(({ action }) => action.kind !== 'back-up')).toMatchObject([{ state: 'unknown', text: expect.stringMatching(/^\S+ is not reached: it cannot be reached/) as string, more: 2, action: { kind: 'open-settings' } }]);
});

test('a machine of another system that is away is said in each system that has something behind it', async () => {
  for (const name of ['shop', 'site']) insertSystem(name, 'production', []);
  const store = openDatabase(root, root, Date.now());
  const hosts = createHostRepository(store);
  const signIn = { keys: [], agent: true, password: { source: 'none' as const } };
  hosts.insert({ id: 'gate', systemId: 'shop', label: 'gate', connection: { host: 'gate', port: 22, user: 'ops', signIn, viaId: null }, at: Date.now() });
  for (const id of ['web-1', 'web-2']) hosts.insert({ id, systemId: 'site', label: id, connection: { host: id, port: 22, user: 'ops', signIn, viaId: 'gate' }, at: Date.now() });
  hosts.recordFailure('gate', toErrorShape(new PilothouseError('ssh.unreachable', 'ops@gate: it cannot be reached.', { hint: 'Try again.', details: { hop: 'ops@gate' } }), ''));
  store.close();
  const { needs } = await overview();
  expect(needs.filter(({ action }) => action.kind === 'open-settings').map(({ systemName, text, more, action }) => `${systemName}: ${text} ${more} more, ${action.id}`).toSorted()).toEqual([
    'shop: gate is not reached: it cannot be reached. 0 more, gate', 'site: gate is not reached: it cannot be reached. 2 more, gate',
  ]);
});

describe('machines that are refused alike', () => {
  const names = Array.from({ length: 14 }, (_, index) => `web-${index + 1}`);
  const at = Date.parse('2026-11-26T10:00:00.000Z');
  /** @param seen those that were reached before, a second after one another */
  const refuse = (whyOf: (name: string) => string, seen: readonly string[] = []) => {
    insertSystem('shop', 'production', []);
    const store = openDatabase(root, root, Date.now());
    const hosts = createHostRepository(store);
    const signIn = { keys: [], agent: true, password: { source: 'none' as const } };
    hosts.insert({ id: 'gate', systemId: 'shop', label: 'gate', connection: { host: 'gate', port: 22, user: 'ops', signIn, viaId: null }, at: Date.now() });
    for (const [index, id] of names.entries()) {
      const hop = `ops@${id}, reached through gate`;
      hosts.insert({ id, systemId: 'shop', label: id, connection: { host: id, port: 22, user: 'ops', signIn, viaId: 'gate' }, at: Date.now() });
      if (seen.includes(id)) hosts.recordSighting(id, null, at + index * 1000);
      hosts.recordFailure(id, toErrorShape(new PilothouseError('ssh.authentication', `${hop}: ${whyOf(id)}`, { hint: 'Check the user name.', details: { hop } }), ''));
    }
    store.close();
    return overview();
  };
  const ofHosts = ({ needs }: Awaited<ReturnType<typeof overview>>) => needs.filter(({ action }) => action.kind === 'open-settings');

  test('are one need, which says how many and which', async () => {
    expect(ofHosts(await refuse(() => 'it takes none of these keys.'))).toMatchObject([{ state: 'unknown', text: `14 hosts are not reached (web-1, web-2, web-3 and 11 more), each by the same: it takes none of these keys. All of them: ${names.join(', ')}.`, more: 0, action: { label: 'Open hosts', id: null } }]);
  });
  test('are told apart from one that is refused otherwise', async () => {
    const needs = ofHosts(await refuse((name) => (name === 'web-7' ? 'it takes no key at all.' : 'it takes none of these keys.')));
    expect(needs.map(({ text, action }) => [text.split(' ', 2).join(' '), action.id])).toEqual([['13 hosts', null], ['web-7 is', 'web-7']]);
  });
  test.each([
    ['were last seen when the last of them was', names, '2026-11-26T10:00:13.000Z'],
    ['were last seen nobody knows when, where one never was', names.slice(1), null],
  ])('%s', async (_what, seen, since) => {
    expect(ofHosts(await refuse(() => 'it takes none of these keys.', seen)).map((need) => need.since)).toEqual([since]);
  });
});

describe('of a system whose health was well, a machine that is away', () => {
  const signIn = { keys: [], agent: true, password: { source: 'none' as const } };
  const gateFails = (code: 'ssh.unreachable' | 'ssh.host-key-changed', found: Parameters<typeof insertSystem>[2]) => {
    insertSystem('shop', 'production', found);
    const store = openDatabase(root, root, Date.now());
    const hosts = createHostRepository(store);
    hosts.insert({ id: 'gate', systemId: 'shop', label: 'gate', connection: { host: '10.0.0.1', port: 22, user: 'ops', signIn, viaId: null }, at: Date.now() });
    hosts.recordFailure('gate', toErrorShape(new PilothouseError(code, 'gate (ops@10.0.0.1): it is not there.', { hint: 'Try again.', details: { hop: 'gate (ops@10.0.0.1)' } }), ''));
    store.close();
    return overview();
  };
  test('makes the system unknown, and no headline says that it is well', async () => {
    const { headline, systems } = await gateFails('ssh.unreachable', [['dead-tuples', 'ok']]);
    expect([headline, systems.map(({ state, stateText, worst }) => [state, stateText, worst])]).toEqual(['One system is unknown', [['unknown', 'Not reached', 'gate: it is not there.']]]);
  });
  test('makes it critical where it shows another key', async () => {
    const { systems } = await gateFails('ssh.host-key-changed', [['dead-tuples', 'ok']]);
    expect(systems.map(({ state }) => state)).toEqual(['critical']);
  });
  test('hides nothing that was found ill elsewhere, and what is only not known by that is no finding of its own', async () => {
    const { needs } = await gateFails('ssh.unreachable', [['host-connection', 'critical'], ['disk', 'critical'], ['memory', 'unknown'], ['swap', 'unknown']]);
    expect(needs.filter(({ action }) => action.kind !== 'back-up').map(({ state, text, more }) => [state, text, more])).toEqual([['critical', 'disk of shop', 0], ['unknown', 'gate is not reached: it is not there.', 0]]);
  });
});
