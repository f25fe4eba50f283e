import { describe, expect, test } from 'vitest';
import { toLine } from '../../renderer/components/operation/log-lines.ts';
import { outcomeWords } from '../../renderer/components/operation/outcome-words.ts';

const base = { operationId: 'o1', seq: 1, at: '2026-11-20T20:59:31.123Z' };

describe('a cancelled operation', () => {
  test.each([
    ['of a phase', { ...base, kind: 'phase', phase: 'dump', title: 'Dump', state: 'cancelled' }, 'Dump: cancelled'],
    ['of its end', { ...base, kind: 'result', state: 'cancelled', summary: 'Cancelled. Nothing was left behind.', error: null }, 'Cancelled. Nothing was left behind.'],
  ] as const)('has a neutral line %s', (_what, event, text) => {
    expect(toLine(event)).toMatchObject({ tone: 'info', text });
  });
  test('is called cancelled once, by its state', () => {
    expect([outcomeWords({ state: 'cancelled', summary: 'Cancelled. The backup was made.' }), outcomeWords({ state: 'cancelled', summary: 'Stopped because Pilothouse was closed. Nothing was left behind.' })]).toEqual(['The backup was made.', 'Stopped because Pilothouse was closed. Nothing was left behind.']);
  });
});
