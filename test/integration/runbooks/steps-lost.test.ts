/** What is known of a script when its line is cut before, while and after it runs, when it is cancelled out of reach, and when this computer sleeps. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { toErrorShape } from '#shared/domain/errors.ts';
import { connectChain } from '#engine/ssh/chain.ts';
import type { Outcome, Sent } from '#engine/runbooks/sent.ts';
import type { StepLimits } from '#engine/runbooks/steps/index.ts';
import { processesMatching } from '#test/processes.ts';
import { startProxy, type TcpProxy } from '#test/proxy.ts';
import { startSshServer, whyNoSshServer, type SshServer } from '#test/ssh-server.ts';
import { noLimits, rememberingOperation, scriptStep, stageHostId, stepStage, type StepStage } from '#test/step-stage.ts';
import { waitFor } from '#test/wait-for.ts';

const missing = whyNoSshServer();
let server: SshServer;
let stage: StepStage;
let line: TcpProxy;
let counter = 0;
const word = (): string => `lost-${process.pid}-${(counter += 1)}`;
beforeAll(async () => void (missing === null && (server = await startSshServer())));
afterAll(() => server?.stop());
beforeEach(async (context) => {
  if (missing !== null) context.skip(missing);
  line = await startProxy(server.port);
  onTestFinished(() => line.close());
  stage = await stepStage(() => connectChain([server.hop({ port: line.port })]), { graceMs: 500 });
});
type Changes = Partial<Extract<Sent, { kind: 'sh' }>>;
const send = (script: string, changes: Changes = {}, limits: Partial<StepLimits> = {}, operation = rememberingOperation()): Promise<Outcome> => stage.runner.send(scriptStep(script, changes), operation, { ...noLimits, ...limits });
const done = (mark: string): string => join(server.folder, 'home', mark);
/** How often a script has done what it does. */
const times = (mark: string): number => (existsSync(done(mark)) ? readFileSync(done(mark), 'utf8').length : 0);
const doing = (mark: string): string => `printf x >>'${done(mark)}'`;
const facts = (work: Promise<Outcome>): Promise<Outcome | { code: string; notSent: boolean; unknown: boolean }> => work.catch((error: unknown) => {
  const { code, details } = toErrorShape(error, '');
  return { code, notSent: details['notSent'] === true, unknown: details['unknown'] === true };
});

describe.each<[string, () => string | null]>([['as long as one is connected', () => null], ['as a job', word]])('a script that runs %s', (_kind, newId) => {
  test('was not sent where nobody answers', async () => {
    const mark = word();
    line.refuse(true);
    expect([await facts(send(doing(mark), { jobId: newId() })), times(mark)]).toEqual([{ code: 'ssh.unreachable', notSent: true, unknown: false }, 0]);
  });
  test('was not sent to a host with another key, nor where nobody lets us in', async () => {
    const stranger = { type: 'ssh-ed25519', key: 'AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', revoked: false };
    stage = await stepStage(() => connectChain([server.hop({ knownKeys: [stranger] })]));
    const another = await facts(send('true', { jobId: newId() }));
    stage = await stepStage(() => connectChain([server.hop({ account: { keys: [] } })]));
    expect([another, await facts(send('true', { jobId: newId() }))]).toEqual([{ code: 'ssh.host-key-changed', notSent: true, unknown: false }, { code: 'ssh.authentication', notSent: true, unknown: false }]);
  });
  test('is never said not to have been sent where it was, wherever the line is cut', async () => {
    const found = new Set<string>();
    for (let bytes = 200; bytes <= 6200; bytes += 400) {
      const mark = word();
      stage.engine.context.hosts.forget();
      line.cutAfter(bytes);
      const sending = facts(send(doing(mark), { jobId: newId() }, { timeoutMs: 300 }));
      await waitFor('a connection', () => line.connections > 0, { every: 1 });
      line.refuse(true);
      const seen = await sending;
      line.refuse(false);
      line.cutAfter(Number.POSITIVE_INFINITY);
      const what = 'code' in seen ? (seen.notSent ? 'not sent' : 'unknown') : 'ended';
      found.add(what);
      if (what === 'ended') expect([seen, times(mark)]).toEqual([expect.objectContaining({ exitStatus: 0 }), 1]);
      if (what === 'not sent') expect(times(mark)).toBe(0);
      expect(times(mark)).toBeLessThanOrEqual(1);
    }
    expect([...found].sort()).toEqual(['ended', 'not sent', 'unknown']);
  });
});

describe('a script that runs as long as one is connected', () => {
  test('is unknown where the line is cut while it runs, and is ended there', async () => {
    const mark = word();
    const operation = rememberingOperation();
    const sending = facts(send(`echo begun; sh -c 'sleep 7615; true' ${mark}`, {}, {}, operation));
    await operation.told('begun');
    line.cut();
    expect(await sending).toEqual({ code: 'ssh.connection-lost', notSent: false, unknown: false });
    await waitFor('it to be ended there', () => processesMatching(mark).length === 0);
  });
  test('is sent over another connection where the one that there was has died unseen', async () => {
    const mark = word();
    await send('true');
    line.cut();
    expect([(await send(doing(mark))).exitStatus, times(mark)]).toEqual([0, 1]);
  });
});

describe('a job', () => {
  /** Waits for somebody to let it go on. */
  const waiting = (mark: string): string => `echo begun; while [ ! -e '${done(`${mark}-go`)}' ]; do sleep 0.1; done; ${doing(mark)}; echo "went on"`;
  const letGo = (mark: string): Promise<Outcome> => send(`: >'${done(`${mark}-go`)}'`);
  const job = (jobId: string) => ({ hostId: stageHostId, jobId, sudo: null });

  test('goes on while nobody gets through, which is said, and is followed again', async () => {
    const mark = word();
    const operation = rememberingOperation();
    const sending = send(waiting(mark), { jobId: mark }, {}, operation);
    await operation.told('begun');
    line.refuse(true);
    line.cut();
    await operation.told('Its job goes on there');
    line.refuse(false);
    await operation.told('Connected to web-1 again');
    await letGo(mark);
    expect([await sending, times(mark)]).toEqual([expect.objectContaining({ exitStatus: 0, stdout: 'begun\nwent on\n' }), 1]);
  });
  test('that cannot be reached when its time is over is unknown, and is found later', async () => {
    const mark = word();
    const operation = rememberingOperation();
    const sending = facts(send(waiting(mark), { jobId: mark }, { timeoutMs: 1000 }, operation));
    await operation.told('begun');
    line.refuse(true);
    line.cut();
    expect(await sending).toEqual({ code: 'ssh.connection-lost', notSent: false, unknown: false });
    line.refuse(false);
    await letGo(mark);
    expect((await stage.runner.followJob(job(mark), rememberingOperation(), noLimits)).stdout).toBe('begun\nwent on\n');
  });
  test('whose time was over while nobody was here is ended by whoever comes back', async () => {
    const mark = word();
    const operation = rememberingOperation();
    const leaving = facts(send(`echo begun; sh -c 'sleep 7616; true' ${mark}`, { jobId: mark }, {}, operation));
    await operation.told('begun');
    operation.leave();
    await leaving;
    await waitFor('a second to be over', async () => ((await stage.runner.look(job(mark), rememberingOperation(), noLimits)) as { ageSeconds: number }).ageSeconds >= 1);
    expect([await stage.runner.followJob(job(mark), rememberingOperation(), { timeoutMs: 1000, stallWarnMs: null }), processesMatching(`sleep 7616; true ${mark}`)]).toEqual([expect.objectContaining({ timedOut: true, stdout: 'begun\n' }), []]);
  });
  test('that is cancelled while nobody gets through is unknown', async () => {
    const mark = word();
    const operation = rememberingOperation();
    const sending = facts(send(waiting(mark), { jobId: mark }, {}, operation));
    await operation.told('begun');
    line.refuse(true);
    line.cut();
    await operation.told('Its job goes on there');
    operation.cancel();
    const unknown = await sending;
    line.refuse(false);
    await letGo(mark);
    expect([unknown, (await stage.runner.followJob(job(mark), rememberingOperation(), noLimits)).exitStatus]).toEqual([{ code: 'operation.cancelled', notSent: false, unknown: true }, 0]);
  });
  test('is asked for anew, over another connection, when this computer was asleep', async () => {
    const mark = word();
    let port = line.port;
    stage = await stepStage(() => connectChain([server.hop({ port })]));
    const operation = rememberingOperation();
    const sending = send(waiting(mark), { jobId: mark }, {}, operation);
    await operation.told('begun');
    line.stall();
    const another = await startProxy(server.port);
    onTestFinished(() => another.close());
    port = another.port;
    stage.engine.context.hosts.wake();
    operation.wake();
    await letGo(mark);
    expect((await sending).stdout).toBe('begun\nwent on\n');
  });
  test('whose processes were killed is unknown', async () => {
    const mark = word();
    const operation = rememberingOperation();
    const sending = facts(send(waiting(mark), { jobId: mark }, {}, operation));
    await operation.told('begun');
    const pid = Number(readFileSync(join(server.folder, 'home/.pilothouse/jobs', mark, 'pid'), 'utf8'));
    process.kill(-pid, 'SIGKILL');
    expect([await sending, (await stage.runner.look(job(mark), rememberingOperation(), noLimits)).state]).toEqual([{ code: 'ssh.command-failed', notSent: false, unknown: false }, 'lost']);
  });
  test('that cannot be written down there was not begun', async () => {
    const full = await startSshServer({ settings: { SetEnv: 'HOME=/proc/no-place-for-jobs' } });
    onTestFinished(() => full.stop());
    stage = await stepStage(() => connectChain([full.hop()]));
    expect(await facts(send('true', { jobId: word() }))).toEqual({ code: 'ssh.command-failed', notSent: true, unknown: false });
  });
});
