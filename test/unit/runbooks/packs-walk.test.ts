/** Every runbook of the packs, walked on paper by its rules alone: each way through it ends, and each of its steps is on one. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isSent, type Param, type Runbook, type Step, type Value } from '#shared/domain/runbook/definition.ts';
import { isTrue } from '#shared/domain/runbook/expression.ts';
import { isOver } from '#shared/domain/runbook/walkthrough.ts';
import { readRunbook } from '#engine/runbooks/format/index.ts';
import { defaultPacksFolder } from '#engine/runbooks/library/index.ts';
import { recorded, walk, type Walk } from '#test/walked-runbook.ts';

const folder = defaultPacksFolder();
const runbooks = globSync('*/runbooks/*.yaml', { cwd: folder })
  .map((file) => file.replaceAll('\\', '/'))
  .toSorted()
  .map((file) => ({ file, runbook: readRunbook(readFileSync(join(folder, file), 'utf8')).runbook }));

/** More than any of them takes; and ways that are tried to find one to each step. */
const mostTurns = 400;
const mostWays = 200;

type Choose = <Choice>(of: string, choices: readonly Choice[]) => Choice;

/** Takes of several what was taken least so far, by what they are choices of. */
function choosingAnew(): Choose {
  const taken = new Map<string, number[]>();
  return (of, choices) => {
    const counts = taken.get(of) ?? choices.map(() => 0);
    const index = counts.indexOf(Math.min(...counts));
    taken.set(of, counts.with(index, (counts[index] ?? 0) + 1));
    const choice = choices[index];
    if (choice === undefined) throw new Error(`${of} has no choices.`);
    return choice;
  };
}

function sampleOf({ name, type, choices }: { name: string; type: string; choices: readonly string[] }, among: string, choose: Choose): Value {
  if (type === 'bool') return choose(`${name} ${among}`, [true, false]);
  if (type === 'enum') return choose(`${name} ${among}`, choices);
  if (type === 'list') return ['a', 'b'];
  return type === 'int' || type === 'number' ? choose(`${name} ${among}`, [1, 0, 30]) : 'x';
}

/** A parameter has a value only where it was asked. What was chosen before it is part of what it is a choice of, so that all of them meet. */
function valuesOf(params: readonly Param[], choose: Choose): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const param of params) if (param.when === null || isTrue(param.when, values)) values[param.name] = sampleOf(param, JSON.stringify(values), choose);
  return values;
}

function answerOf({ id, confirm, choices }: Step, choose: Choose): Value | null {
  if (confirm === 'text') return 'done';
  if (confirm === 'number') return 1;
  return confirm === 'choice' ? choose(id, choices) : null;
}

/** Does what stands there. */
function turn(walking: Walk, step: Step, key: string, among: string, choose: Choose): void {
  const { action } = step;
  if (action.kind === 'decide') return walking.act({ kind: 'decide', key, choice: choose(`${key} ${among}`, action.choices).label });
  if (action.kind === 'approve') {
    for (const role of action.by) walking.act({ kind: 'approve', key, role, who: 'ann', decision: 'approved', note: '', seenSeq: walking.state.seq });
    return undefined;
  }
  if (action.kind === 'wait') {
    walking.act({ kind: 'start-wait', key });
    return walking.append({ kind: 'timer-ended', key, timerId: walking.progress(key).timer?.timerId ?? '', as: 'due', why: 'It is over.' });
  }
  if (action.kind === 'runbook') {
    walking.act({ kind: 'call', key, use: 'new' });
    return walking.end(key, { by: 'runbook' });
  }
  if (isSent(action.kind)) return walking.act(recorded(key, { exitStatus: action.kind === 'sh' ? 0 : null, expectations: step.expect.map(() => true) }));
  return walking.act({ kind: 'answer', key, value: action.kind === 'note' ? null : answerOf(step, choose), note: '' });
}

/** @returns how it ended, and the steps that were done */
function walkOneWay(runbook: Runbook, choose: Choose): { state: string; done: ReadonlySet<string> } {
  const values = valuesOf(runbook.params, choose);
  const walking = walk(runbook, {
    mode: 'paper',
    values,
    when: isTrue,
    capture: ({ step }) => ({ captured: Object.fromEntries(step.capture.map(({ name, type }) => [name, sampleOf({ name, type, choices: [] }, '', choose)])) }),
  });
  const steps = new Map([...runbook.prerequisites, ...runbook.steps].map((step) => [step.id, step]));
  const done = new Set<string>();
  for (let turns = 0; turns < mostTurns && !isOver(walking.state.state); turns += 1) {
    const key = walking.state.current;
    const step = key === null ? undefined : steps.get(walking.progress(key).slot.stepId);
    if (key === null || step === undefined) throw new Error(`${runbook.id} is ${walking.state.state}, and nothing is to be done: ${walking.state.stateReason}`);
    turn(walking, step, key, JSON.stringify(values), choose);
    // A jump back has it done once more.
    done.add(step.id);
  }
  return { state: walking.state.state, done };
}

describe('each runbook of the packs', () => {
  it.each(runbooks)('$file ends well, whichever way is taken, and has no step that nobody comes to', ({ runbook }) => {
    if (runbook === null) throw new Error('It is not read.');
    const choose = choosingAnew();
    const ends = new Set<string>();
    const left = new Set([...runbook.prerequisites, ...runbook.steps].map(({ id }) => id));
    for (let way = 1; way <= mostWays && (left.size > 0 || way <= 4); way += 1) {
      const { state, done } = walkOneWay(runbook, choose);
      ends.add(state);
      for (const id of done) left.delete(id);
    }
    expect({ ends: [...ends], never: [...left] }).toEqual({ ends: ['succeeded'], never: [] });
  });
});
