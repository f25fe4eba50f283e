/** What is derived from the events of walkthroughs, so that lists and figures are quick. Written with the events, or anew from all of them. */
import { isOver, type Mode, type RunState, type StepProgress, type StepState, type Walkthrough, type WalkthroughEvent } from '#shared/domain/runbook/walkthrough.ts';
import type { Database } from './database.ts';

/** Events that were added since it was last projected, and the state after them. */
export interface Projected {
  /** `at` in milliseconds since the epoch. */
  added: readonly { at: number; event: WalkthroughEvent }[];
  after: Walkthrough;
  /** Of the slot that is to be done now. */
  currentTitle: string | null;
}

/** A walkthrough as it stands in lists. Times in milliseconds since the epoch. */
export interface WalkthroughRow {
  id: string;
  /** The file of the library that last held its text. */
  ref: string | null;
  runbookId: string;
  version: string;
  title: string;
  mode: Mode;
  state: RunState;
  stateReason: string | null;
  /** How it ended, in words. */
  summary: string | null;
  systemId: string | null;
  operator: string;
  parentId: string | null;
  parentKey: string | null;
  continuesId: string | null;
  /** `number` counts from 1 over all steps. */
  current: { key: string; title: string; number: number } | null;
  steps: number;
  /** Succeeded, undone, or not applicable. */
  done: number;
  skipped: number;
  failed: number;
  unknown: number;
  startedAt: number;
  endedAt: number | null;
  /** From the beginning to the end, without the time it was paused; null where it is not over. */
  durationMs: number | null;
  seq: number;
}

export interface WalkthroughColumns {
  id: string;
  ref: string | null;
  runbook_id: string;
  version: string;
  title: string;
  mode: Mode;
  state: RunState;
  state_reason: string | null;
  summary: string | null;
  system_id: string | null;
  operator: string;
  parent_id: string | null;
  parent_key: string | null;
  continues_id: string | null;
  current_key: string | null;
  current_title: string | null;
  current_number: number | null;
  steps: number;
  done: number;
  skipped: number;
  failed: number;
  unknown: number;
  started_at: number;
  ended_at: number | null;
  paused_at: number | null;
  paused_ms: number;
  last_seq: number;
}

export function toWalkthroughRow(row: WalkthroughColumns): WalkthroughRow {
  const { id, ref, version, title, mode, state, summary, operator, steps, done, skipped, failed, unknown } = row;
  return {
    id,
    ref,
    runbookId: row.runbook_id,
    version,
    title,
    mode,
    state,
    stateReason: row.state_reason,
    summary,
    systemId: row.system_id,
    operator,
    parentId: row.parent_id,
    parentKey: row.parent_key,
    continuesId: row.continues_id,
    current: row.current_key === null ? null : { key: row.current_key, title: row.current_title ?? row.current_key, number: row.current_number ?? 1 },
    steps,
    done,
    skipped,
    failed,
    unknown,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    durationMs: row.ended_at === null ? null : Math.max(0, row.ended_at - row.started_at - row.paused_ms),
    seq: row.last_seq,
  };
}

const milliseconds = (instant: string | null): number | null => (instant === null ? null : Date.parse(instant));

const countedAs: Partial<Record<StepState, 'done' | 'skipped' | 'failed' | 'unknown'>> = {
  succeeded: 'done',
  undone: 'done',
  'not-applicable': 'done',
  skipped: 'skipped',
  failed: 'failed',
  'timed-out': 'failed',
  cancelled: 'failed',
  'undo-failed': 'failed',
  unknown: 'unknown',
};

function countsOf({ order, steps }: Walkthrough): Record<'done' | 'skipped' | 'failed' | 'unknown', number> {
  const counts = { done: 0, skipped: 0, failed: 0, unknown: 0 };
  for (const key of order) {
    const state = steps[key]?.state;
    const name = state === undefined ? undefined : countedAs[state];
    if (name !== undefined) counts[name] += 1;
  }
  return counts;
}

/** Milliseconds that somebody paused it, and since when it is paused now. */
function pausedAfter(before: { paused_at: number | null; paused_ms: number }, added: Projected['added']): { paused_at: number | null; paused_ms: number } {
  let { paused_at, paused_ms } = before;
  for (const { at, event: { kind } } of added) {
    if (kind === 'paused') paused_at = at;
    if (kind === 'resumed' && paused_at !== null) {
      paused_ms += Math.max(0, at - paused_at);
      paused_at = null;
    }
  }
  return { paused_at, paused_ms };
}

const isAside = (event: WalkthroughEvent): boolean => event.kind === 'commented' || event.kind === 'evidence' || event.kind === 'signed';

/**
 * Slots that these events may have changed: those that they name, the current one, and all between, since leading back
 * lets what lies between be walked again.
 */
function touched(events: readonly WalkthroughEvent[], { order, current }: Walkthrough): readonly string[] {
  if (events.some(({ kind }) => kind === 'started' || kind === 'rollback-started')) return order;
  const named = events.flatMap((event) => ('key' in event && event.key !== null && !isAside(event) ? [event.key] : []));
  if (named.length === 0) return [];
  const places = [...new Set(current === null ? named : [...named, current])].map((key) => order.indexOf(key)).filter((place) => place >= 0);
  return order.slice(Math.min(...places), Math.max(...places) + 1);
}

function countOf(events: readonly WalkthroughEvent[], key: string): { failures: number; unknowns: number } {
  const counts = { failures: 0, unknowns: 0 };
  for (const event of events) {
    if (event.kind === 'lost' && event.key === key) counts.unknowns += 1;
    if (event.kind === 'ended' && event.key === key && countedAs[event.as] === 'failed') counts.failures += 1;
  }
  return counts;
}

const stepRow = (id: string, progress: StepProgress, counts: { failures: number; unknowns: number }) => {
  const startedAt = milliseconds(progress.startedAt);
  const endedAt = milliseconds(progress.endedAt);
  return {
    id,
    key: progress.slot.key,
    stepId: progress.slot.stepId,
    isUndo: progress.slot.undo === null ? 0 : 1,
    state: progress.state,
    attempt: progress.attempt,
    startedAt,
    endedAt,
    durationMs: progress.durationMs === null ? (startedAt === null || endedAt === null ? null : Math.max(0, endedAt - startedAt)) : Math.round(progress.durationMs),
    reason: progress.reason,
    ...counts,
  };
};

export interface Projector {
  /** In the transaction of the events. */
  project(projected: Projected): void;
  /** Takes all of it away, to be made anew. */
  clear(): void;
}

export function createProjector(database: Database): Projector {
  const pausedOf = database.prepare<[string], { paused_at: number | null; paused_ms: number }>('SELECT paused_at, paused_ms FROM walkthroughs WHERE id = ?');
  const putRun = database.prepare(
    `INSERT INTO walkthroughs (id, definition_hash, runbook_id, version, title, mode, state, state_reason, summary, system_id, operator, parent_id, parent_key, continues_id, current_key, current_title, current_number, steps, done, skipped, failed, unknown, started_at, ended_at, paused_at, paused_ms, last_seq)
     VALUES (@id, @definitionHash, @runbookId, @version, @title, @mode, @state, @stateReason, @summary, @systemId, @operator, @parentId, @parentKey, @continues, @currentKey, @currentTitle, @currentNumber, @steps, @done, @skipped, @failed, @unknown, @startedAt, @endedAt, @paused_at, @paused_ms, @seq)
     ON CONFLICT (id) DO UPDATE SET mode = excluded.mode, state = excluded.state, state_reason = excluded.state_reason, summary = excluded.summary, current_key = excluded.current_key, current_title = excluded.current_title, current_number = excluded.current_number,
       steps = excluded.steps, done = excluded.done, skipped = excluded.skipped, failed = excluded.failed, unknown = excluded.unknown, ended_at = excluded.ended_at, paused_at = excluded.paused_at, paused_ms = excluded.paused_ms, last_seq = excluded.last_seq`,
  );
  const putStep = database.prepare(
    `INSERT INTO walkthrough_steps (walkthrough_id, key, step_id, is_undo, state, attempt, started_at, ended_at, duration_ms, reason, failures, unknowns)
     VALUES (@id, @key, @stepId, @isUndo, @state, @attempt, @startedAt, @endedAt, @durationMs, @reason, @failures, @unknowns)
     ON CONFLICT (walkthrough_id, key) DO UPDATE SET state = excluded.state, attempt = excluded.attempt, started_at = excluded.started_at, ended_at = excluded.ended_at, duration_ms = excluded.duration_ms, reason = excluded.reason, failures = failures + excluded.failures, unknowns = unknowns + excluded.unknowns`,
  );
  const armTimer = database.prepare("INSERT INTO walkthrough_timers (timer_id, walkthrough_id, key, due_at, state) VALUES (?, ?, ?, ?, 'armed')");
  const endTimer = database.prepare('UPDATE walkthrough_timers SET state = ? WHERE timer_id = ?');

  return {
    project({ added, after, currentTitle }) {
      const { id, current, order, parent } = after;
      const events = added.map(({ event }) => event);
      const paused = pausedAfter(pausedOf.get(id) ?? { paused_at: null, paused_ms: 0 }, added);
      putRun.run({
        id,
        definitionHash: after.definitionHash,
        runbookId: after.runbookId,
        version: after.version,
        title: after.title,
        mode: after.mode,
        state: after.state,
        stateReason: after.stateReason,
        summary: after.summary,
        systemId: after.systemId,
        operator: after.operator,
        parentId: parent?.walkthroughId ?? null,
        parentKey: parent?.key ?? null,
        continues: after.continues,
        currentKey: current,
        currentTitle: current === null ? null : currentTitle,
        currentNumber: current === null ? null : order.indexOf(current) + 1,
        steps: order.length,
        ...countsOf(after),
        startedAt: milliseconds(after.startedAt),
        endedAt: isOver(after.state) ? milliseconds(after.endedAt) : null,
        ...paused,
        seq: after.seq,
      });
      for (const key of touched(events, after)) {
        const progress = after.steps[key];
        if (progress !== undefined) putStep.run(stepRow(id, progress, countOf(events, key)));
      }
      for (const event of events) {
        if (event.kind === 'timer-armed') armTimer.run(event.timerId, id, event.key, Date.parse(event.dueAt));
        if (event.kind === 'timer-ended') endTimer.run(event.as, event.timerId);
      }
    },
    clear: () => database.exec('DELETE FROM walkthrough_timers; DELETE FROM walkthrough_steps; DELETE FROM walkthroughs;'),
  };
}
