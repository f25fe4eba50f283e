/** Hosts behind one bastion, each over a connection of its own, and all of them over one to the bastion. */
import { execFileSync } from 'node:child_process';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { fingerprintOf } from '#engine/ssh/host-key.ts';
import { addFarDatabase, openFarEngine, reachedBy, startFarPlace, type FarEngine, type FarPlace } from '#test/far-shop.ts';
import { authorize, cutConnections, startSshServer, whyNoSshServer } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const missing = whyNoSshServer();
let place: FarPlace;
let far: FarEngine;
beforeEach(async (context) => {
  if (missing !== null) context.skip(missing);
  place = await startFarPlace();
  onTestFinished(() => place.stop());
  far = await openFarEngine(place, await temporaryFolder('far-engine'));
  onTestFinished(() => far.engine.close());
});

const signIns = () => place.bastion.log().split('Accepted publickey').length - 1;

describe('hosts behind one bastion', () => {
  test('are all reached over one connection to it', async () => {
    const publicKey = execFileSync('ssh-keygen', ['-y', '-f', place.keyFiles.host], { encoding: 'utf8' }).trim();
    const databases: string[] = [await addFarDatabase(far, place, 'postgres')];
    for (let index = 2; index <= 6; index += 1) {
      const other = await startSshServer();
      onTestFinished(() => other.stop());
      const { host } = await far.client.call('host.add', { systemId: far.systemId, label: `db-${index}`, connection: reachedBy(other, place.keyFiles.host, far.bastionId) });
      for (const key of other.knownKeys) await far.client.call('host.trustKey', { machine: { hostId: host.id }, keyType: key.type, key: key.key, fingerprint: fingerprintOf(key) });
      authorize(other, { privateKey: '', publicKey });
      databases.push(await addFarDatabase({ ...far, hostId: host.id }, place, 'postgres'));
    }
    await waitFor('the looks of adding to be over', async () => (await far.client.call('system.list', {})).systems[0]?.databases.every(({ lastSeenAt }) => lastSeenAt !== null) ?? false);
    // Everybody is connected to anew from here on.
    await far.client.call('host.update', { hostId: far.bastionId, label: 'gate' });
    const before = signIns();
    const plans = await Promise.all(databases.map((databaseId) => far.client.call('backup.plan', { databaseId, options: { proof: 'L1' } })));
    expect([plans.length, signIns() - before]).toEqual([6, 1]);
  });
  test('are reached again when it was lost, and it is named as what was lost', async () => {
    const databaseId = await addFarDatabase(far, place, 'postgres');
    expect((await far.client.call('database.unlock', { databaseId, password: place.postgres.password })).error).toBeNull();
    cutConnections(place.bastion);
    expect((await far.client.call('database.unlock', { databaseId, password: place.postgres.password })).error).toBeNull();
    expect(signIns()).toBeGreaterThan(1);
  });
});
