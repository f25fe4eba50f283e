/** Figures in words: binary units, tabular, the way people say them. All in the person's own language settings for digits. */
import type { HealthUnit } from '#shared/contract/health.ts';

const integer = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function count(value: number): string {
  return integer.format(value);
}

/** "1 row", "2 rows". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Bytes in binary units: "3.0 MiB", "312 MiB". */
export function bytes(value: number): string {
  let rest = Math.abs(value);
  let step = 0;
  while (rest >= 1024 && step < units.length - 1) {
    rest /= 1024;
    step += 1;
  }
  const sign = value < 0 ? '-' : '';
  return `${sign}${step === 0 || rest >= 100 ? integer.format(rest) : rest.toFixed(1)} ${units[step]}`;
}

/** Milliseconds as a span: "0.4 s", "3 min 12 s", "1 d 12 h". */
export function span(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${oneDigit.format(Math.max(seconds, 0))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const pairs: [number, string][] = [[Math.floor(whole / 86400), 'd'], [Math.floor(whole / 3600) % 24, 'h'], [Math.floor(whole / 60) % 60, 'min'], [whole % 60, 's']];
  const first = pairs.findIndex(([amount]) => amount > 0);
  return pairs
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}

/** How long ago, in its largest unit or two: "3 min", "1 d 12 h". */
export function age(ms: number): string {
  if (ms < 45_000) return `${Math.max(1, Math.round(ms / 1000))} s`;
  if (ms < 3_570_000) return `${Math.max(1, Math.round(ms / 60_000))} min`;
  return span(Math.round(ms / 60_000) * 60_000);
}

export function percent(fraction: number): string {
  return `${Math.floor(fraction * 100)} %`;
}

/** A health value in its unit. */
export function measured(value: number, unit: HealthUnit): string {
  switch (unit) {
    case 'percent': return `${oneDigit.format(value)} %`;
    case 'ms': return value >= 1000 ? span(value) : `${oneDigit.format(value)} ms`;
    case 'seconds': return span(value * 1000);
    case 'hours': return span(value * 3_600_000);
    case 'days': return plural(value, 'day');
    case 'bytes': return bytes(value);
    case 'bytes-per-hour': return `${bytes(value)} an hour`;
    case 'per-minute': return `${oneDigit.format(value)} a minute`;
    case 'count': return count(value);
    case 'version': return String(value);
    case 'none': return oneDigit.format(value);
  }
}

/** The unit in which people write limits of a kind, and how many of the kind's own unit it holds: the largest that none of the limits is smaller than. */
export function limitUnit(unit: HealthUnit, limits: readonly (number | null)[]): { word: string; factor: number } {
  const smallest = Math.min(...limits.filter((limit) => limit !== null && limit > 0).map(Number));
  const largestOf = (choices: readonly { word: string; factor: number }[]) => choices.find(({ factor }) => smallest !== Infinity && smallest >= factor);
  switch (unit) {
    case 'percent': return { word: '%', factor: 1 };
    case 'ms': return largestOf([{ word: 's', factor: 1000 }]) ?? { word: 'ms', factor: 1 };
    case 'seconds': return largestOf([{ word: 'd', factor: 86_400 }, { word: 'h', factor: 3600 }, { word: 'min', factor: 60 }]) ?? { word: 's', factor: 1 };
    case 'hours': return { word: 'h', factor: 1 };
    case 'days': return { word: 'd', factor: 1 };
    case 'bytes':
    case 'bytes-per-hour': {
      const { word, factor } = largestOf([{ word: 'GiB', factor: 1024 ** 3 }, { word: 'MiB', factor: 1024 ** 2 }, { word: 'KiB', factor: 1024 }]) ?? { word: 'B', factor: 1 };
      return { word: unit === 'bytes' ? word : `${word} an hour`, factor };
    }
    case 'per-minute': return { word: 'a minute', factor: 1 };
    case 'count':
    case 'version':
    case 'none': return { word: '', factor: 1 };
  }
}

/** Where limits come from; what the console set itself says so. */
export function limitSource(source: string): string {
  return source.replace(/\bown\b/g, 'our own');
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const clockSeconds = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const dayAndYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });
const zone = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' });

export function sameDay(a: Date, b: Date): boolean {
  return a.toDateString() === b.toDateString();
}

/** Local time, with the day where it is not today: "14:29", "19 Nov 02:30". */
export function localTime(iso: string, now = new Date()): string {
  const at = new Date(iso);
  if (sameDay(at, now)) return clock.format(at);
  return `${(at.getFullYear() === now.getFullYear() ? day : dayAndYear).format(at)} ${clock.format(at)}`;
}

/** Local day and time, always both. */
export function localStamp(iso: string): string {
  const at = new Date(iso);
  return `${day.format(at)} ${clock.format(at)}`;
}

export function clockTime(iso: string): string {
  return clock.format(new Date(iso));
}

/** Local time to the millisecond, for logs. */
export function logTime(iso: string): { clock: string; fraction: string } {
  return { clock: clockSeconds.format(new Date(iso)), fraction: `.${iso.slice(20, 23).padEnd(3, '0')}` };
}

export function dayName(iso: string, now = new Date()): string {
  const at = new Date(iso);
  return sameDay(at, now) ? 'Today' : weekday.format(at);
}

/** The zone's short name at an instant: "CET", "GMT-6". */
export function zoneName(iso: string): string {
  return zone.formatToParts(new Date(iso)).find((part) => part.type === 'timeZoneName')?.value ?? '';
}

/** The exact instant, local with its zone and in UTC. */
export function exactTime(iso: string): string {
  const at = new Date(iso);
  return `${dayAndYear.format(at)} ${clockSeconds.format(at)} ${zoneName(iso)} · ${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/** Text of the engine for people: plain, and with its instants in local time. */
export function prose(text: string): string {
  return plainText(text).replace(/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g, (instant) => `${localStamp(instant)} ${zoneName(instant)}`);
}

/** Text from elsewhere without terminal escapes and other control characters; tabs and line ends stay. */
export function plainText(text: string): string {
  return text.replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g, '').replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '');
}

/** A letter to one address. What stands in it besides, as other receivers behind a "?", is part of the address and no more. */
export const mailHref = (address: string): string => `mailto:${address.split('@').map(encodeURIComponent).join('@')}`;
