import { z } from 'zod';
import { command, query } from './method.ts';
import { fix, healthState, id, instant } from './common.ts';
import { plan } from './operations.ts';

export const healthUnit = z.enum(['percent', 'ms', 'seconds', 'bytes', 'count', 'hours', 'days', 'bytes-per-hour', 'per-minute', 'version', 'none']);
export type HealthUnit = z.infer<typeof healthUnit>;

/** What a check is, apart from any result. */
export const checkInfo = z.object({
  id: z.string(),
  title: z.string(),
  group: z.enum(['availability', 'activity', 'storage', 'vacuum', 'indexes', 'replication', 'security', 'configuration', 'backups', 'resources', 'services', 'records']),
  unit: healthUnit,
  warn: z.number().nullable(),
  critical: z.number().nullable(),
  /** Where the limits come from. */
  source: z.string(),
  /** What it asks, why it matters, and what usually causes it. */
  question: z.string(),
  meaning: z.string(),
  causes: z.array(z.string()),
  /** The privilege that it needs, and the grant that gives it. */
  needs: z.string(),
  /** The statement that it sends to Postgres; null for a check of a host or an endpoint. */
  sql: z.string().nullable(),
  /** The part of the script that it goes by on a host; null for a check of Postgres or an endpoint. */
  script: z.string().nullable(),
});
export type CheckInfo = z.infer<typeof checkInfo>;

export const healthResult = z.object({
  check: z.string(),
  title: z.string(),
  group: checkInfo.shape.group,
  /** The database, server or host it is about, in words. */
  target: z.string(),
  databaseId: id.nullable(),
  /** The host that was looked at; null for what is about Postgres. */
  hostId: id.nullable(),
  status: healthState,
  value: z.number().nullable(),
  unit: healthUnit,
  warn: z.number().nullable(),
  critical: z.number().nullable(),
  lowerIsWorse: z.boolean(),
  /** One sentence with the figure first: "58 % of session_logs.id (int4) is used". For unknown and skipped: why. */
  summary: z.string(),
  /** What it means here, with this value. */
  meaning: z.string(),
  causes: z.array(z.string()),
  evidence: z.object({ columns: z.array(z.string()), rows: z.array(z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))), truncated: z.number().int() }),
  fix: fix.nullable(),
  /** For unknown: the one grant or step that would open the eyes. */
  opener: z.string().nullable(),
  durationMs: z.number(),
  /** Since when it has had this status, over the runs that are kept. */
  since: instant.nullable(),
  /** The values of the last runs, oldest first, for the spark line. */
  trend: z.array(z.object({ at: instant, value: z.number().nullable(), status: healthState })),
});
export type HealthResult = z.infer<typeof healthResult>;

export const healthRun = z.object({
  id,
  systemId: id,
  operationId: id,
  startedAt: instant,
  durationMs: z.number(),
  status: healthState,
  counts: z.record(healthState, z.number().int()),
});
export type HealthRun = z.infer<typeof healthRun>;

/** `item`: of a threshold of the system, which is named. */
export const limitInUse = z.object({ warn: z.number().nullable(), critical: z.number().nullable(), from: z.enum(['own', 'item', 'catalogue']), item: z.object({ key: z.string(), title: z.string() }).nullable() });
export type LimitInUse = z.infer<typeof limitInUse>;

export const healthMethods = {
  'health.catalogue': query('Every check, with its limits and what it means.', z.strictObject({}), z.object({ checks: z.array(checkInfo) })),
  'health.plan': query('What a health check of a system will look at.', z.strictObject({ systemId: id, only: z.array(z.string().max(80)).max(200).optional() }), z.object({ plan })),
  'health.latest': query('The newest complete look at a system.', z.strictObject({ systemId: id }), z.object({ run: healthRun.nullable(), results: z.array(healthResult) })),
  'health.runs': query('The runs that are kept, newest first.', z.strictObject({ systemId: id, limit: z.number().int().min(1).max(500).default(50) }), z.object({ runs: z.array(healthRun) })),
  'health.run': query('One run with its results.', z.strictObject({ runId: id }), z.object({ run: healthRun, results: z.array(healthResult) })),
  'health.limits': query(
    'The limits of every check that count for a system, and whose they are: set for the check by a person, of a threshold of the system, or the catalogue\'s.',
    z.strictObject({ systemId: id }),
    z.object({ limits: z.array(z.object({ check: z.string(), ...limitInUse.shape, /** What would count without what a person set. */ otherwise: limitInUse })) }),
  ),
  'health.setThreshold': command(
    'Changes the limits of a check for one system; null takes those of its thresholds or the catalogue again.',
    z.strictObject({ systemId: id, check: z.string().max(80), threshold: z.strictObject({ warn: z.number().nullable(), critical: z.number().nullable() }).nullable() }),
    z.strictObject({}),
  ),
};
