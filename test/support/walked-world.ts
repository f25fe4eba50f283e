/** A walkthrough with a store under it, for tests that walk at random: every event is kept, and everything can be forgotten but what is kept. */
import Sqlite from 'better-sqlite3';
import { advance } from '#shared/domain/runbook/advance.ts';
import { mayAppend } from '#shared/domain/runbook/append-rules.ts';
import { decide, type DecideContext } from '#shared/domain/runbook/decide.ts';
import type { Runbook } from '#shared/domain/runbook/definition.ts';
import { isPilothouseError } from '#shared/domain/errors.ts';
import { evolve, fold } from '#shared/domain/runbook/evolve.ts';
import { slotsOf, titleOf } from '#shared/domain/runbook/slots.ts';
import type { Act, Mode, StepProgress, StoredEvent, Walkthrough, WalkthroughEvent } from '#shared/domain/runbook/walkthrough.ts';
import { migrations } from '#engine/store/migrations/index.ts';
import { createWalkthroughRepository } from '#engine/store/walkthrough-repository.ts';

/** Conditions of generated runbooks: what they say is what they are. */
export const conditions = { yes: true, no: false } as const;
const evaluateWhen = (expression: string): boolean => {
  if (expression === 'yes' || expression === 'no') return conditions[expression];
  throw new Error('It cannot be told.');
};

export type World = ReturnType<typeof createWorld>;

export function createWorld(runbook: Runbook, mode: Mode) {
  const database = new Sqlite(':memory:');
  for (const migration of migrations) migration.up(database);
  const repository = createWalkthroughRepository(database);
  const id = 'world';
  const hash = 'e'.repeat(64);
  let state: Walkthrough | null = null;
  let ids = 0;
  let commands = 0;
  let clock = Date.UTC(2026, 0, 1);

  const now = (): Walkthrough => {
    if (state === null) throw new Error('It has not begun.');
    return state;
  };
  const titleNow = (of: Walkthrough): string | null => {
    const progress = of.current === null ? undefined : of.steps[of.current];
    return progress === undefined ? null : titleOf(runbook, progress.slot);
  };
  const refold = (events: readonly StoredEvent[]): Walkthrough => fold(events.map(({ seq, at, actor, event }) => ({ id, seq, at, actor, event })), runbook);

  /** Keeps events and what follows from them, as one command. Throws where one of them may not be appended. */
  const append = (events: readonly WalkthroughEvent[], actor: string): void => {
    clock += 1000;
    const at = new Date(clock).toISOString();
    const before = state;
    const all: WalkthroughEvent[] = [];
    let after = state;
    const take = (event: WalkthroughEvent): void => {
      const refusal = mayAppend(after, event);
      if (refusal !== null) throw new Error(`${event.kind}: ${refusal}`);
      all.push(event);
      after = evolve(after, { id, seq: (before?.seq ?? 0) + all.length, at, actor, event }, runbook);
    };
    for (const event of events) take(event);
    for (let rounds = 0; after !== null; rounds += 1) {
      if (rounds > 1000) throw new Error('It goes on without end.');
      const following: WalkthroughEvent[] = advance(after, { runbook, evaluateWhen });
      if (following.length === 0) break;
      for (const event of following) take(event);
    }
    if (after === null) throw new Error('It has not begun.');
    const outcome = repository.append(id, { expectedSeq: before?.seq ?? 0, commandId: `command-${++commands}`, actor, at, monoMs: clock, events: all, after, currentTitle: titleNow(after) });
    if (outcome !== 'done') throw new Error(`It was not kept: ${outcome}.`);
    state = after;
  };

  const context: DecideContext = {
    runbook,
    get at() {
      return new Date(clock).toISOString();
    },
    ids: () => `id-${++ids}`,
    judge: (deed, _progress, answer) => deed.expect.map(({ say }) => ({ say, ok: answer !== 'wrong', seen: String(answer) })),
    capture: () => ({ captured: {} }),
    keepOutput: (_deed, _key, text) => ({ sha256: hash, bytes: text.length, truncated: false, evidenceId: null }),
    keepAttachment: () => ({ evidenceId: `id-${++ids}`, sha256: hash, bytes: 1 }),
  };

  repository.putDefinition({ hash, runbookId: runbook.id, version: runbook.version, text: runbook.id, ref: null, at: 0 });
  const values = { units: ['x', 'y'], none: [] };
  append([{ kind: 'started', runbookId: runbook.id, version: runbook.version, title: runbook.title, definitionHash: hash, mode, systemId: null, operator: 'ann', slots: slotsOf(runbook, values, {}), values, secrets: [], bindings: {}, parent: null, continues: null, appVersion: '0.1.0' }], 'console');

  const tables = (): unknown[] => ['walkthroughs', 'walkthrough_steps', 'walkthrough_timers'].map((table) => database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all());

  return {
    runbook,
    repository,
    get state() {
      return now();
    },
    get current(): StepProgress | null {
      const { current, steps } = now();
      return current === null ? null : (steps[current] ?? null);
    },
    events: (): StoredEvent[] => repository.load(id),
    /** Whether it was allowed. Throws for anything but a refusal. */
    act(act: Act): boolean {
      let events: WalkthroughEvent[];
      try {
        events = decide(now(), act, context);
      } catch (error) {
        if (isPilothouseError(error) && error.code.startsWith('runbook.')) return false;
        throw error;
      }
      append(events, 'console');
      return true;
    },
    /** An event of the engine's, where it may be appended. */
    tell(event: WalkthroughEvent): boolean {
      if (mayAppend(now(), event) !== null) return false;
      append([event], 'engine');
      return true;
    },
    /** What a window that saw less sends, and what is sent twice: neither is kept. */
    sendLateAndTwice(): string[] {
      const common = { actor: 'console', at: new Date(clock).toISOString(), monoMs: clock, events: [{ kind: 'commented', key: null, commentId: 'late', text: 'late' } as const], after: now(), currentTitle: null };
      return [repository.append(id, { ...common, expectedSeq: now().seq - 1, commandId: 'late' }), repository.append(id, { ...common, expectedSeq: now().seq, commandId: `command-${commands}` })];
    },
    /** The process dies: what is known then is what was kept. Gives what it knew before, to compare. */
    crash(): { before: Walkthrough; after: Walkthrough } {
      const before = now();
      state = refold(repository.load(id));
      return { before, after: state };
    },
    derived: () => ({
      kept: tables(),
      anew: (() => {
        repository.rebuildProjections((_walkthroughId, events) => {
          const after = refold(events);
          return { after, currentTitle: titleNow(after) };
        });
        return tables();
      })(),
    }),
    close: () => void database.close(),
  };
}
