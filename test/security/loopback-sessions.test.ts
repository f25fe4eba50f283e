import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { networkInterfaces } from 'node:os';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSessions, tokenLifeMs } from '../../electron/loopback/sessions.ts';
import type { LoopbackServer } from '../../electron/loopback/server.ts';
import { mostWaiting } from '../../electron/loopback/socket-channel.ts';
import { createMovableClock } from '#test/core.ts';
import { createProbe, type Probe } from '#test/probe.ts';
import { rawRequest, requestText } from '#test/raw-request.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { browserHeaders, openSessionOn, startLoopbackOf } from '#test/transports.ts';
import { systemRandom } from '#engine/ports.ts';

let probe: Probe;
let server: LoopbackServer;

beforeEach(async () => {
  const root = await temporaryFolder('sessions');
  probe = createProbe(root);
  server = await startLoopbackOf(probe, join(root, 'console'));
});
afterEach(async () => {
  await server.close();
  await probe.close();
});

const tokenOf = (link: string): string => new URL(link).hash.slice('#token='.length);
const exchange = (token: string): Promise<Response> => fetch(`${server.origin}/api/session`, { method: 'POST', headers: browserHeaders(server.origin), body: JSON.stringify({ token }) });
const open = async (): Promise<WebSocket> => {
  const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/api/socket`, { origin: server.origin });
  await once(socket, 'open');
  return socket;
};
/** What a socket speaks over, to say what no proper client says. */
const rawSocketOf = (socket: WebSocket): Socket => (socket as unknown as { _socket: Socket })._socket;
const closeCode = async (socket: WebSocket): Promise<number> => ((await once(socket, 'close')) as [number])[0];

describe('a one-time token', () => {
  test('has 256 bits', () => {
    expect(Buffer.from(tokenOf(server.issueLink()), 'base64url')).toHaveLength(32);
  });
  test('stands in the fragment, which no browser sends', () => {
    const link = new URL(server.issueLink());
    expect([link.pathname, link.search, link.username, link.hash.startsWith('#token=')]).toEqual(['/', '', '', true]);
  });
  test('becomes a session once', async () => {
    const token = tokenOf(server.issueLink());
    expect([(await exchange(token)).status, (await exchange(token)).status]).toEqual([200, 401]);
  });
  test('becomes one session when it is sent twenty times at once', async () => {
    const token = tokenOf(server.issueLink());
    const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await exchange(token)).status));
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  });
  test('is refused and counted when it is wrong', async () => {
    expect([(await exchange('wrong')).status, server.refused()]).toEqual([401, 1]);
  });
  test('works after many wrong ones: they lock nobody out', async () => {
    const token = tokenOf(server.issueLink());
    for (let attempt = 0; attempt < 50; attempt += 1) await exchange(`wrong-${attempt}`);
    expect((await exchange(token)).status).toBe(200);
  });
  test('is refused without one', async () => {
    expect((await fetch(`${server.origin}/api/session`, { method: 'POST', headers: browserHeaders(server.origin), body: '{}' })).status).toBe(400);
  });
  test('is refused when it is too old', () => {
    const clock = createMovableClock();
    const sessions = createSessions({ clock, random: systemRandom });
    const token = sessions.issueToken();
    clock.move(tokenLifeMs + 1);
    expect(sessions.exchange(token)).toBeNull();
  });
  test('stays good while another one is used', async () => {
    const first = tokenOf(server.issueLink());
    await exchange(tokenOf(server.issueLink()));
    expect((await exchange(first)).status).toBe(200);
  });
  test('is not the session it becomes', async () => {
    const token = tokenOf(server.issueLink());
    const { session } = (await (await exchange(token)).json()) as { session: string };
    expect(session).not.toBe(token);
  });
});

describe('a WebSocket', () => {
  test('is served after its session', async () => {
    const session = await openSessionOn(server);
    const socket = await open();
    socket.send(JSON.stringify({ session }));
    socket.send('{"type":"call","id":1,"method":"system.list","input":{}}');
    const [data] = (await once(socket, 'message')) as [Buffer];
    expect(JSON.parse(data.toString())).toEqual({ type: 'output', id: 1, output: { systems: [] } });
    socket.close();
  });
  test('is served again with the same session, as after a reload', async () => {
    const session = await openSessionOn(server);
    for (let load = 0; load < 2; load += 1) {
      const socket = await open();
      socket.send(JSON.stringify({ session }));
      socket.send('{"type":"call","id":1,"method":"system.list","input":{}}');
      await once(socket, 'message');
      socket.close();
    }
    expect(server.refused()).toBe(0);
  });
  test.each([
    ['a session that is not known', '{"session":"wrong"}'],
    ['an empty session', '{"session":""}'],
    ['a call in place of a session', '{"type":"call","id":1,"method":"system.list","input":{}}'],
    ['a session and a call', '{"session":"wrong","type":"call","id":1,"method":"system.list","input":{}}'],
    ['no JSON', 'session'],
    ['something long', JSON.stringify({ session: 'x'.repeat(100_000) })],
  ])('is closed on %s', async (_what, text) => {
    const socket = await open();
    socket.send(text);
    expect(await closeCode(socket)).toBe(4401);
  });
  test('is closed on a session in bytes', async () => {
    const session = await openSessionOn(server);
    const socket = await open();
    socket.send(Buffer.from(JSON.stringify({ session })), { binary: true });
    expect(await closeCode(socket)).toBe(4401);
  });
  test('is closed with a token in place of a session', async () => {
    const socket = await open();
    socket.send(JSON.stringify({ session: tokenOf(server.issueLink()) }));
    expect(await closeCode(socket)).toBe(4401);
  });
  test('that says nothing is closed within six seconds', async () => {
    const from = performance.now();
    const code = await closeCode(await open());
    expect([code, performance.now() - from < 6000]).toEqual([4408, true]);
  });
  test('is closed before what is too long has come to its end', async () => {
    const socket = await open();
    // A text frame that says it has 4 MiB, of which only a part ever comes.
    const head = Buffer.alloc(14);
    head.set([0x81, 0xff]);
    head.writeBigUInt64BE(4n * 1024n * 1024n, 2);
    const from = performance.now();
    rawSocketOf(socket).write(Buffer.concat([head, Buffer.alloc(8192)]));
    expect([await closeCode(socket), performance.now() - from < 4000]).toEqual([4401, true]);
  });
  test('is closed on many small pieces without an end', async () => {
    const socket = await open();
    socket.on('error', () => {});
    const from = performance.now();
    const pieces = setInterval(() => socket.readyState === socket.OPEN && socket.send('x'.repeat(500), { fin: false }), 5);
    const code = await closeCode(socket);
    clearInterval(pieces);
    expect([code, performance.now() - from < 4000]).toEqual([4401, true]);
  });
  test('may send a long frame together with its session', async () => {
    const session = await openSessionOn(server);
    const socket = await open();
    socket.send(JSON.stringify({ session }));
    socket.send(JSON.stringify({ type: 'call', id: 1, method: 'system.list', input: { long: 'x'.repeat(300_000) } }));
    const [data] = (await once(socket, 'message')) as [Buffer];
    expect(JSON.parse(data.toString())).toMatchObject({ type: 'error', id: 1, error: { code: 'contract.invalid-input' } });
    socket.close();
  });
  test('that waits longest makes room for a new one where too many wait', async () => {
    const waiting: WebSocket[] = [];
    for (let count = 0; count < mostWaiting; count += 1) waiting.push(await open());
    const closed = waiting.map((socket) => closeCode(socket));
    const session = await openSessionOn(server);
    const socket = await open();
    socket.send(JSON.stringify({ session }));
    socket.send('{"type":"call","id":1,"method":"system.list","input":{}}');
    await once(socket, 'message');
    // Cut off, and not because its time was up.
    expect(await closed[0]).toBe(1006);
    expect([socket.readyState, ...waiting.map((one) => one.readyState)]).toEqual([socket.OPEN, socket.CLOSED, ...waiting.slice(1).map((one) => one.OPEN)]);
    for (const one of [socket, ...waiting]) one.terminate();
  });
  test('gets no answer to what it asks before its session', async () => {
    const socket = await open();
    const messages: unknown[] = [];
    socket.on('message', (data) => messages.push(data));
    socket.send('{"type":"call","id":1,"method":"system.list","input":{}}');
    await closeCode(socket);
    expect(messages).toEqual([]);
  });
});

describe('the server', () => {
  test('listens on 127.0.0.1 and nowhere else', async () => {
    const port = server.port.toString(16).toUpperCase().padStart(4, '0');
    const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8')));
    const listening = tables
      .flatMap((table) => table.split('\n').slice(1))
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[1]?.endsWith(`:${port}`) && fields[3] === '0A')
      .map((fields) => fields[1]);
    expect(listening).toEqual([`0100007F:${port}`]);
  });
  test('cannot be reached by any other address of this computer', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((entries) => entries ?? [])
      .filter((entry) => entry.family === 'IPv4' && entry.address !== '127.0.0.1')
      .map((entry) => entry.address);
    const reached = await Promise.all(
      [...others, '127.0.0.2'].map(
        (address) =>
          new Promise<boolean>((resolve) => {
            const socket = connect({ host: address, port: server.port, timeout: 1000 });
            const end = (answer: boolean) => (): void => {
              socket.destroy();
              resolve(answer);
            };
            socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
          }),
      ),
    );
    expect(reached).not.toContain(true);
  });
  test('goes on after connections that could not be taken', async () => {
    const seen: Server[] = [];
    const look = (message: unknown): void => void seen.push((message as { server: Server }).server);
    subscribe('http.server.request.start', look);
    await fetch(server.origin);
    unsubscribe('http.server.request.start', look);
    for (let failure = 0; failure < 2; failure += 1) seen[0]?.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
    expect((await fetch(server.origin)).status).toBe(200);
  });
  test('lets a new tab in, and keeps one that is in, where somebody holds all connections', async () => {
    const session = await openSessionOn(server);
    const tab = await open();
    tab.send(JSON.stringify({ session }));
    const idle = await Promise.all(Array.from({ length: 256 }, async () => {
      const socket = connect(server.port, '127.0.0.1').on('error', () => {});
      await once(socket, 'connect');
      return socket;
    }));
    // By a connection of its own: it is taken after all of those that wait.
    const answer = await rawRequest(server.port, requestText('GET / HTTP/1.1', [['Host', `127.0.0.1:${server.port}`], ['Connection', 'close']]));
    tab.send('{"type":"call","id":1,"method":"system.list","input":{}}');
    await once(tab, 'message');
    for (const socket of idle) socket.destroy();
    tab.close();
    expect(answer.status).toBe(200);
  });
  test('closes while browsers are connected', async () => {
    const session = await openSessionOn(server);
    const socket = await open();
    socket.send(JSON.stringify({ session }));
    const closed = closeCode(socket);
    await server.close();
    expect(await closed).toBe(1001);
  });
});
