/** One connection to a host for all who need it, opened when it is first asked for and closed when nobody does. */
import { setTimeout as pause } from 'node:timers/promises';
import type { SshConnection } from './chain.ts';

export interface SshPool {
  /**
   * Lends the connection of a host to some work. Several may have it at a time, each with channels of its own.
   * @throws what connecting throws, and what the work throws. A connection that is lost fails the work that had it;
   * the next one gets a new one
   */
  use<T>(hostId: string, work: (connection: SshConnection) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** A connection of a host is not what it was (its settings changed, this computer slept): the next work gets a new one. */
  forget(hostId?: string): void;
  /** Ends all of them, and waits for that. */
  close(): Promise<void>;
}

export interface PoolOptions {
  /** Connects to a host, through whatever is on the way. */
  connect: (hostId: string, signal: AbortSignal) => Promise<SshConnection>;
  /** Milliseconds that a connection stays open for the next one. */
  idleMs?: number;
  /** Channels at a time on one connection: sshd allows ten (MaxSessions). */
  channels?: number;
}

interface Entry {
  connection: Promise<SshConnection>;
  opened: SshConnection | null;
  abort: AbortController;
  users: number;
  /** Who waits for a channel. */
  queue: (() => void)[];
  idle: NodeJS.Timeout | undefined;
}

const defaultIdleMs = 60_000;
const defaultChannels = 8;

export function createSshPool(options: PoolOptions): SshPool {
  const { connect, idleMs = defaultIdleMs, channels = defaultChannels } = options;
  const entries = new Map<string, Entry>();
  const all = new Set<Entry>();
  let closed = false;

  const drop = (hostId: string, entry: Entry): void => {
    if (entries.get(hostId) === entry) entries.delete(hostId);
  };

  const open = (hostId: string): Entry => {
    const abort = new AbortController();
    const entry: Entry = { connection: connect(hostId, abort.signal), opened: null, abort, users: 0, queue: [], idle: undefined };
    entries.set(hostId, entry);
    all.add(entry);
    entry.connection.then(
      (connection) => {
        entry.opened = connection;
        void connection.closed.then(() => {
          clearTimeout(entry.idle);
          drop(hostId, entry);
          all.delete(entry);
        });
      },
      () => {
        // Whoever waits for it is told; the next one tries anew.
        drop(hostId, entry);
        all.delete(entry);
      },
    );
    return entry;
  };

  const enter = async (entry: Entry, signal: AbortSignal | undefined): Promise<void> => {
    clearTimeout(entry.idle);
    while (entry.users >= channels) {
      await new Promise<void>((resolve) => {
        entry.queue.push(resolve);
        signal?.addEventListener('abort', () => resolve(), { once: true });
      });
      signal?.throwIfAborted();
    }
    entry.users += 1;
  };

  const leave = (entry: Entry): void => {
    entry.users -= 1;
    const next = entry.queue.shift();
    if (next !== undefined) {
      next();
      return;
    }
    if (entry.users > 0) return;
    // One that was forgotten waits for nobody.
    const isCurrent = [...entries.values()].includes(entry);
    if (!isCurrent || closed) entry.opened?.close();
    else entry.idle = setTimeout(() => entry.opened?.close(), idleMs).unref();
  };

  return {
    async use(hostId, work, signal) {
      signal?.throwIfAborted();
      if (closed) throw new Error('The connections to hosts are closed.');
      const entry = entries.get(hostId) ?? open(hostId);
      await enter(entry, signal);
      try {
        return await work(await entry.connection);
      } finally {
        leave(entry);
      }
    },
    forget(hostId) {
      for (const [id, entry] of entries) {
        if (hostId !== undefined && id !== hostId) continue;
        entries.delete(id);
        clearTimeout(entry.idle);
        if (entry.users === 0) void entry.connection.then((connection) => connection.close(), () => undefined);
      }
    },
    async close() {
      closed = true;
      entries.clear();
      const ends = [...all].map(async (entry) => {
        clearTimeout(entry.idle);
        entry.abort.abort(new Error('The connections to hosts are being closed.'));
        const connection = await entry.connection.catch(() => null);
        connection?.close();
        await Promise.race([connection?.closed, pause(2000)]);
      });
      await Promise.all(ends);
    },
  };
}
