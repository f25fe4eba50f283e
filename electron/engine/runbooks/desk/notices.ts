/** What of a walkthrough a person is told who is not looking. */
import { isOver, type WalkthroughEvent } from '#shared/domain/runbook/walkthrough.ts';
import { titleOf } from '#shared/domain/runbook/slots.ts';
import type { Notifier } from '../../ports.ts';
import type { Walk } from './walks.ts';

export function noticeOf({ walkthrough, runbook }: Walk, events: readonly WalkthroughEvent[]): Parameters<Notifier['notify']>[0] | null {
  if (walkthrough.parent !== null && isOver(walkthrough.state)) return null;
  const place = `/walkthroughs/${walkthrough.id}`;
  const title = walkthrough.title;
  for (const event of events) {
    const slot = 'key' in event && event.key !== null ? walkthrough.steps[event.key]?.slot : undefined;
    const step = slot === undefined ? '' : titleOf(runbook, slot);
    if (event.kind === 'lost') return { title, body: `Nobody knows whether "${step}" happened`, place };
    if (event.kind === 'timer-ended' && event.as === 'due') return { title, body: `"${step}": the time is over`, place };
    if (event.kind === 'timer-ended' && event.as === 'stale') return { title, body: `"${step}" was due while nobody was here`, place };
    if (event.kind === 'ended-run') return { title, body: event.summary, place };
  }
  return null;
}
