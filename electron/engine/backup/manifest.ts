/** `manifest.json`: what makes a backup folder describe itself. */
import { z } from 'zod';
import { tableCount, dumpFormat } from '#shared/contract/backups.ts';
import { environment, instant } from '#shared/contract/common.ts';

export const manifestFormat = 'pilothouse-backup/1';
export const manifestFileName = 'manifest.json';

export const sequenceValue = z.object({
  schema: z.string(),
  name: z.string(),
  /** As the archive will set it. Text: it may not fit a double. */
  lastValue: z.string(),
  isCalled: z.boolean(),
});
export type SequenceValue = z.infer<typeof sequenceValue>;

/** A table with its rows. */
export const countedInManifest = tableCount.extend({
  /** Of a partition whose rows are loaded through the topmost table, and may there belong to another partition: that table. */
  loadedThrough: z.object({ schema: z.string(), name: z.string() }).optional(),
  /** Left out where it is logged, as most tables are. */
  unlogged: z.boolean().optional(),
});
export type CountedInManifest = z.infer<typeof countedInManifest>;

/** What a database holds, counted exactly. The same is counted in the source's snapshot and in what was restored. */
export const databaseContents = z.object({
  /** Every leaf table, counted with ONLY, and every materialised view. */
  tables: z.array(countedInManifest),
  /** Counted on a standby, where nobody can read unlogged tables: they are not among `tables`, and in the dump without rows. */
  fromStandby: z.boolean().optional(),
  /**
   * Left out where its rows were counted in the database, in the snapshot of the dump. In the archive they are counted
   * where the line was lost before that was done; materialised views, of which an archive has no rows, are not counted then.
   */
  countedFrom: z.enum(['archive']).optional(),
  sequences: z.array(sequenceValue),
  largeObjects: z.number().int(),
  /** Constraints in all, and how many of them are validated. */
  constraints: z.object({ total: z.number().int(), valid: z.number().int() }),
});
export type DatabaseContents = z.infer<typeof databaseContents>;

export const manifest = z.object({
  format: z.literal(manifestFormat),
  id: z.string().min(1).max(64),
  madeBy: z.object({ pilothouse: z.string(), pgDump: z.string() }),
  system: z.object({ id: z.string(), name: z.string(), environment }),
  database: z.object({ id: z.string(), name: z.string(), host: z.string(), port: z.number().int() }),
  server: z.object({ version: z.string(), versionNum: z.number().int(), systemIdentifier: z.string() }),
  dump: z.object({ format: dumpFormat, /** Relative to the folder. */ path: z.string(), jobs: z.number().int(), compressLevel: z.number().int() }),
  /** When the snapshot was taken: what a restore brings back. */
  snapshotAt: instant,
  lsn: z.string().nullable(),
  startedAt: instant,
  endedAt: instant,
  encoding: z.string(),
  collate: z.string(),
  ctype: z.string(),
  /** `libc`, `icu` or `builtin` (`pg_database.datlocprovider`, in words); null before 15, where it is libc. */
  localeProvider: z.string().nullable(),
  /** The locale of ICU or of the builtin provider (`daticulocale`, from 17 on `datlocale`); null with libc. */
  locale: z.string().nullable().default(null),
  /** Rules that an ICU locale is changed by (`daticurules`, from 16 on). Left out where there are none. */
  icuRules: z.string().optional(),
  collationVersion: z.string().nullable(),
  owner: z.string(),
  /** `pg_database_size` when it was taken: what a restore needs at least. */
  databaseBytes: z.number(),
  extensions: z.array(z.object({ name: z.string(), version: z.string() })),
  tablespaces: z.array(z.string()),
  /** Roles that own something in it or are granted something. */
  roles: z.array(z.string()),
  globals: z.object({ file: z.string().nullable(), passwords: z.boolean() }),
  contents: databaseContents,
  /** Every file but this one. Paths are relative, with forward slashes. */
  files: z.array(z.object({ path: z.string(), sizeBytes: z.number().int(), sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
});
export type Manifest = z.infer<typeof manifest>;
