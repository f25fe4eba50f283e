/** Hosts as they are added, tested and trusted, on real servers and a whole engine. */
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { EngineClient } from '#shared/contract/index.ts';
import type { HostConnection, HostTest } from '#shared/contract/hosts.ts';
import { fromHere, systemPolicy } from '#shared/contract/systems.ts';
import { Secret } from '#shared/domain/secret.ts';
import { createEngine } from '#engine/create-engine.ts';
import { connectChain } from '#engine/ssh/chain.ts';
import { createHandshakes } from '#engine/ssh/handshakes.ts';
import { createHostRoom, type HostRoom } from '#engine/ssh/host-room.ts';
import { createTypedPasswords } from '#engine/systems/passwords.ts';
import { createTestEngine } from '#test/engine-parts.ts';
import { silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { openDatabase } from '#engine/store/database.ts';
import { createHostKeyRepository } from '#engine/store/host-key-repository.ts';
import { createHostRepository } from '#engine/store/host-repository.ts';
import { createVault } from '#engine/vault/index.ts';
import { startAskingServer } from '#test/asking-server.ts';
import { freePort } from '#test/free-port.ts';
import { authorize, makeKey, startSshServer, whyNoSshServer, type KeyPair, type SshServer } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const missing = whyNoSshServer();
const passphrase = 'canary-of-the-vault-31';
const canary = 'canary-of-the-key-77';

let target: SshServer;
let jump: SshServer;
let locked: KeyPair;
let unlocked: KeyPair;
let root: string;
let client: EngineClient;
let systemId: string;
let keyPath: string;
let logged: string[];

beforeAll(async () => {
  if (missing !== null) return;
  [target, jump] = await Promise.all([startSshServer({ hostKeys: ['ed25519', 'rsa'] }), startSshServer({ hostKeys: ['ecdsa'] })]);
  locked = makeKey(target.folder, { passphrase: canary });
  unlocked = makeKey(target.folder);
  authorize(target, locked, unlocked);
  authorize(jump, locked);
});
afterAll(() => Promise.all([target?.stop(), jump?.stop()]));

const line = (_level: string) => (fields: Record<string, unknown>, message: string): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
const ports = (): Ports => ({ clock: systemClock, random: systemRandom, logger: { info: line('info'), warn: line('warn'), error: line('error') }, keyWrapping: null, notifier: silentNotifier, host: 'test' });

beforeEach(async (context) => {
  if (missing !== null) context.skip(missing);
  logged = [];
  root = await temporaryFolder('hosts');
  await createVault({ folder: root, ports: ports(), scrubber: { register: () => {} }, cost: { N: 2 ** 14, r: 8, p: 1 } }).create(new Secret(passphrase));
  const engine = await createEngine({ root, ports: ports() });
  onTestFinished(() => engine.close());
  client = engine.client('cli');
  await client.call('vault.unlock', { passphrase });
  systemId = (await client.call('system.add', { name: 'Shop', environment: 'production' })).system.id;
  keyPath = join(await temporaryFolder('keys'), 'id');
  writeFileSync(keyPath, locked.privateKey, { mode: 0o600 });
});

const reached = (server: Pick<SshServer, 'port'>, changes: Partial<HostConnection> = {}): HostConnection => ({ host: '127.0.0.1', port: server.port, user: target.user, signIn: { keys: [{ path: keyPath, passphrase: { source: 'vault' } }], agent: false, password: { source: 'none' } }, viaId: null, ...changes });
const add = async (label: string, connection: HostConnection): Promise<string> => (await client.call('host.add', { systemId, label, connection, passphrases: [{ path: keyPath, passphrase: canary }] })).host.id;
const keyOf = (server: SshServer, type = 0) => ({ type: server.knownKeys[type]?.type ?? '', key: server.knownKeys[type]?.key ?? '' });

/** What a failed test showed of the key, as a person would hand it back. */
function shown({ error }: HostTest): { keyType: string; key: string; fingerprint: string } {
  const { keyType, key, fingerprint } = (error?.details ?? {}) as { keyType: string; key: string; fingerprint: string };
  return { keyType, key, fingerprint };
}
async function trust(hostId: string): Promise<void> {
  await client.call('host.trustKey', { machine: { hostId }, ...shown(await client.call('host.test', { hostId })) });
}
const states = ({ machines }: HostTest) => machines.map(({ label, layers }) => `${label}: ${layers.map(({ layer, state }) => `${layer} ${state}`).join(', ')}`);

/** A key in the store as if it had been trusted or revoked before. */
function decide(server: SshServer, key: { type: string; key: string }, state: 'trusted' | 'revoked', viaId: string | null = null): void {
  const store = openDatabase(root, root, systemClock.now());
  createHostKeyRepository(store).insert({ id: systemRandom.id(), host: '127.0.0.1', port: server.port, viaId, ...key, state, source: 'known-hosts', by: 'test', at: systemClock.now() });
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

describe('a test goes through each machine, layer by layer', () => {
  test('to a command at the end', async () => {
    const { db } = await addBoth();
    const tested = await client.call('host.test', { hostId: db });
    expect([tested.ok, states(tested), tested.platform]).toEqual([true, ['gate: name ok, network ok, host-key ok, sign-in ok', 'db: name ok, network ok, host-key ok, sign-in ok, command ok'], expect.stringMatching(/^Linux /)]);
  });
  test('and what was found is kept', async () => {
    const { db } = await addBoth();
    await client.call('host.test', { hostId: db });
    expect((await client.call('host.list', { systemId })).hosts.find(({ id }) => id === db)).toMatchObject({ platform: expect.stringMatching(/^Linux /) as string, lastSeenAt: expect.any(String) as string, lastError: null });
  });
  test('and says where it stopped, with the whole error', async () => {
    const gate = await add('gate', reached(jump));
    await trust(gate);
    const db = await add('db', reached({ port: await freePort() }, { viaId: gate }));
    const tested = await client.call('host.test', { hostId: db });
    expect([states(tested), tested.machines[1]?.layers[1]?.error]).toEqual([['gate: name ok, network ok, host-key ok, sign-in ok', 'db: name not-reached, network failed, host-key not-reached, sign-in not-reached, command not-reached'], expect.objectContaining({ code: 'ssh.refused', hint: expect.any(String) as string })]);
  });
  test('and a name that leads nowhere stops at the name', async () => {
    const tested = await client.call('host.test', { connection: reached(target, { host: 'no-such-host.invalid' }) });
    expect(tested.machines[0]?.layers[0]).toMatchObject({ layer: 'name', state: 'failed', error: { code: 'ssh.name-not-resolved' } });
  });
  test('and a key that is not let in stops at signing in', async () => {
    const other = join(await temporaryFolder('keys'), 'other');
    writeFileSync(other, makeKey(target.folder).privateKey, { mode: 0o600 });
    const id = await add('db', reached(target, { signIn: { keys: [{ path: other, passphrase: { source: 'none' } }], agent: false, password: { source: 'none' } } }));
    await trust(id);
    const tested = await client.call('host.test', { hostId: id });
    expect([states(tested), tested.error]).toEqual([['db: name ok, network ok, host-key ok, sign-in failed, command not-reached'], expect.objectContaining({ code: 'ssh.authentication', message: expect.stringContaining(other) as string })]);
  });
  test('and a shell that talks before each command is named', async () => {
    const chatty = await startSshServer({ settings: { ForceCommand: 'echo Welcome to the shop; eval "$SSH_ORIGINAL_COMMAND"' } });
    onTestFinished(() => chatty.stop());
    authorize(chatty, locked);
    const id = await add('chatty', reached(chatty));
    await trust(id);
    const tested = await client.call('host.test', { hostId: id });
    expect([tested.ok, tested.machines[0]?.layers.at(-1)]).toEqual([true, expect.objectContaining({ state: 'warn', detail: expect.stringContaining('Welcome to the shop') as string })]);
  });
  test('and an account that runs nothing fails there', async () => {
    const mute = await startSshServer({ settings: { ForceCommand: 'echo This account is not available' } });
    onTestFinished(() => mute.stop());
    authorize(mute, locked);
    const id = await add('mute', reached(mute));
    await trust(id);
    expect((await client.call('host.test', { hostId: id })).machines[0]?.layers.at(-1)).toMatchObject({ layer: 'command', state: 'failed', error: { code: 'ssh.command-failed', message: expect.stringContaining('not available') as string } });
  });
});

describe('how one stands with a machine', () => {
  const standing = async (): Promise<Record<string, string>> => Object.fromEntries((await client.call('host.list', {})).hosts.map(({ label, lastSeenAt, lastError }) => [label, lastError?.code ?? (lastSeenAt === null ? 'never tried' : 'reached')]));
  /** As if it had failed before. */
  const fail = (hostId: string): void => {
    const store = openDatabase(root, root, systemClock.now());
    createHostRepository(store).recordFailure(hostId, { code: 'ssh.timeout', message: 'No answer.', retryable: true, details: {}, correlationId: '' });
    store.close();
  };

  test.each(['host.test', 'host.detect'] as const)('is told of each that %s signed in to on the way, and what it failed by before is over', async (method) => {
    const { gate, db } = await addBoth();
    for (const hostId of [gate, db]) fail(hostId);
    await client.call(method, { hostId: db });
    expect(await standing()).toEqual({ gate: 'reached', db: 'reached' });
  });
  test.each(['host.test', 'host.detect'] as const)('is told of the one at which %s fails, and not of those behind it', async (method) => {
    const { gate, db } = await addBoth();
    await client.call('host.test', { hostId: db });
    await client.call('host.update', { hostId: gate, connection: reached({ port: await freePort() }) });
    await client.call(method, { hostId: db }).catch(() => undefined);
    expect(await standing()).toEqual({ gate: 'ssh.refused', db: 'reached' });
  });
  test.each(['host.test', 'host.detect'] as const)('is told of one at which %s fails behind others, which were signed in to', async (method) => {
    const gate = await add('gate', reached(jump));
    await trust(gate);
    const db = await add('db', reached({ port: await freePort() }, { viaId: gate }));
    await client.call(method, { hostId: db }).catch(() => undefined);
    expect(await standing()).toEqual({ gate: 'reached', db: 'ssh.refused' });
  });
  test('is written where it is connected to, and not with each piece of work', async () => {
    const { db } = await addBoth();
    const seen = async () => (await client.call('host.list', {})).hosts.map(({ lastSeenAt }) => lastSeenAt);
    await client.call('host.detect', { hostId: db });
    const first = await seen();
    await client.call('host.detect', { hostId: db });
    expect([first.every((at) => at !== null), await seen()]).toEqual([true, first]);
  });
});

describe('the key of each machine on the way', () => {
  test('that is not known stops the test there, and nobody signs in', async () => {
    const gate = await add('gate', reached(jump));
    const db = await add('db', reached(target, { viaId: gate }));
    const before = jump.log().length;
    const tested = await client.call('host.test', { hostId: db });
    expect([states(tested)[0], tested.error?.code, jump.log().slice(before).includes('Accepted')]).toEqual(['gate: name ok, network ok, host-key failed, sign-in not-reached', 'ssh.host-key-unknown', false]);
  });
  test.each([['changed', 'ed25519', 1], ['other-type', 'ecdsa', 1], ['changed', 'ecdsa', 0], ['other-type', 'ed25519', 0]] as const)('that is %s (%s, machine %d) is refused there', async (verdict, type, index) => {
    const gate = await add('gate', reached(jump));
    const db = await add('db', reached(target, { viaId: gate }));
    decide(jump, index === 0 ? otherKey(type) : keyOf(jump), 'trusted');
    decide(target, index === 1 ? otherKey(type) : keyOf(target), 'trusted', gate);
    const tested = await client.call('host.test', { hostId: db });
    expect(tested.machines[index]?.layers[2]).toMatchObject({ layer: 'host-key', state: 'failed', error: { code: 'ssh.host-key-changed', details: { verdict } } });
  });
  test.each([0, 1])('that was revoked is refused there, though it is trusted too (machine %d)', async (index) => {
    const { db } = await addBoth();
    const server = index === 0 ? jump : target;
    decide(server, keyOf(server), 'revoked');
    expect((await client.call('host.test', { hostId: db })).machines[index]?.layers[2]).toMatchObject({ state: 'failed', error: { code: 'ssh.host-key-revoked' } });
  });
});

describe('a host', () => {
  test('is forgotten only by its typed label, and not while another is reached through it', async () => {
    const { gate, db } = await addBoth();
    await expect(client.call('host.remove', { hostId: db, confirmName: 'DB' })).rejects.toMatchObject({ code: 'operation.name-not-confirmed' });
    await expect(client.call('host.remove', { hostId: gate, confirmName: 'gate' })).rejects.toMatchObject({ code: 'store.conflict', message: 'gate is the way to db.' });
    await client.call('host.remove', { hostId: db, confirmName: 'db' });
    await client.call('host.remove', { hostId: gate, confirmName: 'gate' });
    expect((await client.call('host.list', {})).hosts).toEqual([]);
  });
  test('of a system that another one needs keeps it from being forgotten', async () => {
    const { gate } = await addBoth();
    const other = (await client.call('system.add', { name: 'Other', environment: 'staging' })).system.id;
    const far = (await client.call('host.add', { systemId: other, label: 'far', connection: reached(target, { viaId: gate }) })).host.id;
    await expect(client.call('system.remove', { systemId, confirmName: 'Shop' })).rejects.toMatchObject({ code: 'store.conflict', message: 'gate is the way to far of other systems.' });
    await client.call('host.remove', { hostId: far, confirmName: 'far' });
    await client.call('system.remove', { systemId, confirmName: 'Shop' });
    expect([(await client.call('host.list', {})).hosts, (await client.call('vault.status', {})).records]).toEqual([[], 0]);
  });
  test('is not reached through itself', async () => {
    const { gate, db } = await addBoth();
    await expect(client.call('host.update', { hostId: gate, connection: reached(jump, { viaId: db }) })).rejects.toMatchObject({ code: 'store.conflict' });
  });
  test('names a way to sign in', async () => {
    await expect(client.call('host.add', { systemId, connection: reached(target, { signIn: { keys: [], agent: false, password: { source: 'none' } } }) })).rejects.toMatchObject({ code: 'contract.invalid-input' });
  });
  test('names key files by their whole path', async () => {
    await expect(client.call('host.add', { systemId, connection: reached(target, { signIn: { keys: [{ path: 'id', passphrase: { source: 'none' } }], agent: false, password: { source: 'none' } } }) })).rejects.toMatchObject({ code: 'contract.invalid-input' });
  });
});

describe('what one signs in with', () => {
  test.each([['is missing', () => rmSync(keyPath)], ['can be read by others', () => chmodSync(keyPath, 0o644)]])('a key file that %s is told at signing in, after the host was checked', async (_what, spoil) => {
    const db = await add('db', reached(target));
    await trust(db);
    spoil();
    const tested = await client.call('host.test', { hostId: db });
    expect([states(tested), tested.error?.code]).toEqual([['db: name ok, network ok, host-key ok, sign-in failed, command not-reached'], 'ssh.key-file']);
  });
  test('a host can be trusted while the vault is locked', async () => {
    const db = await add('db', reached(target));
    await client.call('vault.lock', {});
    await trust(db);
    expect((await client.call('host.test', { hostId: db })).error?.code).toBe('vault.locked');
  });
  test('a passphrase that is asked for is kept once it was right, and not before', async () => {
    const connection = reached(target, { signIn: { keys: [{ path: keyPath, passphrase: { source: 'ask' } }], agent: false, password: { source: 'none' } } });
    const { id } = (await client.call('host.add', { systemId, label: 'db', connection })).host;
    await trust(id);
    const ask = async (text?: string) => (await client.call('host.test', { hostId: id, ...(text === undefined ? {} : { passphrases: [{ path: keyPath, passphrase: text }] }) })).error?.code ?? 'let in';
    expect((await client.call('host.test', { hostId: id })).error?.details).toMatchObject({ hostId: id, path: keyPath });
    expect([await ask(), await ask('wrong words'), await ask(), await ask(canary), await ask()]).toEqual(['ssh.passphrase-needed', 'ssh.authentication', 'ssh.passphrase-needed', 'let in', 'let in']);
  });
  test('a password is not sent to another account', async () => {
    const server = await startAskingServer([], { password: 'canary-of-ann-9' });
    onTestFinished(() => server.close());
    const to = (user: string): HostConnection => ({ host: '127.0.0.1', port: server.port, user, signIn: { keys: [], agent: false, password: { source: 'vault' } }, viaId: null });
    const { id } = (await client.call('host.add', { systemId, label: 'db', connection: to('ann'), password: 'canary-of-ann-9' })).host;
    await trust(id);
    await client.call('vault.lock', {});
    await client.call('host.update', { hostId: id, connection: to('bob') });
    await client.call('vault.unlock', { passphrase });
    expect([(await client.call('host.test', { hostId: id })).error?.code, server.passwords]).toEqual(['ssh.password-needed', []]);
  });
  test('a passphrase stays in the vault as long as a host needs it', async () => {
    const [one, two] = [await add('one', reached(target)), await add('two', reached(target))];
    await client.call('host.remove', { hostId: one, confirmName: 'one' });
    const left = (await client.call('vault.status', {})).records;
    await client.call('host.remove', { hostId: two, confirmName: 'two' });
    expect([left, (await client.call('vault.status', {})).records]).toEqual([1, 0]);
  });
  test('is kept by no host whose secret cannot be kept', async () => {
    await client.call('vault.lock', {});
    await expect(add('db', reached(target))).rejects.toMatchObject({ code: 'vault.locked' });
    expect((await client.call('host.list', {})).hosts).toEqual([]);
  });
  test('is in no file, no log and no answer', async () => {
    const { gate, db } = await addBoth();
    const password = 'canary-of-ann-9';
    const signIn: HostConnection['signIn'] = { keys: [], agent: false, password: { source: 'vault' } };
    const asked = (await client.call('host.add', { systemId, label: 'third', connection: reached(target, { signIn }), password })).host.id;
    const answers = [await client.call('host.test', { hostId: db }), await client.call('host.test', { hostId: asked }), await client.call('host.test', { hostId: gate, password }), await client.call('host.list', {}), await client.call('history.search', { text: 'canary' })];
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    const everything = [...files, ...logged, JSON.stringify(answers)].join('\n');
    const keyLine = locked.privateKey.split('\n')[2] ?? '?';
    expect([canary, password, passphrase, keyLine].filter((secret) => everything.includes(secret))).toEqual([]);
  });
});

test('the way to a host connects, and is refused where a machine on it lacks something', async () => {
  const rooms: HostRoom[] = [];
  const parts = createTestEngine({ root: await temporaryFolder('way'), rooms: [(context) => (rooms.push(createHostRoom(context, createTypedPasswords(), createHandshakes({ random: systemRandom }))), rooms[0] as HostRoom)] });
  onTestFinished(() => parts.close());
  const open = join(root, 'open');
  writeFileSync(open, unlocked.privateKey, { mode: 0o600 });
  const signIn: HostConnection['signIn'] = { keys: [{ path: open, passphrase: { source: 'none' } }], agent: false, password: { source: 'none' } };
  const shop = parts.context.systems.insert({ id: 'shop', name: 'Shop', environment: 'staging', policy: systemPolicy.parse({}), at: 0 }).id;
  const { id } = (await parts.call('host.add', { systemId: shop, connection: reached(target, { signIn }) })).host;
  await parts.call('host.trustKey', { machine: { hostId: id }, ...shown(await parts.call('host.test', { hostId: id })) });
  const connection = await connectChain(await (rooms[0] as HostRoom).wayTo(id));
  connection.close();
  rmSync(open);
  expect([connection.label, await rooms[0]?.wayTo(id).catch((error: unknown) => error)]).toEqual([`${target.user}@127.0.0.1:${target.port}`, expect.objectContaining({ code: 'ssh.key-file' })]);
});

test('tests of many hosts are no more than eight handshakes with a server at a time', async () => {
  let now = 0;
  let most = 0;
  // It has no room, and takes a moment to say so.
  const busy = createServer((socket) => {
    most = Math.max(most, (now += 1));
    socket.on('error', () => {}).once('close', () => (now -= 1));
    setTimeout(() => socket.destroy(), 50);
  });
  busy.listen(0, '127.0.0.1');
  await once(busy, 'listening');
  onTestFinished(() => void busy.close());
  const parts = createTestEngine({ root: await temporaryFolder('many'), rooms: [(context) => createHostRoom(context, createTypedPasswords(), createHandshakes({ random: systemRandom }))] });
  onTestFinished(() => parts.close());
  const connection: HostConnection = { host: '127.0.0.1', port: (busy.address() as AddressInfo).port, user: 'ann', signIn: { keys: [], agent: false, password: { source: 'none' }, questions: true }, viaId: null };
  const tests = await Promise.all(Array.from({ length: 20 }, () => parts.call('host.test', { connection })));
  expect([most, new Set(tests.map(({ error }) => error?.code))]).toEqual([8, new Set(['ssh.connection-lost'])]);
});

test('a host is led nowhere else while a database behind it is changed', async () => {
  const parts = createTestEngine({ root: await temporaryFolder('moved'), rooms: [(context) => createHostRoom({ ...context, vault: createVault({ folder: root, ports: ports(), scrubber: context.scrubber }) }, createTypedPasswords(), createHandshakes({ random: systemRandom }))] });
  onTestFinished(() => parts.close());
  const { systems, operations, runner } = parts.context;
  const shop = systems.insert({ id: 'shop', name: 'Shop', environment: 'staging', policy: systemPolicy.parse({}), at: 0 });
  const signIn: HostConnection['signIn'] = { keys: [], agent: true, password: { source: 'none' } };
  const gate = (await parts.call('host.add', { systemId: shop.id, connection: reached(jump, { signIn }) })).host;
  const db = (await parts.call('host.add', { systemId: shop.id, connection: reached(target, { signIn, viaId: gate.id }) })).host;
  const { id: databaseId } = systems.insertDatabase({ id: 'orders', systemId: shop.id, label: 'orders', connection: { ...fromHere, host: '127.0.0.1', port: 5432, database: 'orders', user: 'ann', tls: { mode: 'disable', ca: null }, password: { source: 'none' }, viaId: db.id }, at: 0 });
  const { promise, resolve } = Promise.withResolvers<void>();
  onTestFinished(() => resolve());
  const draft = { title: 'Restore orders', question: 'Restore?', system: shop, target: 'orders', targets: [{ label: 'orders', databaseId, identity: null }], steps: [], consequences: [], findings: [], wayBack: null, changes: true, irreversible: false, nameToConfirm: null, estimatedMs: null, exclusive: [], details: null };
  const { plan } = runner.register({ kind: 'restore.beside', plan: async () => draft, run: async () => {
    await promise;
    return { summary: 'done', result: {} };
  } });
  const made = await plan(null);
  const { operationId } = runner.run({ planId: made.id, token: made.token, caller: 'test' });
  for (const { id, connection } of [gate, db]) {
    await expect(parts.call('host.update', { hostId: id, connection: { ...connection, port: 1 } })).rejects.toMatchObject({ code: 'operation.busy', details: { operationId } });
    await parts.call('host.update', { hostId: id, label: 'renamed', connection: { ...connection, signIn: { ...signIn, questions: true } } });
  }
  resolve();
  await waitFor('it to end', () => operations.get(operationId).state === 'succeeded');
  await parts.call('host.update', { hostId: gate.id, connection: { ...gate.connection, port: 1 } });
});
