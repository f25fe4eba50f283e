/** The local file: opened, checked, migrated. Nothing else opens it. */
import { copyFileSync, existsSync, openSync, readSync, closeSync, statSync, chmodSync, fsyncSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import { migrations, type Migration } from './migrations/index.ts';

export type Database = Sqlite.Database;

/** "PLTH": marks the file as ours (PRAGMA application_id). */
const applicationId = 0x504c5448;

export const storeFileName = 'pilothouse.db';

function damaged(path: string, reason: string, cause?: unknown): PilothouseError {
  return new PilothouseError('store.damaged', `The local file ${path} cannot be read: ${reason}. It was left untouched.`, {
    hint: `Move it aside and start again, or put a copy in its place: ${join(path, '..', 'copies')} holds those made before each migration and by "store.backup". Backups of databases are not in this file; a scan finds them again.`,
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

/**
 * Looks at an existing file without changing a byte of it.
 * @returns its format
 * @throws store.newer, store.damaged
 */
export function inspectDatabase(path: string, latest: number = migrations.at(-1)?.number ?? 0): number {
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
    if (application !== applicationId) throw damaged(path, 'it belongs to another program');
    if (version > latest) {
      throw new PilothouseError('store.newer', `The local file ${path} was written by a newer Pilothouse (format ${version}; this one reads up to ${latest}). It was left untouched.`, {
        hint: 'Start the newer version, or start this one with another data folder (--home DIR).',
        details: { path, version, latest },
      });
    }
    const findings = database.pragma('quick_check(3)') as { quick_check: string }[];
    if (findings[0]?.quick_check !== 'ok') throw damaged(path, findings.map((finding) => finding.quick_check).join('; '));
    return version;
  } catch (error) {
    throw isPilothouseError(error) ? error : storeError(path, error);
  } finally {
    database?.close();
  }
}

function pendingAfter(version: number, known: readonly Migration[]): Migration[] {
  return known.filter((migration) => migration.number > version);
}

/**
 * Opens the local file in `home`, making or migrating it. Every migration runs in a transaction, after a copy of an
 * existing file was made. Existing files are checked first and are left untouched when they are refused.
 * @param known the migrations to apply; tests pass their own
 * @throws store.newer, store.damaged, store.unwritable, store.disk-full, store.migration-failed
 */
export function openDatabase(home: string, copiesFolder: string, now: number, known: readonly Migration[] = migrations): Database {
  const path = join(home, storeFileName);
  const latest = known.at(-1)?.number ?? 0;
  const version = existsSync(path) && statSync(path).size > 0 ? inspectDatabase(path, latest) : 0;
  const pending = pendingAfter(version, known);

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
      const copy = join(copiesFolder, `before-${String(pending.at(-1)?.number).padStart(4, '0')}-${new Date(now).toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}.db`);
      copyFileSync(path, copy);
      chmodSync(copy, 0o600);
      const file = openSync(copy, 'r');
      fsyncSync(file);
      closeSync(file);
    }
    if (version === 0) database.pragma(`application_id = ${applicationId}`);
    for (const migration of pending) migrate(database, path, migration);
    return database;
  } catch (error) {
    database?.close();
    throw isPilothouseError(error) ? error : storeError(path, error);
  }
}

function migrate(database: Database, path: string, migration: Migration): void {
  try {
    database.transaction(() => {
      migration.up(database);
      database.pragma(`user_version = ${migration.number}`);
    })();
  } catch (error) {
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_FULL')) throw storeError(path, error);
    throw new PilothouseError('store.migration-failed', `Changing the local file ${path} to format ${migration.number} (${migration.slug}) failed and was taken back: ${error instanceof Error ? error.message : String(error)}.`, {
      hint: 'The file is as it was. Start the version you had before, and report this with the log.',
      details: { path, migration: migration.number },
      cause: error,
    });
  }
}
