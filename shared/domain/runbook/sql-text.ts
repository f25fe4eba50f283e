/**
 * Statements of Postgres: where their strings, names and comments are, so that `:name` is found where it is a value and
 * nowhere else. Values are bound, never pasted; `{{ table | ident }}` stands for a quoted name. Pure.
 * Source: "Lexical Structure" of Postgres's manual; backslashes count in E'' alone (standard_conforming_strings).
 */
import type { Value } from './definition.ts';
import { templateParts, type TemplatePart } from './template.ts';

type TokenKind = 'space' | 'comment' | 'string' | 'name' | 'word' | 'number' | 'bind' | 'positional' | 'sign' | 'template';

export interface SqlToken {
  kind: TokenKind;
  from: number;
  to: number;
}

export interface BindUse {
  name: string;
  from: number;
  to: number;
}

/** Behind the end of a text in quotes; doubled ones stay inside. */
function afterQuotes(sql: string, from: number, quote: string, backslashes: boolean): number {
  for (let at = from + 1; at < sql.length; at += 1) {
    if (backslashes && sql[at] === '\\') at += 1;
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1;
      at += 1;
    }
  }
  return sql.length;
}

/** Comments are nested. */
function afterComment(sql: string, from: number): number {
  let depth = 0;
  for (let at = from; at < sql.length; ) {
    const two = sql.slice(at, at + 2);
    if (two === '/*') depth += 1;
    if (two === '*/') depth -= 1;
    at += two === '/*' || two === '*/' ? 2 : 1;
    if (depth === 0) return at;
  }
  return sql.length;
}

const rules: readonly { kind: TokenKind; pattern: RegExp }[] = [
  { kind: 'space', pattern: /\s+/y },
  { kind: 'comment', pattern: /--[^\n\r]*/y },
  { kind: 'word', pattern: /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y },
  { kind: 'number', pattern: /\d[\w.]*/y },
  { kind: 'positional', pattern: /\$\d+/y },
  { kind: 'sign', pattern: /::|:=/y },
  { kind: 'bind', pattern: /:[A-Za-z_]\w*/y },
];

function tokenAt(sql: string, at: number, isSlice: boolean): SqlToken {
  const rest = sql.slice(at, at + 80);
  if (rest.startsWith('/*')) return { kind: 'comment', from: at, to: afterComment(sql, at) };
  const prefix = /^(?:[eE]|[uU]&|[bBxXnN])?'/.exec(rest)?.[0];
  if (prefix !== undefined) return { kind: 'string', from: at, to: afterQuotes(sql, at + prefix.length - 1, "'", /^e/i.test(prefix)) };
  const quoted = /^(?:[uU]&)?"/.exec(rest)?.[0];
  if (quoted !== undefined) return { kind: 'name', from: at, to: afterQuotes(sql, at + quoted.length - 1, '"', false) };
  const dollar = /^\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/.exec(rest)?.[0];
  if (dollar !== undefined) {
    const end = sql.indexOf(dollar, at + dollar.length);
    return { kind: 'string', from: at, to: end === -1 ? sql.length : end + dollar.length };
  }
  for (const { kind, pattern } of rules) {
    // Between two places of an array a colon makes a slice.
    if (kind === 'bind' && isSlice) continue;
    pattern.lastIndex = at;
    const found = pattern.exec(sql)?.[0];
    if (found !== undefined) return { kind, from: at, to: at + found.length };
  }
  return { kind: 'sign', from: at, to: at + 1 };
}

/** All of a text, without gaps. What is not closed goes to the end. `{{ }}` is one token where it stands in the statement itself. */
export function sqlTokens(sql: string): readonly SqlToken[] {
  const templates = new Map(templateParts(sql).flatMap((part) => (part.kind === 'text' ? [] : [[part.from, part.to] as const])));
  const tokens: SqlToken[] = [];
  let brackets = 0;
  for (let at = 0; at < sql.length; ) {
    const template = templates.get(at);
    const before = tokens.at(-1);
    const isSlice = brackets > 0 && before !== undefined && (['word', 'number', 'name', 'bind', 'template', 'positional'].includes(before.kind) || /[)\]]/.test(sql[before.to - 1] ?? ''));
    const token: SqlToken = template === undefined ? tokenAt(sql, at, isSlice) : { kind: 'template', from: at, to: template };
    if (token.kind === 'sign') brackets = Math.max(0, brackets + (sql[at] === '[' ? 1 : sql[at] === ']' ? -1 : 0));
    tokens.push(token);
    at = token.to;
  }
  return tokens;
}

/** The values that are bound, in order; one that stands twice is there twice. In `a[lo:hi]` the colon is no value's; `a[:lo]` is a value, a slice of that is written `a[ : lo]`. */
export function bindNames(sql: string): readonly BindUse[] {
  return sqlTokens(sql).flatMap(({ kind, from, to }) => (kind === 'bind' ? [{ name: sql.slice(from + 1, to), from, to }] : []));
}

export interface SqlStatement {
  text: string;
  from: number;
  to: number;
}

/**
 * The statements of a text, without the semicolons between them and without those that say nothing. A semicolon in
 * brackets (CREATE RULE) or in a body of BEGIN ATOMIC … END ends nothing.
 */
export function splitStatements(sql: string): readonly SqlStatement[] {
  const statements: SqlStatement[] = [];
  let from: number | null = null;
  let to = 0;
  let depth = 0;
  let atomic = 0;
  let before = '';
  const end = (): void => {
    if (from !== null) statements.push({ text: sql.slice(from, to), from, to });
    from = null;
    depth = 0;
    atomic = 0;
    before = '';
  };
  for (const token of sqlTokens(sql)) {
    if (token.kind === 'space' || token.kind === 'comment') continue;
    const text = sql.slice(token.from, token.to);
    if (text === ';' && depth === 0 && atomic === 0) {
      end();
      continue;
    }
    from ??= token.from;
    to = token.to;
    if (text === '(') depth += 1;
    if (text === ')') depth = Math.max(0, depth - 1);
    if (token.kind !== 'word') continue;
    const word = text.toLowerCase();
    if ((word === 'atomic' && before === 'begin') || (atomic > 0 && word === 'case')) atomic += 1;
    if (atomic > 0 && word === 'end') atomic -= 1;
    before = word;
  }
  end();
  return statements;
}

/** A statement with `$1` … and what belongs there. */
export interface CompiledSql {
  statement: string;
  parameters: readonly (string | number | boolean)[];
}

/** A list as Postgres reads an array: `status = ANY(:wanted)`. */
const arrayText = (list: readonly string[]): string => `{${list.map((item) => `"${item.replaceAll(/["\\]/g, String.raw`\$&`)}"`).join(',')}}`;

const quotedName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Whether `{{ table | ident }}` stands by itself: what touches it would make another name of it. */
function standsAlone(sql: string, { from, to }: SqlToken): boolean {
  return !/[\w$"&'}\u0080-\uffff]/.test(sql[from - 1] ?? '') && !/[\w$"{'\u0080-\uffff]/.test(sql[to] ?? '');
}

function nameFor(part: Exclude<TemplatePart, { kind: 'text' }>, token: SqlToken, sql: string, values: Readonly<Record<string, Value>>): { text: string } | { fault: string } {
  if (part.kind === 'braces') return { text: '{{' };
  if (part.kind === 'fault') return { fault: part.message };
  if (part.filter !== 'ident') return { fault: `{{ ${part.name} }} would be pasted into the statement. Write :${part.name} for a value, {{ ${part.name} | ident }} for the name of a table or column.` };
  if (!standsAlone(sql, token)) return { fault: `{{ ${part.name} | ident }} is a whole name: nothing may touch it but a dot, a bracket or a comma.` };
  const value = Object.hasOwn(values, part.name) ? values[part.name] : undefined;
  if (value === undefined) return { fault: `"${part.name}" has no value.` };
  if (typeof value === 'object') return { fault: `"${part.name}" is a list, and a name is one word.` };
  const text = String(value);
  if (text === '' || text.includes('\0')) return { fault: `"${part.name}" is ${text === '' ? 'empty' : 'a text with a NUL character'}, which no name can be.` };
  return { text: quotedName(text) };
}

/**
 * Puts values in their places: those of `:name` go beside the statement, those of `{{ name | ident }}` into it, quoted.
 * In a comment the name of a value stands for it. Braces in a string, a quoted name or a body in `$$` are refused.
 */
export function compileSql(sql: string, values: Readonly<Record<string, Value>>): CompiledSql | { fault: string } {
  const parameters: (string | number | boolean)[] = [];
  const numbers = new Map<string, number>();
  const written = write(sql, values, (name, value) => {
    if (!numbers.has(name)) numbers.set(name, parameters.push(value));
    return `$${numbers.get(name) ?? 0}`;
  });
  return 'fault' in written ? written : { ...written, parameters };
}

/** The same as a person would type it: each value as a literal of Postgres, which it reads as it reads what is bound. */
export function sqlWithLiterals(sql: string, values: Readonly<Record<string, Value>>): { statement: string } | { fault: string } {
  return write(sql, values, (_name, value) => (typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`));
}

function write(sql: string, values: Readonly<Record<string, Value>>, bind: (name: string, value: string | number | boolean) => string): { statement: string } | { fault: string } {
  const parts = new Map(templateParts(sql).flatMap((part) => (part.kind === 'text' ? [] : [[part.from, part] as const])));
  let statement = '';
  for (const token of sqlTokens(sql)) {
    const text = sql.slice(token.from, token.to);
    const part = parts.get(token.from);
    if (token.kind === 'template' && part !== undefined) {
      const found = nameFor(part, token, sql, values);
      if ('fault' in found) return found;
      statement += found.text;
    } else if (token.kind === 'bind') {
      const name = text.slice(1);
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value === undefined) return { fault: `:${name} has no value.` };
      const sent = typeof value === 'object' ? arrayText(value) : value;
      if (typeof sent === 'string' && sent.includes('\0')) return { fault: `"${name}" has a NUL character in it, which Postgres does not take.` };
      // A number right behind a word would be read as part of it.
      statement += `${/[\w$\u0080-\uffff]/.test(statement.at(-1) ?? '') ? ' ' : ''}${bind(name, sent)}`;
    } else if (token.kind === 'positional') return { fault: `${text} is not known here. Values are written :name.` };
    else if (token.kind === 'comment' || token.kind === 'string' || token.kind === 'name') {
      const inside = templateParts(text);
      const use = inside.find((each) => each.kind === 'use');
      if (use?.kind === 'use' && token.kind !== 'comment') return { fault: `{{ ${use.name} }} stands in quotes, where its text could end them. Take the quotes away and write ${token.kind === 'name' ? `{{ ${use.name} | ident }}` : `:${use.name}`}.` };
      statement += inside.map((each) => (each.kind === 'use' ? each.name : each.kind === 'braces' ? '{{' : text.slice(each.from, each.to))).join('');
    } else statement += text;
  }
  return { statement };
}
