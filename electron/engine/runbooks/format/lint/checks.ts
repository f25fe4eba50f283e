/** What is expected and captured can be found in what comes back, and no field stands where it does nothing. */
import type { Action, CalledProcedure } from '#shared/domain/runbook/definition.ts';
import { parseJsonPath } from '#shared/domain/runbook/json-path.ts';
import { problemOfPattern } from '#shared/domain/runbook/patterns.ts';
import { fill } from '#shared/domain/runbook/template.ts';
import { didYouMean, nearest } from '../nearest.ts';
import type { Fields } from '../tree.ts';
import type { Ground, StepPlace } from './ground.ts';

type Kind = Action['kind'];

/** What can be seen of an action. */
const seenOf: Readonly<Record<string, readonly Kind[]>> = { exit: ['sh'], status: ['http'], rows: ['sql'], cell: ['sql'] };
const sent: readonly Kind[] = ['sh', 'sql', 'http', 'transfer', 'procedure'];
const repeated: readonly Kind[] = ['sh', 'sql', 'http'];

/** Fields that mean something for some actions alone. */
const useOf: Readonly<Record<string, readonly Kind[]>> = {
  cwd: ['sh'],
  sudo: ['sh', 'transfer'],
  shell: ['sh'],
  env: ['sh'],
  stdin: ['sh'],
  detach: ['sh'],
  database: ['sql', 'procedure'],
  capture: [...repeated, 'manual'],
  wait_until: repeated,
  retry: sent,
  timeout: [...sent],
  stall_warn: sent,
  probe: sent,
  undo: [...sent, 'manual', 'runbook'],
  idempotent: sent,
  confirm: ['manual', 'note'],
  require: ['runbook', 'procedure'],
};

const names: Readonly<Partial<Record<Kind, string>>> = { runbook: 'call', procedure: 'call', 'undo-completed': 'undo_completed' };
const nameOf = (kind: Kind): string => names[kind] ?? kind;
const listOf = (kinds: readonly Kind[]): string => [...new Set(kinds.map(nameOf))].join(', ');

function lintMatcher(ground: Ground, fields: Fields, kind: Kind): void {
  const { faults } = ground;
  for (const [name, kinds] of Object.entries(seenOf)) {
    if (fields.has(name) && !kinds.includes(kind)) faults.add(fields.keyOf(name), { rule: 'never-seen', message: `"${name}" is of ${listOf(kinds)}, and this is ${nameOf(kind)}: it would never be true. Expect something else.` });
  }
  for (const name of ['matches', 'not_matches']) {
    const pattern = fields.text(name);
    const why = pattern === null ? null : problemOfPattern(pattern);
    if (why !== null) faults.add(fields.spanOf(name), { rule: 'pattern', message: why });
  }
  lintPath(ground, fields);
}

function lintPath(ground: Ground, fields: Fields): void {
  const path = fields.text('json');
  const parsed = path === null ? null : parseJsonPath(fill(path, () => 'x'));
  if (parsed !== null && 'problem' in parsed) ground.faults.add(fields.spanOf('json'), { rule: 'json-path', message: /[.!?]$/.test(parsed.problem) ? parsed.problem : `${parsed.problem}.` });
}

/** What each procedure takes under `with`. */
const settingsOf: Readonly<Record<CalledProcedure, readonly string[]>> = { 'health.check': ['only'], 'backup.run': ['database', 'proof'], 'restore.beside': ['database', 'backup', 'max_age', 'into'], 'restore.swap': ['from', 'restore'], 'restore.undo': ['from', 'restore'] };

/** Settings that a procedure does not know are left out by it, which nobody would see. */
function lintSettings({ faults }: Ground, call: Fields, procedure: CalledProcedure): void {
  const known = settingsOf[procedure];
  for (const [name, , { key }] of call.named('with')) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    faults.warn(key, { rule: 'no-effect', message: `${procedure} takes no "${name}", so it has no effect. It takes ${known.join(', ')}.${didYouMean(near)}`, edit: near === null ? null : { title: `Write ${near}`, text: near } });
  }
}

/** How what is called may have to end. */
function lintCall(ground: Ground, { fields, step }: StepPlace): void {
  const { action } = step;
  const call = fields.group('call');
  if (call === null || (action.kind !== 'runbook' && action.kind !== 'procedure')) return;
  const { faults } = ground;
  const beside = fields.has('require');
  if (beside && call.has('require')) faults.add(fields.keyOf('require'), { rule: 'two-of-one', message: `step "${step.id}" has require twice, in call and beside it. Remove one of them.` });
  const place = call.has('require') ? call : fields;
  const required = place.text('require');
  const allowed: readonly string[] = action.kind === 'runbook' ? ['succeeded', 'any'] : action.procedure === 'health.check' ? ['ok'] : action.procedure === 'backup.run' ? ['L0', 'L1', 'L2', 'L3'] : action.procedure === 'restore.beside' ? ['equal'] : [];
  const called = action.kind === 'runbook' ? 'a runbook' : action.procedure;
  if (required !== null && !allowed.includes(required)) faults.add(place.spanOf('require'), { rule: 'value', message: `"${required}" cannot be required of ${called}, of which ${allowed.length === 0 ? 'nothing can: it succeeds or fails' : `${allowed.join(', ')} can`}.` });
  if (action.kind === 'procedure') lintSettings(ground, call, action.procedure);
  if (action.kind === 'procedure' && call.has('within')) faults.add(call.keyOf('within'), { rule: 'no-effect', message: `"within" is for runbooks, and this calls ${action.procedure}. Remove it.` });
}

function lintStep(ground: Ground, place: StepPlace): void {
  const { step, fields } = place;
  const { faults } = ground;
  const { kind } = step.action;
  for (const expectation of fields.groups('expect')) lintMatcher(ground, expectation, kind);
  const doneIf = fields.group('probe')?.group('done_if');
  if (doneIf !== null && doneIf !== undefined && step.probe !== null) lintMatcher(ground, doneIf, step.probe.action.kind);
  for (const [index, undo] of fields.groups('undo').entries()) for (const expectation of undo.groups('expect')) lintMatcher(ground, expectation, step.undo?.[index]?.action.kind ?? kind);
  for (const [index, undo] of fields.groups('undo').entries()) {
    const back = step.undo?.[index]?.action;
    const undoCall = undo.group('call');
    if (back?.kind === 'procedure' && undoCall !== null) lintSettings(ground, undoCall, back.procedure);
  }
  for (const [, capture] of fields.named('capture')) {
    const why = capture.text('regex') === null ? null : problemOfPattern(capture.text('regex') ?? '');
    if (why !== null) faults.add(capture.spanOf('regex'), { rule: 'pattern', message: why });
    if (capture.has('cell') && kind !== 'sql') faults.add(capture.keyOf('cell'), { rule: 'never-seen', message: `"cell" is of sql, and this is ${nameOf(kind)}: nothing would be found. Write regex or json.` });
    lintPath(ground, capture);
  }
  for (const item of fields.items('redact')) {
    const why = item.kind === 'scalar' ? problemOfPattern(String(item.value)) : null;
    if (why !== null) faults.add(item.span, { rule: 'pattern', message: why });
  }
  for (const [name, kinds] of Object.entries(useOf)) {
    if (fields.has(name) && !kinds.includes(kind)) faults.warn(fields.keyOf(name), { rule: 'no-effect', message: `"${name}" does nothing in a step of ${nameOf(kind)}: it is for ${listOf(kinds)}. Remove it.` });
  }
  if (step.confirm === 'choice' && step.choices.length < 2) faults.add(fields.spanOf('confirm'), { rule: 'missing', message: `step "${step.id}" asks for a choice and does not say between what. Write choices: [a, b].` });
  if (step.confirm !== 'choice' && fields.has('choices')) faults.warn(fields.keyOf('choices'), { rule: 'no-effect', message: '"choices" does nothing without confirm: choice. Write that, or remove it.' });
  if (kind === 'manual' && step.confirm === null && step.expect.length > 0) faults.add(fields.keyOf('expect'), { rule: 'never-seen', message: `step "${step.id}" expects something of an answer, and asks for none. Write confirm: text, number or choice.` });
  if (step.action.kind === 'approve' && step.action.by.length === 0) faults.add(fields.group('approve')?.spanOf('by') ?? fields.span, { rule: 'missing', message: `step "${step.id}" names nobody who approves. Write by: with a role.` });
  if (step.action.kind === 'decide' && step.action.choices.length === 0) faults.add(fields.group('decide')?.spanOf('choices') ?? fields.span, { rule: 'missing', message: `step "${step.id}" has no choices. Write choices: with an answer and the step that it leads to.` });
  if (step.forEach?.over === 'targets' && step.forEach.names.length === 0) faults.add(fields.group('for_each')?.spanOf('host_in') ?? fields.span, { rule: 'missing', message: `step "${step.id}" goes over no target. Name one in host_in.` });
  if (step.waitUntil !== null && step.expect.length === 0) faults.add(fields.keyOf('wait_until'), { rule: 'missing', message: `step "${step.id}" waits until something is true, and does not say what. Write expect.` });
  lintCall(ground, place);
}

export function lintChecks(ground: Ground): void {
  for (const place of ground.places) lintStep(ground, place);
}
