import { describe, expect, it } from 'vitest';
import { judgeSkips } from '../../scripts/test/skips.ts';

const skipped = [{ name: 'integration > test/integration/x.test.ts > disk > fills up', reason: 'only root can mount a disk' }];

describe('a skipped test', () => {
  it('is listed with its reason', () => {
    expect(judgeSkips(skipped, [], false).lines).toEqual(['skipped  integration > test/integration/x.test.ts > disk > fills up: only root can mount a disk']);
  });

  it('fails in continuous integration', () => {
    expect(judgeSkips(skipped, [], true).failures).toHaveLength(1);
  });

  it('passes in continuous integration where the list allows it', () => {
    expect(judgeSkips(skipped, [{ test: 'integration > test/integration/x.test.ts', because: 'no root there' }], true).failures).toEqual([]);
  });

  it('that gives no reason is said to give none', () => {
    expect(judgeSkips([{ name: 'a', reason: null }], [], false).lines).toEqual(['skipped  a: it gives no reason']);
  });
});
