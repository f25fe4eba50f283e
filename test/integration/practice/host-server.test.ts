/** The SSH server of the practice system: who gets in, what runs, and which files can be reached. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import ssh2, { type ParsedKey, type SFTPWrapper } from 'ssh2';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { connectChain, type SshConnection } from '#engine/ssh/chain.ts';
import { exec } from '#engine/ssh/exec.ts';
import { fetchFile } from '#engine/ssh/fetch.ts';
import { openTunnel } from '#engine/ssh/tunnel.ts';
import { freePort } from '#test/free-port.ts';
import { startLonePracticeHost, type LonePracticeHost } from '#test/practice-host.ts';
import { processesMatching } from '#test/processes.ts';
import { accountOf, makeKey, sshKey } from '#test/ssh-server.ts';
import { makeTemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

let host: LonePracticeHost;
let home: string;
beforeAll(async () => {
  host = await startLonePracticeHost();
  home = host.place.host.home;
});
afterAll(() => host.close());

async function signIn(changes: Partial<LonePracticeHost['hop']> = {}): Promise<SshConnection> {
  const connection = await connectChain([{ ...host.hop, ...changes }]);
  onTestFinished(() => connection.close());
  return connection;
}

describe('signing in', () => {
  test('lets the practice key in', async () => {
    expect((await signIn()).isOpen).toBe(true);
  });
  test.each([
    ['another key', () => ({ keys: [sshKey('another', makeKey(host.place.folder))] })],
    ['another user', () => ({ ...host.hop.account, user: 'somebody' })],
    ['a password', () => ({ password: host.hop.account.keys[0]?.text ?? null })],
    ['nothing', () => ({})],
  ])('refuses %s', async (_what, account) => {
    await expect(signIn({ account: accountOf(account()) })).rejects.toMatchObject({ code: 'ssh.authentication' });
  });
  test('refuses the public half of the practice key with a signature of another', async () => {
    const agent = new Forger();
    await expect(signInWith(agent)).rejects.toThrow('All configured authentication methods failed');
    expect(agent.asked).toBe(1);
  });
  test('cuts off whoever tries one key after the other', async () => {
    const many = Array.from({ length: 8 }, (_value, index) => sshKey(`another ${index}`, makeKey(host.place.folder)));
    await expect(signIn({ account: accountOf({ keys: many }) })).rejects.toMatchObject({ code: 'ssh.connection-lost' });
  });
  test('waits for nobody who says nothing where many do', async () => {
    const silent = Array.from({ length: 40 }, (_value, index) => connect({ port: host.server.port, host: '127.0.0.1', localAddress: `127.0.0.${index + 2}` }));
    let cut = 0;
    for (const socket of silent) socket.on('error', () => {}).on('data', () => {}).on('close', () => (cut += 1));
    onTestFinished(() => silent.forEach((socket) => socket.destroy()));
    await waitFor('those over the limit to be cut off', () => cut === 8);
    silent.forEach((socket) => socket.destroy());
    await waitFor('the others to be gone', () => cut === 40);
    expect((await signIn()).isOpen).toBe(true);
  });
  test('listens on the loopback address alone', async () => {
    const elsewhere = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []).filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of [...elsewhere, { address: '127.0.0.2' }]) expect(await answers(address, host.server.port)).toBe(false);
    expect(await answers('127.0.0.1', host.server.port)).toBe(true);
  });
  test('keeps its keys to whoever runs the engine', () => {
    const modes = [host.place.host.folder, host.place.host.home, host.place.host.hostKey, host.place.host.clientKey].map((path) => (statSync(path).mode & 0o777).toString(8));
    expect(modes).toEqual(['700', '700', '600', '600']);
  });
});

/** Shows the practice key, which is no secret, and signs with one of its own. */
class Forger extends ssh2.BaseAgent {
  asked = 0;
  readonly #own = ssh2.utils.parseKey(makeKey(host.place.folder).privateKey) as ParsedKey;
  override getIdentities(callback: (error: Error | undefined, keys: ParsedKey[]) => void): void {
    callback(undefined, [ssh2.utils.parseKey(readFileSync(host.place.host.clientKey)) as ParsedKey]);
  }
  override sign(_key: unknown, data: Buffer, options: unknown, callback?: (error: Error | undefined, signature: Buffer) => void): void {
    this.asked += 1;
    (callback ?? (options as typeof callback))?.(undefined, this.#own.sign(data));
  }
}

function signInWith(agent: Forger): Promise<void> {
  const client = new ssh2.Client();
  onTestFinished(() => void client.destroy());
  return new Promise((resolve, reject) => {
    client.once('ready', resolve).on('error', reject);
    client.connect({ host: '127.0.0.1', port: host.server.port, username: host.hop.account.user, agent, hostVerifier: () => true });
  });
}

function answers(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: 2000 });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
    socket.once('timeout', () => {
      socket.destroy();
      resolve(false);
    });
  });
}

/** Standard output and how it ended, of a command that is spoken to as it runs. */
async function begin(command: string) {
  const { client } = await signIn();
  const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) => client.exec(command, (error, opened) => (error === undefined ? resolve(opened) : reject(error))));
  const ended = new Promise<unknown[]>((resolve) => channel.once('close', (...how: unknown[]) => resolve(how)));
  return { channel, ended };
}
const hashOf = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');

describe('a command', () => {
  test('has its status, its output, its errors and its input', async () => {
    expect(await exec(await signIn(), 'cat; echo oops >&2; exit 7', { input: 'typed' })).toMatchObject({ exitStatus: 7, signal: null, stdout: 'typed', stderr: 'oops\n' });
  });
  test('works in the home of the host, with its environment and nothing of ours', async () => {
    const { stdout } = await exec(await signIn(), 'pwd; env');
    const lines = stdout.trim().split('\n');
    expect([lines[0], lines.slice(1).map((line) => line.split('=')[0]).filter((name) => !['PWD', 'OLDPWD', '_', 'SHLVL'].includes(name ?? '')).toSorted((a = '', b = '') => a.localeCompare(b))]).toEqual([home, ['HOME', 'PATH']]);
  });
  test('that a signal ended says which', async () => {
    expect(await exec(await signIn(), 'kill -KILL $$')).toMatchObject({ exitStatus: null, signal: 'KILL' });
  });
  test('gets the signals that are sent', async () => {
    const { channel, ended } = await begin(`trap 'echo told; exit 3' TERM; echo ready; while :; do sleep 0.05; done`);
    let said = '';
    channel.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await waitFor('it to be ready', () => said === 'ready\n');
    channel.signal('TERM');
    expect([(await ended)[0], said]).toEqual([3, 'ready\ntold\n']);
  });
  test('brings much of both outputs whole, to a reader that lets it wait', async () => {
    const much = randomBytes(6_000_000);
    writeFileSync(join(home, 'much'), much);
    const { channel, ended } = await begin('cat much; cat much >&2');
    /** Reads only when so much came that no more may come. */
    const read = async (stream: Readable): Promise<Buffer> => {
      await waitFor('the channel to be full', () => stream.readableLength > 1_500_000);
      return buffer(stream);
    };
    const [out, err] = await Promise.all([read(channel), read(channel.stderr)]);
    expect([await ended, out.length, out.equals(much), err.length, err.equals(much)]).toEqual([[0], much.length, true, much.length, true]);
  });
  test('takes much input whole, and ends though it reads none of it', async () => {
    const much = randomBytes(8_000_000);
    expect((await exec(await signIn(), 'sha256sum', { input: much })).stdout).toContain(hashOf(much));
    expect(await exec(await signIn(), 'exec <&-; exit 4', { input: much })).toMatchObject({ exitStatus: 4 });
  });
  test.each([
    ['its channel is closed', (channel: ssh2.ClientChannel) => channel.close()],
    ['its connection is cut', (channel: ssh2.ClientChannel) => void (channel as unknown as { _client: ssh2.Client })._client.destroy()],
  ])('ends with all that it began when %s', async (_what, cut) => {
    const mark = `9${randomBytes(4).readUInt32BE()}`;
    const { channel } = await begin(`trap '' TERM HUP; sleep ${mark} & sleep ${mark}`);
    channel.resume();
    await waitFor('both to run', () => processesMatching(`sleep ${mark}`).filter(({ commandLine }) => commandLine === `sleep ${mark}`).length === 2);
    cut(channel);
    await waitFor('both to be gone', () => processesMatching(mark).length === 0, { within: 8000 });
  });
  test('leaves what went into a session of its own', async () => {
    const mark = `9${randomBytes(4).readUInt32BE()}`;
    await exec(await signIn(), `setsid sleep ${mark} </dev/null >/dev/null 2>&1 &`);
    await new Promise((resolve) => setTimeout(resolve, 1500)); // Longer than what stays in its group is left alone.
    const [left] = processesMatching(`sleep ${mark}`);
    if (left !== undefined) process.kill(left.pid, 'SIGKILL');
    expect(left).toBeDefined();
  });
  test('is the only thing that a session is for: no shell and no terminal', async () => {
    const { client } = await signIn();
    await expect(new Promise((resolve, reject) => client.shell((error, channel) => (error === undefined ? resolve(channel) : reject(error))))).rejects.toThrow();
  });
});

describe('forwarding', () => {
  test('goes to the practice server', async () => {
    const channel = await openTunnel(await signIn(), { kind: 'tcp', host: '127.0.0.1', port: host.behind.port });
    expect(await text(channel)).toBe('here');
  });
  test.each([
    ['another port', async () => ({ kind: 'tcp' as const, host: '127.0.0.1', port: host.server.port })],
    ['a port where nobody is', async () => ({ kind: 'tcp' as const, host: '127.0.0.1', port: await freePort() })],
    ['another machine', async () => ({ kind: 'tcp' as const, host: '127.0.0.2', port: host.behind.port })],
    ['a socket', async () => ({ kind: 'socket' as const, path: '/tmp/.s.PGSQL.5432' })],
  ])('does not go to %s', async (_what, target) => {
    await expect(openTunnel(await signIn(), await target())).rejects.toMatchObject({ code: expect.stringMatching(/^ssh\.(?:refused|channel-refused|forwarding-refused)$/) as string });
  });
  test('lets nobody listen here', async () => {
    const { client } = await signIn();
    await expect(new Promise((resolve, reject) => client.forwardIn('127.0.0.1', 0, (error, port) => (error === undefined ? resolve(port) : reject(error))))).rejects.toThrow();
  });
});

describe('the transfer of files', () => {
  let elsewhere: string;
  let sftp: SFTPWrapper;
  beforeAll(async () => {
    elsewhere = await makeTemporaryFolder('elsewhere');
    writeFileSync(join(elsewhere, 'secret'), 'not for you');
    mkdirSync(join(elsewhere, 'folder'));
    mkdirSync(join(home, 'inner'));
    writeFileSync(join(home, 'inner', 'file'), 'inside');
    symlinkSync(elsewhere, join(home, 'out'));
    symlinkSync(join(elsewhere, 'secret'), join(home, 'out-file'));
    symlinkSync(join(elsewhere, 'new'), join(home, 'out-new'));
    symlinkSync('inner/file', join(home, 'in-file'));
    symlinkSync('..', join(home, 'up'));
  });
  beforeEach(async () => {
    const { client } = await signIn();
    sftp = await new Promise((resolve, reject) => client.sftp((error, opened) => (error === undefined ? resolve(opened) : reject(error))));
  });
  /** What a call answers, or the words of its refusal. */
  const ask = <T>(call: (done: (error: Error | null | undefined, answer?: T) => void) => void): Promise<T | string> => new Promise((resolve) => call((error, answer) => resolve(error ? error.message : (answer as T))));
  const refusal = 'only what is in the home of the practice host can be reached';

  test.each(['../host_key', '..', 'inner/../../client_key', 'out/secret', 'out', 'out-file', 'out-new', 'up/host_key', '/etc/passwd', '/etc/nothing-here', '/', 'out/nothing-here'])('reads nothing outside: %s', async (path) => {
    expect([await ask((done) => sftp.open(path, 'r', done)), await ask((done) => sftp.stat(path, done)), await ask((done) => sftp.opendir(path, done)), await ask((done) => sftp.realpath(path, done))]).toEqual([refusal, refusal, refusal, expect.not.stringContaining(elsewhere)]);
  });
  test.each(['../new', 'out/new', 'out-new', 'up/new', '/tmp/pilothouse-practice-new'])('writes nothing outside: %s', async (path) => {
    expect(await ask((done) => sftp.open(path, 'w', done))).not.toBeInstanceOf(Buffer);
    expect(await ask((done) => sftp.mkdir(path, done))).toBeTypeOf('string');
    expect([existsSync(join(elsewhere, 'new')), existsSync(join(host.place.host.folder, 'new')), existsSync('/tmp/pilothouse-practice-new')]).toEqual([false, false, false]);
  });
  test('removes and moves nothing outside, and sets nothing there', async () => {
    const refusals = [
      await ask((done) => sftp.unlink('out/secret', done)),
      await ask((done) => sftp.rmdir('out/folder', done)),
      await ask((done) => sftp.rename('out/secret', 'stolen', done)),
      await ask((done) => sftp.rename('inner/file', 'out/given', done)),
      await ask((done) => sftp.setstat('out-file', { mode: 0o777 }, done)),
      await ask((done) => sftp.setstat('out/secret', { size: 0 }, done)),
    ];
    expect([refusals, readFileSync(join(elsewhere, 'secret'), 'utf8'), statSync(join(elsewhere, 'secret')).mode & 0o777 & 0o022]).toEqual([Array.from({ length: 6 }, () => refusal), 'not for you', 0]);
  });
  test('makes no link', async () => {
    expect(await ask((done) => sftp.symlink('/etc', 'link', done))).toBeTypeOf('string');
    expect(existsSync(join(home, 'link'))).toBe(false);
  });
  test('removes a link that leads outside, and not what it leads to', async () => {
    symlinkSync(join(elsewhere, 'secret'), join(home, 'short-lived'));
    expect([await ask((done) => sftp.unlink('short-lived', done)), existsSync(join(elsewhere, 'secret'))]).toEqual([undefined, true]);
  });
  test('follows a link that stays inside', async () => {
    expect(await ask((done) => sftp.readFile('in-file', 'utf8', done as never))).toBe('inside');
  });
  test('tells its home, and lists it', async () => {
    const names = (await ask<{ filename: string }[]>((done) => sftp.readdir('.', done))) as { filename: string }[];
    expect([await ask((done) => sftp.realpath('.', done)), names.map(({ filename }) => filename)]).toEqual([home, expect.arrayContaining(['inner', 'in-file'])]);
  });
  test('writes, moves, changes and removes inside', async () => {
    const much = randomBytes(3_000_000);
    await ask((done) => sftp.mkdir('made', done));
    await ask((done) => sftp.writeFile('made/file', much, done));
    await ask((done) => sftp.chmod('made/file', 0o640, done));
    await ask((done) => sftp.rename('made/file', 'moved', done));
    const moved = { same: readFileSync(join(home, 'moved')).equals(much), mode: (statSync(join(home, 'moved')).mode & 0o777).toString(8) };
    await ask((done) => sftp.unlink('moved', done));
    await ask((done) => sftp.rmdir('made', done));
    expect([moved, existsSync(join(home, 'moved')), existsSync(join(home, 'made'))]).toEqual([{ same: true, mode: '640' }, false, false]);
  });
  test('goes on by its whole path, as files are fetched, and from where it was left', async () => {
    const remote = join(home, "it's there");
    const whole = randomBytes(5_000_001);
    writeFileSync(remote, whole);
    const local = join(await temporaryFolder('fetched'), 'here');
    writeFileSync(local, whole.subarray(0, 1_000_000));
    const fetched = await fetchFile(await signIn(), { remote, local, signal: new AbortController().signal });
    expect([fetched, readFileSync(local).equals(whole)]).toEqual([{ sizeBytes: 5_000_001, keptBytes: 1_000_000 }, true]);
  });
});
