/** The places of a walkthrough: which there are, and what is done at each. Pure. */
import type { Action, Expectation, Risk, Runbook, Step, Surroundings, UndoStep, Value } from './definition.ts';
import type { Binding, EndedAs, Section, Slot, StepProgress, Walkthrough } from './walkthrough.ts';

/** What is done at a slot: its step, or one of the undos of that. */
export interface Deed {
  step: Step;
  /** Null: it is the step itself. */
  undo: UndoStep | null;
  action: Action;
  risk: Risk;
  expect: readonly Expectation[];
  surroundings: Surroundings;
}

const indexes = new WeakMap<Runbook, ReadonlyMap<string, Step>>();

function stepsById(runbook: Runbook): ReadonlyMap<string, Step> {
  let found = indexes.get(runbook);
  if (found === undefined) {
    found = new Map([...runbook.prerequisites, ...runbook.steps, ...(runbook.rollback?.steps ?? [])].map((step) => [step.id, step]));
    indexes.set(runbook, found);
  }
  return found;
}

/** Null where the runbook has no such step: then it is not the one that the walkthrough was started with. */
export function deedOf(runbook: Runbook, slot: Slot): Deed | null {
  const step = stepsById(runbook).get(slot.stepId);
  if (step === undefined) return null;
  if (slot.undo === null) return { step, undo: null, action: step.action, risk: step.risk, expect: step.expect, surroundings: step };
  const undo = step.undo?.[slot.undo.index];
  return undo === undefined ? null : { step, undo, action: undo.action, risk: undo.risk, expect: undo.expect, surroundings: undo };
}

/** What a step is called; its id where there is no such step. */
export const titleOfStep = (runbook: Runbook, stepId: string): string => stepsById(runbook).get(stepId)?.title ?? stepId;

/** What a slot is called: "Stop", "Stop (backend)", "Undo of Stop (backend)". */
export function titleOf(runbook: Runbook, slot: Slot): string {
  const title = `${titleOfStep(runbook, slot.stepId)}${slot.item === null ? '' : ` (${slot.item})`}`;
  return slot.undo === null ? title : `Undo of ${title}`;
}

/** How one ends that went well, or did not: an undo has words of its own. */
export const endOf = (slot: Slot, well: boolean): EndedAs => (slot.undo === null ? (well ? 'succeeded' : 'failed') : well ? 'undone' : 'undo-failed');

/** An item may be of any length, a key may not. */
const longestItem = 80;

function itemsOf(step: Step, values: Readonly<Record<string, Value>>): readonly string[] {
  if (step.forEach === null) return [];
  if (step.forEach.over === 'targets') return step.forEach.names;
  const value = values[step.forEach.param];
  if (value === undefined) return [];
  return typeof value === 'object' ? value : [String(value)];
}

/** Slots of one step. A `for_each` over nothing has one without an item, so that the record says that there was nothing to do. */
function slotsOfStep(step: Step, section: Section, values: Readonly<Record<string, Value>>): Slot[] {
  const slot = (key: string, item: string | null, target: string | null): Slot => ({ key, stepId: step.id, section, item, target, undo: null });
  const items = itemsOf(step, values);
  if (items.length === 0) return [slot(step.id, null, step.target)];
  const taken = new Set<string>();
  return items.map((item) => {
    const short = item.length > longestItem ? `${item.slice(0, longestItem)}…` : item;
    let key = `${step.id}[${short}]`;
    for (let count = 2; taken.has(key); count++) key = `${step.id}[${short} (${count})]`;
    taken.add(key);
    return slot(key, item, step.forEach?.over === 'targets' ? item : step.target);
  });
}

/**
 * What is walked: prerequisites, then steps, each `for_each` as one slot for each of its items.
 * @param bindings what targets were given to: a step for targets of which this walkthrough knows none has nothing to do
 */
export function slotsOf(runbook: Runbook, values: Readonly<Record<string, Value>>, bindings: Readonly<Record<string, Binding>>): Slot[] {
  const bound = (step: Step): Step => (step.forEach?.over === 'targets' ? { ...step, forEach: { over: 'targets', names: step.forEach.names.filter((name) => Object.hasOwn(bindings, name)) } } : step);
  return [...runbook.prerequisites.flatMap((step) => slotsOfStep(bound(step), 'prerequisites', values)), ...runbook.steps.flatMap((step) => slotsOfStep(bound(step), 'steps', values))];
}

/** The event by which a slot was last begun; 0 where nothing of it can have happened. */
export const begunAt = (progress: Pick<StepProgress, 'begun'>): number => progress.begun.at(-1) ?? 0;

/** Undos of all that was completed or begun, newest first; those of one step in their order. */
function undosOf(runbook: Runbook, walkthrough: Walkthrough): Slot[] {
  return Object.values(walkthrough.steps)
    .filter((progress) => progress.slot.section !== 'rollback' && progress.begun.length > 0)
    .toSorted((a, b) => begunAt(b) - begunAt(a))
    .flatMap(({ slot }) =>
      (stepsById(runbook).get(slot.stepId)?.undo ?? []).map((undo, index) => ({
        key: `undo:${slot.key}:${index}`,
        stepId: slot.stepId,
        section: 'rollback' as const,
        item: slot.item,
        target: undo.target ?? slot.target,
        undo: { of: slot.key, index },
      })),
    );
}

/**
 * What rolling back walks now: the steps of the rollback in their order, and in the place of `undo_completed` the undos of
 * what was completed or begun. Without a declared rollback these alone.
 */
export function rollbackSlots(runbook: Runbook, walkthrough: Walkthrough): Slot[] {
  if (runbook.rollback === null) return undosOf(runbook, walkthrough);
  const place = runbook.rollback.steps.findIndex(({ action }) => action.kind === 'undo-completed');
  return runbook.rollback.steps.flatMap((step, index) => {
    if (step.action.kind !== 'undo-completed') return slotsOfStep(step, 'rollback', walkthrough.values);
    return index === place ? undosOf(runbook, walkthrough) : [];
  });
}
