/** Files of steps, to a host and from it: whole or not at all, and never in the place of something else here. */
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { connectChain } from '#engine/ssh/chain.ts';
import type { Outcome, Sent } from '#engine/runbooks/sent.ts';
import type { StepLimits } from '#engine/runbooks/steps/index.ts';
import { placeHere } from '#engine/runbooks/steps/transfer.ts';
import { startProxy, type TcpProxy } from '#test/proxy.ts';
import { startSshServer, whyNoSshServer, type SshServer } from '#test/ssh-server.ts';
import { noLimits, rememberingOperation, stageHostId, stepStage, type StepStage } from '#test/step-stage.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const missing = whyNoSshServer();
let server: SshServer;
let stage: StepStage;
let line: TcpProxy;
let here = '';
let there = '';
beforeAll(async () => void (missing === null && (server = await startSshServer())));
afterAll(() => server?.stop());
beforeEach(async (context) => {
  if (missing !== null) context.skip(missing);
  line = await startProxy(server.port);
  onTestFinished(() => line.close());
  stage = await stepStage(() => connectChain([server.hop({ port: line.port })]));
  here = await temporaryFolder('here');
  there = await temporaryFolder('there');
});
const send = (direction: 'upload' | 'download', hereFile: string, thereFile: string, limits: Partial<StepLimits> = {}, operation = rememberingOperation()): Promise<Outcome> => stage.runner.send({ kind: 'transfer', hostId: stageHostId, label: 'web-1', direction, here: hereFile, there: thereFile } satisfies Sent, operation, { ...noLimits, ...limits });
const some = (bytes: number): Buffer => randomBytes(bytes);
const write = (folder: string, name: string, bytes: Buffer): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('a file that is sent', () => {
  test('arrives whole, with what tells that it did', async () => {
    const bytes = some(1_000_003);
    const outcome = await send('upload', write(here, 'a', bytes), join(there, "it's b"));
    expect([outcome.exitStatus, outcome.stdout, readFileSync(join(there, "it's b")).equals(bytes), readdirSync(there)]).toEqual([0, `1,000,003 bytes, SHA-256 ${hashOf(bytes)}\n`, true, ["it's b"]]);
  });
  test('takes the place of the one that is there, and its mode', async () => {
    const old = write(there, 'b', some(10));
    chmodSync(old, 0o640);
    await send('upload', write(here, 'a', Buffer.from('new')), old);
    expect([readFileSync(old, 'utf8'), statSync(old).mode & 0o777]).toEqual(['new', 0o640]);
  });
  test('may be empty', async () => {
    expect([(await send('upload', write(here, 'a', Buffer.alloc(0)), join(there, 'b'))).exitStatus, statSync(join(there, 'b')).size]).toEqual([0, 0]);
  });
  test('goes below the home where its path is not whole', async () => {
    await send('upload', write(here, 'a', Buffer.from('x')), `~/${relative(homedir(), join(there, 'b'))}`);
    expect(readFileSync(join(there, 'b'), 'utf8')).toBe('x');
  });
  test('that is not here is not sent', async () => {
    await expect(send('upload', join(here, 'nothing'), join(there, 'b'))).rejects.toMatchObject({ code: 'runbook.not-sent', details: { notSent: true } });
  });
  test('is not sent to a folder', async () => {
    await expect(send('upload', write(here, 'a', some(1)), there)).rejects.toMatchObject({ message: expect.stringContaining('is a folder on web-1') as string, details: { notSent: true } });
  });
  test('that cannot be written there fails, and says why', async () => {
    expect(await send('upload', write(here, 'a', some(1)), join(there, 'no/such/b'))).toMatchObject({ exitStatus: 1, stderr: expect.stringContaining('No such file') as string });
  });
  test('leaves nothing beside when it is cancelled', async () => {
    const operation = rememberingOperation();
    const before = write(there, 'b', Buffer.from('before'));
    const cancelled = expect(send('upload', write(here, 'a', some(30_000_000)), before, {}, operation)).rejects.toMatchObject({ code: 'operation.cancelled' });
    await waitFor('some of it to be there', () => readdirSync(there).some((name) => name.startsWith('b.part-')), { every: 2 });
    operation.cancel();
    await cancelled;
    expect([readdirSync(there), readFileSync(before, 'utf8')]).toEqual([['b'], 'before']);
  });
  test('fails where the line is lost before it is whole, and what was there is as it was', async () => {
    const before = write(there, 'b', Buffer.from('before'));
    const sending = send('upload', write(here, 'a', some(30_000_000)), before);
    await waitFor('some of it to be there', () => readdirSync(there).some((name) => name.startsWith('b.part-')), { every: 2 });
    line.cut();
    expect([await sending, readdirSync(there), readFileSync(before, 'utf8')]).toEqual([expect.objectContaining({ exitStatus: 1, stderr: expect.stringContaining('is as it was') as string }), ['b'], 'before']);
  });
  test('fails where it is not there within its time, and nothing is left', async () => {
    const sending = send('upload', write(here, 'a', some(30_000_000)), join(there, 'b'), { timeoutMs: 1500 });
    await waitFor('some of it to be there', () => readdirSync(there).length > 0, { every: 2 });
    line.stall();
    const timer = setTimeout(line.resume, 2500);
    onTestFinished(() => clearTimeout(timer));
    expect([await sending, readdirSync(there)]).toEqual([expect.objectContaining({ exitStatus: 1, timedOut: true }), []]);
  });
  test('was not sent where the host cannot be reached', async () => {
    line.refuse(true);
    await expect(send('upload', write(here, 'a', some(1)), join(there, 'b'))).rejects.toMatchObject({ details: { notSent: true } });
  });
});

describe('a file that is fetched', () => {
  test('arrives whole, for its account alone', async () => {
    const bytes = some(1_000_003);
    const outcome = await send('download', join(here, 'a'), write(there, 'b', bytes));
    expect([outcome.exitStatus, readFileSync(join(here, 'a')).equals(bytes), statSync(join(here, 'a')).mode & 0o777, readdirSync(here)]).toEqual([0, true, 0o600, ['a']]);
  });
  test('goes below the folder for transfers where its path is not whole', async () => {
    await send('download', 'today/a', write(there, 'b', Buffer.from('x')));
    expect(readFileSync(join(stage.engine.context.home.root, 'transfers/today/a'), 'utf8')).toBe('x');
  });
  test.each(['../a', 'x/../../a', '..', '.', ''])('never leaves that folder: %j', (path) => {
    expect(() => placeHere('/data', path)).toThrow('leads out of');
  });
  test('is not put in the place of another', async () => {
    const mine = write(here, 'a', Buffer.from('mine'));
    expect([await send('download', mine, write(there, 'b', Buffer.from('your'))), readFileSync(mine, 'utf8'), readdirSync(here)]).toEqual([expect.objectContaining({ exitStatus: 1, stderr: expect.stringContaining('is not written over') as string }), 'mine', ['a']]);
  });
  test('that is here already is well', async () => {
    const mine = write(here, 'a', Buffer.from('same'));
    expect(await send('download', mine, write(there, 'b', Buffer.from('same')))).toMatchObject({ exitStatus: 0, stdout: expect.stringContaining('it was here already') as string });
  });
  test('that is not there fails, and says so', async () => {
    expect(await send('download', join(here, 'a'), join(there, 'nothing'))).toMatchObject({ exitStatus: 1, stderr: expect.stringContaining('is not there on web-1') as string });
  });
  test('leaves nothing here where the line is lost', async () => {
    const far = write(there, 'b', some(20_000_000));
    const sending = send('download', join(here, 'a'), far);
    await waitFor('some of it to be here', () => readdirSync(here).length > 0, { every: 2 });
    line.cut();
    expect([await sending, readdirSync(here)]).toEqual([expect.objectContaining({ exitStatus: 1 }), []]);
  });
});

test('a file is moved where the host has no program that tells SHA-256', async () => {
  const bytes = some(200_000);
  const bare = await temporaryFolder('bare');
  mkdirSync(join(bare, 'bin'));
  const plain = await startSshServer({ settings: { SetEnv: `PATH=${join(bare, 'bin')}` } });
  onTestFinished(() => plain.stop());
  stage = await stepStage(() => connectChain([plain.hop()]));
  const outcome = await send('upload', write(here, 'a', bytes), join(there, 'b'));
  expect([outcome.exitStatus, readFileSync(join(there, 'b')).equals(bytes), existsSync(join(bare, 'bin'))]).toEqual([0, true, true]);
});

test('a file was not sent to a host that moves none', async () => {
  const plain = await startSshServer({ settings: { Subsystem: 'none /bin/false' } });
  onTestFinished(() => plain.stop());
  stage = await stepStage(() => connectChain([plain.hop()]));
  await expect(send('upload', write(here, 'a', some(1)), join(there, 'b'))).rejects.toMatchObject({ code: 'ssh.channel-refused', details: { notSent: true } });
});
