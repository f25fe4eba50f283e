/** What one click writes: afterwards that problem is gone, and no other has come. */
import { expect, test } from 'vitest';
import { readRunbook, textHash } from '#engine/runbooks/format/index.ts';
import { clicked, ofRule, shStep, sqlStep, told, withSteps } from '#test/runbooks/problems-of.ts';

const manual = '  - { id: one, title: A, manual: Look. }';

test.each([
  ['a field that was meant', withSteps(`${shStep('uptime')}\n    timeot: 5m`), 'unknown-key', 'timeout: 5m'],
  ['a target that was meant', withSteps(shStep('uptime').replace('target: web', 'target: wbe')), 'unknown-target', 'target: web'],
  ['a value that was meant', withSteps(shStep('echo {{ ordr }}')), 'unknown-value', 'echo {{ order }}'],
  ['a word that was meant', withSteps(shStep('uptime', 'risk: raed')), 'value', 'risk: read'],
  ['quotes around a time', withSteps(manual, { params: ', at: { type: time, default: 22:00 }' }), 'yaml-1.1', 'default: "22:00"'],
  ['quotes around a version', withSteps(manual, { version: '1.2' }), 'yaml-1.1', 'version: "1.2.0"'],
  ['quotes around a whole version', withSteps(manual, { version: '1.2.3' }), 'yaml-1.1', 'version: "1.2.3"'],
  ['quotes around an answer', withSteps('  - { id: one, title: A, decide: { ask: Which, choices: { yes: two, "no": two } } }\n  - { id: two, title: B, manual: Look. }'), 'yaml-1.1', '{ "yes": two,'],
  ['the risk of a change', withSteps(shStep('systemctl restart app', 'risk: read\nexpect: [{ exit: 0 }]')), 'risk-too-low', 'risk: change'],
  ['the risk and the pause of what is destructive', withSteps(shStep('rm -rf /srv/old', 'risk: read\nundo: []\nwhy: It is old.\nexpect: [{ exit: 0 }]')), 'risk-too-low', 'risk: destructive\n    pause: before'],
  ['a risk that nobody said', withSteps(shStep('systemctl restart app', 'expect: [{ exit: 0 }]')), 'risk-missing', 'risk: change\n    sh: |'],
  ['a risk that nobody said within brackets', withSteps('  - { id: one, title: A, target: web, sh: uptime }'), 'risk-missing', 'target: web, risk: read, sh: uptime'],
  ['a pause', withSteps(shStep('rm -rf /srv/old', 'risk: destructive\nundo: []\nwhy: It is old.\nexpect: [{ exit: 0 }]')), 'no-pause', 'risk: destructive\n    pause: before'],
  ['a parameter for a placeholder', withSteps(shStep('echo ORDER_ID'), { params: ', order_id: { type: string }' }), 'placeholder', 'echo {{ order_id }}'],
  ['a bound value', withSteps(sqlStep('SELECT * FROM orders WHERE id = {{ order }}')), 'sql-template', 'id = :order'],
])('%s', (_what, text, rule, written) => {
  const [problem] = ofRule(text, rule);
  const after = problem === undefined ? text : clicked(text, problem);
  expect([after.includes(written), told(after)]).toEqual([true, []]);
});

test('a placeholder without its parameter takes a person', () => {
  expect(ofRule(withSteps(shStep('echo ORDER_ID')), 'placeholder')).toMatchObject([{ edit: null }]);
});

test('a file of Windows is read with the same lines', () => {
  const text = withSteps(`${shStep('uptime')}\n    expct: []`);
  const places = (each: string): [number, number][] => readRunbook(each).problems.map(({ line, column }) => [line, column]);
  expect(places(text.replaceAll('\n', '\r\n'))).toEqual(places(text));
});

test('a mark at the beginning of a file counts as a character of its first line alone', () => {
  const text = withSteps(manual).replace('schema:', 'shema:');
  expect([text, `\uFEFF${text}`].map((each) => ofRule(each, 'unknown-key').map(({ line, column }) => [line, column]))).toEqual([[[1, 1]], [[1, 2]]]);
});

test('a tab is told where it stands', () => {
  expect(readRunbook('schema: runbook/1\nsteps:\n\t- id: one\n').problems).toMatchObject([{ line: 3, rule: 'yaml-tab' }]);
});

test.each(['30s', '5m', '2h', '90d', '1d12h', '"5m"'])('%s is a duration', (duration) => {
  expect(told(withSteps(shStep('uptime', `risk: read\ntimeout: ${duration}`)))).toEqual([]);
});

test('an undo has the target and the risk of its step where it says none', () => {
  const text = withSteps(shStep('rm -rf /srv/old', 'risk: destructive\npause: before\nundo: [{ sh: restore-it }]\nexpect: [{ exit: 0 }]'));
  expect(readRunbook(text).runbook?.steps[0]?.undo).toMatchObject([{ target: 'web', risk: 'destructive' }]);
});

test('the hash is that of the text', () => {
  expect(textHash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
