/** Where steps lead: to steps that exist, of the same part, without going round for ever and without leaving one out. */
import { didYouMean, nearest } from '../nearest.ts';
import type { Span } from '../source.ts';
import type { Ground, StepPlace } from './ground.ts';

interface Jump {
  to: string;
  span: Span;
  /** What names it: "next", "decide". */
  by: string;
}

function jumpsOf({ fields, step }: StepPlace): Jump[] {
  const next: Jump[] = step.next === null ? [] : [{ to: step.next, span: fields.spanOf('next'), by: 'next' }];
  const choices = fields.group('decide')?.named('choices') ?? [];
  return [...next, ...choices.flatMap(([, , { value }]) => (value.kind === 'scalar' ? [{ to: String(value.value), span: value.span, by: 'decide' }] : []))];
}

function mustExist(ground: Ground, to: string, span: Span, by: string): boolean {
  if (ground.ids.has(to)) return true;
  const near = nearest(to, ground.ids.keys());
  ground.faults.add(span, { rule: 'unknown-step', message: `${by} names step "${to}" which does not exist.${didYouMean(near)}`, edit: near === null ? null : { title: `Write ${near}`, text: near } });
  return false;
}

function lintReferences(ground: Ground, place: StepPlace): void {
  const { step, fields, section } = place;
  for (const { to, span, by } of jumpsOf(place)) {
    if (!mustExist(ground, to, span, section === 'rollback' ? 'rollback' : by)) continue;
    const other = ground.ids.get(to);
    const leaves = (section === 'rollback') !== (other?.section === 'rollback');
    if (leaves) ground.faults.add(span, { rule: 'jump-across', message: section === 'rollback' ? `step "${to}" (line ${other?.line ?? 0}) is outside of rollback, which nothing leaves. Begin a walk anew instead.` : `step "${to}" (line ${other?.line ?? 0}) is in rollback, which nothing jumps into. Write on_fail: rollback.` });
  }
  for (const item of fields.group('approve')?.items('show') ?? []) if (item.kind === 'scalar') mustExist(ground, String(item.value), item.span, 'show');
  const call = fields.group('call');
  for (const each of [call, ...fields.groups('undo').map((undo) => undo.group('call'))]) {
    const given = each?.named('with').find(([name]) => name === 'from')?.[2].value;
    const procedure = each?.text('procedure') ?? '';
    if ((procedure === 'restore.swap' || procedure === 'restore.undo') && given?.kind === 'scalar' && !given.written.includes('{{')) mustExist(ground, String(given.value), given.span, 'from');
  }
  if (step.end && step.next !== null) ground.faults.add(fields.spanOf('next'), { rule: 'two-of-one', message: `step "${step.id}" has next and end, of which only one can be. Remove one of them.` });
  if (step.action.kind === 'undo-completed' && section !== 'rollback') ground.faults.add(fields.keyOf('undo_completed'), { rule: 'not-in-rollback', message: `undo_completed stands in step "${step.id}", and only a rollback undoes. Move the step to rollback.` });
  if (step.onFail === 'rollback' && section === 'rollback') ground.faults.add(fields.spanOf('on_fail'), { rule: 'not-in-rollback', message: `step "${step.id}" is in rollback already, which does not begin again. Write on_fail: ask.`, edit: { title: 'Write ask', text: 'ask' } });
}

/** Where each step may lead, in places of the part. */
function edgesOf(part: readonly StepPlace[]): number[][] {
  const places = new Map(part.map(({ step }, index) => [step.id, index]));
  return part.map((place, index) => {
    const { step } = place;
    const jumps = jumpsOf(place).flatMap(({ to }) => places.get(to) ?? []);
    const after = index + 1 < part.length ? [index + 1] : [];
    if (step.end) return step.when === null ? [] : after;
    if (step.action.kind === 'decide') return [...jumps, ...(step.when === null && step.skip === 'never' ? [] : after)];
    // A step that does not apply, or is skipped by a person, is left by its own end.
    if (step.next !== null) return [...jumps, ...(step.when === null ? [] : after)];
    return after;
  });
}

function lintReach(ground: Ground, part: readonly StepPlace[], edges: readonly number[][]): void {
  const seen = new Set<number>(part.length > 0 ? [0] : []);
  const open = [...seen];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const to of edges[at] ?? []) {
      if (seen.has(to)) continue;
      seen.add(to);
      open.push(to);
    }
  }
  for (const [index, { step, fields }] of part.entries()) if (!seen.has(index)) ground.faults.warn(fields.span, { rule: 'unreachable', message: `step "${step.id}" is never reached: nothing leads to it.`, fix: 'Let next or decide lead to it, or remove it.' });
}

/** A way that comes back to a step without anybody or anything to end it. Said once for each jump that closes one. */
function lintLoops(ground: Ground, part: readonly StepPlace[], edges: readonly number[][]): void {
  const isWaiting = ({ step }: StepPlace): boolean => step.action.kind === 'decide' || step.waitUntil !== null;
  const state = part.map((): 'new' | 'open' | 'done' => 'new');
  for (let start = 0; start < part.length; start++) {
    if (state[start] !== 'new') continue;
    // By hand rather than by recursion: a part may have thousands of steps.
    const way: { at: number; next: number }[] = [{ at: start, next: 0 }];
    state[start] = 'open';
    while (way.length > 0) {
      const here = way.at(-1);
      const from = here === undefined ? undefined : part[here.at];
      if (here === undefined || from === undefined) break;
      const to = isWaiting(from) ? undefined : edges[here.at]?.[here.next++];
      if (to === undefined) {
        state[here.at] = 'done';
        way.pop();
      } else if (state[to] === 'new') {
        state[to] = 'open';
        way.push({ at: to, next: 0 });
      } else if (state[to] === 'open') sayLoop(ground, part, [...way.map(({ at }) => at).slice(way.findIndex(({ at }) => at === to)), to]);
    }
  }
}

function sayLoop(ground: Ground, part: readonly StepPlace[], loop: readonly number[]): void {
  const steps = loop.flatMap((at) => part[at] ?? []);
  const closing = steps.at(-2);
  if (closing === undefined) return;
  // What only leads to the next line says nothing.
  const told = steps.filter(({ step }, index) => index === 0 || index === steps.length - 1 || step.next !== null);
  ground.faults.add(closing.fields.spanOf('next'), { rule: 'loop', message: `lines ${told.map(({ step }) => step.line).join(' → ')}: next makes a loop without wait_until; the run could never end.` });
}

export function lintJumps(ground: Ground): void {
  for (const place of ground.places) lintReferences(ground, place);
  for (const part of [ground.places.filter(({ section }) => section !== 'rollback'), ground.places.filter(({ section }) => section === 'rollback')]) {
    const edges = edgesOf(part);
    lintReach(ground, part, edges);
    lintLoops(ground, part, edges);
  }
}
