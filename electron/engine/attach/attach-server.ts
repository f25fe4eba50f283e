/** Serves the engine of a data folder to other processes of the same person, over a socket that only they can reach. */
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import { serveChannel } from '../dispatch/serve-channel.ts';
import type { Home } from '../home.ts';
import { keepFileToOurselves } from '../platform/private-files.ts';
import { socketsAreFiles } from '../platform/sockets.ts';
import type { Ports } from '../ports.ts';
import { claimAddress, releaseAddress } from './address.ts';
import { greeting, greetingTimeoutMs, longestGreeting, parseJson, type Answer } from './greeting.ts';
import { createLineChannel } from './line-channel.ts';

/** What a host answers by itself, beside the contract. */
export interface HostRequests {
  /** A fresh one-time address of the console. */
  link?: () => string;
}

export interface AttachServer {
  readonly path: string;
  /** How many are attached now. */
  readonly attached: () => number;
  /**
   * Resolves when nobody attached waits for anything any more, and cuts off who is left then: an answer, the end of an
   * operation that is followed, or, for `idleMs`, what a person or a script asks next. Until then others may still come:
   * the data folder is locked for as long, and they could go nowhere else.
   */
  drain(idleMs?: number): Promise<void>;
  /** Lets nobody else in and cuts off those who are attached. */
  close(): Promise<void>;
}

/** Milliseconds that a guest may think between one call and the next while the engine waits to close: a person reads a plan before it is confirmed. */
const guestIdleMs = 120_000;
const lookEveryMs = 50;

interface Guest {
  isAtWork(): boolean;
  /** When it last asked for anything, or was last seen at work; of `performance.now()`. */
  heardAt: number;
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(new PilothouseError('store.unwritable', `The socket ${path} of the data folder cannot be made: ${error.message}.`, { hint: 'Check who owns the data folder, or choose another with --home DIR.', details: { path }, cause: error }));
    });
    server.listen(path, () => resolve());
  });
}

/**
 * Listens for others who want to use this engine. Only the holder of the data folder's lock may call it.
 * @throws store.unwritable
 */
export async function startAttachServer(options: { home: Home; ports: Ports; dispatcher: Dispatcher; hostRequests?: HostRequests }): Promise<AttachServer> {
  const { home, ports, dispatcher, hostRequests = {} } = options;
  const sockets = new Map<Socket, Guest>();
  const path = claimAddress(home, ports.random.bytes(16).toString('hex'));

  const answerLink = (): Answer => {
    try {
      if (hostRequests.link !== undefined) return { link: hostRequests.link() };
      throw new PilothouseError('operation.busy', 'A command line is using this data folder, and it has no console to show.', { hint: 'Wait until it is finished, or use another data folder (--home DIR).', retryable: true, details: { host: ports.host, pid: process.pid } });
    } catch (error) {
      return { error: toErrorShape(error, ports.random.id()) };
    }
  };

  const welcome = (socket: Socket): void => {
    // Whoever only asks for a link, and asks again and again, is no guest to wait for.
    const guest: Guest = { isAtWork: () => false, heardAt: Number.NEGATIVE_INFINITY };
    sockets.set(socket, guest);
    socket.once('close', () => sockets.delete(socket));
    const channel = createLineChannel(socket);
    const impatience = setTimeout(() => socket.destroy(), greetingTimeoutMs).unref();
    channel.onClose(() => clearTimeout(impatience));
    let greeted = false;
    channel.onMessage((text) => {
      if (greeted) {
        guest.heardAt = performance.now();
        return;
      }
      greeted = true;
      clearTimeout(impatience);
      const said = text.length <= longestGreeting ? greeting.safeParse(parseJson(text)) : null;
      if (said?.success !== true) {
        socket.destroy();
      } else if (said.data.hello === 'contract') {
        guest.heardAt = performance.now();
        guest.isAtWork = serveChannel(channel, dispatcher, said.data.caller).isAtWork;
        void channel.send(JSON.stringify({ ready: true } satisfies Answer));
      } else {
        void channel.send(JSON.stringify(answerLink()));
        channel.close();
      }
    });
  };

  const server = createServer(welcome);
  await listen(server, path);
  // The folder around it is private already; this is for whoever opens the folder up.
  if (socketsAreFiles()) keepFileToOurselves(path);
  server.on('error', (error) => ports.logger.error({ path, error: error.message }, 'The attach socket failed.'));

  let ended: Promise<void> | null = null;
  const end = (): Promise<void> =>
    (ended ??= new Promise<void>((resolve) => {
      server.close(() => resolve());
      releaseAddress(home, path);
    }));
  const cutOff = (): void => {
    for (const socket of sockets.keys()) socket.destroy();
  };
  /** Whether anybody is at work, or was a moment ago. */
  const isAwaited = (idleMs: number): boolean => {
    const now = performance.now();
    const atWork = [...sockets.values()].filter((guest) => guest.isAtWork());
    for (const guest of atWork) guest.heardAt = now;
    return atWork.length > 0 || [...sockets.values()].some((guest) => now - guest.heardAt < idleMs);
  };
  return {
    path,
    attached: () => sockets.size,
    async drain(idleMs = guestIdleMs) {
      while (isAwaited(idleMs)) await pause(lookEveryMs);
      const closed = end();
      cutOff();
      await closed;
    },
    close() {
      const closed = end();
      cutOff();
      return closed;
    },
  };
}
