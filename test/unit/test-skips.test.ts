import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isContinuousIntegration, judgeSkips, readAllowedSkips } from '../../scripts/test/skips.ts';

const project = join(import.meta.dirname, '..', '..');

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

describe('continuous integration', () => {
  it.each(['true', 'True', '1', 'woodpecker'])('is what CI=%s says', (value) => {
    expect(isContinuousIntegration(value)).toBe(true);
  });

  it.each([undefined, '', '0', 'false', 'no'])('is not what CI=%s says', (value) => {
    expect(isContinuousIntegration(value)).toBe(false);
  });
});

describe('the list of skips that are accepted', () => {
  it.each(readAllowedSkips(project))('names a test that there is: $test', ({ test }) => {
    const [, file = '', ...titles] = test.split(' > ');
    const text = readFileSync(join(project, file), 'utf8');
    expect(titles.filter((title) => !text.includes(title))).toEqual([]);
  });
});
