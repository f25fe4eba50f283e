import type { Database } from './database.ts';

/** A dump that a host makes by itself, as a job. */
export interface DetachedDump<About = unknown> {
  /** The operation that began it; the job bears the same id. */
  operationId: string;
  databaseId: string;
  hostId: string;
  /** Where it is brought to, below the folder of backups: ends in `.partial`. */
  folder: string;
  /** `unwanted`: nothing comes of it any more, or all has come of it, and the job is still to be taken off the host. */
  state: 'wanted' | 'unwanted';
  /** The operation that goes on with it, if any. */
  continuedBy: string | null;
  /** Never a secret. */
  about: About;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

interface DetachedDumpRow {
  operation_id: string;
  database_id: string;
  host_id: string;
  folder: string;
  state: 'wanted' | 'unwanted';
  continued_by: string | null;
  about_json: string;
  created_at: number;
}

export interface DetachedDumpRepository<About> {
  /** Before the job is begun. */
  insert(dump: DetachedDump<About>): void;
  update(operationId: string, changes: Partial<Pick<DetachedDump<About>, 'state' | 'continuedBy' | 'about'>>): void;
  /** After the job was seen to be gone from the host. */
  remove(operationId: string): void;
  find(operationId: string): DetachedDump<About> | null;
  list(): DetachedDump<About>[];
}

export function createDetachedDumpRepository<About>(database: Database): DetachedDumpRepository<About> {
  const selectOne = database.prepare<[string], DetachedDumpRow>('SELECT * FROM detached_dumps WHERE operation_id = ?');
  const selectAll = database.prepare<[], DetachedDumpRow>('SELECT * FROM detached_dumps ORDER BY created_at');
  const insertOne = database.prepare('INSERT INTO detached_dumps (operation_id, database_id, host_id, folder, state, continued_by, about_json, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const updateOne = database.prepare('UPDATE detached_dumps SET state = ?, continued_by = ?, about_json = ? WHERE operation_id = ?');
  const removeOne = database.prepare('DELETE FROM detached_dumps WHERE operation_id = ?');
  const toDump = (row: DetachedDumpRow): DetachedDump<About> => ({ operationId: row.operation_id, databaseId: row.database_id, hostId: row.host_id, folder: row.folder, state: row.state, continuedBy: row.continued_by, about: JSON.parse(row.about_json) as About, createdAt: row.created_at });
  const find = (operationId: string): DetachedDump<About> | null => {
    const row = selectOne.get(operationId);
    return row === undefined ? null : toDump(row);
  };
  return {
    insert: (dump) => void insertOne.run(dump.operationId, dump.databaseId, dump.hostId, dump.folder, dump.state, dump.continuedBy, JSON.stringify(dump.about), dump.createdAt),
    update(operationId, changes) {
      const before = find(operationId);
      if (before === null) return;
      const { state, continuedBy, about } = { ...before, ...changes };
      updateOne.run(state, continuedBy, JSON.stringify(about), operationId);
    },
    remove: (operationId) => void removeOne.run(operationId),
    find,
    list: () => selectAll.all().map(toDump),
  };
}
