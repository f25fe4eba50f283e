/** What the templates of a walkthrough are filled in with, and who sets what. */
import type { Runbook, Value } from '#shared/domain/runbook/definition.ts';
import type { Slot, Walkthrough } from '#shared/domain/runbook/walkthrough.ts';
import type { Scope } from '../sent.ts';
import type { WalkSecrets } from './secrets.ts';
import { allSteps } from './steps-of.ts';

export function scopeOf(walkthrough: Pick<Walkthrough, 'id' | 'values' | 'secrets' | 'bindings'>, slot: Pick<Slot, 'item'> | null, secrets: Pick<WalkSecrets, 'of'>): Scope {
  return { values: walkthrough.values, secrets: secrets.of(walkthrough.id), secretNames: new Set(walkthrough.secrets), item: slot?.item ?? null, bindings: walkthrough.bindings };
}

/** As expressions and expectations want them: with what a `for_each` is at. */
export function valuesIn({ values, item }: Pick<Scope, 'values' | 'item'>): Readonly<Record<string, Value>> {
  return item === null ? values : { ...values, item };
}

const setters = new WeakMap<Runbook, ReadonlyMap<string, string>>();

/** The title of the step that captures a value; null where none does. */
export function setterOf(runbook: Runbook): (name: string) => string | null {
  let byName = setters.get(runbook);
  if (byName === undefined) {
    byName = new Map(allSteps(runbook).flatMap((step) => step.capture.map(({ name }) => [name, step.title] as const)));
    setters.set(runbook, byName);
  }
  return (name) => byName.get(name) ?? null;
}
