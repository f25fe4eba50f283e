/** Every message of the table of messages, with its line. */
import { expect, test } from 'vitest';
import { shStep, told, withSteps } from '#test/runbooks/problems-of.ts';

const manual = (id: string, more = ''): string => `  - { id: ${id}, title: A, manual: Look.${more} }`;

test('an unknown key is told with what was meant', () => {
  expect(told(withSteps(`${shStep('true')}\n    expct: []`))).toContain('line 14: "expct" is not a step field. Did you mean "expect"?');
});

test('two actions of a step are told by name', () => {
  expect(told(withSteps('  - id: both\n    title: B\n    target: web\n    sh: true\n    sql: SELECT 1\n    risk: read'))).toContain('line 8: step "both" has sh and sql. A step does one thing: split it, or remove one.');
});

test('an id that stands twice is told with its first line', () => {
  expect(told(withSteps([manual('stop'), manual('go'), manual('stop')].join('\n')))).toContain('line 10: step id "stop" is used already on line 8. Ids must be unique, rollback and history refer to them.');
});

test('a target that nobody declared is told with those that are', () => {
  const text = withSteps('  - id: one\n    title: One\n    target: wbe\n    sh: uptime\n    risk: read').replace(/targets: .*/, 'targets: { web: { kind: ssh } }');
  expect(told(text)).toEqual(['line 10: target "wbe" is not declared. Targets: web (line 5). Did you mean "web"?']);
});

test('a value that nobody declared is told with those that are known', () => {
  expect(told(withSteps(shStep('echo {{ ordr }}')))).toEqual(['line 12: {{ ordr }} is not a parameter, a captured value or a built-in. Known: order (line 6).']);
});

test('a value that is used before it is captured is told with where that is', () => {
  const capturing = shStep('nproc', 'risk: read\ncapture: { replicas: { regex: "(\\\\d+)" } }', 'remember');
  expect(told(withSteps(`${shStep('echo {{ replicas }}')}\n${capturing}`))).toEqual(['line 12: {{ replicas }} is captured by step "remember" on line 20, after this step.']);
});

test('a risk that is said too low is told with what makes it higher', () => {
  expect(told(withSteps(shStep('docker-compose down\nrm -rf /srv/old')))).toEqual(['line 12 (warning): docker-compose is retired: it is docker compose. Write docker compose.', 'line 14: "docker-compose down" and "rm -rf" are destructive, but this step says read. Write risk: destructive and pause: before.']);
});

test('a risk that is not said is told', () => {
  expect(told(withSteps(shStep('systemctl restart app', 'expect: [{ exit: 0 }]')))).toEqual(['line 11: step "one" does not say its risk. "systemctl restart" changes something. Write risk: change.']);
});

test('a time without quotes is told with what other tools read', () => {
  expect(told(withSteps(manual('one'), { params: ', at: { type: time, default: 22:00 }' }))).toEqual(['line 6: 22:00 without quotes is read as 1320 by some tools. Write "22:00".']);
});

test('a version that is a number is told with how it is written', () => {
  expect(told(withSteps(manual('one'), { version: '1.2' }))).toEqual(['line 4: 1.2 is a number here. Write version: "1.2.0".']);
});

test('a placeholder that was left is told with the name of its parameter', () => {
  expect(told(withSteps(shStep('curl -fsS http://localhost/orders/ORDER_ID')))).toEqual(['line 12: ORDER_ID looks like a placeholder. Make it a parameter (one click: order_id) or mark it literal.']);
});

test('a change that nothing proves is told', () => {
  expect(told(withSteps(shStep('systemctl restart app', 'risk: change')))).toEqual(['line 8 (warning): a change step with no expect and no later check. Nothing proves that it worked.']);
});

test('a destructive step without a way back is told', () => {
  expect(told(withSteps(shStep('rm -rf /srv/old', 'risk: destructive\npause: before\nexpect: [{ exit: 0 }]')))).toEqual(['line 8 (warning): destructive step with no undo. State undo, or undo: [] with a why.']);
});

test('a step that rollback names and that does not exist is told', () => {
  const rollback = '    - { id: ask, title: Ask, decide: { ask: "Damaged?", choices: { "no": tell, "yes": mend } } }\n    - { id: tell, title: Tell, manual: Say so. }';
  expect(told(withSteps(manual('one'), { rollback }))).toEqual(['line 11: rollback names step "mend" which does not exist.']);
});

test('a loop that nothing ends is told with its lines', () => {
  expect(told(withSteps([manual('one'), manual('two'), manual('three', ', next: one')].join('\n')))).toEqual(['lines 8 → 10 → 8: next makes a loop without wait_until; the run could never end.']);
});

test('a number that has too many letters is told', () => {
  expect(told(withSteps(manual('one'), { contacts: '  - { role: primary, phone: "+1-555-EMERGENCY" }' }))).toEqual(['line 10: "+1-555-EMERGENCY" has 9 letters after 555; a US number has 7 digits.']);
});

test('an address of mail that is none is told', () => {
  expect(told(withSteps(manual('one'), { contacts: '  - { role: primary, email: ops at shop }' }))).toEqual(['line 10: "ops at shop" is no address of mail. Write one like ops@shop.example.']);
});
