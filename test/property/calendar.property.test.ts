/** Recurrences against another library's, which is asked for dates without a zone; and zones against Intl, minute by minute. */
import fc from 'fast-check';
import { RRule } from 'rrule';
import { describe, expect, test, vi } from 'vitest';
import { expand } from '#shared/domain/calendar/expand.ts';
import { civilDay, dayNumber, localText, minutesPerDay, parseLocal, weekdays } from '#shared/domain/calendar/local-time.ts';
import { readRule } from '#shared/domain/calendar/rule.ts';
import { findZone } from '#shared/domain/calendar/zone.ts';

const horizonDays = 6 * 366;
/** Rules that fit no day at all are left out: the other library looks for one until the year 9999, which takes seconds. */
const startDay = fc.tuple(fc.integer({ min: 2023, max: 2031 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 })).map(([year, month, day]) => dayNumber(year, month, day));
const start = fc.tuple(startDay, fc.integer({ min: 0, max: minutesPerDay - 1 })).map(([day, minute]) => day * minutesPerDay + minute);

const weekday = fc.constantFrom(...weekdays);
const counted = fc.tuple(fc.constantFrom(1, 2, 3, 4, 5, -1, -2), weekday).map(([nth, day]) => `${nth}${day}`);
const some = <T>(of: fc.Arbitrary<T>) => fc.uniqueArray(of, { minLength: 1, maxLength: 4 }).map((list) => list.join(','));
/** Both kinds together are not asked about: the other library takes 1MO,MO for what is both. */
const someDays = fc.oneof(some(weekday), some(counted));
const months = some(fc.integer({ min: 1, max: 12 }));
const monthDays = some(fc.constantFrom(1, 2, 15, 28, -1, -2));
const anyMonthDays = some(fc.constantFrom(1, 2, 15, 28, 29, 30, 31, -1, -2, -31));
/** One of them: where two mean the same day, the other library gives it twice. */
const place = fc.constantFrom('1', '2', '3', '-1', '-2');
const maybe = (name: string, of: fc.Arbitrary<string>) => fc.option(of.map((value) => `;${name}=${value}`), { nil: '' });
const week = maybe('WKST', fc.constantFrom('MO', 'SU', 'WE'));
const interval = fc.integer({ min: 1, max: 5 }).map((count) => `;INTERVAL=${count}`);
const body = fc.oneof(
  fc.tuple(fc.constant('FREQ=DAILY'), maybe('BYDAY', some(weekday)), maybe('BYMONTH', months), maybe('BYMONTHDAY', monthDays)),
  fc.tuple(fc.constant('FREQ=DAILY'), interval, maybe('BYDAY', some(weekday))),
  fc.tuple(fc.constant('FREQ=WEEKLY'), interval, maybe('BYDAY', some(weekday)), week),
  fc.tuple(fc.constant('FREQ=WEEKLY'), maybe('BYDAY', some(weekday)), maybe('BYMONTH', months), week),
  fc.tuple(fc.constant('FREQ=MONTHLY'), interval, maybe('BYDAY', someDays)),
  fc.tuple(fc.constant('FREQ=MONTHLY'), maybe('BYMONTHDAY', anyMonthDays)),
  fc.tuple(fc.constant('FREQ=MONTHLY'), maybe('BYDAY', some(weekday)), maybe('BYMONTH', months), maybe('BYMONTHDAY', monthDays)),
  fc.tuple(fc.constant('FREQ=MONTHLY;BYDAY='), some(weekday), fc.constant(';BYSETPOS='), place),
  fc.tuple(fc.constant('FREQ=YEARLY;BYMONTH='), months, interval, maybe('BYDAY', some(weekday)), maybe('BYMONTHDAY', monthDays)),
  fc.tuple(fc.constant('FREQ=YEARLY;BYMONTH='), months, fc.constant(';BYDAY='), someDays),
  fc.tuple(fc.constant('FREQ=YEARLY'), interval, maybe('BYDAY', someDays)),
  fc.tuple(fc.constant('FREQ=YEARLY'), maybe('BYMONTHDAY', anyMonthDays)),
).map((parts) => parts.join(''));
const bound = fc.oneof(fc.constant(''), fc.integer({ min: 1, max: 40 }).map((count) => `;COUNT=${count}`), fc.integer({ min: 1, max: 2000 }).map((later) => ({ later })));
const text = fc.tuple(body, bound, start).map(([rule, end, from]) => {
  const until = typeof end === 'string' ? end : `;UNTIL=${localText(from + end.later * minutesPerDay).replaceAll(/[-:]/g, '')}00`;
  return { rule: `${rule}${until}`, start: from };
});

const asUtc = (local: number): Date => new Date(local * 60_000);
const ours = (rule: string, from: number): string[] => {
  const read = readRule(rule);
  if (read.rule === null) throw new Error(read.problem);
  return expand(read.rule, from, from, from + horizonDays * minutesPerDay).map(localText);
};
/** The fields of UTC stand for the wall. */
const theirs = (rule: string, from: number): string[] =>
  new RRule({ ...RRule.parseString(rule), dtstart: asUtc(from) }).between(asUtc(from), asUtc(from + horizonDays * minutesPerDay), true).map((date) => date.toISOString().slice(0, 16));

describe.each(['UTC', 'America/New_York', 'Asia/Tokyo'])('where the process is in %s', (processZone) => {
  test('a recurrence gives the dates that another library gives', () => {
    vi.stubEnv('TZ', processZone);
    fc.assert(
      fc.property(text, ({ rule, start: from }) => {
        expect(ours(rule, from)).toStrictEqual(theirs(rule, from));
      }),
      { numRuns: 100 },
    );
  });

  test('a time on the wall is the first instant that shows it, or the first after it where none does', () => {
    vi.stubEnv('TZ', processZone);
    const name = fc.constantFrom('America/New_York', 'Australia/Lord_Howe', 'Europe/Berlin', 'Asia/Kolkata', 'Pacific/Apia', 'Africa/Casablanca', 'UTC');
    fc.assert(
      fc.property(name, start, (zoneName, local) => {
        const zone = findZone(zoneName);
        const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zoneName, dateStyle: 'short', timeStyle: 'short' });
        const shows = (at: number): number => parseLocal(format.format(at).replace(' ', 'T')) ?? Number.NaN;
        const { at, kind } = zone?.resolve(local) ?? { at: 0, kind: 'plain' };
        expect(kind === 'gap' ? shows(at) > local && shows(at - 60_000) < local : shows(at) === local && ![30, 60, 180].some((minutes) => shows(at - minutes * 60_000) === local)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});

test('what begins later in a series is the end of the whole series', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 1500 }), ({ rule, start: from }, days) => {
      const read = readRule(rule).rule;
      const later = from + days * minutesPerDay;
      const end = from + horizonDays * minutesPerDay;
      expect(expand(read, from, later, end)).toStrictEqual(expand(read, from, from, end).filter((local) => local >= later));
    }),
    { numRuns: 200 },
  );
});

test('days are counted as the calendar has them', () => {
  fc.assert(
    fc.property(fc.integer({ min: -700_000, max: 2_900_000 }), (days) => {
      const { year, month, day } = civilDay(days);
      expect(dayNumber(year, month, day)).toBe(days);
    }),
  );
});

test('whatever is written as a rule is read or refused in words', () => {
  const nonsense = fc.oneof(fc.string(), fc.array(fc.constantFrom('FREQ', '=', ';', 'DAILY', 'BYDAY', 'SU', '1', '-', '0', ',', 'COUNT', 'UNTIL', '2026'), { maxLength: 12 }).map((parts) => parts.join('')));
  fc.assert(
    fc.property(nonsense, (rule) => {
      expect(readRule(rule).problem ?? 'read').not.toBe('');
    }),
  );
});
