/** The log of a walkthrough in sentences. */
import type { TimelineEntry } from '#shared/contract/walkthroughs.ts';
import { titleOf } from '#shared/domain/runbook/slots.ts';
import type { WalkthroughRepository } from '../../store/walkthrough-repository.ts';
import { timelineText } from '../export/index.ts';
import type { Walk } from './walks.ts';

export function timelineOf(repository: Pick<WalkthroughRepository, 'load' | 'row'>, { walkthrough, runbook }: Walk, afterSeq: number): TimelineEntry[] {
  const titleOfKey = (key: string): string => {
    const slot = walkthrough.steps[key]?.slot;
    return slot === undefined ? key : `"${titleOf(runbook, slot)}"`;
  };
  return repository
    .load(walkthrough.id)
    .filter(({ seq }) => seq > afterSeq)
    .map(({ seq, at, actor, event, hash }) => ({
      seq,
      at,
      actor,
      kind: event.kind,
      key: 'key' in event ? event.key : null,
      attempt: 'attempt' in event ? event.attempt : null,
      text: timelineText(event, titleOfKey),
      operationId: event.kind === 'dispatched' ? event.operationId : null,
      hash,
    }));
}
