/** What came back, held against what was expected, and what is taken out of it. */
import { describe, expect, test } from 'vitest';
import type { Capture, Expectation, Matcher, Value } from '#shared/domain/runbook/definition.ts';
import { findInJson, parseJsonPath } from '#shared/domain/runbook/json-path.ts';
import { capture, firstNumber, judge, type Seen } from '#shared/domain/runbook/judge.ts';

const nothing: Seen = { kind: 'sh', exitStatus: 0, stdout: '', stderr: '', rows: null, status: null, answer: null, truncated: false };
const expects = (matcher: Matcher): Expectation => ({ matcher, say: 'It is so', line: 1 });
const values = { name: 'web', n: 3 };
/** "ok: what was seen" of an expectation, whatever goes without saying. */
const verdict = (matcher: Matcher, seen: Partial<Seen>, of: Readonly<Record<string, Value>> = values): string => {
  const last = judge([expects(matcher)], { ...nothing, ...seen }, of).at(-1);
  return `${last?.ok === true ? 'ok' : 'no'}: ${last?.seen ?? ''}`;
};
const rows = (columns: string[], cells: unknown[][]): Seen['rows'] => ({ columns, rows: cells, count: cells.length });

describe('what goes without saying', () => {
  test.each<[string, Partial<Seen>, string]>([
    ['a script exits with 0', {}, 'ok It exited with 0 exit status 0'], ['a script that did not', { exitStatus: 2, stderr: 'no such file' }, 'no It exited with 0 exit status 2: no such file'], ['a script of which nobody knows', { exitStatus: null }, 'no It exited with 0 no exit status'],
    ['a statement', { kind: 'sql', rows: rows(['a'], [[1]]) }, 'ok It ran without an error 1 row'], ['a statement with an error', { kind: 'sql', exitStatus: 1, stderr: 'no table' }, 'no It ran without an error an error: no table'], ['a statement without an answer', { kind: 'sql', exitStatus: null }, 'no It ran without an error no answer'],
    ['a request', { kind: 'http', status: 204 }, 'ok It answered with a status of 2xx status 204'], ['a request that was sent elsewhere', { kind: 'http', status: 302 }, 'no It answered with a status of 2xx status 302'], ['a request without an answer', { kind: 'http', stderr: 'refused' }, 'no It answered with a status of 2xx no answer: refused'],
    ['a transfer', { kind: 'transfer' }, 'ok It arrived whole yes'], ['a transfer that broke', { kind: 'transfer', exitStatus: 1, stderr: 'other hash' }, 'no It arrived whole no: other hash'],
  ])('%s', (_what, seen, expected) => {
    expect(judge([], { ...nothing, ...seen }, {}).map(({ ok, say, seen: found }) => `${ok ? 'ok' : 'no'} ${say} ${found}`)).toEqual([expected]);
  });
  test('is not said where the runbook says something else, nor of what a person did', () => {
    expect([judge([expects({ kind: 'exit', codes: [1] })], { ...nothing, exitStatus: 1 }, {}).length, judge([expects({ kind: 'status', codes: [302] })], { ...nothing, kind: 'http', status: 302 }, {}).length, judge([], { ...nothing, kind: 'manual', answer: true }, {})]).toEqual([1, 1, []]);
  });
});

describe('an expectation', () => {
  test.each<[Matcher, Partial<Seen>, string]>([
    [{ kind: 'exit', codes: [0, 1] }, { exitStatus: 1 }, 'ok: exit status 1'], [{ kind: 'exit', codes: [0] }, { exitStatus: null }, 'no: no exit status'], [{ kind: 'status', codes: [200] }, { status: 200 }, 'ok: status 200'], [{ kind: 'status', codes: [200] }, { status: null, stderr: 'refused' }, 'no: no answer: refused'],
    [{ kind: 'matches', pattern: '^{{ name }}=(\\d+)$' }, { stdout: 'a\nweb=3\n' }, 'ok: web=3'], [{ kind: 'matches', pattern: 'up' }, { stdout: 'down' }, 'no: not found in "down"'], [{ kind: 'matches', pattern: 'up' }, { stderr: 'up now' }, 'ok: up now'], [{ kind: 'matches', pattern: 'up' }, { stdout: 'x', stderr: 'up' }, 'no: not found in "x"'], [{ kind: 'matches', pattern: '.' }, {}, 'no: It said nothing, so there was nothing to look at'],
    [{ kind: 'not-matches', pattern: '(?i)error' }, { stdout: 'fine' }, 'ok: not found'], [{ kind: 'not-matches', pattern: '(?i)error' }, { stdout: 'fine\nan ERROR here' }, 'no: an ERROR here'], [{ kind: 'not-matches', pattern: 'error' }, { stdout: 'fine', stderr: 'error' }, 'no: error'], [{ kind: 'not-matches', pattern: 'error' }, { stdout: ' \n' }, 'no: It said nothing, so there was nothing to look at'],
    [{ kind: 'not-matches', pattern: 'error' }, { stdout: 'fine', truncated: true }, 'no: not found, but only a part of what it said was looked at'], [{ kind: 'not-matches', pattern: 'error' }, { stdout: 'x'.repeat(300_000) }, 'no: not found, but only a part of what it said was looked at'], [{ kind: 'matches', pattern: '(' }, { stdout: 'x' }, 'no: This is no regular expression: Unterminated group.'],
    [{ kind: 'equals', value: '0' }, { stdout: '0\n' }, 'ok: 0'], [{ kind: 'equals', value: 0 }, { stdout: ' 0.0 ' }, 'ok: 0.0'], [{ kind: 'equals', value: '{{ name }}' }, { stdout: 'web' }, 'ok: web'], [{ kind: 'equals', value: true }, { stdout: 'true' }, 'ok: true'], [{ kind: 'equals', value: 'a' }, { stdout: 'a', truncated: true }, 'no: a'], [{ kind: 'equals', value: 0 }, {}, 'no: nothing'], [{ kind: 'equals', value: '' }, {}, 'ok: nothing'],
    [{ kind: 'number', expression: 'value < 80' }, { stdout: '/dev/sda1 is 79% full' }, 'ok: 79'], [{ kind: 'number', expression: 'value < n' }, { stdout: '4' }, 'no: 4'], [{ kind: 'number', expression: 'value < 80' }, { stdout: 'no figure' }, 'no: there is no number in it: "no figure"'], [{ kind: 'number', expression: 'value < 80' }, {}, 'no: It said nothing, so there was nothing to look at'], [{ kind: 'number', expression: 'value < nobody' }, { stdout: '4' }, 'no: "nobody" has no value.'],
    [{ kind: 'rows', expression: 'value == 0' }, { rows: rows(['a'], []) }, 'ok: 0 rows'], [{ kind: 'rows', expression: 'value == 0' }, { rows: null }, 'no: there is no table of rows'],
    [{ kind: 'cell', column: null, equals: 'f', expression: null }, { rows: rows(['a', 'b'], [['f', 2]]) }, 'ok: f'], [{ kind: 'cell', column: 'b', equals: null, expression: 'value >= 2' }, { rows: rows(['a', 'b'], [['f', '2']]) }, 'ok: 2'], [{ kind: 'cell', column: 'c', equals: null, expression: null }, { rows: rows(['a', 'b'], [['f', 2]]) }, 'no: there is no column c; there is a, b'], [{ kind: 'cell', column: null, equals: null, expression: null }, { rows: rows(['a'], [[null]]) }, 'no: it is null'], [{ kind: 'cell', column: null, equals: null, expression: null }, { rows: rows(['a'], []) }, 'no: there is no row'], [{ kind: 'cell', column: null, equals: 1, expression: null }, { rows: rows(['a'], [['10']]) }, 'no: 10'],
    [{ kind: 'equals', value: '1' }, { kind: 'sql', stdout: 'count\n-----\n1\n(1 row)\n', rows: rows(['count'], [['1']]) }, 'ok: 1'], [{ kind: 'number', expression: 'value == 7' }, { kind: 'sql', stdout: 'last_1h\n-------\n7\n(1 row)\n', rows: rows(['last_1h'], [['7']]) }, 'ok: 7'], [{ kind: 'equals', value: '' }, { kind: 'sql', stdout: 'a\n-\nnull\n(1 row)\n', rows: rows(['a'], [[null]]) }, 'ok: nothing'],
    [{ kind: 'expr', expression: "n == 3 and name == 'web'" }, {}, 'ok: n is 3, name is web'], [{ kind: 'expr', expression: 'answer > n' }, { answer: 2 }, 'no: answer is 2, n is 3'], [{ kind: 'expr', expression: 'answer > n' }, {}, 'no: "answer" has no value.'],
    [{ kind: 'equals', value: 0 }, { answer: 0 }, 'ok: 0'], [{ kind: 'number', expression: 'value == 0' }, { answer: 0, stdout: '7' }, 'ok: 0'], [{ kind: 'matches', pattern: 'yes' }, { answer: 'yes, it is' }, 'ok: yes, it is'],
  ])('%j of %j', (matcher, seen, expected) => {
    expect(verdict(matcher, seen)).toBe(expected);
  });
  test('tells of what was seen in one short line', () => {
    expect(verdict({ kind: 'matches', pattern: 'a' }, { stdout: `a\t${'b '.repeat(300)}` }).length).toBe('ok: '.length + 200);
  });

  const json = (text: unknown): Partial<Seen> => ({ stdout: typeof text === 'string' ? text : JSON.stringify(text) });
  const pods = (...phases: (string | undefined)[]): unknown => ({ items: phases.map((phase) => ({ status: { phase } })) });
  const all = (value: string | number | boolean): Matcher => ({ kind: 'json', path: '$.items[*].status.phase', all: value, equals: null });
  const one = (path: string, equals: string | number | boolean | null): Matcher => ({ kind: 'json', path, all: null, equals });
  test.each<[string, Matcher, Partial<Seen>, string]>([
    ['all of them are', all('Running'), json(pods('Running', 'Running')), 'ok: 2 × Running'], ['one of them is not', all('Running'), json(pods('Running', 'Failed')), 'no: 1 of 2: Failed'], ['there is none', all('Running'), json(pods()), 'no: $.items[*].status.phase leads to nothing'], ['one has none', all('Running'), json(pods('Running', undefined)), 'no: 1 of them have no such value'],
    ['it is', one('$.a["b c"][0]', 2), json({ a: { 'b c': [2] } }), 'ok: 2'], ['it is by its name', one('$.name', '{{ name }}'), json({ name: 'web' }), 'ok: web'], ['it is not', one('$.a', 2), json({ a: 3 }), 'no: 3'], ['it is there', one('$.a', null), json({ a: false }), 'ok: false'], ['it is null', one('$.a', null), json({ a: null }), 'no: null'], ['it is not there', one('$.b', null), json({ a: 1 }), 'no: $.b leads to nothing'],
    ['it is no JSON', one('$.a', 1), json('<html>'), 'no: it is no JSON: "<html>"'], ['there is nothing', one('$.a', 1), json(' '), 'no: It said nothing, so there was nothing to look at'], ['a part is gone', one('$.a', 1), { ...json({ a: 1 }), truncated: true }, 'no: What it said was too long to be kept whole, so that it cannot be read as JSON'], ['it is no path', one('$..a', 1), json({ a: 1 }), 'no: In the path $..a nothing is known that is written "..a". There is .name, [\'a name\'], [0] and [*].'],
  ])('of JSON where %s', (_what, matcher, seen, expected) => {
    expect(verdict(matcher, seen)).toBe(expected);
  });
});

test.each([['82% used', 82], ['1,234.5 MB', 1234.5], ['-3', -3], ['a web-1 b', 1], ['1e3', 1000], ['at 10.0.0.1', null], ['v15.2', null], ['3,5', null], ['', null], ['x=7;', 7], ['none', null], ['12ms', 12]])('the first number of %j is %j', (text, expected) => {
  expect(firstNumber(text)).toBe(expected);
});

test.each([['$', 1], ['$.a', 1], ["$['a b']", 1], ['$["a b"][*]', 2], ['$.list[-1]', 1], ['$.list[9]', 0], ['$.list.length', 0], ['$.*', 3], ['$.toString', 0]])('the path %s leads to %i', (path, count) => {
  const parsed = parseJsonPath(path);
  expect('problem' in parsed ? parsed.problem : findInJson({ a: 1, 'a b': [1, 2], list: [1, 2, 3] }, parsed.path).length).toBe(count);
});
test.each(['a', '$.', '$[a]', '$.a[?(@.b)]', '$..a', "$['a"])('%s is no path', (path) => {
  expect(parseJsonPath(path)).toHaveProperty('problem');
});

describe('a value that is captured', () => {
  const take = (from: Capture['from'], type: Capture['type'], seen: Partial<Seen>): unknown => {
    const found = capture([{ name: 'x', from, type, line: 1 }], { ...nothing, ...seen }, values);
    return 'fault' in found ? found.fault : found.captured['x'];
  };
  test.each<[Capture['from'], Capture['type'], Partial<Seen>, unknown]>([
    [{ kind: 'regex', pattern: '^{{ name }}=(\\d+)$' }, 'int', { stdout: 'db=1\nweb=3\n' }, 3], [{ kind: 'regex', pattern: '\\w+' }, 'string', { stderr: 'said here' }, 'said'], [{ kind: 'regex', pattern: '(\\w+)=' }, 'list', { stdout: 'db=1\nweb=3' }, ['db', 'web']], [{ kind: 'json', path: '$.n' }, 'int', { stdout: '{"n":3}' }, 3], [{ kind: 'json', path: '$.list[*]' }, 'list', { stdout: '{"list":["a","b"]}' }, ['a', 'b']],
    [{ kind: 'cell', column: null }, 'string', { rows: rows(['a'], [['x']]) }, 'x'], [{ kind: 'cell', column: 'b' }, 'bool', { rows: rows(['a', 'b'], [['x', true]]) }, true], [{ kind: 'cell', column: 'b' }, 'datetime', { rows: rows(['b'], [[new Date(0)]]) }, '1970-01-01T00:00:00.000Z'],
    [{ kind: 'regex', pattern: 'nope' }, 'int', { stdout: 'web=3' }, '"x" was not found: nothing matches nope in "web=3".'], [{ kind: 'regex', pattern: '\\w+' }, 'int', { stdout: 'many' }, '"x", which was found as "many", is a whole number.'], [{ kind: 'json', path: '$.list[*]' }, 'int', { stdout: '{"list":[1,2]}' }, '"x" is not clear: $.list[*] leads to 2 values.'], [{ kind: 'json', path: '$.b' }, 'int', { stdout: '{}' }, '"x" was not found: $.b leads to nothing.'],
    [{ kind: 'cell', column: null }, 'string', { rows: rows(['a'], [[null]]) }, '"x" was not found: it is null.'], [{ kind: 'cell', column: null }, 'string', { rows: rows(['a'], []) }, '"x" was not found: there is no row.'], [{ kind: 'regex', pattern: '(.+)' }, 'identifier', { stdout: '-rf' }, '"x", which was found as "-rf", does not begin with "-", which programs take for an option.'],
  ])('by %j as %s', (from, type, seen, expected) => {
    expect(take(from, type, seen)).toEqual(expected);
  });
});
