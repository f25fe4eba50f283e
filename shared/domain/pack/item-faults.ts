/** What is wrong in an item though each of its fields has its form. Pure. */
import { readRule } from '../calendar/rule.ts';
import { problemOfPattern } from '../runbook/patterns.ts';
import { parseJsonPath } from '../runbook/json-path.ts';
import type { PackItemKind } from './definition.ts';
import { overlap, whyNotExclusion, whyNotPath } from '../file-set.ts';
import { isTimeZone } from './time-zone.ts';

export interface ItemFault {
  /** Of the field; empty: the item as a whole. */
  path: readonly (string | number)[];
  rule: string;
  /** What goes on after the name of the item, without a full stop. */
  says: string;
}

type Fields = Readonly<Record<string, unknown>>;

const textOf = (fields: Fields, name: string): string | null => (typeof fields[name] === 'string' ? fields[name] : null);
const numberOf = (fields: Fields, name: string): number | null => (typeof fields[name] === 'number' ? fields[name] : null);
const stop = (problem: string): string => problem.replace(/\.$/, '');

function zoneFaults(fields: Fields): ItemFault[] {
  const tz = textOf(fields, 'tz');
  return tz === null || isTimeZone(tz) ? [] : [{ path: ['tz'], rule: 'time-zone', says: `has the time zone "${tz}", which does not exist. Write one such as Europe/Berlin, America/New_York or UTC` }];
}

function patternFaults(fields: Fields, name: string): ItemFault[] {
  const pattern = textOf(fields, name);
  const problem = pattern === null ? null : problemOfPattern(pattern);
  return problem === null ? [] : [{ path: [name], rule: 'pattern', says: `has a pattern that cannot be used: ${stop(problem)}` }];
}

/** A warning comes before what is critical. */
function orderFaults(fields: Fields, warn: string, critical: string, lowerIsWorse: boolean): ItemFault[] {
  const [low, high] = [numberOf(fields, warn), numberOf(fields, critical)];
  if (low === null || high === null || (lowerIsWorse ? low >= high : low <= high)) return [];
  return [{ path: [critical], rule: 'limits', says: `would be critical before it warns: ${lowerIsWorse ? 'lower' : 'higher'} is worse, and its warn lies beyond its critical` }];
}

function thresholdFaults(fields: Fields): ItemFault[] {
  const drives = fields['drives'] as { kind?: unknown } | undefined;
  const noLimit = numberOf(fields, 'warn') === null && numberOf(fields, 'critical') === null && drives?.kind !== undefined && drives.kind !== 'people';
  return [
    ...(noLimit ? [{ path: [], rule: 'limits', says: 'has neither warn nor critical, so that nothing can go by it' }] : []),
    ...orderFaults(fields, 'warn', 'critical', fields['lowerIsWorse'] === true),
  ];
}

function ruleFaults(fields: Fields): ItemFault[] {
  const rrule = textOf(fields, 'rrule');
  const problem = rrule === null ? null : readRule(rrule).problem;
  return problem === null ? [] : [{ path: ['rrule'], rule: 'rrule', says: `has a rule of recurrence that cannot be read. ${stop(problem)}` }];
}

function jsonFaults(fields: Fields): ItemFault[] {
  const path = (fields['json'] as { path?: unknown } | null | undefined)?.path;
  const parsed = typeof path === 'string' ? parseJsonPath(path) : null;
  return parsed !== null && 'problem' in parsed ? [{ path: ['json', 'path'], rule: 'json-path', says: `has a path that cannot be used: ${stop(parsed.problem)}` }] : [];
}

function spanFaults(fields: Fields): ItemFault[] {
  const spans = Array.isArray(fields['spans']) ? (fields['spans'] as { from?: unknown; to?: unknown }[]) : [];
  return spans.flatMap(({ from, to }, index) => (typeof from === 'string' && typeof to === 'string' && from >= to ? [{ path: ['spans', index, 'to'], rule: 'span', says: `has hours from ${from} to ${to}, which end before they begin. Over midnight there are two: up to "24:00", and from "00:00"` }] : []));
}

/** Paths that a file set would refuse. */
function fileFaults(files: { paths?: unknown; exclude?: unknown } | null | undefined): ItemFault[] {
  const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []);
  const each = (name: 'paths' | 'exclude', whyNot: (text: string) => string | null): ItemFault[] =>
    texts(files?.[name]).flatMap((text, index) => {
      const why = whyNot(text);
      return why === null ? [] : [{ path: ['files', name, index], rule: 'path', says: `cannot back up "${text.slice(0, 80)}": ${why.charAt(0).toLowerCase()}${why.slice(1)}` }];
    });
  const found = overlap(texts(files?.paths));
  return [...each('paths', whyNotPath), ...each('exclude', whyNotExclusion), ...(found === null ? [] : [{ path: ['files', 'paths'], rule: 'path', says: `has ${found.path}, which is in ${found.above} already` }])];
}

/** @param fields in the names of an item; what is missing or of another type is for its schema to say */
export function itemFaults(kind: PackItemKind, fields: Fields): ItemFault[] {
  switch (kind) {
    case 'endpoint':
      return [...patternFaults(fields, 'bodyMatches'), ...jsonFaults(fields), ...orderFaults(fields, 'warnMs', 'criticalMs', false)];
    case 'path':
      return patternFaults(fields, 'pattern');
    case 'threshold':
      return thresholdFaults(fields);
    case 'hours':
      return [...zoneFaults(fields), ...spanFaults(fields)];
    case 'calendar':
      return [...zoneFaults(fields), ...ruleFaults(fields)];
    case 'backup': {
      const files = fields['files'] as { paths?: unknown; exclude?: unknown } | null | undefined;
      const count = [fields['database'], fields['files']].filter((each) => each !== undefined && each !== null).length;
      return count === 1 ? fileFaults(files) : [{ path: [], rule: 'backup', says: count === 0 ? 'says neither which database nor which files' : 'has both a database and files. Make two of it' }];
    }
    default:
      return [];
  }
}
