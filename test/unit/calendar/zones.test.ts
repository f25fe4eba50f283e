/** The hours in which clocks change, and what an entry makes of them, wherever this process thinks it is. */
import { describe, expect, test, vi } from 'vitest';
import { occurrencesOf, readTiming } from '#shared/domain/calendar/entry.ts';
import { dayNumber, parseLocal } from '#shared/domain/calendar/local-time.ts';
import { clockChangeWords, hoursWords, offsetWords } from '#shared/domain/calendar/words.ts';
import { dayLength, findZone, type Zone } from '#shared/domain/calendar/zone.ts';

const zoneOf = (name: string): Zone => {
  const zone = findZone(name);
  if (zone === null) throw new Error(`no zone ${name}`);
  return zone;
};
const resolve = (zone: string, local: string): string => {
  const { at, offset, kind } = zoneOf(zone).resolve(parseLocal(local) ?? 0);
  return `${new Date(at).toISOString().slice(0, 16)}Z ${offsetWords(offset)} ${kind}`;
};
const instants = (zone: string, starts: string, rrule: string, most: number): string[] => {
  const { timing } = readTiming({ starts, rrule, tz: zone }, () => null);
  if (timing === null) throw new Error('not read');
  return occurrencesOf(timing, null, 0, Date.UTC(2100, 0, 1), most).map(({ start }) => new Date(start).toISOString().slice(0, 16));
};

describe.each(['UTC', 'America/New_York', 'Asia/Tokyo'])('where the process is in %s', (processZone) => {
  test.each([
    ['America/New_York', '2025-11-02T00:59', '2025-11-02T04:59Z −04:00 plain'],
    ['America/New_York', '2025-11-02T01:00', '2025-11-02T05:00Z −04:00 overlap'],
    ['America/New_York', '2025-11-02T01:30', '2025-11-02T05:30Z −04:00 overlap'],
    ['America/New_York', '2025-11-02T02:00', '2025-11-02T07:00Z −05:00 plain'],
    ['America/New_York', '2026-03-08T01:59', '2026-03-08T06:59Z −05:00 plain'],
    ['America/New_York', '2026-03-08T02:00', '2026-03-08T07:00Z −04:00 gap'],
    ['America/New_York', '2026-03-08T02:30', '2026-03-08T07:00Z −04:00 gap'],
    ['America/New_York', '2026-03-08T03:00', '2026-03-08T07:00Z −04:00 plain'],
    ['Australia/Lord_Howe', '2026-04-05T01:45', '2026-04-04T14:45Z +11:00 overlap'],
    ['Australia/Lord_Howe', '2026-10-04T02:10', '2026-10-03T15:30Z +11:00 gap'],
    ['Australia/Lord_Howe', '2026-10-04T02:30', '2026-10-03T15:30Z +11:00 plain'],
    ['Pacific/Apia', '2011-12-30T12:00', '2011-12-30T10:00Z +14:00 gap'],
    ['Etc/GMT+5', '2026-07-01T02:00', '2026-07-01T07:00Z −05:00 plain'],
  ])('in %s the wall shows %s at %s', (zone, local, expected) => {
    vi.stubEnv('TZ', processZone);
    expect(resolve(zone, local)).toBe(expected);
  });

  test('02:00 each week in New York keeps its hour when the clocks go back', () => {
    vi.stubEnv('TZ', processZone);
    expect(instants('America/New_York', '2025-10-26T02:00', 'FREQ=WEEKLY', 3)).toStrictEqual(['2025-10-26T06:00', '2025-11-02T07:00', '2025-11-09T07:00']);
  });

  test('02:30 each day in New York comes once on the day without it', () => {
    vi.stubEnv('TZ', processZone);
    expect(instants('America/New_York', '2026-03-07T02:30', 'FREQ=DAILY', 3)).toStrictEqual(['2026-03-07T07:30', '2026-03-08T07:00', '2026-03-09T06:30']);
  });
});

test.each([
  ['America/New_York', [2025, 11, 2], '25 h'],
  ['America/New_York', [2026, 3, 8], '23 h'],
  ['Australia/Lord_Howe', [2026, 10, 4], '23 h 30 min'],
  ['UTC', [2026, 3, 8], '24 h'],
] as const)('in %s the day %s has %s', (zone, [year, month, day], expected) => {
  expect(hoursWords(dayLength(zoneOf(zone), dayNumber(year, month, day)))).toBe(expected);
});

test('the changes of a year are found to the minute', () => {
  expect(zoneOf('America/New_York').changes(Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1)).map(({ at, before, after }) => [new Date(at).toISOString(), before, after])).toStrictEqual([
    ['2026-03-08T07:00:00.000Z', -300, -240],
    ['2026-11-01T06:00:00.000Z', -240, -300],
  ]);
});

test('many times in order are the instants that each of them is', () => {
  const zone = zoneOf('America/New_York');
  const locals = Array.from({ length: 800 }, (_value, index) => (parseLocal('2025-10-01T01:30') ?? 0) + index * 1440 + (index % 2) * 60);
  expect(zone.instants(locals)).toStrictEqual(locals.map((local) => zone.resolve(local).at));
});

test('a zone that does not exist is refused with one that may have been meant', () => {
  expect(readTiming({ starts: '2026-01-04T02:00', rrule: null, tz: 'America/NewYork' }, () => 'America/New_York').problem).toStrictEqual({ field: 'tz', message: 'There is no time zone America/NewYork. Did you mean America/New_York?' });
});

test.each(['Mars/Olympus', '+01:00', '', 'Europe/Berlin\n', '__proto__'])('%j is no zone', (name) => {
  expect(findZone(name)).toBeNull();
});

test.each([
  ['2026-03-08T02:30', 'gap', 1380, '02:30 does not exist that day: the clocks go forward. It begins at 03:00.'],
  ['2025-11-02T01:30', 'overlap', 1500, '01:30 comes twice that day: the clocks go back. It begins at the first.'],
  ['2026-03-08T09:00', 'plain', 1380, 'The clocks go forward that day: it has 23 h.'],
  ['2026-03-09T09:00', 'plain', 1440, null],
] as const)('of %s (%s, %d minutes) it is said: %s', (local, kind, length, expected) => {
  expect(clockChangeWords(local, kind, length, '03:00')).toBe(expected);
});
