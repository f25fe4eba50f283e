/** The small language of `when`, `expr`, `number` and `rows`. */
import { describe, expect, test } from 'vitest';
import { evaluate, isTrue, parseExpression } from '#shared/domain/runbook/expression.ts';

const values = { n: 82, kind: 'planned', units: ['web', 'worker'], ready: true, count: '12', day: '2026-01-31', empty: '' };
const refusal = (text: string): string => {
  const parsed = parseExpression(text);
  return 'problem' in parsed ? `${parsed.at}: ${parsed.problem}` : 'it was read';
};

describe('an expression', () => {
  test.each([
    ['n < 80', false], ['n <= 82', true], ['n > 81.5', true], ['n >= 83', false], ['n == 82', true], ['n != 82', false], ['n == -1', false],
    ["kind == 'planned'", true], ['kind != "emergency"', true], ["kind in ['planned', 'later']", true], ["kind not in ['planned']", false],
    ["'web' in units", true], ["'db' in units", false], ["'lan' in kind", true], ['n in [1, 82]', true], ['n in []', false],
    ['ready', true], ['not ready', false], ['not not ready', true], ['ready == true', true],
    ['not n < 80 and ready', true], ["n < 80 or kind == 'planned'", true], ["n < 80 or kind == 'x' and ready", false], ["(n < 80 or kind == 'planned') and not ready", false],
    ['count == 12', true], ['count > 9', true], ["day < '2026-02-01'", true], [String.raw`kind == 'pla\'nned'`, false], ["empty == ''", true],
    ['n < 80 and nobody == 1', false], ['n > 80 or nobody == 1', true],
  ])('%s is %s', (text, expected) => {
    expect(isTrue(text, values)).toBe(expected);
  });
  test('of a name alone is its value', () => {
    const parsed = parseExpression('units');
    expect('problem' in parsed ? null : evaluate(parsed.expression, values)).toEqual(['web', 'worker']);
  });
  test('tells the names in it, each once', () => {
    expect(parseExpression("a == 1 and (b in units or not a)")).toMatchObject({ names: ['a', 'b', 'units'] });
  });

  test.each([
    ['', '0: There is nothing to compare'], ['n =', '2: "=" means nothing here. Equal is written ==.'], ['n = 1', '2: "="'], ['n == 1 && ready', '7: "&" means nothing here. Write and.'], ['!ready', '0: "!" means nothing here. Write not.'],
    ["kind == 'x", '8: This text is not closed'], ['n <', '3: A value or a name was expected instead of the end'], ['(n < 1', '6: A ")" was expected'], ['n < 1 < 2', '6: Two comparisons'], ['n 1', '2: The end, and, or or was expected instead of "1"'],
    ['{{ n }} < 1', '0: "{" means nothing here. Here a name stands without braces.'], ['[n]', '1: A list is of texts'], ['n.x == 1', '1: "."'], ['process.exit()', '7: "."'], ['f(1)', '1: The end'], ['a == `id`', '5: "`"'], ["constructor['x']", '11: The end'],
  ])('%s cannot be read, and it is said where', (text, said) => {
    expect(refusal(text)).toContain(said);
  });
  test('is read to a limit of length and of depth', () => {
    expect([refusal(`${'('.repeat(41)}n${')'.repeat(41)}`), refusal(`${'not '.repeat(41)}ready`), refusal(`n == ${'1'.repeat(2000)}`), refusal(`${'('.repeat(39)}ready${')'.repeat(39)}`)]).toEqual([expect.stringContaining('nested deeper than 40'), expect.stringContaining('nested deeper than 40'), expect.stringContaining('longer than 2000'), 'it was read']);
  });

  test.each([
    ['nobody == 1', '"nobody" has no value'], ["n == 'many'", 'the number 82 cannot be compared with the text "many"'], ["ready == 'yes'", 'true cannot be compared with the text "yes"'], ['ready < 1', 'true is neither more nor less'], ['units == 1', 'A list can only be looked into'],
    ['n in ready', 'Nothing can be in true'], ['n', 'the number 82 is neither true nor false'], ['kind and ready', 'the text "planned" is neither true nor false'], ["kind < 5", 'the text "planned" is neither more nor less than the number 5'], ['toString == 1', '"toString" has no value'], ['n <', 'cannot be read'],
  ])('%s has no answer, and it is said why', (text, said) => {
    expect(() => isTrue(text, values)).toThrow(expect.objectContaining({ code: 'runbook.value-invalid', message: expect.stringContaining(said) }));
  });
});
