/** The times of a rule, on the wall: integers, in order, each once. A zone comes into it later. */
import { civilDay, dayNumber, dayOf, daysInMonth, isLeap, minutesPerDay, weekdayOf, type LocalMinutes } from './local-time.ts';
import type { DayOfRule, Rule } from './rule.ts';

/** Beyond it nothing is looked for: a rule may fit no day at all, as 30 February. */
const lastYear = 9999;

/** Weekdays by their count in a span of days; both ends belong to it. */
function countedDays(first: number, last: number, { weekday, nth }: DayOfRule): number[] {
  const start = first + ((weekday - weekdayOf(first) + 7) % 7);
  if (nth === null) return Array.from({ length: Math.max(0, Math.floor((last - start) / 7) + 1) }, (_value, index) => start + index * 7);
  const end = last - ((weekdayOf(last) - weekday + 7) % 7);
  const day = nth > 0 ? start + (nth - 1) * 7 : end + (nth + 1) * 7;
  return day >= first && day <= last ? [day] : [];
}

function monthDays(year: number, month: number, places: readonly number[]): number[] {
  const length = daysInMonth(year, month);
  const first = dayNumber(year, month, 1);
  return places.flatMap((place) => {
    const day = place > 0 ? place : length + 1 + place;
    return day >= 1 && day <= length ? [first + day - 1] : [];
  });
}

function inMonth(rule: Rule, year: number, month: number, dayOfStart: number): number[] {
  const first = dayNumber(year, month, 1);
  const last = first + daysInMonth(year, month) - 1;
  if (rule.byMonthDay.length === 0 && rule.byDay.length === 0) return monthDays(year, month, [dayOfStart]);
  const byDay = rule.byDay.flatMap((each) => countedDays(first, last, each));
  if (rule.byMonthDay.length === 0) return byDay;
  const byNumber = monthDays(year, month, rule.byMonthDay);
  return inBoth(byNumber, byDay, rule);
}

function inBoth(byNumber: number[], byDay: readonly number[], { byDay: asked }: Rule): number[] {
  if (asked.length === 0) return byNumber;
  const among = new Set(byDay);
  return byNumber.filter((day) => among.has(day));
}

const allMonths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] as const;

function inYear(rule: Rule, year: number, start: { month: number; day: number }): number[] {
  if (rule.byMonth.length > 0) return rule.byMonth.flatMap((month) => inMonth(rule, year, month, start.day));
  const first = dayNumber(year, 1, 1);
  const byDay = rule.byDay.flatMap((each) => countedDays(first, first + (isLeap(year) ? 365 : 364), each));
  if (rule.byMonthDay.length === 0) return rule.byDay.length > 0 ? byDay : monthDays(year, start.month, [start.day]);
  const byNumber = allMonths.flatMap((month) => monthDays(year, month, rule.byMonthDay));
  return inBoth(byNumber, byDay, rule);
}

/** Of the days of a period those that count, in order, each once. */
function chosen(days: readonly number[], places: readonly number[]): number[] {
  const sorted = [...new Set(days)].sort((a, b) => a - b);
  if (places.length === 0) return sorted;
  const at = new Set(places.map((place) => (place > 0 ? place - 1 : sorted.length + place)));
  return sorted.filter((_day, index) => at.has(index));
}

interface Periods {
  /** The number of the period that a day is in. */
  of(day: number): number;
  /** Its days by the rule; null: beyond what is looked for. */
  days(period: number): readonly number[] | null;
}

const everyDay: readonly DayOfRule[] = [0, 1, 2, 3, 4, 5, 6].map((weekday) => ({ weekday, nth: null }));

/** Days that only some months or numbers of a month have are found month by month: a rule that fits no day is done with soon. */
function asMonthly(rule: Rule): Rule {
  const isChosen = rule.freq === 'DAILY' && rule.interval === 1 && rule.bySetPos.length === 0 && (rule.byMonth.length > 0 || rule.byMonthDay.length > 0);
  return isChosen ? { ...rule, freq: 'MONTHLY', byDay: rule.byDay.length === 0 && rule.byMonthDay.length === 0 ? everyDay : rule.byDay } : rule;
}

function periodsOf(rule: Rule, startDay: number): Periods {
  const start = civilDay(startDay);
  const lastDay = dayNumber(lastYear, 12, 31);
  const months = new Set(rule.byMonth);
  const isInMonth = (day: number): boolean => months.size === 0 || months.has(civilDay(day).month);
  switch (rule.freq) {
    case 'DAILY': {
      const weekdaysOf = new Set(rule.byDay.map(({ weekday }) => weekday));
      const isPlain = weekdaysOf.size === 0 && months.size === 0 && rule.byMonthDay.length === 0;
      const fits = (day: number): boolean => {
        if (weekdaysOf.size > 0 && !weekdaysOf.has(weekdayOf(day))) return false;
        if (!isInMonth(day)) return false;
        if (rule.byMonthDay.length === 0) return true;
        const { year, month } = civilDay(day);
        return monthDays(year, month, rule.byMonthDay).includes(day);
      };
      return { of: (day) => day - startDay, days: (period) => (startDay + period > lastDay ? null : isPlain || fits(startDay + period) ? [startDay + period] : []) };
    }
    case 'WEEKLY': {
      const first = startDay - ((weekdayOf(startDay) - rule.weekStart + 7) % 7);
      const places = rule.byDay.length === 0 ? [startDay - first] : rule.byDay.map(({ weekday }) => (weekday - rule.weekStart + 7) % 7);
      const ordered = [...new Set(places)].sort((a, b) => a - b);
      return {
        of: (day) => Math.floor((day - first) / 7),
        days: (period) => (first + period * 7 > lastDay ? null : ordered.map((place) => first + period * 7 + place).filter(isInMonth)),
      };
    }
    case 'MONTHLY': {
      const first = start.year * 12 + start.month - 1;
      return {
        of(day) {
          const { year, month } = civilDay(day);
          return year * 12 + month - 1 - first;
        },
        days(period) {
          const year = Math.floor((first + period) / 12);
          const month = ((first + period) % 12) + 1;
          if (year > lastYear) return null;
          return months.size > 0 && !months.has(month) ? [] : inMonth(rule, year, month, start.day);
        },
      };
    }
    case 'YEARLY':
      return { of: (day) => civilDay(day).year - start.year, days: (period) => (start.year + period > lastYear ? null : inYear(rule, start.year + period, start)) };
  }
}

/**
 * The times that a rule gives, beginning with `start` where it fits the rule itself. UNTIL as an instant is not looked
 * at: it needs a zone.
 * @param asked null: once
 * @param from none before it is given; those are counted all the same
 * @param to none after it is given
 */
export function expand(asked: Rule | null, start: LocalMinutes, from: LocalMinutes, to: LocalMinutes, most = Number.POSITIVE_INFINITY): LocalMinutes[] {
  if (asked === null) return start >= from && start <= to && most > 0 ? [start] : [];
  const rule = asMonthly(asked);
  const found: LocalMinutes[] = [];
  const startDay = dayOf(start);
  const timeOfDay = start - startDay * minutesPerDay;
  const periods = periodsOf(rule, startDay);
  const end = rule.until?.kind === 'local' ? Math.min(to, rule.until.local) : to;
  // Those before `from` have to be counted only where somebody counts.
  let period = rule.count === null && from > start ? Math.floor(Math.max(0, periods.of(dayOf(from)) - 1) / rule.interval) * rule.interval : 0;
  const endPeriod = periods.of(dayOf(end));
  let counted = 0;
  for (; period <= endPeriod; period += rule.interval) {
    const days = periods.days(period);
    if (days === null) return found;
    for (const day of days.length > 1 || rule.bySetPos.length > 0 ? chosen(days, rule.bySetPos) : days) {
      const local = day * minutesPerDay + timeOfDay;
      if (local < start) continue;
      if (local > end || found.length >= most) return found;
      counted += 1;
      if (rule.count !== null && counted > rule.count) return found;
      if (local >= from) found.push(local);
    }
  }
  return found;
}
