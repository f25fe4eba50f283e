import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { mountSmallDisk, whyNoSmallDisk } from '#test/full-disk.ts';
import { startProxy } from '#test/proxy.ts';
import type { TcpProxy } from '#test/proxy.ts';
import { waitFor } from '#test/wait-for.ts';

interface Line {
  socket: Socket;
  received: () => number;
  closedBy: () => string | null;
}

let proxy: TcpProxy;
let serverPort = 0;

/** A server that echoes, and a proxy before it. */
beforeEach(async () => {
  const server = createServer((socket) => {
    socket.pipe(socket);
    // Lines are broken on purpose.
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  serverPort = address !== null && typeof address === 'object' ? address.port : 0;
  proxy = await startProxy(serverPort);
  onTestFinished(async () => {
    await proxy.close();
    server.close();
  });
});

async function dial(port = proxy.port): Promise<Line> {
  const socket = connect(port, '127.0.0.1');
  let received = 0;
  let closedBy: string | null = null;
  socket.on('data', (chunk) => (received += chunk.length));
  socket.on('error', (error: NodeJS.ErrnoException) => (closedBy = error.code ?? error.message));
  socket.on('close', () => (closedBy ??= 'end'));
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve);
    socket.once('close', () => resolve());
  });
  onTestFinished(() => {
    socket.destroy();
  });
  return { socket, received: () => received, closedBy: () => closedBy };
}

describe('a line with faults', () => {
  it('passes everything on, in both directions', async () => {
    const line = await dial();
    line.socket.write(Buffer.alloc(3_000_000));
    await waitFor('everything to come back', () => line.received() === 3_000_000);
    expect([proxy.bytesFromClient, proxy.bytesFromServer]).toEqual([3_000_000, 3_000_000]);
  });

  it('is reset when it is cut', async () => {
    const line = await dial();
    line.socket.write('x');
    await waitFor('an answer', () => line.received() === 1);
    proxy.cut();
    expect(await waitFor('the line to break', () => line.closedBy())).toBe('ECONNRESET');
  });

  it('lets just so many bytes through before it is cut', async () => {
    const line = await dial();
    proxy.cutAfter(100_000);
    line.socket.write(Buffer.alloc(1_000_000));
    await waitFor('the line to break', () => line.closedBy());
    expect(line.received()).toBe(100_000);
  });

  it('holds everything back while it is stalled', async () => {
    const line = await dial();
    proxy.stall();
    line.socket.write('x');
    const direct = await dial(serverPort);
    direct.socket.write('x');
    await waitFor('the answer on a line without a proxy', () => direct.received() === 1);
    expect(line.received()).toBe(0);
  });

  it('goes on where it was when it is no longer stalled', async () => {
    const line = await dial();
    proxy.stall();
    line.socket.write('x');
    proxy.resume();
    expect(await waitFor('the answer', () => line.received())).toBe(1);
  });

  it('refuses those who call', async () => {
    proxy.refuse(true);
    const line = await dial();
    expect(await waitFor('the refusal', () => line.closedBy())).toBe('ECONNRESET');
  });
});

it('a small disk is soon full', async (context) => {
  const reason = whyNoSmallDisk();
  if (reason !== null) return context.skip(reason);
  const disk = await mountSmallDisk(1024 ** 2);
  onTestFinished(() => disk.remove());
  expect(() => writeFileSync(join(disk.folder, 'file'), Buffer.alloc(2 * 1024 ** 2))).toThrow(/ENOSPC/);
});
