/**
 * What can be written at a place of a runbook: fields, words of fields that have few, names of targets, parameters and
 * steps, and values in braces. It looks at lines and their indentation, since what is being written is seldom whole. Pure.
 */
import { builtInNames } from '#shared/domain/runbook/params.ts';
import { shapeIn, type Field, type FieldType, type Shape } from './field-types.ts';
import { shapes } from './shapes.ts';

export interface Completion {
  label: string;
  /** What it is, in a few words. */
  detail: string;
  /** What is written for it, where that is more than the label. */
  apply?: string;
}

export interface Completions {
  /** From where what is written already is replaced. */
  from: number;
  options: Completion[];
}

/** What a place is within: the fields of a shape, or names that the author chooses, of values of a type. */
type Place = { kind: 'shape'; shape: Shape } | { kind: 'names'; of: FieldType } | { kind: 'value'; field: Field } | null;

/** A line that opens something, from the outermost in. */
interface Opening {
  indent: number;
  key: string;
}

const keyLine = /^(\s*)((?:- +)*)(?:(?:"([^"]*)"|'([^']*)'|([^\s:#'"{}[\],][^:#{}[\],]*)) *:(?=\s|$))?/;

/** The keys around a line, by indentation. */
function openings(lines: readonly string[], at: number, indent: number): Opening[] {
  const found: Opening[] = [];
  let limit = indent;
  for (let index = at - 1; index >= 0 && limit > 0; index--) {
    const line = lines[index] ?? '';
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    const match = keyLine.exec(line);
    const [, space = '', dashes = ''] = match ?? [];
    const key = match?.[3] ?? match?.[4] ?? match?.[5];
    const column = space.length + dashes.length;
    if (column < limit && key !== undefined) {
      found.unshift({ indent: column, key });
      limit = column;
    }
    // A list may stand in the column of what it belongs to.
    if (dashes !== '' && space.length < limit) limit = space.length + 1;
  }
  return found;
}

function typeWithin(type: FieldType): Place {
  if (type.kind === 'shape') return { kind: 'shape', shape: shapeIn(shapes, type.shape) };
  if (type.kind === 'record') return { kind: 'names', of: type.of };
  if (type.kind === 'list' || type.kind === 'some') return typeWithin(type.of);
  return null;
}

function below(place: Place, key: string): { place: Place; field: Field | null } {
  if (place?.kind === 'names') return { place: typeWithin(place.of), field: null };
  const field = place?.kind === 'shape' && Object.hasOwn(place.shape.fields, key) ? (place.shape.fields[key] ?? null) : null;
  return { place: field === null ? null : typeWithin(field.type), field };
}

/** Brackets that are open before the place on its line, with the key before each. */
function openBrackets(before: string): { key: string | null; from: number; list: boolean }[] {
  const open: { key: string | null; from: number; list: boolean }[] = [];
  let quote = '';
  for (let at = 0; at < before.length; at++) {
    const sign = before[at] ?? '';
    if (quote !== '') {
      if (sign === '\\' && quote === '"') at++;
      else if (sign === quote) quote = '';
    } else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '{' || sign === '[') {
      const key = /(?:^|[\s{[,])["']?([^\s"'{}[\],:]+)["']? *: *$/.exec(before.slice(0, at))?.[1] ?? null;
      open.push({ key, from: at + 1, list: sign === '[' });
    } else if (sign === '}' || sign === ']') open.pop();
  }
  return open;
}

const firstSentence = (docs: string): string => docs.slice(0, docs.indexOf('.') === -1 ? undefined : docs.indexOf('.') + 1);

function keysOf(shape: Shape, taken: ReadonlySet<string>, rest: string): Completion[] {
  const isThere = /^["']?\s*:/.test(rest);
  return Object.entries(shape.fields).flatMap(([name, field]) => (taken.has(name) ? [] : [{ label: name, detail: `${field.required === true ? 'needed. ' : ''}${firstSentence(field.docs)}`, ...(isThere ? {} : { apply: `${name}: ` }) }]));
}

/** Names that the text declares, found by their form alone. */
function declared(lines: readonly string[], section: 'targets' | 'params'): { name: string; detail: string }[] {
  const start = lines.findIndex((line) => new RegExp(`^${section}:`).test(line));
  if (start === -1) return [];
  const inline = /\{(.*)\}\s*$/.exec(lines[start] ?? '')?.[1];
  if (inline !== undefined) return [...inline.matchAll(/(?:^|,)\s*([a-z_][\w-]*)\s*:\s*\{([^{}]*)/g)].map(([, name = '', detail = '']) => ({ name, detail: detail.trim() }));
  const found: { name: string; detail: string }[] = [];
  let indent = -1;
  for (const line of lines.slice(start + 1)) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    const space = line.length - line.trimStart().length;
    if (space === 0) break;
    if (indent === -1) indent = space;
    const match = space === indent ? /^\s*([a-z_][\w-]*)\s*:\s*(?:\{\s*)?(.*?)\}?\s*$/.exec(line) : null;
    if (match?.[1] !== undefined) found.push({ name: match[1], detail: match[2] ?? '' });
  }
  return found;
}

const stepsOf = (text: string): { name: string; detail: string }[] =>
  [...text.matchAll(/^\s*- (?:\{ *)?(?:\n\s*)?id: *([a-z0-9-]+)(?:[,\n] *title: *"?([^",\n}]*))?/gm)].map(([, name = '', detail = '']) => ({ name, detail: detail.trim() }));

function capturedOf(text: string): { name: string; detail: string }[] {
  return [...text.matchAll(/(?:^\s*|\{ *|, *)([a-z][a-z0-9_]*) *: *\{ *(?:regex|json|cell) *:/gm)].map(([, name = '']) => ({ name, detail: 'captured' }));
}

function valuesOf(text: string, lines: readonly string[]): Completion[] {
  const all = [...declared(lines, 'params'), ...capturedOf(text), { name: 'item', detail: 'what for_each is at' }, ...builtInNames.map((name) => ({ name, detail: 'built-in' }))];
  return all.map(({ name, detail }) => ({ label: name, detail: detail.slice(0, 80) }));
}

function wordsOf(field: Field, text: string, lines: readonly string[]): Completion[] {
  const plain = (found: readonly { name: string; detail: string }[]): Completion[] => found.map(({ name, detail }) => ({ label: name, detail: detail.slice(0, 80) }));
  if (field.refers === 'target') return plain(declared(lines, 'targets'));
  if (field.refers === 'param') return plain(declared(lines, 'params').filter(({ detail }) => /type: *list/.test(detail)));
  if (field.refers === 'step') return plain(stepsOf(text));
  const words = (type: FieldType): string[] => {
    if (type.kind === 'enum') return [...type.values];
    if (type.kind === 'bool') return ['true', 'false'];
    if (type.kind === 'true') return ['true'];
    if (type.kind === 'duration') return ['30s', '5m', '1h', '1d'];
    if (type.kind === 'list' || type.kind === 'some') return words(type.of);
    return type.kind === 'either' ? type.of.flatMap(words) : [];
  };
  return words(field.type).map((label) => ({ label, detail: firstSentence(field.docs) }));
}

/** Fields of the same group of lines, or of the same brackets, that are there already. */
function takenIn(lines: readonly string[], at: number, indent: number): Set<string> {
  const taken = new Set<string>();
  const look = (from: number, by: 1 | -1): void => {
    for (let index = from; index >= 0 && index < lines.length; index += by) {
      const line = lines[index] ?? '';
      if (line.trim() === '') continue;
      const match = keyLine.exec(line);
      const [, space = '', dashes = ''] = match ?? [];
      const column = space.length + dashes.length;
      const isNewItem = dashes !== '' && column === indent;
      if (by === 1 && isNewItem) return;
      if (column < indent) return;
      const key = match?.[5] ?? match?.[3];
      if (column === indent && key !== undefined) taken.add(key);
      if (isNewItem) return;
    }
  };
  const here = lines[at] ?? '';
  if (!/^\s*- /.test(here)) look(at - 1, -1);
  look(at + 1, 1);
  return taken;
}

/** @param offset where the cursor stands, counted from 0 */
export function completionsAt(text: string, offset: number): Completions {
  const at = Math.max(0, Math.min(offset, text.length));
  const head = text.slice(0, at);
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  const row = head.split('\n').length - 1;
  const lineStart = head.lastIndexOf('\n') + 1;
  const before = head.slice(lineStart);
  const rest = (lines[row] ?? '').slice(before.length);
  const nothing: Completions = { from: at, options: [] };

  const braces = /\{\{\s*(\w*)$/.exec(before);
  if (braces !== null) {
    const isClosed = /^\s*(?:\||\}\})/.test(rest);
    return { from: at - (braces[1] ?? '').length, options: valuesOf(text, lines).map((option) => ({ ...option, ...(isClosed ? {} : { apply: `${option.label} }}` }) })) };
  }

  const lineKey = keyLine.exec(before);
  const indent = (lineKey?.[1] ?? '').length + (lineKey?.[2] ?? '').length;
  let place = { kind: 'shape', shape: shapes.runbook } as Place;
  let field = null as Field | null;
  const enter = (key: string): void => {
    ({ place, field } = below(place, key));
  };
  for (const { key } of openings(lines, row, indent)) enter(key);
  const brackets = openBrackets(before);
  const firstKey = lineKey?.[3] ?? lineKey?.[4] ?? lineKey?.[5];
  if (firstKey !== undefined && (brackets.length === 0 || brackets[0]?.key === null)) {
    // Only a value follows.
    const { field: own } = below(place, firstKey);
    return own === null ? nothing : { from: at - (/[\w.-]*$/.exec(before)?.[0] ?? '').length, options: wordsOf(own, text, lines) };
  }
  for (const { key } of brackets) if (key !== null) enter(key);
  const inner = before.slice(brackets.at(-1)?.from ?? indent);
  const piece = brackets.length === 0 ? inner : inner.slice(Math.max(inner.lastIndexOf(','), inner.lastIndexOf('[')) + 1);
  const word = /[\w.-]*$/.exec(piece)?.[0] ?? '';
  const own = /^\s*["']?([\w-]+)["']?\s*:\s/.exec(piece)?.[1];
  if (own !== undefined) {
    const { field: named } = below(place, own);
    // Of names that the author chooses the field around them says what a value is: choices of decide.
    const meant = named ?? (place?.kind === 'names' ? field : null);
    return meant === null ? nothing : { from: at - word.length, options: wordsOf(meant, text, lines) };
  }
  if (place?.kind === 'shape') {
    const taken = brackets.length > 0 ? new Set([...inner.matchAll(/(?:^|,)\s*([\w-]+)\s*:/g)].map(([, name = '']) => name)) : takenIn(lines, row, indent);
    return { from: at - word.length, options: keysOf(place.shape, taken, rest) };
  }
  return field === null ? nothing : { from: at - word.length, options: wordsOf(field, text, lines) };
}

