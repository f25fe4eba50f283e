/** After a crash: what was under way when the engine ended is unknown, never failed, and never sent again by itself. */
import { isOver } from '#shared/domain/runbook/walkthrough.ts';
import type { Ports } from '../../ports.ts';
import type { WalkthroughRepository } from '../../store/walkthrough-repository.ts';
import type { Children } from './children.ts';
import { waysToKnow } from './look.ts';
import type { StepDesk, StepDetails } from './run-step.ts';
import { stepOf } from './steps-of.ts';
import type { Walks } from './walks.ts';

const ended = 'Pilothouse ended while it was under way.';

/** Says of everything that was sent, and whose end nobody wrote down, that nobody knows. For the start, when nothing of ours runs yet. */
export function recoverWalks({ repository, walks, children, ports }: { repository: WalkthroughRepository; walks: Walks; children: Children; ports: Pick<Ports, 'logger'> }): void {
  for (const walkthroughId of repository.activeIds()) {
    try {
      const { walkthrough } = walks.open(walkthroughId);
      if (isOver(walkthrough.state)) continue;
      const progress = walkthrough.current === null ? undefined : walkthrough.steps[walkthrough.current];
      if (progress?.state === 'dispatched') walks.tell(walkthroughId, [{ kind: 'lost', key: progress.slot.key, attempt: progress.attempt, why: ended }]);
      // What follows by itself may not have been written down.
      walks.goOn(walkthroughId);
      children.settle(walkthroughId);
    } catch (error) {
      ports.logger.error({ walkthroughId, error: String(error) }, 'A walkthrough could not be looked at after the start.');
    }
  }
}

/** What is said of the operation of a step that a crash interrupted. */
export async function recoverStep(desk: Pick<StepDesk, 'walks'>, { walkthroughId, key, attempt }: StepDetails): Promise<string> {
  const { walkthrough, runbook } = desk.walks.open(walkthroughId);
  const progress = walkthrough.steps[key];
  if (progress === undefined) return 'Its walkthrough has no such step.';
  if (progress.state === 'unknown' && progress.attempt === attempt) {
    const ways = waysToKnow(stepOf(runbook, progress.slot.stepId), progress.slot, progress);
    return ways.length > 1 ? 'Nobody knows yet whether it happened: the walkthrough finds out, or lets you find out.' : 'Nobody knows whether it happened: only a person can tell. The walkthrough asks.';
  }
  if (progress.startedAt === null || progress.attempt !== attempt) return 'Nothing was sent: the walkthrough goes on where it was.';
  return `The walkthrough knows how it ended: ${progress.summary ?? progress.state}.`;
}
