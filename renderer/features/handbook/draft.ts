/** An item as it stands in the fields of a form, and back. Pure. */
import { duration, durationText } from '#shared/domain/runbook/params.ts';
import { typedFigure } from '../../components/typed-figure.ts';
import type { Field } from './fields.ts';

/** By the path of a field, as text; a switch is "yes" or empty. */
export type Draft = Readonly<Record<string, string>>;
type Value = Readonly<Record<string, unknown>>;

const lines = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter((line) => line !== '');

function at(value: Value, path: string): unknown {
  return path.split('.').reduce<unknown>((part, name) => (typeof part === 'object' && part !== null ? (part as Value)[name] : undefined), value);
}

function withAt(value: Value, path: string, part: unknown): Value {
  const [name = '', ...rest] = path.split('.');
  if (rest.length === 0) return { ...value, [name]: part };
  const below = value[name];
  return { ...value, [name]: withAt(typeof below === 'object' && below !== null ? (below as Value) : {}, rest.join('.'), part) };
}

interface Span {
  days: readonly string[];
  from: string;
  to: string;
}

function textOf(field: Field, part: unknown): string {
  if (part === null || part === undefined) return '';
  switch (field.as) {
    case 'switch':
      return part === true ? 'yes' : '';
    case 'duration':
      return typeof part === 'number' ? durationText(part) : '';
    case 'lines':
      return (part as string[]).join('\n');
    case 'spans':
      return (part as Span[]).map(({ days, from, to }) => `${days.join(' ')} ${from}-${to}`).join('\n');
    case 'pairs':
      return Object.entries(part as Record<string, number>).map(([key, ms]) => `${key} ${durationText(ms)}`).join('\n');
    case 'drives': {
      const drives = part as { kind: string; check?: string; keys?: string[] };
      return drives.check !== undefined ? `check:${drives.check}` : drives.keys !== undefined ? `endpoints:${drives.keys.join(',')}` : drives.kind;
    }
    default:
      return typeof part === 'string' || typeof part === 'number' ? String(part) : '';
  }
}

export function draftOf(fields: readonly Field[], value: Value): Draft {
  return Object.fromEntries(fields.map((field) => [field.path, textOf(field, at(value, field.path))]));
}

type Read = { part: unknown } | { wrong: string };

const spanLine = /^((?:(?:MO|TU|WE|TH|FR|SA|SU)[ ,]+)+)(\d\d:\d\d) ?[-–] ?(\d\d:\d\d)$/i;

function readSpans(text: string): Read {
  const spans: Span[] = [];
  for (const line of lines(text)) {
    const [, days, from, to] = spanLine.exec(line) ?? [];
    if (days === undefined || from === undefined || to === undefined) return { wrong: `"${line}" is not a span: write MO TU WE TH FR 09:00-18:00` };
    spans.push({ days: days.trim().toUpperCase().split(/[ ,]+/), from, to });
  }
  return { part: spans };
}

function readPairs(text: string): Read {
  const pairs: Record<string, number> = {};
  for (const line of lines(text)) {
    const [, key, time] = /^([a-z0-9-]+)[ :=]+(\S+)$/.exec(line) ?? [];
    const ms = time === undefined ? null : duration(time);
    if (key === undefined || ms === null) return { wrong: `"${line}" is not a severity and a time: write critical 15m` };
    pairs[key] = ms;
  }
  return { part: pairs };
}

function readDrives(text: string): Read {
  const [kind = '', rest = ''] = text.split(':');
  if (kind === 'check') return { part: { kind, check: rest } };
  if (kind === 'endpoints') return { part: { kind, keys: rest.split(',').filter((key) => key !== '') } };
  return { part: { kind } };
}

function readField(field: Field, text: string): Read {
  const written = text.trim();
  if (written === '' && 'needed' in field && field.needed === true) return { wrong: 'This is needed' };
  switch (field.as) {
    case 'switch':
      return { part: text === 'yes' };
    case 'lines':
      return { part: lines(text) };
    case 'spans':
      return readSpans(text);
    case 'pairs':
      return readPairs(text);
    case 'drives':
      return readDrives(written);
    case 'area':
      return { part: text };
    case 'duration': {
      const ms = written === '' ? null : duration(written);
      return written !== '' && ms === null ? { wrong: 'A time such as 15m, 4h or 2d' } : { part: ms };
    }
    case 'number': {
      const figure = written === '' ? null : typedFigure(written);
      return written !== '' && figure === null ? { wrong: 'A number' } : { part: figure };
    }
    default:
      return { part: written === '' ? null : written };
  }
}

/** Texts that may be empty, and are then no text but an empty one. */
const emptyTexts: ReadonlySet<string> = new Set(['about', 'address']);

/**
 * @param before what is not among the fields is taken from it
 * @returns the value, or what is wrong by the path of its field
 */
export function valueOf(fields: readonly Field[], draft: Draft, before: Value): { value: Value } | { wrong: Readonly<Record<string, string>> } {
  const wrong: Record<string, string> = {};
  let value = before;
  for (const field of fields) {
    const read = readField(field, draft[field.path] ?? '');
    if ('wrong' in read) wrong[field.path] = read.wrong;
    else value = withAt(value, field.path, read.part === null && emptyTexts.has(field.path) ? '' : read.part);
  }
  return Object.keys(wrong).length > 0 ? { wrong } : { value };
}
