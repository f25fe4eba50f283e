import type { HealthResult, HealthRun } from '#shared/contract/health.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { compareHealth, healthStates, worstHealth, type HealthState } from '#shared/domain/health-state.ts';
import type { Database } from './database.ts';

interface RunRow {
  id: string;
  system_id: string;
  operation_id: string;
  started_at: number;
  duration_ms: number;
  status: HealthState;
  counts_json: string;
}

interface ResultRow {
  check_id: string;
  target_key: string;
  at: number;
  result_json: string;
}

/** A result as a run hands it over: since when and the trend are computed when it is read. */
export type NewHealthResult = Omit<HealthResult, 'since' | 'trend'> & {
  /** What it is about, the same in every run: results with the same check and key make one trend. */
  targetKey: string;
};

/** The last reading of counters that only grow. */
export interface HealthSample {
  check: string;
  targetKey: string;
  /** Milliseconds since the epoch. */
  at: number;
  values: Record<string, number | string | null>;
}

export interface NewHealthRun {
  id: string;
  systemId: string;
  operationId: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  durationMs: number;
  /** False where only some checks were asked for: such a run never stands for the whole system. */
  complete: boolean;
  results: readonly NewHealthResult[];
  samples: readonly HealthSample[];
}

export interface HealthRepository {
  /** Stores a run with its results and samples in one transaction. Status and counts are taken from the results. */
  insert(run: NewHealthRun): HealthRun;
  /**
   * The newest complete run, with the results of later partial runs in place of its own; status and counts say what
   * is shown. Null where there was no complete run yet.
   */
  latest(systemId: string): { run: HealthRun; results: HealthResult[] } | null;
  /** The results of one run, worst first. */
  resultsOf(runId: string): HealthResult[];
  /** Newest first, partial ones too. */
  runs(systemId: string, limit: number): HealthRun[];
  /** @throws store.not-found */
  run(runId: string): HealthRun;
  sample(check: string, targetKey: string): HealthSample | null;
  /**
   * Lets old runs go: all of the last 7 days stay, then the newest complete one of each day (UTC) for 400 days. The
   * newest complete run of a system stays whatever its age.
   * @param now milliseconds since the epoch
   * @returns how many runs were removed
   */
  thin(now: number): number;
}

const dayMs = 86_400_000;
const keepAllDays = 7;
const keepDailyDays = 400;
const trendLength = 30;

const iso = (at: number) => new Date(at).toISOString();

function countStates(states: readonly HealthState[]): Record<HealthState, number> {
  return Object.fromEntries(healthStates.map((state) => [state, states.filter((other) => other === state).length])) as Record<HealthState, number>;
}

function toRun(row: RunRow): HealthRun {
  return {
    id: row.id,
    systemId: row.system_id,
    operationId: row.operation_id,
    startedAt: iso(row.started_at),
    durationMs: row.duration_ms,
    status: row.status,
    counts: JSON.parse(row.counts_json) as HealthRun['counts'],
  };
}

const byState = `CASE status ${healthStates.map((state, rank) => `WHEN '${state}' THEN ${rank}`).join(' ')} END`;

/** Earlier versions did not say in which database a fix is carried out; what a result is about does. */
function withPlace(kept: Omit<HealthResult, 'since' | 'trend'>, targetKey: string): typeof kept {
  const { fix, target } = kept;
  if (fix?.where !== 'sql' || fix.database !== undefined || /^(?:server|host):/.test(targetKey)) return kept;
  return { ...kept, fix: { ...fix, database: target.slice(0, Math.max(0, target.lastIndexOf(' on '))) || target } };
}

/** Runs are ordered as they were stored (rowid), not by their time: the clock of a laptop can jump. */
export function createHealthRepository(database: Database): HealthRepository {
  const insertRun = database.prepare('INSERT INTO health_runs (id, system_id, operation_id, started_at, duration_ms, status, counts_json, complete) VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const insertResult = database.prepare('INSERT INTO health_results (run_id, system_id, check_id, target_key, at, status, value, result_json) VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const putSample = database.prepare(
    'INSERT INTO health_samples (check_id, target_key, at, values_json) VALUES (?, ?, ?, ?) ON CONFLICT (check_id, target_key) DO UPDATE SET at = excluded.at, values_json = excluded.values_json',
  );
  const selectRun = database.prepare<[string], RunRow>('SELECT * FROM health_runs WHERE id = ?');
  const selectRuns = database.prepare<[string, number], RunRow>('SELECT * FROM health_runs WHERE system_id = ? ORDER BY rowid DESC LIMIT ?');
  const selectComplete = database.prepare<[string], RunRow & { rowid: number }>('SELECT rowid, * FROM health_runs WHERE system_id = ? AND complete = 1 ORDER BY rowid DESC LIMIT 1');
  const selectLaterPartial = database.prepare<[string, number], { id: string }>('SELECT id FROM health_runs WHERE system_id = ? AND complete = 0 AND rowid > ? ORDER BY rowid');
  const selectResults = database.prepare<[string], ResultRow>(`SELECT check_id, target_key, at, result_json FROM health_results WHERE run_id = ? ORDER BY ${byState}, check_id, target_key`);
  const selectTrend = database.prepare<[string, string, string, number, number], { at: number; value: number | null; status: HealthState }>(
    'SELECT at, value, status FROM health_results WHERE system_id = ? AND check_id = ? AND target_key = ? AND at <= ? ORDER BY at DESC LIMIT ?',
  );
  const selectSince = database.prepare<{ system: string; check: string; target: string; at: number; status: HealthState }, { since: number | null }>(
    `SELECT min(at) AS since FROM health_results WHERE system_id = @system AND check_id = @check AND target_key = @target AND at <= @at
       AND at > coalesce((SELECT max(at) FROM health_results WHERE system_id = @system AND check_id = @check AND target_key = @target AND at <= @at AND status <> @status), -1)`,
  );
  const selectSample = database.prepare<[string, string], { at: number; values_json: string }>('SELECT at, values_json FROM health_samples WHERE check_id = ? AND target_key = ?');
  const removeOld = database.prepare<{ keepAll: number; keepDaily: number }>(
    `DELETE FROM health_runs WHERE started_at < @keepAll
       AND rowid NOT IN (SELECT max(rowid) FROM health_runs WHERE complete = 1 GROUP BY system_id)
       AND (started_at < @keepDaily OR complete = 0
         OR EXISTS (SELECT 1 FROM health_runs later WHERE later.system_id = health_runs.system_id AND later.complete = 1
           AND later.started_at / ${dayMs} = health_runs.started_at / ${dayMs}
           AND later.rowid > health_runs.rowid))`,
  );

  const toResult = (systemId: string, row: ResultRow): HealthResult => {
    const kept = withPlace(JSON.parse(row.result_json) as Omit<HealthResult, 'since' | 'trend'>, row.target_key);
    const since = selectSince.get({ system: systemId, check: row.check_id, target: row.target_key, at: row.at, status: kept.status })?.since ?? row.at;
    const trend = selectTrend.all(systemId, row.check_id, row.target_key, row.at, trendLength).reverse();
    // Earlier versions looked at no hosts.
    return { ...kept, hostId: kept.hostId ?? null, since: iso(since), trend: trend.map((point) => ({ ...point, at: iso(point.at) })) };
  };

  const insert = database.transaction((run: NewHealthRun): HealthRun => {
    const states = run.results.map((result) => result.status);
    const counts = countStates(states);
    const status = worstHealth(states);
    insertRun.run(run.id, run.systemId, run.operationId, run.startedAt, Math.round(run.durationMs), status, JSON.stringify(counts), run.complete ? 1 : 0);
    for (const { targetKey, ...result } of run.results) {
      insertResult.run(run.id, run.systemId, result.check, targetKey, run.startedAt, result.status, result.value, JSON.stringify(result));
    }
    for (const sample of run.samples) putSample.run(sample.check, sample.targetKey, sample.at, JSON.stringify(sample.values));
    return { id: run.id, systemId: run.systemId, operationId: run.operationId, startedAt: iso(run.startedAt), durationMs: Math.round(run.durationMs), status, counts };
  });

  const repository: HealthRepository = {
    insert: (run) => insert(run),
    latest(systemId) {
      const row = selectComplete.get(systemId);
      if (row === undefined) return null;
      const run = toRun(row);
      const partial = selectLaterPartial.all(systemId, row.rowid);
      if (partial.length === 0) return { run, results: repository.resultsOf(run.id) };
      const rows = new Map<string, ResultRow>();
      for (const { id } of [run, ...partial]) for (const result of selectResults.all(id)) rows.set(`${result.check_id}\n${result.target_key}`, result);
      const results = [...rows.values()].map((result) => toResult(systemId, result)).sort((a, b) => compareHealth(a.status, b.status));
      const states = results.map((result) => result.status);
      return { run: { ...run, status: worstHealth(states), counts: countStates(states) }, results };
    },
    resultsOf(runId) {
      const run = selectRun.get(runId);
      return run === undefined ? [] : selectResults.all(runId).map((row) => toResult(run.system_id, row));
    },
    runs: (systemId, limit) => selectRuns.all(systemId, limit).map(toRun),
    run(runId) {
      const row = selectRun.get(runId);
      if (row === undefined) throw new PilothouseError('store.not-found', `There is no health run ${runId}.`, { hint: 'Old runs are thinned out: all of the last 7 days stay, then one a day. Look at the list again.' });
      return toRun(row);
    },
    sample(check, targetKey) {
      const row = selectSample.get(check, targetKey);
      return row === undefined ? null : { check, targetKey, at: row.at, values: JSON.parse(row.values_json) as HealthSample['values'] };
    },
    thin: (now) => removeOld.run({ keepAll: now - keepAllDays * dayMs, keepDaily: now - keepDailyDays * dayMs }).changes,
  };
  return repository;
}
