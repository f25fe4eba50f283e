/**
 * Zones: which instant a time on the wall is. What Intl knows of a zone is asked of it rarely and kept; the zone of this
 * process has no say in it.
 */
import { civilDay, dayNumber, dayOf, minutesPerDay, type LocalMinutes } from './local-time.ts';

/** A change of the clocks. */
export interface Change {
  /** Milliseconds since the epoch. */
  at: number;
  /** Minutes ahead of UTC, before and after. */
  before: number;
  after: number;
}

export interface Resolved {
  /** Milliseconds since the epoch. */
  at: number;
  /** Minutes ahead of UTC at that instant. */
  offset: number;
  /** `gap`: the wall never showed it, and the first instant after is taken. `overlap`: it showed it twice, and the first is taken. */
  kind: 'plain' | 'gap' | 'overlap';
}

export interface Zone {
  name: string;
  /** Minutes ahead of UTC at an instant. */
  offsetAt(at: number): number;
  /** What the wall shows at an instant; seconds are cut. */
  localAt(at: number): LocalMinutes;
  resolve(local: LocalMinutes): Resolved;
  /** The instants of many times on the wall, which are in order. */
  instants(locals: readonly LocalMinutes[]): number[];
  /** Changes of the clocks from one instant until before another. */
  changes(from: number, to: number): Change[];
  /** "EST", "GMT+1". */
  abbreviationAt(at: number): string;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** Where the clocks change for a month of fasting, there are weeks between two changes; nowhere less. */
const lookEveryMs = 7 * dayMs;
/** No wall is more than a day from UTC, and no change is greater than a day. */
const aroundMs = 2 * dayMs;
/** What is before and after is taken as it was and will be then: no calendar of ours is about it. */
const firstYear = 1970;
const lastYear = 2200;

function formatOf(name: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', { timeZone: name, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

function createZone(name: string, format: Intl.DateTimeFormat): Zone {
  const askOffset = (at: number): number => {
    // "11/02/2025, 01:30:00"
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = (format.format(at).match(/\d+/g) ?? []).map(Number);
    // Offsets of the years before 1972 had seconds in some places; a wall of ours shows minutes.
    return Math.round((dayNumber(year, month, day) * minutesPerDay + hour * 60 + minute - (at - second * 1000) / minuteMs) || 0);
  };
  const startOfYear = (year: number): number => dayNumber(year, 1, 1) * dayMs;
  const years = new Map<number, Change[]>();

  const changeBetween = (from: number, to: number, before: number): Change[] => {
    const after = askOffset(to);
    if (after === before) return [];
    let low = from;
    let high = to;
    while (high - low > minuteMs) {
      const middle = Math.floor((low + high) / 2 / minuteMs) * minuteMs;
      if (askOffset(middle) === before) low = middle;
      else high = middle;
    }
    return [{ at: high, before, after }];
  };
  /** Changes in a year of UTC. */
  const changesIn = (year: number): readonly Change[] => {
    const known = years.get(year);
    if (known !== undefined) return known;
    const found: Change[] = [];
    const end = startOfYear(year + 1);
    let before = askOffset(startOfYear(year));
    for (let from = startOfYear(year); from < end; from += lookEveryMs) {
      const change = changeBetween(from, Math.min(from + lookEveryMs, end), before);
      found.push(...change);
      before = change[0]?.after ?? before;
    }
    years.set(year, found);
    return found;
  };
  const offsetsAtStart = new Map<number, number>();
  const offsetAtStartOf = (year: number): number => {
    const known = offsetsAtStart.get(year);
    if (known !== undefined) return known;
    const offset = askOffset(startOfYear(year));
    offsetsAtStart.set(year, offset);
    return offset;
  };
  const within = (year: number): number => Math.min(lastYear, Math.max(firstYear, year));

  const offsetAt = (at: number): number => {
    const year = within(civilDay(Math.floor(at / dayMs)).year);
    let offset = offsetAtStartOf(year);
    for (const change of changesIn(year)) if (change.at <= at) offset = change.after;
    return offset;
  };

  const changes = (from: number, to: number): Change[] => {
    const found: Change[] = [];
    const last = within(civilDay(Math.floor(to / dayMs)).year);
    for (let year = within(civilDay(Math.floor(from / dayMs)).year); year <= last; year += 1) found.push(...changesIn(year).filter(({ at }) => at >= from && at < to));
    return found;
  };

  const resolve = (local: LocalMinutes): Resolved => {
    const wall = local * minuteMs;
    let offset = offsetAt(wall - aroundMs);
    let since = Number.NEGATIVE_INFINITY;
    for (const change of changes(wall - aroundMs, wall + aroundMs)) {
      const at = wall - offset * minuteMs;
      if (at >= since && at < change.at) return { at, offset, kind: wall - change.after * minuteMs >= change.at ? 'overlap' : 'plain' };
      if (at < since) break;
      offset = change.after;
      since = change.at;
    }
    const at = wall - offset * minuteMs;
    return at < since ? { at: since, offset, kind: 'gap' } : { at, offset, kind: 'plain' };
  };

  const instants = (locals: readonly LocalMinutes[]): number[] => {
    const [first] = locals;
    const last = locals.at(-1);
    if (first === undefined || last === undefined) return [];
    const ahead = changes(first * minuteMs - aroundMs, last * minuteMs + aroundMs);
    let offset = offsetAt(first * minuteMs - aroundMs);
    let since = Number.NEGATIVE_INFINITY;
    let next = 0;
    return locals.map((local) => {
      let change = ahead[next];
      while (change !== undefined && (local - offset) * minuteMs >= change.at) {
        offset = change.after;
        since = change.at;
        next += 1;
        change = ahead[next];
      }
      return Math.max((local - offset) * minuteMs, since);
    });
  };

  let short: Intl.DateTimeFormat | null = null;
  return {
    name,
    offsetAt,
    localAt: (at) => Math.floor(at / minuteMs) + offsetAt(at),
    resolve,
    instants,
    changes,
    abbreviationAt(at) {
      short ??= new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'short' });
      return short.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? name;
    },
  };
}

/** By name in small letters: however one is written, it is kept once. */
const zones = new Map<string, Zone>();
const longestName = 60;

/** Null: there is no such zone. Only names, as "Europe/Berlin" or "UTC"; an offset as "+01:00" is none. */
export function findZone(name: string): Zone | null {
  const key = name.toLowerCase();
  const known = zones.get(key);
  if (known !== undefined) return known;
  if (name.length > longestName || !/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) return null;
  let format: Intl.DateTimeFormat;
  try {
    format = formatOf(name);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
  // As Intl writes it, where that is the same name.
  const { timeZone } = format.resolvedOptions();
  const zone = createZone(timeZone.toLowerCase() === key ? timeZone : name, format);
  zones.set(key, zone);
  return zone;
}

/** Days since 1970-01-01 at an instant, and how many minutes that day has there. */
export function dayLength(zone: Zone, days: number): number {
  const start = zone.resolve(days * minutesPerDay).at;
  return Math.round((zone.resolve((days + 1) * minutesPerDay).at - start) / minuteMs);
}

/** The day of the wall at an instant, in days since 1970-01-01. */
export const dayAt = (zone: Zone, at: number): number => dayOf(zone.localAt(at));
