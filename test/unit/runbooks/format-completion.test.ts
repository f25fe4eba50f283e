/** What the editor offers at a place, which is where `|` stands. */
import { expect, test } from 'vitest';
import { completionsAt } from '#engine/runbooks/format/index.ts';

const head = `schema: runbook/1
id: small
title: Small
version: "1.0.0"
targets:
  web: { kind: ssh }
  db: { kind: postgres }
params:
  order: { type: string }
  units: { type: list }
`;
const steps = `${head}steps:
  - id: first
    title: First
    target: web
    sh: uptime
    risk: read
    capture: { load: { regex: "(.*)" } }
`;

function offered(text: string): string[] {
  const at = text.indexOf('|');
  return completionsAt(text.slice(0, at) + text.slice(at + 1), at).options.map(({ label }) => label);
}

test('fields of a runbook, but for those that are there', () => {
  const labels = offered(`${head}|`);
  expect([labels.includes('steps'), labels.includes('contacts'), labels.includes('title'), labels.includes('sh')]).toEqual([true, true, false, false]);
});

test('fields of a step, but for those that are there', () => {
  const labels = offered(`${steps}    |\n`);
  expect([labels.includes('expect'), labels.includes('undo'), labels.includes('sh'), labels.includes('schema')]).toEqual([true, true, false, false]);
});

test('fields of a step that is begun', () => {
  const labels = offered(`${steps}  - |`);
  expect([labels.includes('id'), labels.includes('manual')]).toEqual([true, true]);
});

test.each([
  ['words of a field', `${steps}    on_fail: |`, ['stop', 'ask', 'continue', 'rollback']],
  ['targets', `${steps}  - id: two\n    target: w|`, ['web', 'db']],
  ['steps', `${steps}    next: |`, ['first']],
  ['lists to go over', `${steps}    for_each: { item_in: | }`, ['units']],
  ['targets to go over', `${steps}    for_each: { host_in: [web, | ] }`, ['web', 'db']],
  ['steps that an answer leads to', `${steps}  - id: two\n    decide: { ask: Which, choices: { "yes": | } }`, ['first', 'two']],
  ['steps that are shown', `${steps}  - id: two\n    approve: { by: [dba], show: [|] }`, ['first', 'two']],
  ['true and false', `${steps}    idempotent: |`, ['true', 'false']],
  ['fields in brackets', `${steps}    retry: { attempts: 2, | }`, ['delay', 'backoff']],
  ['fields of a group by lines', `${steps}    wait_until:\n      |`, ['every', 'up_to']],
  ['kinds of targets', head.replace('kind: ssh', 'kind: |'), ['ssh', 'postgres', 'http']],
])('%s', (_what, text, labels) => {
  expect(offered(text)).toEqual(labels);
});

test('values in braces', () => {
  expect(offered(`${steps}    why: about {{ o|`)).toEqual(['order', 'units', 'load', 'item', 'today', 'now', 'run_id', 'operator', 'system']);
});

test('what is written already is replaced, and braces are closed', () => {
  const text = `${steps}    why: about {{ or`;
  const { from, options } = completionsAt(text, text.length);
  expect([text.slice(from), options[0]?.apply]).toEqual(['or', 'order }}']);
});

test.each([
  ['    exp', 'expect: '],
  ['    exp: []', undefined],
])('of %j a field is completed with its colon where there is none', (line, apply) => {
  expect(completionsAt(`${steps}${line}`, steps.length + 7).options.find(({ label }) => label === 'expect')?.apply).toBe(apply);
});

test('nothing where nobody knows', () => {
  expect(offered(`${steps}    why: because |`)).toEqual([]);
});
