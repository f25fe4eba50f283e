/** A person who walks a runbook on paper, and again until each choice of it was taken: everything is as it should be, and nothing is sent. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineClient, MethodArgument } from '#shared/contract/index.ts';
import type { WalkedStep, WalkthroughAct, WalkthroughView } from '#shared/contract/walkthroughs.ts';
import type { Step } from '#shared/domain/runbook/definition.ts';
import { judge } from '#shared/domain/runbook/judge.ts';
import { readRunbook } from '#engine/runbooks/format/index.ts';
import { defaultPacksFolder } from '#engine/runbooks/library/index.ts';

type Values = NonNullable<MethodArgument<'walkthrough.start'>['values']>;

export interface AllWays {
  /** Of every walk, in order. */
  states: string[];
  /** Steps of the runbook, without those of its rollback, that no walk came to; where each way was walked. */
  neverReached: string[];
}

const mostWalks = 20;
const mostTurns = 300;

const definitions = new Map<string, ReadonlyMap<string, Step>>();
function definitionOf(ref: string): ReadonlyMap<string, Step> {
  const known = definitions.get(ref);
  if (known !== undefined) return known;
  const [pack = '', name = ''] = ref.split('/');
  const { runbook } = readRunbook(readFileSync(join(defaultPacksFolder(), pack, 'runbooks', `${name}.yaml`), 'utf8'));
  const steps = new Map([...(runbook?.prerequisites ?? []), ...(runbook?.steps ?? [])].map((step) => [step.id, step]));
  definitions.set(ref, steps);
  return steps;
}

/** A number that is what is expected of it. */
function rightNumber(step: Step, values: Readonly<Record<string, string>>): number {
  const known = Object.fromEntries(Object.entries(values).map(([name, text]) => [name, Number.isFinite(Number(text)) ? Number(text) : text]));
  const seen = (answer: number) => ({ kind: 'manual' as const, exitStatus: null, stdout: '', stderr: '', rows: null, status: null, answer, truncated: false });
  return [0, 1, 5, 100].find((answer) => judge(step.expect, seen(answer), { ...known, answer }).every(({ ok }) => ok)) ?? 1;
}

interface Walker {
  client: EngineClient;
  /** How often each choice was taken: "ecommerce-cod/slow-api what Connections are used up". */
  taken: Map<string, number>;
  /** Steps that were come to: "ecommerce-cod/slow-api measured". What is jumped back over counts. */
  reached: Set<string>;
  /** What a figure that is captured is. */
  figure: '0' | '1';
}

async function actOn(walker: Walker, view: WalkthroughView, step: WalkedStep, ref: string): Promise<void> {
  const { client, taken, reached, figure } = walker;
  const { key } = step;
  const act = async (doing: WalkthroughAct): Promise<string | null> => {
    const now = await client.call('walkthrough.get', { walkthroughId: view.run.id });
    const { outcome, childId } = await client.call('walkthrough.act', { walkthroughId: view.run.id, expectedSeq: now.run.seq, commandId: randomUUID(), act: doing });
    if (outcome !== 'done') throw new Error(`${doing.kind} was ${outcome}.`);
    return childId;
  };
  const definition = definitionOf(ref).get(step.stepId);
  if (definition === undefined) throw new Error(`${ref} has no step ${step.stepId}.`);
  reached.add(`${ref} ${step.stepId}`);
  if (step.can.includes('decide')) {
    // The one that was taken least: what lies behind a choice is only come to by taking that one again.
    const times = (label: string): number => taken.get(`${ref} ${step.stepId} ${label}`) ?? 0;
    const [choice = ''] = step.choices.map(({ label }) => label).toSorted((a, b) => times(a) - times(b));
    taken.set(`${ref} ${step.stepId} ${choice}`, times(choice) + 1);
    await act({ kind: 'decide', key, choice });
  } else if (step.can.includes('approve')) {
    for (const role of step.roles) {
      const { run } = await client.call('walkthrough.get', { walkthroughId: view.run.id });
      await act({ kind: 'approve', key, role, who: `the ${role}`, decision: 'approved', note: '', seenSeq: run.seq });
    }
  } else if (step.can.includes('call')) {
    const childId = await act({ kind: 'call', key, use: 'new' });
    if (childId !== null) await walkToEnd(walker, childId);
  } else if (step.can.includes('record')) {
    const captured = Object.fromEntries(definition.capture.map(({ name, type }) => [name, type === 'int' || type === 'number' ? figure : type === 'path' ? '/srv/found' : 'found']));
    await act({ kind: 'record', key, worked: true, exitStatus: step.language === 'sh' ? 0 : null, output: '', expectations: step.expectations.map(() => true), captured, doneAt: null, note: '' });
  } else {
    const values = Object.fromEntries(view.values.map(({ name, text }) => [name, text]));
    const answers = { checkbox: true, text: 'as it should be', number: rightNumber(definition, values), choice: definition.choices[0] ?? '', photo: true } as const;
    await act({ kind: 'answer', key, value: step.confirm === null ? null : answers[step.confirm], note: '' });
  }
}

async function walkToEnd(walker: Walker, walkthroughId: string): Promise<WalkthroughView> {
  for (let turn = 0; turn < mostTurns; turn += 1) {
    const view = await walker.client.call('walkthrough.get', { walkthroughId });
    if (view.run.endedAt !== null) return view;
    const step = view.steps.find(({ key }) => key === view.current);
    if (step === undefined) throw new Error(`${view.run.title} is ${view.run.state}, and no step is to be done: ${view.stateReason ?? 'no reason'}`);
    try {
      await actOn(walker, view, step, view.run.ref ?? '');
    } catch (error) {
      throw new Error(`${view.run.title}, at ${step.key} (${step.state}, possible: ${step.can.join(', ')}): ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
  throw new Error(`After ${mostTurns} turns the walk has not ended.`);
}

/**
 * @param every whether it is walked until each choice was taken and each step was come to; else once, by first choices
 * @param instead steps that are not come to with these values
 */
export async function walkAllWays(client: EngineClient, ref: string, { values = {}, secrets = {}, every, instead = [] }: { values?: Values; secrets?: Record<string, string>; every: boolean; instead?: readonly string[] }): Promise<AllWays> {
  const taken = new Map<string, number>();
  const reached = new Set<string>();
  const states: string[] = [];
  const choices = [...definitionOf(ref).values()].flatMap(({ id, action }) => (action.kind === 'decide' ? action.choices.map(({ label }) => `${ref} ${id} ${label}`) : []));
  const { card, params } = await client.call('runbook.prepare', { ref, systemId: null });
  const proposed = Object.fromEntries(params.flatMap(({ name, proposed: value }) => (value === null ? [] : [[name, value]])));
  const neverReached = (): string[] => [...definitionOf(ref).keys()].filter((id) => !reached.has(`${ref} ${id}`) && !instead.includes(id));
  while (states.length === 0 || (every && states.length < mostWalks && (neverReached().length > 0 || choices.some((choice) => !taken.has(choice))))) {
    const { walkthroughId } = await client.call('walkthrough.start', { ref, hash: card.hash, systemId: null, mode: 'paper', bindings: {}, values: { ...proposed, ...values }, secrets });
    const { run } = await walkToEnd({ client, taken, reached, figure: states.length % 2 === 0 ? '1' : '0' }, walkthroughId);
    states.push(run.state);
  }
  return { states, neverReached: neverReached() };
}
