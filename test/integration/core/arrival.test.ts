import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createEngine, type Engine } from '#engine/create-engine.ts';
import { openHome } from '#engine/home.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { importStore } from '#engine/store/import.ts';
import { createScratchRepository } from '#engine/store/scratch-repository.ts';
import { copyStore } from '#engine/store/upkeep.ts';
import { createCore, draft } from '#test/core.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const ports: Ports = { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' };
let here: string;
/** A copy of a file with a check under way, and a database of it that must not stay. */
let copy: string;

async function start(root: string): Promise<Engine> {
  const engine = await createEngine({ root, ports });
  onTestFinished(() => engine.close());
  await engine.recovered;
  return engine;
}

beforeEach(async () => {
  here = await temporaryFolder('here');
  await (await start(here)).close();
  const core = createCore(here);
  const plan = core.desk.issue('health.check', draft());
  core.operations.insert({ id: 'check', kind: 'health.check', title: 'Look', system: null, target: 'shop', planId: plan.id, plan, details: {}, createdAt: core.clock.now(), requestedBy: 'test' });
  createScratchRepository(core.store).insert({ id: 'scratch', databaseId: 'db', systemIdentifier: '1', name: 'shop__proof', purpose: 'proof', operationId: 'check', createdAt: core.clock.now() });
  const { path } = await copyStore(core.store, core.home, core.clock.now());
  copy = join(here, 'moved.db');
  copyFileSync(path, copy);
  core.store.close();
});

async function startWith(root: string): Promise<{ operation: unknown; scratches: number }> {
  await importStore({ home: openHome(root), source: copy, now: systemClock.now() });
  const engine = await start(root);
  const { operation } = await engine.client('test').call('operation.get', { operationId: 'check' });
  await engine.close();
  const core = createCore(root);
  onTestFinished(() => void core.store.close());
  return { operation, scratches: createScratchRepository(core.store).list().length };
}

describe('work that was under way when a file was taken', () => {
  test('is the other computer\'s to clean up after', async () => {
    expect(await startWith(await temporaryFolder('there'))).toEqual({ operation: expect.objectContaining({ state: 'interrupted', advice: expect.stringContaining('Start Pilothouse there') }), scratches: 0 });
  });
  test('is cleaned up after where the file comes back to where it was', async () => {
    expect(await startWith(here)).toEqual({ operation: expect.objectContaining({ state: 'interrupted', advice: expect.stringContaining('only reads') }), scratches: 1 });
  });
});

test('a file that does not fit is refused before anything is written', async () => {
  const home = openHome(await temporaryFolder('small'));
  await expect(importStore({ home, source: copy, now: 0, freeBytes: () => 1000 })).rejects.toMatchObject({ code: 'store.disk-full', message: expect.stringContaining('Nothing was changed') });
});

test('nothing is exported while something is under way', async () => {
  const root = await temporaryFolder('busy');
  const engine = await start(root);
  const core = createCore(root);
  const plan = core.desk.issue('health.check', draft());
  core.operations.insert({ id: 'check', kind: 'health.check', title: 'Look', system: null, target: 'shop', planId: plan.id, plan, details: {}, createdAt: core.clock.now(), requestedBy: 'test' });
  core.store.close();
  await expect(engine.client('test').call('store.export', {})).rejects.toMatchObject({ code: 'operation.busy', retryable: true });
});
