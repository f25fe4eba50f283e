/** One connection to a host for all who need it, opened when it is first asked for and closed when nobody does. */
import { setTimeout as pause } from 'node:timers/promises';
import type { SshConnection } from './chain.ts';

export interface SshPool {
  /**
   * Lends the connection of a host to some work. Several may have it at a time, each with channels of its own.
   * @throws what connecting throws, and what the work throws. A connection that is lost fails the work that had it;
   * the next one gets a new one
   * @param takes what the server counts: a command and a transfer of files take a session, a tunnel takes none
   */
  use<T>(hostId: string, work: (connection: SshConnection) => Promise<T>, signal?: AbortSignal, takes?: 'session' | 'tunnel'): Promise<T>;
  /** Takes a connection that somebody has just made, for whoever needs one next: signing in again may ask a person again. Where there is one already it is closed. */
  keep(hostId: string, connection: SshConnection): void;
  /** A connection of a host is not what it was (its settings changed, this computer slept): the next work gets a new one. */
  forget(hostId?: string): void;
  /** This computer woke up: whoever needs a connection next gets a new one. What is in use keeps the one that it has until that is found dead. */
  wake(): void;
  /** Ends all of them, and waits for that. */
  close(): Promise<void>;
}

export interface PoolOptions {
  /** Connects to a host, through whatever is on the way. */
  connect: (hostId: string, signal: AbortSignal) => Promise<SshConnection>;
  /** Milliseconds that a connection stays open for the next one. */
  idleMs?: number;
  /** Milliseconds since the epoch, by a clock that goes on while this computer sleeps. */
  now: () => number;
  /** Channels at a time on one connection: sshd allows ten (MaxSessions). */
  channels?: number;
}

interface Entry {
  connection: Promise<SshConnection>;
  opened: SshConnection | null;
  abort: AbortController;
  /** Who has it at the moment. */
  users: number;
  /** How many of them have a session. */
  sessions: number;
  /** Who waits for a session. */
  queue: (() => void)[];
  idle: NodeJS.Timeout | undefined;
}

const defaultIdleMs = 60_000;
const defaultChannels = 8;
/** Milliseconds between two looks at the clock, and how late one has to be before this computer was asleep. */
const lookForSleepEveryMs = 5000;
const asleepMs = 30_000;

export function createSshPool(options: PoolOptions): SshPool {
  const { connect, now, idleMs = defaultIdleMs, channels = defaultChannels } = options;
  const entries = new Map<string, Entry>();
  const all = new Set<Entry>();
  let closed = false;

  const drop = (hostId: string, entry: Entry): void => {
    if (entries.get(hostId) === entry) entries.delete(hostId);
  };

  const open = (hostId: string, opening: (signal: AbortSignal) => Promise<SshConnection> = (signal) => connect(hostId, signal)): Entry => {
    const abort = new AbortController();
    const entry: Entry = { connection: opening(abort.signal), opened: null, abort, users: 0, sessions: 0, queue: [], idle: undefined };
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

  const waitForSession = async (entry: Entry, signal: AbortSignal | undefined): Promise<void> => {
    while (entry.sessions >= channels) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          signal?.removeEventListener('abort', giveUp);
          resolve();
        };
        // One that gave up must not be woken in the place of another.
        const giveUp = (): void => {
          entry.queue = entry.queue.filter((waiting) => waiting !== wake);
          resolve();
        };
        entry.queue.push(wake);
        signal?.addEventListener('abort', giveUp, { once: true });
      });
      if (signal?.aborted === true) {
        // It may have been woken just before: then it is another one's turn.
        entry.queue.shift()?.();
        signal.throwIfAborted();
      }
    }
    entry.sessions += 1;
  };

  /** Whoever gives up waits no longer; the connection is opened all the same, for those who still wait. */
  const connected = (entry: Entry, signal: AbortSignal | undefined): Promise<SshConnection> => {
    if (signal === undefined) return entry.connection;
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const onAbort = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
      entry.connection.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    });
  };

  const leave = (hostId: string, entry: Entry): void => {
    entry.users -= 1;
    if (entry.users > 0) return;
    if (entry.opened === null) {
      // It is opened for nobody, and whoever may be asked on the way would answer for nothing.
      drop(hostId, entry);
      entry.abort.abort(new Error('Nobody waits for this connection any more.'));
      void entry.connection.then((connection) => connection.close(), () => undefined);
      return;
    }
    // One that was forgotten waits for nobody.
    const isCurrent = [...entries.values()].includes(entry);
    if (!isCurrent || closed) entry.opened.close();
    else entry.idle = setTimeout(() => entry.opened?.close(), idleMs).unref();
  };

  // A computer that slept has connections that nobody answers any more, and may not know it for a minute.
  let lastLook = now();
  let noticedAt = Number.NEGATIVE_INFINITY;
  const noticeSleep = (isKnown: boolean): void => {
    const looked = now();
    // It may be noticed here before somebody says it: what was opened since then is good.
    if (isKnown ? looked - noticedAt > lookForSleepEveryMs : looked - lastLook > asleepMs) {
      noticedAt = looked;
      forget();
    }
    lastLook = looked;
  };
  const sleepWatch = setInterval(() => noticeSleep(false), lookForSleepEveryMs).unref();

  const forget: SshPool['forget'] = (hostId) => {
    for (const [id, entry] of entries) {
      if (hostId !== undefined && id !== hostId) continue;
      entries.delete(id);
      clearTimeout(entry.idle);
      if (entry.users === 0) void entry.connection.then((connection) => connection.close(), () => undefined);
    }
  };

  return {
    forget,
    wake: () => noticeSleep(true),
    keep(hostId, connection) {
      if (closed || entries.has(hostId)) {
        connection.close();
        return;
      }
      const entry = open(hostId, () => Promise.resolve(connection));
      entry.opened = connection;
      entry.idle = setTimeout(() => connection.close(), idleMs).unref();
    },
    async use(hostId, work, signal, takes = 'session') {
      signal?.throwIfAborted();
      if (closed) throw new Error('The connections to hosts are closed.');
      for (;;) {
        const entry = entries.get(hostId) ?? open(hostId);
        clearTimeout(entry.idle);
        entry.users += 1;
        let hasSession = false;
        const hasToWait = takes === 'session' && entry.sessions >= channels;
        try {
          if (takes === 'session') {
            await waitForSession(entry, signal);
            hasSession = true;
          }
          const connection = await connected(entry, signal);
          // While one waited for a turn it may have been forgotten, or lost: what has not begun begins over a new one.
          if (!hasToWait || closed || entries.get(hostId) === entry) return await work(connection);
        } finally {
          if (hasSession) {
            entry.sessions -= 1;
            entry.queue.shift()?.();
          }
          leave(hostId, entry);
        }
      }
    },
    async close() {
      closed = true;
      clearInterval(sleepWatch);
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
