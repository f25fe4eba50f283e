/** The local file: opened, checked, migrated. Nothing else opens it. */
import { chmodSync, closeSync, copyFileSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import { migrations, type Migration } from './migrations/index.ts';
import { beginFile, stampOf } from './whole-file.ts';

export type Database = Sqlite.Database;

/** "PLTH": marks the file as ours (PRAGMA application_id). */
const applicationId = 0x504c5448;

export const storeFileName = 'pilothouse.db';

function damaged(path: string, reason: string, cause?: unknown): PilothouseError {
  return new PilothouseError('store.damaged', `The local file ${path} cannot be read: ${reason}. It was left untouched.`, {
    hint: `Move it aside and start again, or put a copy in its place: ${join(path, '..', 'copies')} holds those made before each migration, and those that were asked for ("Back up the local file"). Backups of databases are not in this file; a scan finds them again.`,
    details: { path },
    cause,
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** What the system says of a disk without room, and SQLite of the same: SHMSIZE is its index of the log, which did not fit. */
const fullCodes = ['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_SHMSIZE', 'ENOSPC', 'EDQUOT'];

/** An error of SQLite's, or of the disk under it, as ours, naming the file. */
export function storeError(path: string, error: unknown): PilothouseError {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (fullCodes.includes(code)) {
    return new PilothouseError('store.disk-full', `The disk that holds ${path} is full: ${message}.`, { hint: 'Free some space and try again; nothing that was shown as done is lost.', retryable: true, details: { path }, cause: error });
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return damaged(path, message, error);
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new PilothouseError('store.locked', `Another program holds the local file ${path}: ${message}.`, { hint: 'Close what has it open (a database browser, a backup program), then try again.', retryable: true, details: { path }, cause: error });
  }
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_CANTOPEN' || code === 'SQLITE_PERM' || code.startsWith('SQLITE_IOERR')) {
    return new PilothouseError('store.unwritable', `The local file ${path} cannot be read or written: ${message} (${code}).`, { hint: 'Check who owns the data folder, whether its disk is mounted read-only, and whether that disk is failing.', details: { path }, cause: error });
  }
  return new PilothouseError('internal', `The local file ${path} answered: ${message}`, { details: { path, sqlite: code }, retryable: true, cause: error });
}

/**
 * An error that anything met on its way, in words about the local file or the disk where it is one of those; any other
 * error as it is. For the doors through which errors leave the engine.
 */
export function explainStoreError(error: unknown): unknown {
  if (error instanceof Sqlite.SqliteError) {
    const explained = storeError(storeFileName, error);
    return explained.code === 'internal' ? error : explained;
  }
  const code = codeOf(error);
  if (isPilothouseError(error) || (code !== 'ENOSPC' && code !== 'EDQUOT')) return error;
  const path = error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : 'the data folder';
  return storeError(path, error);
}

/** Of the file's own, in its settings: that an engine has it open, and when all of it was last read and found sound. */
const inUseFact = 'store.inUse';
const soundFact = 'store.soundAt';
const lookAtAllEveryMs = 7 * 86_400_000;

/**
 * Whether all of the file has to be read: it was not closed in good order, or that is long ago. Reading all takes seconds
 * where there are a million events, and a command line opens the file each time.
 */
function needsReading(database: Database, now: number): boolean {
  const facts = new Map(database.prepare<[string, string], { key: string; value_json: string }>('SELECT key, value_json FROM settings WHERE key IN (?, ?)').all(inUseFact, soundFact).map((row) => [row.key, row.value_json]));
  const soundAt = Number(facts.get(soundFact) ?? Number.NaN);
  return facts.has(inUseFact) || !(soundAt <= now && now - soundAt < lookAtAllEveryMs);
}

export interface Inspected {
  /** Its format; 0: nothing was made in it yet. */
  version: number;
  /** Whether all of it was read and found sound. */
  whole: boolean;
}

/**
 * Looks at an existing file without changing a byte of it.
 * @param now milliseconds since the epoch, to leave out reading all of it where that was done lately; null: read all
 * @throws store.newer, store.damaged
 */
export function inspectDatabase(path: string, now: number | null, latest: number = migrations.at(-1)?.number ?? 0): Inspected {
  const header = Buffer.alloc(100);
  const file = openSync(path, 'r');
  try {
    if (readSync(file, header, 0, 100, 0) < 100 || header.toString('latin1', 0, 16) !== 'SQLite format 3\0') throw damaged(path, 'it is not an SQLite file, or it was cut');
  } finally {
    closeSync(file);
  }
  let database: Database | undefined;
  try {
    database = new Sqlite(path, { readonly: true, fileMustExist: true, timeout: 2000 });
    const version = database.pragma('user_version', { simple: true }) as number;
    const application = database.pragma('application_id', { simple: true }) as number;
    const objects = database.prepare('SELECT count(*) FROM sqlite_master').pluck().get() as number;
    // A first start that was killed before it made anything.
    if (version === 0 && objects === 0 && (application === 0 || application === applicationId)) return { version, whole: true };
    if (application !== applicationId) throw damaged(path, 'it belongs to another program');
    if (version > latest) {
      throw new PilothouseError('store.newer', `The local file ${path} was written by a newer Pilothouse (format ${version}; this one reads up to ${latest}). It was left untouched.`, {
        hint: 'Start the newer version, or start this one with another data folder (--home DIR).',
        details: { path, version, latest },
      });
    }
    if (now !== null && !needsReading(database, now)) return { version, whole: false };
    const findings = database.pragma('quick_check(3)') as { quick_check: string }[];
    if (findings[0]?.quick_check !== 'ok') throw damaged(path, findings.map((finding) => finding.quick_check).join('; '));
    return { version, whole: true };
  } catch (error) {
    throw isPilothouseError(error) ? error : storeError(path, error);
  } finally {
    database?.close();
  }
}

/** A file that bears its name is whole, so one of this very second is the copy that is wanted. */
function copyBefore(path: string, copy: string): void {
  if (existsSync(copy)) return;
  const file = beginFile(copy);
  try {
    copyFileSync(path, file.path);
    file.finish();
  } catch (error) {
    file.discard();
    throw storeError(copy, error);
  }
}

/**
 * Opens the local file in `home`, making or migrating it. What is to be migrated is migrated in one transaction, after a
 * copy of an existing file was made. Existing files are looked at first and are left untouched when they are refused.
 * @param known the migrations to apply; tests pass their own
 * @throws store.newer, store.damaged, store.unwritable, store.disk-full, store.locked, store.migration-failed
 */
export function openDatabase(home: string, copiesFolder: string, now: number, known: readonly Migration[] = migrations): Database {
  const path = join(home, storeFileName);
  const latest = known.at(-1)?.number ?? 0;
  const { version, whole } = existsSync(path) && statSync(path).size > 0 ? inspectDatabase(path, now, latest) : { version: 0, whole: true };
  const pending = known.filter((migration) => migration.number > version);

  let database: Database | undefined;
  try {
    database = new Sqlite(path, { timeout: 5000 });
    chmodSync(path, 0o600);
    if (version === 0) database.pragma('auto_vacuum = INCREMENTAL'); // Aged-out events give their space back.
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL'); // What a person saw as done must outlive a power cut.
    database.pragma('foreign_keys = ON');
    database.pragma('temp_store = MEMORY');
    database.pragma('journal_size_limit = 67108864');
    if (version > 0 && pending.length > 0) {
      database.pragma('wal_checkpoint(TRUNCATE)');
      copyBefore(path, join(copiesFolder, `before-${String(pending.at(-1)?.number).padStart(4, '0')}-${stampOf(now)}.db`));
    }
    if (pending.length > 0) migrate(database, path, pending);
    markOpened(database, whole ? now : null);
    return database;
  } catch (error) {
    database?.close();
    throw isPilothouseError(error) ? error : storeError(path, error);
  }
}

function markOpened(database: Database, soundAt: number | null): void {
  const write = database.prepare('INSERT INTO settings (key, value_json) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value_json = excluded.value_json');
  database.transaction(() => {
    write.run(inUseFact, 'true');
    if (soundAt !== null) write.run(soundFact, String(soundAt));
  })();
}

/** Closes it in good order, so that the next start need not read all of it. */
export function closeDatabase(database: Database): void {
  try {
    database.prepare('DELETE FROM settings WHERE key = ?').run(inUseFact);
  } catch {
    // A file that takes no more words (a full disk, a damaged page) is read by the next start.
  }
  database.close();
}

/** All or none of them: where one fails, the file is as the version before left it. */
function migrate(database: Database, path: string, pending: readonly Migration[]): void {
  let current = pending[0];
  try {
    database.transaction(() => {
      database.pragma(`application_id = ${applicationId}`);
      for (const migration of pending) {
        current = migration;
        migration.up(database);
        database.pragma(`user_version = ${migration.number}`);
      }
    })();
  } catch (error) {
    const explained = storeError(path, error);
    if (explained.code === 'store.disk-full') throw explained;
    throw new PilothouseError('store.migration-failed', `Changing the local file ${path} to format ${current?.number} (${current?.slug}) failed and was taken back: ${error instanceof Error ? error.message : String(error)}.`, {
      hint: 'The file is as it was. Start the version you had before, and report this with the log.',
      details: { path, migration: current?.number },
      cause: error,
    });
  }
}
