/** Steps of which nobody knows are looked at again without being asked, as long as their job or their operation can tell. */
import { isPilothouseError } from '#shared/domain/errors.ts';
import type { Plan } from '#shared/contract/operations.ts';
import type { EngineContext } from '../../engine-context.ts';
import type { WalkthroughRepository } from '../../store/walkthrough-repository.ts';
import { answersInVain, waysToKnow } from './look.ts';
import { stepOf } from './steps-of.ts';
import type { Walks } from './walks.ts';

const firstAfterMs = 1000;
const everyMs = 60_000;
/** Each look that found nothing doubles the wait, up to so long: what is looked at is history, and must not fill it. */
const longestMs = 30 * 60_000;
const tickMs = 5000;
/** A job that is gone, or an operation that was interrupted, is looked at so often; then it is for a person. */
const mostInVain = 3;

export interface LookingAgain {
  /** What slept, or was away, is looked at soon. */
  soon(): void;
  stop(): void;
}

export function createLookingAgain(context: Pick<EngineContext, 'ports' | 'runner'>, repository: Pick<WalkthroughRepository, 'standingAt'>, walks: Walks, plan: (at: { walkthroughId: string; key: string }) => Promise<Plan>): LookingAgain {
  const next = new Map<string, number>();
  const busy = new Set<string>();
  let stopped = false;

  const lookAt = async (walkthroughId: string, key: string): Promise<void> => {
    busy.add(walkthroughId);
    try {
      const { id, token } = await plan({ walkthroughId, key });
      if (stopped) return;
      const { operationId } = context.runner.run({ planId: id, token, caller: 'engine' });
      await context.runner.finished(operationId);
    } catch (error) {
      // It became known meanwhile, or somebody looks already: both are as good.
      if (!isPilothouseError(error)) context.ports.logger.warn({ walkthroughId, error: String(error) }, 'A step of which nobody knows could not be looked at.');
    } finally {
      busy.delete(walkthroughId);
    }
  };

  const tick = (): void => {
    const now = context.ports.clock.now();
    for (const walkthroughId of repository.standingAt('unknown')) {
      const { walkthrough, runbook } = walks.open(walkthroughId);
      const progress = walkthrough.current === null ? undefined : walkthrough.steps[walkthrough.current];
      if (progress?.state !== 'unknown' || walkthrough.mode !== 'live' || walkthrough.state === 'paused' || busy.has(walkthroughId)) continue;
      const ways = waysToKnow(stepOf(runbook, progress.slot.stepId), progress.slot, progress);
      if (!ways.includes('job') && !ways.includes('operation')) continue;
      if (answersInVain(progress) >= mostInVain) continue;
      // Where the clock was put back, what was to be waited for is more than it ever is.
      const due = Math.min(next.get(walkthroughId) ?? now + firstAfterMs, now + longestMs);
      if (due > now) {
        next.set(walkthroughId, due);
        continue;
      }
      next.set(walkthroughId, now + Math.min(longestMs, everyMs * 2 ** Math.min(10, progress.looks.length)));
      void lookAt(walkthroughId, progress.slot.key);
    }
  };
  const guarded = (): void => {
    try {
      tick();
    } catch (error) {
      context.ports.logger.error({ error: String(error) }, 'Steps of which nobody knows could not be listed.');
    }
  };
  const timer = setInterval(guarded, tickMs).unref();
  return {
    soon: () => next.clear(),
    stop() {
      stopped = true;
      clearInterval(timer);
    },
  };
}
