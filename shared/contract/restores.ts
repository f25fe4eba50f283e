import { z } from 'zod';
import { command, query } from './method.ts';
import { tableKind } from './backups.ts';
import { databaseIdentity, environment, id, instant } from './common.ts';
import { plan } from './operations.ts';

/** The three ways a restore can end. */
export const restoreOutcome = z.enum(['clean', 'clean-with-omissions', 'failed']);
export const restoreState = z.enum(['running', 'beside', 'swapped', 'undone', 'kept', 'dropped', 'failed']);

export const comparedTable = z.object({
  schema: z.string(),
  name: z.string(),
  /** Left out of what earlier versions compared. */
  kind: tableKind.optional(),
  /** Rows in the backup's snapshot. */
  backup: z.number().int(),
  /** Rows that came back. Null: the table is missing. */
  restored: z.number().int().nullable(),
  /** Rows in the live database when the restore was compared. Null: not there, or not counted. */
  live: z.number().int().nullable(),
  equal: z.boolean(),
});
export type ComparedTable = z.infer<typeof comparedTable>;

export const restore = z.object({
  id,
  operationId: id,
  backupId: id,
  backupTakenAt: instant,
  systemId: id,
  environment,
  databaseId: id,
  /** The cluster and live database it stands beside. */
  identity: databaseIdentity,
  /** The database that was backed up: usually the same, and not where a backup was restored beside another one. */
  source: databaseIdentity.optional(),
  /** The database it was restored into. */
  into: z.string(),
  /** The workers that restored it; left out by earlier versions. */
  jobs: z.number().int().optional(),
  /** After a swap: where the previous live database was put. */
  setAside: z.string().nullable(),
  state: restoreState,
  outcome: restoreOutcome.nullable(),
  /** Tables and partitions: what holds rows of its own. */
  tables: z.number().int(),
  /** How many of them are partitions, and how many materialised views there are besides; left out where there is none. */
  partitions: z.number().int().optional(),
  views: z.number().int().optional(),
  /** Of tables and partitions. */
  rows: z.number().int(),
  /** Whether every count, sequence and large object equals the manifest. Only what did is kept: false on a copy that stands means that it was written to since. */
  equal: z.boolean().nullable(),
  differences: z.array(z.string()),
  /** What preflight left out or mapped, in words. */
  omissions: z.array(z.string()),
  startedAt: instant,
  endedAt: instant.nullable(),
  durationMs: z.number().nullable(),
  /** Until when the set-aside database is kept for undo, where it was swapped. */
  undoUntil: instant.nullable(),
  /** When a swap of it was last taken back; left out where none was. */
  undoneAt: instant.optional(),
});
export type Restore = z.infer<typeof restore>;

export const restoreMethods = {
  'restore.plan': query(
    'Preflight: what restoring a backup beside its original would do, and what stands in the way.',
    z.strictObject({
      backupId: id,
      /** The managed database whose server it goes to; the original by default. */
      databaseId: id.optional(),
      /** The new database's name; `<database>__new` by default. */
      into: z.string().min(1).max(63).optional(),
      jobs: z.number().int().min(1).max(16).default(2),
    }),
    z.object({ plan, into: z.string() }),
  ),
  'restore.list': query('Restores, newest first.', z.strictObject({ systemId: id.optional(), operationId: id.optional(), limit: z.number().int().min(1).max(500).default(50) }), z.object({ restores: z.array(restore) })),
  'restore.get': query(
    'One restore with its comparison.',
    z.strictObject({ restoreId: id }),
    z.object({
      restore,
      /** The database that it made, could not finish and could not drop; null where there is none. */
      leftBehind: z.string().nullable(),
      compared: z.array(comparedTable),
      /** When what is live beside the copy was last counted; after a swap, what was set aside. Left out where nobody knows. */
      countedAt: instant.optional(),
      sequences: z.object({ equal: z.number().int(), total: z.number().int() }),
      constraints: z.object({ valid: z.number().int(), total: z.number().int() }),
      largeObjects: z.object({ backup: z.number().int(), restored: z.number().int().nullable() }),
    }),
  ),
  'restore.planSwap': query('What putting the restored copy in place of the live database would do.', z.strictObject({ restoreId: id }), z.object({ plan })),
  'restore.planUndo': query('What taking a swap back would do.', z.strictObject({ restoreId: id }), z.object({ plan })),
  'restore.planDrop': query('What dropping the restored copy, what a failed restore left of it, or the database that was set aside would do.', z.strictObject({ restoreId: id, which: z.enum(['restored', 'set-aside']) }), z.object({ plan })),
  'restore.keep': command('Leaves the restored copy beside the original for good.', z.strictObject({ restoreId: id }), z.object({ restore })),
};
