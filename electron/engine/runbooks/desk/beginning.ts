/** What a walkthrough is begun with: targets that are bound, values that were read, and what is wrong with either. */
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Secret } from '#shared/domain/secret.ts';
import type { Runbook, Value } from '#shared/domain/runbook/definition.ts';
import { isTrue } from '#shared/domain/runbook/expression.ts';
import { builtIns, readParam } from '#shared/domain/runbook/params.ts';
import { slotsOf } from '#shared/domain/runbook/slots.ts';
import type { Binding, Mode, WalkthroughEvent } from '#shared/domain/runbook/walkthrough.ts';
import type { EngineContext } from '../../engine-context.ts';
import type { Binder, BindingChoice } from './binding.ts';
import { holdsSecret } from './clean.ts';

export interface Given {
  systemId: string | null;
  bindings: Readonly<Record<string, BindingChoice>>;
  values: Readonly<Record<string, Value>>;
  /** Names of secrets that were typed. `later`: those that are needed are asked for where they are. */
  secrets: ReadonlySet<string> | 'later';
}

export interface Fault {
  /** Of a parameter or a target. */
  name: string;
  message: string;
}

export interface Read {
  bindings: Record<string, Binding>;
  values: Record<string, Value>;
  faults: Fault[];
}

/** Reads what was given. Nothing is asked of any target. */
export function readGiven(context: Pick<EngineContext, 'ports' | 'systems' | 'scrubber'>, binder: Binder, runbook: Runbook, given: Given, operator: string): Read {
  const faults: Fault[] = [];
  const bindings: Record<string, Binding> = {};
  for (const role of runbook.targets) {
    const choice = given.bindings[role.name] ?? (role.kind === 'http' && role.default !== null ? { url: role.default } : undefined);
    if (choice === undefined) {
      faults.push({ name: role.name, message: `Choose ${role.kind === 'ssh' ? 'a host' : role.kind === 'postgres' ? 'a database' : 'an address'} for "${role.label}".` });
      continue;
    }
    try {
      const binding = binder.bind(role, choice);
      if (binding.kind === 'http' && holdsSecret(binding.url, context.scrubber)) faults.push({ name: role.name, message: `The address for "${role.label}" holds a password, or another secret that Pilothouse knows, and is written down. Send that as a header.` });
      else bindings[role.name] = binding;
    } catch (error) {
      faults.push({ name: role.name, message: error instanceof Error ? error.message : String(error) });
    }
  }
  for (const name of Object.keys(given.bindings)) if (!runbook.targets.some((role) => role.name === name)) faults.push({ name, message: `There is no target ${name} in this runbook.` });
  const system = given.systemId === null ? null : context.systems.find(given.systemId);
  const values: Record<string, Value> = { ...builtIns(new Date(context.ports.clock.now()), Intl.DateTimeFormat().resolvedOptions().timeZone, { runId: context.ports.random.id(), operator, system: system?.name ?? null }) };
  for (const param of runbook.params) {
    if (param.when !== null) {
      try {
        if (!isTrue(param.when, values)) continue;
      } catch (error) {
        faults.push({ name: param.name, message: `Whether it is asked cannot be told yet: ${error instanceof Error ? error.message : String(error)}` });
        continue;
      }
    }
    if (param.type === 'secret') {
      if (param.required && given.secrets !== 'later' && !given.secrets.has(param.name)) faults.push({ name: param.name, message: `${param.label} has to be typed.` });
      continue;
    }
    const read = readParam(param, given.values[param.name] ?? null, values);
    if ('fault' in read) faults.push({ name: param.name, message: read.fault });
    else if (read.value !== null && holdsSecret(read.value, context.scrubber)) faults.push({ name: param.name, message: `${param.label} holds a password, or another secret that Pilothouse knows, and what is typed here is written down. Type another value, or make it a parameter of type secret.` });
    else if (read.value !== null) values[param.name] = read.value;
  }
  for (const name of Object.keys(given.values)) if (!runbook.params.some((param) => param.name === name)) faults.push({ name, message: `There is no parameter ${name} in this runbook.` });
  return { bindings, values, faults };
}

/** Names of parameters whose values are kept in memory alone. */
export const secretNamesOf = (runbook: Pick<Runbook, 'params'>): string[] => runbook.params.filter(({ type }) => type === 'secret').map(({ name }) => name);

/** The first event of a walkthrough. @throws runbook.value-invalid with all that is wrong */
export function startedEvent(start: { runbook: Runbook; hash: string; read: Read; mode: Mode; systemId: string | null; operator: string; secrets: readonly string[]; parent: { walkthroughId: string; key: string } | null; continues: string | null; appVersion: string }): Extract<WalkthroughEvent, { kind: 'started' }> {
  const { runbook, read } = start;
  // A rehearsal and paper do without servers: what is not given stays open in what is shown.
  const faults = start.mode === 'live' ? read.faults : read.faults.filter(({ name }) => !runbook.targets.some((target) => target.name === name));
  if (faults.length > 0) throw new PilothouseError('runbook.value-invalid', `"${runbook.title}" cannot be begun: ${faults.map(({ message }) => message).join(' ')}`, { hint: 'Correct what is named.', details: { faults } });
  return {
    kind: 'started',
    runbookId: runbook.id,
    version: runbook.version,
    title: runbook.title,
    definitionHash: start.hash,
    mode: start.mode,
    systemId: start.systemId,
    operator: start.operator,
    slots: slotsOf(runbook, read.values, read.bindings),
    values: read.values,
    secrets: start.secrets,
    bindings: read.bindings,
    parent: start.parent,
    continues: start.continues,
    appVersion: start.appVersion,
  };
}

/** @throws runbook.invalid where the file has errors */
export function requireStartable(file: { ref: string; runbook: Runbook | null; problems: readonly { severity: string; line: number; message: string }[] }): Runbook {
  const errors = file.problems.filter(({ severity }) => severity === 'error');
  if (file.runbook !== null && errors.length === 0) return file.runbook;
  const [first] = errors;
  throw new PilothouseError('runbook.invalid', `The runbook ${file.ref} has ${errors.length === 1 ? 'an error' : `${errors.length} errors`}, so it is not begun. ${first?.message ?? ''}`.trim(), { hint: 'Put it right in the editor.', details: { line: first?.line ?? 1 } });
}

/**
 * Secrets that this process does not know: those that have to be given, and those that the step needs that is to be done
 * now, also where nobody had to give them at the start.
 */
export function secretsNeeded(names: readonly string[], known: ReadonlyMap<string, Secret>, runbook: Pick<Runbook, 'params'>, now: ReadonlySet<string>): { name: string; label: string }[] {
  return names.filter((name) => !known.has(name) && (now.has(name) || runbook.params.some((param) => param.name === name && param.required))).map((name) => ({ name, label: runbook.params.find((param) => param.name === name)?.label ?? name }));
}

