/**
 * A local file that came from another computer tells of work that was under way there. That computer cleans up after it;
 * this one would only get in its way.
 */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import Sqlite from 'better-sqlite3';
import type { Home } from '../home.ts';
import { closeDatabase, type Database } from './database.ts';
import { createOperationRepository } from './operation-repository.ts';
import { createRestoreRepository } from './restore-repository.ts';
import { createScratchRepository } from './scratch-repository.ts';
import { createSettingsRepository } from './settings-repository.ts';

/** Of the engine's own facts: whose file it is, and that it just came from elsewhere. */
const placeFact = 'store.place';
const arrivedFact = 'store.arrived';

const placeOf = (home: Home): string => createHash('sha256').update(JSON.stringify([hostname(), home.key])).digest('hex');

/** Writes into a file that is to be this data folder's whether it comes from elsewhere. The name of a computer may change, so this is asked on arrival only. */
export function markArrival(path: string, home: Home): void {
  const database = new Sqlite(path);
  const settings = createSettingsRepository(database);
  settings.writeFact(arrivedFact, settings.readFact(placeFact) !== placeOf(home));
  closeDatabase(database);
}

const summary = 'This was under way on the computer that the local file came from.';

/** For the start, before anything is recovered: what was not over elsewhere is over here, and nothing is cleaned up for it. */
export function settleArrival(database: Database, home: Home, now: number): void {
  const settings = createSettingsRepository(database);
  const operations = createOperationRepository(database);
  const restores = createRestoreRepository(database);
  const scratches = createScratchRepository(database);
  if (settings.readFact(placeFact) === placeOf(home) && settings.readFact(arrivedFact) !== true) return;
  database.transaction(() => {
    settings.writeFact(placeFact, placeOf(home));
    if (settings.readFact(arrivedFact) !== true) return;
    settings.writeFact(arrivedFact, false);
    for (const { id, lastSeq } of operations.list({ active: true, limit: 1_000_000 })) {
      operations.update(id, { state: 'interrupted', endedAt: now, leftMs: null, summary });
      operations.appendEvents([{ operationId: id, seq: lastSeq + 1, at: new Date(now).toISOString(), kind: 'result', state: 'interrupted', summary, error: null }]);
    }
    const open = new Set([...scratches.list().map((scratch) => scratch.operationId), ...restores.withOpenExchange().map(({ id }) => restores.internals(id).exchange?.operationId)]);
    for (const { id, target, advice } of operations.listInterrupted()) {
      if (advice !== null && !open.has(id)) continue;
      operations.update(id, { advice: `${summary} It cleans up after it at its next start; nothing was done about it from here. Start Pilothouse there, or look at ${target}.` });
    }
    for (const scratch of scratches.list()) scratches.remove(scratch.id);
    for (const { id } of restores.withOpenExchange()) restores.update(id, {}, { exchange: null });
    for (const { id } of restores.withMarks()) restores.update(id, {}, { marks: null });
    for (const restore of restores.listRunning()) restores.update(restore.id, { state: 'failed', outcome: 'failed', differences: [summary], endedAt: new Date(now).toISOString() });
  })();
}
