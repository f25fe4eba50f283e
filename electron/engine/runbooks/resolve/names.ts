/** What a step is filled in with: the values of its walkthrough, which are known, missing, or secret. */
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Action, Surroundings, Value } from '#shared/domain/runbook/definition.ts';
import { bindNames } from '#shared/domain/runbook/sql-text.ts';
import { references } from '#shared/domain/runbook/template.ts';
import { variableUses } from '#shared/domain/runbook/shell-context.ts';
import type { Scope } from '../sent.ts';

/** A step, its undo or its probe, as far as it is sent. */
export type Sendable = Surroundings & { action: Action };

export function valuesOf({ values, item }: Scope): Readonly<Record<string, Value>> {
  return item === null ? values : { ...values, item };
}

/** Where secrets may stand: in what nobody but the receiver reads. */
function privateTexts({ action, stdin }: Sendable): readonly string[] {
  const own = stdin === null ? [] : [stdin];
  return action.kind === 'http' ? [...own, ...Object.values(action.headers), ...(action.body === null ? [] : [action.body])] : own;
}

/** Texts that others can see: on command lines, in lists of processes, in logs of servers. */
function openTexts({ action, database, cwd, sudo, env }: Sendable): readonly string[] {
  const around = [database, cwd, sudo, ...Object.values(env)];
  const own = (): readonly (string | null)[] => {
    switch (action.kind) {
      case 'manual':
      case 'note':
        return [action.text];
      case 'sh':
        return [action.script];
      case 'sql':
        return [action.statement];
      case 'http':
        return [action.path, action.url];
      case 'transfer':
        return [action.here, action.there];
      case 'decide':
        return [action.ask];
      case 'wait':
      case 'approve':
      case 'undo-completed':
        return [];
      case 'runbook':
      case 'procedure':
        return Object.values(action.with);
    }
  };
  return [...around, ...own()].filter((text) => text !== null);
}

export interface NamesOf {
  /** In what others can see. */
  open: ReadonlySet<string>;
  /** In what only the receiver reads. */
  hidden: ReadonlySet<string>;
}

/** The values that a step names. Of a script also the variables that the author wrote himself, where they are secrets or have values. */
export function namesOf(step: Sendable, scope: Scope): NamesOf {
  const { action } = step;
  const names = (texts: readonly string[]): string[] => texts.flatMap((text) => references(text).map(({ name }) => name));
  const known = new Set([...Object.keys(valuesOf(scope)), ...scope.secretNames]);
  const bound = action.kind === 'sql' ? bindNames(action.statement).map(({ name }) => name) : [];
  const variables = action.kind === 'sh' ? variableUses(action.script, known).map(({ name }) => name) : [];
  return { open: new Set([...names(openTexts(step)), ...bound, ...variables]), hidden: new Set(names(privateTexts(step))) };
}

const listed = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

/** @throws runbook.not-sent where a value is missing or a secret stands where others can see it; runbook.secret-needed */
export function requireValues(step: Sendable, scope: Scope): void {
  const { open, hidden } = namesOf(step, scope);
  const seen = [...open].filter((name) => scope.secretNames.has(name));
  if (seen.length > 0) throw notSent(`${listed(seen)} is a secret, and stands where others could read it.`, 'A secret goes by stdin, or in a header or the body of http.');
  const values = valuesOf(scope);
  const missing = [...open, ...hidden].filter((name) => !Object.hasOwn(values, name) && !scope.secretNames.has(name));
  if (missing.length > 0) throw notSent(`${listed([...new Set(missing)])} has no value yet.`, 'It is asked when the walkthrough starts, or set by a step before this one.');
  const needed = [...hidden].filter((name) => scope.secretNames.has(name) && !scope.secrets.has(name));
  if (needed.length > 0) throw new PilothouseError('runbook.secret-needed', `${listed(needed)} has to be typed once more: a secret is kept in memory alone, and the process that knew it is gone.`, { hint: 'Type it in the walkthrough, then run the step.', details: { names: needed } });
}

/** The step was not sent, and why. */
export function notSent(message: string, hint: string): PilothouseError {
  return new PilothouseError('runbook.not-sent', `Nothing was sent. ${message}`, { hint });
}
