import { expect, test } from 'vitest';
import { expand } from '#shared/domain/calendar/expand.ts';
import { nextAfter, occurrenceAt, occurrencesOf, readTiming } from '#shared/domain/calendar/entry.ts';
import { localText, parseLocal } from '#shared/domain/calendar/local-time.ts';
import { readRule } from '#shared/domain/calendar/rule.ts';
import { durationWords, recurrenceWords } from '#shared/domain/calendar/words.ts';

const at = (text: string): number => parseLocal(text) ?? Number.NaN;

test.each([
  ['FREQ=HOURLY', 'FREQ=HOURLY is not known here. It is one of DAILY, WEEKLY, MONTHLY, YEARLY.'],
  ['FREQ=DAILY;BYHOUR=3', 'BYHOUR is not known here. Write one entry for each hour.'],
  ['FREQ=YEARLY;BYWEEKNO=20', 'BYWEEKNO is not known here. Write BYMONTH and BYDAY.'],
  ['FREQ=DAILY;FOO=1', 'FOO is no part of a rule. They are FREQ, INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS and WKST.'],
  ['BYDAY=MO', 'It has no FREQ. A rule looks like FREQ=WEEKLY;BYDAY=SU.'],
  ['0 4 1-7 * 0', '"0 4 1-7 * 0" is not NAME=VALUE. A rule looks like FREQ=WEEKLY;BYDAY=SU.'],
  ['FREQ=WEEKLY;BYDAY=1SU', 'BYDAY counts days (1SU), which only MONTHLY and YEARLY do.'],
  ['FREQ=MONTHLY;BYDAY=6MO', 'BYDAY has 6MO, and no month has that many.'],
  ['FREQ=WEEKLY;BYDAY=XX', 'BYDAY has "XX", which is no day of the week. They are MO, TU, WE, TH, FR, SA, SU.'],
  ['FREQ=MONTHLY;BYMONTHDAY=0', 'BYMONTHDAY has 0: the first is 1, the last is -1.'],
  ['FREQ=DAILY;INTERVAL=0', 'INTERVAL=0 is not a whole number from 1 to 1000.'],
  ['FREQ=DAILY;COUNT=3;UNTIL=20270101', 'It has COUNT and UNTIL. Keep one of them.'],
  ['FREQ=DAILY;UNTIL=20270230', 'UNTIL=20270230 is no date. Write 20261231, 20261231T235900 or 20261231T235900Z.'],
  ['FREQ=DAILY;FREQ=WEEKLY', 'FREQ stands in it twice.'],
])('the rule %s is refused: %s', (rule, problem) => {
  expect(readRule(rule).problem).toBe(problem);
});

test.each([
  ['FREQ=YEARLY;BYMONTH=1,4,7,10;BYDAY=1SU', ['2025-01-05', '2025-04-06', '2025-07-06', '2025-10-05']],
  ['FREQ=MONTHLY;BYDAY=1SU', ['2025-01-05', '2025-02-02', '2025-03-02', '2025-04-06']],
  ['FREQ=MONTHLY;BYMONTHDAY=-1', ['2025-01-31', '2025-02-28', '2025-03-31', '2025-04-30']],
  ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', ['2025-01-31', '2025-02-28', '2025-03-31', '2025-04-30']],
  ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', ['2028-02-29', '2032-02-29', '2036-02-29', '2040-02-29']],
  ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', []],
] as const)('%s gives %j', (rule, expected) => {
  expect(expand(readRule(rule).rule, at('2025-01-01T05:00'), at('2025-01-01T00:00'), at('2045-01-01T00:00'), 4).map((local) => localText(local).slice(0, 10))).toStrictEqual([...expected]);
});

test('a rule that fits no day ends by itself', () => {
  expect(expand(readRule('FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31').rule, at('2025-01-01T05:00'), at('2025-01-01T00:00'), Number.MAX_SAFE_INTEGER)).toStrictEqual([]);
});

const timed = (starts: string, rrule: string | null, tz: string) => {
  const { timing } = readTiming({ starts, rrule, tz }, () => null);
  if (timing === null) throw new Error('not read');
  return timing;
};

test('UNTIL as an instant ends a series by the zone', () => {
  const timing = timed('2026-01-01T20:00', 'FREQ=DAILY;UNTIL=20260103T010000Z', 'America/New_York');
  expect(occurrencesOf(timing, null, 0, Date.UTC(2027, 0, 1)).map(({ local }) => local)).toStrictEqual(['2026-01-01T20:00', '2026-01-02T20:00']);
});

test('a time that the rule does not give is no occurrence', () => {
  expect(occurrenceAt(timed('2026-01-04T02:00', 'FREQ=WEEKLY', 'UTC'), null, '2026-01-05T02:00')).toBeNull();
});

test('the next leap day is found', () => {
  expect(nextAfter(timed('2024-02-29T02:00', 'FREQ=YEARLY', 'UTC'), null, Date.UTC(2024, 2, 1))?.local).toBe('2028-02-29T02:00');
});

test.each([
  [null, 'Once, on Sunday 4 January 2026 at 02:00'],
  ['FREQ=DAILY', 'Every day at 02:00'],
  ['FREQ=WEEKLY', 'Every week on Sunday at 02:00'],
  ['FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE', 'Every 2 weeks on Monday and Wednesday at 02:00'],
  ['FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', 'Every week on working days (Monday to Friday) at 02:00'],
  ['FREQ=MONTHLY;BYDAY=1SU', 'Every month on the first Sunday at 02:00'],
  ['FREQ=MONTHLY;BYMONTHDAY=1,-1', 'Every month on day 1 and the last day at 02:00'],
  ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', 'Every month on the last of working days (Monday to Friday) at 02:00'],
  ['FREQ=YEARLY;BYMONTH=1,4,7,10;BYDAY=1SU', 'Every year on the first Sunday of January, April, July and October at 02:00'],
  ['FREQ=YEARLY', 'Every year on 4 January at 02:00'],
  ['FREQ=DAILY;COUNT=10', 'Every day at 02:00, 10 times'],
  ['FREQ=DAILY;UNTIL=20261231', 'Every day at 02:00, until 31 December 2026'],
])('%s is in words: %s', (rrule, expected) => {
  expect(recurrenceWords(rrule === null ? null : readRule(rrule).rule, at('2026-01-04T02:00'))).toBe(expected);
});

test.each([
  [30_000, 'less than a minute'],
  [20 * 60_000, '20 min'],
  [26 * 3_600_000, '1 d 2 h'],
])('%d ms are %s', (ms, expected) => {
  expect(durationWords(ms)).toBe(expected);
});
