/** The SSH host of the practice system, as the console has it: hosts, tunnels, jobs and files all work on it. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { EngineClient, MethodOutput } from '#shared/contract/index.ts';
import type { Host } from '#shared/contract/hosts.ts';
import { Secret } from '#shared/domain/secret.ts';
import { createEngine, type Engine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { createPracticeHost } from '#engine/practice/host/practice-host.ts';
import { readHostKeys } from '#engine/practice/host/keys.ts';
import { connectChain, type SshConnection } from '#engine/ssh/chain.ts';
import { execOrFail } from '#engine/ssh/exec.ts';
import { fetchFile } from '#engine/ssh/fetch.ts';
import { readHostKey } from '#engine/ssh/host-key.ts';
import { cancelJob, followJob, listJobs, lookAtJob, removeJob, startJob } from '#engine/ssh/jobs/detached-job.ts';
import { keyOf } from '#engine/ssh/sign-in.ts';
import { startLonePracticeHost } from '#test/practice-host.ts';
import { practicePlace, practiceProcesses, removePractice } from '#test/practice.ts';
import { isRunning } from '#test/processes.ts';
import { accountOf } from '#test/ssh-server.ts';
import { makeTemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { runToEnd } from '#test/run-to-end.ts';
import { waitFor } from '#test/wait-for.ts';

const ports: Ports = { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' };

let root: string;
let engine: Engine;
let client: EngineClient;
beforeAll(async () => {
  root = await makeTemporaryFolder('practice-ssh');
  await open();
  await act('up');
});
afterAll(async () => {
  await engine.close();
  await removePractice(root);
});

async function open(): Promise<void> {
  engine = await createEngine({ root, ports });
  client = engine.client('cli');
}
async function act(action: 'up' | 'down' | 'remove') {
  const { plan } = await client.call('practice.plan', { action });
  const { operationId } = await client.call('operation.run', { planId: plan.id, token: plan.token, ...(plan.confirmName === null ? {} : { confirmName: plan.confirmName }) });
  for await (const _batch of client.follow('operation.follow', { operationId, afterSeq: 0 })) continue;
  return (await client.call('operation.get', { operationId })).operation;
}
const status = () => client.call('practice.status', {});
const place = () => practicePlace(root);
async function practiceHost(): Promise<Host> {
  const found = (await client.call('host.list', {})).hosts.find(({ label }) => label === 'practice-host');
  if (found === undefined) throw new Error('There is no practice-host.');
  return found;
}
/** Connects as the console does, with what it knows. */
async function signIn(): Promise<SshConnection> {
  const { connection } = await practiceHost();
  const { keys } = await client.call('host.keys', { machine: { hostId: (await practiceHost()).id } });
  const made = await connectChain([{ host: connection.host, port: connection.port, knownKeys: keys.map(({ type, key }) => ({ type, key, revoked: false })), account: { ...accountOf({ keys: connection.signIn.keys.map(({ path }) => keyOf(path, readFileSync(path, 'utf8'))) }), user: connection.user } }]);
  onTestFinished(() => made.close());
  return made;
}
const states = ({ layers }: { layers: MethodOutput<'database.test'>['layers'] }) => layers.map(({ layer, state }) => `${layer} ${state}`);

describe('a practice system that was started', () => {
  test('has seen its host let the console in', async () => {
    expect(await practiceHost()).toMatchObject({ platform: expect.stringMatching(/^Linux |^Darwin /) as string, lastSeenAt: expect.any(String) as string, lastError: null });
  });
  test('has a host beside its database, whose key is known', async () => {
    const { systemId, hostId, hostPort } = await status();
    const host = await practiceHost();
    const { keys } = await client.call('host.keys', { machine: { hostId: host.id } });
    expect([host.id, host.systemId, host.connection.port, keys.map(({ state, source, key }) => [state, source, key])]).toEqual([hostId, systemId, hostPort, [['trusted', 'generated', readHostKey(readHostKeys(place()).hostKey.getPublicSSH()).key]]]);
  });
  test('has a host that passes its test', async () => {
    const tested = await client.call('host.test', { hostId: (await practiceHost()).id });
    expect([tested.ok, tested.error, tested.machines[0]?.layers.map(({ layer, state }) => `${layer} ${state}`)]).toEqual([true, null, ['name ok', 'network ok', 'host-key ok', 'sign-in ok', 'command ok']]);
  });
  test('has a database that can be reached through its host', async () => {
    const [direct] = (await client.call('system.get', { systemId: (await status()).systemId ?? '' })).system.databases;
    if (direct === undefined) throw new Error('There is no database.');
    const tested = await client.call('database.test', { connection: { ...direct.connection, viaId: (await practiceHost()).id } });
    expect([tested.ok, states(tested).at(-1)]).toEqual([true, 'privilege ok']);
  });
  test('has a host with the programs of its server and of this computer', async () => {
    const { stdout } = await execOrFail(await signIn(), 'command -v postgres; pg_dump --version');
    const [postgres = '', dump = ''] = stdout.split('\n');
    expect([postgres.startsWith(place().folder), Number(/ (\d+)/.exec(dump)?.[1]) >= 15]).toEqual([true, true]);
  });
  test('has a host from which files are fetched', async () => {
    const remote = join(place().host.home, 'a dump');
    const whole = randomBytes(20_000_001);
    writeFileSync(remote, whole);
    const local = join(await temporaryFolder('fetched'), 'here');
    expect([await fetchFile(await signIn(), { remote, local, signal: new AbortController().signal }), readFileSync(local).equals(whole)]).toEqual([{ sizeBytes: 20_000_001, keptBytes: 0 }, true]);
  });
});

describe('a job on the practice host', () => {
  test('runs to its end, and its output is read', async () => {
    const connection = await signIn();
    const parts: Buffer[] = [];
    await startJob(connection, { id: 'to-its-end', command: 'cat; exit 3', input: 'what it was given' });
    const job = await followJob((question) => question(connection), 'to-its-end', { from: 0, signal: new AbortController().signal, everyMs: 50, onOutput: (chunk) => void parts.push(chunk) });
    await removeJob(connection, 'to-its-end');
    expect([job, Buffer.concat(parts).toString(), await listJobs(connection)]).toEqual([{ state: 'ended', exitStatus: 3, ended: 'none' }, 'what it was given', []]);
  });
  test('ends with all that it began when it is cancelled', async () => {
    const connection = await signIn();
    await startJob(connection, { id: 'cancelled', command: 'sleep 600 & echo $!; wait' });
    const child = await waitFor('it to have begun', async () => Number((await lookAtJob(connection, 'cancelled', 0)).chunk.toString()) || null);
    await cancelJob(connection, 'cancelled');
    expect([(await lookAtJob(connection, 'cancelled', 0)).job.state, isRunning(child)]).toEqual(['ended', false]);
    await removeJob(connection, 'cancelled');
  });
  test('outlives the engine, and is found by the next one, by the same key at the same port', async () => {
    const before = await practiceHost();
    await startJob(await signIn(), { id: 'long', command: 'i=0; while :; do i=$((i + 1)); echo $i; sleep 0.1; done' });
    const out = join(place().host.home, '.pilothouse/jobs/long/out');
    await waitFor('it to have begun', () => existsSync(out));
    await engine.close();
    const left = readFileSync(out, 'utf8').length;
    await open();
    const after = await practiceHost();
    const connection = await signIn();
    const { job, chunk } = await waitFor('it to have gone on', async () => {
      const look = await lookAtJob(connection, 'long', 0);
      return look.chunk.length > left + 10 ? look : null;
    });
    expect([job.state, chunk.toString().startsWith('1\n2\n'), after.connection]).toEqual(['running', true, before.connection]);
  });
  test('is asked after where the port was taken meanwhile, and the console knows the new one', async () => {
    const { port } = (await practiceHost()).connection;
    await engine.close();
    const taker = createServer();
    await new Promise<void>((resolve) => taker.listen(port, '127.0.0.1', resolve));
    onTestFinished(() => void taker.close());
    await open();
    const { connection, id } = await practiceHost();
    const { keys } = await client.call('host.keys', { machine: { host: '127.0.0.1', port } });
    expect([connection.port === port, keys, (await client.call('host.test', { hostId: id })).ok, (await lookAtJob(await signIn(), 'long', 0)).job.state]).toEqual([false, [], true, 'running']);
  });
});

describe('a practice system that is stopped', () => {
  test('ends the jobs on its host, and that answers no more', async () => {
    const { connection } = await practiceHost();
    expect(await act('down')).toMatchObject({ state: 'succeeded' });
    const { hostPort } = await status();
    await waitFor('every process to end', () => practiceProcesses(place()).length === 0, { within: 5000 });
    expect([hostPort, (await client.call('host.test', { connection })).error?.code]).toEqual([null, 'ssh.refused']);
  });
  test('is said to be stopped by a look at its host, which is not away for another cause', async () => {
    const { systemId } = await practiceHost();
    const operation = await runToEnd(client, (await client.call('health.plan', { systemId, only: ['host-connection', 'memory'] })).plan);
    const { results } = await client.call('health.run', { runId: String(operation.result?.['runId']) });
    expect(results.map(({ check, status: state, summary, fix }) => [check, state, summary, fix?.act ?? null])).toEqual([['host-connection', 'critical', 'The practice system is stopped', { kind: 'start-practice' }], ['memory', 'unknown', 'Not asked: the practice system is stopped', null]]);
  });
  test('has a host that does not answer at the next start either', async () => {
    await engine.close();
    await open();
    expect((await status()).hostPort).toBeNull();
  });
  test('has its host back when it is started, and where a person forgot it too', async () => {
    const { id, label } = await practiceHost();
    await client.call('host.remove', { hostId: id, confirmName: label });
    await act('up');
    expect((await client.call('host.test', { hostId: (await practiceHost()).id })).ok).toBe(true);
  });
});

describe('removing', () => {
  test('is refused as long as something is reached through its host', async () => {
    const { id, connection, systemId } = await practiceHost();
    const { host: behind } = await client.call('host.add', { systemId, label: 'behind it', connection: { ...connection, host: 'db-1.example', signIn: { ...connection.signIn, keys: [], agent: true }, viaId: id } });
    const { plan } = await client.call('practice.plan', { action: 'remove' });
    expect(plan.findings).toContainEqual(expect.objectContaining({ state: 'critical', title: 'behind it is reached through its host' }));
    await client.call('host.remove', { hostId: behind.id, confirmName: behind.label });
  });
  test('takes the host, its key, its jobs and its folder away', async () => {
    const { connection } = await practiceHost();
    await startJob(await signIn(), { id: 'left', command: "trap '' TERM; setsid sleep 600; sleep 600", secrets: [{ name: 'word', text: new Secret('canary') }] });
    const secrets = realpathSync(join(place().host.home, '.pilothouse/jobs/left/secrets'));
    await waitFor('it to run', () => practiceProcesses(place()).filter(({ commandLine }) => commandLine === 'sleep 600').length === 1);
    expect(await act('remove')).toMatchObject({ state: 'succeeded' });
    expect([practiceProcesses(place()), existsSync(secrets), existsSync(place().folder), (await client.call('host.list', {})).hosts, (await client.call('host.keys', { machine: { host: '127.0.0.1', port: connection.port } })).keys, (await client.call('system.list', {})).systems]).toEqual([[], false, false, [], [], []]);
  });
});

test('a port of which the key of another machine is known is left to that', async () => {
  const lone = await startLonePracticeHost();
  onTestFinished(() => lone.close());
  const refused: number[] = [];
  const host = createPracticeHost({ ports, postgres: { findTools: async () => [] } as never }, (port) => refused.length < 2 && refused.push(port) > 0);
  const { port } = await host.start(lone.place);
  await host.stop();
  expect([refused.length, refused.includes(port), Number(readFileSync(lone.place.host.port, 'utf8'))]).toEqual([2, false, port]);
});
