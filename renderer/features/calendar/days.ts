/** Days as this computer's clock has them, for the screen alone; the calendar itself is reckoned by the engine. */
import type { CalendarOccurrence } from '#shared/contract/calendar.ts';

const long = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });
const short = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const monthName = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric' });

/** Midnight here, some days on. */
export function dayStart(at: Date, days = 0): Date {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + days);
}

/** "2026-11-29", here. */
export function dayKey(at: Date): string {
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`;
}

export const keyOf = ({ startsAt }: Pick<CalendarOccurrence, 'startsAt'>): string => dayKey(new Date(startsAt));

/** "Today, Fri 20 Nov". */
export function dayTitle(key: string, now: Date): string {
  const [year = 0, month = 0, day = 0] = key.split('-').map(Number);
  const name = long.format(new Date(year, month - 1, day));
  if (key === dayKey(now)) return `Today, ${name}`;
  if (key === dayKey(dayStart(now, -1))) return `Yesterday, ${name}`;
  return key === dayKey(dayStart(now, 1)) ? `Tomorrow, ${name}` : name;
}

export const shortDay = (iso: string): string => short.format(new Date(iso));
export const monthTitle = (first: Date): string => monthName.format(first);

/** The weeks that a month is shown in, from Monday to Sunday. */
export function weeksOf(first: Date): Date[][] {
  const start = dayStart(first, -((first.getDay() + 6) % 7));
  const weeks: Date[][] = [];
  for (let week = 0; week < 6; week += 1) {
    const days = Array.from({ length: 7 }, (_value, index) => dayStart(start, week * 7 + index));
    if (week > 0 && days[0] !== undefined && days[0].getMonth() !== first.getMonth()) break;
    weeks.push(days);
  }
  return weeks;
}

export const monthStart = (at: Date, months = 0): Date => new Date(at.getFullYear(), at.getMonth() + months, 1);

/** The zone of this computer: "Europe/Berlin". */
export const zoneHere = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;
