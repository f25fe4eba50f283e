import { expect, test } from 'vitest';
import { readRunbook, readRunbookOnce } from '#engine/runbooks/format/index.ts';
import { restart } from '#test/runbooks/texts.ts';

test('a text that was read before is the same runbook', () => {
  expect(readRunbookOnce(restart)).toEqual(readRunbook(restart));
  expect(readRunbookOnce(restart)).toBe(readRunbookOnce(restart));
});

test('another text is another one', () => {
  expect(readRunbookOnce(restart.replace('title: ', 'title: Another ')).runbook).not.toEqual(readRunbookOnce(restart).runbook);
});
