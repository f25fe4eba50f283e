import { expect, test } from 'vitest';
import { joinSpans } from '#engine/store/history-spans.ts';

test('spans that touch or overlap become one, newest first', () => {
  expect(joinSpans([{ first: 1, last: 5 }, { first: 20, last: 30 }, { first: 4, last: 9 }, { first: 10, last: 12 }])).toEqual([{ first: 20, last: 30 }, { first: 1, last: 12 }]);
});
test('a span within another does not end it early', () => {
  expect(joinSpans([{ first: 1, last: 100 }, { first: 40, last: 50 }, { first: 20, last: 30 }])).toEqual([{ first: 1, last: 100 }]);
});
test('of too many the nearest are joined, and none is lost', () => {
  const joined = joinSpans(Array.from({ length: 1000 }, (_value, index) => ({ first: index * 100, last: index * 100 + 1 })), 8);
  expect([joined.length <= 8, joined[0]?.last, joined.at(-1)?.first]).toEqual([true, 99_901, 0]);
});
