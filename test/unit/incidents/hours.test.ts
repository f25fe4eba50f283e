import { describe, expect, test } from 'vitest';
import { counted, deadline } from '#shared/domain/incident/hours.ts';
import type { Hours } from '#shared/domain/incident/incident.ts';
import { hour, minute, office } from '#test/incident.ts';

const at = (iso: string): number => Date.parse(iso);
const due = (from: string, limit: number, hours: Hours | null, stops: [string, string | null][] = []): string | null => {
  const found = deadline(at(from), limit, hours, stops.map(([a, b]) => [at(a), b === null ? Infinity : at(b)]));
  return found === null ? null : new Date(found).toISOString().slice(0, 16);
};
const all = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
const always = (tz: string, to: string): Hours => ({ title: 'Always', tz, spans: [{ days: [...all], from: '00:00', to }] });

describe('hours in which clocks go', () => {
  test('without hours a clock goes all the time', () => expect(due('2026-03-06T22:00:00Z', 24 * hour, null)).toBe('2026-03-07T22:00'));
  test('what does not fit into Friday goes on on Monday', () => expect(due('2026-03-06T21:00:00Z', 2 * hour, office)).toBe('2026-03-09T14:00'));
  test('what is declared at night begins in the morning', () => expect(due('2026-03-03T03:00:00Z', hour, office)).toBe('2026-03-03T15:00'));
  test('what ends at the closing hour ends there, and not the next morning', () => expect(due('2026-03-03T20:00:00Z', 2 * hour, office)).toBe('2026-03-03T22:00'));
  test('the clocks go forward between Friday and Monday: nine in the morning is an hour earlier in UTC', () => expect(due('2026-03-06T21:30:00Z', hour, office)).toBe('2026-03-09T13:30'));
  test('the clocks go back between Friday and Monday: nine in the morning is an hour later in UTC', () => expect(due('2026-10-30T20:30:00Z', hour, office)).toBe('2026-11-02T14:30'));

  test.each(['24:00', '23:59', '00:00'])('a day that is open from 00:00 to %s has no minute at midnight in which it is closed', (to) => {
    expect(counted(at('2026-03-01T12:00:00Z'), at('2026-03-20T12:00:00Z'), always('Europe/Berlin', to), [])).toBe(19 * 24 * hour);
  });
  test.each(['America/New_York', 'Asia/Tokyo', 'Europe/Berlin', 'America/Havana', 'Asia/Beirut'])('days that are open all the time have every hour of a year of %s, also where clocks change at midnight', (tz) => {
    expect(counted(at('2026-01-01T00:00:00Z'), at('2027-01-01T00:00:00Z'), always(tz, '24:00'), [])).toBe(365 * 24 * hour);
  });

  const night: Hours = { title: 'Nights', tz: 'Asia/Tokyo', spans: [{ days: ['MO'], from: '22:00', to: '06:00' }] };
  test('hours that end on the next day belong to the day on which they begin', () => expect(due('2026-03-02T16:00:00Z', 6 * hour, night)).toBe('2026-03-09T14:00'));
  test('hours that overlap count once', () => {
    const both: Hours = { ...office, tz: 'UTC', spans: [{ days: ['MO'], from: '09:00', to: '12:00' }, { days: ['MO'], from: '11:00', to: '13:00' }] };
    expect(counted(at('2026-03-02T00:00:00Z'), at('2026-03-03T00:00:00Z'), both, [])).toBe(4 * hour);
  });

  test('time that stood still does not count', () => expect(due('2026-03-03T15:00:00Z', hour, office, [['2026-03-03T15:30:00Z', '2026-03-03T16:00:00Z']])).toBe('2026-03-03T16:30'));
  test('where the clock was set back while it stood still, no time counts twice', () => expect(due('2026-03-03T15:00:00Z', 3 * hour, office, [['2026-03-03T17:00:00Z', '2026-03-03T16:00:00Z']])).toBe('2026-03-03T18:00'));
  test('what stands still has no end', () => expect(due('2026-03-03T15:00:00Z', hour, office, [['2026-03-03T15:30:00Z', null]])).toBe(null));
  test('what ran out before it stood still ran out', () => expect(due('2026-03-03T15:00:00Z', 15 * minute, office, [['2026-03-03T15:30:00Z', null]])).toBe('2026-03-03T15:15'));
  test('hours of a zone that there is not hold nothing up', () => expect(due('2026-03-07T15:00:00Z', hour, { ...office, tz: 'Mars/Base' })).toBe('2026-03-07T16:00'));
  test('of hours that are a minute a week a long clock is found, or said to have no end, at once', () => {
    const started = performance.now();
    expect(due('2026-03-03T15:00:00Z', 300 * 24 * hour, { title: '', tz: 'Europe/Berlin', spans: [{ days: ['MO'], from: '09:00', to: '09:01' }] })).toBe(null);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
