/**
 * How many connections to one server may be in their handshake at a time. sshd drops some at random where there are
 * many (MaxStartups 10:30:100), and the ones that were dropped would come again all at once.
 */
import { isPilothouseError } from '#shared/domain/errors.ts';
import type { Random } from '../ports.ts';

export interface HandshakeOptions {
  /** At a time, to one server. */
  atOnce?: number;
  /** How often one that the server dropped is tried in all. */
  attempts?: number;
  /** Milliseconds before the second attempt; doubled for each further one, and spread by chance. */
  firstWaitMs?: number;
  random: Pick<Random, 'bytes'>;
}

export interface Handshakes {
  /**
   * Runs a connection attempt to a server in its turn, and again where the server dropped it.
   * @param attempts how often in all; as often as the others where it is left out
   * @throws what the last attempt threw; the signal's reason
   */
  run<T>(server: string, attempt: () => Promise<T>, signal?: AbortSignal, attempts?: number): Promise<T>;
}

/** What a busy sshd looks like: the line is cut before anybody could sign in. Where a machine before it went away, another attempt has no way. */
const mayBeBusy = (error: unknown): boolean => isPilothouseError(error) && error.code === 'ssh.connection-lost' && error.retryable && error.details['to'] === undefined;

function waitFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

export function createHandshakes(options: HandshakeOptions): Handshakes {
  const { atOnce = 8, attempts: usualAttempts = 4, firstWaitMs = 250, random } = options;
  const chance = (): number => (random.bytes(1)[0] ?? 0) / 256;
  const running = new Map<string, number>();
  const waiting = new Map<string, (() => void)[]>();

  const wakeNext = (server: string): void => {
    const next = waiting.get(server)?.shift();
    if (waiting.get(server)?.length === 0) waiting.delete(server);
    next?.();
  };
  const enter = async (server: string, signal: AbortSignal | undefined): Promise<void> => {
    while ((running.get(server) ?? 0) >= atOnce) {
      await new Promise<void>((resolve) => {
        const queue = waiting.get(server) ?? [];
        waiting.set(server, queue);
        const wake = (): void => {
          signal?.removeEventListener('abort', giveUp);
          resolve();
        };
        // One that gave up must not be woken in the place of another.
        const giveUp = (): void => {
          const at = queue.indexOf(wake);
          if (at >= 0) queue.splice(at, 1);
          resolve();
        };
        queue.push(wake);
        signal?.addEventListener('abort', giveUp, { once: true });
      });
      if (signal?.aborted === true) {
        // It may have been woken just before: then it is another one's turn.
        wakeNext(server);
        signal.throwIfAborted();
      }
    }
    running.set(server, (running.get(server) ?? 0) + 1);
  };
  const leave = (server: string): void => {
    const left = (running.get(server) ?? 1) - 1;
    if (left === 0) running.delete(server);
    else running.set(server, left);
    wakeNext(server);
  };

  return {
    async run(server, attempt, signal, attempts = usualAttempts) {
      for (let turn = 1; ; turn += 1) {
        await enter(server, signal);
        try {
          return await attempt();
        } catch (error) {
          signal?.throwIfAborted();
          if (turn >= attempts || !mayBeBusy(error)) throw error;
        } finally {
          leave(server);
        }
        await waitFor(firstWaitMs * 2 ** (turn - 1) * (0.5 + chance()), signal);
      }
    },
  };
}
