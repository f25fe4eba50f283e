import { describe, expect, test } from 'vitest';
import { leftInWords } from '#engine/backup/words.ts';
import { leftOfPart, leftOfWhole } from '#engine/operations/left.ts';

describe('how long an operation still takes', () => {
  test.each([
    ['of its first moments', 999, 0.5],
    ['of a first small share', 60_000, 0.02],
  ])('is not told by the pace %s', (_what, elapsedMs, reached) => {
    expect([leftOfPart(elapsedMs, reached), leftOfWhole(elapsedMs, reached, [0, 0.2])]).toEqual([null, null]);
  });
  test('goes by the pace of the part that is under way', () => {
    expect(leftOfPart(30_000, 0.75)).toBe(10_000);
  });
  test('has what follows on that part in it, also where the part is done', () => {
    expect([leftOfWhole(60_000, 1, [0, 0.2]), leftOfWhole(30_000, 0.5, [0.5, 1])]).toEqual([240_000, 30_000]);
  });
});

describe('what is left of a part, in words', () => {
  test.each([
    [null, ''],
    [0, ' · about 1 s of the dump left'],
    [89_000, ' · about 89 s of the dump left'],
    [600_000, ' · about 10 min of the dump left'],
    [7_500_000, ' · about 2 h 5 min of the dump left'],
  ])('%j ms', (ms, words) => {
    expect(leftInWords(ms, 'the dump')).toBe(words);
  });
});
