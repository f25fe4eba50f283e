/** Backups that a host makes by itself, and that are fetched from it: proved, and gone from there. */
import { existsSync } from 'node:fs';
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

describe('a backup that the host makes', () => {
  test.each([['by its port, with a password', {}], ['by its socket', 'socket']] as const)('of a database reached %s is fetched, restored and counted, and leaves nothing there', async (_way, changes) => {
    const databaseId = await addFarDatabase(far, place, 'shop', { ...(changes === 'socket' ? bySocket(place) : {}), tools: ofHost });
    const { plan } = await far.client.call('backup.plan', { databaseId, options: { format: 'directory', jobs: 2 } });
    const operation = await runToEnd(far.client, plan);
    expect([operation.state, operation.error, operation.result?.['proof']]).toEqual(['succeeded', null, 'L3']);
    const { contents, backup } = await far.client.call('backup.get', { backupId: operation.id });
    expect([contents?.countedIn, backup.rows, existsSync(join(backup.path, 'dump', 'toc.dat')), existsSync(join(place.host.folder, 'home', '.pilothouse'))]).toEqual(['database', 4701, true, false]);
  });
});
