/** A database behind two machines, reached by its port and by its socket: sessions, tests, and this computer's own programs. */
import { readdirSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fingerprintOf } from '#engine/ssh/host-key.ts';
import { addFarDatabase, bySocket, farConnection, reachedBy } from '#test/far-shop.ts';
import { setFarEngine, setFarPlace } from '#test/far-stage.ts';
import { freePort } from '#test/free-port.ts';
import { startProxy } from '#test/proxy.ts';
import { runToEnd } from '#test/run-to-end.ts';
import { cutConnections } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const place = setFarPlace();
const far = setFarEngine(place);

describe('a database behind a host', () => {
  test('is tested through it by its port, layer by layer', async () => {
    const databaseId = await addFarDatabase(far, place, 'shop');
    const tested = await far.client.call('database.test', { databaseId });
    expect([tested.ok, tested.layers.map(({ layer, state }) => `${layer} ${state}`), tested.layers[1]?.detail]).toEqual([true, ['name ok', 'network ok', 'tls ok', 'authentication ok', 'database ok', 'privilege ok'], `127.0.0.1:${place.postgres.port}, connected to by db-1`]);
  });
  test('is tested through it by its socket, without a password', async () => {
    const tested = await far.client.call('database.test', { connection: farConnection(place, far.hostId, 'shop', bySocket(place)) });
    expect([tested.ok, tested.layers[0]?.detail]).toEqual([true, 'a local socket of db-1']);
  });
  test('is named with the host in its errors', async () => {
    const tested = await far.client.call('database.test', { connection: farConnection(place, far.hostId, 'shop', { port: await freePort() }) });
    expect(tested.error).toMatchObject({ code: 'postgres.refused', message: expect.stringContaining('of db-1') as string });
  });
  test('is told apart from a host that is away', async () => {
    await far.client.call('host.update', { hostId: far.hostId, connection: { ...reachedBy(place.host, place.keyFiles.host, far.bastionId), port: await freePort() } });
    const tested = await far.client.call('database.test', { connection: farConnection(place, far.hostId, 'shop') });
    expect(tested.error).toMatchObject({ code: 'ssh.refused', message: expect.stringMatching(/^db-1 \(.*, reached through bastion\): bastion could not connect there/) as string });
  });
  test('is reached again after the connection to its host was cut', async () => {
    const databaseId = await addFarDatabase(far, place, 'shop');
    await far.client.call('database.test', { databaseId });
    cutConnections(place.bastion);
    expect((await far.client.call('database.test', { databaseId })).error).toBeNull();
  });
  test('needs a host that is there', async () => {
    await expect(far.client.call('database.add', { systemId: far.systemId, connection: farConnection(place, 'no-such-host', 'shop') })).rejects.toMatchObject({ code: 'store.not-found' });
  });
  test('keeps its host from being forgotten', async () => {
    await addFarDatabase(far, place, 'shop');
    await expect(far.client.call('host.remove', { hostId: far.hostId, confirmName: 'db-1' })).rejects.toMatchObject({ code: 'store.conflict', message: 'db-1 is the way to shop.' });
  });
  test('never gets the password that was typed for the same address behind another host', async () => {
    const databaseId = await addFarDatabase(far, place, 'shop');
    await far.client.call('database.update', { databaseId, connection: farConnection(place, far.bastionId, 'shop') });
    expect((await far.client.call('database.test', { databaseId })).error).toMatchObject({ code: 'postgres.password-needed' });
  });
});

describe('a password that was typed for a database behind hosts', () => {
  const sources = ['ask', 'vault'] as const;
  async function typed(source: 'ask' | 'vault'): Promise<{ databaseId: string; code(): Promise<string | null> }> {
    if (source === 'vault') await far.client.call('vault.create', { passphrase: 'correct horse battery staple' });
    const databaseId = await addFarDatabase(far, place, 'shop');
    const connection = farConnection(place, far.hostId, 'shop', { password: { source } });
    if (source === 'vault') await far.client.call('database.update', { databaseId, connection, password: place.postgres.password });
    const code = async () => (await far.client.call('database.test', { databaseId })).error?.code ?? null;
    expect(await code()).toBeNull();
    return { databaseId, code };
  }
  const here = { host: () => reachedBy(place.host, place.keyFiles.host, far.bastionId), bastion: () => reachedBy(place.bastion, place.keyFiles.bastion) };
  /** Another machine, as far as anybody here knows: its address is another. */
  async function lead(which: 'host' | 'bastion'): Promise<void> {
    const line = await startProxy(place[which].port);
    onTestFinished(() => line.close());
    const hostId = which === 'host' ? far.hostId : far.bastionId;
    await far.client.call('host.update', { hostId, connection: { ...here[which](), port: line.port } });
    for (const key of place[which].knownKeys) await far.client.call('host.trustKey', { machine: { hostId }, keyType: key.type, key: key.key, fingerprint: fingerprintOf(key) });
  }
  test.each(sources.flatMap((source) => (['host', 'bastion'] as const).map((which) => [source, which] as const)))('(%s) is told to nobody when its %s is led elsewhere, and kept for nobody', async (source, which) => {
    const { code } = await typed(source);
    await lead(which);
    expect(await code()).toBe('postgres.password-needed');
    await far.client.call('host.update', { hostId: which === 'host' ? far.hostId : far.bastionId, connection: here[which]() });
    expect(await code()).toBe('postgres.password-needed');
  });
  test.each(sources)('(%s) stays where its host is the same, whatever that is called and however it is signed in to', async (source) => {
    const { code } = await typed(source);
    const connection = here.host();
    await far.client.call('host.update', { hostId: far.hostId, label: 'renamed', connection: { ...connection, signIn: { ...connection.signIn, questions: true } } });
    expect(await code()).toBeNull();
  });
});

describe('with the programs of this computer', () => {
  test.each([['its port', {}], ['its socket', 'socket']] as const)('it is backed up by %s, restored beside and counted', async (_way, changes) => {
    const databaseId = await addFarDatabase(far, place, 'shop', changes === 'socket' ? bySocket(place) : changes);
    const { plan } = await far.client.call('backup.plan', { databaseId, options: { format: 'directory', jobs: 2, proof: 'L3' } });
    const operation = await runToEnd(far.client, plan);
    expect([operation.state, operation.error, operation.result?.['proof']]).toEqual(['succeeded', null, 'L3']);
    expect(readdirSync(far.engine.home.root).includes('run') ? readdirSync(`${far.engine.home.root}/run`) : []).toEqual([]);
  });
  test('a plan is refused when the key of the bastion was replaced meanwhile', async () => {
    const databaseId = await addFarDatabase(far, place, 'shop');
    const { plan } = await far.client.call('backup.plan', { databaseId, options: { proof: 'L1' } });
    const { makeKey } = await import('#test/ssh-server.ts');
    const [type = '', key = ''] = makeKey(await temporaryFolder('keys'), { type: 'ecdsa' }).publicKey.split(' ');
    await far.client.call('host.replaceKey', { machine: { hostId: far.bastionId }, keyType: type, key, fingerprint: fingerprintOf({ type, key }), confirmName: 'bastion' });
    await expect(far.client.call('operation.run', { planId: plan.id, token: plan.token })).rejects.toMatchObject({ code: 'operation.plan-changed' });
  });
});
