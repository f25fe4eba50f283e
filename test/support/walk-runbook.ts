/** A person who walks a runbook by a script: does what the script says of each step, and nothing that it does not say. */
import { randomUUID } from 'node:crypto';
import type { EngineClient, MethodArgument } from '#shared/contract/index.ts';
import type { WalkedStep, WalkthroughAct, WalkthroughView } from '#shared/contract/walkthroughs.ts';
import type { Mode } from '#shared/domain/runbook/walkthrough.ts';
import { runToEnd } from './run-to-end.ts';

type Start = MethodArgument<'walkthrough.start'>;

/** What is done about a step when it is its turn. */
export type Move =
  /** Of a step that is sent: run it. Of a note: read it. */
  | 'go'
  /** What a manual step asks for; true ticks its box. */
  | { answer: string | number | true }
  | { decide: string }
  /** Roles, and who approves in them. */
  | { approve: Record<string, string> }
  | { skip: string }
  /** Done by hand. Everything that is expected was seen, unless `seen` says which was. */
  | { byHand: { output?: string; captured?: Record<string, string>; seen?: boolean[]; exitStatus?: number | null } }
  /** It has failed, and is left behind. */
  | { pass: string }
  | { rollBack: string }
  /** Begins to wait, and has time go by. */
  | { wait: () => Promise<void> | void }
  /** A runbook that was walked already, or a new walk of it by a script of its own. */
  | { call: string | Script }
  /** Something happens in the world, before the next move for the same step. */
  | { meanwhile: () => Promise<unknown> };

/** For each step, by its id or by its key where it is done for several: the moves in their order. */
export type Script = Readonly<Record<string, Move | readonly Move[]>>;

export interface Walked {
  walkthroughId: string;
  view: WalkthroughView;
  /** The report in Markdown. */
  report: string;
  /** "stop succeeded", "swap undone", in the order of the walk; what was not reached or not applicable is left out. */
  ways: string[];
}

export interface WalkOptions {
  ref: string;
  systemId: string | null;
  mode?: Mode;
  bindings?: Start['bindings'];
  values?: Start['values'];
  secrets?: Start['secrets'];
  /** What is done about steps that the script does not name: run all that only reads, read all notes. Without it they are an error. */
  readsByItself?: boolean;
}

const mostTurns = 500;

function describe(step: WalkedStep): string {
  const verdicts = step.verdicts.map(({ say, ok, seen }) => `${ok ? 'ok' : 'NOT'} ${say} (${seen})`).join('; ');
  return `${step.key} [${step.kind}] is ${step.state}${step.outcome === null ? '' : `: ${step.outcome}`}${verdicts === '' ? '' : `; ${verdicts}`}; output: ${step.output?.tail ?? ''}`;
}

/** Begins a runbook with what the console proposes, and with what is given. @returns its id */
export async function startRunbook(client: EngineClient, { ref, systemId, mode = 'live', bindings = {}, values = {}, secrets = {} }: WalkOptions): Promise<string> {
  const { card, targets, params } = await client.call('runbook.prepare', { ref, systemId });
  const proposedBindings = Object.fromEntries(targets.flatMap(({ name, proposed }) => (proposed === null ? [] : [[name, proposed]])));
  const proposedValues = Object.fromEntries(params.flatMap(({ name, proposed }) => (proposed === null ? [] : [[name, proposed]])));
  const { walkthroughId } = await client.call('walkthrough.start', { ref, hash: card.hash, systemId, mode, bindings: { ...proposedBindings, ...bindings }, values: { ...proposedValues, ...values }, secrets });
  return walkthroughId;
}

/** Walks one that was begun to its end. @throws what the script did not expect, or where it expected more */
export async function walkOn(client: EngineClient, walkthroughId: string, script: Script, { readsByItself = false }: Pick<WalkOptions, 'readsByItself'> = {}): Promise<Walked> {
  const left = new Map(Object.entries(script).map(([name, moves]) => [name, Array.isArray(moves) ? [...(moves as Move[])] : [moves as Move]]));
  const look = (): Promise<WalkthroughView> => client.call('walkthrough.get', { walkthroughId });
  const act = async (view: WalkthroughView, doing: WalkthroughAct): Promise<string | null> => {
    const { outcome, childId } = await client.call('walkthrough.act', { walkthroughId, expectedSeq: view.run.seq, commandId: randomUUID(), act: doing });
    if (outcome !== 'done') throw new Error(`${doing.kind} was ${outcome}.`);
    return childId;
  };
  const run = async (view: WalkthroughView, key: string): Promise<void> => {
    const { plan } = await client.call('walkthrough.planStep', { walkthroughId, key, expectedSeq: view.run.seq });
    await runToEnd(client, plan);
  };

  /** The next move for a step; of itself for what nobody has to say anything about. */
  const nextMove = (step: WalkedStep): Move => {
    const moves = left.get(step.key) ?? left.get(step.stepId);
    const move = moves?.shift();
    if (move !== undefined) return move;
    if (readsByItself && step.state === 'eligible' && step.can.includes('run') && step.risk === 'read') return 'go';
    if (readsByItself && step.kind === 'note' && step.can.includes('answer')) return 'go';
    throw new Error(`The script says nothing of what happens now: ${describe(step)}; possible: ${step.can.join(', ')}`);
  };

  const make = async (view: WalkthroughView, step: WalkedStep, move: Move): Promise<void> => {
    const { key } = step;
    if (move === 'go') return step.can.includes('run') ? run(view, key) : void (await act(view, { kind: 'answer', key, value: null, note: '' }));
    if ('answer' in move) return void (await act(view, { kind: 'answer', key, value: move.answer, note: '' }));
    if ('decide' in move) return void (await act(view, { kind: 'decide', key, choice: move.decide }));
    if ('skip' in move) return void (await act(view, { kind: 'skip', key, reason: move.skip }));
    if ('pass' in move) return void (await act(view, { kind: 'pass', key, reason: move.pass }));
    if ('rollBack' in move) return void (await act(view, { kind: 'rollback', reason: move.rollBack }));
    if ('meanwhile' in move) return void (await move.meanwhile());
    if ('byHand' in move) {
      const { output = '', captured = {}, seen, exitStatus = step.language === 'sh' ? 0 : null } = move.byHand;
      return void (await act(view, { kind: 'record', key, worked: true, exitStatus, output, expectations: seen ?? step.expectations.map(() => true), captured, doneAt: null, note: '' }));
    }
    if ('approve' in move) {
      for (const [role, who] of Object.entries(move.approve)) {
        const now = await look();
        await act(now, { kind: 'approve', key, role, who, decision: 'approved', note: '', seenSeq: now.run.seq });
      }
      return undefined;
    }
    if ('wait' in move) {
      await act(view, { kind: 'start-wait', key });
      return move.wait();
    }
    if (typeof move.call === 'string') return void (await act(view, { kind: 'call', key, use: { walkthroughId: move.call } }));
    const childId = await act(view, { kind: 'call', key, use: 'new' });
    if (childId === null) throw new Error(`${key} began no runbook.`);
    return void (await walkOn(client, childId, move.call, { readsByItself }));
  };

  for (let turn = 0; turn < mostTurns; turn += 1) {
    const view = await look();
    if (view.run.endedAt !== null) {
      const unused = [...left].flatMap(([name, moves]) => moves.map((move) => `${name} ${JSON.stringify(move)}`));
      if (unused.length > 0) throw new Error(`The walk ended ${view.run.state} (${view.run.stateText}) before the script did: ${unused.join('; ')}\n${view.steps.map(describe).join('\n')}`);
      const { content } = await client.call('walkthrough.export', { walkthroughId, format: 'markdown' });
      return { walkthroughId, view, report: content, ways: view.steps.filter(({ state }) => state !== 'not-applicable' && state !== 'pending').map(({ key, state }) => `${key} ${state}`) };
    }
    const step = view.steps.find(({ key }) => key === view.current);
    if (step === undefined) throw new Error(`The walk is ${view.run.state} (${view.stateReason ?? 'no reason'}), and no step is to be done.`);
    try {
      await make(view, step, nextMove(step));
    } catch (error) {
      throw new Error(`At ${describe(step)}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
  throw new Error(`After ${mostTurns} turns the walk has not ended.`);
}

export async function walkRunbook(client: EngineClient, options: WalkOptions, script: Script): Promise<Walked> {
  return walkOn(client, await startRunbook(client, options), script, options);
}
