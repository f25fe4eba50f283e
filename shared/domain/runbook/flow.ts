/** Where a walkthrough goes from a slot, and what a failure leads to. Pure. */
import type { Runbook } from './definition.ts';
import { deedOf } from './slots.ts';
import type { StepProgress, StepState, Walkthrough } from './walkthrough.ts';

type Flow = Pick<Walkthrough, 'order' | 'steps' | 'rollback'>;

/** States in which a step was tried and did not succeed. */
export const failedStates: ReadonlySet<StepState> = new Set(['failed', 'timed-out', 'cancelled', 'undo-failed']);

/** Keys of what is walked now: those of the rollback once that has started, else all others. */
export function phaseOf(flow: Flow): readonly string[] {
  // Slots of a rollback come when it starts.
  return flow.rollback === null ? flow.order : flow.order.filter((key) => flow.steps[key]?.slot.section === 'rollback');
}

/**
 * The slot at which a step begins; null where this part of the walkthrough has none. `undo_completed` begins with the
 * first of the undos, or where nothing is undone with the step after it.
 */
function beginningOf(flow: Flow, runbook: Runbook, stepId: string): string | null {
  const phase = phaseOf(flow);
  const own = (wanted: string) => phase.find((key) => flow.steps[key]?.slot.stepId === wanted && flow.steps[key].slot.undo === null);
  const found = own(stepId);
  if (found !== undefined) return found;
  const inRollback = runbook.rollback?.steps ?? [];
  const place = inRollback.findIndex(({ id, action }) => id === stepId && action.kind === 'undo-completed');
  if (place === -1) return null;
  const after = inRollback.slice(place + 1).map(({ id }) => own(id));
  return phase.find((key) => flow.steps[key] !== undefined && flow.steps[key].slot.undo !== null) ?? after.find((key) => key !== undefined) ?? null;
}

/** Why the slots between two that follow each other are passed over. */
export type Jump = { kind: 'next'; to: string } | { kind: 'decision'; choice: string; to: string } | { kind: 'end' };

/**
 * Where the file leads from a slot that is done, other than to the one after it; null: nowhere else. A step that did not
 * apply is as if it did not stand there, so it leads nowhere; of a `for_each` the last one leads.
 */
export function jumpFrom(flow: Flow, runbook: Runbook, progress: StepProgress): Jump | null {
  const { slot } = progress;
  const deed = deedOf(runbook, slot);
  if (deed === null || deed.undo !== null) return null;
  if (progress.state === 'succeeded' && deed.action.kind === 'decide') {
    const choice = deed.action.choices.find(({ label }) => label === progress.answer);
    if (choice !== undefined) return { kind: 'decision', choice: choice.label, to: choice.to };
  }
  const { step } = deed;
  if (!step.end && step.next === null) return null;
  const family = phaseOf(flow).filter((key) => flow.steps[key]?.slot.stepId === slot.stepId && flow.steps[key].slot.undo === null);
  if (family.at(-1) !== slot.key) return null;
  if (family.every((key) => flow.steps[key]?.state === 'not-applicable')) return null;
  return step.end ? { kind: 'end' } : { kind: 'next', to: step.next ?? '' };
}

/** The slot after one that is done; null: it was the last. */
export function slotAfter(flow: Flow, runbook: Runbook, key: string): string | null {
  const progress = flow.steps[key];
  const jump = progress === undefined ? null : jumpFrom(flow, runbook, progress);
  if (jump?.kind === 'end') return null;
  const target = jump === null ? null : beginningOf(flow, runbook, jump.to);
  if (target !== null) return target;
  const phase = phaseOf(flow);
  return phase[phase.indexOf(key) + 1] ?? null;
}

/** What follows a failure by itself: the next step, the end, a rollback; `ask`: nothing, a person has to say. */
export type AfterFailure = 'goes-on' | 'stop' | 'ask' | 'rollback';

/**
 * What the file says of a failure. A person is asked anyway where somebody cancelled it, where an approval was refused
 * (else a refusal would start a rollback, or be passed over), where it was never begun, and in the undos of a rollback.
 */
export function afterFailure(flow: Flow, runbook: Runbook, progress: StepProgress): AfterFailure {
  const deed = deedOf(runbook, progress.slot);
  if (deed === null || deed.undo !== null || progress.state === 'cancelled') return 'ask';
  const { step } = deed;
  const refused = deed.action.kind === 'approve';
  const neverBegun = progress.by === 'runbook' && progress.childId === null;
  if (neverBegun) return 'ask';
  if (step.forEach !== null && failuresOf(flow, progress) <= step.maxFailures) return 'goes-on';
  if (step.onFail === 'stop') return 'stop';
  if (refused) return 'ask';
  if (step.onFail === 'continue') return 'goes-on';
  return step.onFail === 'rollback' && progress.slot.section !== 'rollback' ? 'rollback' : 'ask';
}

/** How many slots of the same step did not succeed. */
function failuresOf(flow: Flow, { slot }: StepProgress): number {
  return Object.values(flow.steps).filter((other) => other.slot.stepId === slot.stepId && other.slot.undo === null && failedStates.has(other.state)).length;
}
