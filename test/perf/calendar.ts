import { expand } from '#shared/domain/calendar/expand.ts';
import { readTiming } from '#shared/domain/calendar/entry.ts';
import { minutesPerDay } from '#shared/domain/calendar/local-time.ts';
import { median, percentile, type Benchmark } from './figure.ts';

const entries = 500;
const years = 10;
const rounds = 15;
const boundMs = 100;

const rules = ['FREQ=DAILY', 'FREQ=WEEKLY;BYDAY=SU', 'FREQ=WEEKLY;BYDAY=MO,WE,FR', 'FREQ=MONTHLY;BYDAY=1SU', 'FREQ=YEARLY;BYMONTH=1,4,7,10;BYDAY=1SU'];
const zones = ['America/New_York', 'UTC', 'Europe/Berlin', 'Asia/Tokyo', 'Australia/Sydney'];

function expandAll(rulesOf: readonly string[]): number {
  let found = 0;
  for (let index = 0; index < entries; index += 1) {
    const { timing } = readTiming({ starts: `2026-01-04T${String(index % 24).padStart(2, '0')}:30`, rrule: rulesOf[index % rulesOf.length] ?? null, tz: zones[Math.floor(index / 5) % zones.length] ?? 'UTC' }, () => null);
    if (timing === null) throw new Error('An entry that the bench made is not sound.');
    const locals = expand(timing.rule, timing.start, timing.start, timing.start + years * 365 * minutesPerDay);
    found += timing.zone.instants(locals).length;
  }
  return found;
}

/** A calendar as great as nobody has one, from rules to instants. */
export const calendar: Benchmark = () => {
  const first = performance.now();
  const found = expandAll(rules);
  const firstMs = performance.now() - first;
  const timed = (rulesOf: readonly string[]): number[] =>
    Array.from({ length: rounds }, () => {
      const from = performance.now();
      expandAll(rulesOf);
      return performance.now() - from;
    });
  const times = timed(rules);
  const ms = median(times);
  const daily = median(timed(['FREQ=DAILY']));
  return Promise.resolve([{ name: `${entries} entries of a calendar over ${years} years`, measured: `${ms.toFixed(0)} ms`, bound: `<= ${boundMs} ms`, ok: ms <= boundMs, how: `${found} times, median of ${rounds}, p95 ${percentile(times, 0.95).toFixed(0)} ms; the first time, with the zones, ${firstMs.toFixed(0)} ms; all of them daily ${daily.toFixed(0)} ms` }]);
};
