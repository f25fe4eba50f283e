/**
 * What is expected of a step, held against what came back. A check that saw nothing is never taken for a good one: none of
 * an empty list, nothing that was looked for in an output without a word, and no absence in an output of which a part is
 * gone. Pure.
 *
 * What is looked at: `matches` and `equals` the output, or the errors where there is no output; `not-matches` both. Of a
 * statement that answers with one figure they look at that, and not at the table around it. Of a manual step all of them
 * look at its answer.
 */
import { hasCode, isPilothouseError } from '../errors.ts';
import type { ActionKind, Capture, Expectation, Matcher, Value } from './definition.ts';
import { isTrue, parseExpression } from './expression.ts';
import { findInJson, missingInJson, parseJsonPath } from './json-path.ts';
import { readValue } from './params.ts';
import { compilePattern, lookedAt } from './patterns.ts';
import { fill, unknownText, valueText } from './template.ts';
import type { Verdict } from './walkthrough.ts';

/** What came of an action: an `Outcome` is one, with the kind of its action; of a manual step the answer alone. */
export interface Seen {
  kind: ActionKind;
  exitStatus: number | null;
  stdout: string;
  stderr: string;
  rows: { columns: readonly string[]; rows: readonly (readonly unknown[])[]; count: number } | null;
  status: number | null;
  answer: Value | null;
  /** Whether a part of what it said is gone. */
  truncated: boolean;
}

/** Nothing was sent: what a person answered. */
export const seenAnswer = (kind: ActionKind, answer: Value | null): Seen => ({ kind, exitStatus: null, stdout: '', stderr: '', rows: null, status: null, answer, truncated: false });

const mostSeen = 200;
const short = (text: string): string => {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line.length > mostSeen ? `${line.slice(0, mostSeen - 1)}…` : line;
};

type Judged = { ok: boolean; seen: string };
type Values = Readonly<Record<string, Value>>;

const not = (seen: string): Judged => ({ ok: false, seen });
const nothing = 'It said nothing, so there was nothing to look at';

/** What the first matchers look at. */
function textOf({ answer, stdout, stderr, rows, kind }: Seen): string {
  if (answer !== null) return valueText(answer);
  if (kind === 'sql' && rows?.count === 1 && rows.columns.length === 1) return String(plainOf(rows.rows[0]?.[0]) ?? '');
  return stdout.trim() === '' ? stderr : stdout;
}

/** A value of a database or of JSON as it is compared: dates and what is nested as text. Null stays null. */
function plainOf(value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return value.toString();
  return value instanceof Date ? value.toISOString() : JSON.stringify(value);
}

const asNumber = (text: string): number | null => (/^\s*[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/.test(text) ? Number(text) : null);

/** Whether something found is what was written in the runbook: numbers as numbers, everything else as its text. */
function isSame(found: string | number | boolean | null, expected: string | number | boolean): boolean {
  if (found === null) return false;
  if (typeof expected === 'number') return (typeof found === 'number' ? found : asNumber(String(found))) === expected;
  return String(found).trim() === String(expected).trim();
}

/**
 * The first number of a text: 82 of "82% used", 1234.5 of "1,234.5". None is what is part of a word or an address ("v15.2",
 * "10.0.0.1"), nor what may mean two things ("3,5").
 */
export function firstNumber(text: string): number | null {
  const found = /(?<![\w.,])[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?/.exec(text.trim())?.[0];
  if (found === undefined) return null;
  const plain = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(found) ? found.replaceAll(',', '') : found;
  return asNumber(plain);
}

const isMet = (expression: string, values: Values, value: Value): boolean => isTrue(expression, { ...values, value });

function byPattern({ kind, pattern }: Extract<Matcher, { kind: 'matches' | 'not-matches' }>, seen: Seen, values: Values): Judged {
  const compiled = compilePattern(pattern, (name) => (Object.hasOwn(values, name) ? (values[name] ?? null) : null));
  if ('problem' in compiled) return not(compiled.problem);
  const all = kind === 'matches' || seen.answer !== null ? textOf(seen) : [seen.stdout, seen.stderr].filter((text) => text.trim() !== '').join('\n');
  if (all.trim() === '') return not(nothing);
  const { text, isCut } = lookedAt(all);
  const line = compiled.pattern.exec(text);
  const found = line === null ? null : (text.slice(text.lastIndexOf('\n', line.index - 1) + 1).split('\n', 1)[0] ?? '');
  const isPart = isCut || seen.truncated;
  if (kind === 'matches') return line === null ? not(`not found in "${short(text).slice(0, 120)}"`) : { ok: true, seen: found ?? '' };
  if (line !== null) return not(found ?? '');
  return isPart ? not('not found, but only a part of what it said was looked at') : { ok: true, seen: 'not found' };
}

function byJson({ path, all, equals }: Extract<Matcher, { kind: 'json' }>, seen: Seen, of: (text: string) => string): Judged {
  const parsed = parseJsonPath(of(path));
  if ('problem' in parsed) return not(parsed.problem);
  const read = readJson(seen);
  if ('problem' in read) return not(read.problem);
  const found = findInJson(read.json, parsed.path).map(plainOf);
  if (found.length === 0) return not(`${of(path)} leads to nothing`);
  const list = found.map(String).join(', ');
  const meant = (value: string | number | boolean): string | number | boolean => (typeof value === 'string' ? of(value) : value);
  if (all !== null) {
    const missing = missingInJson(read.json, parsed.path);
    const others = found.filter((each) => !isSame(each, meant(all)));
    if (missing > 0) return not(`${missing} of them have no such value`);
    return others.length === 0 ? { ok: true, seen: `${found.length} × ${String(meant(all))}` } : not(`${others.length} of ${found.length}: ${others.map(String).join(', ')}`);
  }
  if (equals !== null) return { ok: found.some((each) => isSame(each, meant(equals))), seen: list };
  return { ok: found.some((each) => each !== null), seen: list };
}

function readJson({ stdout, answer, truncated }: Seen): { json: unknown } | { problem: string } {
  const text = answer === null ? stdout : valueText(answer);
  if (text.trim() === '') return { problem: nothing };
  if (truncated) return { problem: 'What it said was too long to be kept whole, so that it cannot be read as JSON' };
  try {
    return { json: JSON.parse(text) as unknown };
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: `it is no JSON: "${short(text).slice(0, 120)}"` };
    throw error;
  }
}

/** The cell of the first row. */
function cellOf({ rows }: Seen, column: string | null): { cell: string | number | boolean | null } | { problem: string } {
  if (rows === null) return { problem: 'there is no table of rows' };
  const [first] = rows.rows;
  if (first === undefined) return { problem: 'there is no row' };
  const at = column === null ? 0 : rows.columns.indexOf(column);
  if (at === -1 || first.length === 0) return { problem: `there is no column ${column ?? 'at all'}; there is ${rows.columns.join(', ')}` };
  return { cell: plainOf(first[at]) };
}

function byCell({ column, equals, expression }: Extract<Matcher, { kind: 'cell' }>, seen: Seen, values: Values, of: (text: string) => string): Judged {
  const found = cellOf(seen, column);
  if ('problem' in found) return not(found.problem);
  const { cell } = found;
  if (cell === null) return not('it is null');
  const text = String(cell);
  const isEqual = equals === null || isSame(cell, typeof equals === 'string' ? of(equals) : equals);
  return { ok: isEqual && (expression === null || isMet(expression, values, cell)), seen: text };
}

function byMatcher(matcher: Matcher, seen: Seen, values: Values): Judged {
  const of = (text: string): string => fill(text, (name) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return value === undefined ? unknownText(name, null) : valueText(value);
  });
  switch (matcher.kind) {
    case 'exit':
      return { ok: seen.exitStatus !== null && matcher.codes.includes(seen.exitStatus), seen: seen.exitStatus === null ? 'no exit status' : `exit status ${seen.exitStatus}` };
    case 'status':
      return { ok: seen.status !== null && matcher.codes.includes(seen.status), seen: seen.status === null ? `no answer${seen.stderr.trim() === '' ? '' : `: ${seen.stderr}`}` : `status ${seen.status}` };
    case 'matches':
    case 'not-matches':
      return byPattern(matcher, seen, values);
    case 'equals': {
      const text = textOf(seen).trim();
      if (text === '') return { ok: matcher.value === '' && seen.exitStatus !== null, seen: 'nothing' };
      return { ok: !seen.truncated && isSame(text, typeof matcher.value === 'string' ? of(matcher.value) : matcher.value), seen: text };
    }
    case 'number': {
      const number = typeof seen.answer === 'number' ? seen.answer : firstNumber(textOf(seen));
      return number === null ? not(textOf(seen).trim() === '' ? nothing : `there is no number in it: "${short(textOf(seen)).slice(0, 120)}"`) : { ok: isMet(matcher.expression, values, number), seen: String(number) };
    }
    case 'json':
      return byJson(matcher, seen, of);
    case 'cell':
      return byCell(matcher, seen, values, of);
    case 'rows':
      return seen.rows === null ? not('there is no table of rows') : { ok: isMet(matcher.expression, values, seen.rows.count), seen: `${seen.rows.count} ${seen.rows.count === 1 ? 'row' : 'rows'}` };
    case 'expr': {
      const scope = seen.answer === null ? values : { ...values, answer: seen.answer };
      const parsed = parseExpression(matcher.expression);
      const names = 'problem' in parsed ? [] : parsed.names;
      const shown = names.map((name) => `${name} is ${Object.hasOwn(scope, name) ? valueText(scope[name] ?? '') : 'not known'}`).join(', ');
      return { ok: isTrue(matcher.expression, scope), seen: shown === '' ? matcher.expression : shown };
    }
  }
}

/** What is expected of any action of a kind, unless the runbook says otherwise. */
function implicit(expectations: readonly Expectation[], seen: Seen): Verdict | null {
  const said = seen.stderr.trim() === '' ? '' : `: ${seen.stderr}`;
  const has = (kind: Matcher['kind']): boolean => expectations.some(({ matcher }) => matcher.kind === kind);
  const { exitStatus, status } = seen;
  if (seen.kind === 'sh' && !has('exit')) return { say: 'It exited with 0', ok: exitStatus === 0, seen: exitStatus === null ? 'no exit status' : `exit status ${exitStatus}${exitStatus === 0 ? '' : said}` };
  if (seen.kind === 'sql') return { say: 'It ran without an error', ok: seen.rows !== null && (exitStatus === null || exitStatus === 0), seen: exitStatus !== null && exitStatus !== 0 ? `an error${said}` : seen.rows === null ? 'no answer' : `${seen.rows.count} ${seen.rows.count === 1 ? 'row' : 'rows'}` };
  if (seen.kind === 'http' && !has('status')) return { say: 'It answered with a status of 2xx', ok: status !== null && status >= 200 && status < 300, seen: status === null ? `no answer${said}` : `status ${status}` };
  if (seen.kind === 'transfer') return { say: 'It arrived whole', ok: exitStatus === 0, seen: exitStatus === 0 ? 'yes' : `no${said}` };
  return null;
}

/**
 * One verdict for each expectation, in order; those that go without saying come first.
 * @param values parameters, and what was captured: for expressions and for `{{ }}` in what is compared
 */
export function judge(expectations: readonly Expectation[], seen: Seen, values: Values): readonly Verdict[] {
  const first = implicit(expectations, seen);
  const verdicts = expectations.map(({ matcher, say }): Verdict => {
    try {
      const { ok, seen: found } = byMatcher(matcher, seen, values);
      return { say, ok, seen: short(found) };
    } catch (error) {
      if (!hasCode(error, 'runbook.value-invalid') || !isPilothouseError(error)) throw error;
      return { say, ok: false, seen: short(error.message) };
    }
  });
  return first === null ? verdicts : [{ ...first, seen: short(first.seen) }, ...verdicts];
}

type Found = { raw: Value } | { fault: string };

function captured({ name, from, type }: Capture, seen: Seen, values: Values): Found {
  if (from.kind === 'regex') {
    const compiled = compilePattern(from.pattern, (each) => (Object.hasOwn(values, each) ? (values[each] ?? null) : null));
    if ('problem' in compiled) return { fault: `"${name}" cannot be looked for. ${compiled.problem}` };
    const { text } = lookedAt(textOf(seen));
    const all = [...text.matchAll(new RegExp(compiled.pattern.source, `${compiled.pattern.flags}g`))].map((found) => found[1] ?? found[0]);
    if (all[0] === undefined) return { fault: `"${name}" was not found: nothing matches ${from.pattern} in "${short(text).slice(0, 120)}".` };
    return { raw: type === 'list' ? all : all[0] };
  }
  if (from.kind === 'cell') {
    const found = cellOf(seen, from.column);
    if ('problem' in found) return { fault: `"${name}" was not found: ${found.problem}.` };
    return found.cell === null ? { fault: `"${name}" was not found: it is null.` } : { raw: found.cell };
  }
  const path = parseJsonPath(from.path);
  if ('problem' in path) return { fault: `"${name}" cannot be looked for. ${path.problem}` };
  const read = readJson(seen);
  if ('problem' in read) return { fault: `"${name}" was not found: ${read.problem}.` };
  const found = findInJson(read.json, path.path).map(plainOf).filter((each) => each !== null);
  const [first] = found;
  if (first === undefined) return { fault: `"${name}" was not found: ${from.path} leads to nothing.` };
  if (type !== 'list' && found.length > 1) return { fault: `"${name}" is not clear: ${from.path} leads to ${found.length} values.` };
  return { raw: type === 'list' ? found.map(String) : first };
}

/** Takes values out of what came back, for the steps behind. All of them, or the first fault in words. */
export function capture(captures: readonly Capture[], seen: Seen, values: Values): { captured: Readonly<Record<string, Value>> } | { fault: string } {
  const all: Record<string, Value> = {};
  for (const each of captures) {
    const found = captured(each, seen, values);
    if ('fault' in found) return found;
    const read = each.type === 'enum' ? { value: found.raw } : readValue(each.type, found.raw, `"${each.name}", which was found as "${short(valueText(found.raw)).slice(0, 80)}",`);
    if ('fault' in read) return { fault: read.fault };
    all[each.name] = read.value;
  }
  return { captured: all };
}
