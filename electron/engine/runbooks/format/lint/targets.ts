/** Targets: each that is named is declared, and is of a kind on which the step can be done. */
import type { Action, TargetKind } from '#shared/domain/runbook/definition.ts';
import { didYouMean, nearest } from '../nearest.ts';
import type { Span } from '../source.ts';
import type { Fields } from '../tree.ts';
import { listed, type Ground, type StepPlace } from './ground.ts';

/** The kind of target that an action needs; null where it needs none. */
export function kindFor(action: Action): TargetKind | null {
  switch (action.kind) {
    case 'sh':
    case 'transfer':
      return 'ssh';
    case 'sql':
      return 'postgres';
    case 'http':
      return action.url === null ? 'http' : null;
    case 'procedure':
      return action.procedure === 'health.check' ? null : 'postgres';
    default:
      return null;
  }
}

const kindWords: Readonly<Record<TargetKind, string>> = { ssh: 'a host (ssh)', postgres: 'a database (postgres)', http: 'an address (http)' };

/** @returns the kind of the target; null where there is none such, which is said */
function declared(ground: Ground, name: string, span: Span): TargetKind | null {
  const target = ground.targets.get(name);
  if (target !== undefined) return target.kind;
  const near = nearest(name, ground.targets.keys());
  ground.faults.add(span, { rule: 'unknown-target', message: `target "${name}" is not declared. ${ground.targets.size === 0 ? `No target is: write targets: at the top, and below it ${name}: { kind: ssh }, or kind: postgres or http.` : `Targets: ${listed(ground.targets.values())}.`}${didYouMean(near)}`, edit: near === null ? null : { title: `Write ${near}`, text: near } });
  return null;
}

function mustFit(ground: Ground, name: string, span: Span, wanted: TargetKind | null, what: string): void {
  const kind = declared(ground, name, span);
  if (kind === null || wanted === null || kind === wanted) return;
  const fitting = [...ground.targets.values()].filter((target) => target.kind === wanted);
  const hint = fitting.length === 0 ? `Declare one with kind: ${wanted}.` : `Of that kind: ${listed(fitting)}.`;
  ground.faults.add(span, { rule: 'target-kind', message: `${what} needs ${kindWords[wanted]}, and target "${name}" is ${kindWords[kind]}. ${hint}` });
}

function lintOf(ground: Ground, fields: Fields, own: { action: Action; target: string | null }, what: string, isEach: boolean): void {
  const wanted = kindFor(own.action);
  const name = fields.text('target');
  if (name !== null) mustFit(ground, name, fields.spanOf('target'), wanted, what);
  // What an undo or a probe takes from its step has to fit too.
  else if (own.target !== null && ground.targets.has(own.target)) mustFit(ground, own.target, fields.span, wanted, what);
  else if (own.target === null && wanted !== null && !isEach && !fields.has('target')) {
    const fitting = [...ground.targets.values()].filter((target) => target.kind === wanted);
    const hint = fitting.length === 0 ? `Declare one under targets: with kind: ${wanted}, and write target: with its name.` : `Write target: with one of these: ${listed(fitting)}.`;
    ground.faults.add(fields.span, { rule: 'no-target', message: `${what} needs ${kindWords[wanted]}, and no target is named. ${hint}` });
  }
  const http = fields.group('http');
  const through = http?.text('through') ?? null;
  if (http !== null && through !== null) mustFit(ground, through, http.spanOf('through'), 'ssh', 'through');
}

function lintStep(ground: Ground, { step, fields }: StepPlace): void {
  const what = `step "${step.id}"`;
  const isEach = step.forEach?.over === 'targets';
  lintOf(ground, fields, step, what, isEach);
  const each = fields.group('for_each');
  for (const item of each?.items('host_in') ?? []) if (item.kind === 'scalar') mustFit(ground, String(item.value), item.span, kindFor(step.action), what);
  if (isEach && step.target !== null) ground.faults.add(fields.keyOf('target'), { rule: 'two-of-one', message: `${what} has target and host_in, which both say where it is done. Remove one of them.` });
  const param = each?.text('item_in') ?? null;
  if (each !== null && param !== null) lintItems(ground, param, each.spanOf('item_in'));
  const probe = fields.group('probe');
  if (probe !== null && step.probe !== null) lintOf(ground, probe, step.probe, `the probe of ${what}`, isEach);
  for (const [index, undo] of fields.groups('undo').entries()) {
    const own = step.undo?.[index];
    if (own !== undefined) lintOf(ground, undo, own, `the undo of ${what}`, isEach);
  }
}

function lintItems(ground: Ground, name: string, span: Span): void {
  const param = ground.params.get(name);
  const lists = [...ground.params.values()].filter(({ type }) => type === 'list');
  if (param?.type === 'list') return;
  if (param !== undefined) {
    ground.faults.add(span, { rule: 'not-a-list', message: `"${name}" (line ${param.line}) is not a list, so that there is nothing to go over. Lists: ${listed(lists)}.` });
    return;
  }
  const near = nearest(name, lists.map((each) => each.name));
  ground.faults.add(span, { rule: 'unknown-value', message: `"${name}" is not a parameter of type list. Lists: ${listed(lists)}.${didYouMean(near)}`, edit: near === null ? null : { title: `Write ${near}`, text: near } });
}

export function lintTargets(ground: Ground): void {
  for (const place of ground.places) lintStep(ground, place);
  for (const [name, fields] of ground.root.named('params')) {
    const of = fields.text('of');
    if (of !== null) mustFit(ground, of, fields.spanOf('of'), 'postgres', `parameter "${name}"`);
    const options = fields.group('options_from');
    const target = options?.text('target') ?? null;
    if (options !== null && target !== null) mustFit(ground, target, options.spanOf('target'), options.has('sql') ? 'postgres' : 'ssh', `options_from of parameter "${name}"`);
  }
}
