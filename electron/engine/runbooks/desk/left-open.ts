/**
 * What this process has left half-told: a step whose operation is over and of which nobody said how it ended, and a step
 * whose called runbook is over. Either would keep its walkthrough from going on for ever.
 */
import { isFinished } from '#shared/domain/operation-state.ts';
import { isOver } from '#shared/domain/runbook/walkthrough.ts';
import type { EngineContext } from '../../engine-context.ts';
import type { WalkthroughRepository } from '../../store/walkthrough-repository.ts';
import type { Children } from './children.ts';
import type { Walks } from './walks.ts';

const lookEveryMs = 5000;

export interface LeftOpen {
  /** Says of all of it what is known. Never throws. */
  look(): void;
  stop(): void;
}

export function createLeftOpen(context: Pick<EngineContext, 'ports' | 'operations'>, repository: Pick<WalkthroughRepository, 'standingAt' | 'row'>, walks: Walks, children: Children): LeftOpen {
  /** An operation is over only when its step was told of, or nobody will. */
  const tellOfStep = (walkthroughId: string): void => {
    const { walkthrough } = walks.open(walkthroughId);
    const progress = walkthrough.current === null ? undefined : walkthrough.steps[walkthrough.current];
    if (progress?.state !== 'dispatched' || progress.operationId === null) return;
    const operation = context.operations.find(progress.operationId);
    if (operation !== null && !isFinished(operation.state)) return;
    walks.tell(walkthroughId, [{ kind: 'lost', key: progress.slot.key, attempt: progress.attempt, why: `Its operation is over (${operation?.summary ?? 'nothing is known of it any more'}), and did not say how the step ended.` }]);
  };
  const tellOfChild = (walkthroughId: string): void => {
    const { walkthrough } = walks.open(walkthroughId);
    const childId = walkthrough.current === null ? null : (walkthrough.steps[walkthrough.current]?.childId ?? null);
    if (childId !== null && isOver(repository.row(childId).state)) children.settle(walkthroughId);
  };
  const each = (ids: readonly string[], tell: (walkthroughId: string) => void): void => {
    for (const walkthroughId of ids) {
      try {
        tell(walkthroughId);
      } catch (error) {
        // The store may refuse at this moment; the next look finds the same.
        context.ports.logger.error({ walkthroughId, error: String(error) }, 'A walkthrough that was left open could not be gone on with.');
      }
    }
  };
  const look = (): void => {
    try {
      each(repository.standingAt('dispatched'), tellOfStep);
      each(repository.standingAt('waiting'), tellOfChild);
    } catch (error) {
      context.ports.logger.error({ error: String(error) }, 'Walkthroughs that were left open could not be listed.');
    }
  };
  const timer = setInterval(look, lookEveryMs).unref();
  return { look, stop: () => clearInterval(timer) };
}
