/** One engine client that outlives its connection: it opens again by itself, and says how it stands. */
import { createClient } from '#shared/contract/client.ts';
import type { EngineClient } from '#shared/contract/index.ts';
import { hasCode, PilothouseError } from '#shared/domain/errors.ts';
import type { Refusal } from './session.ts';
import type { Opened, Way } from './way.ts';

/** `refused`: nobody is let in any more; `refusal` says why. */
export type ConnectionState = 'connecting' | 'open' | 'lost' | 'refused';

export interface Connection {
  client: EngineClient;
  state(): ConnectionState;
  /** Why it was refused; null where it was not. */
  refusal(): Refusal | null;
  /** When the engine was last heard, in milliseconds since the epoch; null while it is not lost. */
  lostSince(): number | null;
  /** Counts the times it was opened; whoever follows something starts again when it changes. */
  epoch(): number;
  subscribe(listener: () => void): () => void;
  /** Resolves as soon as it is open, now or later; rejects when the signal aborts. */
  whenOpen(signal: AbortSignal): Promise<void>;
  retryNow(): void;
}

const firstDelayMs = 250;
const longestDelayMs = 8000;
/** A call made before the first connection waits this long. */
const firstWaitMs = 15_000;

/** Opens the connection and keeps it open. */
export function createConnection(way: Way): Connection {
  let state: ConnectionState = 'connecting';
  let refusal: Refusal | null = null;
  let lostSince: number | null = null;
  let epoch = 0;
  let current: EngineClient | null = null;
  let delayMs = firstDelayMs;
  let wakeEarly = () => {};
  const listeners = new Set<() => void>();

  const disconnected = (): PilothouseError => new PilothouseError('contract.disconnected', 'The connection to the engine is lost.', { hint: way.hint, retryable: true });
  const become = (next: ConnectionState): void => {
    if (next !== 'lost') lostSince = null;
    else lostSince ??= Date.now();
    state = next;
    for (const listener of [...listeners]) listener();
  };
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const whenOpen = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = () => {
        if (state !== 'open' && state !== 'refused' && !signal.aborted) return;
        leave();
        if (state === 'open' && !signal.aborted) resolve();
        else reject(disconnected());
      };
      const leave = subscribe(look);
      signal.addEventListener('abort', look, { once: true });
      look();
    });

  const refuse = (why: Refusal): void => {
    way.onRefused();
    refusal = why;
    become('refused');
  };
  const use = ({ channel, whyRefused }: Extract<Opened, { kind: 'open' }>): void => {
    channel.onClose(() => {
      current = null;
      const why = whyRefused();
      if (why !== null) return refuse(why);
      become('lost');
      void reopen();
    });
    current = createClient(channel);
    epoch += 1;
    delayMs = firstDelayMs;
    become('open');
  };
  const open = async (): Promise<void> => {
    const opened = await way.open();
    if (opened.kind === 'refused') refuse(opened.why);
    else use(opened);
  };
  const reopen = async (): Promise<void> => {
    while (state !== 'open' && state !== 'refused') {
      try {
        await open();
      } catch {
        // Whatever it was, nobody answers now; what is on screen says so.
        if (epoch > 0 || delayMs > 1000) become('lost');
        const waitMs = delayMs * (0.75 + Math.random() / 2);
        delayMs = Math.min(delayMs * 2, longestDelayMs);
        await new Promise<void>((resolve) => {
          const timer = window.setTimeout(resolve, waitMs);
          wakeEarly = () => {
            window.clearTimeout(timer);
            resolve();
          };
        });
      }
    }
  };
  void reopen();
  way.onBack(() => wakeEarly());

  const ready = async (signal: AbortSignal | undefined): Promise<EngineClient> => {
    if (current === null && state === 'connecting') {
      const patience = AbortSignal.timeout(firstWaitMs);
      await whenOpen(signal === undefined ? patience : AbortSignal.any([signal, patience]));
    }
    if (current === null) throw disconnected();
    return current;
  };
  const client: EngineClient = {
    async call(method, input, options) {
      const engine = await ready(options?.signal);
      try {
        return await engine.call(method, input, options);
      } catch (error) {
        if (hasCode(error, 'contract.unauthorized')) refuse('engine-restarted');
        throw error;
      }
    },
    async *follow(stream, input, options) {
      const engine = await ready(options?.signal);
      yield* engine.follow(stream, input, options);
    },
  };
  return { client, state: () => state, refusal: () => refusal, lostSince: () => lostSince, epoch: () => epoch, subscribe, whenOpen, retryNow: () => wakeEarly() };
}
