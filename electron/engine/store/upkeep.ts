/** The local file's own upkeep: its size budget, its copies, its export. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '#shared/contract/app.ts';
import type { Home } from '../home.ts';
import { storeError, storeFileName, type Database } from './database.ts';
import type { SettingsRepository } from './settings-repository.ts';
import { beginFile, stampOf } from './whole-file.ts';

/** Bytes of the local file and of its write-ahead log. */
export function storeBytes(home: Home): number {
  return ['', '-wal'].reduce((sum, suffix) => {
    const stat = statSync(join(home.root, storeFileName + suffix), { throwIfNoEntry: false });
    return sum + (stat?.size ?? 0);
  }, 0);
}

/** Events removed in one transaction, so that other calls are served in between. */
const sliceSize = 2000;
/** Pages given back at once, for the same reason. */
const sliceOfPages = 1000;

const mayGo = 'o.evidence = 0 AND o.ended_at IS NOT NULL AND e.at < ?';

const dayMs = 86_400_000;

function usedBytesOf(database: Database): number {
  const read = (name: string) => database.pragma(name, { simple: true }) as number;
  return read('page_size') * (read('page_count') - read('freelist_count'));
}

export interface AgeingEvents {
  /** Older than `historyKeepDays`: how many, and of how many operations. */
  events: number;
  operations: number;
  /** Younger than this stays, as long as the file is within its budget. Milliseconds since the epoch. */
  before: number;
  /** By how much the file is over its budget now; zero where it is not. */
  overBytes: number;
}

/** What `ageOut` would remove with the same settings and the same `now`. */
export function lookAtAge(database: Database, settings: Pick<Settings, 'historyKeepDays' | 'historyBudgetBytes'>, now: number): AgeingEvents {
  const before = now - settings.historyKeepDays * dayMs;
  const counted = database.prepare<[number], { events: number; operations: number }>(`SELECT count(*) AS events, count(DISTINCT e.operation_id) AS operations FROM events e JOIN operations o ON o.id = e.operation_id WHERE ${mayGo}`).get(before);
  return { events: counted?.events ?? 0, operations: counted?.operations ?? 0, before, overBytes: Math.max(0, usedBytesOf(database) - settings.historyBudgetBytes) };
}

/**
 * Lets old events age out: those older than `historyKeepDays`, then the oldest while the file is over its budget.
 * Events of operations marked as evidence, and of operations that are not finished, stay. Operations themselves stay,
 * with their results.
 * @param signal ends it after the slice that is under way
 * @returns how many events were removed, and whether it came to its end
 */
export async function ageOut(database: Database, settings: Pick<Settings, 'historyKeepDays' | 'historyBudgetBytes'>, now: number, signal?: AbortSignal): Promise<{ removed: number; complete: boolean }> {
  const oldest = `SELECT e.id FROM events e JOIN operations o ON o.id = e.operation_id
    WHERE ${mayGo} ORDER BY e.at, e.id LIMIT ?`;
  const select = database.prepare<[number, number], { id: number }>(oldest);
  const remove = database.transaction((ids: number[]) => {
    const removeSearch = database.prepare('DELETE FROM events_search WHERE rowid = ?');
    const removeEvent = database.prepare('DELETE FROM events WHERE id = ?');
    for (const id of ids) {
      removeSearch.run(id);
      removeEvent.run(id);
    }
  });
  const read = (name: string) => database.pragma(name, { simple: true }) as number;
  let removed = 0;
  let cut = false;
  /** Slices as long as each says that there is more to do. */
  const inSlices = async (slice: () => boolean): Promise<void> => {
    while (!cut && slice()) {
      cut = signal?.aborted === true;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const removeBefore = (before: number) => (): boolean => {
    const ids = select.all(before, sliceSize).map((row) => row.id);
    remove(ids);
    removed += ids.length;
    return ids.length === sliceSize;
  };
  await inSlices(removeBefore(now - settings.historyKeepDays * dayMs));
  const removeOldest = removeBefore(now);
  await inSlices(() => usedBytesOf(database) > settings.historyBudgetBytes && removeOldest());
  await inSlices(() => {
    const before = read('freelist_count');
    database.pragma(`incremental_vacuum(${sliceOfPages})`);
    const after = read('freelist_count');
    return after > 0 && after < before; // A file that was made without it gives nothing back.
  });
  return { removed, complete: !cut };
}

const ageOutEveryMs = 6 * 3_600_000;
/** When it was last done to its end, kept among the engine's own facts: milliseconds since the epoch. */
const agedOutFact = 'store.agedOutAt';

/** Ages out where that is due: engines of the command line do not live for hours, and together they must not forget it. */
export async function ageOutWhenDue(database: Database, settings: SettingsRepository, now: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const last = settings.readFact(agedOutFact);
  // A time to come was written by a clock that was wrong.
  if (typeof last === 'number' && last <= now && now - last < ageOutEveryMs) return;
  const { complete } = await ageOut(database, settings.read(), now, signal);
  if (complete) settings.writeFact(agedOutFact, now);
}

/** A consistent copy of the local file while it is in use. */
export async function copyStore(database: Database, home: Home, now: number): Promise<{ path: string; sizeBytes: number }> {
  return writeCopy(database, join(home.copies, `pilothouse-${stampOf(now)}.db`));
}

/** Everything but passwords (those are in the vault, which is another file), in one file to move to another computer. */
export async function exportStore(database: Database, home: Home, now: number): Promise<{ path: string; sizeBytes: number }> {
  return writeCopy(database, join(home.exports, `pilothouse-export-${stampOf(now)}.db`));
}

async function writeCopy(database: Database, path: string): Promise<{ path: string; sizeBytes: number }> {
  const file = beginFile(path);
  try {
    await database.backup(file.path);
    file.finish();
    return { path, sizeBytes: statSync(path).size };
  } catch (error) {
    file.discard();
    throw storeError(path, error);
  }
}
