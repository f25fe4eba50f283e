/** A walkthrough in one line, for lists. */
import type { RunSummary } from '#shared/contract/runbooks.ts';
import type { RunState } from '#shared/domain/runbook/walkthrough.ts';
import type { EngineContext } from '../../engine-context.ts';
import type { WalkthroughRow } from '../../store/walkthrough-repository.ts';

const many = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

const waits: Partial<Record<RunState, string>> = { running: 'is to be done', waiting: 'waits', paused: 'paused', blocked: 'did not go as it should', unknown: 'nobody knows whether it happened', 'rolling-back': 'being rolled back' };

/** "Step 6 of 12, Drop the slot: waits"; of one that is over how it ended, with what was left out. */
export function stateTextOf(row: WalkthroughRow): string {
  const { state, current, steps, skipped, failed, unknown, summary } = row;
  if (current !== null) return `Step ${current.number} of ${steps}, ${current.title}: ${waits[state] ?? state}`;
  const rest = [...(skipped > 0 ? [`${many(skipped, 'step')} skipped`] : []), ...(failed > 0 ? [`${many(failed, 'step')} failed`] : []), ...(unknown > 0 ? [`${many(unknown, 'step')} unknown`] : [])];
  switch (state) {
    case 'succeeded':
      return 'Done';
    case 'succeeded-with-skips':
      // What was skipped may be a step of a runbook that it called.
      return rest.length === 0 ? (summary ?? 'Done, with steps skipped') : `Done, ${rest.join(', ')}`;
    case 'rolled-back':
      return `Rolled back${rest.length > 0 ? `, ${rest.join(', ')}` : ''}`;
    case 'aborted':
      return `Stopped${summary === null ? '' : `: ${summary}`}`;
    default:
      return summary ?? (rest.length > 0 ? rest.join(', ') : 'Failed');
  }
}

export function summaryOfRun(row: WalkthroughRow, context: Pick<EngineContext, 'systems'>): RunSummary {
  const system = row.systemId === null ? null : context.systems.find(row.systemId);
  return {
    id: row.id,
    ref: row.ref,
    runbookId: row.runbookId,
    title: row.title,
    version: row.version,
    mode: row.mode,
    state: row.state,
    stateText: stateTextOf(row),
    systemId: row.systemId,
    systemName: system?.name ?? null,
    current: row.current,
    steps: row.steps,
    done: row.done,
    skipped: row.skipped,
    failed: row.failed,
    unknown: row.unknown,
    startedAt: new Date(row.startedAt).toISOString(),
    endedAt: row.endedAt === null ? null : new Date(row.endedAt).toISOString(),
    durationMs: row.durationMs,
    operator: row.operator,
    parentId: row.parentId,
    seq: row.seq,
  };
}
