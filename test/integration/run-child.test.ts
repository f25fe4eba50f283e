import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeChildren, runChild } from '#engine/children/run-child.ts';

const shell = '/bin/sh';
const runChildModule = new URL('../../electron/engine/children/run-child.ts', import.meta.url).href;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pilothouse-child-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Whether a process is there and more than an entry that nobody has collected. */
async function alive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    return !/^State:\tZ/m.test(await readFile(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH' || (error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function until(condition: () => Promise<boolean>, withinMs: number): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not so within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function readPids(file: string, count: number): Promise<number[]> {
  let pids: number[] = [];
  await until(async () => {
    const text = await readFile(file, 'utf8').catch(() => '');
    pids = text.trim().split(/\s+/).filter(Boolean).map(Number);
    return pids.length === count;
  }, 5000);
  return pids;
}

/** A shell that ignores SIGTERM, with a grandchild that does too; both write their process ids. */
const stubborn = `trap '' TERM; ( trap '' TERM; while :; do sleep 0.2; done ) & echo $$ >> "$1"; echo $! >> "$1"; while :; do sleep 0.2; done`;

describe('a child', () => {
  it('reports the exit status of the command itself', async () => {
    const result = await runChild({ command: shell, args: ['-c', 'exit 7'] });
    expect(result).toMatchObject({ exitStatus: 7, signal: null, aborted: false });
  });

  it('tells an exit status above 128 from a signal', async () => {
    expect(await runChild({ command: shell, args: ['-c', 'exit 143'] })).toMatchObject({ exitStatus: 143, signal: null });
  });

  it('reports the signal that ended the command', async () => {
    expect(await runChild({ command: shell, args: ['-c', 'kill -KILL $$'] })).toMatchObject({ exitStatus: null, signal: 'SIGKILL' });
  });

  it('gets its arguments as they are', async () => {
    const odd = ['a b', "it's", '$(echo no)', '"', '\\', '', '*', '\n', '--'];
    const result = await runChild({ command: 'printf', args: ['%s|', ...odd] });
    expect(result.stdout).toBe(odd.map((text) => `${text}|`).join(''));
  });

  it('gets a small environment of its own, in English', async () => {
    process.env['PILOTHOUSE_CANARY'] = 'seen';
    const { stdout } = await runChild({ command: 'env', args: [] });
    delete process.env['PILOTHOUSE_CANARY'];
    expect(stdout).not.toContain('seen');
    expect(stdout).toMatch(/^LC_MESSAGES=C$/m);
  });

  it('creates files that nobody else may read', async () => {
    await runChild({ command: shell, args: ['-c', 'echo x > made'], cwd: folder });
    expect((await stat(path.join(folder, 'made'))).mode & 0o777).toBe(0o600);
  });

  it('reads its standard input to the end', async () => {
    const input = Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(10_000, 'x')));
    expect((await runChild({ command: 'wc', args: ['-c'], stdin: input })).stdout.trim()).toBe('1000000');
  });

  it('may leave its standard input unread', async () => {
    expect(await runChild({ command: shell, args: ['-c', 'exit 3'], stdin: Buffer.alloc(5_000_000) })).toMatchObject({ exitStatus: 3 });
  });

  it('hands on each line without its line end, the last one too', async () => {
    const lines: string[] = [];
    await runChild({ command: 'printf', args: ['one\\ntwo\\r\\n\\nlast'], onStdoutLine: (line) => lines.push(line) });
    expect(lines).toEqual(['one', 'two', '', 'last']);
  });

  it('hands on binary chunks unchanged', async () => {
    const chunks: Buffer[] = [];
    const every = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    await runChild({ command: 'cat', args: [], stdin: every, onStdoutChunk: (chunk) => chunks.push(chunk) });
    expect(Buffer.concat(chunks).equals(every)).toBe(true);
  });

  it('keeps only the end of an output of any size', async () => {
    let bytes = 0;
    const result = await runChild({ command: shell, args: ['-c', 'head -c 300000000 /dev/zero; echo; echo end'], keepBytes: 1000, onStderrLine: () => {}, onStdoutLine: (line) => void (bytes += line.length) });
    expect(bytes).toBe(300_000_003);
    // Whole lines: of a secret that was cut in two nobody could tell any more that it is one.
    expect(result.stdout).toBe('end\n');
  });

  it('keeps the end of a line that has none', async () => {
    expect((await runChild({ command: shell, args: ['-c', 'head -c 300000 /dev/zero'], keepBytes: 1000 })).stdout).toHaveLength(1000);
  });

  it('that does not exist is an error that names it', async () => {
    await expect(runChild({ command: 'pilothouse-no-such-program', args: [] })).rejects.toMatchObject({ code: 'internal', message: expect.stringContaining('pilothouse-no-such-program') });
  });

  it('is ended when a callback throws, and the error comes out', async () => {
    const failing = runChild({ command: shell, args: ['-c', 'echo x; sleep 60'], onStdoutLine: () => { throw new Error('no room'); } });
    await expect(failing).rejects.toThrow('no room');
  });

  it('is asked to end by an abort, and says so', async () => {
    const abort = new AbortController();
    const result = await runChild({ command: shell, args: ['-c', 'trap "echo bye; exit 9" TERM; echo ready; while :; do sleep 0.05; done'], signal: abort.signal, onStdoutLine: (line) => { if (line === 'ready') abort.abort(); } });
    expect(result).toMatchObject({ aborted: true, stdout: 'ready\nbye\n', exitStatus: 9 });
  });

  it('that ignores being asked is ended two seconds later, with all it started', async () => {
    const abort = new AbortController();
    const pidFile = path.join(folder, 'pids');
    const running = runChild({ command: shell, args: ['-c', stubborn, 'x', pidFile], signal: abort.signal });
    const pids = await readPids(pidFile, 2);
    abort.abort();
    expect(await running).toMatchObject({ aborted: true, signal: 'SIGKILL' });
    await until(async () => !(await alive(pids[0] ?? 0)) && !(await alive(pids[1] ?? 0)), 500);
  });

  it('does not start once the signal has been given', async () => {
    expect(await runChild({ command: shell, args: ['-c', 'echo started'], signal: AbortSignal.abort() })).toMatchObject({ aborted: true, stdout: '' });
  });

  it('takes what it left behind with it', async () => {
    const result = await runChild({ command: shell, args: ['-c', 'sleep 60 & echo $!'] });
    expect(result).toMatchObject({ exitStatus: 0 });
    await until(async () => !(await alive(Number(result.stdout))), 500);
  });

  it('leaves no watcher when it has ended', async () => {
    const { stdout } = await runChild({ command: shell, args: ['-c', 'echo $$'] });
    await until(async () => {
      const group = await runChild({ command: 'ps', args: ['-eo', 'pgid=,stat='] });
      return !group.stdout.split('\n').some((line) => line.trim().startsWith(`${stdout.trim()} `) && !line.includes(' Z'));
    }, 1000);
  });

  it('ends with all others when the engine closes', async () => {
    const pidFile = path.join(folder, 'pids');
    const running = runChild({ command: shell, args: ['-c', 'echo $$ > "$1"; sleep 60', 'x', pidFile] });
    await readPids(pidFile, 1);
    await closeChildren();
    expect(await running).toMatchObject({ aborted: true, signal: 'SIGTERM' });
  });

  it('is dead within five seconds of a killed engine, stubborn grandchildren too', async () => {
    const pidFile = path.join(folder, 'pids');
    const script = `const { runChild } = await import(${JSON.stringify(runChildModule)}); await runChild({ command: '/bin/sh', args: ['-c', ${JSON.stringify(stubborn)}, 'x', ${JSON.stringify(pidFile)}] });`;
    const engine = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: path.resolve(import.meta.dirname, '../..'), stdio: 'ignore' });
    const pids = await readPids(pidFile, 2);
    engine.kill('SIGKILL');
    await once(engine, 'exit');
    await until(async () => !(await alive(pids[0] ?? 0)) && !(await alive(pids[1] ?? 0)), 5000);
  });
});
