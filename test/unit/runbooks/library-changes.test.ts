import { describe, expect, test } from 'vitest';
import type { Param, Runbook, Step } from '#shared/domain/runbook/definition.ts';
import { changesBetween } from '#engine/runbooks/library/index.ts';
import { aRunbook, aStep } from '#test/runbook-fixture.ts';

const sh = (script: string): Step['action'] => ({ kind: 'sh', script });
const [look, stop, start] = [aStep({ id: 'look', title: 'Look' }), aStep({ id: 'stop', title: 'Stop', action: sh('pm2 stop a'), risk: 'change' }), aStep({ id: 'start', title: 'Start', action: sh('pm2 start a') })];
const older = aRunbook({ steps: [look, stop, start] });
const changes = (newer: Partial<Runbook>): string[] => changesBetween(older, { ...older, ...newer });
const ofStop = (of: Partial<Step>): string[] => changes({ steps: [look, { ...stop, ...of }, start] });

const param: Param = { name: 'ns', type: 'identifier', label: 'Namespace', help: null, required: false, default: 'shop', choices: [], pattern: null, min: null, max: null, when: null, of: null, optionsFrom: null, line: 3 };

describe('what another version says differently', () => {
  test('is nothing where only its lines are others', () => {
    expect(changesBetween(older, { ...older, steps: older.steps.map((step) => ({ ...step, line: step.line + 7 })) })).toEqual([]);
  });
  test('is nothing where only the order of names is another', () => {
    expect(changesBetween({ ...older, steps: [{ ...stop, env: { A: '1', B: '2' } }] }, { ...older, steps: [{ ...stop, env: { B: '2', A: '1' } }] })).toEqual([]);
  });
  test.each<[string, Partial<Step>]>([
    ['Step Stop: the command is another', { action: sh('pm2 stop b') }],
    ['Step Stop: it is manual now, and was sh', { action: { kind: 'manual', text: 'Stop it.' } }],
    ['Step Stop: the target is web, and was not given', { target: 'web' }],
    ['Step Stop: the account is root, and was the one that signs in', { sudo: 'root' }],
    ['Step Stop: the risk is destructive, and was change; it stops before it now', { risk: 'destructive', pause: true }],
    ['Step Stop: it is called "Halt" now', { title: 'Halt' }],
    ['Step Stop: what is expected is another', { expect: [{ matcher: { kind: 'exit', codes: [0] }, say: 'It ended', line: 1 }] }],
    ['Step Stop: when it fails: rollback, and was ask', { onFail: 'rollback' }],
    ['Step Stop: the way back is another', { undo: [] }],
    ['Step Stop: it may be repeated now', { idempotent: true }],
    ['Step Stop: how long it may take is another', { timeoutMs: 5 }],
    ['Step Stop: what comes after it is another', { end: true }],
    ['Step Stop: the reason given is another', { why: 'Because.' }],
  ])('says: %s', (sentence, of) => {
    expect(ofStop(of)).toEqual([sentence]);
  });
  test('has a sentence for every field of a step', () => {
    const changed: { [Field in keyof Omit<Step, 'id' | 'line'>]: Step[Field] } = {
      title: 'x', why: 'x', action: sh('x'), risk: 'destructive', pause: true, when: 'x', timeoutMs: 1, stallWarnMs: 1, retry: { attempts: 1, delayMs: 1, backoff: 1 }, waitUntil: { everyMs: 1, upToMs: 1 }, expect: [{ matcher: { kind: 'exit', codes: [1] }, say: 'x', line: 1 }],
      capture: [{ name: 'x', from: { kind: 'json', path: '$' }, type: 'int', line: 1 }], onFail: 'stop', undo: [], idempotent: true, probe: { ...stop, action: { kind: 'sh', script: 'x' }, doneIf: { kind: 'exit', codes: [0] } }, detach: true, confirm: 'text', choices: ['x'], forEach: { over: 'items', param: 'x' },
      maxFailures: 1, evidence: 'none', redact: ['x'], skip: 'never', next: 'x', end: true, target: 'x', database: 'x', cwd: 'x', sudo: 'x', shell: 'bash', env: { X: 'x' }, stdin: 'x',
    };
    const silent = Object.entries(changed).filter(([field, value]) => ofStop({ [field]: value }).length === 0);
    expect(silent).toEqual([]);
  });
  test('names new steps with where they stand, and those that are gone', () => {
    const last = aStep({ id: 'last', title: 'Tell them' });
    expect(changes({ steps: [aStep({ id: 'first', title: 'Ask first' }), look, start, last] })).toEqual(['Step Stop is gone', 'New step Ask first at the beginning', 'New step Tell them after Start']);
  });
  test('names the one that was moved, and none that only made room for it', () => {
    expect(changes({ steps: [start, look, stop] })).toEqual(['Step Start: it comes at the beginning now']);
  });
  test('tells when a step became one of the rollback', () => {
    expect(changes({ steps: [look, stop], rollback: { trigger: null, steps: [start] } })).toEqual(['Step Start: it is a rollback step now; it comes at the beginning now']);
  });
  test('tells what became of parameters and targets', () => {
    const web = { name: 'web', kind: 'ssh' as const, label: 'Web', default: null, line: 1 };
    const before = { ...older, params: [param], targets: [web] };
    expect(changesBetween(before, { ...before, params: [{ ...param, default: 'other', required: true }, { ...param, name: 'unit' }], targets: [{ ...web, kind: 'http', default: 'https://a.example' }] })).toEqual([
      'Target web: the kind is http, and was ssh; the default is https://a.example, and was not given',
      'Parameter ns: the default is another; it is required now',
      'New parameter unit',
    ]);
    expect(changesBetween(before, { ...before, params: [], targets: [] })).toEqual(['Target web is gone', 'Parameter ns is gone']);
  });
  test('tells what is above the steps', () => {
    expect(changes({ version: '2.0.0', title: 'Full disk', tags: ['x'], rollback: { trigger: 'by hand', steps: [] } })).toEqual(['The version is 2.0.0, and was 1.0.0', 'It is called "Full disk" now', 'How it is filed is another', 'When it is rolled back is another']);
  });
});
