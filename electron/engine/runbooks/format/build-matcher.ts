/** What is expected, and the sentence that says it where the author wrote none. */
import type { Capture, Expectation, Matcher } from '#shared/domain/runbook/definition.ts';
import type { Faults } from './faults.ts';
import { Fields, type Piece } from './tree.ts';

const quote = (value: string | number | boolean): string => (typeof value === 'string' ? `"${value}"` : String(value));
const either = (codes: readonly number[]): string => codes.join(' or ');

/** @returns null where there is none, or one that was refused */
export function buildMatcher(fields: Fields, faults: Faults): Matcher | null {
  const equals = fields.scalar('equals');
  const number = fields.text('number');
  const text = (name: string): string | null => fields.text(name);
  const pattern = text('matches') ?? text('not_matches');
  if (pattern !== null) return { kind: fields.has('matches') ? 'matches' : 'not-matches', pattern };
  const path = text('json');
  if (path !== null) {
    const all = fields.scalar('all');
    if (all !== null && equals !== null) faults.add(fields.keyOf('equals'), { rule: 'two-of-one', message: 'json has all and equals, of which only one can be. Remove one, or make two of it.' });
    return { kind: 'json', path, all, equals };
  }
  if (fields.has('all')) faults.add(fields.keyOf('all'), { rule: 'missing', message: '"all" goes with json, which finds what is looked at. Write json: with a path.' });
  if (fields.has('cell')) {
    const cell = fields.scalar('cell');
    if (cell === null) return null;
    if (equals === null && number === null) faults.add(fields.keyOf('cell'), { rule: 'missing', message: 'cell says which column is looked at, but not for what. Write equals or number beside it.' });
    if (equals !== null && number !== null) faults.add(fields.keyOf('number'), { rule: 'two-of-one', message: 'cell has equals and number, of which only one can be. Remove one, or make two of it.' });
    return { kind: 'cell', column: typeof cell === 'string' ? cell : null, equals, expression: number };
  }
  if (fields.has('rows')) return { kind: 'rows', expression: text('rows') ?? '' };
  if (fields.has('expr')) return { kind: 'expr', expression: text('expr') ?? '' };
  if (fields.has('exit')) return { kind: 'exit', codes: fields.numbers('exit') };
  if (fields.has('status')) return { kind: 'status', codes: fields.numbers('status') };
  if (number !== null) return { kind: 'number', expression: number };
  return equals === null ? null : { kind: 'equals', value: equals };
}

/** One sentence without a full stop. */
export function sentenceOf(matcher: Matcher): string {
  switch (matcher.kind) {
    case 'matches':
      return `The output matches ${matcher.pattern}`;
    case 'not-matches':
      return `The output does not match ${matcher.pattern}`;
    case 'equals':
      return `It is ${quote(matcher.value)}`;
    case 'number':
      return `Of the figure: ${matcher.expression}`;
    case 'json':
      if (matcher.all !== null) return `All of ${matcher.path} is ${quote(matcher.all)}`;
      return matcher.equals === null ? `${matcher.path} is there` : `${matcher.path} is ${quote(matcher.equals)}`;
    case 'cell': {
      const cell = matcher.column ?? 'The first cell';
      if (matcher.equals !== null) return `${cell} is ${quote(matcher.equals)}`;
      return `Of ${matcher.column ?? 'the first cell'}: ${matcher.expression ?? 'there is one'}`;
    }
    case 'rows':
      return `Of the number of rows: ${matcher.expression}`;
    case 'exit':
      return `The exit status is ${either(matcher.codes)}`;
    case 'status':
      return `It answers ${either(matcher.codes)}`;
    case 'expr':
      return matcher.expression;
    default:
      return matcher satisfies never;
  }
}

export function buildExpectations(items: readonly Piece[], faults: Faults): Expectation[] {
  return items.flatMap((item) => {
    const fields = new Fields(item);
    const matcher = buildMatcher(fields, faults);
    return matcher === null ? [] : [{ matcher, say: fields.text('say') ?? sentenceOf(matcher), line: faults.source.lineOf(fields.span.from) }];
  });
}

export function buildCaptures(step: Fields, faults: Faults): Capture[] {
  return step.named('capture').flatMap(([name, fields, { key }]) => {
    const regex = fields.text('regex');
    const json = fields.text('json');
    const cell = fields.scalar('cell');
    const from: Capture['from'] | null = regex !== null ? { kind: 'regex', pattern: regex } : json !== null ? { kind: 'json', path: json } : cell !== null ? { kind: 'cell', column: typeof cell === 'string' ? cell : null } : null;
    return from === null ? [] : [{ name, from, type: (fields.text('type') ?? 'string') as Capture['type'], line: faults.source.lineOf(key.from) }];
  });
}
