import Sqlite from 'better-sqlite3';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Runbook } from '#shared/domain/runbook/definition.ts';
import { fold } from '#shared/domain/runbook/evolve.ts';
import { titleOf } from '#shared/domain/runbook/slots.ts';
import type { StoredEvent, Walkthrough, WalkthroughEvent } from '#shared/domain/runbook/walkthrough.ts';
import { breakIn } from '#engine/store/event-chain.ts';
import { migrations } from '#engine/store/migrations/index.ts';
import { createWalkthroughRepository, type WalkthroughRepository } from '#engine/store/walkthrough-repository.ts';
import { decision, done, recorded, runbook, sent, step, undo, walk, type Walk } from '#test/walked-runbook.ts';

let database: Sqlite.Database;
let repository: WalkthroughRepository;
let books: Map<string, Runbook>;
beforeEach(() => {
  database = new Sqlite(':memory:');
  onTestFinished(() => void database.close());
  database.pragma('foreign_keys = ON');
  for (const migration of migrations) migration.up(database);
  repository = createWalkthroughRepository(database);
  books = new Map();
});

const hash = 'c'.repeat(64);
const putDefinition = (ref: string | null = 'own/tested') => repository.putDefinition({ hash, runbookId: 'tested', version: '1.0.0', text: 'id: tested', ref, at: 0 });

const titleNow = (of: Runbook, state: Walkthrough): string | null => (state.current === null ? null : titleOf(of, (state.steps[state.current] as Walkthrough['steps'][string]).slot));

/** Keeps a walk of the tests, command by command as it was walked. */
function keep(id: string, of: Runbook, walking: Walk, change: (started: Extract<WalkthroughEvent, { kind: 'started' }>) => Partial<WalkthroughEvent> = () => ({})): void {
  putDefinition();
  books.set(id, of);
  const events = walking.events.map((stored) => ({ ...stored, id, event: stored.event.kind === 'started' ? ({ ...stored.event, ...change(stored.event) } as WalkthroughEvent) : stored.event }));
  for (const [index, stored] of events.entries()) {
    const after = fold(events.slice(0, index + 1), of);
    expect(repository.append(id, { expectedSeq: index, commandId: `command-${index}`, actor: stored.actor, at: stored.at, monoMs: index, events: [stored.event], after, currentTitle: titleNow(of, after) })).toBe('done');
  }
}
const refold = (id: string, events: readonly StoredEvent[]) => {
  const of = books.get(id);
  if (of === undefined) throw new Error(`There is no ${id}.`);
  const after = fold(events.map(({ seq, at, actor, event }) => ({ id, seq, at, actor, event })), of);
  return { after, currentTitle: titleNow(of, after) };
};
const two = runbook([step('a'), sent('b')]);
const appended = (walking: Walk, changes: Partial<Parameters<WalkthroughRepository['append']>[1]> = {}) => ({ expectedSeq: 0, commandId: 'first', actor: 'console', at: '2026-01-01T00:00:00.000Z', monoMs: 1, events: walking.events.map(({ event }) => event), after: walking.state, currentTitle: 'Step a', ...changes });

describe('appending', () => {
  test('the events of one command are kept together, chained and numbered', () => {
    putDefinition();
    expect(repository.append('w', appended(walk(two)))).toBe('done');
    const events = repository.load('w');
    expect(events.map(({ seq, commandId, event }) => [seq, commandId, event.kind])).toEqual([[1, 'first', 'started'], [2, 'first:1', 'awaiting']]);
    expect(events[1]?.prevHash).toBe(events[0]?.hash);
    expect(repository.verifyChain('w')).toBe(null);
  });
  test('the same command twice is done once', () => {
    putDefinition();
    repository.append('w', appended(walk(two)));
    expect([repository.append('w', appended(walk(two), { expectedSeq: 2 })), repository.load('w').length, repository.hasCommand('w', 'first')]).toEqual(['duplicate', 2, true]);
  });
  test('of two who saw the same, one is too late, and nothing of it is kept', () => {
    putDefinition();
    repository.append('w', appended(walk(two)));
    expect([repository.append('w', appended(walk(two), { commandId: 'second' })), repository.load('w').length]).toEqual(['stale', 2]);
  });
  test('where one of the events cannot be kept, none is, and what is derived stays as it was', () => {
    const walking = walk(two);
    keep('w', two, walking);
    walking.act(done('a'));
    // The last event is no JSON that could be kept.
    const loop: Record<string, unknown> = {};
    loop['loop'] = loop;
    const broken = [{ kind: 'commented', key: null, commentId: 'c', text: 'kept?' }, loop] as unknown as WalkthroughEvent[];
    expect(() => repository.append('w', appended(walking, { expectedSeq: 2, commandId: 'third', events: broken }))).toThrow();
    expect([repository.load('w').length, repository.row('w').state]).toEqual([2, 'waiting']);
  });
  test('an event that is kept is neither changed nor removed', () => {
    keep('w', two, walk(two));
    expect(() => database.exec("UPDATE walkthrough_events SET actor = 'x'")).toThrow('events of a walkthrough do not change');
    expect(() => database.exec('DELETE FROM walkthrough_events')).toThrow('events of a walkthrough are not removed');
  });
  test('only the events after a number are read where the others are known', () => {
    keep('w', two, walk(two));
    expect(repository.load('w', 1).map(({ seq }) => seq)).toEqual([2]);
  });
});

describe('the chain', () => {
  const events = () => {
    keep('w', two, walk(two));
    return repository.load('w');
  };
  test.each<[string, (found: StoredEvent[]) => StoredEvent[], string]>([
    ['a changed event', ([first, ...rest]) => [{ ...(first as StoredEvent), actor: 'somebody' }, ...rest], 'Event 1 is not as it was written.'],
    ['a missing event', ([, ...rest]) => rest, 'Event 1 is missing.'],
    ['an event of another chain', ([first, second]) => [first as StoredEvent, { ...(second as StoredEvent), prevHash: 'f'.repeat(64) }], 'Event 2 does not follow the one before it.'],
  ])('shows %s', (_what, change, message) => expect(breakIn(change(events()))?.message).toBe(message));
});

describe('texts of runbooks', () => {
  test('stay as they were walked, and are known where they lie', () => {
    putDefinition('own/first');
    keep('w', two, walk(two));
    putDefinition('own/second');
    expect([repository.definition(hash), repository.row('w').ref]).toEqual(['id: tested', 'own/second']);
    expect(() => database.exec("UPDATE runbook_definitions SET text = 'x'")).toThrow('a runbook that was walked does not change');
    expect(() => database.exec('DELETE FROM runbook_definitions')).toThrow('a runbook that was walked is not removed');
  });
  test('that are not there are said to be', () => expect(() => repository.definition(hash)).toThrow(expect.objectContaining({ code: 'store.not-found' })));
});

describe('what is derived', () => {
  /** Something of everything: loops, a decision, failures, an unknown, waits, skips, a pause and a rollback. */
  const rich = runbook([
    sent('look', { undo: [undo('back')] }),
    decision('again', { yes: 'look', no: 'pause' }),
    step('pause', { action: { kind: 'wait', forMs: 1000 } }),
    sent('change', { undo: [undo('change back')] }),
    step('last'),
  ]);
  const walkRich = () => {
    const walking = walk(rich);
    walking.dispatch('look');
    walking.end('look');
    walking.act({ kind: 'decide', key: 'again', choice: 'yes' });
    walking.dispatch('look');
    walking.end('look', { as: 'failed', summary: 'no' });
    walking.act({ kind: 'retry', key: 'look' });
    walking.dispatch('look');
    walking.end('look');
    walking.act({ kind: 'decide', key: 'again', choice: 'no' });
    walking.act({ kind: 'start-wait', key: 'pause' });
    walking.act({ kind: 'pause', why: 'lunch' });
    walking.act({ kind: 'resume' });
    walking.act({ kind: 'end-wait', key: 'pause', reason: 'quiet' });
    walking.dispatch('change');
    walking.lose('change');
    walking.act({ kind: 'comment', key: 'look', text: 'odd' });
    walking.act({ kind: 'rollback', reason: 'no' });
    walking.dispatch('undo:change:0');
    walking.end('undo:change:0');
    walking.act({ kind: 'skip', key: 'undo:look:0', reason: 'it only looked' });
    return walking;
  };
  const tables = () => ['walkthroughs', 'walkthrough_steps', 'walkthrough_timers'].map((table) => database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all());

  test('comes out the same when it is made anew from the events', () => {
    keep('w', rich, walkRich());
    keep('x', two, walk(two));
    const before = tables();
    repository.rebuildProjections(refold);
    expect(tables()).toEqual(before);
    expect(before.map((found) => found.length)).toEqual([2, 9, 1]);
  });
  test('after every event is what the state says', () => {
    const walking = walkRich();
    putDefinition();
    for (const [index, { event, at }] of walking.events.entries()) {
      const after = fold(walking.events.slice(0, index + 1), rich);
      repository.append('walk', { expectedSeq: index, commandId: `c${index}`, actor: 'console', at, monoMs: 0, events: [event], after, currentTitle: null });
      const found = database.prepare<[], string>("SELECT key || ' ' || state || ' ' || attempt FROM walkthrough_steps ORDER BY key").pluck().all();
      expect(found).toEqual(after.order.map((key) => `${key} ${after.steps[key]?.state} ${after.steps[key]?.attempt}`).toSorted());
    }
  });
  test('says what is to be done now, and how far it is', () => {
    const walking = walk(two);
    walking.act(done('a'));
    keep('w', two, walking);
    expect(repository.row('w')).toMatchObject({ current: { key: 'b', title: 'Step b', number: 2 }, steps: 2, done: 1, seq: 3, durationMs: null, ref: 'own/tested' });
  });
  test('counts the time without that it was paused', () => {
    const walking = walk(two);
    walking.act({ kind: 'pause', why: '' });
    walking.act({ kind: 'comment', key: null, text: 'x' });
    walking.act({ kind: 'comment', key: null, text: 'y' });
    walking.act({ kind: 'resume' });
    walking.act({ kind: 'abort', reason: 'z' });
    keep('w', two, walking);
    expect(repository.row('w').durationMs).toBe(3000);
  });
  test('a walkthrough that there is not is said to be none', () => expect(() => repository.row('none')).toThrow(expect.objectContaining({ code: 'store.not-found' })));
});

describe('lists', () => {
  test('are by system, runbook and whether it is over, newest first, without those that were called', () => {
    const over = walk(two);
    over.act({ kind: 'abort', reason: 'x' });
    keep('1', two, walk(two), () => ({ systemId: 'shop' }));
    keep('2', two, over, () => ({ systemId: 'shop' }));
    keep('3', two, walk(two), () => ({ parent: { walkthroughId: '1', key: 'a' } }));
    const ids = (filter: Partial<Parameters<WalkthroughRepository['list']>[0]>) => repository.list({ limit: 10, ...filter }).map(({ id }) => id);
    expect([ids({}), ids({ systemId: 'shop' }), ids({ active: true }), ids({ active: false }), ids({ topLevel: true }), ids({ runbookId: 'other' }), ids({ before: 0 }), ids({ limit: 1 })]).toEqual([['3', '2', '1'], ['2', '1'], ['3', '1'], ['2'], ['2', '1'], [], [], ['3']]);
    expect([repository.activeIds(), repository.childrenOf('1')]).toEqual([['1', '3'], ['3']]);
  });
});

describe('timers', () => {
  const waiting = runbook([step('a', { action: { kind: 'wait', forMs: 60_000 } })]);
  test('are due at their instant, until they have ended', () => {
    const walking = walk(waiting);
    walking.act({ kind: 'start-wait', key: 'a' });
    keep('w', waiting, walking);
    const due = Date.UTC(2026, 0, 1, 0, 1, 1);
    expect([repository.dueTimers(due - 1), repository.dueTimers(due)]).toEqual([[], [{ walkthroughId: 'w', key: 'a', timerId: 'id-1', dueAt: due }]]);
  });
  test('that have ended are due no more', () => {
    const walking = walk(waiting);
    walking.act({ kind: 'start-wait', key: 'a' });
    walking.append({ kind: 'timer-ended', key: 'a', timerId: 'id-1', as: 'due', why: 'The time is over.' });
    keep('w', waiting, walking);
    expect(repository.dueTimers(Date.UTC(2030, 0, 1))).toEqual([]);
  });
});

describe('figures of a runbook', () => {
  const finished = (mode: 'live' | 'rehearsal' = 'live') => {
    const walking = walk(two, { mode });
    walking.act(done('a'));
    walking.act(recorded('b'));
    return walking;
  };
  test('the usual duration is that of live ones that were done', () => {
    keep('1', two, finished());
    keep('2', two, finished('rehearsal'));
    expect([repository.medianMs('tested'), repository.medianMs('other')]).toEqual([4000, null]);
  });
  test('the last is one that counts, before any rehearsal', () => {
    keep('1', two, finished());
    keep('2', two, finished('rehearsal'));
    keep('3', two, walk(two));
    const found = repository.walksOf('tested', null);
    expect([found.last?.id, found.runs, found.active.map(({ id }) => id)]).toEqual(['1', 2, ['3']]);
  });
  test('those of another system do not count', () => {
    keep('1', two, finished(), () => ({ systemId: 'shop' }));
    expect([repository.walksOf('tested', 'other').last, repository.walksOf('tested', 'shop').last?.id]).toEqual([null, '1']);
  });
  test('one that ended well lately can stand for another, a rehearsal cannot', () => {
    keep('1', two, finished());
    keep('2', two, finished('rehearsal'));
    const endedAt = repository.row('1').endedAt ?? 0;
    expect([repository.endedWell('tested', null, endedAt), repository.endedWell('tested', null, endedAt + 1), repository.endedWell('tested', 'shop', 0)]).toEqual([['1'], [], []]);
  });
  test('each step says how often it was walked, skipped, failed and unknown, over all attempts', () => {
    const walking = walk(two);
    walking.act({ kind: 'skip', key: 'a', reason: 'not needed' });
    walking.dispatch('b');
    walking.end('b', { as: 'failed' });
    walking.act({ kind: 'retry', key: 'b' });
    walking.dispatch('b');
    walking.lose('b');
    walking.act({ kind: 'settle', key: 'b', happened: true, evidence: 'seen' });
    keep('1', two, walking);
    keep('2', two, finished());
    expect(repository.stepStats('tested').toSorted((x, y) => (x.stepId < y.stepId ? -1 : 1))).toEqual([
      { stepId: 'a', runs: 2, medianMs: 1000, skips: 1, failures: 0, unknowns: 0, reasons: ['not needed'] },
      { stepId: 'b', runs: 2, medianMs: 1000, skips: 0, failures: 1, unknowns: 1, reasons: [] },
    ]);
  });
});

describe('evidence', () => {
  test('comes back as it was, with its hash, to the walkthrough that it belongs to', () => {
    repository.putEvidence('w', { id: 'e', name: 'rack.png', media: 'image/png', data: Buffer.from([1, 2, 3]), at: 7 });
    expect(repository.evidence('w', 'e')).toEqual({ id: 'e', name: 'rack.png', media: 'image/png', data: Buffer.from([1, 2, 3]), sha256: '039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81', at: 7 });
    expect(repository.evidence('x', 'e')).toBe(null);
  });
  test('is neither changed nor removed', () => {
    repository.putEvidence('w', { id: 'e', name: 'a', media: 'text/plain', data: Buffer.from('a'), at: 7 });
    expect(() => database.exec("UPDATE walkthrough_evidence SET name = 'x'")).toThrow('evidence does not change');
    expect(() => database.exec('DELETE FROM walkthrough_evidence')).toThrow('evidence is not removed');
  });
});
