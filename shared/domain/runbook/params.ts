/** Values that a runbook is started with: read by their type, with a sentence for what does not fit. Pure. */
import type { Param, ParamType, Value } from './definition.ts';
import { isTrue, parseExpression } from './expression.ts';
import { compilePattern } from './patterns.ts';

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Milliseconds of "30s", "5m", "26h", "90d", "1d12h"; null for anything else. */
export function duration(text: string): number | null {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|min|[smhdw]))+$/.test(text)) return null;
  const sum = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|min|[smhdw])/g)].reduce((total, [, count, unit]) => total + Number(count) * (unitMs[unit ?? ''] ?? Number.NaN), 0);
  return Number.isSafeInteger(Math.round(sum)) ? Math.round(sum) : null;
}

const writtenUnits = [['d', 86_400_000], ['h', 3_600_000], ['m', 60_000], ['s', 1000], ['ms', 1]] as const;

/** How many of each unit a time is, greatest first, without those of which there is none. @param ms whole */
function durationParts(ms: number): { count: number; unit: (typeof writtenUnits)[number][0] }[] {
  let left = ms;
  return writtenUnits.flatMap(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count === 0 ? [] : [{ count, unit }];
  });
}

/** The same as `duration` reads it: "1d12h". */
export const durationText = (ms: number): string => durationParts(ms).map(({ count, unit }) => `${count}${unit}`).join('');

/** The same as people read it, to the millisecond: "1 d 12 h", "1 min 30 s". */
export const durationSpelled = (ms: number): string => durationParts(ms).map(({ count, unit }) => `${count} ${unit === 'm' ? 'min' : unit}`).join(' ');

/** A time as people say it: "26 h" of 93 600 000, "2 d 12 h", "30 s", "250 ms". Hours are said up to two days. */
export function durationWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 1) return `${Math.round(ms)} ms`;
  const pair = (unit: string, size: number, smaller: string, part: number): string => {
    const rest = Math.floor((seconds % size) / part);
    return `${Math.floor(seconds / size)} ${unit}${rest === 0 ? '' : ` ${rest} ${smaller}`}`;
  };
  if (seconds >= 172_800) return pair('d', 86_400, 'h', 3600);
  if (seconds >= 3600) return pair('h', 3600, 'min', 60);
  return seconds >= 60 ? pair('min', 60, 's', 1) : `${seconds} s`;
}

const control = /[\u0000-\u001f\u007f]/;
const ipv6 = /^(?=.*:.*:)[0-9A-Fa-f:.]+(?:%[A-Za-z0-9]+)?$/;
/** Types whose values become arguments of programs, which would take a "-" in front for an option. */
const neverOptions: ReadonlySet<ParamType> = new Set(['host', 'identifier', 'database', 'path', 'file', 'url', 'email']);

function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  if (year === undefined) return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}
const isTime = (text: string): boolean => /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?$/.test(text);
function isInstant(text: string): boolean {
  const found = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)?$/.exec(text);
  return found?.[1] !== undefined && found[2] !== undefined && isDate(found[1]) && isTime(found[2]);
}
function isZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
function whyNoUrl(text: string): string | null {
  if (!URL.canParse(text) || !/^https?:\/\//i.test(text)) return 'is an address that begins with http:// or https://';
  const url = new URL(text);
  return url.username !== '' || url.password !== '' ? 'has no account or password in it: what is sent is kept in history' : null;
}

/** What a text of a type has to be, to follow on the name of the value; null where it is. */
function whyNoText(type: ParamType, text: string): string | null {
  if (type !== 'text' && control.test(text)) return 'is one line, without control characters';
  if (text.includes('\0')) return 'has no NUL characters';
  if (neverOptions.has(type) && text.startsWith('-')) return 'does not begin with "-", which programs take for an option';
  switch (type) {
    case 'identifier':
      return /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(text) ? null : 'is of letters, digits, "_", "." and "-"';
    case 'host':
      return ipv6.test(text) || (/^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(text) && text.length <= 253) ? null : 'is the name or address of a machine: "web-1.example.com", "10.0.0.5"';
    case 'database':
      return new TextEncoder().encode(text).length <= 63 ? null : 'has at most 63 bytes';
    case 'path':
      return /^(?:\/|~\/)/.test(text) || text === '~' ? null : 'begins with "/" or "~/"';
    case 'url':
      return whyNoUrl(text);
    case 'email':
      return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text) ? null : 'is an address such as "name@example.com"';
    case 'timezone':
      return isZone(text) ? null : 'is a time zone such as "Europe/Berlin" or "UTC"';
    case 'duration':
      return duration(text) !== null ? null : 'is a time such as "30s", "5m", "26h" or "1d12h"';
    case 'date':
      return isDate(text) ? null : 'is a day such as "2026-01-31"';
    case 'time':
      return isTime(text) ? null : 'is a time of the day such as "22:00"';
    case 'datetime':
      return isInstant(text) ? null : 'is a moment such as "2026-01-31T22:00:00Z"';
    case 'string':
    case 'text':
    case 'file':
    case 'int':
    case 'number':
    case 'bool':
    case 'enum':
    case 'list':
    case 'secret':
      return null;
  }
}

export type ReadValue = { value: Value } | { fault: string };

/** The form of a value: what was typed, printed or written in a file becomes what its type says. `of` begins each fault: `"Order"`. */
export function readValue(type: Exclude<ParamType, 'secret'>, raw: Value, of: string, choices: readonly string[] = []): ReadValue {
  const fault = (what: string): ReadValue => ({ fault: `${of} ${what}.` });
  if (type === 'list') {
    const words = (typeof raw === 'object' ? raw : String(raw).split(/[,\n]/)).map((word) => word.trim()).filter((word) => word !== '');
    const why = words.map((word) => whyNoText('string', word)).find((each) => each !== null);
    return why === undefined || why === null ? { value: words } : fault(`is a list of words, each of which ${why}`);
  }
  if (typeof raw === 'object') return fault('is one value, and no list');
  if (type === 'bool') {
    const word = String(raw).trim().toLowerCase();
    const found = ['true', 'yes', 't', 'on'].includes(word) ? true : ['false', 'no', 'f', 'off'].includes(word) ? false : null;
    return found === null ? fault('is yes or no') : { value: found };
  }
  if (type === 'int' || type === 'number') {
    const text = String(raw).trim();
    const number = (type === 'int' ? /^[+-]?\d+$/ : /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/).test(text) ? Number(text) : Number.NaN;
    if (!Number.isFinite(number) || (type === 'int' && !Number.isSafeInteger(number))) return fault(type === 'int' ? 'is a whole number' : 'is a number');
    return { value: number };
  }
  const text = type === 'text' || type === 'string' ? String(raw) : String(raw).trim();
  if (type === 'enum') return choices.includes(text) ? { value: text } : fault(`is one of ${choices.join(', ')}`);
  const why = whyNoText(type, text);
  return why === null ? { value: text } : fault(why);
}

/** Least and most: of a number itself, of a list its words, of a text its characters. */
function outOfBounds({ min, max }: Pick<Param, 'min' | 'max'>, value: Value): string | null {
  const figure = typeof value === 'number' ? value : typeof value === 'boolean' ? null : value.length;
  if (figure === null) return null;
  const what = typeof value === 'number' ? '' : typeof value === 'object' ? ' words' : ' characters';
  const is = what === '' ? 'is' : 'has';
  if (min !== null && figure < min) return `${is} at least ${min}${what}`;
  return max !== null && figure > max ? `${is} at most ${max}${what}` : null;
}

/**
 * Whether a parameter is asked for. One whose `when` is about a value that is not there is not.
 * @throws runbook.value-invalid where `when` compares what cannot be compared
 */
export function isAsked({ when }: Pick<Param, 'when'>, others: Readonly<Record<string, Value>>): boolean {
  if (when === null) return true;
  const parsed = parseExpression(when);
  if (!('problem' in parsed) && parsed.names.some((name) => !Object.hasOwn(others, name))) return false;
  return isTrue(when, others);
}

/**
 * Reads what was given for a parameter, or its default. Null: it has none, and needs none; that of a secret is never here.
 * @param others values of parameters that come before it
 */
export function readParam(param: Param, raw: Value | null, others: Readonly<Record<string, Value>>): { value: Value | null } | { fault: string } {
  const { type, label, required, pattern, choices } = param;
  if (type === 'secret') return { value: null };
  let asked: boolean;
  try {
    asked = isAsked(param, others);
  } catch (error) {
    return { fault: `Whether "${label}" is asked cannot be told. ${error instanceof Error ? error.message : String(error)}` };
  }
  if (!asked) return { value: null };
  const isEmpty = (value: Value | null): boolean => value === null || (typeof value === 'string' && value.trim() === '') || (typeof value === 'object' && value.length === 0);
  const given = isEmpty(raw) ? param.default : raw;
  if (given === null || isEmpty(given)) return required ? { fault: `"${label}" is missing.` } : { value: type === 'list' && given !== null ? [] : null };
  const read = readValue(type, given, `"${label}"`, choices);
  if ('fault' in read) return read;
  const bounds = outOfBounds(param, read.value);
  if (bounds !== null) return { fault: `"${label}" ${bounds}.` };
  if (pattern !== null) {
    const compiled = compilePattern(pattern, () => null, true);
    if ('problem' in compiled) return { fault: `The pattern of "${label}" cannot be used. ${compiled.problem}` };
    const texts = typeof read.value === 'object' ? read.value : [String(read.value)];
    if (!texts.every((text) => compiled.pattern.test(text))) return { fault: `"${label}" matches ${pattern}${param.help === null ? '' : ` (${param.help})`}.` };
  }
  return read;
}

/** Values that every walkthrough has. They are drawn once, when it starts. */
export const builtInNames = ['today', 'now', 'run_id', 'operator', 'system'] as const;

/** `today` is the day in that zone, `now` the moment in UTC; without a system `system` has no value. */
export function builtIns(now: Date, zone: string, { runId, operator, system }: { runId: string; operator: string; system: string | null }): Readonly<Record<string, string>> {
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(now);
  return { today, now: now.toISOString().replace(/\.\d+Z$/, 'Z'), run_id: runId, operator, ...(system === null ? {} : { system }) };
}
