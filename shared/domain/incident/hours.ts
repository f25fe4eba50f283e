/** Time that counts: within the hours of a zone, without what stood still. Holidays are not known here. */
import { minutesPerDay, weekdayOf, weekdays } from '../calendar/local-time.ts';
import { dayAt, findZone } from '../calendar/zone.ts';
import type { Hours } from './incident.ts';

/** Days that are looked ahead: ten years, as long as a clock may be, and some. */
const mostDays = 4000;

/** Milliseconds since the epoch. */
export type Span = readonly [from: number, to: number];

/** "24:00", and "23:59" as people write the end of a day: a day that is open until then has no minute in which it is not. */
const minutesOf = (text: string): number => (text === '23:59' ? minutesPerDay : Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));

/** What is open, in order, from `from` on; neighbours may touch. Without hours, or with a zone that there is not, it is open for ever. */
function* openSpans(hours: Hours | null, from: number): Generator<Span> {
  const zone = hours === null ? null : findZone(hours.tz);
  if (hours === null || zone === null) return yield [from, Infinity];
  let last = from;
  // A span of yesterday may reach into today.
  const first = dayAt(zone, from) - 1;
  for (let day = first; day < first + mostDays; day += 1) {
    const name = weekdays[weekdayOf(day)];
    const midnight = day * minutesPerDay;
    const today = hours.spans.filter(({ days }) => days.some((each) => each === name)).map((span) => ({ begins: minutesOf(span.from), ends: minutesOf(span.to) }));
    for (const { begins, ends } of today.toSorted((a, b) => a.begins - b.begins)) {
      const opens = Math.max(last, zone.resolve(midnight + begins).at);
      const closes = zone.resolve(midnight + (ends <= begins ? ends + minutesPerDay : ends)).at;
      if (opens >= closes) continue;
      yield [opens, closes];
      last = closes;
    }
  }
}

/** What is left of a span without those that stood still, in order. Where the clock was set back meanwhile one ends before it begins: nothing of it counts. */
function without(span: Span, stops: readonly Span[]): Span[] {
  let rest: Span[] = [span];
  for (const [stopFrom, stopTo] of stops.filter(([from, to]) => to > from)) rest = rest.flatMap(([a, b]): Span[] => (stopTo <= a || stopFrom >= b ? [[a, b]] : [...(stopFrom > a ? [[a, stopFrom] as const] : []), ...(stopTo < b ? [[stopTo, b] as const] : [])]));
  return rest;
}

/**
 * When so much time that counts has passed.
 * @param from milliseconds since the epoch, as what is returned
 * @param stops when it stood still; up to `Infinity`: it does
 * @returns null where it never comes
 */
export function deadline(from: number, limitMs: number, hours: Hours | null, stops: readonly Span[]): number | null {
  const forGood = Math.min(...stops.filter(([, to]) => to === Infinity).map(([stopFrom]) => stopFrom), Infinity);
  let left = limitMs;
  for (const open of openSpans(hours, from)) {
    if (open[0] >= forGood) return null;
    for (const [a, b] of without(open, stops)) {
      if (b - a >= left) return a + left;
      left -= b - a;
    }
  }
  return null;
}

/** How much of the time from one instant to another counts, in milliseconds. */
export function counted(from: number, to: number, hours: Hours | null, stops: readonly Span[]): number {
  let total = 0;
  for (const [opens, closes] of openSpans(hours, from)) {
    if (opens >= to) break;
    for (const [a, b] of without([opens, Math.min(closes, to)], stops)) total += b - a;
  }
  return total;
}
