/** One engine per data folder: a lock that the system releases however its holder dies. */
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { PilothouseError } from '#shared/domain/errors.ts';
import { keepFileToOurselves } from '../platform/private-files.ts';

export interface HomeLock {
  release(): void;
}

/**
 * Takes the lock of a data folder. It is an exclusive SQLite transaction on a file of its own, so a killed process
 * leaves nothing to clean up, on every platform.
 * @throws store.locked when another engine holds it
 */
export function acquireLock(root: string): HomeLock {
  const path = join(root, 'engine.lock');
  let file: Sqlite.Database | undefined;
  try {
    file = new Sqlite(path, { timeout: 0 });
    keepFileToOurselves(path);
    // No journal file: nothing is ever written here, only the lock is wanted.
    file.pragma('journal_mode = MEMORY');
    file.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    file?.close();
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      throw new PilothouseError('store.locked', `Another Pilothouse is using the data folder ${root}.`, { hint: 'Use that one, or start this one with another folder (--home DIR).', retryable: true, details: { root } });
    }
    throw new PilothouseError('store.unwritable', `The lock of the data folder ${root} cannot be taken: ${error instanceof Error ? error.message : String(error)}.`, { hint: 'Check who owns the folder.', details: { root }, cause: error });
  }
  const held = file;
  return { release: () => held.close() };
}
