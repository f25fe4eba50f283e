/** Events of operations: stored first, then published, in batches of about 50 ms. */
import type { OperationEvent } from '#shared/contract/operations.ts';
import { isFinished } from '#shared/domain/operation-state.ts';
import type { Scrubber } from '#shared/domain/scrub.ts';
import type { Clock } from '../ports.ts';
import { storeError } from '../store/database.ts';
import type { OperationRepository } from '../store/operation-repository.ts';

type Body = OperationEvent extends infer Each ? (Each extends OperationEvent ? Omit<Each, 'operationId' | 'seq' | 'at'> : never) : never;
export type { Body as EventBody };

export interface EventLog {
  /** Adds an event; it is durable and published within about 50 ms, at once for phases and prompts. @throws store.disk-full when too much waits for a store that refuses */
  append(operationId: string, body: Body): void;
  /** Stores and publishes what waits. @throws store.disk-full, store.damaged; nothing is lost, it is tried again */
  flush(): void;
  /** The same, but leaving room for other calls in between. */
  drain(): Promise<void>;
  /** Replays from `afterSeq` and follows until the operation is finished or the signal aborts. */
  follow(operationId: string, afterSeq: number, signal: AbortSignal): AsyncIterable<{ events: OperationEvent[] }>;
  /**
   * Stores what waits, and then an operation's last event in one transaction with `alongside`: either both are kept or
   * neither. @throws as flush
   */
  conclude(operationId: string, body: Body, alongside: () => void): Promise<void>;
}

const batchMs = 50;
/** Events stored in one transaction at most: about 10 ms, so that other calls are served in between. */
const sliceSize = 500;
/** How long a store that refuses is left alone before it is tried again. */
const storeAgainMs = 1000;
/** Events that may wait for a store that refuses; then the work that makes them fails instead of eating the memory. */
const patience = 50_000;
/** Events read back at once, for the same reason. */
const replaySize = 500;

export function createEventLog(dependencies: { clock: Clock; operations: OperationRepository; scrubber: Scrubber; transaction: (work: () => void) => void; onStoreFailure: (error: unknown) => void }): EventLog {
  const { clock, operations, scrubber } = dependencies;
  const sequences = new Map<string, number>();
  const followers = new Map<string, Set<() => void>>();
  let queue: OperationEvent[] = [];
  let timer: NodeJS.Timeout | null = null;
  let turn: NodeJS.Immediate | null = null;

  const nextSeq = (operationId: string): number => {
    const seq = (sequences.get(operationId) ?? operations.find(operationId)?.lastSeq ?? 0) + 1;
    sequences.set(operationId, seq);
    return seq;
  };

  const make = (operationId: string, body: Body): OperationEvent => scrubber.scrub({ operationId, seq: nextSeq(operationId), at: new Date(clock.now()).toISOString(), ...body });

  const wakeFollowers = (operationId: string): void => {
    for (const wake of followers.get(operationId) ?? []) wake();
  };

  const store = (slice: OperationEvent[]): void => {
    operations.appendEvents(slice);
    for (const operationId of new Set(slice.map((event) => event.operationId))) wakeFollowers(operationId);
  };

  const storeNext = (): void => {
    const slice = queue.slice(0, sliceSize);
    try {
      store(slice);
    } catch (error) {
      throw storeError('pilothouse.db', error);
    }
    queue = queue.slice(slice.length);
  };

  const storeSlice = (): void => {
    timer = null;
    turn = null;
    try {
      storeNext();
    } catch (error) {
      // Kept in the queue: nothing is published that was not stored.
      dependencies.onStoreFailure(error);
      timer = setTimeout(storeSlice, storeAgainMs).unref();
      return;
    }
    if (queue.length > 0) hurry();
  };

  const forgetTimer = (): void => {
    if (timer !== null) clearTimeout(timer);
    if (turn !== null) clearImmediate(turn);
    timer = null;
    turn = null;
  };

  /** A full slice waits for nothing but its turn. */
  const hurry = (): void => {
    if (turn !== null) return;
    forgetTimer();
    turn = setImmediate(storeSlice);
  };

  const flush = (): void => {
    forgetTimer();
    while (queue.length > 0) storeNext();
  };

  const drain = async (): Promise<void> => {
    while (queue.length > sliceSize) {
      storeNext();
      await new Promise((resolve) => setImmediate(resolve));
    }
    flush();
  };

  return {
    append(operationId, body) {
      if (queue.length >= patience) flush();
      queue.push(make(operationId, body));
      const urgent = (body.kind === 'prompt' || body.kind === 'phase') && queue.length <= sliceSize;
      if (urgent) flush();
      else if (queue.length < sliceSize) timer ??= setTimeout(storeSlice, batchMs);
      else hurry();
    },
    flush,
    drain,
    async conclude(operationId, body, alongside) {
      await drain();
      const event = make(operationId, body);
      try {
        dependencies.transaction(() => {
          alongside();
          operations.appendEvents([event]);
        });
      } catch (error) {
        sequences.set(operationId, event.seq - 1);
        throw storeError('pilothouse.db', error);
      }
      sequences.delete(operationId);
      wakeFollowers(operationId);
    },
    async *follow(operationId, afterSeq, signal) {
      operations.get(operationId);
      let seen = afterSeq;
      let woken = true;
      let wake = () => {};
      const follower = () => {
        woken = true;
        wake();
      };
      const set = followers.get(operationId) ?? new Set();
      followers.set(operationId, set.add(follower));
      signal.addEventListener('abort', follower, { once: true });
      try {
        while (!signal.aborted) {
          woken = false;
          // Read the state before the events: an operation that finishes in between has stored its last event by then.
          const finished = isFinished(operations.get(operationId).state);
          const events = operations.events(operationId, seen, replaySize);
          if (events.length > 0) {
            seen = events.at(-1)?.seq ?? seen;
            yield { events };
            // A follower that is far behind must not keep everybody else waiting until it has caught up.
            await new Promise((resolve) => setImmediate(resolve));
            continue;
          }
          if (finished) return;
          if (woken) continue;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      } finally {
        set.delete(follower);
        if (set.size === 0) followers.delete(operationId);
        signal.removeEventListener('abort', follower);
      }
    },
  };
}
