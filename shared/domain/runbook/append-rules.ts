/** Which events may follow a state: the last look before one is kept, whoever made it. Pure. */
import { failedStates } from './flow.ts';
import { isOver, type StepProgress, type StepState, type Walkthrough, type WalkthroughEvent } from './walkthrough.ts';

type StepEvent = Extract<WalkthroughEvent, { key: string }>;
type Ended = Extract<WalkthroughEvent, { kind: 'ended' }>;

/** Why an event may not be appended now, in words; null: it may. */
export function mayAppend(state: Walkthrough | null, event: WalkthroughEvent): string | null {
  if (event.kind === 'started') return state === null ? null : 'This walkthrough has begun already.';
  if (state === null) return 'This walkthrough has not begun.';
  if (event.kind === 'commented' || event.kind === 'evidence' || event.kind === 'signed') {
    return event.key === null || Object.hasOwn(state.steps, event.key) ? null : `This walkthrough has no step ${event.key}.`;
  }
  if (isOver(state.state)) return `This walkthrough is over: ${state.state}.`;
  const paused = state.state === 'paused';
  switch (event.kind) {
    case 'paused':
      return paused ? 'This walkthrough is paused already.' : null;
    case 'resumed':
      return paused ? null : 'This walkthrough is not paused.';
    case 'mode-changed':
      return state.mode === 'rehearsal' ? 'A rehearsal stays one.' : event.to === 'rehearsal' || event.to === state.mode ? `This walkthrough cannot become ${event.to}.` : null;
    case 'met':
      return paused ? 'This walkthrough is paused.' : Object.hasOwn(state.bindings, event.role) ? null : `Nothing was chosen for the target ${event.role}.`;
    case 'rollback-started':
      return state.rollback === null ? whatIsUnderWay(state) : 'This walkthrough is being rolled back already.';
    case 'ended-run':
      return whatIsUnderWay(state);
    default:
      return mayAppendToStep(state, paused, event);
  }
}

function whatIsUnderWay(state: Walkthrough): string | null {
  const progress = state.current === null ? undefined : state.steps[state.current];
  if (progress?.state === 'dispatched') return `The step ${progress.slot.key} is being run.`;
  return progress?.state === 'waiting' && progress.childId !== null ? `The runbook that the step ${progress.slot.key} called is under way.` : null;
}

function mayAppendToStep(state: Walkthrough, paused: boolean, event: StepEvent): string | null {
  const progress = state.steps[event.key];
  if (progress === undefined) return `This walkthrough has no step ${event.key}.`;
  // A step that was led past is never the current one.
  if (event.kind === 'not-applicable' && progress.state === 'pending') return null;
  if (state.current !== event.key) return `The step ${event.key} is not the one that is to be done now.`;
  // What was under way when it was paused still ends.
  const goesOnPaused = event.kind === 'ended' || event.kind === 'lost' || event.kind === 'looked' || event.kind === 'timer-ended' || event.kind === 'reopened';
  if (paused && !goesOnPaused) return 'This walkthrough is paused.';
  if ('attempt' in event && event.attempt !== progress.attempt + (event.kind === 'reopened' ? 1 : 0)) return `Attempt ${event.attempt} of the step ${event.key} is not the one that is to be done now: that is ${progress.attempt}.`;
  const only = (...states: readonly StepState[]): string | null => (states.includes(progress.state) ? null : `The step ${event.key} is ${progress.state}, so it cannot be: ${event.kind}.`);
  switch (event.kind) {
    case 'dispatched':
      return state.mode === 'live' ? only('eligible') : `Nothing is sent in a walkthrough that is ${state.mode === 'paper' ? 'on paper' : 'a rehearsal'}.`;
    case 'not-applicable':
    case 'awaiting':
    case 'called':
    case 'timer-armed':
      return only('eligible');
    case 'lost':
      return only('dispatched', 'waiting') ?? (progress.state === 'waiting' && progress.childId === null ? `The step ${event.key} waits for nobody who could be lost.` : null);
    case 'looked':
      return only('unknown');
    case 'reopened':
      return only('dispatched', 'unknown', ...failedStates);
    case 'decided':
    case 'approved':
      return only('awaiting-input');
    case 'skipped':
      return only('eligible', 'awaiting-input', 'waiting');
    case 'passed':
      return only(...failedStates);
    case 'timer-ended':
      return progress.timer?.timerId === event.timerId && progress.timer.state === 'armed' ? null : `The step ${event.key} has no such timer that still runs.`;
    case 'ended':
      return mayEnd(progress, event);
  }
}

/** An end has to fit how it is known: what was measured was sent before, what a person says was asked or recorded. */
function mayEnd({ slot, state, childId, timer }: StepProgress, event: Ended): string | null {
  const ofUndo = event.as === 'undone' || event.as === 'undo-failed';
  const ofStep = event.as === 'succeeded' || event.as === 'failed';
  if (slot.undo === null ? ofUndo : ofStep) return `The step ${slot.key} cannot end as ${event.as}.`;
  const sent = state === 'dispatched' || state === 'unknown';
  const known: Record<Ended['by'], boolean> = {
    live: sent,
    job: sent,
    probe: sent,
    operation: sent,
    person: sent || state === 'eligible' || state === 'awaiting-input',
    paper: state === 'eligible',
    runbook: state === 'eligible' || state === 'unknown' || (state === 'waiting' && (childId !== null || timer?.state === 'due')),
  };
  return known[event.by] ? null : `The step ${slot.key} is ${state}, so it cannot be known by "${event.by}" how it ended.`;
}
