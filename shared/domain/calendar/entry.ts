/** An entry of a calendar as its rules are about it, and what can be read of its times. */
import { localText, minutesPerDay, parseLocal, dayOf, type LocalMinutes } from './local-time.ts';
import { expand } from './expand.ts';
import { readRule, type Rule } from './rule.ts';
import { findZone, type Zone } from './zone.ts';

export const missedPolicies = ['ask', 'run-once', 'skip'] as const;

export interface EntryTimes {
  /** "2026-01-04T02:00", on the wall of its zone. */
  starts: string;
  rrule: string | null;
  tz: string;
  durationMs: number | null;
}

export interface Entry extends EntryTimes {
  systemId: string;
  key: string;
  title: string;
  /** How long before its end nothing new is begun. */
  cutoffMs: number | null;
  noticeMs: number | null;
  missed: (typeof missedPolicies)[number];
  lookBackMs: number | null;
  after: readonly { key: string; withinMs: number; needs: 'done' | 'proven-backup' }[];
  removes: boolean;
}

export interface Timing {
  start: LocalMinutes;
  /** Null: once. */
  rule: Rule | null;
  zone: Zone;
}

export type ReadTiming = { timing: Timing; problem: null } | { timing: null; problem: { field: 'starts' | 'rrule' | 'tz'; message: string } };

/** What is due is counted from the beginning on: one of a thousand years ago would have to be counted every time. */
const firstYear = 1970;
const lastYear = 2200;

/** @param nearZone the name of a zone that somebody may have meant */
export function readTiming(times: Pick<EntryTimes, 'starts' | 'rrule' | 'tz'>, nearZone: (name: string) => string | null): ReadTiming {
  const wrong = (field: 'starts' | 'rrule' | 'tz', message: string): ReadTiming => ({ timing: null, problem: { field, message } });
  const zone = findZone(times.tz);
  if (zone === null) {
    const near = nearZone(times.tz);
    return wrong('tz', `There is no time zone ${times.tz}.${near === null ? ' Write one as Europe/Berlin, America/New_York or UTC.' : ` Did you mean ${near}?`}`);
  }
  const start = parseLocal(times.starts);
  const year = Number(times.starts.slice(0, 4));
  if (start !== null && (year < firstYear || year > lastYear)) return wrong('starts', `${times.starts} is too far away. A calendar here begins from ${firstYear} to ${lastYear}.`);
  if (start === null) return wrong('starts', `${times.starts} is no date and time. Write 2026-01-04T02:00.`);
  if (times.rrule === null) return { timing: { start, rule: null, zone }, problem: null };
  const read = readRule(times.rrule);
  return read.rule === null ? wrong('rrule', read.problem) : { timing: { start, rule: read.rule, zone }, problem: null };
}

/** One time of an entry. It is named by the local time that the rule gives, so that no clock makes it twice. */
export interface Occurrence {
  /** "2026-11-29T02:00": what the rule gives, whether the wall shows it that day or not. */
  local: string;
  /** Milliseconds since the epoch. */
  start: number;
  /** When its window is over; `start` where it has none. */
  end: number;
  /** Minutes ahead of UTC. */
  offset: number;
  kind: 'plain' | 'gap' | 'overlap';
}

/** Times that are expanded and may lie outside what is wanted: there is one a day at the most. */
const aroundDays = 3;

/** Times of an entry that begin from one instant to another, both included, in order. */
export function occurrencesOf(timing: Timing, durationMs: number | null, from: number, to: number, most = Number.POSITIVE_INFINITY): Occurrence[] {
  const { start, rule, zone } = timing;
  // A gap moves a time on by as much as the clocks are: what the wall shows a day before and after is looked at as well.
  const locals = expand(rule, start, zone.localAt(from) - minutesPerDay, zone.localAt(to) + minutesPerDay, most + aroundDays);
  const until = rule?.until?.kind === 'instant' ? rule.until.at : Number.POSITIVE_INFINITY;
  const found: Occurrence[] = [];
  for (const local of locals) {
    const { at, offset, kind } = zone.resolve(local);
    if (at > to || at > until || found.length >= most) break;
    if (at >= from) found.push({ local: localText(local), start: at, end: at + (durationMs ?? 0), offset, kind });
  }
  return found;
}

/** Whether the rule gives a local time, and which occurrence that is. */
export function occurrenceAt(timing: Timing, durationMs: number | null, local: string): Occurrence | null {
  const wanted = parseLocal(local);
  if (wanted === null || expand(timing.rule, timing.start, wanted, wanted, 1).length === 0) return null;
  const { at, offset, kind } = timing.zone.resolve(wanted);
  const until = timing.rule?.until?.kind === 'instant' ? timing.rule.until.at : Number.POSITIVE_INFINITY;
  return at > until ? null : { local, start: at, end: at + (durationMs ?? 0), offset, kind };
}

/** The first time of an entry after an instant. */
export function nextAfter(timing: Timing, durationMs: number | null, at: number): Occurrence | null {
  // Rules of a few years' distance are rare, and a leap day comes back after eight at the most.
  for (const years of [1, 4, 40]) {
    const [found] = occurrencesOf(timing, durationMs, at + 1, at + years * 366 * 86_400_000, 1);
    if (found !== undefined) return found;
  }
  return null;
}

/** The local day that an occurrence is on, in days since 1970-01-01. */
export const dayOfOccurrence = ({ local }: Pick<Occurrence, 'local'>): number => dayOf(parseLocal(local) ?? 0);
