/** What would be sent, or was, as a text for people and for history. Secrets are `[redacted]`. Executes nothing. */
import type { Action, Risk, Value } from '#shared/domain/runbook/definition.ts';
import type { Secret } from '#shared/domain/secret.ts';
import { durationWords } from '#shared/domain/runbook/params.ts';
import { compileScript } from '#shared/domain/runbook/shell-context.ts';
import { sqlWithLiterals } from '#shared/domain/runbook/sql-text.ts';
import { fill, unknownText, valueText } from '#shared/domain/runbook/template.ts';
import type { Scope, Sent } from '../sent.ts';
import { fillAddress, fillBody, type TextOf } from './fill.ts';
import { namesOf, valuesOf, type Sendable } from './names.ts';
import { mediaTypeOf } from './resolve-action.ts';

const redacted = '[redacted]';

export interface Described {
  text: string;
  language: 'sh' | 'sql' | 'http' | 'text';
  /** What is not known yet, or keeps it from being sent, in words. */
  missing: string[];
}

/** Where a script runs, as comments in front of it, and what it reads, behind it. */
function scriptText(script: string, { cwd, sudo, shell, env, stdin }: { cwd: string | null; sudo: string | null; shell: 'sh' | 'bash'; env: Readonly<Record<string, string>>; stdin: string | null }): string {
  const around = [...(sudo === null ? [] : [`as ${sudo}`]), ...(cwd === null ? [] : [`in ${cwd}`]), ...(shell === 'bash' ? ['with bash'] : [])].join(', ');
  const lines = (text: string): string => text.replace(/\n$/, '').split('\n').map((line) => `#   ${line}`).join('\n');
  const front = [...(around === '' ? [] : [`# Run ${around}`]), ...Object.entries(env).map(([name, value]) => `# ${name}=${value}`)];
  return [...front, script.replace(/\n+$/, ''), ...(stdin === null ? [] : [`# Its standard input:\n${lines(stdin)}`])].join('\n');
}

function requestText({ method, url, headers, body, through }: { method: string; url: string; headers: Readonly<Record<string, string | Secret>>; body: string | Secret | null; through: string | null }): string {
  const head = [`${method} ${url}`, ...(through === null ? [] : [`(through ${through})`]), ...Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`)].join('\n');
  return body === null ? head : `${head}\n\n${String(body)}`;
}

const transferText = (direction: 'upload' | 'download', here: string, there: string, label: string): string => (direction === 'upload' ? `Upload ${here} to ${there} on ${label}` : `Download ${there} from ${label} to ${here}`);

/** What was sent, or is about to be. */
export function describeSent(sent: Sent): string {
  switch (sent.kind) {
    case 'sh':
      return scriptText(sent.script, { ...sent, stdin: sent.stdin === null ? null : String(sent.stdin) });
    case 'sql': {
      const binds = sent.parameters.map((value, index) => `-- $${index + 1} = ${typeof value === 'string' ? JSON.stringify(value) : String(value)}`);
      return [...(sent.database === null ? [] : [`-- In the database ${sent.database}`]), sent.statement.trim(), ...binds].join('\n');
    }
    case 'http':
      return requestText({ ...sent, through: sent.throughHostId === null ? null : sent.label.replace(/^.* through /, '') });
    case 'transfer':
      return transferText(sent.direction, sent.here, sent.there, sent.label);
  }
}

function boundTo(role: string | null, { bindings }: Scope): string {
  const binding = role === null || !Object.hasOwn(bindings, role) ? undefined : bindings[role];
  if (binding === undefined) return `⟨${role ?? 'no target'}⟩`;
  return binding.kind === 'http' ? binding.url.replace(/\/+$/, '') : binding.label;
}

/** The action with what is known. */
function textOfAction(step: Sendable, scope: Scope, of: TextOf, shown: Readonly<Record<string, Value>>): Omit<Described, 'missing'> & { fault?: string } {
  const { action } = step;
  const plain = (text: string): string => fill(text, (name) => valueText(of(name)));
  switch (action.kind) {
    case 'sh': {
      const compiled = compileScript(action.script, shown);
      const script = 'fault' in compiled ? action.script : `${compiled.prelude}${compiled.body}`;
      const { cwd, sudo, stdin, shell } = step;
      const env = Object.fromEntries(Object.entries(step.env).map(([name, text]) => [name, plain(text)]));
      const text = scriptText(script, { shell, env, cwd: cwd === null ? null : plain(cwd), sudo: sudo === null ? null : plain(sudo), stdin: stdin === null ? null : plain(stdin) });
      return { text, language: 'sh', ...('fault' in compiled ? { fault: compiled.fault } : {}) };
    }
    case 'sql': {
      const written = sqlWithLiterals(action.statement, shown);
      const statement = ('fault' in written ? action.statement : written.statement).trim();
      return { text: step.database === null ? statement : `-- In the database ${plain(step.database)}\n${statement}`, language: 'sql', ...('fault' in written ? { fault: written.fault } : {}) };
    }
    case 'http':
      return describeRequest(step, action, scope, of);
    case 'transfer':
      return { text: transferText(action.direction, plain(action.here), plain(action.there), boundTo(step.target, scope)), language: 'text' };
    case 'manual':
    case 'note':
      return { text: plain(action.text), language: 'text' };
    case 'wait':
      return { text: `Wait ${durationWords(action.forMs)}`, language: 'text' };
    case 'decide':
      return { text: plain(action.ask), language: 'text' };
    case 'approve':
      return { text: `Go or no-go, by ${action.by.join(', ')}`, language: 'text' };
    case 'runbook':
      return { text: `The runbook ${action.runbook}`, language: 'text' };
    case 'procedure':
      return { text: [action.procedure, ...Object.entries(action.with).map(([name, text]) => `${name}: ${plain(text)}`)].join('\n'), language: 'text' };
    case 'undo-completed':
      return { text: 'What was done, newest first', language: 'text' };
  }
}

function describeRequest(step: Sendable, action: Extract<Action, { kind: 'http' }>, scope: Scope, of: TextOf): ReturnType<typeof textOfAction> {
  const { method, path, url, body, headers } = action;
  const address = fillAddress(url ?? path ?? '', of);
  const readable = 'fault' in address ? (url ?? path ?? '') : unescapedUnknown(address.text);
  const target = url !== null ? readable : `${boundTo(step.target, scope)}/${readable.replace(/^\/+/, '')}`;
  const text = requestText({
    method,
    url: target,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value, (each) => valueText(of(each)))])),
    body: body === null ? null : fillBody(body, of, mediaTypeOf(headers)),
    through: action.through === null ? null : boundTo(action.through, scope),
  });
  return { text, language: 'http', ...('fault' in address ? { fault: address.fault } : {}) };
}

/** What stands for something unknown is for people, and is not written out as an address would be. */
const unescapedUnknown = (address: string): string => address.replaceAll(/%E2%9F%A8.*?%E2%9F%A9/g, (found) => decodeURIComponent(found));

/**
 * Exactly what would be sent, with what is known by now; for manual steps their text. What is not known stands as
 * `⟨set by step …⟩` or `⟨order_id⟩`. Never throws, and executes nothing.
 * @param context `setBy`: the title of the step that captures a value; null where none does
 */
export function describeAction(step: Sendable & { risk: Risk }, scope: Scope, { setBy }: { setBy: (name: string) => string | null }): Described {
  const values = valuesOf(scope);
  const { open, hidden } = namesOf(step, scope);
  const names = [...new Set([...open, ...hidden])];
  const of: TextOf = (name) => {
    if (scope.secretNames.has(name)) return redacted;
    return (Object.hasOwn(values, name) ? values[name] : undefined) ?? unknownText(name, setBy(name));
  };
  const shown = Object.fromEntries(names.map((name) => [name, of(name)]));
  const { text, language, fault } = textOfAction(step, scope, of, shown);
  const unknown = names.filter((name) => !scope.secretNames.has(name) && !Object.hasOwn(values, name));
  const seen = [...open].filter((name) => scope.secretNames.has(name));
  const missing = [
    ...unknown.map((name) => {
      const setter = setBy(name);
      return setter === null ? name : `${name}, which step "${setter}" sets`;
    }),
    ...seen.map((name) => `${name} is a secret, and stands where others could read it`),
    ...(fault === undefined ? [] : [fault]),
  ];
  return { text, language, missing };
}
