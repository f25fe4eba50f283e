/** Recurrences as iCalendar writes them, as far as we know them; what we do not know is refused by its name. */
import { dayNumber, daysInMonth, minutesPerDay, weekdays, type LocalMinutes, type Weekday } from './local-time.ts';

export const frequencies = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const;
export type Frequency = (typeof frequencies)[number];

export interface DayOfRule {
  /** 0 is Monday. */
  weekday: number;
  /** The first, the last but one and so on; null: each. */
  nth: number | null;
}

/** The last time that may be: on the wall, or an instant. */
export type Until = { kind: 'local'; local: LocalMinutes } | { kind: 'instant'; at: number };

export interface Rule {
  freq: Frequency;
  interval: number;
  count: number | null;
  until: Until | null;
  byDay: readonly DayOfRule[];
  byMonthDay: readonly number[];
  byMonth: readonly number[];
  bySetPos: readonly number[];
  /** On which weekday a week begins; 0 is Monday. */
  weekStart: number;
}

export type ReadRule = { rule: Rule; problem: null } | { rule: null; problem: string };

class Refused extends Error {}

const refuse = (problem: string): never => {
  throw new Refused(problem);
};

const mostCount = 100_000;
const mostInterval = 1000;
/** What iCalendar has beyond what we do, with what to write in its place. */
const others: Record<string, string> = {
  BYHOUR: 'Write one entry for each hour',
  BYMINUTE: 'Write one entry for each time',
  BYSECOND: 'Times are whole minutes here',
  BYYEARDAY: 'Write BYMONTH and BYMONTHDAY',
  BYWEEKNO: 'Write BYMONTH and BYDAY',
  RSCALE: 'Only the calendar in common use is known here',
  SKIP: 'A day that a month does not have is left out here',
};

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = /^[+-]?\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isInteger(value) || value < least || value > most) return refuse(`${name}=${text} is not a whole number from ${least} to ${most}.`);
  return value;
}

/** Numbers that count from the end where they are negative. */
function placesOf(name: string, text: string, most: number): number[] {
  return text.split(',').map((each) => {
    const value = wholeNumber(name, each, -most, most);
    return value === 0 ? refuse(`${name} has 0: the first is 1, the last is -1.`) : value;
  });
}

function weekdayNamed(name: string, text: string): number {
  const index = weekdays.indexOf(text as Weekday);
  return index === -1 ? refuse(`${name} has "${text}", which is no day of the week. They are ${weekdays.join(', ')}.`) : index;
}

function dayOfRule(text: string): DayOfRule {
  const found = /^([+-]?\d{1,2})?([A-Z]{2})$/.exec(text);
  if (found === null) return refuse(`BYDAY has "${text}". Write MO, or 1SU for the first Sunday, or -1FR for the last Friday.`);
  const [, nth, day = ''] = found;
  const weekday = weekdayNamed('BYDAY', day);
  if (nth === undefined) return { weekday, nth: null };
  const value = wholeNumber('BYDAY', nth, -53, 53);
  return value === 0 ? refuse(`BYDAY has ${text}: the first is 1${day}, the last is -1${day}.`) : { weekday, nth: value };
}

/** "20261231" (that whole day), "20261231T235900", "20261231T235900Z". */
function untilOf(text: string): Until {
  const found = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/.exec(text);
  const [year = 0, month = 0, day = 0, hour = 23, minute = 59, second = 59] = found === null ? [] : found.slice(1, 7).map((part) => (part === undefined ? undefined : Number(part)));
  if (found === null || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month) || hour > 23 || minute > 59 || second > 60) return refuse(`UNTIL=${text} is no date. Write 20261231, 20261231T235900 or 20261231T235900Z.`);
  const local = dayNumber(year, month, day) * minutesPerDay + hour * 60 + minute;
  return found[7] === 'Z' ? { kind: 'instant', at: local * 60_000 + second * 1000 } : { kind: 'local', local };
}

/** Parts that mean something only together with others. */
function checkTogether(rule: Rule, names: ReadonlySet<string>): void {
  const counted = rule.byDay.find(({ nth }) => nth !== null);
  if (counted !== undefined && (rule.freq === 'DAILY' || rule.freq === 'WEEKLY')) refuse(`BYDAY counts days (${counted.nth}${weekdays[counted.weekday]}), which only MONTHLY and YEARLY do.`);
  if (counted?.nth !== undefined && counted.nth !== null && Math.abs(counted.nth) > 5 && (rule.freq === 'MONTHLY' || rule.byMonth.length > 0)) refuse(`BYDAY has ${counted.nth}${weekdays[counted.weekday]}, and no month has that many.`);
  if (rule.freq === 'WEEKLY' && rule.byMonthDay.length > 0) refuse('BYMONTHDAY does not go with WEEKLY. Write MONTHLY.');
  if (rule.count !== null && rule.until !== null) refuse('It has COUNT and UNTIL. Keep one of them.');
  if (rule.bySetPos.length > 0 && !['BYDAY', 'BYMONTHDAY', 'BYMONTH'].some((name) => names.has(name))) refuse('BYSETPOS chooses among days, and BYDAY or BYMONTHDAY has to name them.');
}

function read(text: string): Rule {
  const parts = new Map<string, string>();
  for (const part of text.trim().replace(/^RRULE:/i, '').replace(/;$/, '').toUpperCase().split(';')) {
    const at = part.indexOf('=');
    const name = part.slice(0, Math.max(at, 0)).trim();
    const value = part.slice(at + 1).trim();
    if (at < 1 || value === '') refuse(`"${part}" is not NAME=VALUE. A rule looks like FREQ=WEEKLY;BYDAY=SU.`);
    if (parts.has(name)) refuse(`${name} stands in it twice.`);
    parts.set(name, value);
  }
  const rule: Rule = { freq: 'DAILY', interval: 1, count: null, until: null, byDay: [], byMonthDay: [], byMonth: [], bySetPos: [], weekStart: 0 };
  for (const [name, value] of parts) {
    switch (name) {
      case 'FREQ':
        if (!frequencies.includes(value as Frequency)) refuse(`FREQ=${value} is not known here. It is one of ${frequencies.join(', ')}.`);
        rule.freq = value as Frequency;
        break;
      case 'INTERVAL': rule.interval = wholeNumber(name, value, 1, mostInterval); break;
      case 'COUNT': rule.count = wholeNumber(name, value, 1, mostCount); break;
      case 'UNTIL': rule.until = untilOf(value); break;
      case 'BYDAY': rule.byDay = value.split(',').map(dayOfRule); break;
      case 'BYMONTHDAY': rule.byMonthDay = placesOf(name, value, 31); break;
      case 'BYMONTH': rule.byMonth = [...new Set(value.split(',').map((each) => wholeNumber(name, each, 1, 12)))].sort((a, b) => a - b); break;
      case 'BYSETPOS': rule.bySetPos = placesOf(name, value, 366); break;
      case 'WKST': rule.weekStart = weekdayNamed(name, value); break;
      default: refuse(Object.hasOwn(others, name) ? `${name} is not known here. ${others[name]}.` : `${name} is no part of a rule. They are FREQ, INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS and WKST.`);
    }
  }
  if (!parts.has('FREQ')) refuse('It has no FREQ. A rule looks like FREQ=WEEKLY;BYDAY=SU.');
  checkTogether(rule, new Set(parts.keys()));
  return rule;
}

/** @param text "FREQ=MONTHLY;BYDAY=1SU" */
export function readRule(text: string): ReadRule {
  try {
    return { rule: read(text), problem: null };
  } catch (error) {
    if (error instanceof Refused) return { rule: null, problem: error.message };
    throw error;
  }
}
