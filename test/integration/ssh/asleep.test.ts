/** Connections of a computer that slept, or whose line went silent: nobody closes them, and nothing comes any more. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { PilothouseError } from '#shared/domain/errors.ts';
import { createLine } from '#engine/backup/detached/line.ts';
import { siteOf } from '#engine/backup/detached/site.ts';
import { systemClock, systemRandom } from '#engine/ports.ts';
import type { PostgresTarget, ToolsThere } from '#engine/postgres/index.ts';
import { connectChain, type SshConnection } from '#engine/ssh/chain.ts';
import { defaultKeepAlive } from '#engine/ssh/dial.ts';
import { exec, execOrFail } from '#engine/ssh/exec.ts';
import { createHandshakes } from '#engine/ssh/handshakes.ts';
import { followJob, startJob } from '#engine/ssh/jobs/detached-job.ts';
import { createHostLines } from '#engine/ssh/lines.ts';
import { createSshPool, type SshPool } from '#engine/ssh/pool.ts';
import type { SshHop } from '#engine/ssh/types.ts';
import { startProxy, type TcpProxy } from '#test/proxy.ts';
import { descendantsOf } from '#test/processes.ts';
import { startSshServer, whyNoSshServer, type SshServer } from '#test/ssh-server.ts';
import { waitFor } from '#test/wait-for.ts';

const missing = whyNoSshServer();
let target: SshServer;
let jump: SshServer;
beforeAll(async () => {
  if (missing === null) [target, jump] = await Promise.all([startSshServer(), startSshServer()]);
});
afterAll(() => Promise.all([target?.stop(), jump?.stop()]));
beforeEach((context) => {
  if (missing !== null) context.skip(missing);
});

/** Shorter than a person's: 0.6 s without a sign of life. */
const keepAlive = { everyMs: 200, missed: 3 };

function poolTo(...way: [SshHop, ...SshHop[]]): { pool: SshPool; opened: SshConnection[] } {
  const opened: SshConnection[] = [];
  const handshakes = createHandshakes({ random: systemRandom });
  const pool = createSshPool({
    now: () => Date.now(),
    connect: async (_hostId, signal) => {
      const connection = await connectChain(way, { signal, keepAlive, handshakes });
      opened.push(connection);
      return connection;
    },
  });
  onTestFinished(() => pool.close());
  return { pool, opened };
}
const runs = (pool: SshPool, command: string) => pool.use('host', (connection) => execOrFail(connection, command));

/** Stops what serves the connections of a server, as if it slept; it wakes, to be ended, after the test. */
function stopSessions(server: SshServer): void {
  const sessions = descendantsOf(server.pid).filter(({ commandLine }) => commandLine.startsWith('sshd: '));
  for (const { pid } of sessions) process.kill(pid, 'SIGSTOP');
  onTestFinished(() => {
    for (const { pid } of sessions) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        // It ended with the one before it.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  });
}

test('a laptop may be out of reach for a minute', () => {
  expect(defaultKeepAlive).toEqual({ everyMs: 15_000, missed: 4 });
});

describe('a connection over a line that went silent', () => {
  let proxy: TcpProxy;
  beforeEach(async () => {
    proxy = await startProxy(target.port);
    onTestFinished(() => proxy.close());
  });
  test('is found dead, and its machine is named', async () => {
    const { pool } = poolTo(target.hop({ port: proxy.port }));
    await runs(pool, 'true');
    const running = runs(pool, 'sleep 60');
    proxy.stall();
    await expect(running).rejects.toMatchObject({ code: 'ssh.connection-lost', retryable: true, message: expect.stringContaining(`${target.user}@127.0.0.1:${proxy.port}: the connection was lost (no sign of life for 0.6 s) while a command ran`) as string, hint: expect.any(String) as string });
  });
  test('is opened anew by the next who needs it', async () => {
    const { pool, opened } = poolTo(target.hop({ port: proxy.port }));
    const running = runs(pool, 'sleep 60');
    await expect.poll(() => opened.length).toBe(1);
    proxy.stall();
    await expect(running).rejects.toMatchObject({ code: 'ssh.connection-lost' });
    proxy.resume();
    expect([(await runs(pool, 'echo back')).stdout, opened.length]).toEqual(['back\n', 2]);
  });
  test('keeps nobody waiting for the end of a command who gives it up as lost', async () => {
    const connection = await connectChain([target.hop({ port: proxy.port })]);
    onTestFinished(() => connection.close());
    const begun = Promise.withResolvers<void>();
    const leaving = new AbortController();
    const running = exec(connection, 'echo begun; sleep 60', { signal: leaving.signal, endsWithinMs: 60_000, onStdout: () => begun.resolve() });
    await begun.promise;
    proxy.stall();
    const startedAt = performance.now();
    leaving.abort(new PilothouseError('ssh.connection-lost', 'This computer slept.'));
    await expect(running).rejects.toMatchObject({ code: 'ssh.connection-lost' });
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
  test('is kept where it comes back in time', async () => {
    const connection = await connectChain([target.hop({ port: proxy.port })], { keepAlive: { everyMs: 200, missed: 50 } });
    onTestFinished(() => connection.close());
    const running = exec(connection, 'read -r line; echo "$line"', { input: 'still here\n' });
    proxy.stall();
    await new Promise((resolve) => setTimeout(resolve, 600));
    proxy.resume();
    expect((await running).stdout).toBe('still here\n');
  });
});

describe('a machine that sleeps', () => {
  test('at the end of the way is named, and connected to anew', async () => {
    const { pool, opened } = poolTo(jump.hop(), target.hop());
    await runs(pool, 'true');
    const running = runs(pool, 'sleep 60');
    stopSessions(target);
    await expect(running).rejects.toMatchObject({ code: 'ssh.connection-lost', details: { hop: opened[0]?.label }, message: expect.stringContaining('no sign of life for 0.8 s') as string });
    expect([(await runs(pool, 'echo back')).stdout, opened.length]).toEqual(['back\n', 2]);
  });
  test('on the way is named, and not the one behind it', async () => {
    const { pool, opened } = poolTo(jump.hop(), target.hop());
    await runs(pool, 'true');
    const running = runs(pool, 'sleep 60');
    stopSessions(jump);
    const error = await running.catch((caught: unknown) => caught as { code: string; message: string; details: Record<string, unknown> });
    expect(error).toMatchObject({ code: 'ssh.connection-lost', details: { hop: opened[0]?.hops[0]?.label, to: opened[0]?.label }, message: expect.stringMatching(/^\S+: the connection was lost \(no sign of life for 0\.6 s\) and with it that to .*reached through 127\.0\.0\.1, while a command ran/) as string });
    expect([(await runs(pool, 'echo back')).stdout, opened.length]).toEqual(['back\n', 2]);
  });
});

test('a job that outlives the sleep is read on at once over a new line, whatever was asked over the old one', async () => {
  const proxy = await startProxy(target.port);
  onTestFinished(() => proxy.close());
  const ways = { port: proxy.port };
  // With a person's patience the old line would be waited for for a minute.
  const pool = createSshPool({ now: () => Date.now(), connect: (_hostId, signal) => connectChain([target.hop({ port: ways.port })], { signal }) });
  onTestFinished(() => pool.close());
  const lines = createHostLines(pool, { random: systemRandom, sudoPassword: async () => null, pin: () => () => {} });
  const asked = { begun: 0, answered: 0 };
  const run: ToolsThere['run'] = async (program) => {
    asked.begun += 1;
    const result = await lines.run('host', { ...program, through: [] });
    asked.answered += 1;
    return result;
  };
  const site = siteOf({ there: { label: 'web', prefix: [], newFolder: () => '', run } }, { label: 'shop', connection: { viaId: 'host', tools: { where: 'host', access: { kind: 'plain' } } } } as PostgresTarget);
  let waking = new AbortController();
  const { signal } = new AbortController();
  const line = createLine({ label: 'web', meanwhile: () => '', signal, ports: { clock: systemClock, random: systemRandom }, operation: { log() {}, progress() {}, nextWake: () => waking.signal } });
  const done = join(target.folder, 'woken');
  await site.ask(signal)((host) => startJob(host, { id: 'slept', command: `echo begun; while [ ! -e '${done}' ]; do sleep 0.1; done; echo done` }));
  const read: string[] = [];
  const following = followJob((question) => line.patiently((until) => site.ask(until)(question)), 'slept', { from: 0, signal, everyMs: 20, onOutput: (chunk) => void read.push(chunk.toString('utf8')) });
  await waitFor('it to be read', () => read.length > 0);
  proxy.stall();
  await waitFor('something to be asked in vain', () => asked.begun > asked.answered);
  writeFileSync(done, '');
  ways.port = target.port;
  const wokeAt = performance.now();
  pool.wake();
  const woken = waking;
  waking = new AbortController();
  woken.abort(new PilothouseError('ssh.connection-lost', 'This computer slept.', { retryable: true }));
  expect([await following, read.join('')]).toEqual([{ state: 'ended', exitStatus: 0, ended: 'none' }, 'begun\ndone\n']);
  expect(performance.now() - wokeAt).toBeLessThan(10_000);
});

test('many that wake at once all get through a server that lets in few at a time', async () => {
  const busy = await startSshServer({ settings: { MaxStartups: '2:100:2' } });
  onTestFinished(() => busy.stop());
  const handshakes = createHandshakes({ random: systemRandom, atOnce: 4, attempts: 8 });
  const connections = await Promise.all(Array.from({ length: 12 }, () => connectChain([busy.hop()], { handshakes })));
  for (const connection of connections) connection.close();
  expect(connections.map(({ isOpen }) => isOpen)).toEqual(connections.map(() => true));
});
