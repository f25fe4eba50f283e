/** What a check is given, as a test wants it: all-seeing on a healthy primary unless said otherwise. */
import type { Look, PostgresCheck } from '#engine/health/check.ts';
import { eyeIds, type EyeId } from '#engine/health/eyes.ts';
import { limitsOf } from '#engine/health/limits.ts';
import { postgresChecks } from '#engine/health/postgres/index.ts';
import type { ServerFacts } from '#engine/postgres/index.ts';
import { systemPolicy, type SystemPolicy } from '#shared/contract/systems.ts';
import type { Backup } from '#shared/contract/backups.ts';

export const testNow = Date.parse('2026-09-01T12:00:00Z');

export const serverFacts = (changes: Partial<ServerFacts> = {}): ServerFacts => ({
  version: '15.19',
  versionNum: 150019,
  major: 15,
  systemIdentifier: '7300000000000000000',
  database: 'shop',
  user: 'watcher',
  superuser: true,
  monitor: true,
  readAllData: true,
  createDatabase: true,
  standby: false,
  tls: false,
  ...changes,
});

export interface LookChanges extends Partial<Omit<Look, 'server' | 'sees'>> {
  server?: Partial<ServerFacts>;
  /** The eyes that are shut. */
  shut?: readonly EyeId[];
  policy?: Partial<SystemPolicy>;
}

export function checkNamed(id: string): PostgresCheck {
  const check = postgresChecks.find((one) => one.about.id === id);
  if (check === undefined) throw new Error(`There is no check ${id}.`);
  return check;
}

export function lookOf(check: PostgresCheck, { server, shut = [], policy = {}, ...changes }: LookChanges = {}): Look {
  const open = new Set(eyeIds.filter((eye) => !shut.includes(eye)));
  return {
    server: serverFacts(server),
    target: 'shop on 127.0.0.1:5432',
    facts: { statisticsHours: 24 * 60 },
    sees: (eye) => open.has(eye),
    ...limitsOf(check, systemPolicy.parse(policy)),
    now: testNow,
    previous: null,
    connectMs: 12,
    statementMs: 1,
    covered: new Map(),
    ours: new Set(),
    notListed: null,
    backups: { newest: null, newestProven: null },
    ...changes,
  };
}

/** What a check says about these rows. */
export function judgeRows(id: string, rows: readonly Record<string, unknown>[], changes: LookChanges = {}) {
  const check = checkNamed(id);
  return check.judge(rows, lookOf(check, changes));
}

export const someBackup = (changes: Partial<Backup> = {}): Backup => ({
  id: 'b1',
  path: '/home/somebody/backups/b1',
  systemId: 's1',
  systemName: 'Shop',
  environment: 'production',
  databaseId: 'd1',
  database: 'shop',
  systemIdentifier: '7300000000000000000',
  serverVersion: '15.19',
  format: 'directory',
  takenAt: new Date(testNow - 3_600_000).toISOString(),
  durationMs: 1000,
  sizeBytes: 1,
  tables: 1,
  rows: 1,
  largeObjects: 0,
  proof: 'L3',
  provenAt: new Date(testNow - 3_500_000).toISOString(),
  damaged: null,
  pinned: false,
  ...changes,
});
