import type { ComparedTable, Restore } from '#shared/contract/restores.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Database } from './database.ts';

/** Two databases changing names, as it was meant before the first of them was touched. Oids are text. */
export interface StoredExchange {
  operationId: string;
  /** `swap`: the restored copy takes the live name. `undo`: the database that was set aside takes it back. */
  direction: 'swap' | 'undo';
  /** The database that has the live name before, and its name afterwards. */
  outgoing: { oid: string; nameAfter: string; allowedConnections: boolean };
  /** The database that has the live name afterwards, and its name before. */
  incoming: { oid: string; nameBefore: string; allowedConnections: boolean };
  liveName: string;
}

/** What a restore has to know about itself and nobody needs to see. */
export interface RestoreInternals {
  /** `pg_database.oid` of the database it was restored into. Null until it was created. */
  restoredOid: string | null;
  /** After a swap: `pg_database.oid` of the database that was set aside. */
  setAsideOid: string | null;
  /** Set before names are exchanged, cleared when the exchange was seen to be over. */
  exchange: StoredExchange | null;
  /** Id of the scratch database that it was, as long as it may still bear its marks on the server. */
  marks?: string | null;
}

export interface StoredComparison {
  /** When what is live was last counted, whatever was counted of the copy since. Left out by earlier versions. */
  countedAt?: string;
  compared: ComparedTable[];
  sequences: { equal: number; total: number };
  constraints: { valid: number; total: number };
  largeObjects: { backup: number; restored: number | null };
}

interface RestoreRow {
  id: string;
  record_json: string;
  compared_json: string | null;
}

interface StoredRecord {
  restore: Restore;
  internals: RestoreInternals;
}

export interface CopyMadeHere {
  name: string;
  oid: string | null;
  /** In words. */
  why: string;
}

export interface RestoreRepository {
  insert(restore: Restore): void;
  /** Changes some of it, atomically. @throws store.not-found */
  update(restoreId: string, changes: Partial<Restore>, internals?: Partial<RestoreInternals>): Restore;
  /** @throws store.not-found */
  get(restoreId: string): Restore;
  find(restoreId: string): Restore | null;
  findByOperation(operationId: string): Restore | null;
  /** Newest first. */
  list(filter: { systemId?: string | undefined; operationId?: string | undefined; limit: number }): Restore[];
  /** Those that a person may still have to decide about: running, beside, or swapped with the previous database kept. */
  listOpen(systemId: string): Restore[];
  /**
   * The databases of a cluster that restores made beside a live one or set aside, of whatever system, and that nobody
   * has kept for good. With the oid where it is known: the name may be somebody else's by now.
   */
  copiesIn(systemIdentifier: string): CopyMadeHere[];
  /** Those under way. */
  listRunning(): Restore[];
  /** The last one of a database that came to its end, for estimating the next. */
  lastFinished(databaseId: string): Restore | null;
  /** @throws store.not-found */
  internals(restoreId: string): RestoreInternals;
  /** Restores whose exchange of names was not seen to be over. */
  withOpenExchange(): Restore[];
  /** Restores whose database stays and may still say that it does not. */
  withMarks(): Restore[];
  saveComparison(restoreId: string, comparison: StoredComparison): void;
  /** What was compared; empty where it never came that far. */
  compared(restoreId: string): StoredComparison;
}

const nothingCompared: StoredComparison = { compared: [], sequences: { equal: 0, total: 0 }, constraints: { valid: 0, total: 0 }, largeObjects: { backup: 0, restored: null } };

export function createRestoreRepository(database: Database): RestoreRepository {
  const selectOne = database.prepare<[string], RestoreRow>('SELECT id, record_json, compared_json FROM restores WHERE id = ?');
  const selectByOperation = database.prepare<[string], RestoreRow>('SELECT id, record_json, compared_json FROM restores WHERE operation_id = ?');
  const selectAll = database.prepare<[number], RestoreRow>('SELECT id, record_json, compared_json FROM restores ORDER BY started_at DESC, rowid DESC LIMIT ?');
  const selectOfSystem = database.prepare<[string, number], RestoreRow>('SELECT id, record_json, compared_json FROM restores WHERE system_id = ? ORDER BY started_at DESC, rowid DESC LIMIT ?');
  const selectOpen = database.prepare<[string], RestoreRow>(
    `SELECT id, record_json, compared_json FROM restores WHERE system_id = ?
       AND (state IN ('running', 'beside') OR (state = 'swapped' AND json_extract(record_json, '$.restore.setAside') IS NOT NULL))
     ORDER BY started_at DESC, rowid DESC`,
  );
  const selectCopies = database.prepare<[string], RestoreRow>(
    `SELECT id, record_json, compared_json FROM restores WHERE state IN ('running', 'beside', 'undone', 'swapped')
       AND json_extract(record_json, '$.restore.identity.systemIdentifier') = ?`,
  );
  const selectFinished = database.prepare<[string], RestoreRow>(
    "SELECT id, record_json, compared_json FROM restores WHERE database_id = ? AND json_extract(record_json, '$.restore.outcome') IN ('clean', 'clean-with-omissions') ORDER BY started_at DESC, rowid DESC LIMIT 1",
  );
  const selectExchanging = database.prepare<[], RestoreRow>("SELECT id, record_json, compared_json FROM restores WHERE json_extract(record_json, '$.internals.exchange') IS NOT NULL");
  const selectMarked = database.prepare<[], RestoreRow>("SELECT id, record_json, compared_json FROM restores WHERE json_extract(record_json, '$.internals.marks') IS NOT NULL");
  const updateOne = database.prepare('UPDATE restores SET into_name = ?, state = ?, ended_at = ?, record_json = ? WHERE id = ?');

  const parse = (row: RestoreRow) => JSON.parse(row.record_json) as StoredRecord;
  const toRestore = (row: RestoreRow): Restore => parse(row).restore;
  const need = (restoreId: string): RestoreRow => {
    const row = selectOne.get(restoreId);
    if (row === undefined) throw new PilothouseError('store.not-found', `There is no restore ${restoreId}.`, { hint: 'Look at the list of restores again.' });
    return row;
  };
  const change = database.transaction((restoreId: string, changes: Partial<Restore>, internals: Partial<RestoreInternals>): Restore => {
    const record = parse(need(restoreId));
    const merged: StoredRecord = { restore: { ...record.restore, ...changes }, internals: { ...record.internals, ...internals } };
    const { into, state, endedAt } = merged.restore;
    updateOne.run(into, state, endedAt === null ? null : Date.parse(endedAt), JSON.stringify(merged), restoreId);
    return merged.restore;
  });

  return {
    insert(restore) {
      const record: StoredRecord = { restore, internals: { restoredOid: null, setAsideOid: null, exchange: null } };
      database
        .prepare('INSERT INTO restores (id, operation_id, backup_id, system_id, database_id, into_name, state, started_at, ended_at, record_json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
        .run(restore.id, restore.operationId, restore.backupId, restore.systemId, restore.databaseId, restore.into, restore.state, Date.parse(restore.startedAt), restore.endedAt === null ? null : Date.parse(restore.endedAt), JSON.stringify(record));
    },
    update: (restoreId, changes, internals = {}) => change(restoreId, changes, internals),
    get: (restoreId) => toRestore(need(restoreId)),
    find(restoreId) {
      const row = selectOne.get(restoreId);
      return row === undefined ? null : toRestore(row);
    },
    findByOperation(operationId) {
      const row = selectByOperation.get(operationId);
      return row === undefined ? null : toRestore(row);
    },
    list({ systemId, operationId, limit }) {
      // An operation restores once.
      const rows = operationId !== undefined ? selectByOperation.all(operationId) : systemId !== undefined ? selectOfSystem.all(systemId, limit) : selectAll.all(limit);
      return rows.map(toRestore).filter((restore) => systemId === undefined || restore.systemId === systemId);
    },
    listOpen: (systemId) => selectOpen.all(systemId).map(toRestore),
    copiesIn: (systemIdentifier) =>
      selectCopies.all(systemIdentifier).flatMap((row): CopyMadeHere[] => {
        const { restore, internals } = parse(row);
        const { into, setAside, state, identity } = restore;
        if (state !== 'swapped') return [{ name: into, oid: internals.restoredOid, why: `Pilothouse restored it beside ${identity.database}` }];
        return setAside === null ? [] : [{ name: setAside, oid: internals.setAsideOid, why: `it was set aside when a restored copy became ${identity.database}` }];
      }),
    listRunning: () => database.prepare<[], RestoreRow>("SELECT id, record_json, compared_json FROM restores WHERE state = 'running'").all().map(toRestore),
    lastFinished(databaseId) {
      const row = selectFinished.get(databaseId);
      return row === undefined ? null : toRestore(row);
    },
    internals: (restoreId) => parse(need(restoreId)).internals,
    withMarks: () => selectMarked.all().map(toRestore),
    withOpenExchange: () => selectExchanging.all().map(toRestore),
    saveComparison: (restoreId, comparison) => void database.prepare('UPDATE restores SET compared_json = ? WHERE id = ?').run(JSON.stringify(comparison), restoreId),
    compared(restoreId) {
      const { compared_json: text } = need(restoreId);
      return text === null ? nothingCompared : (JSON.parse(text) as StoredComparison);
    },
  };
}
