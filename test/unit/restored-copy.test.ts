import { describe, expect, it } from 'vitest';
import { wasTakenBack, wasWrittenTo } from '#shared/domain/restored-copy.ts';
import { rowsWords } from '../../electron/cli/commands/restore.ts';

describe('a restored copy that differs from its backup', () => {
  it.each([
    ['undone', false, true],
    ['beside', false, true],
    ['dropped', false, true],
    ['failed', false, false],
    ['undone', true, false],
  ] as const)('%s, equal %s, was written to: %s', (state, equal, written) => {
    expect(wasWrittenTo({ state, equal })).toBe(written);
  });

  it.each([['undone', 'equal, written to since'], ['failed', 'NOT EQUAL']] as const)('is listed on the command line where it is %s as "%s"', (state, words) => {
    expect(rowsWords({ state, equal: false })).toBe(words);
  });
});

it.each([
  [{ state: 'undone' }, true],
  [{ state: 'dropped', undoneAt: '2026-11-26T08:17:00.000Z' }, true],
  [{ state: 'swapped', undoneAt: '2026-11-26T08:17:00.000Z' }, false],
  [{ state: 'dropped' }, false],
])('of %j it is known whether it was live once: %s', (restore, known) => {
  expect(wasTakenBack(restore)).toBe(known);
});
