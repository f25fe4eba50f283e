/** Keys of hosts as they are trusted, replaced and revoked, on real servers and a whole engine. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { EngineClient } from '#shared/contract/index.ts';
import type { HostConnection, HostTest } from '#shared/contract/hosts.ts';
import { createEngine } from '#engine/create-engine.ts';
import { fingerprintOf } from '#engine/ssh/host-key.ts';
import { silentNotifier, systemClock, systemRandom } from '#engine/ports.ts';
import { openDatabase } from '#engine/store/database.ts';
import { createHostKeyRepository } from '#engine/store/host-key-repository.ts';
import { authorize, makeKey, startSshServer, whyNoSshServer, type KeyPair, type SshServer } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const missing = whyNoSshServer();
let target: SshServer;
let jump: SshServer;
let ours: KeyPair;
let root: string;
let client: EngineClient;
let systemId: string;
let keyPath: string;
let logged: string[];

beforeAll(async () => {
  if (missing !== null) return;
  [target, jump] = await Promise.all([startSshServer({ hostKeys: ['ed25519', 'rsa'] }), startSshServer({ hostKeys: ['ecdsa'] })]);
  ours = makeKey(target.folder);
  for (const server of [target, jump]) authorize(server, ours);
});
afterAll(() => Promise.all([target?.stop(), jump?.stop()]));

beforeEach(async (context) => {
  if (missing !== null) context.skip(missing);
  logged = [];
  root = await temporaryFolder('host-keys');
  const line = (fields: Record<string, unknown>, message: string): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const engine = await createEngine({ root, ports: { clock: systemClock, random: systemRandom, logger: { info: line, warn: line, error: line }, keyWrapping: null, notifier: silentNotifier, host: 'test' } });
  onTestFinished(() => engine.close());
  client = engine.client('cli');
  systemId = (await client.call('system.add', { name: 'Shop', environment: 'production' })).system.id;
  keyPath = join(await temporaryFolder('keys'), 'id');
  writeFileSync(keyPath, ours.privateKey, { mode: 0o600 });
});

const reached = (server: Pick<SshServer, 'port'>, changes: Partial<HostConnection> = {}): HostConnection => ({ host: '127.0.0.1', port: server.port, user: target.user, signIn: { keys: [{ path: keyPath, passphrase: { source: 'none' } }], agent: false, password: { source: 'none' } }, viaId: null, ...changes });
const add = async (label: string, connection: HostConnection): Promise<string> => (await client.call('host.add', { systemId, label, connection })).host.id;
const keyOf = (server: SshServer, type = 0) => ({ type: server.knownKeys[type]?.type ?? '', key: server.knownKeys[type]?.key ?? '' });

/** What a failed test showed of the key, as a person would hand it back. */
function shown({ error }: HostTest): { keyType: string; key: string; fingerprint: string } {
  const { keyType, key, fingerprint } = (error?.details ?? {}) as { keyType: string; key: string; fingerprint: string };
  return { keyType, key, fingerprint };
}
async function trust(hostId: string): Promise<void> {
  await client.call('host.trustKey', { machine: { hostId }, ...shown(await client.call('host.test', { hostId })) });
}

/** A key in the store as if it had been trusted or revoked before. */
function decide(server: SshServer, key: { type: string; key: string }, state: 'trusted' | 'revoked'): void {
  const store = openDatabase(root, root, systemClock.now());
  createHostKeyRepository(store).insert({ id: systemRandom.id(), host: '127.0.0.1', port: server.port, ...key, state, source: 'known-hosts', by: 'test', at: systemClock.now() });
  store.close();
}
const otherKey = (type: 'ed25519' | 'ecdsa') => {
  const [keyType = '', key = ''] = makeKey(root, { type }).publicKey.split(' ');
  return { type: keyType, key };
};

/** A way of two machines, both trusted. */
async function addBoth(): Promise<{ gate: string; db: string }> {
  const gate = await add('gate', reached(jump));
  await trust(gate);
  const db = await add('db', reached(target, { viaId: gate }));
  await trust(db);
  return { gate, db };
}

describe('trust', () => {
  test('is for the key that was shown, with who trusted it and when', async () => {
    const db = await add('db', reached(target));
    await trust(db);
    expect((await client.call('host.keys', { machine: { hostId: db } })).keys).toEqual([{ ...keyOf(target), fingerprint: expect.stringMatching(/^SHA256:/) as string, state: 'trusted', source: 'compared', decidedBy: 'cli', decidedAt: expect.any(String) as string, replacedAt: null }]);
  });
  test('is given to no key whose fingerprint is another', async () => {
    const db = await add('db', reached(target));
    const key = shown(await client.call('host.test', { hostId: db }));
    const other = otherKey('ed25519');
    await expect(client.call('host.trustKey', { machine: { hostId: db }, ...key, key: other.key })).rejects.toMatchObject({ code: 'contract.invalid-input', message: 'The fingerprint is not that of this key.' });
  });
  test('is given to nothing that is no key of the type that was shown', async () => {
    const db = await add('db', reached(target));
    const key = shown(await client.call('host.test', { hostId: db }));
    for (const changes of [{ keyType: 'ssh-rsa' }, { key: 'AAAA' }, { key: `${key.key}!` }]) await expect(client.call('host.trustKey', { machine: { hostId: db }, ...key, ...changes })).rejects.toMatchObject({ code: 'contract.invalid-input' });
    expect((await client.call('host.keys', { machine: { hostId: db } })).keys).toEqual([]);
  });
  test('in one key is none in the one that answers instead', async () => {
    const db = await add('db', reached(target));
    const other = otherKey('ed25519');
    const { fingerprint } = shown(await client.call('host.test', { hostId: db }));
    decide(target, other, 'trusted');
    expect((await client.call('host.test', { hostId: db })).error).toMatchObject({ code: 'ssh.host-key-changed', details: { fingerprint } });
  });
  test('is not given where another key is known', async () => {
    const db = await add('db', reached(target));
    const key = shown(await client.call('host.test', { hostId: db }));
    decide(target, otherKey('ecdsa'), 'trusted');
    await expect(client.call('host.trustKey', { machine: { hostId: db }, ...key })).rejects.toMatchObject({ code: 'store.conflict' });
  });
  test('is not given to a key that was revoked', async () => {
    const db = await add('db', reached(target));
    const key = shown(await client.call('host.test', { hostId: db }));
    decide(target, keyOf(target), 'revoked');
    await expect(client.call('host.trustKey', { machine: { hostId: db }, ...key })).rejects.toMatchObject({ code: 'ssh.host-key-revoked' });
  });
  test('given twice is what it was the first time', async () => {
    const db = await add('db', reached(target));
    const key = shown(await client.call('host.test', { hostId: db }));
    const [one, two] = [await client.call('host.trustKey', { machine: { hostId: db }, ...key }), await client.call('host.trustKey', { machine: { hostId: db }, ...key })];
    expect(two).toEqual(one);
  });
  test('can be given before the host is added, by name and port', async () => {
    const key = shown(await client.call('host.test', { connection: reached(target) }));
    await client.call('host.trustKey', { machine: { host: '127.0.0.1', port: target.port }, ...key });
    expect((await client.call('host.test', { connection: reached(target) })).ok).toBe(true);
  });
});

describe('a key is revoked', () => {
  const revoke = async (hostId: string, confirmName = 'db') => {
    const { type, key } = keyOf(target);
    const { fingerprint } = (await client.call('host.keys', { machine: { hostId } })).keys.find((each) => each.key === key) ?? { fingerprint: '' };
    return client.call('host.revokeKey', { machine: { hostId }, keyType: type, key, fingerprint, confirmName });
  };
  test('by the typed name of the host, on record, and is refused from then on', async () => {
    const { db } = await addBoth();
    const { key } = await revoke(db);
    expect([key.state, (await client.call('host.test', { hostId: db })).error?.code, (await client.call('host.keys', { machine: { hostId: db } })).keys.map(({ state }) => state), logged.some((text) => text.includes('revoked the key') && text.includes(key.fingerprint))]).toEqual(['revoked', 'ssh.host-key-revoked', ['revoked', 'replaced'], true]);
  });
  test('for every host, by whatever way it is reached', async () => {
    const { db } = await addBoth();
    const direct = await add('direct', reached(target));
    await trust(direct);
    await revoke(db);
    expect((await client.call('host.test', { hostId: direct })).error?.code).toBe('ssh.host-key-revoked');
  });
  test('by no other name', async () => {
    const { db } = await addBoth();
    await expect(revoke(db, '127.0.0.1')).rejects.toMatchObject({ code: 'operation.name-not-confirmed' });
    expect((await client.call('host.test', { hostId: db })).ok).toBe(true);
  });
  test('and is neither trusted nor put in place of another afterwards, and stays as it was decided first', async () => {
    const { db } = await addBoth();
    const { fingerprint } = (await client.call('host.keys', { machine: { hostId: db } })).keys[0] ?? { fingerprint: '' };
    const { key: first } = await revoke(db);
    const again = { machine: { hostId: db }, keyType: keyOf(target).type, key: keyOf(target).key, fingerprint };
    await expect(client.call('host.trustKey', again)).rejects.toMatchObject({ code: 'ssh.host-key-revoked' });
    await expect(client.call('host.replaceKey', { ...again, confirmName: 'db' })).rejects.toMatchObject({ code: 'ssh.host-key-revoked' });
    expect((await revoke(db)).key).toEqual(first);
  });
});

describe('machines with one address behind different hosts', () => {
  test('have a key each', async () => {
    const gate = await add('gate', reached(jump));
    await trust(gate);
    const near = await add('near', reached(target));
    const far = await add('far', reached(target, { viaId: gate }));
    // Another machine answers there, as seen from here.
    decide(target, otherKey('ed25519'), 'trusted');
    await trust(far);
    expect([(await client.call('host.test', { hostId: far })).ok, (await client.call('host.test', { hostId: near })).error?.code]).toEqual([true, 'ssh.host-key-changed']);
  });
  test('and one that is reached in another way is known by what it was known by, however its name is written', async () => {
    const { gate } = await addBoth();
    const named = await add('named', reached(target, { host: 'localhost' }));
    await trust(named);
    await client.call('host.update', { hostId: named, connection: reached(target, { host: 'LOCALHOST', viaId: gate }) });
    expect((await client.call('host.keys', { machine: { hostId: named } })).keys).toMatchObject([{ ...keyOf(target), state: 'trusted' }]);
  });
  test('and one that is reached in another way from now on is known by what it was known by', async () => {
    const gate = await add('gate', reached(jump));
    await trust(gate);
    const db = await add('db', reached(target));
    decide(target, otherKey('ed25519'), 'trusted');
    await client.call('host.update', { hostId: db, connection: reached(target, { viaId: gate }) });
    expect((await client.call('host.test', { hostId: db })).error?.code).toBe('ssh.host-key-changed');
  });
});

describe('a key is replaced', () => {
  const changed = async () => {
    const db = await add('db', reached(target));
    const before = otherKey('ed25519');
    decide(target, before, 'trusted');
    return { db, before, key: shown(await client.call('host.test', { hostId: db })) };
  };
  test('by the typed name of the host, and the log says which was which', async () => {
    const { db, key } = await changed();
    const { replaced } = await client.call('host.replaceKey', { machine: { hostId: db }, ...key, confirmName: 'db' });
    expect([(await client.call('host.test', { hostId: db })).ok, replaced.map(({ state }) => state), logged.some((text) => text.includes('replaced the key') && text.includes(key.fingerprint) && text.includes(replaced[0]?.fingerprint ?? '?'))]).toEqual([true, ['replaced'], true]);
  });
  test.each(['', 'DB', '127.0.0.1'])('not by "%s"', async (confirmName) => {
    const { db, before, key } = await changed();
    await expect(client.call('host.replaceKey', { machine: { hostId: db }, ...key, confirmName })).rejects.toMatchObject({ code: 'operation.name-not-confirmed' });
    expect((await client.call('host.keys', { machine: { hostId: db } })).keys.map((each) => each.key)).toEqual([before.key]);
  });
  test('of a machine that is no host here by its address', async () => {
    const { key } = await changed();
    const machine = { host: '127.0.0.1', port: target.port };
    await expect(client.call('host.replaceKey', { machine, ...key, confirmName: 'db' })).rejects.toMatchObject({ code: 'operation.name-not-confirmed', message: 'Replacing the key of 127.0.0.1 wants the name 127.0.0.1 typed.' });
    expect((await client.call('host.replaceKey', { machine, ...key, confirmName: '127.0.0.1' })).key.fingerprint).toBe(key.fingerprint);
  });
  test('only where one is known', async () => {
    const db = await add('db', reached(target));
    const key = shown(await client.call('host.test', { hostId: db }));
    await expect(client.call('host.replaceKey', { machine: { hostId: db }, ...key, confirmName: 'db' })).rejects.toMatchObject({ code: 'store.conflict' });
  });
  test('by none that was revoked', async () => {
    const { db, key } = await changed();
    decide(target, keyOf(target), 'revoked');
    await expect(client.call('host.replaceKey', { machine: { hostId: db }, ...key, confirmName: 'db' })).rejects.toMatchObject({ code: 'ssh.host-key-revoked' });
  });
});

test.each(['its key is revoked', 'a machine on its way is another one'] as const)('the connection of a test is not kept where meanwhile %s', async (what) => {
  const gate = join(await temporaryFolder('gate'), 'open');
  const slow = await startSshServer({ settings: { ForceCommand: `while [ ! -e ${gate} ]; do sleep 0.05; done; eval "$SSH_ORIGINAL_COMMAND"` } });
  onTestFinished(() => slow.stop());
  authorize(slow, ours);
  const jumpId = await add('jump', reached(jump));
  await trust(jumpId);
  const hostId = await add('slow', reached(slow, { viaId: jumpId }));
  await trust(hostId);
  const before = slow.log().split('Starting session').length;
  const testing = client.call('host.test', { hostId });
  await waitFor('the command of the test to begin', () => slow.log().split('Starting session').length > before);
  if (what === 'its key is revoked') await client.call('host.revokeKey', { machine: { hostId }, keyType: keyOf(slow).type, key: keyOf(slow).key, fingerprint: fingerprintOf(keyOf(slow)), confirmName: 'slow' });
  else await client.call('host.update', { hostId: jumpId, connection: reached(target) });
  writeFileSync(gate, '');
  expect((await testing).error).toBe(null);
  await expect(client.call('host.detect', { hostId })).rejects.toMatchObject({ code: what === 'its key is revoked' ? 'ssh.host-key-revoked' : 'ssh.host-key-unknown' });
});
