/** Programs of a host that work for us as long as we are there, on a real sshd, under sh and BusyBox. */
import { createReadStream, readdirSync, readFileSync, existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Secret } from '#shared/domain/secret.ts';
import { systemClock, systemRandom } from '#engine/ports.ts';
import { connectChain, type SshConnection } from '#engine/ssh/chain.ts';
import { createHostLines } from '#engine/ssh/lines.ts';
import { createSshPool } from '#engine/ssh/pool.ts';
import { runProgram, type ProgramRun } from '#engine/ssh/program.ts';
import { processesMatching } from '#test/processes.ts';
import { cutConnections, startSshServer, whyNoSshServer, type SshServer } from '#test/ssh-server.ts';
import { waitFor } from '#test/wait-for.ts';

const missing = whyNoSshServer();
let server: SshServer;
let connection: SshConnection;
beforeAll(async () => void (missing === null && (server = await startSshServer())));
afterAll(() => server?.stop());
beforeEach(async (context) => {
  if (missing !== null) context.skip(missing);
  connection = await connectChain([server.hop()]);
  onTestFinished(() => connection.close());
});
const folder = () => join(server.folder, 'home', `private-${Math.random().toString(36).slice(2)}`);
const run = (changes: Partial<ProgramRun> & Pick<ProgramRun, 'argv'>) => runProgram(connection, { mark: 'a-word-of-the-tests', through: [], folder: null, files: [], stdin: null, signal: new AbortController().signal, ...changes });
/** One that says that it has begun, and then waits. The word tells it apart in the list of processes. */
const sleeper = (word: string): readonly [string, ...string[]] => ['sh', '-c', 'echo begun; exec sleep 600', word];
const begun = (): { onStdoutChunk: () => void; seen: Promise<void> } => {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { onStdoutChunk: resolve, seen: promise };
};

describe.each([['sh', []], ['BusyBox', ['busybox', 'sh', '-c', 'exec "$@"', 'sh', 'busybox', 'env']]] as const)('a program under %s', (_name, through) => {
  test('says how it ended and what it wrote', async () => {
    expect(await run({ through, argv: ['sh', '-c', 'echo out; echo err >&2; exit 3'] })).toMatchObject({ exitStatus: 3, signal: null, stdout: 'out\n', stderr: 'err\n' });
  });
  test('gets its arguments as they are', async () => {
    expect((await run({ through, argv: ['printf', '%s|', "a'b", '$HOME', 'c d', '*', '"', '\n', ''] })).stdout).toBe("a'b|$HOME|c d|*|\"|\n||");
  });
  test('has its secret in a private folder, which goes with it', async () => {
    const place = folder();
    const { stdout } = await run({ through, folder: place, files: [{ name: 'pgpass', text: new Secret("it's $(secret)") }], argv: ['sh', '-c', 'cat "$1"/pgpass; ls -ld "$1" "$1"/pgpass', 'sh', place] });
    expect([stdout.includes("it's $(secret)"), /drwx------.*\n-rw-------/.test(stdout), existsSync(place)]).toEqual([true, true, false]);
  });
  test('reads what is sent to it, whole', async () => {
    const sent = Buffer.alloc(3_000_000, 'x');
    expect((await run({ through, stdin: Readable.from([sent]), argv: ['wc', '-c'] })).stdout.trim()).toBe('3000000');
  });
  test('brings what it writes, whole, however slowly it is taken', async () => {
    let bytes = 0;
    await run({ through, argv: ['head', '-c', '5000000', '/dev/zero'], onStdoutChunk: async (chunk) => {
      await new Promise((resolve) => setImmediate(resolve));
      bytes += chunk.length;
    } });
    expect(bytes).toBe(5_000_000);
  });
  test('has what it says of errors told as it says it, without a line end too', async () => {
    const heard: string[] = [];
    const { stderr } = await run({ through, argv: ['sh', '-c', 'for word in one two a-word-of-th; do printf %s "$word" >&2; sleep 0.05; done'], onStderrLine: (line) => heard.push(line) });
    expect([stderr, heard]).toEqual(['onetwoa-word-of-th', ['onetwoa-word-of-th']]);
  });
  test('is ended there when it is cancelled', async () => {
    const cancel = new AbortController();
    const place = folder();
    const { onStdoutChunk, seen } = begun();
    const running = run({ through, folder: place, files: [{ name: 'pgpass', text: new Secret('x') }], argv: sleeper('word-of-the-cancelled'), signal: cancel.signal, onStdoutChunk });
    await seen;
    cancel.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    expect([existsSync(place), processesMatching('word-of-the-cancelled')]).toEqual([false, []]);
  });
  test('is ended there when the connection is lost', async () => {
    const place = folder();
    const { onStdoutChunk, seen } = begun();
    const running = run({ through, folder: place, files: [{ name: 'pgpass', text: new Secret('x') }], argv: sleeper('word-of-the-lost'), onStdoutChunk });
    const lost = expect(running).rejects.toMatchObject({ code: 'ssh.connection-lost' });
    await seen;
    cutConnections(server);
    await lost;
    await waitFor('it to end', () => !existsSync(place) && processesMatching('sleep 600').length === 0);
  });
  test('has nothing of its output told any more once its connection was lost', async () => {
    let chunks = 0;
    const { promise: taken, resolve: take } = Promise.withResolvers<void>();
    const running = run({ through, argv: ['cat', '/dev/zero'], onStdoutChunk() {
      if ((chunks += 1) === 1) cutConnections(server);
      return taken;
    } });
    await expect(running).rejects.toMatchObject({ code: 'ssh.connection-lost' });
    take();
    await new Promise((resolve) => setImmediate(resolve));
    expect(chunks).toBe(1);
  });
  test('whose output cannot be taken is ended there, and why is said', async () => {
    await expect(run({ through, argv: ['cat', '/dev/zero'], onStdoutChunk: () => Promise.reject(new Error('the disk is full')) })).rejects.toThrow('the disk is full');
    await waitFor('it to end', () => processesMatching('cat /dev/zero').length === 0);
  });
});

describe('a program counts as failed where what reaches it says that all went well, and', () => {
  test.each([
    ['it was never run', 'true', null],
    ['it was cut off', '"$@" 2>/dev/null | head -c 1000; exit 0', null],
    ['it ended otherwise', '"$@"; exit 0', 3],
  ] as const)('%s', async (_what, reach, exitStatus) => {
    const running = run({ through: ['sh', '-c', reach, 'sh'], argv: ['sh', '-c', 'head -c 5000000 /dev/zero; exit 3'] });
    await expect(running).rejects.toMatchObject({ code: 'ssh.command-failed', message: expect.stringContaining(server.user) as string, details: { exitStatus } });
  });
});
test.each([['by the account itself', {}], ['by sudo', { sudoAs: userInfo().username }]] as const)('what it is to read and cannot be read ends it, however long the way there takes, %s', async (_how, sudo) => {
  const pool = createSshPool({ now: systemClock.now, connect: async () => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return connection;
  } });
  const lines = createHostLines(pool, { random: systemRandom, sudoPassword: async () => null, pin: () => () => {} });
  await expect(lines.run('host', { argv: ['cat'], through: [], ...sudo, folder: null, files: [], stdin: createReadStream(join(server.folder, 'nothing')), signal: new AbortController().signal })).rejects.toThrow('ENOENT');
});
test('of a script that breaks off in the middle nothing is begun', async () => {
  const file = folder();
  // Two thousand bytes end in the last word of the command, which would do something without the rest of it as well.
  const ended = await run({ through: ['sh', '-c', 'head -c 2000 | "$@"', 'sh'], stdin: Readable.from(['']), argv: ['touch', file, join(server.folder, 'x'.repeat(4000))] });
  expect([ended.exitStatus === 0, existsSync(file)]).toEqual([false, false]);
});
test('what a shell says before it is none of its output', async () => {
  const chatty = await startSshServer({ settings: { ForceCommand: 'echo Welcome; eval "$SSH_ORIGINAL_COMMAND"' } });
  onTestFinished(() => chatty.stop());
  connection = await connectChain([chatty.hop()]);
  onTestFinished(() => connection.close());
  expect((await run({ argv: ['echo', 'hello'] })).stdout).toBe('hello\n');
});
test('a secret is in no list of processes', async () => {
  const place = folder();
  const { stdout } = await run({ folder: place, files: [{ name: 'pgpass', text: new Secret('canary-in-a-file') }], argv: ['sh', '-c', 'for each in /proc/[0-9]*; do tr "\\0" " " <"$each"/cmdline; tr "\\0" " " <"$each"/environ; done 2>/dev/null; true'], keepBytes: 10_000_000 });
  expect([stdout.length > 100, stdout.includes('canary-in-a-file')]).toEqual([true, false]);
  expect(readdirSync(join(server.folder, 'home'))).toEqual([]);
  expect(readFileSync(join(server.folder, 'authorized_keys'), 'utf8')).not.toContain('canary');
});
