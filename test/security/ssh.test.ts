/** What must not be had over SSH: each of these was a hole of some program like ours. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { EngineClient } from '#shared/contract/index.ts';
import type { HostConnection } from '#shared/contract/hosts.ts';
import { createEngine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom } from '#engine/ports.ts';
import { openDatabase } from '#engine/store/database.ts';
import { createHostKeyRepository } from '#engine/store/host-key-repository.ts';
import { authorize, makeKey, startSshServer, whyNoSshServer, type KeyPair, type SshServer } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

let root: string;
let client: EngineClient;
let systemId: string;
beforeEach(async () => {
  root = await temporaryFolder('ssh-security');
  const engine = await createEngine({ root, ports: { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' } });
  onTestFinished(() => engine.close());
  client = engine.client('console');
  systemId = (await client.call('system.add', { name: 'Shop', environment: 'production' })).system.id;
});

interface Shown {
  keyType: string;
  key: string;
  fingerprint: string;
}
async function shownBy(hostId: string): Promise<Shown> {
  const { keyType, key, fingerprint } = ((await client.call('host.test', { hostId })).error?.details ?? {}) as unknown as Shown;
  return { keyType, key, fingerprint };
}

describe('a key that changed is not taken by a click:', () => {
  const missing = whyNoSshServer();
  let target: SshServer;
  let jump: SshServer;
  let ours: KeyPair;
  let keyPath: string;
  let db: string;
  let shown: Shown;
  beforeAll(async () => {
    if (missing !== null) return;
    [target, jump] = await Promise.all([startSshServer(), startSshServer()]);
    ours = makeKey(target.folder);
    for (const server of [target, jump]) authorize(server, ours);
  });
  afterAll(() => Promise.all([target?.stop(), jump?.stop()]));
  beforeEach(async (context) => {
    if (missing !== null) return context.skip(missing);
    keyPath = join(await temporaryFolder('keys'), 'id');
    writeFileSync(keyPath, ours.privateKey, { mode: 0o600 });
    db = await add('db', target);
    const [type = '', key = ''] = makeKey(root).publicKey.split(' ');
    const store = openDatabase(root, root, systemClock.now());
    createHostKeyRepository(store).insert({ id: systemRandom.id(), host: '127.0.0.1', port: target.port, type, key, state: 'trusted', source: 'compared', by: 'test', at: systemClock.now() });
    store.close();
    shown = await shownBy(db);
  });
  const reached = ({ port }: SshServer, viaId: string | null = null): HostConnection => ({ host: '127.0.0.1', port, user: target.user, signIn: { keys: [{ path: keyPath, passphrase: { source: 'none' } }], agent: false, password: { source: 'none' } }, viaId });
  const add = async (label: string, server: SshServer, viaId: string | null = null): Promise<string> => (await client.call('host.add', { systemId, label, connection: reached(server, viaId) })).host.id;
  const stillRefused = async (hostId = db): Promise<void> => expect((await client.call('host.test', { hostId })).error?.code).toBe('ssh.host-key-changed');

  test.each<[string, () => object]>([
    ['as that of the host', () => ({ hostId: db })],
    ['as that of its name and port', () => ({ host: '127.0.0.1', port: target.port })],
    ['as that of its name and port, by no way', () => ({ host: '127.0.0.1', port: target.port, viaId: null })],
  ])('not by trusting it %s', async (_what, machine) => {
    await expect(client.call('host.trustKey', { machine: machine() as { hostId: string }, ...shown })).rejects.toMatchObject({ code: 'store.conflict' });
    await stillRefused();
  });
  test.each(['', 'DB', 'db ', '127.0.0.1', '*'])('not by replacing it with the name "%s"', async (confirmName) => {
    await expect(client.call('host.replaceKey', { machine: { hostId: db }, ...shown, confirmName })).rejects.toMatchObject({ code: 'operation.name-not-confirmed' });
    await stillRefused();
  });
  test('not by adding the host again', async () => {
    const again = await add('again', target);
    await expect(client.call('host.trustKey', { machine: { hostId: again }, ...shown })).rejects.toMatchObject({ code: 'store.conflict' });
    await stillRefused(again);
  });
  test('not by leading it the way of another host to which it was shown first', async () => {
    const gate = await add('gate', jump);
    await client.call('host.trustKey', { machine: { hostId: gate }, ...(await shownBy(gate)) });
    const other = await add('other', target, gate);
    await client.call('host.trustKey', { machine: { hostId: other }, ...(await shownBy(other)) });
    await expect(client.call('host.update', { hostId: db, connection: reached(target, gate) })).rejects.toMatchObject({ code: 'store.conflict' });
    await stillRefused();
  });
  test('not by leading it another way and trusting it there', async () => {
    const gate = await add('gate', jump);
    await client.call('host.trustKey', { machine: { hostId: gate }, ...(await shownBy(gate)) });
    await client.call('host.update', { hostId: db, connection: reached(target, gate) });
    await expect(client.call('host.trustKey', { machine: { hostId: db }, ...shown })).rejects.toMatchObject({ code: 'store.conflict' });
    await stillRefused();
  });
  test('not by any field that the contract does not know', async () => {
    for (const more of [{ force: true }, { confirmed: true }, { state: 'trusted' }]) {
      await expect(client.call('host.trustKey', { machine: { hostId: db }, ...shown, ...more })).rejects.toMatchObject({ code: 'contract.invalid-input' });
      await expect(client.call('host.test', { hostId: db, knownKeys: [shown], ...more } as never)).rejects.toMatchObject({ code: 'contract.invalid-input' });
    }
    await stillRefused();
  });
});

const nasty = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u0008\u202eevil';

/** A server that one should not trust: it takes note of what is tried, and says what a terminal would obey. */
async function startImpostor(): Promise<{ port: number; key: { type: string; key: string }; tried: string[] }> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs1', format: 'pem' }, publicKeyEncoding: { type: 'pkcs1', format: 'pem' } });
  const parsed = ssh2.utils.parseKey(privateKey);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined || key instanceof Error) throw new Error('This is no key.');
  const tried: string[] = [];
  const server = new ssh2.Server({ hostKeys: [privateKey], banner: nasty }, (connection) => {
    connection.on('error', () => {});
    connection.on('authentication', (context) => {
      tried.push(context.method === 'password' ? `password ${context.password}` : context.method);
      if (context.method === 'password') context.accept();
      else context.reject(['password', nasty as never]);
    });
    connection.on('session', (accept) => accept().on('exec', (acceptExec, _reject, { command }) => {
      const channel = acceptExec();
      channel.write(`${nasty}\n${/echo (\S+);/.exec(command)?.[1] ?? ''}\n${nasty}Linux${nasty}\n`);
      channel.stderr.write(nasty);
      channel.exit(0);
      channel.end();
    }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as { port: number }).port, key: { type: 'ssh-rsa', key: key.getPublicSSH().toString('base64') }, tried };
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([name, item]) => [name, ...stringsIn(item)]) : [];
}
const obeyed = (value: unknown): string[] => stringsIn(value).filter((text) => /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(text));

describe('a server whose key is not the one that is known', () => {
  const password = 'canary-for-the-right-one';
  const connection = (port: number): HostConnection => ({ host: '127.0.0.1', port, user: 'ann', signIn: { keys: [], agent: false, password: { source: 'ask' } }, viaId: null });
  const known = {
    'unknown': () => [],
    'changed': () => [{ type: 'ssh-rsa', key: 'AAAAB3NzaC1yc2EAAAADAQABAAAAAQ==', state: 'trusted' as const }],
    'of another type': () => [{ type: 'ssh-ed25519', key: 'AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', state: 'trusted' as const }],
  };
  test.each(Object.entries(known))('is told no password and not even asked how one signs in: %s', async (_what, keys) => {
    const { port, tried } = await startImpostor();
    const hostId = (await client.call('host.add', { systemId, connection: connection(port), password })).host.id;
    const store = openDatabase(root, root, systemClock.now());
    for (const key of keys()) createHostKeyRepository(store).insert({ id: systemRandom.id(), host: '127.0.0.1', port, ...key, source: 'compared', by: 'test', at: systemClock.now() });
    store.close();
    const { error } = await client.call('host.test', { hostId });
    expect([error?.code.startsWith('ssh.host-key-'), tried]).toEqual([true, []]);
  });
  test('is told none though its key was trusted, when it was revoked since', async () => {
    const { port, tried } = await startImpostor();
    const hostId = (await client.call('host.add', { systemId, connection: connection(port), password })).host.id;
    const shown = await shownBy(hostId);
    await client.call('host.trustKey', { machine: { hostId }, ...shown });
    await client.call('host.revokeKey', { machine: { hostId }, ...shown, confirmName: '127.0.0.1' });
    expect([(await client.call('host.test', { hostId })).error?.code, tried]).toEqual(['ssh.host-key-revoked', []]);
  });
});

test('what a server says is nothing that a terminal obeys, wherever it is said', async () => {
  const { port } = await startImpostor();
  const ask = (signIn: HostConnection['signIn']): HostConnection => ({ host: '127.0.0.1', port, user: 'ann', signIn, viaId: null });
  const hostId = (await client.call('host.add', { systemId, connection: ask({ keys: [], agent: false, password: { source: 'ask' } }), password: 'words' })).host.id;
  await client.call('host.trustKey', { machine: { hostId }, ...(await shownBy(hostId)) });
  const tested = await client.call('host.test', { hostId });
  const refused = await client.call('host.test', { connection: ask({ keys: [], agent: false, password: { source: 'none' }, questions: true }) });
  expect([tested.ok, tested.platform?.includes('Linux'), refused.ok, obeyed([tested, refused, await client.call('host.list', {})])]).toEqual([true, true, false, []]);
});
