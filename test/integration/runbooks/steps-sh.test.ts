/** Scripts of steps on a real host, as long as one is connected and as jobs: how they run, how they end, and what is kept of them. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Secret } from '#shared/domain/secret.ts';
import { connectChain } from '#engine/ssh/chain.ts';
import type { Outcome, Sent } from '#engine/runbooks/sent.ts';
import type { StepLimits } from '#engine/runbooks/steps/index.ts';
import { listProcesses, processesMatching } from '#test/processes.ts';
import { startSshServer, whyNoSshServer, type SshServer } from '#test/ssh-server.ts';
import { noLimits, rememberingOperation, scriptStep, stageHostId, stepStage, type StepStage } from '#test/step-stage.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const missing = whyNoSshServer();
let server: SshServer;
let stage: StepStage;
let counter = 0;
const word = (): string => `word-${process.pid}-${(counter += 1)}`;
let folder = '';
beforeAll(async () => {
  if (missing !== null) return;
  folder = await makeTemporaryFolder('steps-host');
  for (const name of ['home', 'run']) mkdirSync(join(folder, name));
  // A place of its own for what is private while a script runs: others run at the same time on this machine.
  server = await startSshServer({ settings: { SetEnv: `HOME=${join(folder, 'home')} XDG_RUNTIME_DIR=${join(folder, 'run')}` } });
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async (context) => {
  if (missing !== null) context.skip(missing);
  stage = await stepStage(() => connectChain([server.hop()]));
});
const home = (): string => join(folder, 'home');
type Changes = Partial<Extract<Sent, { kind: 'sh' }>>;
const send = (script: string, changes: Changes = {}, limits: Partial<StepLimits> = {}, operation = rememberingOperation()): Promise<Outcome> => stage.runner.send(scriptStep(script, changes), operation, { ...noLimits, ...limits });
const jobsThere = (): string[] => (existsSync(join(home(), '.pilothouse/jobs')) ? readdirSync(join(home(), '.pilothouse/jobs')) : []);
const privateFolders = (): string[] => readdirSync(join(folder, 'run')).map((name) => join(folder, 'run', name));

describe.each<[string, () => string | null]>([['as long as one is connected', () => null], ['as a job', () => `job-${process.pid}-${(counter += 1)}`]])('a script %s', (kind, newId) => {
  const run = (script: string, changes: Changes = {}, limits: Partial<StepLimits> = {}, operation = rememberingOperation()): Promise<Outcome> => send(script, { jobId: newId(), ...changes }, limits, operation);

  test('says how it ended and what it said', async () => {
    expect(await run('echo out; echo err >&2; exit 3')).toMatchObject({ exitStatus: 3, stdout: 'out\n', stderr: 'err\n', bytes: 8, truncated: false, timedOut: false, by: 'live' });
  });
  test('is a process of its own, of sh or of bash', async () => {
    expect([(await run('echo "${BASH_VERSION:-no bash}"')).stdout, (await run('[[ -n "$BASH_VERSION" ]] && echo "${0##*/}"', { shell: 'bash' })).stdout]).toEqual(['no bash\n', 'script\n']);
  });
  test('reads what it is given, to its end, and nothing where it is given nothing', async () => {
    expect([(await run('cat; echo .', { stdin: 'one\ntwo' })).stdout, (await run('cat; echo .')).stdout]).toEqual(['one\ntwo.\n', '.\n']);
  });
  test('runs in its folder, with its environment, and with the mask of files that people have', async () => {
    mkdirSync(join(home(), 'a folder'), { recursive: true });
    const { stdout } = await run('pwd; echo "$GREETING"; umask; echo "${LC_ALL:-none}"', { cwd: '~/a folder', env: { GREETING: `it's $(here)` } });
    expect(stdout).toBe(`${join(home(), 'a folder')}\nit's $(here)\n0022\nnone\n`);
  });
  test('runs at home unless it is told where', async () => {
    expect((await run('pwd')).stdout).toBe(`${home()}\n`);
  });
  test('is not begun where its folder is missing, and says so', async () => {
    expect(await run('echo begun', { cwd: '/srv/no such place' })).toMatchObject({ exitStatus: 71, stdout: '', stderr: 'There is no folder /srv/no such place on web-1, or this account may not enter it. The script was not begun.\n' });
  });
  test('has what it says told line by line, without what a terminal obeys', async () => {
    const operation = rememberingOperation();
    const { stdout } = await run('printf "\\033[31mred\\033[0m\\n50%%\\r100%%\\nlast"', {}, {}, operation);
    expect([operation.lines.slice(-3), stdout]).toEqual([['red', '50%100%', 'last'], 'red\n50%\n100%\nlast']);
  });
  test('that says much is kept at both ends, and counted', async () => {
    const outcome = await run('echo first; head -c 5000000 /dev/zero | tr "\\0" "x" | fold -w 99; echo; echo last');
    expect([outcome.bytes > 5_000_000, outcome.truncated, outcome.stdout.startsWith('first\nxxx'), outcome.stdout.endsWith('xxx\nlast\n'), outcome.stdout.length < 300_000, /… [\d,]+ bytes are left out here …/.test(outcome.stdout)]).toEqual([true, true, true, true, true, true]);
  });
  test('that says much fills no log', async () => {
    const operation = rememberingOperation();
    await run('i=0; while [ $i -lt 5000 ]; do echo "line $i"; i=$((i + 1)); done', {}, {}, operation);
    expect([operation.lines.length < 450, operation.lines.includes('line 399'), operation.lines.includes('line 400'), operation.lines.at(-1), operation.lines.some((line) => /lines are left out/.test(line))]).toEqual([true, true, false, 'line 4999', true]);
  });
  test('may say what is no text', async () => {
    const outcome = await run('head -c 3000 /dev/urandom; printf "\\0\\377end"');
    expect([outcome.exitStatus, outcome.bytes, outcome.stdout.endsWith('end'), /[\u0000-\u0008]/.test(outcome.stdout)]).toEqual([0, 3005, true, false]);
  });
  test('is ended there by its time limit, with all that it began', async () => {
    const mark = word();
    const outcome = await run(`echo begun; sh -c 'trap "" TERM; sleep 7613; sleep 7614' ${mark} & sh -c 'sleep 7613; true' ${mark}`, {}, { timeoutMs: 1500 });
    expect(outcome).toMatchObject({ timedOut: true, stdout: 'begun\n' });
    expect(processesMatching(mark)).toEqual([]);
  });
  test('is ended there when it is cancelled, with all that it began', async () => {
    const mark = word();
    const operation = rememberingOperation();
    const running = run(`echo begun; sh -c 'sleep 7613; true' ${mark} & sh -c 'sleep 7613; true' ${mark}`, {}, {}, operation);
    const cancelled = expect(running).rejects.toMatchObject({ code: 'operation.cancelled', details: {} });
    await operation.told('begun');
    await waitFor('its processes', () => processesMatching(mark).length >= 2);
    operation.cancel();
    await cancelled;
    expect(processesMatching(mark)).toEqual([]);
  });
  test('has its text and what it reads in no list of processes and in no environment', async () => {
    const secret = `canary-${word()}`;
    const operation = rememberingOperation();
    const running = run(`read -r line; echo begun; sleep 7613; : ${secret}-text; echo "$line"`, { stdin: new Secret(`${secret}\n`) }, {}, operation).catch(() => undefined);
    onTestFinished(operation.cancel);
    await operation.told('begun');
    const shown = listProcesses().filter(({ pid, commandLine }) => pid !== process.pid && (commandLine.includes(secret) || environmentOf(pid).includes(secret)));
    const files = kind === 'as a job' ? jobsThere().map((id) => join(home(), '.pilothouse/jobs', id, 'secrets')).filter((path) => existsSync(path)).flatMap((path) => readdirSync(path)) : privateFolders().flatMap((path) => readdirSync(path));
    operation.cancel();
    await running;
    expect([shown, files.filter((name) => name === 'stdin'), files.includes('script')]).toEqual([[], [], true]);
  });
  test('is one command of history', async () => {
    const operation = rememberingOperation();
    await run('echo said; exit 2', {}, {}, operation);
    expect(operation.commands).toEqual([{ text: 'echo said; exit 2', target: 'web-1', exitStatus: 2, signal: null, durationMs: expect.any(Number) as number, output: 'said' }]);
  });
  test('of which nothing was heard for long is said to be silent, and is waited for', async () => {
    const operation = rememberingOperation();
    const outcome = await run('sleep 1; echo done', {}, { stallWarnMs: 300 }, operation);
    expect([outcome.stdout, operation.lines.some((line) => line.startsWith('web-1 has said nothing for'))]).toEqual(['done\n', true]);
  });
});

const environmentOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    // It has ended.
    return '';
  }
};

describe('a script that runs as long as one is connected', () => {
  test('leaves no private folder behind', async () => {
    await send('exit 1');
    expect(privateFolders()).toEqual([]);
  });
  test('takes away what one that was killed has left, and nothing of one that runs', async () => {
    const [dead, alive] = [join(folder, 'run/.pilothouse-step-dead.999999999'), join(folder, `run/.pilothouse-step-alive.${process.pid}`)];
    for (const each of [dead, alive]) mkdirSync(each);
    await send('true');
    const left = privateFolders();
    rmSync(alive, { recursive: true });
    expect(left).toEqual([alive]);
  });
  test('leaves nothing running that it began, which would keep the line open', async () => {
    const mark = word();
    expect((await send(`sh -c 'sleep 7613; true' ${mark} & echo done`)).stdout).toBe('done\n');
    expect(processesMatching(mark)).toEqual([]);
  });
  test('gives choices, one a line, each once', async () => {
    expect(await stage.runner.readOptions(scriptStep('printf "b\\n\\na\\nb\\n"'), new AbortController().signal)).toEqual(['b', 'a']);
  });
  test('that fails gives no choices, and says why', async () => {
    await expect(stage.runner.readOptions(scriptStep('echo no such thing >&2; exit 4'), new AbortController().signal)).rejects.toMatchObject({ code: 'runbook.step-failed', message: expect.stringContaining('no such thing') as string });
  });
});

describe('a job', () => {
  const job = (jobId: string) => ({ hostId: stageHostId, jobId, sudo: null });
  test('is begun once, however often it is sent', async () => {
    const jobId = word();
    const count = join(home(), jobId);
    await send(`echo x >>"${count}"`, { jobId });
    await send(`echo x >>"${count}"`, { jobId });
    expect(readFileSync(count, 'utf8')).toBe('x\n');
  });
  test('stays there until it is forgotten, and is found with its end and its output', async () => {
    const jobId = word();
    await send('echo out; echo err >&2; exit 5', { jobId });
    const found = await stage.runner.look(job(jobId), rememberingOperation(), noLimits);
    await stage.runner.forgetJob(job(jobId));
    expect([found, await stage.runner.look(job(jobId), rememberingOperation(), noLimits), jobsThere().includes(jobId)]).toEqual([{ state: 'ended', outcome: expect.objectContaining({ exitStatus: 5, stdout: 'out\n', stderr: 'err\n', by: 'job' }) as Outcome }, { state: 'gone' }, false]);
  });
  test('that runs is found running, and followed to its end', async () => {
    const jobId = word();
    const go = join(home(), `${jobId}-go`);
    execFileSync('mkfifo', [go]);
    const first = rememberingOperation();
    const left = expect(send('echo begun; read -r said <"$GO"; echo "$said"', { jobId, env: { GO: go } }, {}, first)).rejects.toMatchObject({ code: 'operation.interrupted' });
    await first.told('begun');
    first.leave();
    await left;
    const found = await stage.runner.look(job(jobId), rememberingOperation(), noLimits);
    const following = stage.runner.followJob(job(jobId), rememberingOperation(), noLimits);
    writeFileSync(go, 'go on\n');
    expect([found.state, await following]).toEqual(['running', expect.objectContaining({ exitStatus: 0, stdout: 'begun\ngo on\n', by: 'job' })]);
  });
});
