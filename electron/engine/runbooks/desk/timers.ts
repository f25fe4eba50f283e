/** Waits of walkthroughs: their ends are kept as instants, so that they outlive this process and this computer's sleep. */
import type { EngineContext } from '../../engine-context.ts';
import type { WalkthroughRepository } from '../../store/walkthrough-repository.ts';
import type { Walks } from './walks.ts';

/** Milliseconds between two looks. */
const lookEveryMs = 15_000;
/** What is later than this is shown as missed, and goes on only when a person has seen it: nobody was there when it was due. */
export const staleAfterMs = 15 * 60_000;

export interface Timers {
  /** Ends what is due now. Never throws; one that cannot be ended keeps no other from it. */
  look(): void;
  stop(): void;
}

export function createTimers(context: Pick<EngineContext, 'ports'>, repository: Pick<WalkthroughRepository, 'dueTimers'>, walks: Walks): Timers {
  const tell = (now: number, { walkthroughId, key, timerId, dueAt }: ReturnType<typeof repository.dueTimers>[number]): void => {
    const late = now - dueAt;
    const isStale = late > staleAfterMs;
    try {
      walks.tell(walkthroughId, [{ kind: 'timer-ended', key, timerId, as: isStale ? 'stale' : 'due', why: isStale ? `It was due ${Math.round(late / 60_000)} min ago, when nobody was here.` : 'The time is over.' }]);
    } catch (error) {
      // The store may refuse at this moment; the next look finds the same.
      context.ports.logger.error({ walkthroughId, error: String(error) }, 'A wait of a walkthrough could not be ended.');
    }
  };
  const look = (): void => {
    const now = context.ports.clock.now();
    try {
      for (const due of repository.dueTimers(now)) tell(now, due);
    } catch (error) {
      context.ports.logger.error({ error: String(error) }, 'Waits of walkthroughs could not be looked at.');
    }
  };
  const timer = setInterval(look, lookEveryMs).unref();
  return { look, stop: () => clearInterval(timer) };
}
