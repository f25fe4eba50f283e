/**
 * Regular expressions that an author writes. They are JavaScript's, by line (`^` and `$` are those of a line), with
 * `(?i)`, `(?s)` and `(?m)` in front where wanted (the last one says what holds anyway). A value in one is a text:
 * `^{{ backend }}=(\d+)$` finds exactly that name; of a list it finds any.
 *
 * What could take for ever is refused where it is written: something repeated without end inside something repeated
 * (`(a+)+`), choices that begin alike and are repeated (`(a|ab)*`), and `.*` in front, which finds the same without it.
 * Looked at are the first 64 and the last 192 KiB of a text.
 */
import type { Value } from './definition.ts';
import { templateParts } from './template.ts';

const headChars = 64 * 1024;
const tailChars = 192 * 1024;
/** Characters of a pattern. */
const longest = 2000;

/** What of a text is looked at, and whether that is less than all of it. */
export function lookedAt(text: string): { text: string; isCut: boolean } {
  if (text.length <= headChars + tailChars) return { text, isCut: false };
  return { text: `${text.slice(0, headChars)}\n${text.slice(-tailChars)}`, isCut: true };
}

/** A text as a pattern that finds it. The first sign is written by its number, so that it joins nothing in front. */
function literally(text: string): string {
  const escaped = text.replaceAll(/[\\^$.*+?()[\]{}|/,\-=<>#&!%:;@~'"`]/g, String.raw`\$&`);
  return /^[A-Za-z0-9]/.test(escaped) ? `\\x${escaped.charCodeAt(0).toString(16)}${escaped.slice(1)}` : escaped;
}

const valuePattern = (value: Value): string => (typeof value === 'object' ? (value.length === 0 ? '(?!)' : `(?:${value.map(literally).join('|')})`) : literally(String(value)));

/** One level of brackets, as it is read. */
interface Group {
  /** Whether something in it is repeated without end. */
  repeats: boolean;
  /** How each choice begins; null where that is no plain sign. */
  begins: (string | null)[];
  isFresh: boolean;
}

/** Behind a set of characters. */
function afterClass(pattern: string, from: number): number {
  for (let at = from + 1; at < pattern.length; at += 1) {
    if (pattern[at] === '\\') at += 1;
    else if (pattern[at] === ']') return at + 1;
  }
  return pattern.length;
}

/** Why a pattern may take for ever; null where nothing says so. */
function whySlow(pattern: string): string | null {
  if (/^(?:\(\?:)?\.[*+]/.test(pattern)) return 'It begins with .* or .+, which makes it slow and finds nothing more: leave that away.';
  const open: Group[] = [{ repeats: false, begins: [], isFresh: true }];
  let last: Group | null = null;
  for (let at = 0; at < pattern.length; ) {
    const group = open.at(-1);
    if (group === undefined) return null;
    const sign = pattern[at] ?? '';
    const quantifier = /^(?:[*+]|\{\d+,\}|\{\d*,?\d+\})[?+]?/.exec(pattern.slice(at, at + 12))?.[0];
    if (quantifier !== undefined) {
      const most = quantifier.startsWith('{') ? Number(/(\d+)\}/.exec(quantifier)?.[1] ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
      if (last !== null && most > 1) {
        if (last.repeats) return 'Something that is repeated without end is repeated once more, as in (a+)+, which can take for ever. Repeat one of them alone.';
        if (last.begins.length > 1 && (last.begins.includes(null) || new Set(last.begins).size < last.begins.length)) return 'Choices that may begin alike are repeated, as in (a|ab)*, which can take for ever. Let each begin with another sign, or do not repeat them.';
      }
      if (most > 20) group.repeats = true;
      last = null;
      at += quantifier.length;
      continue;
    }
    let next = at + 1;
    let begins: string | null = null;
    last = null;
    if (sign === '(') {
      const kind = /^\((?:\?(?::|[=!]|<[=!]|<\w+>))?/.exec(pattern.slice(at, at + 80))?.[0] ?? '(';
      open.push({ repeats: false, begins: [], isFresh: true });
      if (group.isFresh) group.begins.push(null);
      group.isFresh = false;
      at += kind.length;
      continue;
    }
    if (sign === ')') {
      const closed = open.pop();
      const outer = open.at(-1);
      if (closed !== undefined && outer !== undefined) {
        last = closed;
        outer.repeats ||= closed.repeats;
      }
      at = next;
      continue;
    }
    if (sign === '|') {
      if (group.isFresh) group.begins.push(null);
      group.isFresh = true;
      at = next;
      continue;
    }
    if (sign === '\\') next = at + 2;
    else if (sign === '[') next = afterClass(pattern, at);
    else if (/[\w "'<>=:;,@#%&~/-]/.test(sign)) begins = sign;
    if (sign === '\\' && /[^A-Za-z0-9]/.test(pattern[at + 1] ?? '')) begins = pattern[at + 1] ?? null;
    if (group.isFresh) group.begins.push(begins);
    group.isFresh = false;
    at = next;
  }
  return null;
}

/** Null: the value is not known. Then the pattern cannot be compiled, but it can be checked. */
export type ValueOf = (name: string) => Value | null;

/**
 * Compiles a pattern with its values. `problem` says why it cannot be: what is wrong in it, or which value is not known.
 * @param isWhole whether it has to match all of a text, as that of a parameter
 */
export function compilePattern(pattern: string, of: ValueOf, isWhole = false): { pattern: RegExp } | { problem: string } {
  if (pattern.length > longest) return { problem: `This pattern is longer than ${longest} characters.` };
  const flags = /^\(\?([ims]+)\)/.exec(pattern);
  const body = flags === null ? pattern : pattern.slice(flags[0].length);
  if (body === '') return { problem: 'This pattern is empty, and an empty one matches everything.' };
  let source = '';
  for (const part of templateParts(body)) {
    if (part.kind === 'fault') return { problem: part.message };
    if (part.kind === 'text') source += part.text;
    if (part.kind === 'braces') source += String.raw`\{\{`;
    if (part.kind !== 'use') continue;
    const value = of(part.name);
    if (value === null) return { problem: `"${part.name}" has no value.` };
    source += valuePattern(value);
  }
  const slow = whySlow(body.replaceAll(/\{\{[^{}]*\}\}/g, 'v'));
  if (slow !== null) return { problem: slow };
  const names = ['i', 's'].filter((flag) => flags?.[1]?.includes(flag) === true).join('');
  try {
    return { pattern: isWhole ? new RegExp(`^(?:${source})$`, names) : new RegExp(source, `m${names}`) };
  } catch (error) {
    const said = error instanceof Error ? error.message.replace(/^Invalid regular expression: \/.*\/[a-z]*: /s, '') : String(error);
    return { problem: `This is no regular expression: ${said}.${/\(\?[a-zA-Z]+\)/.test(source) ? ' (?i) may only stand in front.' : ''}` };
  }
}

/** What is wrong in a pattern, whatever its values are; null where nothing is. */
export function problemOfPattern(pattern: string): string | null {
  const compiled = compilePattern(pattern, () => 'value');
  return 'problem' in compiled ? compiled.problem : null;
}
