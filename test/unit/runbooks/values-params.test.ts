/** Values that a runbook is started with. */
import { describe, expect, test } from 'vitest';
import type { Param, ParamType, Value } from '#shared/domain/runbook/definition.ts';
import { builtIns, duration, durationWords, readParam } from '#shared/domain/runbook/params.ts';
import { compilePattern, lookedAt, problemOfPattern } from '#shared/domain/runbook/patterns.ts';

const param = (type: ParamType, more: Partial<Param> = {}): Param => ({ name: 'x', type, label: 'Order', help: null, required: false, default: null, choices: [], pattern: null, min: null, max: null, when: null, of: null, optionsFrom: null, line: 1, ...more });
const read = (type: ParamType, raw: Value | null, more: Partial<Param> = {}): unknown => {
  const found = readParam(param(type, more), raw, { kind: 'planned' });
  return 'fault' in found ? found.fault : found.value;
};

describe('a parameter', () => {
  test.each<[ParamType, Value, Value]>([
    ['string', " it's $(id) ", " it's $(id) "], ['text', 'a\nb', 'a\nb'], ['int', '12', 12], ['int', -3, -3], ['number', '1.5e3', 1500], ['bool', 'yes', true], ['bool', false, false], ['list', 'a, b\nc,', ['a', 'b', 'c']], ['list', ['x', ' y '], ['x', 'y']],
    ['date', '2024-02-29', '2024-02-29'], ['time', '22:00', '22:00'], ['datetime', '2026-01-31T22:00:00+02:00', '2026-01-31T22:00:00+02:00'], ['duration', '1d12h', '1d12h'], ['timezone', 'Europe/Berlin', 'Europe/Berlin'], ['host', ' web-1.example.com ', 'web-1.example.com'], ['host', '10.0.0.5', '10.0.0.5'], ['host', 'fe80::1%eth0', 'fe80::1%eth0'],
    ['database', 'Shop (old)', 'Shop (old)'], ['identifier', 'zb-prod_1.2', 'zb-prod_1.2'], ['file', 'a.sql', 'a.sql'], ['path', '/srv/a b', '/srv/a b'], ['path', '~/x', '~/x'], ['url', 'https://shop.example/a?b=1', 'https://shop.example/a?b=1'], ['email', 'a@shop.example', 'a@shop.example'],
  ])('of type %s takes %j', (type, raw, expected) => {
    expect(read(type, raw)).toEqual(expected);
  });
  test.each<[ParamType, Value, string]>([
    ['string', 'a\nb', 'is one line'], ['string', 'a\0b', 'control characters'], ['text', 'a\0b', 'NUL'], ['int', '1.5', 'is a whole number'], ['int', '99999999999999999999', 'is a whole number'], ['int', '', ''], ['number', 'many', 'is a number'], ['number', 'Infinity', 'is a number'], ['bool', 'perhaps', 'is yes or no'], ['list', ['a\nb'], 'each of which is one line'],
    ['date', '2026-02-29', 'is a day such as'], ['date', '31.01.2026', 'is a day'], ['time', '24:00', 'is a time of the day'], ['datetime', '2026-01-31', 'is a moment'], ['duration', '5 apples', 'is a time such as'], ['timezone', 'Mars/Base', 'is a time zone'], ['host', 'a b', 'is the name or address'], ['host', '-oProxyCommand=id', '"-"'], ['host', 'a;id', 'is the name or address'],
    ['identifier', '-rf', '"-"'], ['identifier', 'a/b', 'is of letters'], ['identifier', '.hidden', 'is of letters'], ['database', '-c', '"-"'], ['database', 'ü'.repeat(32), 'at most 63 bytes'], ['file', '--to-command=id', '"-"'], ['path', 'etc/passwd', 'begins with "/"'], ['path', '/a\nb', 'is one line'], ['path', '-x', '"-"'], ['url', 'ftp://a', 'begins with http'], ['url', 'https://a:b@c', 'no account or password'], ['url', 'javascript:alert(1)', 'begins with http'], ['email', 'nobody', 'is an address such as'], ['email', '-a@b.de', '"-"'],
    ['int', ['1'], 'is one value'],
  ])('of type %s does not take %j', (type, raw, said) => {
    expect(read(type, raw, { required: true })).toContain(said === '' ? 'is missing' : `"Order" ${said === '"-"' ? 'does not begin with "-"' : ''}`);
    expect(read(type, raw, { required: true })).toContain(said);
  });
  test('of choices takes one of them alone', () => {
    expect([read('enum', 'a', { choices: ['a', 'b'] }), read('enum', 'c', { choices: ['a', 'b'] })]).toEqual(['a', '"Order" is one of a, b.']);
  });
  test('takes its default where nothing is given, and is missing where it has none and is required', () => {
    expect([read('int', null, { default: 7 }), read('int', ' ', { default: 7 }), read('int', null), read('int', null, { required: true }), read('list', [], { required: true }), read('string', '', { required: true })]).toEqual([7, 7, null, '"Order" is missing.', '"Order" is missing.', '"Order" is missing.']);
  });
  test('is held to least and most: a number itself, a list by its words, a text by its characters', () => {
    expect([read('int', 0, { min: 1 }), read('number', 2.5, { max: 2 }), read('list', 'a,b,c', { max: 2 }), read('string', 'ab', { min: 3 }), read('int', 1, { min: 1, max: 1 })]).toEqual(['"Order" is at least 1.', '"Order" is at most 2.', '"Order" has at most 2 words.', '"Order" has at least 3 characters.', 1]);
  });
  test('matches its pattern whole, each word of a list by itself', () => {
    expect([read('string', 'ORD-1', { pattern: 'ORD-\\d+' }), read('string', 'ORD-1;id', { pattern: 'ORD-\\d+' }), read('string', 'x|ORD-1', { pattern: 'ORD-\\d+|y' }), read('list', 'a1,b', { pattern: '[a-z]\\d', help: 'a letter, a digit' }), read('string', 'a', { pattern: '(' })]).toEqual(['ORD-1', '"Order" matches ORD-\\d+.', '"Order" matches ORD-\\d+|y.', '"Order" matches [a-z]\\d (a letter, a digit).', expect.stringContaining('The pattern of "Order" cannot be used')]);
  });
  test('is not asked where its when is not true, or about a value that is not there', () => {
    expect([read('int', null, { required: true, when: "kind == 'emergency'" }), read('int', 1, { when: "kind == 'planned'" }), read('int', null, { required: true, when: "nobody == 1" }), read('int', 1, { when: 'kind == 1' })]).toEqual([null, 1, null, expect.stringContaining('cannot be told')]);
  });
  test('that is secret is never here', () => {
    expect(read('secret', 'hunter2')).toBeNull();
  });
});

describe('times', () => {
  test.each([['30s', 30_000], ['5m', 300_000], ['26h', 93_600_000], ['90d', 7_776_000_000], ['1d12h', 129_600_000], ['1.5h', 5_400_000], ['250ms', 250], ['2w', 1_209_600_000], ['5', null], ['m', null], ['5m x', null], ['-5m', null], ['', null]])('%j are %j ms', (text, expected) => {
    expect(duration(text)).toBe(expected);
  });
  test.each([[250, '250 ms'], [30_000, '30 s'], [90_000, '1 min 30 s'], [300_000, '5 min'], [93_600_000, '26 h'], [216_000_000, '2 d 12 h'], [3_661_000, '1 h 1 min'], [0, '0 ms']])('%i ms are said as %j', (ms, expected) => {
    expect(durationWords(ms)).toBe(expected);
  });
});

test('values that every walkthrough has are those of its start: the day where the person is, the moment in UTC', () => {
  const at = new Date('2026-01-31T23:30:00.123Z');
  expect([builtIns(at, 'Europe/Berlin', { runId: 'r1', operator: 'ada', system: null }), builtIns(at, 'America/New_York', { runId: 'r1', operator: 'ada', system: 'Shop' })]).toEqual([
    { today: '2026-02-01', now: '2026-01-31T23:30:00Z', run_id: 'r1', operator: 'ada' },
    { today: '2026-01-31', now: '2026-01-31T23:30:00Z', run_id: 'r1', operator: 'ada', system: 'Shop' },
  ]);
});

const found = (pattern: string, text: string, values: Record<string, Value> = {}): string | null => {
  const compiled = compilePattern(pattern, (name) => values[name] ?? null);
  return 'problem' in compiled ? compiled.problem : (compiled.pattern.exec(text)?.[0] ?? null);
};

describe('a pattern', () => {
  test('is by line, and takes no heed of capitals where it says so', () => {
    expect([found('^b$', 'a\nb\nc'), found('(?i)ERROR', 'an error'), found('ERROR', 'an error'), found('(?s)a.b', 'a\nb'), found('(?m)^b', 'a\nb')]).toEqual(['b', 'error', null, 'a\nb', 'b']);
  });
  test.each([['a.b', 'axb'], ['[x]', 'x'], ['(a|b)', 'a'], ['a*', 'aa'], ['^$', ''], ['\\d', '1'], ['a-z', 'b'], ['x{2}', 'xx'], ['1+1', '11']])('finds a value %j as it is, and not %j', (value, other) => {
    expect([found('^{{ v }}$', value, { v: value }), found('^{{ v }}$', other, { v: value }), found('[{{ v }}]', value.slice(0, 1), { v: value })]).toEqual([value, null, value.slice(0, 1)]);
  });
  test('finds any word of a list, and nothing of an empty one', () => {
    expect([found('^{{ v }}$', 'b.c', { v: ['a', 'b.c'] }), found('{{ v }}', 'a', { v: [] }), found('{{ nobody }}', 'a')]).toEqual(['b.c', null, '"nobody" has no value.']);
  });
  test.each([['(a+)+', 'repeated once more'], ['(?:\\s*\\w+\\s*)*', 'repeated once more'], ['((a+))+', 'repeated once more'], ['(a*){2,}', 'repeated once more'], ['(a|ab)*', 'begin alike'], ['(\\w|\\d)+', 'begin alike'], ['(?:.|x)+', 'begin alike'], ['.*error', 'begins with .*'], ['(?i).*error', 'begins with .*'], ['a(', 'no regular expression'], ['a(?i)b', '(?i) may only stand in front'], ['', 'is empty'], ['(?i)', 'is empty'], ['{{ v', 'not closed'], ['x'.repeat(2001), 'longer than']])('%.30j is refused where it is written', (pattern, said) => {
    expect(problemOfPattern(pattern)).toContain(said);
  });
  test.each(['(?i)\\b(error|fatal|panic)\\b', '^{{ v }}=(\\d+)$', '(\\d+)%', '(?:ab|cd)+', '(a{1,3})?', '^.*ok$', '(a+)?', '"status":\\s*"(\\w+)"', '(\\d{1,3}\\.){3}\\d{1,3}'])('%s is taken', (pattern) => {
    expect(problemOfPattern(pattern)).toBeNull();
  });
  test('looks at the beginning and the end of a long text, and says so', () => {
    const long = `${'a'.repeat(300_000)}end`;
    expect([lookedAt('short'), lookedAt(long).isCut, lookedAt(long).text.length, lookedAt(long).text.endsWith('end')]).toEqual([{ text: 'short', isCut: false }, true, 256 * 1024 + 1, true]);
  });
});
