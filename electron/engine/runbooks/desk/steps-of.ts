/** Which part of the file a slot is about. */
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Action, Risk, Runbook, Step, Surroundings, UndoStep } from '#shared/domain/runbook/definition.ts';
import { deedOf } from '#shared/domain/runbook/slots.ts';
import type { Slot } from '#shared/domain/runbook/walkthrough.ts';

/** All steps of a file, in its order. */
export function allSteps(runbook: Pick<Runbook, 'prerequisites' | 'steps' | 'rollback'>): readonly Step[] {
  return [...runbook.prerequisites, ...runbook.steps, ...(runbook.rollback?.steps ?? [])];
}

/** @throws internal where the definition and the log do not belong together */
export function stepOf(runbook: Runbook, stepId: string): Step {
  const step = deedOf(runbook, { key: stepId, stepId, section: 'steps', item: null, target: null, undo: null })?.step;
  if (step === undefined) throw new PilothouseError('internal', `The runbook ${runbook.id} has no step ${stepId}, and its log names one.`);
  return step;
}

/** What a slot does: that of its step, or of one of its step's undos. */
export interface Doing extends Surroundings {
  action: Action;
  risk: Risk;
  timeoutMs: number | null;
}

export function undoOf(step: Step, slot: Slot): UndoStep | null {
  return slot.undo === null ? null : (step.undo?.[slot.undo.index] ?? null);
}

/** @throws internal where the definition and the log do not belong together */
export function doingOf(step: Step, slot: Slot): Doing {
  if (slot.undo === null) return { ...step, target: slot.target ?? step.target };
  const undo = undoOf(step, slot);
  if (undo === null) throw new PilothouseError('internal', `The step ${step.id} has no undo ${slot.undo.index + 1}, and its log names one.`);
  return { ...undo, target: undo.target ?? slot.target ?? step.target };
}
