/** Connections of a computer that slept, or whose line went silent: nobody closes them, and nothing comes any more. */
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { systemRandom } from '#engine/ports.ts';
import { connectChain, type SshConnection } from '#engine/ssh/chain.ts';
import { defaultKeepAlive } from '#engine/ssh/dial.ts';
import { exec, execOrFail } from '#engine/ssh/exec.ts';
import { createHandshakes } from '#engine/ssh/handshakes.ts';
import { createSshPool, type SshPool } from '#engine/ssh/pool.ts';
import type { SshHop } from '#engine/ssh/types.ts';
import { startProxy, type TcpProxy } from '#test/proxy.ts';
import { descendantsOf } from '#test/processes.ts';
import { startSshServer, whyNoSshServer, type SshServer } from '#test/ssh-server.ts';

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

test('many that wake at once all get through a server that lets in few at a time', async () => {
  const busy = await startSshServer({ settings: { MaxStartups: '2:100:2' } });
  onTestFinished(() => busy.stop());
  const handshakes = createHandshakes({ random: systemRandom, atOnce: 4, attempts: 8 });
  const connections = await Promise.all(Array.from({ length: 12 }, () => connectChain([busy.hop()], { handshakes })));
  for (const connection of connections) connection.close();
  expect(connections.map(({ isOpen }) => isOpen)).toEqual(connections.map(() => true));
});
