/** What can be done in a walkthrough now: the one answer for buttons and for refusals. Pure. */
import { isSent, type Runbook } from './definition.ts';
import { failedStates } from './flow.ts';
import { deedOf, rollbackSlots } from './slots.ts';
import { isOver, type ActKind, type StepProgress, type Walkthrough } from './walkthrough.ts';

/** `run` and `look` become operations; the rest are acts of a person. */
export type StepDeed = 'run' | 'look' | Extract<ActKind, 'answer' | 'went-wrong' | 'decide' | 'approve' | 'skip' | 'record' | 'settle' | 'retry' | 'pass' | 'start-wait' | 'end-wait' | 'call' | 'rollback'>;
export type RunDeed = Extract<ActKind, 'pause' | 'resume' | 'go-live' | 'go-paper' | 'abort' | 'rollback'>;

/** Whether a runbook that this one called is under way: it has to end before this one does anything else. */
const childUnderWay = (progress: StepProgress): boolean => progress.state === 'waiting' && progress.childId !== null;

function currentOf(state: Walkthrough): StepProgress | null {
  return state.current === null ? null : (state.steps[state.current] ?? null);
}

/** Whether one that nobody knows the end of may be begun again without finding out: it reads, or the file says that doing it twice is as doing it once. */
export function mayRepeat(runbook: Runbook, progress: StepProgress): boolean {
  const deed = deedOf(runbook, progress.slot);
  return deed !== null && (deed.risk === 'read' || (deed.undo === null && deed.step.idempotent));
}

/** Once, with something to walk, and not while a step runs or a called runbook is walked. */
function canRollBack(state: Walkthrough, runbook: Runbook): boolean {
  const progress = currentOf(state);
  if (isOver(state.state) || state.state === 'paused' || state.rollback !== null || progress === null) return false;
  return progress.state !== 'dispatched' && !childUnderWay(progress) && rollbackSlots(runbook, state).length > 0;
}

/** A decision cannot be skipped: each choice leads somewhere, and what stands after it is one of them. */
function skipping(runbook: Runbook, progress: StepProgress): StepDeed[] {
  const deed = deedOf(runbook, progress.slot);
  return deed === null || deed.action.kind === 'decide' || (deed.undo === null && deed.step.skip === 'never') ? [] : ['skip'];
}

function begun(state: Walkthrough, runbook: Runbook, progress: StepProgress): StepDeed[] {
  const deed = deedOf(runbook, progress.slot);
  if (deed === null) return [];
  const { kind } = deed.action;
  switch (progress.state) {
    case 'eligible':
      if (isSent(kind)) return [...(state.mode === 'live' ? (['run'] as const) : []), 'record', ...skipping(runbook, progress)];
      if (kind === 'wait') return ['start-wait', ...skipping(runbook, progress)];
      if (kind === 'runbook') return ['call', ...skipping(runbook, progress)];
      return [];
    case 'awaiting-input':
      if (kind === 'manual') return ['answer', 'went-wrong', ...skipping(runbook, progress)];
      if (kind === 'note') return ['answer', ...skipping(runbook, progress)];
      if (kind === 'decide') return ['decide'];
      if (kind === 'approve') return ['approve', ...skipping(runbook, progress)];
      return kind === 'wait' ? ['end-wait'] : [];
    case 'waiting':
      // To end a wait early is to skip it.
      return progress.timer?.state === 'armed' && skipping(runbook, progress).length > 0 ? ['end-wait'] : [];
    case 'unknown': {
      const canLook = state.mode === 'live' && (progress.jobId !== null || kind === 'procedure' || (deed.undo === null && deed.step.probe !== null));
      return [...(canLook ? (['look'] as const) : []), 'settle', ...(mayRepeat(runbook, progress) ? (['retry'] as const) : [])];
    }
    default:
      // What may not be skipped cannot be left behind as a failure either.
      return failedStates.has(progress.state) ? ['retry', ...(skipping(runbook, progress).length > 0 ? (['pass'] as const) : [])] : [];
  }
}

/** What can be done about a slot now. Only the current one offers anything, and nothing while it is paused. */
export function possibleAt(state: Walkthrough, runbook: Runbook, key: string): readonly StepDeed[] {
  const progress = state.steps[key];
  if (progress === undefined || isOver(state.state) || state.state === 'paused' || key !== state.current) return [];
  return [...begun(state, runbook, progress), ...(canRollBack(state, runbook) ? (['rollback'] as const) : [])];
}

/** What can be done about the walkthrough itself. Comments, evidence and signatures are always taken. */
export function possibleOfRun(state: Walkthrough, runbook: Runbook): readonly RunDeed[] {
  if (isOver(state.state)) return [];
  if (state.state === 'paused') return ['resume'];
  const progress = currentOf(state);
  // What runs is cancelled, and what is called is ended, before the walkthrough is: neither would be heard of afterwards.
  const busy = progress !== null && (progress.state === 'dispatched' || childUnderWay(progress));
  const modes: Record<Walkthrough['mode'], readonly RunDeed[]> = { live: ['go-paper'], paper: ['go-live'], rehearsal: [] };
  return ['pause', ...modes[state.mode], ...(busy ? [] : (['abort'] as const)), ...(canRollBack(state, runbook) ? (['rollback'] as const) : [])];
}
