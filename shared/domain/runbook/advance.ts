/** What follows by itself in a walkthrough. Pure. */
import type { Runbook, Value } from './definition.ts';
import { afterFailure, failedStates, jumpFrom, phaseOf } from './flow.ts';
import { deedOf, endOf, rollbackSlots, titleOf, titleOfStep } from './slots.ts';
import { isOver, type StepProgress, type StepState, type Walkthrough, type WalkthroughEvent } from './walkthrough.ts';

export interface AdvanceContext {
  runbook: Runbook;
  /** Whether a condition is true with these values (and `item` in a `for_each`). Throws, in words, where it cannot be told. */
  evaluateWhen(expression: string, values: Readonly<Record<string, Value>>): boolean;
}

type Ended = Extract<WalkthroughEvent, { kind: 'ended' }>;

/** An end that nobody measured: of a wait, a condition, an approval. */
export function plainEnd(progress: StepProgress, well: boolean, by: Ended['by'], summary: string): Ended {
  return { kind: 'ended', key: progress.slot.key, attempt: progress.attempt, as: endOf(progress.slot, well), by, verdicts: [], captured: {}, exitStatus: null, durationMs: null, output: null, answer: null, summary, doneAt: null };
}

/**
 * The next events that follow from a state without anybody: steps that do not apply, questions that are open now, waits
 * that are over, what a failure leads to, the end. To be asked again, of the state after them, until there are none.
 */
export function advance(state: Walkthrough, context: AdvanceContext): WalkthroughEvent[] {
  if (isOver(state.state) || state.state === 'paused') return [];
  const passedOver = passOver(state, context.runbook);
  if (passedOver.length > 0) return passedOver;
  const progress = state.current === null ? undefined : state.steps[state.current];
  if (progress === undefined) return [ending(state, context.runbook)];
  if (progress.state === 'eligible') return become(state, context, progress);
  if (progress.state === 'waiting' && progress.timer?.state === 'due') return [plainEnd(progress, true, 'runbook', progress.summary ?? 'The time is over.')];
  if (progress.state === 'awaiting-input') return judgeApprovals(context.runbook, progress);
  if (failedStates.has(progress.state)) return followFailure(state, context.runbook, progress);
  return [];
}

/** Slots before the current one that nobody came to: something led past them. */
function passOver(state: Walkthrough, runbook: Runbook): WalkthroughEvent[] {
  const phase = phaseOf(state);
  const end = state.current === null ? phase.length : phase.indexOf(state.current);
  const events: WalkthroughEvent[] = [];
  let why = 'Passed over.';
  for (const key of phase.slice(0, end)) {
    const progress = state.steps[key];
    if (progress === undefined) continue;
    if (progress.state === 'pending') events.push({ kind: 'not-applicable', key, why });
    else why = reasonToPass(state, runbook, progress) ?? why;
  }
  return events;
}

function reasonToPass(state: Walkthrough, runbook: Runbook, progress: StepProgress): string | null {
  const jump = jumpFrom(state, runbook, progress);
  if (jump === null) return null;
  const title = titleOf(runbook, progress.slot);
  if (jump.kind === 'decision') return `Passed over by the decision "${title}": ${jump.choice}.`;
  return jump.kind === 'end' ? `Passed over: "${title}" is the last step of this way.` : `Passed over: "${title}" leads on to "${titleOfStep(runbook, jump.to)}".`;
}

/** A slot has its turn: it does not apply, asks a person, or waits to be run. */
function become(state: Walkthrough, { runbook, evaluateWhen }: AdvanceContext, progress: StepProgress): WalkthroughEvent[] {
  const { slot } = progress;
  const deed = deedOf(runbook, slot);
  if (deed === null) return [plainEnd(progress, false, 'runbook', 'The runbook that is kept with this walkthrough has no such step.')];
  const { step, undo, action } = deed;
  if (undo === null && step.forEach !== null && slot.item === null) return [{ kind: 'not-applicable', key: slot.key, why: step.forEach.over === 'items' ? `There is nothing in the list "${step.forEach.param}".` : 'None of its targets was given.' }];
  // What was begun once applies, whatever its condition says by now.
  if (undo === null && step.when !== null && progress.begun.length === 0) {
    try {
      if (!evaluateWhen(step.when, slot.item === null ? state.values : { ...state.values, item: slot.item })) return [{ kind: 'not-applicable', key: slot.key, why: `Its condition is not true: ${step.when}` }];
    } catch (error) {
      return [plainEnd(progress, false, 'runbook', `Its condition "${step.when}" cannot be told: ${error instanceof Error ? error.message : String(error)}`)];
    }
  }
  const asks = action.kind === 'manual' || action.kind === 'note' || action.kind === 'decide' || action.kind === 'approve';
  return asks ? [{ kind: 'awaiting', key: slot.key }] : [];
}

/** Each role once; one refusal is the end of it. */
function judgeApprovals(runbook: Runbook, progress: StepProgress): WalkthroughEvent[] {
  const deed = deedOf(runbook, progress.slot);
  if (deed?.action.kind !== 'approve') return [];
  const { approvals } = progress;
  const refused = approvals.find(({ decision }) => decision === 'rejected');
  const said = (one: (typeof approvals)[number]): string => `${one.who} (${one.role})${one.note === '' ? '' : `: ${one.note}`}`;
  if (refused !== undefined) return [plainEnd(progress, false, 'person', `Refused by ${said(refused)}`)];
  if (!deed.action.by.every((role) => approvals.some((one) => one.role === role))) return [];
  return [plainEnd(progress, true, 'person', `Approved by ${approvals.map(said).join(', ')}`)];
}

function followFailure(state: Walkthrough, runbook: Runbook, progress: StepProgress): WalkthroughEvent[] {
  const next = afterFailure(state, runbook, progress);
  const said = `"${titleOf(runbook, progress.slot)}" did not succeed: ${progress.summary ?? ''}`;
  if (next === 'stop') return [{ kind: 'ended-run', state: 'failed', summary: `Stopped. ${said}` }];
  if (next !== 'rollback') return [];
  const slots = rollbackSlots(runbook, state);
  // Nothing that could be walked: a person has to say what now.
  return slots.length === 0 ? [] : [{ kind: 'rollback-started', reason: said, slots }];
}

function titles(state: Walkthrough, runbook: Runbook, wanted: (progress: StepProgress) => boolean): string[] {
  return state.order.flatMap((key) => {
    const progress = state.steps[key];
    return progress !== undefined && wanted(progress) ? [titleOf(runbook, progress.slot)] : [];
  });
}

const listed = (words: string, found: readonly string[]): string[] => (found.length === 0 ? [] : [`${words}: ${found.join(', ')}.`]);

/** How it ended: succeeded only where every step was, or did not apply. */
function ending(state: Walkthrough, runbook: Runbook): WalkthroughEvent {
  const rolled = state.rollback !== null;
  const inPhase = (progress: StepProgress): boolean => (progress.slot.section === 'rollback') === rolled;
  const having = (...states: StepState[]) => titles(state, runbook, (progress) => inPhase(progress) && states.includes(progress.state));
  const failed = having('failed', 'timed-out', 'cancelled', 'undo-failed');
  const skipped = having('skipped');
  // Whoever called a runbook that left something out has left it out too.
  const inPart = titles(state, runbook, (progress) => inPhase(progress) && progress.withSkips);
  const unknown = titles(state, runbook, ({ state: step }) => step === 'unknown');
  const facts = [...listed('Did not succeed', failed), ...listed('Skipped', skipped), ...listed('Skipped in part', inPart), ...listed('Nobody knows what came of', unknown)];
  if (rolled) {
    const stays = titles(state, runbook, (progress) => hasNoWayBack(runbook, progress));
    const words = failed.length > 0 ? 'The rollback was walked, but not all of it succeeded.' : 'Rolled back.';
    return { kind: 'ended-run', state: failed.length > 0 ? 'failed' : 'rolled-back', summary: [words, ...facts, ...listed('Has no way back, and stays', stays)].join(' ') };
  }
  const outcome = failed.length > 0 || unknown.length > 0 ? 'failed' : skipped.length + inPart.length > 0 ? 'succeeded-with-skips' : 'succeeded';
  const words = { failed: 'Walked to the end, but not all of it succeeded.', 'succeeded-with-skips': 'Done, with steps skipped.', succeeded: 'Done.' };
  return { kind: 'ended-run', state: outcome, summary: [words[outcome], ...facts].join(' ') };
}

/** Something that changed things, or may have, and of which the file says no way back. */
function hasNoWayBack(runbook: Runbook, { slot, begun }: StepProgress): boolean {
  const deed = deedOf(runbook, slot);
  return slot.section !== 'rollback' && begun.length > 0 && deed !== null && deed.risk !== 'read' && deed.action.kind !== 'manual' && (deed.step.undo ?? []).length === 0;
}
