/** Values that are named: in braces, in expressions, in statements. Each has to be there, and to be known by then. */
import { parseExpression } from '#shared/domain/runbook/expression.ts';
import { problemsOfTemplate, references } from '#shared/domain/runbook/template.ts';
import { nearest } from '../nearest.ts';
import type { Span } from '../source.ts';
import { listed, textsOf, type Ground, type StepPlace, type Written } from './ground.ts';

/** From where something is named. */
export interface Standpoint {
  /** Order of the step; null: the start, where nothing was captured yet. */
  order: number | null;
  /** Whether what the step itself captures is known by then. */
  after: boolean;
  /** Further names that mean something there: `item`, `value`, `answer`. */
  also: readonly string[];
}

/**
 * Says what is wrong with a name; tells whether it was nothing.
 * @param said how it stands there: "{{ order }}", ":order", "order"
 * @param write how another name would stand there
 */
export function checkName(ground: Ground, span: Span, name: string, { order, after, also }: Standpoint, said: string, write: (name: string) => string): boolean {
  const { params, captures, builtIns, faults } = ground;
  if (also.includes(name) || params.has(name) || builtIns.has(name)) return true;
  const captured = captures.get(name);
  if (captured === undefined) {
    const known = [...params.values(), ...[...captures.values()].flatMap((each) => each.slice(0, 1))];
    const near = nearest(name, [...params.keys(), ...captures.keys(), ...also, ...builtIns]);
    const hint = name === 'item' ? ' It is known where for_each is.' : '';
    faults.add(span, { rule: 'unknown-value', message: `${said} is not a parameter, a captured value or a built-in. Known: ${listed(known)}.${hint}`, fix: near === null ? undefined : `Did you mean "${near}"?`, edit: near === null ? null : { title: `Write ${near}`, text: write(near) } });
    return false;
  }
  const limit = order ?? -1;
  const first = captured[0];
  if (first === undefined || captured.some((each) => each.order < limit || (after && each.order === limit))) return true;
  faults.add(span, { rule: 'value-too-early', message: `${said} is captured by step "${first.stepId}" on line ${first.line}, ${first.order === limit ? 'by this step itself, when it is done' : 'after this step'}.` });
  return false;
}

const braces = (name: string, filter: string | null): string => `{{ ${name}${filter === null ? '' : ` | ${filter}`} }}`;

/** Where a secret may stand: none of these is in a list of processes, in history or in a text that is kept. */
const forSecrets = /(?:^|\.)(?:stdin|http\.headers|http\.body)$/;

export const alsoIn = ({ step }: StepPlace): string[] => (step.forEach === null ? [] : ['item']);

function checkText(ground: Ground, place: StepPlace, written: Written): void {
  const { faults, source, params } = ground;
  const { path, text, span } = written;
  if (!text.includes('{{')) return;
  for (const { message, from, to } of problemsOfTemplate(text)) faults.add(source.within(span, text, { from, to }), { rule: 'template', message });
  const last = path.slice(path.lastIndexOf('.') + 1);
  const after = path.startsWith('expect') || path.startsWith('undo');
  for (const { name, filter, from, to } of references(text)) {
    if (faults.isFull) return;
    const at = source.within(span, text, { from, to });
    const said = braces(name, filter);
    if (!checkName(ground, at, name, { order: place.order, after, also: alsoIn(place) }, said, (near) => braces(near, filter))) continue;
    if (params.get(name)?.type === 'secret' && !forSecrets.test(path)) {
      const where = last === 'sh' || last === 'env' ? 'in a list of processes' : 'in history';
      faults.add(at, { rule: 'secret', message: `${said} is a secret, and would be seen ${where} here. Give it by stdin, or by a header or the body of http.` });
    }
    if (filter === 'raw' && last !== 'sh') faults.add(at, { rule: 'template', message: `${said} is for scripts alone. Write {{ ${name} }}.`, edit: { title: `Write {{ ${name} }}`, text: braces(name, null) } });
    if (filter === 'ident' && last !== 'sql') faults.add(at, { rule: 'template', message: `${said} is for statements alone. Write {{ ${name} }}.`, edit: { title: `Write {{ ${name} }}`, text: braces(name, null) } });
  }
}

/** An expression: whether it can be read, and its names. */
export function checkExpression(ground: Ground, text: string | null, span: Span, standpoint: Standpoint): void {
  if (text === null) return;
  const { faults, source, params } = ground;
  const parsed = parseExpression(text);
  if ('problem' in parsed) {
    const at = Math.min(parsed.at, Math.max(0, text.length - 1));
    faults.add(source.within(span, text, { from: at, to: at + 1 }), { rule: 'expression', message: `"${text.slice(0, 120)}" cannot be read: ${parsed.problem}` });
    return;
  }
  for (const name of parsed.names) {
    const from = Math.max(0, text.search(new RegExp(`(?<![\\w'"])${name}(?!\\w)`)));
    const at = source.within(span, text, { from, to: from + name.length });
    if (!checkName(ground, at, name, standpoint, name, (near) => near)) continue;
    if (params.get(name)?.type === 'secret') faults.add(at, { rule: 'secret', message: `${name} is a secret, and what is compared is kept in history. Compare something else.` });
  }
}

function checkExpressions(ground: Ground, place: StepPlace): void {
  const { fields, order } = place;
  const also = alsoIn(place);
  checkExpression(ground, fields.text('when'), fields.spanOf('when'), { order, after: false, also });
  const undos = fields.groups('undo').flatMap((undo) => undo.groups('expect'));
  const doneIf = fields.group('probe')?.group('done_if');
  for (const expectation of [...fields.groups('expect'), ...undos, ...(doneIf === null || doneIf === undefined ? [] : [doneIf])]) {
    for (const name of ['number', 'rows']) checkExpression(ground, expectation.text(name), expectation.spanOf(name), { order, after: true, also: [...also, 'value'] });
    checkExpression(ground, expectation.text('expr'), expectation.spanOf('expr'), { order, after: true, also: [...also, 'answer'] });
  }
}

/** Every name of every step. */
export function lintNames(ground: Ground): void {
  for (const place of ground.places) {
    for (const written of textsOf(place)) checkText(ground, place, written);
    checkExpressions(ground, place);
  }
}
