/** Postgres on the other side of a real sshd, by its port and by its socket. */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { systemClock, systemRandom } from '#engine/ports.ts';
import { connectChain } from '#engine/ssh/chain.ts';
import { createHandshakes } from '#engine/ssh/handshakes.ts';
import { createHostLines, type HostLines } from '#engine/ssh/lines.ts';
import { createSshPool } from '#engine/ssh/pool.ts';
import { openClient } from '#engine/postgres/startup.ts';
import { Secret } from '#shared/domain/secret.ts';
import { openTunnel, type TunnelTarget } from '#engine/ssh/tunnel.ts';
import { startMuteServer } from '#test/mute-server.ts';
import { noLines } from '#test/no-lines.ts';
import { freePort } from '#test/free-port.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { startSshServer, whyNoSshServer, type SshServer } from '#test/ssh-server.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';

const missing = whyNoSshServer();
let postgres: PostgresServer;
let ssh: SshServer;
let sockets = '';
beforeEach((context) => {
  if (missing !== null) context.skip(missing);
});
beforeAll(async () => {
  if (missing !== null) return;
  sockets = join(await makeTemporaryFolder('sockets'), 's');
  mkdirSync(sockets);
  chmodSync(sockets, 0o777);
  chmodSync(join(sockets, '..'), 0o755);
  [postgres, ssh] = await Promise.all([startPostgres({ major: 15, settings: { unix_socket_directories: `'${sockets}'` }, hba: ['local all all scram-sha-256', 'host all all 127.0.0.1/32 scram-sha-256'] }), startSshServer()]);
});
afterAll(() => Promise.all([postgres?.stop(), ssh?.stop()]));

async function ask(target: TunnelTarget, sql: string, server: SshServer = ssh): Promise<unknown[]> {
  const connection = await connectChain([server.hop()]);
  onTestFinished(() => connection.close());
  const lines: HostLines = { ...noLines, open: () => openTunnel(connection, target) };
  const place = { label: 'postgres', host: target.kind === 'tcp' ? target.host : '/', port: postgres.port, database: 'postgres', user: 'postgres', viaId: 'host', through: 'host' };
  const { client } = await openClient(place, { connection: { tls: { mode: 'disable', ca: null } }, applicationName: 'test', timeoutMs: 10_000, signal: undefined, report: () => {}, lines, password: async () => new Secret(postgres.password) });
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('a database behind a host', () => {
  test('is reached by its port', async () => {
    expect(await ask({ kind: 'tcp', host: '127.0.0.1', port: postgres.port }, "SELECT inet_client_addr() IS NOT NULL AS tcp, count(*)::int AS rows FROM generate_series(1, 200000)")).toEqual([{ tcp: true, rows: 200_000 }]);
  });
  test('is reached by its socket', async () => {
    expect(await ask({ kind: 'socket', path: join(sockets, `.s.PGSQL.${postgres.port}`) }, 'SELECT inet_client_addr() IS NULL AS local')).toEqual([{ local: true }]);
  });
  test('brings many rows whole', async () => {
    const rows = await ask({ kind: 'tcp', host: '127.0.0.1', port: postgres.port }, "SELECT n, repeat('x', 200) AS filling FROM generate_series(1, 60000) n");
    expect([rows.length, (rows.at(-1) as { n: number }).n]).toEqual([60_000, 60_000]);
  });
  test('that does not listen is told as seen from the host', async () => {
    await expect(ask({ kind: 'tcp', host: '127.0.0.1', port: await freePort() }, 'SELECT 1')).rejects.toMatchObject({ code: 'postgres.refused', message: expect.stringContaining('could not connect there') as string });
  });
  test('that the host does not forward to says how it may', async () => {
    const strict = await startSshServer({ settings: { PermitOpen: '127.0.0.1:1', AllowStreamLocalForwarding: 'no' } });
    onTestFinished(() => strict.stop());
    await expect(ask({ kind: 'tcp', host: '127.0.0.1', port: postgres.port }, 'SELECT 1', strict)).rejects.toMatchObject({ code: 'ssh.forwarding-refused', hint: expect.stringContaining('PermitOpen') as string });
    await expect(ask({ kind: 'socket', path: join(sockets, `.s.PGSQL.${postgres.port}`) }, 'SELECT 1', strict)).rejects.toMatchObject({ code: 'postgres.refused', hint: expect.stringContaining('AllowStreamLocalForwarding') as string });
  });
});

test('fifty connections at once to a server with its own limits all get through', async () => {
  const usual = await startSshServer({ settings: { MaxStartups: '10:30:100' } });
  onTestFinished(() => usual.stop());
  const { run } = createHandshakes({ random: systemRandom });
  const connections = await Promise.all(Array.from({ length: 50 }, () => run('one', () => connectChain([usual.hop()]))));
  const open = connections.filter((connection) => connection.isOpen).length;
  for (const connection of connections) connection.close();
  expect(open).toBe(50);
});

test('a line of which the host says nothing is given up when nobody wants it any more', async () => {
  const mute = await startMuteServer();
  onTestFinished(() => mute.close());
  const pool = createSshPool({ now: systemClock.now, connect: (_hostId, signal) => connectChain([mute.hop], { signal }) });
  onTestFinished(() => pool.close());
  const lines = createHostLines(pool, { random: systemRandom, sudoPassword: async () => null, pin: () => () => {} });
  await expect(lines.open('host', { kind: 'tcp', host: '127.0.0.1', port: 5432 }, AbortSignal.timeout(300))).rejects.toThrow('timeout');
}, 5000);
