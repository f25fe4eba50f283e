/** What goes to a target for a step, with nothing left to be filled in. */
import { Secret } from '#shared/domain/secret.ts';
import type { Action, Risk, Value } from '#shared/domain/runbook/definition.ts';
import { compileScript } from '#shared/domain/runbook/shell-context.ts';
import { isRunVariable } from '#shared/domain/runbook/shell-code.ts';
import { compileSql, splitStatements } from '#shared/domain/runbook/sql-text.ts';
import { references } from '#shared/domain/runbook/template.ts';
import type { Binding } from '#shared/domain/runbook/walkthrough.ts';
import type { Scope, Sent } from '../sent.ts';
import { fillAddress, fillBody, fillLine, type Filled, type TextOf } from './fill.ts';
import { notSent, requireValues, valuesOf, type Sendable } from './names.ts';

type Of<Kind extends Binding['kind']> = Extract<Binding, { kind: Kind }>;

function bindingOf<Kind extends Binding['kind']>(role: string | null, kind: Kind, scope: Scope): Of<Kind> {
  if (role === null) throw notSent('The step names no target.', 'Write target: with the name of one of the runbook\'s targets.');
  const binding = Object.hasOwn(scope.bindings, role) ? scope.bindings[role] : undefined;
  if (binding === undefined) throw notSent(`Nothing was chosen for the target "${role}".`, 'Begin the walkthrough anew, and choose one.');
  if (binding.kind !== kind) throw notSent(`The target "${role}" is ${binding.kind === 'ssh' ? 'a host' : binding.kind === 'postgres' ? 'a database' : 'an address'}, and this step needs ${kind === 'ssh' ? 'a host' : kind === 'postgres' ? 'a database' : 'an address'}.`, 'Give the step a target of the right kind.');
  return binding as Of<Kind>;
}

function textIn(filled: Filled): string {
  if ('fault' in filled) throw notSent(filled.fault, 'Look at the values of this walkthrough.');
  return filled.text;
}

/** A text that may hold secrets, and is one then. */
function maybeSecret(text: string, scope: Scope, write: (of: TextOf) => string): string | Secret {
  const values = valuesOf(scope);
  const plain: TextOf = (name) => scope.secrets.get(name)?.reveal() ?? values[name] ?? '';
  const written = write(plain);
  return references(text).some(({ name }) => scope.secretNames.has(name)) ? new Secret(written) : written;
}

const whole = (of: TextOf, text: string, what: string): string => textIn(fillLine(text, of, what));

function resolveSh(step: Sendable, script: string, scope: Scope, jobId: string | null): Sent {
  const { hostId, label } = bindingOf(step.target, 'ssh', scope);
  const values = valuesOf(scope);
  const of: TextOf = (name) => values[name] ?? '';
  const compiled = compileScript(script, values);
  if ('fault' in compiled) throw notSent(compiled.fault, 'Change the runbook, and begin anew.');
  const env = Object.entries(step.env).map(([name, text]): [string, string] => {
    if (isRunVariable(name) && references(text).length > 0) throw notSent(`A shell runs what stands in ${name}, or what that leads to, so that no value may stand there.`, 'Change the runbook, and begin anew.');
    return [name, whole(of, text, `The variable ${name}`)];
  });
  const { cwd, sudo, stdin, shell } = step;
  return {
    kind: 'sh',
    hostId,
    label,
    script: `${compiled.prelude}${compiled.body}`,
    shell,
    cwd: cwd === null ? null : whole(of, cwd, 'The folder'),
    sudo: sudo === null ? null : account(whole(of, sudo, 'The account')),
    env: Object.fromEntries(env),
    stdin: stdin === null ? null : maybeSecret(stdin, scope, (text) => fillBody(stdin, text, 'text/plain')),
    jobId,
  };
}

function account(name: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?$/.test(name)) throw notSent(`"${name}" is no name of an account.`, 'Look at sudo: in the step.');
  return name;
}

function resolveSql(step: Sendable, statement: string, risk: Risk, scope: Scope): Sent {
  const { databaseId, label, systemIdentifier } = bindingOf(step.target, 'postgres', scope);
  const values = valuesOf(scope);
  const compiled = compileSql(statement, values);
  if ('fault' in compiled) throw notSent(compiled.fault, 'Change the runbook, and begin anew.');
  const count = splitStatements(compiled.statement).length;
  if (count === 0) throw notSent('There is no statement in it.', 'Change the runbook, and begin anew.');
  if (count > 1 && compiled.parameters.length > 0) throw notSent('A server takes values (:name) for one statement at a time, and there are several.', 'Make a step of each statement.');
  return { kind: 'sql', databaseId, label, database: step.database === null ? null : whole((name) => values[name] ?? '', step.database, 'The database'), statement: compiled.statement, parameters: compiled.parameters, readOnly: risk === 'read', ...(systemIdentifier === null ? {} : { systemIdentifier }) };
}

/** The address of a request: whole, or below that of the target. */
function urlOf({ path, url }: Pick<Extract<Action, { kind: 'http' }>, 'path' | 'url'>, base: string | null, of: TextOf): URL {
  const written = url !== null ? textIn(fillAddress(url, of)) : `${(base ?? '').replace(/\/+$/, '')}/${textIn(fillAddress(path ?? '', of)).replace(/^\/+/, '')}`;
  if (!URL.canParse(written) || !/^https?:\/\//i.test(written)) throw notSent(`"${written}" is no address of http.`, 'Look at the address of its target, and at url: or path: in the step.');
  const found = new URL(written);
  if (found.username !== '' || found.password !== '') throw notSent('The address has an account or a password in it, which history would keep.', 'Send it as a header.');
  return found;
}

function resolveHttp(step: Sendable, action: Extract<Action, { kind: 'http' }>, scope: Scope): Sent {
  const values = valuesOf(scope);
  const through = action.through === null ? null : bindingOf(action.through, 'ssh', scope);
  const base = action.url !== null ? null : bindingOf(step.target, 'http', scope).url;
  const url = urlOf(action, base, (name) => values[name] ?? '');
  const headers = Object.fromEntries(Object.entries(action.headers).map(([name, text]): [string, string | Secret] => [name, maybeSecret(text, scope, (of) => whole(of, text, `The header ${name}`))]));
  const mediaType = mediaTypeOf(action.headers);
  const { body } = action;
  return { kind: 'http', url: url.href, throughHostId: through?.hostId ?? null, label: through === null ? url.host : `${url.host} through ${through.label}`, method: action.method, headers, body: body === null ? null : maybeSecret(body, scope, (of) => fillBody(body, of, mediaType)) };
}

export function mediaTypeOf(headers: Readonly<Record<string, string>>): string | null {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? null;
}

function resolveTransfer(step: Sendable, { direction, here, there }: Extract<Action, { kind: 'transfer' }>, scope: Scope): Sent {
  const { hostId, label } = bindingOf(step.target, 'ssh', scope);
  const values: Readonly<Record<string, Value>> = valuesOf(scope);
  const of: TextOf = (name) => values[name] ?? '';
  return { kind: 'transfer', hostId, label, direction, here: whole(of, here, 'The path on this computer'), there: whole(of, there, 'The path there') };
}

/**
 * What goes to a target for a step, its undo or its probe: sh, sql, http and transfers.
 * @throws runbook.not-sent, which names what is missing or cannot be; runbook.secret-needed for a secret that this process
 * does not know
 */
export function resolveAction(step: Sendable & { risk: Risk }, scope: Scope, { jobId }: { jobId: string | null }): Sent {
  const { action } = step;
  requireValues(step, scope);
  switch (action.kind) {
    case 'sh':
      return resolveSh(step, action.script, scope, jobId);
    case 'sql':
      return resolveSql(step, action.statement, step.risk, scope);
    case 'http':
      return resolveHttp(step, action, scope);
    case 'transfer':
      return resolveTransfer(step, action, scope);
    default:
      throw notSent('This step is nothing that is sent to a target.', 'Answer it in the walkthrough.');
  }
}
