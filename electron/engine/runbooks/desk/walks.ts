/** Walkthroughs as they stand: folded from their events, and gone on with by new ones. The one writer of their log. */
import type { Runbook } from '#shared/domain/runbook/definition.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { advance } from '#shared/domain/runbook/advance.ts';
import { mayAppend } from '#shared/domain/runbook/append-rules.ts';
import { evolve } from '#shared/domain/runbook/evolve.ts';
import { isTrue } from '#shared/domain/runbook/expression.ts';
import { titleOf } from '#shared/domain/runbook/slots.ts';
import { isOver, type Binding, type StepProgress, type Walkthrough, type WalkthroughEvent } from '#shared/domain/runbook/walkthrough.ts';
import type { EngineContext } from '../../engine-context.ts';
import type { WalkthroughRepository } from '../../store/walkthrough-repository.ts';
import { readRunbook } from '../format/index.ts';

export interface Walk {
  walkthrough: Walkthrough;
  runbook: Runbook;
  /** Of the file, as it was when this was begun. */
  text: string;
}

export interface Walks {
  /** @throws store.not-found */
  open(walkthroughId: string): Walk;
  /** What follows by itself, and was not written down yet. */
  goOn(walkthroughId: string): void;
  /** What the engine itself has to say. @throws internal where it does not fit what was said before; store.* */
  tell(walkthroughId: string, events: readonly WalkthroughEvent[], actor?: string): Walk;
  /**
   * What a person did, as events that are made of how it stands.
   * @throws what `decide` throws; store.*
   */
  act(walkthroughId: string, command: { expectedSeq: number; commandId: string; actor: string }, decide: (walk: Walk) => readonly WalkthroughEvent[]): { outcome: 'done' | 'duplicate' | 'stale'; walk: Walk };
  begin(id: string, started: Extract<WalkthroughEvent, { kind: 'started' }>, definition: { text: string; runbook: Runbook }, actor: string, ref: string | null): void;

  keepEvidence(walkthroughId: string, evidence: { name: string; media: string; data: Buffer }): string;
  /** Titles of other live walkthroughs that are under way and have changed something on this target. */
  othersOn(walkthroughId: string, binding: Binding): string[];
  /** Told of every change, after it was kept. */
  onChange(listener: (walk: Walk, events: readonly WalkthroughEvent[]) => void): void;
  changed(): void;
  /** All of it is kept, or none; who listens is told when it is kept. */
  transaction<T>(work: () => T): T;
}

/** Folded states that are kept at hand. */
const mostAtHand = 64;
/** Of events that follow from each other without anybody; more would be a fault of ours. */
const mostFollowing = 10_000;

export function createWalks(context: Pick<EngineContext, 'ports' | 'changes' | 'scrubber' | 'store'>, repository: WalkthroughRepository): Walks {
  const { ports, changes, scrubber } = context;
  const atHand = new Map<string, Walk>();
  const runbooks = new Map<string, { runbook: Runbook; text: string }>();
  const listeners: ((walk: Walk, events: readonly WalkthroughEvent[]) => void)[] = [];

  const definitionOf = (hash: string): { runbook: Runbook; text: string } => {
    const known = runbooks.get(hash);
    if (known !== undefined) return known;
    const text = repository.definition(hash);
    const { runbook } = readRunbook(text);
    if (runbook === null) throw new PilothouseError('internal', `The runbook ${hash} that was kept with a walkthrough cannot be read any more.`);
    runbooks.set(hash, { runbook, text });
    return { runbook, text };
  };

  const keep = (walk: Walk): Walk => {
    atHand.delete(walk.walkthrough.id);
    atHand.set(walk.walkthrough.id, walk);
    for (const id of atHand.keys()) {
      if (atHand.size <= mostAtHand) break;
      atHand.delete(id);
    }
    return walk;
  };

  const open: Walks['open'] = (walkthroughId) => {
    const known = atHand.get(walkthroughId);
    if (known !== undefined) return known;
    const events = repository.load(walkthroughId);
    const [first] = events;
    if (first?.event.kind !== 'started') throw new PilothouseError('store.not-found', `There is no walkthrough ${walkthroughId}.`, { hint: 'Look at the list of walkthroughs.' });
    const { runbook, text } = definitionOf(first.event.definitionHash);
    const walkthrough = events.reduce<Walkthrough | null>((state, { seq, at, actor, event }) => evolve(state, { id: walkthroughId, seq, at, actor, event }, runbook), null);
    if (walkthrough === null) throw new PilothouseError('internal', `The walkthrough ${walkthroughId} has no beginning.`);
    return keep({ walkthrough, runbook, text });
  };

  /** Adds these events and all that follow from them, in one transaction. */
  const append = (walkthroughId: string, before: { walk: Walk | null; runbook: Runbook; text: string }, events: readonly WalkthroughEvent[], command: { expectedSeq: number; commandId: string; actor: string }): { outcome: 'done' | 'duplicate' | 'stale'; walk: Walk | null; events: readonly WalkthroughEvent[] } => {
    const at = new Date(ports.clock.now()).toISOString();
    const all: WalkthroughEvent[] = [];
    let state = before.walk?.walkthrough ?? null;
    let seq = state?.seq ?? 0;
    const take = (event: WalkthroughEvent): void => {
      const clean = scrubber.scrub(event);
      all.push(clean);
      seq += 1;
      state = evolve(state, { id: walkthroughId, seq, at, actor: command.actor, event: clean }, before.runbook);
    };
    for (const event of events) take(event);
    for (let more = state === null ? [] : advance(state, { runbook: before.runbook, evaluateWhen: isTrue }); more.length > 0; more = state === null ? [] : advance(state, { runbook: before.runbook, evaluateWhen: isTrue })) {
      for (const event of more) take(event);
      if (all.length > mostFollowing) throw new PilothouseError('internal', `The walkthrough ${walkthroughId} goes on without end.`);
    }
    // Told at once, before anybody waits for it: a test kills the engine on either side of the commit.
    void ports.checkpoint?.('walkthrough:append');
    if (state === null) throw new PilothouseError('internal', `The walkthrough ${walkthroughId} has no beginning.`);
    const outcome = repository.append(walkthroughId, { ...command, at, monoMs: Math.round(performance.now()), events: all, after: state, currentTitle: state.current === null ? null : titleOf(before.runbook, (state.steps[state.current] as StepProgress).slot) });
    void ports.checkpoint?.('walkthrough:appended');
    if (outcome !== 'done') return { outcome, walk: null, events: [] };
    return { outcome, walk: keep({ walkthrough: state, runbook: before.runbook, text: before.text }), events: all };
  };

  /** What is told when the transaction that is under way is kept; null: none is. */
  let held: { walk: Walk; events: readonly WalkthroughEvent[] }[] | null = null;

  const tellListeners = (walk: Walk, events: readonly WalkthroughEvent[]): void => {
    if (held !== null) return void held.push({ walk, events });
    changes.changed('runbooks');
    for (const listener of listeners) {
      try {
        listener(walk, events);
      } catch (error) {
        ports.logger.error({ walkthroughId: walk.walkthrough.id, error: String(error) }, 'What follows from a walkthrough could not be done.');
      }
    }
  };

  return {
    open,
    tell(walkthroughId, events, actor = 'engine') {
      const walk = open(walkthroughId);
      for (const event of events) {
        const why = mayAppend(walk.walkthrough, event);
        if (why !== null) throw new PilothouseError('internal', `${event.kind} does not fit the walkthrough ${walkthroughId}: ${why}`);
      }
      const done = append(walkthroughId, { walk, runbook: walk.runbook, text: walk.text }, events, { expectedSeq: walk.walkthrough.seq, commandId: ports.random.id(), actor });
      if (done.walk === null) throw new PilothouseError('internal', `The log of the walkthrough ${walkthroughId} was written by somebody else.`);
      tellListeners(done.walk, done.events);
      return open(walkthroughId);
    },
    goOn(walkthroughId) {
      const walk = open(walkthroughId);
      if (advance(walk.walkthrough, { runbook: walk.runbook, evaluateWhen: isTrue }).length === 0) return;
      const done = append(walkthroughId, { walk, runbook: walk.runbook, text: walk.text }, [], { expectedSeq: walk.walkthrough.seq, commandId: ports.random.id(), actor: 'engine' });
      if (done.walk !== null) tellListeners(done.walk, done.events);
    },
    act(walkthroughId, command, decide) {
      const walk = open(walkthroughId);
      if (repository.hasCommand(walkthroughId, command.commandId)) return { outcome: 'duplicate', walk };
      if (command.expectedSeq !== walk.walkthrough.seq) return { outcome: 'stale', walk };
      const done = append(walkthroughId, { walk, runbook: walk.runbook, text: walk.text }, decide(walk), command);
      if (done.walk === null) return { outcome: done.outcome === 'duplicate' ? 'duplicate' : 'stale', walk: open(walkthroughId) };
      tellListeners(done.walk, done.events);
      return { outcome: 'done', walk: open(walkthroughId) };
    },
    begin(id, started, { text, runbook }, actor, ref) {
      repository.putDefinition({ hash: started.definitionHash, runbookId: runbook.id, version: runbook.version, text, ref, at: ports.clock.now() });
      const done = append(id, { walk: null, runbook, text }, [started], { expectedSeq: 0, commandId: ports.random.id(), actor });
      if (done.walk === null) throw new PilothouseError('internal', 'A walkthrough could not be begun.');
      runbooks.set(started.definitionHash, { runbook, text });
      tellListeners(done.walk, done.events);
    },
    keepEvidence: (walkthroughId, evidence) => repository.putEvidence(walkthroughId, { id: ports.random.id(), at: ports.clock.now(), ...evidence }),
    othersOn(walkthroughId, binding) {
      const same = (other: Binding): boolean => (binding.kind === 'ssh' && other.kind === 'ssh' && binding.hostId === other.hostId) || (binding.kind === 'postgres' && other.kind === 'postgres' && binding.databaseId === other.databaseId);
      return repository.activeIds().filter((id) => id !== walkthroughId).flatMap((id) => {
        const { walkthrough } = open(id);
        if (isOver(walkthrough.state) || walkthrough.mode !== 'live' || walkthrough.parent?.walkthroughId === walkthroughId) return [];
        const hasChanged = Object.values(walkthrough.steps).some(({ slot, risk, startedAt }) => startedAt !== null && risk !== null && risk !== 'read' && slot.target !== null && walkthrough.bindings[slot.target] !== undefined && same(walkthrough.bindings[slot.target] as Binding));
        return hasChanged ? [walkthrough.title] : [];
      });
    },
    onChange: (listener) => void listeners.push(listener),
    changed: () => changes.changed('runbooks'),
    transaction(work) {
      if (held !== null) return work();
      held = [];
      try {
        const value = context.store.transaction(work).immediate();
        const told = held;
        held = null;
        for (const { walk, events } of told) tellListeners(walk, events);
        return value;
      } catch (error) {
        // What was folded meanwhile was not kept.
        for (const { walk } of held ?? []) atHand.delete(walk.walkthrough.id);
        held = null;
        throw error;
      }
    },
  };
}
