/** Signing in to real servers: which machine on the way, which step, and why. */
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Secret } from '#shared/domain/secret.ts';
import { connectChain, type SshConnection } from '#engine/ssh/chain.ts';
import { exec, execOrFail } from '#engine/ssh/exec.ts';
import { quoteCommand } from '#engine/ssh/quote.ts';
import type { SshHop, SshQuestion } from '#engine/ssh/types.ts';
import { startAskingServer, type AskingServer } from '#test/asking-server.ts';
import { accountOf, authorize, cutConnections, makeKey, sshKey, startSshServer, whyNoSshServer, type KeyType, type SshServer } from '#test/ssh-server.ts';
import { freePort } from '#test/free-port.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const missing = whyNoSshServer();
let target: SshServer;
let jump: SshServer;
let gate: SshServer;
beforeEach((context) => {
  if (missing !== null) context.skip(missing);
});
beforeAll(async () => {
  if (missing !== null) return;
  [target, jump, gate] = await Promise.all([startSshServer({ hostKeys: ['ed25519', 'rsa', 'ecdsa'] }), startSshServer({ hostKeys: ['ecdsa'] }), startSshServer({ hostKeys: ['rsa'] })]);
});
afterAll(() => Promise.all([target?.stop(), jump?.stop(), gate?.stop()]));

async function open(...way: [SshHop, ...SshHop[]]): Promise<SshConnection> {
  const connection = await connectChain(way, { stepTimeoutMs: 8000 });
  onTestFinished(() => connection.close());
  return connection;
}
const says = async (connection: SshConnection, command: string) => (await execOrFail(connection, command)).stdout.trim();
const refusal = (...way: [SshHop, ...SshHop[]]) => connectChain(way, { stepTimeoutMs: 8000 }).then((connection) => (connection.close(), null), (error: unknown) => error as { code: string; message: string; hint: string; details: Record<string, unknown> });

describe('a key signs in', () => {
  test.each<[string, { type: KeyType; pem?: boolean; passphrase?: string }]>([
    ['ed25519 in OpenSSH\'s format', { type: 'ed25519' }], ['ECDSA in OpenSSH\'s format', { type: 'ecdsa' }], ['RSA in OpenSSH\'s format', { type: 'rsa' }],
    ['ECDSA in PEM', { type: 'ecdsa', pem: true }], ['RSA in PEM', { type: 'rsa', pem: true }],
    ['ed25519 with a passphrase', { type: 'ed25519', passphrase: 'open sésame' }], ['RSA in PEM with a passphrase', { type: 'rsa', pem: true, passphrase: 'open sesame' }],
  ])('%s', async (_what, options) => {
    const key = makeKey(target.folder, options);
    authorize(target, key);
    const connection = await open(target.hop({ account: { keys: [sshKey('id', key, options.passphrase ?? null)] } }));
    expect([await says(connection, 'echo here'), connection.hops[0]?.report.tried]).toEqual(['here', ['the key id']]);
  });
  test('that an agent holds', async () => {
    const folder = await temporaryFolder('agent');
    const socket = join(folder, 'agent.sock');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    onTestFinished(() => void agent.kill());
    const key = makeKey(folder);
    authorize(target, key);
    writeFileSync(join(folder, 'id'), key.privateKey, { mode: 0o600 });
    await waitFor('the agent', () => execFileSync('ssh-add', ['-q', join(folder, 'id')], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'pipe' }) !== null);
    const connection = await open(target.hop({ account: { keys: [], agent: socket } }));
    expect(connection.hops[0]?.report.tried).toEqual(['the keys of the agent (a test)']);
  });
});

describe('who is not let in is told', () => {
  test('which ways the server takes, and what was tried', async () => {
    const [one, two] = [makeKey(target.folder), makeKey(target.folder)];
    const error = await refusal(target.hop({ account: { keys: [sshKey('id_one', one), sshKey('id_two', two)], password: new Secret('wrong') } }));
    expect(error).toMatchObject({ code: 'ssh.authentication', message: expect.stringContaining('It takes publickey; refused: the key id_one and the key id_two.') as string, hint: expect.stringContaining('authorized_keys') as string });
  });
  test('that a key is encrypted', async () => {
    const error = await refusal(target.hop({ account: { keys: [sshKey('id_locked', makeKey(target.folder, { passphrase: 'secret words' }))] } }));
    expect(error).toMatchObject({ code: 'ssh.authentication', message: expect.stringContaining('id_locked is encrypted, and its passphrase is not known') as string, hint: expect.stringContaining('passphrase') as string });
  });
  test('that the passphrase is wrong', async () => {
    const error = await refusal(target.hop({ account: { keys: [sshKey('id_locked', makeKey(target.folder, { passphrase: 'secret words' }), 'other words')] } }));
    expect(error?.message).toContain('id_locked does not open with this passphrase');
  });
  test('that a public key is none to sign in with', async () => {
    const error = await refusal(target.hop({ account: { keys: [sshKey('id.pub', { privateKey: makeKey(target.folder).publicKey, publicKey: '' })] } }));
    expect(error?.message).toContain('id.pub is a public key');
  });
});

describe('the key of a host', () => {
  const other = () => {
    const [type = '', key = ''] = makeKey(target.folder).publicKey.split(' ');
    return { type, key, revoked: false };
  };
  test('that is not known is shown with its fingerprint, and nobody signs in', async () => {
    const before = target.log().length;
    const error = await refusal(target.hop({ knownKeys: [] }));
    const fingerprint = execFileSync('ssh-keygen', ['-lf', join(target.folder, 'host_ed25519')], { encoding: 'utf8' }).split(' ')[1];
    expect({ code: error?.code, fingerprint: error?.details['fingerprint'], tried: target.log().slice(before).includes('Accepted') }).toEqual({ code: 'ssh.host-key-unknown', fingerprint, tried: false });
  });
  test('that changed is refused, with both fingerprints', async () => {
    const error = await refusal(target.hop({ knownKeys: [other()] }));
    expect(error).toMatchObject({ code: 'ssh.host-key-changed', message: expect.stringMatching(/shows another key than the one that is known: ssh-ed25519 SHA256:\S+ instead of ssh-ed25519 SHA256:/) as string });
  });
  test('that is of another type than those that are known is refused', async () => {
    const error = await refusal(jump.hop({ knownKeys: [other()] }));
    expect(error).toMatchObject({ code: 'ssh.host-key-changed', details: { verdict: 'other-type' } });
  });
  test('that was revoked is refused, though it is known', async () => {
    const error = await refusal(target.hop({ knownKeys: [...target.knownKeys, ...target.knownKeys.map((key) => ({ ...key, revoked: true }))] }));
    expect(error).toMatchObject({ code: 'ssh.host-key-revoked' });
  });
  test.each([0, 1, 2])('is the known one of several, whichever that is (%d)', async (index) => {
    const known = target.knownKeys.slice(index, index + 1);
    const connection = await open(target.hop({ knownKeys: known }));
    expect(connection.hops[0]?.hostKey.type).toBe(known[0]?.type);
  });
});

describe('through other machines', () => {
  test('each is signed in to through the one before, by its own key', async () => {
    const seen: string[] = [];
    const connection = await connectChain([gate.hop(), jump.hop(), target.hop()], { onHop: ({ label }) => void seen.push(label) });
    onTestFinished(() => connection.close());
    const address = await says(connection, 'echo "$SSH_CONNECTION"');
    expect([seen.length, address.endsWith(` 127.0.0.1 ${target.port}`), connection.label]).toEqual([3, true, `${target.user}@127.0.0.1:${target.port}, reached through 127.0.0.1 and 127.0.0.1`]);
  });
  test.each([0, 1, 2])('a host key that is swapped is found where it is (hop %d)', async (index) => {
    const way = [gate, jump, target].map((server, at) => server.hop(at === index ? { knownKeys: [{ type: server.knownKeys[0]?.type ?? '', key: 'AAAA', revoked: false }] } : {})) as [SshHop, ...SshHop[]];
    const error = await refusal(...way);
    expect([error?.code, error?.message.startsWith(`${target.user}@127.0.0.1:${way[index]?.port}`)]).toEqual(['ssh.host-key-changed', true]);
  });
  test('one that forwards nothing is named, with the cure', async () => {
    const strict = await startSshServer({ settings: { AllowTcpForwarding: 'no' } });
    onTestFinished(() => strict.stop());
    expect(await refusal(strict.hop(), target.hop())).toMatchObject({ code: 'ssh.forwarding-refused', message: expect.stringContaining('does not forward connections') as string, hint: expect.stringContaining('AllowTcpForwarding') as string });
  });
  test('a closed port behind one is told as seen from there', async () => {
    expect(await refusal(jump.hop(), target.hop({ port: await freePort() }))).toMatchObject({ code: 'ssh.refused', message: expect.stringContaining('127.0.0.1 could not connect there') as string });
  });
  test('losing the first one ends all', async () => {
    const first = await startSshServer();
    onTestFinished(() => first.stop());
    const connection = await open(first.hop(), target.hop());
    const running = exec(connection, 'sleep 60');
    cutConnections(first);
    await expect(running).rejects.toMatchObject({ code: 'ssh.connection-lost' });
    await connection.closed;
    expect(connection.isOpen).toBe(false);
  });
});

describe('before anybody signs in', () => {
  test('a name that leads nowhere is told', async () => {
    expect(await refusal(target.hop({ host: 'no-such-host.invalid' }))).toMatchObject({ code: 'ssh.name-not-resolved', message: expect.stringContaining('no-such-host.invalid') as string });
  });
  test('a closed port is told', async () => {
    expect(await refusal(target.hop({ port: await freePort() }))).toMatchObject({ code: 'ssh.refused' });
  });
  test.each([['another protocol', 'HTTP/1.1 400 Bad Request\r\n\r\n'], ['no word', '']])('%s is told', async (_what, greeting) => {
    const server = createServer((socket) => void (socket.on('error', () => {}), greeting === '' ? undefined : socket.end(greeting)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const error = await connectChain([target.hop({ port })], { stepTimeoutMs: 500 }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: greeting === '' ? 'ssh.timeout' : 'ssh.not-ssh' });
  });
  test('it can be cancelled', async () => {
    const controller = new AbortController();
    const server = createServer(() => controller.abort(new Error('enough')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(connectChain([target.hop({ port })], { signal: controller.signal })).rejects.toThrow('enough');
  });
});

describe('a server that asks questions', () => {
  async function startAsking(): Promise<AskingServer> {
    const server = await startAskingServer([
      { title: 'The gate', prompts: [{ text: 'Password: ', shown: false, answer: 'the password' }] },
      { title: 'The gate', instructions: 'Two more', prompts: [{ text: 'One-time code: ', shown: true, answer: '123456' }, { text: 'Where from? ', shown: true, answer: 'home' }] },
    ]);
    onTestFinished(() => server.close());
    return server;
  }

  test('gets the password and the answers of a person', async () => {
    const { port, key } = await startAsking();
    const asked: SshQuestion[] = [];
    const connection = await open({ host: '127.0.0.1', port, knownKeys: [key], account: accountOf({ password: new Secret('the password'), ask: async (question) => (asked.push(question), ['123456', 'home'].map((answer) => new Secret(answer))) }) });
    expect([connection.isOpen, asked]).toEqual([true, [{ title: 'The gate', instructions: 'Two more', prompts: [{ text: 'One-time code: ', shown: true }, { text: 'Where from? ', shown: true }] }]]);
  });
  test('is told that nobody answered', async () => {
    const { port, key } = await startAsking();
    const error = await refusal({ host: '127.0.0.1', port, knownKeys: [key], account: accountOf({ password: new Secret('the password') }) });
    expect(error).toMatchObject({ code: 'ssh.question-unanswered', message: expect.stringContaining('It asked "One-time code" and "Where from?" (The gate), and there is nobody here who could be asked.') as string, hint: expect.stringContaining('at a terminal') as string });
  });
});

describe('a command', () => {
  test('ends with its status, its output and its errors', async () => {
    const connection = await open(target.hop());
    expect(await exec(connection, 'cat; echo oops >&2; exit 7', { input: 'what was sent' })).toMatchObject({ exitStatus: 7, signal: null, stdout: 'what was sent', stderr: 'oops\n' });
  });
  test('that a signal ends says which', async () => {
    const connection = await open(target.hop());
    expect(await exec(connection, 'kill -KILL $$')).toMatchObject({ exitStatus: null, signal: 'KILL' });
  });
  test('that fails is an error with what it said', async () => {
    const connection = await open(target.hop());
    await expect(execOrFail(connection, quoteCommand(['ls', '/no such folder']))).rejects.toMatchObject({ code: 'ssh.command-failed', message: expect.stringContaining('/no such folder') as string });
  });
  test('has its whole output, however much that is', async () => {
    const connection = await open(target.hop());
    let bytes = 0;
    const { exitStatus, stdout } = await exec(connection, 'head -c 20000000 /dev/zero', { keepBytes: 10, onStdout: (chunk) => void (bytes += chunk.length) });
    expect([exitStatus, bytes, stdout.length]).toEqual([0, 20_000_000, 10]);
  });
  test('whose connection is lost is never taken for done', async () => {
    const connection = await open(target.hop());
    const running = exec(connection, 'echo begun; sleep 60', { onStdout: () => cutConnections(target) });
    await expect(running).rejects.toMatchObject({ code: 'ssh.connection-lost' });
  });
  test('can be cancelled, and others go on', async () => {
    const connection = await open(target.hop());
    const controller = new AbortController();
    const running = exec(connection, 'sleep 60', { signal: controller.signal });
    const other = exec(connection, 'sleep 0.3; echo done');
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    expect((await other).stdout).toBe('done\n');
  });
});
