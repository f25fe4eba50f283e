/** Putting an exported file in place of the local one, on another computer or after a mishap. */
import { copyFileSync, existsSync, realpathSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Sqlite from 'better-sqlite3';
import { hasCode, isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import { acquireLock } from '../attach/lock.ts';
import type { Home } from '../home.ts';
import { syncFileNow, syncFolderNow } from '../platform/durable.ts';
import { keepFileToOurselves } from '../platform/private-files.ts';
import { markArrival } from './arrival.ts';
import { inspectDatabase, storeError, storeFileName } from './database.ts';
import { beginFile, stampOf } from './whole-file.ts';

const sidecars = ['-wal', '-shm'];

/** Copies what is there and writes its log into it. A file that SQLite cannot read is copied as it is, log and all. */
async function setAside(current: string, copy: string): Promise<void> {
  const file = beginFile(copy);
  let database: Sqlite.Database | undefined;
  try {
    database = new Sqlite(current, { fileMustExist: true });
    database.pragma('wal_checkpoint(TRUNCATE)');
    await database.backup(file.path);
  } catch {
    // A damaged file may be the very reason for the import: its bytes are kept, for whoever can read them.
    file.discard();
    for (const suffix of sidecars) if (existsSync(current + suffix)) copyFileSync(current + suffix, copy + suffix);
    copyFileSync(current, file.path);
  } finally {
    database?.close();
  }
  file.finish();
}

async function setAsideWhole(current: string, copy: string): Promise<string> {
  try {
    await setAside(current, copy);
    return copy;
  } catch (error) {
    if (!isPilothouseError(error)) for (const suffix of ['.partial', ...sidecars]) rmSync(copy + suffix, { force: true });
    throw error;
  }
}

const sizeOf = (path: string): number => ['', ...sidecars].reduce((sum, suffix) => sum + (statSync(path + suffix, { throwIfNoEntry: false })?.size ?? 0), 0);

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** The file that comes and the copy of the one that goes stand beside each other. @throws store.disk-full */
function checkSpace(source: string, current: string, folder: string, free: number): void {
  const needed = statSync(source).size + sizeOf(current);
  if (needed <= free) return;
  const mebibytes = (bytes: number) => `${Math.ceil(bytes / 1024 ** 2)} MiB`;
  throw new PilothouseError('store.disk-full', `${folder} has ${mebibytes(free)} free, and the import takes ${mebibytes(needed)}: ${source} and a copy of what is there now. Nothing was changed.`, { hint: 'Free some space there, then import it again.', retryable: true, details: { path: folder, needed, free } });
}

/**
 * What was written last may still be in the write-ahead log beside a file that was copied, not exported. Without it the
 * file passes every check as it was days ago; and a log that lies beside it may be of another file. SQLite looks for it
 * beside the file that a link leads to.
 * @throws store.damaged
 */
function requireNoLog(source: string): void {
  const log = `${realpathSync(source)}-wal`;
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  throw new PilothouseError('store.damaged', `${source} is not the whole of it: what was written last may be in ${log}, which is not brought along. Nothing was changed.`, { hint: 'Export it where it was used ("store export"), and import that file.', details: { path: source, log } });
}

/** Looks at the copy that will be used. @throws store.newer, store.damaged, in words about the file that was given */
function check(arriving: string, source: string): void {
  try {
    if (inspectDatabase(arriving, null).version === 0) throw new PilothouseError('store.damaged', 'There is nothing in it.');
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
export async function importStore(options: { home: Home; source: string; now: number; freeBytes?: (folder: string) => number }): Promise<{ imported: string; previous: string | null }> {
  const { home, now } = options;
  const source = resolve(options.source);
  const current = join(home.root, storeFileName);
  const arriving = join(home.root, `${storeFileName}.import`);
  if (!existsSync(source)) throw new PilothouseError('store.not-found', `There is no file ${source}.`, { hint: 'Name the file that "store export" wrote.', details: { path: source } });
  requireNoLog(source);
  const lock = acquireLock(home.root);
  try {
    checkSpace(source, current, home.root, (options.freeBytes ?? freeBytesOf)(home.root));
    copyFileSync(source, arriving);
    check(arriving, source);
    keepFileToOurselves(arriving);
    markArrival(arriving, home);
    syncFileNow(arriving);
    const previous = existsSync(current) ? await setAsideWhole(current, join(home.copies, `before-import-${stampOf(now)}.db`)) : null;
    // The old file's log must be gone before the new file bears its name: SQLite would play it into the new one.
    for (const suffix of sidecars) rmSync(current + suffix, { force: true });
    renameSync(arriving, current);
    syncFolderNow(home.root);
    return { imported: source, previous };
  } catch (error) {
    throw isPilothouseError(error) ? error : storeError(current, error);
  } finally {
    for (const suffix of ['', ...sidecars]) rmSync(arriving + suffix, { force: true });
    lock.release();
  }
}
