/**
 * The small language of `when`, `expr`, `number` and `rows`: `not a == 'x' and (n <= 3 or kind in ['p', 'q'])`.
 * It is read into a tree and walked, never run as code.
 *
 *   either     = both { "or" both }
 *   both       = no { "and" no }
 *   no         = "not" no | comparison
 *   comparison = operand [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in" ) operand ]
 *   operand    = number | 'text' | "text" | true | false | name | "[" [ literal { "," literal } ] "]" | "(" either ")"
 *
 * In texts `\'`, `\"`, `\\`, `\n` and `\t` stand for the character. `in` looks for a thing in a list, or for a text in a text.
 */
import { PilothouseError } from '../errors.ts';
import type { Value } from './definition.ts';

export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in';
type Plain = string | number | boolean;

export type Expression =
  | { kind: 'literal'; value: Plain | readonly Plain[] }
  | { kind: 'name'; name: string }
  | { kind: 'not'; of: Expression }
  | { kind: 'and' | 'or'; left: Expression; right: Expression }
  | { kind: 'compare'; operator: Operator; left: Expression; right: Expression };

/** `at` counts UTF-16 units from 0. */
export type ParsedExpression = { expression: Expression; names: readonly string[] } | { problem: string; at: number };

/** Characters of an expression, and how deep brackets and `not` may be nested. */
const longest = 2000;
const deepest = 40;

interface Token {
  kind: 'number' | 'text' | 'word' | 'sign' | 'end';
  /** As it stands; of a text what it means. */
  text: string;
  at: number;
}

/** What is thrown within this file alone. */
class Unreadable extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', '\\': '\\', "'": "'", '"': '"' };

function readText(text: string, from: number): { token: Token; to: number } {
  const quote = text[from];
  let value = '';
  for (let at = from + 1; at < text.length; at += 1) {
    const sign = text[at] ?? '';
    if (sign === quote) return { token: { kind: 'text', text: value, at: from }, to: at + 1 };
    if (sign === '\\') {
      at += 1;
      const escaped = escapes[text[at] ?? ''];
      if (escaped === undefined) throw new Unreadable(String.raw`After \ only ' " \ n and t are known here.`, at - 1);
      value += escaped;
    } else value += sign;
  }
  throw new Unreadable('This text is not closed: its other quotation mark is missing.', from);
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at);
    const space = /^\s+/.exec(rest)?.[0];
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    if (rest.startsWith("'") || rest.startsWith('"')) {
      const { token, to } = readText(text, at);
      tokens.push(token);
      at = to;
      continue;
    }
    const number = /^-?\d+(?:\.\d+)?(?![\w.])/.exec(rest)?.[0];
    const word = /^[A-Za-z_]\w*/.exec(rest)?.[0];
    const sign = /^(?:==|!=|<=|>=|[<>()[\],])/.exec(rest)?.[0];
    const found = number ?? word ?? sign;
    if (found === undefined) {
      const hint = rest.startsWith('=') ? ' Equal is written ==.' : rest.startsWith('&') ? ' Write and.' : rest.startsWith('|') ? ' Write or.' : rest.startsWith('!') ? ' Write not.' : rest.startsWith('{{') ? ' Here a name stands without braces.' : '';
      throw new Unreadable(`"${[...rest][0] ?? ''}" means nothing here.${hint}`, at);
    }
    tokens.push({ kind: number !== undefined ? 'number' : word !== undefined ? 'word' : 'sign', text: found, at });
    at += found.length;
  }
  tokens.push({ kind: 'end', text: '', at: text.length });
  return tokens;
}

const keywords: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in', 'true', 'false']);
const operators: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);

function reader(tokens: readonly Token[]) {
  const names = new Set<string>();
  let next = 0;
  let depth = 0;
  const peek = (offset = 0): Token => tokens[Math.min(next + offset, tokens.length - 1)] ?? { kind: 'end', text: '', at: 0 };
  const is = (text: string, offset = 0): boolean => (peek(offset).kind === 'word' || peek(offset).kind === 'sign') && peek(offset).text === text;
  const takes = (text: string): boolean => {
    if (!is(text)) return false;
    next += 1;
    return true;
  };
  const said = ({ kind, text }: Token): string => (kind === 'end' ? 'the end' : `"${text}"`);
  const deeper = (read: () => Expression): Expression => {
    depth += 1;
    if (depth > deepest) throw new Unreadable(`This is nested deeper than ${deepest} levels.`, peek().at);
    const found = read();
    depth -= 1;
    return found;
  };

  function literal(): Plain | null {
    const token = peek();
    let value: Plain | null = null;
    if (token.kind === 'text') value = token.text;
    else if (token.kind === 'number') value = Number(token.text);
    else if (is('true') || is('false')) value = token.text === 'true';
    if (value !== null) next += 1;
    return value;
  }

  function list(): Expression {
    const items: Plain[] = [];
    while (!takes(']')) {
      if (items.length > 0 && !takes(',')) throw new Unreadable(`A "," or a "]" was expected instead of ${said(peek())}.`, peek().at);
      const item = literal();
      if (item === null) throw new Unreadable(`A list is of texts, numbers, true and false; ${said(peek())} is none.`, peek().at);
      items.push(item);
    }
    return { kind: 'literal', value: items };
  }

  function operand(): Expression {
    const value = literal();
    if (value !== null) return { kind: 'literal', value };
    const token = peek();
    if (takes('[')) return list();
    if (takes('(')) {
      const inside = deeper(either);
      if (!takes(')')) throw new Unreadable(`A ")" was expected instead of ${said(peek())}.`, peek().at);
      return inside;
    }
    if (token.kind === 'word' && !keywords.has(token.text)) {
      next += 1;
      names.add(token.text);
      return { kind: 'name', name: token.text };
    }
    throw new Unreadable(`A value or a name was expected instead of ${said(token)}.`, token.at);
  }

  function comparison(): Expression {
    const left = operand();
    const isNot = is('not') && is('in', 1);
    if (isNot) next += 1;
    const token = peek();
    if (!(token.kind === 'sign' && operators.has(token.text)) && !is('in')) return left;
    next += 1;
    const found: Expression = { kind: 'compare', operator: token.text as Operator, left, right: operand() };
    if (operators.has(peek().text) && peek().kind === 'sign') throw new Unreadable('Two comparisons in a row are joined by and: a < b and b < c.', peek().at);
    return isNot ? { kind: 'not', of: found } : found;
  }

  function no(): Expression {
    return takes('not') ? { kind: 'not', of: deeper(no) } : comparison();
  }

  function both(): Expression {
    let left = no();
    while (takes('and')) left = { kind: 'and', left, right: no() };
    return left;
  }

  function either(): Expression {
    let left = both();
    while (takes('or')) left = { kind: 'or', left, right: both() };
    return left;
  }

  return {
    all(): { expression: Expression; names: readonly string[] } {
      const expression = either();
      if (peek().kind !== 'end') throw new Unreadable(`The end, and, or or was expected instead of ${said(peek())}.`, peek().at);
      return { expression, names: [...names] };
    },
  };
}

/** Reads an expression. The names in it are those of values, in the order in which they come. */
export function parseExpression(text: string): ParsedExpression {
  if (text.trim() === '') return { problem: 'There is nothing to compare.', at: 0 };
  if (text.length > longest) return { problem: `This is longer than ${longest} characters.`, at: longest };
  try {
    return reader(tokensOf(text)).all();
  } catch (error) {
    if (error instanceof Unreadable) return { problem: error.message, at: error.at };
    throw error;
  }
}

const cannot = (message: string): PilothouseError => new PilothouseError('runbook.value-invalid', message, { hint: 'Look at the expression in the runbook, and at the values.' });
const kindOf = (value: Plain | readonly Plain[]): string => (typeof value === 'object' ? 'a list' : typeof value === 'string' ? `the text "${value.length > 60 ? `${value.slice(0, 60)}…` : value}"` : typeof value === 'number' ? `the number ${value}` : String(value));
const isNumeric = (text: string): boolean => /^\s*-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/.test(text);

/** Two things as they can be compared: texts that are numbers count as these. */
function alike(left: Plain, right: Plain): { left: Plain; right: Plain } | null {
  const numbers = [left, right].map((each) => (typeof each === 'number' ? each : typeof each === 'string' && isNumeric(each) ? Number(each) : null));
  const [a = null, b = null] = numbers;
  if (a !== null && b !== null && (typeof left === 'number' || typeof right === 'number')) return { left: a, right: b };
  return typeof left === typeof right ? { left, right } : null;
}

function equal(left: Plain, right: Plain): boolean {
  const pair = alike(left, right);
  if (pair === null) throw cannot(`${kindOf(left)} cannot be compared with ${kindOf(right)}.`);
  return pair.left === pair.right;
}

function contains(item: Plain | readonly Plain[], whole: Plain | readonly Plain[]): boolean {
  if (typeof item === 'object') throw cannot('A list is not looked for in anything.');
  if (typeof whole === 'object') return whole.some((each) => alike(item, each) !== null && equal(item, each));
  if (typeof whole === 'string') return whole.includes(String(item));
  throw cannot(`Nothing can be in ${kindOf(whole)}: in looks into a list or a text.`);
}

function compare(operator: Operator, left: Plain | readonly Plain[], right: Plain | readonly Plain[]): boolean {
  if (operator === 'in') return contains(left, right);
  if (typeof left === 'object' || typeof right === 'object') throw cannot('A list can only be looked into: write in.');
  if (operator === '==') return equal(left, right);
  if (operator === '!=') return !equal(left, right);
  // Of two texts that are numbers nobody means the order of letters.
  const numeric = typeof left === 'string' && typeof right === 'string' && isNumeric(left) && isNumeric(right);
  const pair = numeric ? { left: Number(left), right: Number(right) } : alike(left, right);
  if (pair === null || typeof pair.left === 'boolean' || typeof pair.right === 'boolean') throw cannot(`${kindOf(left)} is neither more nor less than ${kindOf(right)}.`);
  if (operator === '<') return pair.left < pair.right;
  if (operator === '<=') return pair.left <= pair.right;
  return operator === '>' ? pair.left > pair.right : pair.left >= pair.right;
}

function truth(value: Plain | readonly Plain[]): boolean {
  if (typeof value !== 'boolean') throw cannot(`${kindOf(value)} is neither true nor false.`);
  return value;
}

function walk(expression: Expression, values: Readonly<Record<string, Value>>): Plain | readonly Plain[] {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'name': {
      const value = Object.hasOwn(values, expression.name) ? values[expression.name] : undefined;
      if (value === undefined) throw cannot(`"${expression.name}" has no value.`);
      return value;
    }
    case 'not':
      return !truth(walk(expression.of, values));
    // What stands behind is looked at only where it matters: it may be about a value that is not there then.
    case 'and':
      return truth(walk(expression.left, values)) && truth(walk(expression.right, values));
    case 'or':
      return truth(walk(expression.left, values)) || truth(walk(expression.right, values));
    case 'compare':
      return compare(expression.operator, walk(expression.left, values), walk(expression.right, values));
  }
}

/**
 * What an expression comes to.
 * @throws runbook.value-invalid for a name without a value, and for what cannot be compared
 */
export function evaluate(expression: Expression, values: Readonly<Record<string, Value>>): Value {
  const found = walk(expression, values);
  return typeof found === 'object' ? found.map(String) : found;
}

/**
 * Whether a text of this language is true.
 * @throws runbook.value-invalid as `evaluate`, and where it cannot be read or comes to something else
 */
export function isTrue(text: string, values: Readonly<Record<string, Value>>): boolean {
  const parsed = parseExpression(text);
  if ('problem' in parsed) throw cannot(`"${text}" cannot be read: ${parsed.problem}`);
  return truth(walk(parsed.expression, values));
}
