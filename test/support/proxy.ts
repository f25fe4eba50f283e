import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';

export interface TcpProxy {
  host: '127.0.0.1';
  port: number;
  /** Connections that are open now. */
  readonly connections: number;
  /** Bytes the server has sent through so far, over all connections. */
  readonly bytesFromServer: number;
  /** Bytes the client has sent through so far, over all connections. */
  readonly bytesFromClient: number;
  /** Resets every open connection, as an interrupted line would. New ones are let through. */
  cut(): void;
  /** Cuts once the server has sent this many more bytes. */
  cutAfter(bytes: number): void;
  /** Holds everything back, in both directions, without closing anything, until `resume`. */
  stall(): void;
  resume(): void;
  /** Resets new connections as they arrive, until called with false. */
  refuse(refusing: boolean): void;
  close(): Promise<void>;
}

/** A TCP proxy on 127.0.0.1 to a port of 127.0.0.1, to put faults on the line. */
export async function startProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const state = { stalled: false, refusing: false, cutAt: Number.POSITIVE_INFINITY, fromServer: 0, fromClient: 0 };

  const cut = () => {
    for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy();
    pairs.clear();
  };

  const server = createServer((client) => {
    if (state.refusing) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(targetPort, '127.0.0.1');
    const pair = [client, upstream] as const;
    pairs.add(pair);
    if (state.stalled) for (const socket of pair) socket.pause();
    client.on('data', (chunk: Buffer) => {
      state.fromClient += chunk.length;
      pass(chunk, client, upstream, state);
    });
    upstream.on('data', (chunk: Buffer) => {
      const left = state.cutAt - state.fromServer;
      state.fromServer += Math.min(chunk.length, left);
      if (chunk.length < left) {
        pass(chunk, upstream, client, state);
        return;
      }
      state.cutAt = Number.POSITIVE_INFINITY;
      // The bytes up to the limit arrive before the line breaks: a reset would overtake them.
      client.end(chunk.subarray(0, left), cut);
    });
    for (const [one, other] of [pair, [upstream, client] as const]) {
      one.on('end', () => other.end());
      one.on('close', () => {
        other.destroy();
        pairs.delete(pair);
      });
      // A broken line is what this proxy is for; the other end learns of it by 'close'.
      one.on('error', () => {});
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');

  const setStalled = (stalled: boolean) => {
    state.stalled = stalled;
    for (const pair of pairs) for (const socket of pair) if (stalled) socket.pause();
    else socket.resume();
  };
  return {
    host: '127.0.0.1',
    port: address.port,
    get connections() {
      return pairs.size;
    },
    get bytesFromServer() {
      return state.fromServer;
    },
    get bytesFromClient() {
      return state.fromClient;
    },
    cut,
    cutAfter: (bytes) => {
      state.cutAt = state.fromServer + bytes;
    },
    stall: () => setStalled(true),
    resume: () => setStalled(false),
    refuse: (refusing) => {
      state.refusing = refusing;
    },
    close: async () => {
      cut();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

/** Writes on, and lets the receiver's pace hold back the sender. */
function pass(chunk: Buffer, from: Socket, to: Socket, state: { stalled: boolean }): void {
  if (to.write(chunk)) return;
  from.pause();
  to.once('drain', () => {
    if (!state.stalled) from.resume();
  });
}
