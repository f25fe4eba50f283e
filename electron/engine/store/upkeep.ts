/** The local file's own upkeep: its size budget, its copies, its export. */
import { chmodSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '#shared/contract/app.ts';
import type { Home } from '../home.ts';
import { storeError, storeFileName, type Database } from './database.ts';

/** Bytes of the local file and of its write-ahead log. */
export function storeBytes(home: Home): number {
  return ['', '-wal'].reduce((sum, suffix) => {
    const stat = statSync(join(home.root, storeFileName + suffix), { throwIfNoEntry: false });
    return sum + (stat?.size ?? 0);
  }, 0);
}

/** Events removed in one transaction, so that other calls are served in between. */
const sliceSize = 2000;

/**
 * Lets old events age out: those older than `historyKeepDays`, then the oldest while the file is over its budget.
 * Events of operations marked as evidence, and of operations that are not finished, stay. Operations themselves stay,
 * with their results.
 * @returns how many events were removed
 */
export async function ageOut(database: Database, settings: Settings, now: number): Promise<number> {
  const oldest = `SELECT e.id FROM events e JOIN operations o ON o.id = e.operation_id
    WHERE o.evidence = 0 AND o.ended_at IS NOT NULL AND e.at < ? ORDER BY e.at, e.id LIMIT ?`;
  const select = database.prepare<[number, number], { id: number }>(oldest);
  const remove = database.transaction((ids: number[]) => {
    const removeSearch = database.prepare('DELETE FROM events_search WHERE rowid = ?');
    const removeEvent = database.prepare('DELETE FROM events WHERE id = ?');
    for (const id of ids) {
      removeSearch.run(id);
      removeEvent.run(id);
    }
  });
  const usedBytes = () => {
    const [pageSize, pages, free] = ['page_size', 'page_count', 'freelist_count'].map((name) => database.pragma(name, { simple: true }) as number);
    return (pageSize ?? 0) * ((pages ?? 0) - (free ?? 0));
  };
  let removed = 0;
  const step = async (before: number): Promise<boolean> => {
    const ids = select.all(before, sliceSize).map((row) => row.id);
    remove(ids);
    removed += ids.length;
    await new Promise((resolve) => setImmediate(resolve));
    return ids.length === sliceSize;
  };
  while (await step(now - settings.historyKeepDays * 86_400_000));
  while (usedBytes() > settings.historyBudgetBytes && (await step(now)));
  if (removed > 0) database.pragma('incremental_vacuum');
  return removed;
}

/** A consistent copy of the local file while it is in use. */
export async function copyStore(database: Database, home: Home, now: number): Promise<{ path: string; sizeBytes: number }> {
  const path = join(home.copies, `pilothouse-${new Date(now).toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}.db`);
  return writeCopy(database, path);
}

/** Everything but passwords (those are in the vault, which is another file), in one file to move to another computer. */
export async function exportStore(database: Database, home: Home, now: number): Promise<{ path: string; sizeBytes: number }> {
  const path = join(home.exports, `pilothouse-export-${new Date(now).toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}.db`);
  return writeCopy(database, path);
}

async function writeCopy(database: Database, path: string): Promise<{ path: string; sizeBytes: number }> {
  try {
    await database.backup(path);
    chmodSync(path, 0o600);
    return { path, sizeBytes: statSync(path).size };
  } catch (error) {
    rmSync(path, { force: true });
    throw storeError(path, error);
  }
}
