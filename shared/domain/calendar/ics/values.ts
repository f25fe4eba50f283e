/** Times and durations as iCalendar writes them. */
import { civilDay, dayNumber, dayOf, daysInMonth, minutesPerDay, timeText, type LocalMinutes } from '../local-time.ts';

export interface IcsTime {
  local: LocalMinutes;
  /** It ends with Z: `local` is on the wall of UTC. */
  isUtc: boolean;
  isDate: boolean;
  hasSeconds: boolean;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** "20261129", "20261129T020000", "20261129T020000Z". Null: it is none of them. */
export function readTime(text: string): IcsTime | null {
  const found = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/.exec(text.trim());
  if (found === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map((part) => Number(part ?? 0));
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month) || hour > 23 || minute > 59) return null;
  return { local: dayNumber(year, month, day) * minutesPerDay + hour * 60 + minute, isUtc: found[7] === 'Z', isDate: found[4] === undefined, hasSeconds: second !== 0 };
}

/** "20261129T020000". */
export function timeOut(local: LocalMinutes): string {
  const { year, month, day } = civilDay(dayOf(local));
  return `${String(year).padStart(4, '0')}${two(month)}${two(day)}T${timeText(local).replace(':', '')}00`;
}

/** "20261129T020000Z", of milliseconds since the epoch. */
export const instantOut = (at: number): string => `${timeOut(Math.floor(at / 60_000)).slice(0, -2)}${two(Math.floor(at / 1000) % 60)}Z`;

const unitMs = { W: 604_800_000, D: 86_400_000, H: 3_600_000, M: 60_000, S: 1000 } as const;

/** "PT4H30M", "-P2D", "P1W", in milliseconds. Null: it is no duration. */
export function readDuration(text: string): number | null {
  const found = /^([+-]?)P(?=.)(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$/.exec(text.trim().toUpperCase());
  if (found === null) return null;
  const [, sign, weeks, days, hours, minutes, seconds] = found;
  const ms = Number(weeks ?? 0) * unitMs.W + Number(days ?? 0) * unitMs.D + Number(hours ?? 0) * unitMs.H + Number(minutes ?? 0) * unitMs.M + Number(seconds ?? 0) * unitMs.S;
  return sign === '-' ? -ms : ms;
}

/** "PT4H30M". Hours are counted on: a day may have 23 or 25 of them. */
export function durationOut(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60] as const;
  const written = parts.map((part, index) => (part === 0 ? '' : `${part}${'HMS'[index]}`)).join('');
  return `PT${written === '' ? '0S' : written}`;
}

/** "+0530", of minutes ahead of UTC. */
export function offsetOut(offset: number): string {
  const minutes = Math.abs(offset);
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
}
