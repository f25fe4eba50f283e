import { describe, expect, it, vi } from 'vitest';
import { sampleOf } from '#test/sample.ts';

describe('a sample of points to fail at', () => {
  const all = ['a', 'b', 'c', 'd', 'e'];

  it('is all of them in a full run', () => {
    vi.stubEnv('PILOTHOUSE_FULL', '1');
    expect(sampleOf(all, 2)).toEqual(all);
  });

  it('has had each of them after a few days', () => {
    vi.stubEnv('PILOTHOUSE_FULL', '');
    const seen = ['1', '2', '3'].flatMap((seed) => {
      vi.stubEnv('PILOTHOUSE_SEED', seed);
      return sampleOf(all, 2);
    });
    expect([...new Set(seen)].sort()).toEqual(all);
  });
});
