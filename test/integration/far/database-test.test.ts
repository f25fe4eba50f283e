/** The test of a database behind hosts: each machine on the way first, and then Postgres. */
import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ConnectionTest } from '#shared/contract/systems.ts';
import { bySocket, farConnection, reachedBy } from '#test/far-shop.ts';
import { setFarEngine, setFarPlace } from '#test/far-stage.ts';
import { authorize, startSshServer } from '#test/ssh-server.ts';

const place = setFarPlace();
const far = setFarEngine(place);

const states = ({ machines, layers }: ConnectionTest) => [...(machines ?? []).map(({ label, layers: passed }) => `${label}: ${passed.map(({ state }) => state).join(' ')}`), layers.map(({ state }) => state).join(' ')];
const all = (count: number, state = 'ok') => Array.from({ length: count }, () => state).join(' ');

describe('the test of a database behind hosts', () => {
  test('tells of each machine, and then of Postgres', async () => {
    const tested = await far.client.call('database.test', { connection: farConnection(place, far.hostId, 'shop', bySocket(place)) });
    expect([tested.ok, states(tested)]).toEqual([true, [`bastion: ${all(4)}`, `db-1: ${all(5)}`, all(6)]]);
  });
  test('signs in to each machine once: who is asked for a one-time code is asked for one', async () => {
    const signedIn = () => [place.bastion, place.host].map((server) => server.log().split('Accepted publickey').length - 1);
    const before = signedIn();
    await far.client.call('database.test', { connection: farConnection(place, far.hostId, 'shop', bySocket(place)) });
    expect(signedIn().map((count, index) => count - (before[index] ?? 0))).toEqual([1, 1]);
  });
  test('stops at the machine whose key is not known, shows that key, and asks nothing of Postgres', async () => {
    const stranger = await startSshServer();
    onTestFinished(() => stranger.stop());
    const { host } = await far.client.call('host.add', { systemId: far.systemId, label: 'new', connection: reachedBy(stranger, place.keyFiles.host, far.bastionId) });
    const tested = await far.client.call('database.test', { connection: farConnection(place, host.id, 'shop', bySocket(place)) });
    expect([tested.ok, states(tested), tested.error]).toEqual([false, [`bastion: ${all(4)}`, 'new: ok ok failed not-reached not-reached', all(6, 'not-reached')], expect.objectContaining({ code: 'ssh.host-key-unknown', details: expect.objectContaining({ key: stranger.knownKeys[0]?.key }) as object })]);
  });
  test('goes on through an account that runs no commands, which is worth a look', async () => {
    const mute = await startSshServer({ settings: { ForceCommand: 'echo This account is not available' } });
    onTestFinished(() => mute.stop());
    authorize(mute, { privateKey: '', publicKey: readFileSync(`${place.host.folder}/authorized_keys`, 'utf8').trim() });
    const { host } = await far.client.call('host.add', { systemId: far.systemId, label: 'mute', connection: reachedBy(mute, place.keyFiles.host) });
    const shown = (await far.client.call('host.test', { hostId: host.id })).error?.details as { keyType: string; key: string; fingerprint: string };
    await far.client.call('host.trustKey', { machine: { hostId: host.id }, keyType: shown.keyType, key: shown.key, fingerprint: shown.fingerprint });
    const tested = await far.client.call('database.test', { connection: farConnection(place, host.id, 'shop', bySocket(place)) });
    expect([tested.ok, states(tested)]).toEqual([true, [`mute: ${all(4)} warn`, all(6)]]);
  });
  test('has no machines where this computer reaches the database', async () => {
    const tested = await far.client.call('database.test', { connection: farConnection(place, far.hostId, 'shop', { viaId: null }), password: place.postgres.password });
    expect([tested.ok, tested.machines]).toEqual([true, null]);
  });
  test('finds that database before, by looking on the host', async () => {
    const found = await far.client.call('host.detect', { hostId: far.hostId });
    expect(found.postgres.find(({ ways }) => ways.some(({ port }) => port === place.postgres.port))?.ways.map(({ host }) => host)).toContain(place.sockets);
  });
});
