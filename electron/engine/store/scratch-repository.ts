import type { Database } from './database.ts';

/** A database that we made, or were about to make, and that must not stay. */
export interface ScratchDatabase {
  id: string;
  /** The managed database whose server it is on. */
  databaseId: string;
  /** The cluster it is on, as text. */
  systemIdentifier: string;
  name: string;
  purpose: 'proof' | 'restore';
  operationId: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

interface ScratchRow {
  id: string;
  database_id: string;
  system_identifier: string;
  name: string;
  purpose: 'proof' | 'restore';
  operation_id: string;
  created_at: number;
}

export interface ScratchRepository {
  /** Before CREATE DATABASE is sent. */
  insert(scratch: ScratchDatabase): void;
  /** After it was seen to be gone, or when it became a database of its own right. */
  remove(scratchId: string): void;
  find(scratchId: string): ScratchDatabase | null;
  list(filter?: { databaseId?: string }): ScratchDatabase[];
}

function toScratch(row: ScratchRow): ScratchDatabase {
  return { id: row.id, databaseId: row.database_id, systemIdentifier: row.system_identifier, name: row.name, purpose: row.purpose, operationId: row.operation_id, createdAt: row.created_at };
}

export function createScratchRepository(database: Database): ScratchRepository {
  const selectOne = database.prepare<[string], ScratchRow>('SELECT * FROM scratch_databases WHERE id = ?');
  const selectAll = database.prepare<[], ScratchRow>('SELECT * FROM scratch_databases ORDER BY created_at');
  const insertOne = database.prepare('INSERT INTO scratch_databases (id, database_id, system_identifier, name, purpose, operation_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)');
  const removeOne = database.prepare('DELETE FROM scratch_databases WHERE id = ?');
  return {
    insert: (scratch) => void insertOne.run(scratch.id, scratch.databaseId, scratch.systemIdentifier, scratch.name, scratch.purpose, scratch.operationId, scratch.createdAt),
    remove: (scratchId) => void removeOne.run(scratchId),
    find(scratchId) {
      const row = selectOne.get(scratchId);
      return row === undefined ? null : toScratch(row);
    },
    list: (filter = {}) =>
      selectAll
        .all()
        .map(toScratch)
        .filter((scratch) => filter.databaseId === undefined || scratch.databaseId === filter.databaseId),
  };
}
