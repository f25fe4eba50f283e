/** Walkthroughs as they stand: folded from their events, and gone on with by new ones. The one writer of their log. */
import type { Runbook } from '#shared/domain/runbook/definition.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { advance } from '#shared/domain/runbook/advance.ts';
import { mayAppend } from '#shared/domain/runbook/append-rules.ts';
import { evolve, fold } from '#shared/domain/runbook/evolve.ts';
import { isTrue } from '#shared/domain/runbook/expression.ts';
import { titleOf } from '#shared/domain/runbook/slots.ts';
import type { Binding, StepProgress, Walkthrough, WalkthroughEvent } from '#shared/domain/runbook/walkthrough.ts';
import type { EngineContext } from '../../engine-context.ts';
import type { WalkthroughRepository } from '../../store/walkthrough-repository.ts';
import { readRunbook } from '../format/index.ts';
import { cleanEvent } from './clean.ts';

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
/** Walkthroughs under way of which is asked what they have changed. */
const mostActive = 10_000;
/** Of events that follow from each other without anybody; more would be a fault of ours. */
const mostFollowing = 10_000;

/** What two may not change at once; null for an address, of which nobody knows whose it is. */
function placeOf(binding: Binding): string | null {
  return binding.kind === 'ssh' ? `host:${binding.hostId}` : binding.kind === 'postgres' ? `database:${binding.databaseId}` : null;
}

/** Where a walkthrough has changed something, or may have. */
function changedPlaces({ steps, bindings }: Walkthrough): ReadonlySet<string> {
  return new Set(
    Object.values(steps).flatMap(({ slot, risk, startedAt }) => {
      const binding = slot.target === null || startedAt === null || risk === null || risk === 'read' ? undefined : bindings[slot.target];
      return binding === undefined ? [] : (placeOf(binding) ?? []);
    }),
  );
}

export function createWalks(context: Pick<EngineContext, 'ports' | 'changes' | 'scrubber' | 'store'>, repository: WalkthroughRepository): Walks {
  const { ports, changes, scrubber } = context;
  const atHand = new Map<string, Walk>();
  const runbooks = new Map<string, { runbook: Runbook; text: string }>();
  /** What each of those under way has changed, as of its last event. */
  const changedBy = new Map<string, { seq: number; places: ReadonlySet<string> }>();
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
    // One after the other would copy all steps for each event.
    const walkthrough = fold(events.map(({ seq, at, actor, event }) => ({ id: walkthroughId, seq, at, actor, event })), runbook);
    return keep({ walkthrough, runbook, text });
  };

  /** Adds these events and all that follow from them, in one transaction. */
  const append = (walkthroughId: string, before: { walk: Walk | null; runbook: Runbook; text: string }, events: readonly WalkthroughEvent[], command: { expectedSeq: number; commandId: string; actor: string }): { outcome: 'done' | 'duplicate' | 'stale'; walk: Walk | null; events: readonly WalkthroughEvent[] } => {
    const at = new Date(ports.clock.now()).toISOString();
    const all: WalkthroughEvent[] = [];
    let state = before.walk?.walkthrough ?? null;
    let seq = state?.seq ?? 0;
    const take = (event: WalkthroughEvent): void => {
      const clean = cleanEvent(event, scrubber);
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
      const wanted = placeOf(binding);
      if (wanted === null) return [];
      const family = new Set([walkthroughId]);
      for (let parent = open(walkthroughId).walkthrough.parent; parent !== null; parent = open(parent.walkthroughId).walkthrough.parent) family.add(parent.walkthroughId);
      const active = repository.list({ active: true, limit: mostActive });
      const ids = new Set(active.map(({ id }) => id));
      for (const id of changedBy.keys()) if (!ids.has(id)) changedBy.delete(id);
      return active.flatMap((row) => {
        if (row.mode !== 'live' || family.has(row.id) || row.parentId === walkthroughId) return [];
        let known = changedBy.get(row.id);
        if (known?.seq !== row.seq) {
          known = { seq: row.seq, places: changedPlaces(open(row.id).walkthrough) };
          changedBy.set(row.id, known);
        }
        return known.places.has(wanted) ? [row.title] : [];
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
