/** Backups by the programs of the host: streamed here, proved, restored, and stopped at any moment. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { DatabaseConnection } from '#shared/contract/systems.ts';
import { addFarDatabase, bySocket, createFarShop, openFarEngine, startFarPlace, type FarEngine, type FarPlace } from '#test/far-shop.ts';
import { runToEnd } from '#test/run-to-end.ts';
import { whyNoSshServer } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const missing = whyNoSshServer();
let place: FarPlace;
let far: FarEngine;
beforeAll(async () => {
  if (missing !== null) return;
  place = await startFarPlace();
  await createFarShop(place, 'shop');
});
afterAll(() => place?.stop());
beforeEach(async (context) => {
  if (missing !== null) context.skip(missing);
  far = await openFarEngine(place, await temporaryFolder('far-engine'));
  onTestFinished(() => far.engine.close());
});

const ofHost: DatabaseConnection['tools'] = { where: 'host', access: { kind: 'plain' }, connect: null };
const backUp = async (databaseId: string, options: Record<string, unknown> = {}) => {
  const { plan } = await far.client.call('backup.plan', { databaseId, options: { format: 'custom', jobs: 1, ...options } });
  return { plan, operation: await runToEnd(far.client, plan) };
};

describe('by the programs of the host', () => {
  test.each([['by its port, with a password', {}], ['by its socket', 'socket']] as const)('a database reached %s is streamed here, restored and counted', async (_way, changes) => {
    const databaseId = await addFarDatabase(far, place, 'shop', { ...(changes === 'socket' ? bySocket(place) : {}), tools: ofHost });
    const { plan, operation } = await backUp(databaseId);
    expect([operation.state, operation.error, operation.result?.['proof'], plan.steps.find(({ id }) => id === 'dump')?.detail?.startsWith('db-1: ')]).toEqual(['succeeded', null, 'L3', true]);
    const { backups } = await far.client.call('backup.list', {});
    expect(readFileSync(join(backups[0]?.path ?? '', 'globals.sql'), 'utf8')).toContain('CREATE ROLE');
  });
});
