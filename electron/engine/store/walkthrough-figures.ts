import type { Database } from './database.ts';
import { toWalkthroughRow, type WalkthroughColumns, type WalkthroughRow } from './walkthrough-projections.ts';

/** How often a step was walked, and how that went. */
export interface StepFigures {
  stepId: string;
  runs: number;
  /** Of those that were done; null where none was. */
  medianMs: number | null;
  skips: number;
  failures: number;
  unknowns: number;
  /** Why it was skipped or left behind, newest first, each once. */
  reasons: string[];
}

/** What walkthroughs tell of their runbooks. Rehearsals tell nothing. */
export interface WalkthroughFigures {
  /** Of a system, or of all (null): the newest that is over, live or on paper before rehearsals; how many there were; those under way. */
  walksOf(runbookId: string, systemId: string | null): { last: WalkthroughRow | null; runs: number; active: WalkthroughRow[] };
  /** The usual duration of the live ones that were done, of the newest fifty; null where there is none. */
  medianMs(runbookId: string): number | null;
  /** Steps of the newest two hundred, in no order. */
  stepStats(runbookId: string): StepFigures[];
  /** Ids of those that were done well at or after `since`, in milliseconds since the epoch, newest first: of the same system, or of none. */
  endedWell(runbookId: string, systemId: string | null, since: number): string[];
}

const mostForMedian = 50;
const mostForSteps = 200;
const mostReasons = 5;

interface StepColumns {
  step_id: string;
  state: string;
  duration_ms: number | null;
  reason: string | null;
  failures: number;
  unknowns: number;
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return Math.round(sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2);
}

const walked: ReadonlySet<string> = new Set(['succeeded', 'undone', 'failed', 'timed-out', 'cancelled', 'undo-failed', 'unknown', 'skipped']);

function figuresOf(stepId: string, found: readonly StepColumns[]): StepFigures {
  const runs = found.filter(({ state }) => walked.has(state));
  return {
    stepId,
    runs: runs.length,
    medianMs: median(runs.flatMap(({ state, duration_ms: took }) => (state === 'succeeded' && took !== null ? [took] : []))),
    skips: runs.filter(({ state }) => state === 'skipped').length,
    failures: found.reduce((sum, { failures }) => sum + failures, 0),
    unknowns: found.reduce((sum, { unknowns }) => sum + unknowns, 0),
    reasons: [...new Set(runs.flatMap(({ reason }) => (reason === null || reason === '' ? [] : [reason])))].slice(0, mostReasons),
  };
}

export function createWalkthroughFigures(database: Database): WalkthroughFigures {
  const rows = 'SELECT w.*, d.ref FROM walkthroughs w JOIN runbook_definitions d ON d.hash = w.definition_hash WHERE w.runbook_id = @runbookId AND (@systemId IS NULL OR w.system_id = @systemId)';
  const selectLast = database.prepare<[{ runbookId: string; systemId: string | null }], WalkthroughColumns>(`${rows} AND w.ended_at IS NOT NULL ORDER BY w.mode = 'rehearsal', w.ended_at DESC, w.rowid DESC LIMIT 1`);
  const selectActive = database.prepare<[{ runbookId: string; systemId: string | null }], WalkthroughColumns>(`${rows} AND w.ended_at IS NULL ORDER BY w.started_at DESC, w.rowid DESC`);
  const countRuns = database.prepare<[{ runbookId: string; systemId: string | null }], number>("SELECT count(*) FROM walkthroughs WHERE runbook_id = @runbookId AND (@systemId IS NULL OR system_id = @systemId) AND mode <> 'rehearsal'").pluck();
  const selectDurations = database
    .prepare<[string, number], number>("SELECT max(0, ended_at - started_at - paused_ms) FROM walkthroughs WHERE runbook_id = ? AND mode = 'live' AND state IN ('succeeded', 'succeeded-with-skips') ORDER BY started_at DESC LIMIT ?")
    .pluck();
  const selectSteps = database.prepare<[string, number], StepColumns>(
    `SELECT s.step_id, s.state, s.duration_ms, s.reason, s.failures, s.unknowns
     FROM (SELECT id, started_at FROM walkthroughs WHERE runbook_id = ? AND mode <> 'rehearsal' ORDER BY started_at DESC LIMIT ?) w CROSS JOIN walkthrough_steps s ON s.walkthrough_id = w.id
     WHERE s.is_undo = 0 ORDER BY w.started_at DESC`,
  );
  const selectWell = database
    .prepare<[string, string | null, number], string>("SELECT id FROM walkthroughs WHERE runbook_id = ? AND system_id IS ? AND mode <> 'rehearsal' AND state IN ('succeeded', 'succeeded-with-skips') AND ended_at >= ? ORDER BY ended_at DESC, rowid DESC")
    .pluck();
  return {
    walksOf(runbookId, systemId) {
      const last = selectLast.get({ runbookId, systemId });
      return { last: last === undefined ? null : toWalkthroughRow(last), runs: countRuns.get({ runbookId, systemId }) ?? 0, active: selectActive.all({ runbookId, systemId }).map(toWalkthroughRow) };
    },
    medianMs: (runbookId) => median(selectDurations.all(runbookId, mostForMedian)),
    stepStats(runbookId) {
      const byStep = Map.groupBy(selectSteps.all(runbookId, mostForSteps), ({ step_id: stepId }) => stepId);
      return [...byStep].map(([stepId, found]) => figuresOf(stepId, found));
    },
    endedWell: (runbookId, systemId, since) => selectWell.all(runbookId, systemId, since),
  };
}
