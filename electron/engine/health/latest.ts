/** How a system stands as far as is known: its newest run, with what can be told without a server as it is now. */
import type { Backup } from '#shared/contract/backups.ts';
import type { HealthResult, HealthRun } from '#shared/contract/health.ts';
import type { Database, System } from '#shared/contract/systems.ts';
import { compareHealth, healthStates, worstHealth } from '#shared/domain/health-state.ts';
import type { EngineContext } from '../engine-context.ts';
import { createBackupRepository } from '../store/backup-repository.ts';
import type { HealthRepository } from '../store/health-repository.ts';
import type { Look, PostgresCheck } from './check.ts';
import { subjectOf } from './databases.ts';
import { limitsOf } from './limits.ts';
import { postgresChecks } from './postgres/index.ts';
import { resultOf } from './results.ts';
import { createSystemInUse } from './system-in-use.ts';

export interface LatestHealth {
  run: HealthRun;
  results: HealthResult[];
}

/** A look where there is no server, for checks that ask nothing of one. */
export function lookWithoutServer(check: PostgresCheck, system: System, database: Database, now: number, backups: Look['backups'], addressOf: EngineContext['addressOf']): Look {
  return {
    server: { version: '', versionNum: 0, major: 0, systemIdentifier: null, database: database.connection.database, user: database.connection.user, superuser: false, monitor: false, readAllData: false, createDatabase: false, standby: false, tls: false },
    target: subjectOf(database, addressOf).target,
    facts: { statisticsHours: null },
    sees: () => false,
    ...limitsOf(check, system.policy),
    now,
    previous: null,
    connectMs: 0,
    statementMs: 0,
    covered: new Map(),
    ours: new Set(),
    notListed: null,
    backups,
  };
}

/** Since when it is so, where that is another state than the run found: known where a backup made it so, and not where time did. */
function turnedAt(run: HealthRun, newest: Backup | null): string | null {
  const at = newest === null ? null : (newest.provenAt ?? newest.takenAt);
  return at !== null && Date.parse(at) >= Date.parse(run.startedAt) ? at : null;
}

export function createLatestHealth(context: EngineContext, repository: HealthRepository): (system: System) => LatestHealth | null {
  const backups = createBackupRepository(context.store);
  const withoutServer = new Map(postgresChecks.filter((check) => check.statement === null).map((check) => [check.about.id, check]));

  const asItIsNow = (system: System, run: HealthRun, shown: HealthResult): HealthResult => {
    const check = withoutServer.get(shown.check);
    const database = system.databases.find(({ id }) => id === shown.databaseId);
    if (check === undefined || database === undefined) return shown;
    const now = context.ports.clock.now();
    const known = { newest: backups.newestOf(database.id), newestProven: backups.newestProvenOf(database.id) };
    const look = lookWithoutServer(check, system, database, now, known, context.addressOf);
    const { targetKey: _targetKey, ...fresh } = context.scrubber.scrub(resultOf(check, check.judge([], look), subjectOf(database, context.addressOf), look, 0));
    const point = { at: new Date(now).toISOString(), value: fresh.value, status: fresh.status };
    const turned = fresh.status !== shown.status;
    return { ...fresh, since: turned ? turnedAt(run, known.newest) : shown.since, trend: turned || fresh.value !== shown.value ? [...shown.trend, point] : shown.trend };
  };

  const inUse = createSystemInUse(context.store);
  return (found) => {
    const system = inUse(found);
    const latest = repository.latest(system.id);
    if (latest === null) return null;
    const results = latest.results.map((result) => asItIsNow(system, latest.run, result)).sort((a, b) => compareHealth(a.status, b.status));
    const states = results.map((result) => result.status);
    const counts = Object.fromEntries(healthStates.map((state) => [state, states.filter((other) => other === state).length])) as HealthRun['counts'];
    return { run: { ...latest.run, status: worstHealth(states), counts }, results };
  };
}
