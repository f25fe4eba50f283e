import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Secret } from '#shared/domain/secret.ts';
import { createEngine, type Engine } from '#engine/create-engine.ts';
import { createOperationRepository } from '#engine/store/operation-repository.ts';
import { openDatabase } from '#engine/store/database.ts';
import { openHome } from '#engine/home.ts';
import { silentLogger, silentNotifier, systemRandom, type Ports } from '#engine/ports.ts';
import { createVault } from '#engine/vault/index.ts';
import { createMovableClock, draft } from '#test/core.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const clock = createMovableClock();
const ports: Ports = { clock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' };
const failed = 'Cleaning up after it failed: the server was away.';
let root: string;

/** The local file, beside an engine or without one. */
function inStore<T>(work: (store: ReturnType<typeof openDatabase>) => T): T {
  const home = openHome(root);
  const store = openDatabase(home.root, home.copies, clock.now());
  try {
    return work(store);
  } finally {
    store.close();
  }
}

async function start(): Promise<Engine> {
  const engine = await createEngine({ root, ports });
  onTestFinished(() => engine.close());
  await engine.recovered;
  return engine;
}

beforeEach(async () => {
  root = await temporaryFolder('upkeep');
});

describe('what a server that was away left unsettled', () => {
  const advice = () => inStore((store) => createOperationRepository(store).get('swap').advice);
  const leave = () =>
    inStore((store) => {
      const operations = createOperationRepository(store);
      operations.insert({ id: 'swap', kind: 'restore.swap', title: 'Swap shop', system: null, target: 'shop', planId: 'plan', plan: { ...draft(), id: 'plan' } as never, details: { restoreId: 'gone' }, createdAt: clock.now(), requestedBy: 'test' });
      operations.update('swap', { state: 'interrupted', endedAt: clock.now(), advice: failed });
    });

  test('is looked at again by the next start', async () => {
    leave();
    await start();
    expect(advice()).toContain('no restore gone');
  });
  test('is looked at again when the vault is opened', async () => {
    // A vault at the engine's own cost takes half a second each time.
    await createVault({ folder: root, ports, scrubber: { register: () => {} }, cost: { N: 2 ** 14, r: 8, p: 1 } }).create(new Secret('green and long'));
    const engine = await start();
    leave();
    await engine.client('test').call('vault.unlock', { passphrase: 'green and long' });
    await waitFor('another advice', () => advice() !== failed);
  });
});

describe('the size budget', () => {
  const eventsLeft = () => inStore((store) => store.prepare('SELECT count(*) FROM events').pluck().get());
  const addOld = (id: string) =>
    inStore((store) => {
      const operations = createOperationRepository(store);
      const at = clock.now() - 500 * 86_400_000;
      operations.insert({ id, kind: 'health.check', title: 'Look', system: null, target: 'shop', planId: 'plan', plan: { ...draft(), id: 'plan' } as never, details: {}, createdAt: at, requestedBy: 'test' });
      operations.appendEvents([{ operationId: id, seq: 1, at: new Date(at).toISOString(), kind: 'log', phase: null, level: 'info', text: 'old' }]);
      operations.update(id, { state: 'succeeded', endedAt: at });
    });

  test('is kept by an engine that lives for a moment only', async () => {
    addOld('old');
    await (await start()).close();
    expect(eventsLeft()).toBe(0);
  });
  test('is looked at once in six hours, however many engines start', async () => {
    await (await start()).close();
    addOld('old');
    await (await start()).close();
    const before = eventsLeft();
    clock.move(7 * 3_600_000);
    await (await start()).close();
    expect([before, eventsLeft()]).toEqual([1, 0]);
  });

  describe('asked for by a person', () => {
    async function planned() {
      await (await start()).close();
      addOld('old');
      const engine = await start();
      const client = engine.client('test');
      return { client, plan: (await client.call('store.planCompact', {})).plan };
    }

    test('says first what would go, and removes nothing by that', async () => {
      const { plan } = await planned();
      expect([plan.consequences[0]?.startsWith('1 event of 1 operation goes: all from before '), plan.irreversible, plan.confirmName, eventsLeft()]).toEqual([true, true, 'history', 1]);
    });
    test('is refused without the name', async () => {
      const { client, plan } = await planned();
      await expect(client.call('operation.run', { planId: plan.id, token: plan.token })).rejects.toMatchObject({ code: 'operation.name-not-confirmed' });
    });
    test('removes what the plan said', async () => {
      const { client, plan } = await planned();
      const { operationId } = await client.call('operation.run', { planId: plan.id, token: plan.token, confirmName: 'history' });
      await waitFor('its end', async () => (await client.call('operation.get', { operationId })).operation.state === 'succeeded');
      expect((await client.call('operation.get', { operationId })).operation.result).toMatchObject({ removedEvents: 1 });
    });
    test('does not go by other settings than those that were shown', async () => {
      const { client, plan } = await planned();
      await client.call('settings.set', { settings: { historyKeepDays: 7 } });
      const { operationId } = await client.call('operation.run', { planId: plan.id, token: plan.token, confirmName: 'history' });
      await waitFor('its end', async () => (await client.call('operation.get', { operationId })).operation.state === 'failed');
      expect((await client.call('operation.get', { operationId })).operation.error?.code).toBe('operation.plan-changed');
    });
  });
});
