/** Putting an exported file in place of the local one, on another computer or after a mishap. */
import { chmodSync, closeSync, copyFileSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Sqlite from 'better-sqlite3';
import { hasCode, isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import { acquireLock } from '../attach/lock.ts';
import type { Home } from '../home.ts';
import { inspectDatabase, storeError, storeFileName } from './database.ts';

const sidecars = ['-wal', '-shm'];

function syncFile(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Copies what is there and writes its log into it. A file that SQLite cannot read is copied as it is, log and all. */
async function setAside(current: string, copies: string, stamp: string): Promise<string> {
  const copy = join(copies, `before-import-${stamp}.db`);
  let database: Sqlite.Database | undefined;
  try {
    database = new Sqlite(current, { fileMustExist: true });
    database.pragma('wal_checkpoint(TRUNCATE)');
    await database.backup(copy);
  } catch {
    // A damaged file may be the very reason for the import: its bytes are kept, for whoever can read them.
    for (const suffix of ['', ...sidecars]) if (existsSync(current + suffix)) copyFileSync(current + suffix, copy + suffix);
  } finally {
    database?.close();
  }
  chmodSync(copy, 0o600);
  syncFile(copy);
  return copy;
}

/** Looks at the copy that will be used. @throws store.newer, store.damaged, in words about the file that was given */
function check(arriving: string, source: string): void {
  try {
    inspectDatabase(arriving);
  } catch (error) {
    if (hasCode(error, 'store.newer')) throw new PilothouseError('store.newer', `${source} was written by a newer Pilothouse. Nothing was changed.`, { hint: 'Update Pilothouse on this computer, then import it.', details: { path: source }, cause: error });
    if (hasCode(error, 'store.damaged')) throw new PilothouseError('store.damaged', `${source} is not a file of Pilothouse's, or it is damaged. Nothing was changed.`, { hint: 'Export it again on the other computer ("store export") and copy it whole.', details: { path: source }, cause: error });
    throw error;
  }
}

/**
 * Checks an exported file and puts it in place of the local one, after copying that.
 * @returns where the file came from, and the copy of what was there before
 * @throws store.locked while Pilothouse runs on the data folder; store.not-found, store.newer, store.damaged about the
 * file given, with both files untouched; store.disk-full
 */
export async function importStore(options: { home: Home; source: string; now: number }): Promise<{ imported: string; previous: string | null }> {
  const { home, now } = options;
  const source = resolve(options.source);
  const current = join(home.root, storeFileName);
  const arriving = join(home.root, `${storeFileName}.import`);
  if (!existsSync(source)) throw new PilothouseError('store.not-found', `There is no file ${source}.`, { hint: 'Name the file that "store export" wrote.', details: { path: source } });
  const lock = acquireLock(home.root);
  try {
    copyFileSync(source, arriving);
    check(arriving, source);
    chmodSync(arriving, 0o600);
    syncFile(arriving);
    const previous = existsSync(current) ? await setAside(current, home.copies, new Date(now).toISOString().replaceAll(/[-:]/g, '').slice(0, 15)) : null;
    // The old file's log must be gone before the new file bears its name: SQLite would play it into the new one.
    for (const suffix of sidecars) rmSync(current + suffix, { force: true });
    renameSync(arriving, current);
    if (process.platform !== 'win32') syncFile(home.root);
    return { imported: source, previous };
  } catch (error) {
    throw isPilothouseError(error) ? error : storeError(current, error);
  } finally {
    for (const suffix of ['', ...sidecars]) rmSync(arriving + suffix, { force: true });
    lock.release();
  }
}
