import { describe, expect, test } from 'vitest';
import { snippetOf, toMatchExpression } from '#engine/store/history-repository.ts';

describe('what people type becomes a search', () => {
  test('every word must occur, the last may be the beginning of one', () => {
    expect(toMatchExpression('pg_dump orde')).toBe('"pg_dump" AND "orde"*');
  });
  test('a space behind the last word makes it whole', () => {
    expect(toMatchExpression('orders ')).toBe('"orders"');
  });
  test('a single letter is no beginning, for half of all words begin with it', () => {
    expect(toMatchExpression('p')).toBe('"p"');
  });
  test('words in quotes stand together', () => {
    expect(toMatchExpression('"lock timeout"')).toBe('"lock timeout"');
  });
  test('the operators of the index are words like any other', () => {
    expect(toMatchExpression('NOT NEAR( a* OR')).toBe('"NOT" AND "NEAR(" AND "a*" AND "OR"*');
  });
  test('an open quote does not break it', () => {
    expect(toMatchExpression('say "hello')).toBe('"say" AND """hello"*');
  });
  test('punctuation alone searches for nothing', () => {
    expect(toMatchExpression(' -- ; "" ')).toBeNull();
  });
});

describe('the text around a match', () => {
  test('the match is marked', () => {
    expect(snippetOf('waiting for a lock on job_sites', 'job_sites')).toBe('waiting for a lock on \u0002job_sites\u0003');
  });
  test('a match far in is shown with what stands before it', () => {
    const text = `${'x'.repeat(500)} needle ${'y'.repeat(500)}`;
    expect(snippetOf(text, 'needle')).toMatch(/^… x{79} \u0002needle\u0003 y+ …$/);
  });
  test('words with signs of a regular expression do not break it', () => {
    expect(snippetOf('a (b) c', '(b)')).toContain('\u0002');
  });
});
