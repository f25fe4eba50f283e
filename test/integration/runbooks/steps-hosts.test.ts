/** Scripts of steps on hosts of other kinds: as another account by sudo, and on Dropbear with the shell of BusyBox. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Secret } from '#shared/domain/secret.ts';
import { connectChain } from '#engine/ssh/chain.ts';
import type { Outcome, Sent } from '#engine/runbooks/sent.ts';
import type { StepLimits } from '#engine/runbooks/steps/index.ts';
import { makeAccount, type Account } from '#test/account.ts';
import { startDropbear, whyNoDropbear, type DropbearServer } from '#test/dropbear-server.ts';
import { listProcesses, processesMatching } from '#test/processes.ts';
import { makeKey, sshKey, startSshServer, whyNoSshServer, type KeyPair, type SshServer } from '#test/ssh-server.ts';
import { noLimits, rememberingOperation, scriptStep, stageHostId, stepStage, type StepStage } from '#test/step-stage.ts';
import { makeSudoUser, whyNoSudoUser, type SudoUser } from '#test/sudo-user.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

let stage: StepStage;
let counter = 0;
const word = (): string => `host-${process.pid}-${(counter += 1)}`;
type Changes = Partial<Extract<Sent, { kind: 'sh' }>>;
const send = (script: string, changes: Changes = {}, limits: Partial<StepLimits> = {}, operation = rememberingOperation()): Promise<Outcome> => stage.runner.send(scriptStep(script, changes), operation, { ...noLimits, ...limits });
const kinds: [string, () => string | null][] = [['as long as one is connected', () => null], ['as a job', word]];

describe('as another account by sudo', () => {
  const missing = whyNoSshServer() ?? whyNoSudoUser();
  let server: SshServer;
  let user: SudoUser;
  let other: Account;
  beforeAll(async () => {
    if (missing !== null) return;
    const folder = await makeTemporaryFolder('other');
    chmodSync(folder, 0o711);
    other = makeAccount({ home: join(folder, 'home') });
    user = makeSudoUser();
    server = await startSshServer();
    // sshd reads it as the account that signs in.
    chmodSync(server.folder, 0o711);
    chmodSync(join(server.folder, 'authorized_keys'), 0o644);
    mkdirSync(join(server.folder, 'home'), { recursive: true, mode: 0o755 });
  });
  afterAll(async () => {
    await server?.stop();
    user?.remove();
    other?.remove();
  });
  const open = (password: string | null) => stepStage(() => connectChain([server.hop({ account: { user: user.name } })]), { sudoPassword: password === null ? null : new Secret(password) });
  beforeEach(async (context) => {
    if (missing !== null) return context.skip(missing);
    user.allow(`NAME ALL=(${other.name}) ALL`);
    stage = await open(user.password);
  });

  test.each(kinds)('a script runs %s, at home there, with what it reads', async (_kind, newId) => {
    const outcome = await send('id -un; pwd; cat; exit 4', { sudo: other.name, stdin: new Secret('what it reads'), jobId: newId() });
    expect(outcome).toMatchObject({ exitStatus: 4, stdout: `${other.name}\n${other.home}\nwhat it reads` });
  });
  test.each(kinds)('a script that runs %s is ended there when it is cancelled', async (_kind, newId) => {
    const mark = word();
    const operation = rememberingOperation();
    const cancelled = expect(send(`echo begun; sh -c 'sleep 7617; true' ${mark}`, { sudo: other.name, jobId: newId() }, {}, operation)).rejects.toMatchObject({ code: 'operation.cancelled' });
    await operation.told('begun');
    operation.cancel();
    await cancelled;
    expect(processesMatching(mark)).toEqual([]);
  });
  test.each(kinds)('a script was not sent where sudo refuses, to be run %s', async (_kind, newId) => {
    user.allow('NAME ALL=(nobody) ALL');
    const refused = await send('true', { sudo: other.name, jobId: newId() }).catch((error: unknown) => error);
    user.allow(`NAME ALL=(${other.name}) ALL`);
    stage = await open(null);
    const needed = await send('true', { sudo: other.name, jobId: newId() }).catch((error: unknown) => error);
    expect([refused, needed]).toEqual([expect.objectContaining({ code: 'ssh.sudo-refused', details: expect.objectContaining({ notSent: true }) as object }), expect.objectContaining({ code: 'ssh.sudo-password-needed', details: expect.objectContaining({ notSent: true }) as object })]);
  });
  test('a job is found, and forgotten, in the home of that account', async () => {
    const jobId = word();
    const job = { hostId: stageHostId, jobId, sudo: other.name };
    await send('echo out', { sudo: other.name, jobId });
    const lies = readdirSync(join(other.home, '.pilothouse/jobs'));
    const found = await stage.runner.look(job, rememberingOperation(), noLimits);
    await stage.runner.forgetJob(job);
    expect([lies.includes(jobId), found.state, existsSync(join(other.home, '.pilothouse/jobs', jobId))]).toEqual([true, 'ended', false]);
  });
  test.each(kinds)('neither the password of sudo nor what a script reads is seen by anybody while it runs %s', async (_kind, newId) => {
    const secret = `canary-${word()}`;
    const operation = rememberingOperation();
    const running = send('read -r line; echo begun; sleep 7618; echo "$line"', { sudo: other.name, stdin: new Secret(`${secret}\n`), jobId: newId() }, {}, operation).catch(() => undefined);
    onTestFinished(operation.cancel);
    await operation.told('begun');
    const seen = listProcesses().filter(({ pid, commandLine }) => pid !== process.pid && [secret, user.password].some((each) => commandLine.includes(each) || environmentOf(pid).includes(each)));
    operation.cancel();
    await running;
    expect(seen).toEqual([]);
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

describe('on Dropbear, with the shell of BusyBox,', () => {
  const missing = whyNoDropbear();
  let server: DropbearServer;
  let key: KeyPair;
  beforeAll(async () => {
    if (missing !== null) return;
    server = await startDropbear();
    key = makeKey(server.folder);
    server.authorize(key);
  });
  afterAll(() => server?.stop());
  beforeEach(async (context) => {
    if (missing !== null) return context.skip(missing);
    stage = await stepStage(() => connectChain([server.hop({ account: { keys: [sshKey('id', key)] } })]));
  });

  test.each(kinds)('a script runs %s, and says how it ended and what it said', async (_kind, newId) => {
    expect(await send('cat; echo err >&2; exit 3', { stdin: 'what it reads', jobId: newId() })).toMatchObject({ exitStatus: 3, stdout: 'what it reads', stderr: 'err\n' });
  });
  test.each(kinds)('a script that runs %s is ended by its time limit, with all that it began', async (_kind, newId) => {
    const mark = word();
    expect((await send(`sh -c 'sleep 7619; true' ${mark} & sh -c 'sleep 7619; true' ${mark}`, { jobId: newId() }, { timeoutMs: 1000 })).timedOut).toBe(true);
    await waitFor('it to be ended', () => processesMatching(mark).length === 0);
  });
  test('gives live choices', async () => {
    expect(await stage.runner.readOptions(scriptStep('printf "one\ntwo\n"'), new AbortController().signal)).toEqual(['one', 'two']);
  });
});
