/** What one chooses in the form of an entry, and what it is as a rule and as a span. */
import { expect, test } from 'vitest';
import { calendarItem } from '#shared/contract/items.ts';
import { draftOf, itemOf } from '../../../renderer/features/calendar/draft.ts';
import { readSpan, repeatOf, repeatWords, ruleFor, spanText, type Repeat } from '../../../renderer/features/calendar/repeat.ts';

test.each<[Repeat, string, string | null, string]>([
  ['once', '2026-01-04T02:00', null, 'Once'],
  ['weekly', '2026-01-04T02:00', 'FREQ=WEEKLY;BYDAY=SU', 'Every week on Sunday'],
  ['monthly-weekday', '2026-01-04T02:00', 'FREQ=MONTHLY;BYDAY=1SU', 'Every month on the first Sunday'],
  ['monthly-weekday', '2026-01-27T02:00', 'FREQ=MONTHLY;BYDAY=-1TU', 'Every month on the last Tuesday'],
  ['monthly-day', '2026-01-15T22:00', 'FREQ=MONTHLY;BYMONTHDAY=15', 'Every month on day 15'],
  ['quarterly', '2026-02-01T02:00', 'FREQ=YEARLY;BYMONTH=2,5,8,11;BYDAY=1SU', 'Every quarter, on the first Sunday of its month'],
  ['yearly', '2026-12-24T02:00', 'FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24', 'Every year on 24 December'],
])('%s from %s is %s: %s', (repeat, starts, rule, words) => {
  expect([ruleFor(repeat, starts, ''), repeatWords(repeat, starts), repeatOf(rule, starts)]).toStrictEqual([rule, words, repeat]);
});

test('a rule that is none of the usual ones is one\'s own', () => {
  expect(repeatOf('FREQ=WEEKLY;INTERVAL=2;BYDAY=SU', '2026-01-04T02:00')).toBe('own');
});

test.each([
  ['', null],
  ['4h', 14_400_000],
  ['1 h 30 min', 5_400_000],
  ['2 d', 172_800_000],
  ['soon', undefined],
  ['0 h', undefined],
])('the span "%s" is %s', (text, ms) => {
  expect(readSpan(text)).toBe(ms);
});

test('a span is written so that it can be read again', () => {
  expect([95_400_000, 90_000, 500].map((ms) => readSpan(spanText(ms)))).toEqual([95_400_000, 90_000, 500]);
});

test.each([
  ['a copy, and does not remove', { removes: false }],
  ['a copy, as it removes', { removes: true }],
])('an entry that waits for %s waits for it still when its title is changed', (_what, more) => {
  const item = calendarItem.parse({ title: 'Archive', starts: '2026-01-04T02:00', tz: 'UTC', work: { kind: 'tasks', tasks: ['Archive'] }, after: [{ key: 'look', withinMs: 86_400_000, needs: 'done' }, { key: 'backup', withinMs: 86_400_000, needs: 'proven-backup' }], ...more });
  const changed = itemOf({ ...draftOf({ item }), title: 'Archive it' }, item);
  expect([changed.after?.some(({ needs }) => needs === 'proven-backup'), changed.after?.some(({ key }) => key === 'look')]).toEqual([true, true]);
});

test('whoever says that an entry removes nothing any more wants no copy for it', () => {
  const item = calendarItem.parse({ title: 'Archive', starts: '2026-01-04T02:00', tz: 'UTC', work: { kind: 'tasks', tasks: ['Archive'] }, removes: true, after: [{ key: 'backup', withinMs: 86_400_000, needs: 'proven-backup' }] });
  expect(itemOf({ ...draftOf({ item }), removes: false }, item).after).toEqual([]);
});
