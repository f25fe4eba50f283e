/**
 * Bad days of a connection through two machines: every fault at every machine of the way, told by its code, by the
 * machine that it is about, and with a cure.
 */
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { createServer, connect as dial, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Secret } from '#shared/domain/secret.ts';
import { connectChain, type ChainOptions, type SshConnection } from '#engine/ssh/chain.ts';
import { exec } from '#engine/ssh/exec.ts';
import { labelOf } from '#engine/ssh/place.ts';
import { testWay } from '#engine/ssh/test-way.ts';
import type { SshHop, SshLayer } from '#engine/ssh/types.ts';
import { makeAccount, whyNoAccount } from '#test/account.ts';
import { startAskingServer } from '#test/asking-server.ts';
import { freePort } from '#test/free-port.ts';
import { startProxy, type TcpProxy } from '#test/proxy.ts';
import { accountOf, cutConnections, makeKey, sshKey, startSshServer, whyNoSshServer, type KeyPair, type SshServer, type SshServerOptions } from '#test/ssh-server.ts';
import { waitFor } from '#test/wait-for.ts';

const missing = whyNoSshServer();
let servers: [SshServer, SshServer, SshServer];
let old: SshServer;
let otherKeys: { ed25519: KeyPair; ecdsa: KeyPair; locked: KeyPair };

beforeAll(async () => {
  if (missing !== null) return;
  servers = await Promise.all([startSshServer(), startSshServer(), startSshServer()]);
  old = await startSshServer({ settings: { Ciphers: '3des-cbc' } });
  const { folder } = servers[0];
  otherKeys = { ed25519: makeKey(folder), ecdsa: makeKey(folder, { type: 'ecdsa' }), locked: makeKey(folder, { passphrase: 'words' }) };
});
afterAll(() => Promise.all([...(servers ?? []), ...(old === undefined ? [] : [old])].map((server) => server.stop())));
beforeEach((context) => {
  if (missing !== null) context.skip(missing);
});

type Way = [SshHop, ...SshHop[]];
type Change = Parameters<SshServer['hop']>[0];
const at = [0, 1, 2] as const;

/** The whole way, where one machine is another one, or differs in something. */
const way = (index: number, change: Change | SshHop): Way => servers.map((server, position) => (position === index ? server.hop(change) : server.hop())) as Way;
const labelAt = (hops: Way, index: number): string => labelOf(hops[index] as SshHop, hops.slice(0, index));

interface Expected {
  code: string;
  /** What is wrong, as it is said. */
  says: RegExp;
  cure: RegExp;
}

/** The error has its code, begins with the machine that it is about and with no other, and says what to do. */
async function expectFault(work: Promise<unknown>, label: string, { code, says, cure }: Expected): Promise<void> {
  const error = await work.then(() => null, (caught: unknown) => caught as { code: string; message: string; hint: string; details: Record<string, unknown> });
  expect(error).toMatchObject({ code, message: expect.stringMatching(says) as string, hint: expect.stringMatching(cure) as string, details: { hop: label } });
  expect(error?.message.startsWith(`${label}: `)).toBe(true);
}
const connecting = (hops: Way, options: ChainOptions = {}): Promise<void> => connectChain(hops, { stepTimeoutMs: 5000, ...options }).then((connection) => connection.close());

async function open(hops: Way, options: ChainOptions = {}): Promise<SshConnection> {
  const connection = await connectChain(hops, options);
  onTestFinished(() => connection.close());
  return connection;
}

/** Something that listens and is no sshd. */
async function startListener(greet: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    greet(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as { port: number }).port;
}
async function proxyTo(server: SshServer): Promise<TcpProxy> {
  const proxy = await startProxy(server.port);
  onTestFinished(() => proxy.close());
  return proxy;
}
async function startOther(options: SshServerOptions): Promise<SshServer> {
  const server = await startSshServer(options);
  onTestFinished(() => server.stop());
  return server;
}

describe.each(at)('at machine %d of three,', (index) => {
  const publicOf = ({ publicKey }: KeyPair, revoked = false) => {
    const [type = '', key = ''] = publicKey.split(' ');
    return { type, key, revoked };
  };

  describe('signing in is refused, because', () => {
    test.each<[string, () => Change, Expected]>([
      ['the key is another one', () => ({ account: { keys: [sshKey('id_wrong', otherKeys.ed25519)] } }), { code: 'ssh.authentication', says: /It takes publickey; refused: the key id_wrong\./, cure: /authorized_keys/ }],
      ['every way is refused, and what it takes and what was tried is said', () => ({ account: { keys: [sshKey('id_one', otherKeys.ed25519), sshKey('id_two', otherKeys.ecdsa)], password: new Secret('wrong words') } }), { code: 'ssh.authentication', says: /It takes publickey; refused: the key id_one and the key id_two\./, cure: /user name/ }],
      ['the key does not open with its passphrase', () => ({ account: { keys: [sshKey('id_locked', otherKeys.locked, 'other words')] } }), { code: 'ssh.authentication', says: /id_locked does not open with this passphrase/, cure: /passphrase/ }],
      ['it takes nothing that there is', () => ({ account: { keys: [] } }), { code: 'ssh.authentication', says: /nothing was tried/, cure: /in the settings of this host: a key or the agent/ }],
      ['nobody is there by this name', () => ({ account: { user: 'no-such-account' } }), { code: 'ssh.authentication', says: /no-such-account was not let in/, cure: /user name/ }],
    ])('%s', async (_what, change, expected) => {
      const hops = way(index, change());
      await expectFault(connecting(hops), labelAt(hops, index), expected);
    });
  });

  describe('its key', () => {
    test.each<[string, () => Change, Expected]>([
      ['is not known', () => ({ knownKeys: [] }), { code: 'ssh.host-key-unknown', says: /not known yet: ssh-ed25519 SHA256:/, cure: /ssh-keygen -lf/ }],
      ['was swapped', () => ({ knownKeys: [publicOf(otherKeys.ed25519)] }), { code: 'ssh.host-key-changed', says: /another key than the one that is known: ssh-ed25519 SHA256:\S+ instead of ssh-ed25519 SHA256:/, cure: /replace the key/ }],
      ['is of a type that was never seen of it', () => ({ knownKeys: [publicOf(otherKeys.ecdsa)] }), { code: 'ssh.host-key-changed', says: /of a type that was never seen/, cure: /replace the key/ }],
      ['was revoked', () => ({ knownKeys: [...servers[index].knownKeys, ...servers[index].knownKeys.map((key) => ({ ...key, revoked: true }))] }), { code: 'ssh.host-key-revoked', says: /was revoked/, cure: /Do not connect/ }],
    ])('%s', async (_what, change, expected) => {
      const before = servers[index].log().length;
      const hops = way(index, change());
      await expectFault(connecting(hops), labelAt(hops, index), expected);
      expect(servers[index].log().slice(before).includes('Accepted')).toBe(false);
    });
  });

  describe('there answers', () => {
    test('nobody', async () => {
      const hops = way(index, { port: await freePort() });
      await expectFault(connecting(hops), labelAt(hops, index), { code: 'ssh.refused', says: index === 0 ? /nothing answers/ : /127\.0\.0\.1 could not connect there/, cure: /sshd|listens/ });
    });
    test('no address to its name', async () => {
      const hops = way(index, { host: 'no-such-host.invalid' });
      await expectFault(connecting(hops), labelAt(hops, index), { code: index === 0 ? 'ssh.name-not-resolved' : 'ssh.refused', says: /no-such-host\.invalid/, cure: /spelling|Check the address as it is seen from there/ });
    });
    test('somebody who says nothing', async () => {
      const hops = way(index, { port: await startListener(() => {}) });
      await expectFault(connecting(hops, { stepTimeoutMs: 400 }), labelAt(hops, index), { code: 'ssh.timeout', says: /it connected, and said nothing, for 0\.4 s/, cure: /firewall/ });
    });
    test('somebody who hangs up at once', async () => {
      const hops = way(index, { port: await startListener((socket) => socket.end()) });
      await expectFault(connecting(hops), labelAt(hops, index), { code: 'ssh.connection-lost', says: /closed the connection before it said a word/, cure: /MaxStartups/ });
    });
    test('another protocol', async () => {
      const hops = way(index, { port: await startListener((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')) });
      await expectFault(connecting(hops), labelAt(hops, index), { code: 'ssh.not-ssh', says: /it says "HTTP\/1\.1 400 Bad Request"/, cure: /port/ });
    });
    test('a flood of words that never ends', async () => {
      const hops = way(index, { port: await startListener((socket) => {
        const flood = (): void => {
          while (!socket.destroyed && socket.write('\u001b[31mWelcome, welcome, welcome\r\n'.repeat(100)));
          socket.once('drain', flood);
        };
        flood();
      }) });
      await expectFault(connecting(hops), labelAt(hops, index), { code: 'ssh.not-ssh', says: /it says "Welcome, welcome, welcome"/, cure: /port/ });
    });
    test('a server that has no room', async () => {
      const busy = await startOther({ settings: { MaxStartups: '1:100:1', LoginGraceTime: '60' } });
      // Who looked whether it is up may still have the only place.
      await waitFor('the only place', async () => {
        const waiting = dial(busy.port, '127.0.0.1');
        onTestFinished(() => void waiting.destroy());
        const [first] = (await once(waiting, 'data')) as [Buffer];
        return first.toString().startsWith('SSH-');
      });
      const hops = way(index, busy.hop());
      await expectFault(connecting(hops), labelAt(hops, index), { code: 'ssh.connection-lost', says: /no room|before it said a word/, cure: /MaxStartups/ });
    });
    test('a server that speaks only what is accepted no more', async () => {
      const hops = way(index, old.hop());
      await expectFault(connecting(hops), labelAt(hops, index), { code: 'ssh.no-common-algorithm', says: /no algorithm that is still accepted/, cure: /Update it/ });
    });
  });

  describe('the line is cut', () => {
    test.each<[string, (proxy: TcpProxy) => void, Expected]>([
      ['before it has said who it is', (proxy) => proxy.cutAfter(5), { code: 'ssh.connection-lost', says: /connection/, cure: /Try again/ }],
      ['while the keys are exchanged', (proxy) => proxy.cutAfter(400), { code: 'ssh.connection-lost', says: /lost while the keys were exchanged/, cure: /Try again/ }],
    ])('%s', async (_what, arrange, expected) => {
      const proxy = await proxyTo(servers[index]);
      arrange(proxy);
      const hops = way(index, { port: proxy.port });
      await expectFault(connecting(hops), labelAt(hops, index), expected);
    });
    test('while one signs in', async () => {
      const proxy = await proxyTo(servers[index]);
      const hops = way(index, { port: proxy.port });
      const cut = (position: number, layer: SshLayer): void => {
        if (position === index && layer === 'host-key') proxy.cut();
      };
      await expectFault(connecting(hops, { onPassed: cut }), labelAt(hops, index), { code: 'ssh.connection-lost', says: /lost while signing in/, cure: /Try again/ });
    });
    test('while a command runs at the end', async () => {
      const proxy = await proxyTo(servers[index]);
      const hops = way(index, { port: proxy.port });
      const running = exec(await open(hops), 'sleep 60');
      proxy.cut();
      await expectFault(running, labelAt(hops, index), { code: 'ssh.connection-lost', says: index === 2 ? /lost \(.*\) while a command ran/ : /and with it that to .*while a command ran/, cure: /before it is run again/ });
    });
    test('silently, while a command runs at the end', async () => {
      const proxy = await proxyTo(servers[index]);
      const hops = way(index, { port: proxy.port });
      const running = exec(await open(hops, { keepAlive: { everyMs: 150, missed: 3 } }), 'sleep 60');
      proxy.stall();
      await expectFault(running, labelAt(hops, index), { code: 'ssh.connection-lost', says: /no sign of life/, cure: /before it is run again/ });
    });
  });
});

describe.each([0, 1] as const)('machine %d, which is on the way,', (index) => {
  test('forwards nothing', async () => {
    const strict = await startOther({ settings: { AllowTcpForwarding: 'no' } });
    const hops = way(index, strict.hop());
    await expectFault(connecting(hops), labelAt(hops, index), { code: 'ssh.forwarding-refused', says: /does not forward connections there/, cure: /AllowTcpForwarding/ });
  });
  test('forwards to others only', async () => {
    const strict = await startOther({ settings: { PermitOpen: '127.0.0.1:1' } });
    const hops = way(index, strict.hop());
    await expectFault(connecting(hops), labelAt(hops, index), { code: 'ssh.forwarding-refused', says: /does not forward connections there/, cure: /PermitOpen/ });
  });
  test('goes away while a command runs at the end', async () => {
    const leaving = await startOther({});
    const hops = way(index, leaving.hop());
    const running = exec(await open(hops), 'sleep 60');
    cutConnections(leaving);
    await expectFault(running, labelAt(hops, index), { code: 'ssh.connection-lost', says: /and with it that to/, cure: /before it is run again/ });
  });
  test('goes away while the next one is signed in to', async () => {
    const leaving = await startOther({});
    const hops = way(index, leaving.hop());
    const cut = (position: number, layer: SshLayer): void => {
      if (position === index + 1 && layer === 'network') cutConnections(leaving);
    };
    await expectFault(connecting(hops, { onPassed: cut }), labelAt(hops, index), { code: 'ssh.connection-lost', says: /and with it that to .*while it was connected to/, cure: /its sshd/ });
  });
});

describe('the host at the end', () => {
  test('goes away while a command runs', async () => {
    const leaving = await startOther({});
    const hops = way(2, leaving.hop());
    const running = exec(await open(hops), 'sleep 60');
    cutConnections(leaving);
    await expectFault(running, labelAt(hops, 2), { code: 'ssh.connection-lost', says: /while a command ran/, cure: /before it is run again/ });
  });
  test('opens no session', async () => {
    const strict = await startOther({ settings: { MaxSessions: '0' } });
    const hops = way(2, strict.hop());
    await expectFault(exec(await open(hops), 'true'), labelAt(hops, 2), { code: 'ssh.channel-refused', says: /opened no session/, cure: /MaxSessions/ });
  });
  test('asks what nobody answers', async () => {
    const asking = await startAskingServer([{ title: 'The gate', prompts: [{ text: 'One-time code:', shown: true, answer: '1' }] }]);
    onTestFinished(() => asking.close());
    const hops = way(2, { host: '127.0.0.1', port: asking.port, knownKeys: [asking.key], account: accountOf({ keys: [], ask: () => Promise.resolve('expired') }) });
    await expectFault(connecting(hops), labelAt(hops, 2), { code: 'ssh.question-unanswered', says: /It asked "One-time code" \(The gate\), and nobody answered in time/, cure: /at a terminal/ });
  });

  const tryWay = (hops: Way) => testWay(hops.map((hop, position) => ({ hostId: null, label: `machine ${position}`, hop, lack: null })) as never);
  const tested = async (hops: Way) => (await tryWay(hops)).error;
  const commandOf = async (hops: Way) => (await tryWay(hops)).machines.at(-1)?.layers.at(-1);
  test('has an account without a shell', async (context) => {
    const why = whyNoAccount();
    if (why !== null) return context.skip(why);
    const account = makeAccount({ shell: '/usr/sbin/nologin' });
    onTestFinished(() => account.remove());
    const server = await startOther({});
    // sshd reads it as the account that signs in.
    chmodSync(server.folder, 0o711);
    chmodSync(join(server.folder, 'authorized_keys'), 0o644);
    const hops = way(2, server.hop({ account: { user: account.name } }));
    expect(await tested(hops)).toMatchObject({ code: 'ssh.command-failed', message: expect.stringMatching(new RegExp(`^${account.name}@.*its shell did not run a command: This account is currently not available`)) as string, hint: expect.stringContaining('nologin') as string });
  });
  test('runs no command of ours, as its key is bound to another', async () => {
    const bound = await startOther({ settings: { ForceCommand: 'echo This account is for backups' } });
    const hops = way(2, bound.hop());
    expect(await tested(hops)).toMatchObject({ code: 'ssh.command-failed', message: expect.stringContaining(`${labelAt(hops, 2)}: its shell did not run a command: This account is for backups`) as string, hint: expect.stringContaining('authorized_keys') as string });
  });
  test('has a shell that talks', async () => {
    const chatty = await startOther({ settings: { ForceCommand: 'echo Welcome; eval "$SSH_ORIGINAL_COMMAND"' } });
    expect(await commandOf(way(2, chatty.hop()))).toMatchObject({ state: 'warn', detail: expect.stringMatching(/"Welcome".*~\/\.bashrc/) as string });
  });
  test('has a shell that takes its time', async () => {
    const slow = await startOther({ settings: { ForceCommand: 'sleep 2.1; eval "$SSH_ORIGINAL_COMMAND"' } });
    expect(await commandOf(way(2, slow.hop()))).toMatchObject({ state: 'warn', detail: expect.stringMatching(/takes \d\.\d s to start.*~\/\.bashrc/) as string });
  });
});
