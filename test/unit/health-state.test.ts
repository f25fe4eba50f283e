import { describe, expect, test } from 'vitest';
import { compareHealth, judge, worstHealth } from '#shared/domain/health-state.ts';

describe('the worst of several answers', () => {
  test('critical comes before unknown, unknown before warn, warn before ok', () => {
    expect((['ok', 'skipped', 'warn', 'unknown', 'critical'] as const).toSorted(compareHealth)).toEqual(['critical', 'unknown', 'warn', 'ok', 'skipped']);
  });
  test('who looked at nothing knows nothing', () => {
    expect(worstHealth([])).toBe('unknown');
  });
  test('nothing but skipped checks is unknown, never ok', () => {
    expect(worstHealth(['skipped', 'skipped'])).toBe('unknown');
  });
  test('one blind check outweighs a warning', () => {
    expect(worstHealth(['ok', 'warn', 'unknown', 'skipped'])).toBe('unknown');
  });
});

describe('a value against its limits', () => {
  test.each([
    [79, 'ok'],
    [80, 'warn'],
    [94.9, 'warn'],
    [95, 'critical'],
  ] as const)('%d with limits 80 and 95 is %s', (value, expected) => {
    expect(judge(value, { warn: 80, critical: 95 })).toBe(expected);
  });
  test('where lower is worse, falling below warns', () => {
    expect(judge(94, { warn: 95, critical: 90, lowerIsWorse: true })).toBe('warn');
    expect(judge(90, { warn: 95, critical: 90, lowerIsWorse: true })).toBe('critical');
  });
  test('a limit that is not set is never passed', () => {
    expect(judge(1e12, { warn: null, critical: null })).toBe('ok');
  });
});
