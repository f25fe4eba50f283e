/** What is expected of a slot. */
import type { Expectation, Step } from '#shared/domain/runbook/definition.ts';
import type { Slot } from '#shared/domain/runbook/walkthrough.ts';
import { undoOf } from './steps-of.ts';

/** What a step expects, or its undo. */
export function expectationsOf(step: Step, slot: Slot): readonly Expectation[] {
  return slot.undo === null ? step.expect : (undoOf(step, slot)?.expect ?? []);
}
