/**
 * Dates and times as a clock on the wall shows them, without a zone, as plain integers: minutes since
 * 1970-01-01T00:00 on that wall. The zone of this process has no say in any of it.
 */

/** Minutes since 1970-01-01T00:00 on the wall. */
export type LocalMinutes = number;

export const minutesPerDay = 1440;
/** 0 is Monday. */
export const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
export type Weekday = (typeof weekdays)[number];

export interface CivilDay {
  year: number;
  /** From 1. */
  month: number;
  day: number;
}

/** Days since 1970-01-01, by the calendar in use now, for years from 0 on. */
export function dayNumber(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

export function civilDay(days: number): CivilDay {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9);
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1 };
}

export const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

export const daysInMonth = (year: number, month: number): number => (month === 2 && isLeap(year) ? 29 : (monthLengths[month - 1] ?? 31));

/** 0 is Monday; of days since 1970-01-01, a Thursday. */
export const weekdayOf = (days: number): number => (((days + 3) % 7) + 7) % 7;

export const dayOf = (local: LocalMinutes): number => Math.floor(local / minutesPerDay);

const two = (value: number): string => String(value).padStart(2, '0');

/** "2026-11-29", of days since 1970-01-01. */
export function dateText(days: number): string {
  const { year, month, day } = civilDay(days);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

/** "02:00". */
export function timeText(local: LocalMinutes): string {
  const minutes = local - dayOf(local) * minutesPerDay;
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** "2026-11-29T02:00". */
export const localText = (local: LocalMinutes): string => `${dateText(dayOf(local))}T${timeText(local)}`;

/** Reads "2026-11-29T02:00". Null: there is no such time, as on 30 February. */
export function parseLocal(text: string): LocalMinutes | null {
  const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)$/.exec(text);
  if (found === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = found.slice(1).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month) || hour > 23 || minute > 59) return null;
  return dayNumber(year, month, day) * minutesPerDay + hour * 60 + minute;
}
