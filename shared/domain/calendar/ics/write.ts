/** Entries as a file of iCalendar (RFC 5545), with the zones that they need, made of what we know of them. */
import { expand } from '../expand.ts';
import { civilDay, dayOf, daysInMonth, parseLocal, weekdayOf, weekdays, type LocalMinutes } from '../local-time.ts';
import type { Entry, Timing } from '../entry.ts';
import type { Change, Zone } from '../zone.ts';
import { escaped, folded } from './lines.ts';
import { durationOut, instantOut, offsetOut, timeOut } from './values.ts';

export interface WrittenEntry {
  entry: Entry;
  timing: Timing;
  text: string;
  category: string;
  /** Local times that are left out. */
  skips: readonly string[];
  /** What only this console knows of it, to be read back. */
  own: string;
}

const dayMs = 86_400_000;
/** Changes of the clocks are written this far. */
const yearsAhead = 12;
/** In minutes: within a hundred years every rule that fits a day has found one. */
const lookAhead = 100 * 366 * 1440;

export const uidOf = ({ systemId, key }: Pick<Entry, 'systemId' | 'key'>): string => `${key}.${systemId}@pilothouse`;

interface Place {
  month: number;
  weekday: number;
  nth: number;
  isLast: boolean;
  /** The wall as it shows it before the change. */
  time: number;
}

function placeOf({ at, before }: Change): Place & { local: LocalMinutes } {
  const local = Math.floor(at / 60_000) + before;
  const { year, month, day } = civilDay(dayOf(local));
  return { local, month, weekday: weekdayOf(dayOf(local)), nth: Math.ceil(day / 7), isLast: day + 7 > daysInMonth(year, month), time: local - dayOf(local) * 1440 };
}

/** The rule by which the clocks change year after year; null where there is none. */
function ruleOf(changes: readonly Change[]): string | null {
  const places = changes.map(placeOf);
  const [first] = places;
  if (first === undefined || changes.length < yearsAhead - 2) return null;
  const isSame = places.every(({ month, weekday, time }) => month === first.month && weekday === first.weekday && time === first.time);
  if (!isSame) return null;
  const nth = places.every((place) => place.isLast) ? -1 : places.every((place) => place.nth === first.nth) ? first.nth : null;
  return nth === null ? null : `FREQ=YEARLY;BYMONTH=${first.month};BYDAY=${nth}${weekdays[first.weekday]}`;
}

/** Changes that go from one offset to the same other one. */
function observance(zone: Zone, changes: readonly Change[], isDaylight: boolean): string[] {
  const [first] = changes;
  if (first === undefined) return [];
  const rule = ruleOf(changes);
  const name = isDaylight ? 'DAYLIGHT' : 'STANDARD';
  const rest = rule === null ? changes.slice(1).map((change) => `RDATE:${timeOut(placeOf(change).local)}`) : [`RRULE:${rule}`];
  return [`BEGIN:${name}`, `DTSTART:${timeOut(placeOf(first).local)}`, `TZOFFSETFROM:${offsetOut(first.before)}`, `TZOFFSETTO:${offsetOut(first.after)}`, `TZNAME:${zone.abbreviationAt(first.at)}`, ...rest, `END:${name}`];
}

/** @param from milliseconds since the epoch: the first time that is written in it */
function timeZone(zone: Zone, from: number): string[] {
  const start = from - 366 * dayMs;
  const changes = zone.changes(start, start + yearsAhead * 366 * dayMs);
  const groups = [...Map.groupBy(changes, ({ before, after }) => `${before} ${after}`).values()];
  const offset = zone.offsetAt(start);
  // What holds before the first change.
  const before = ['BEGIN:STANDARD', `DTSTART:${timeOut(zone.localAt(start))}`, `TZOFFSETFROM:${offsetOut(offset)}`, `TZOFFSETTO:${offsetOut(offset)}`, `TZNAME:${zone.abbreviationAt(start)}`, 'END:STANDARD'];
  return ['BEGIN:VTIMEZONE', `TZID:${zone.name}`, ...before, ...groups.flatMap((group) => observance(zone, group, (group[0]?.after ?? 0) > (group[0]?.before ?? 0))), 'END:VTIMEZONE'];
}

const isUtc = (zone: Zone): boolean => zone.name === 'UTC' || zone.name === 'Etc/UTC';

function timeIn(name: string, zone: Zone, local: LocalMinutes): string {
  return isUtc(zone) ? `${name}:${timeOut(local)}Z` : `${name};TZID=${zone.name}:${timeOut(local)}`;
}

/** The rule as others read it: UNTIL is an instant where the beginning has a zone. */
function ruleOut(rrule: string, { rule, zone }: Timing): string {
  const plain = rrule.trim().toUpperCase().replace(/^RRULE:/, '').replace(/;$/, '');
  return rule?.until?.kind === 'local' ? plain.replace(/UNTIL=[^;]*/, `UNTIL=${instantOut(zone.resolve(rule.until.local).at)}`) : plain;
}

/** Null: the rule fits no day, and there is nothing to write. */
function event({ entry, timing, text, category, skips, own }: WrittenEntry, stamp: number): { lines: string[]; first: number } | null {
  const { rule, start, zone } = timing;
  // Others take the beginning for the first time, whether it fits the rule or not.
  const [first] = expand(rule, start, start, start + lookAhead, 1);
  if (first === undefined) return null;
  const lines = [
    'BEGIN:VEVENT',
    `UID:${uidOf(entry)}`,
    `DTSTAMP:${instantOut(stamp)}`,
    timeIn('DTSTART', zone, first),
    ...(entry.durationMs === null ? [] : [`DURATION:${durationOut(entry.durationMs)}`]),
    ...(entry.rrule === null ? [] : [`RRULE:${ruleOut(entry.rrule, timing)}`]),
    ...skips.flatMap((local) => {
      const at = parseLocal(local);
      return at === null ? [] : [timeIn('EXDATE', zone, at)];
    }),
    `SUMMARY:${escaped(entry.title)}`,
    ...(text === '' ? [] : [`DESCRIPTION:${escaped(text)}`]),
    `CATEGORIES:${escaped(category)}`,
    `X-PILOTHOUSE-ENTRY:${escaped(own)}`,
    ...(entry.noticeMs === null ? [] : ['BEGIN:VALARM', 'ACTION:DISPLAY', `DESCRIPTION:${escaped(entry.title)}`, `TRIGGER:-${durationOut(entry.noticeMs)}`, 'END:VALARM']),
    'END:VEVENT',
  ];
  return { lines, first: zone.resolve(first).at };
}

/** @param stamp milliseconds since the epoch */
export function writeCalendar(entries: readonly WrittenEntry[], stamp: number): string {
  const events = entries.flatMap((one) => {
    const written = event(one, stamp);
    return written === null ? [] : [{ ...written, zone: one.timing.zone }];
  });
  const zones = new Map<Zone, number>();
  for (const { zone, first } of events) if (!isUtc(zone)) zones.set(zone, Math.min(first, zones.get(zone) ?? first));
  const lines = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Pilothouse//Calendar//EN', 'CALSCALE:GREGORIAN', ...[...zones].flatMap(([zone, from]) => timeZone(zone, from)), ...events.flatMap((one) => one.lines), 'END:VCALENDAR'];
  return lines.map(folded).join('');
}
