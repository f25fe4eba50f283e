/** What a field of an item is called, and what stands in it, on every screen and on the command line. */
import { expect, test } from 'vitest';
import { fieldWords, valueWords } from '#shared/domain/pack/field-words.ts';

test.each([
  ['clocks.respond', 14_400_000, 'clocks, respond: 4 h'],
  ['responds.p1', 900_000, 'responds, p1: 15 min'],
  ['warnMs', 500, 'warn: 500 ms'],
  ['warn', 500, 'warn: 500'],
  ['lowerIsWorse', true, 'lower is worse: yes'],
  ['duties', ['Look', 'Tell'], 'duties: Look; Tell'],
  ['after', [{ key: 'backup', withinMs: 93_600_000, needs: 'done' }], 'after: key backup, within 1 d 2 h, needs done'],
  ['rrule', null, 'rrule: nothing'],
  ['source', { file: 'a.md', lines: null }, 'source: file a.md'],
])('%s of %j', (field, value, words) => {
  expect(`${fieldWords(field)}: ${valueWords(field, value)}`).toBe(words);
});
