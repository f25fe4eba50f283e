import { z } from 'zod';
import { command, query } from './method.ts';
import { environment, id, instant, nothing, proofLevel } from './common.ts';
import { plan } from './operations.ts';

export const dumpFormat = z.enum(['custom', 'directory']);
export const backupOptions = z.strictObject({
  format: dumpFormat.default('directory'),
  /** Parallel workers of `-Fd -j`; 1 for custom. */
  jobs: z.number().int().min(1).max(16).default(2),
  /** gzip level 0 to 9. */
  compressLevel: z.number().int().min(0).max(9).default(1),
  /** How far it is proved right after it was made. */
  proof: proofLevel.default('L3'),
});
export type BackupOptions = z.infer<typeof backupOptions>;

/** A backup plan: a database and how it is backed up, by name. */
export const backupPlan = z.object({ id, name: z.string(), systemId: id, databaseId: id, options: backupOptions, createdAt: instant, lastRunAt: instant.nullable() });
export type BackupPlan = z.infer<typeof backupPlan>;

export const tableKind = z.enum(['table', 'partition', 'materialized-view']);
export const tableCount = z.object({
  schema: z.string(),
  name: z.string(),
  kind: tableKind,
  rows: z.number().int(),
  /** False for a materialised view that was never filled and so holds nothing; left out everywhere else. */
  populated: z.boolean().optional(),
});
export type TableCount = z.infer<typeof tableCount>;

export const proofCheck = z.object({ name: z.string(), ok: z.boolean(), detail: z.string() });
export const proofRecord = z.object({ level: proofLevel, ok: z.boolean(), at: instant, durationMs: z.number(), where: z.string(), checks: z.array(proofCheck), operationId: id.nullable() });
export type ProofRecord = z.infer<typeof proofRecord>;

export const backup = z.object({
  id,
  path: z.string(),
  /** Null where the system it was made of is not one of those here. */
  systemId: id.nullable(),
  systemName: z.string(),
  environment: environment.nullable(),
  databaseId: id.nullable(),
  database: z.string(),
  systemIdentifier: z.string(),
  serverVersion: z.string(),
  format: dumpFormat,
  /** When the snapshot was taken: what a restore would bring back. */
  takenAt: instant,
  durationMs: z.number(),
  sizeBytes: z.number(),
  /** Tables and partitions: what holds rows of its own. */
  tables: z.number().int(),
  /** How many of them are partitions, and how many materialised views there are besides; left out where there is none. */
  partitions: z.number().int().optional(),
  views: z.number().int().optional(),
  /** Of tables and partitions. */
  rows: z.number().int(),
  largeObjects: z.number().int(),
  /** The highest level that was reached and not contradicted later; null when even the hash fails. */
  proof: proofLevel.nullable(),
  provenAt: instant.nullable(),
  /** Set when a later look found it damaged, missing or unreadable. */
  damaged: z.string().nullable(),
  pinned: z.boolean(),
});
export type Backup = z.infer<typeof backup>;

export const backupContents = z.object({
  tables: z.array(tableCount),
  sequences: z.array(z.object({ schema: z.string(), name: z.string(), lastValue: z.string() })),
  extensions: z.array(z.object({ name: z.string(), version: z.string() })),
  files: z.array(z.object({ path: z.string(), sizeBytes: z.number(), sha256: z.string() })),
  toolVersion: z.string(),
  encoding: z.string(),
  collation: z.string(),
  lsn: z.string().nullable(),
  globals: z.enum(['with-passwords', 'without-passwords', 'none']),
  /** Where its rows were counted: in the database beside the dump, or in the dump, where the line was lost meanwhile. */
  countedIn: z.enum(['database', 'dump']),
});
export type BackupContents = z.infer<typeof backupContents>;

export const backupDetail = z.object({
  backup,
  /** By its manifest; null where that cannot be read any more, and `backup.damaged` says why. */
  contents: backupContents.nullable(),
  proofs: z.array(proofRecord),
});

/** The copies that a database is judged by: those of the cluster and the name it has now, and of no other. */
export const newestCopies = z.object({ databaseId: id, newest: backup.nullable(), newestProven: backup.nullable() });
export type NewestCopiesOfDatabase = z.infer<typeof newestCopies>;

/** A dump that a host has made, or still makes, without the engine that began it. */
export const unfinishedDump = z.object({
  /** The operation that began it. */
  operationId: id,
  /** The one that went on with it, and was interrupted too. */
  continuedBy: id.nullable(),
  databaseId: id,
  hostId: id,
  database: z.string(),
  /** Where it was begun; null where that system was removed meanwhile. */
  systemId: id.nullable(),
  /** "db-1 as postgres" */
  host: z.string(),
  begunAt: instant,
  /** Since when nobody works on it. */
  interruptedAt: instant,
  /** When its snapshot was taken: what a restore of it would bring back, and what is lost with it. */
  takenAt: instant,
  /** How much of it was fetched, and about how much it is in all. */
  bytesHere: z.number(),
  expectedBytes: z.number(),
  /** What the host said of it when it was last looked at, and what to do; null where nobody has looked yet. */
  lastLook: z.string().nullable(),
  /** Why no backup can come of it any more, as a sentence; null where one can. */
  hopeless: z.string().nullable(),
});
export type UnfinishedDump = z.infer<typeof unfinishedDump>;

export const backupMethods = {
  'backup.listPlans': query('The backup plans of a system, or of all.', z.strictObject({ systemId: id.optional() }), z.object({ plans: z.array(backupPlan) })),
  'backup.savePlan': command('Adds or changes a backup plan.', z.strictObject({ id: id.optional(), name: z.string().trim().min(1).max(80), databaseId: id, options: backupOptions }), z.object({ plan: backupPlan })),
  'backup.removePlan': command('Removes a backup plan; what it made stays.', z.strictObject({ id }), nothing),
  'backup.plan': query('What a backup will do.', z.strictObject({ databaseId: id, options: backupOptions.optional(), backupPlanId: id.optional() }), z.object({ plan })),
  'backup.unfinished': query('Dumps on hosts whose operations were interrupted, and that can be gone on with.', nothing, z.object({ dumps: z.array(unfinishedDump) })),
  'backup.planContinue': query('What going on with an interrupted backup will do.', z.strictObject({ operationId: id }), z.object({ plan })),
  'backup.planAbandon': query('What giving up an interrupted backup will do, on the host and here.', z.strictObject({ operationId: id }), z.object({ plan })),
  'backup.list': query(
    'The catalogue, newest first.',
    z.strictObject({
      /** Null: those that belong to no system here. */
      systemId: id.nullable().optional(),
      databaseId: id.optional(),
      /** Goes on where an answer ended. */
      cursor: z.string().max(120).optional(),
      limit: z.number().int().min(1).max(1000).default(200),
    }),
    z.object({
      backups: z.array(backup),
      /** How many there are, in this answer or not. */
      total: z.number().int(),
      /** Set where there are older ones. */
      nextCursor: z.string().nullable(),
      scannedAt: instant.nullable(),
    }),
  ),
  'backup.newest': query('The newest and the newest proven copy of each database of a system, by which the overview judges it too.', z.strictObject({ systemId: id }), z.object({ databases: z.array(newestCopies) })),
  'backup.get': query('One backup with its manifest and proofs; of one whose manifest cannot be read, what is still known.', z.strictObject({ backupId: id }), backupDetail),
  'backup.planVerify': query(
    'What verifying a backup will do. L3 restores to the server that it came from, or to that of another managed database.',
    z.strictObject({ backupId: id, level: proofLevel, databaseId: id.optional() }),
    z.object({ plan }),
  ),
  'backup.planDelete': query('What deleting a backup will do; the last proven one and pinned ones are refused.', z.strictObject({ backupId: id }), z.object({ plan })),
  'backup.pin': command('Keeps a backup from being deleted, or no longer.', z.strictObject({ backupId: id, pinned: z.boolean() }), z.object({ backup })),
  'backup.scan': command(
    'Reads the backup folder again and rebuilds the catalogue from the manifests.',
    nothing,
    z.object({ found: z.number().int(), added: z.number().int(), missing: z.number().int(), unreadable: z.array(z.object({ path: z.string(), reason: z.string() })) }),
  ),
};
