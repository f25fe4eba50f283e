import { isDeepStrictEqual } from 'node:util';
import Sqlite from 'better-sqlite3';
import { databaseConnection, systemPolicy, type Database as ManagedDatabase, type DatabaseConnection, type System, type SystemPolicy } from '#shared/contract/systems.ts';
import { PilothouseError, type ErrorShape } from '#shared/domain/errors.ts';
import type { Environment } from '#shared/domain/environment.ts';
import { sortedByName } from '#shared/domain/natural-order.ts';
import type { Database } from './database.ts';

interface SystemRow {
  id: string;
  name: string;
  environment: Environment;
  read_only: number;
  policy_json: string;
  created_at: number;
}

interface DatabaseRow {
  id: string;
  system_id: string;
  label: string;
  connection_json: string;
  system_identifier: string | null;
  server_version: string | null;
  server_version_num: number | null;
  size_bytes: number | null;
  last_seen_at: number | null;
  last_error_json: string | null;
}

/** What was learnt about a server by connecting to it. */
export interface Sighting {
  systemIdentifier: string | null;
  serverVersion: string;
  serverVersionNum: number;
  sizeBytes: number | null;
}

export interface SystemRepository {
  list(): System[];
  /** @throws store.not-found */
  get(systemId: string): System;
  find(systemId: string): System | null;
  /** @throws store.not-found */
  getDatabase(databaseId: string): ManagedDatabase;
  findDatabase(databaseId: string): ManagedDatabase | null;
  /** @throws store.conflict when another system has the name */
  insert(system: { id: string; name: string; environment: Environment; policy: SystemPolicy; at: number }): System;
  update(systemId: string, changes: { name?: string | undefined; environment?: Environment | undefined; readOnly?: boolean | undefined; policy?: SystemPolicy | undefined }): System;
  remove(systemId: string): void;
  insertDatabase(database: { id: string; systemId: string; label: string; connection: DatabaseConnection; at: number }): ManagedDatabase;
  updateDatabase(databaseId: string, changes: { label?: string | undefined; connection?: DatabaseConnection | undefined; systemIdentifier?: string | null | undefined }): ManagedDatabase;
  removeDatabase(databaseId: string): void;
  recordSighting(databaseId: string, sighting: Sighting, at: number): void;
  recordFailure(databaseId: string, error: ErrorShape): void;
}

const iso = (at: number) => new Date(at).toISOString();

function toDatabase(row: DatabaseRow): ManagedDatabase {
  return {
    id: row.id,
    systemId: row.system_id,
    label: row.label,
    connection: databaseConnection.parse(JSON.parse(row.connection_json)),
    systemIdentifier: row.system_identifier,
    serverVersion: row.server_version,
    serverVersionNum: row.server_version_num,
    sizeBytes: row.size_bytes,
    lastSeenAt: row.last_seen_at === null ? null : iso(row.last_seen_at),
    lastError: row.last_error_json === null ? null : (JSON.parse(row.last_error_json) as ErrorShape),
  };
}

function missing(what: string, id: string): PilothouseError {
  return new PilothouseError('store.not-found', `There is no ${what} ${id}.`, { hint: 'It may have been removed meanwhile; look at the list again.' });
}

/** A unique name that is taken becomes `store.conflict`; everything else passes as it is. */
export function nameConflict(error: unknown, what: string, name: string): unknown {
  if (error instanceof Sqlite.SqliteError && error.code === 'SQLITE_CONSTRAINT_UNIQUE') {
    return new PilothouseError('store.conflict', `There is a ${what} called ${name} already.`, { hint: 'Choose another name.', cause: error });
  }
  return error;
}

export function createSystemRepository(database: Database): SystemRepository {
  const systemRows = database.prepare<[], SystemRow>('SELECT * FROM systems ORDER BY created_at');
  const systemRow = database.prepare<[string], SystemRow>('SELECT * FROM systems WHERE id = ?');
  const databaseRows = database.prepare<[string], DatabaseRow>('SELECT * FROM databases WHERE system_id = ? ORDER BY created_at');
  const databaseRow = database.prepare<[string], DatabaseRow>('SELECT * FROM databases WHERE id = ?');

  const toSystem = (row: SystemRow): System => ({
    id: row.id,
    name: row.name,
    environment: row.environment,
    readOnly: row.read_only === 1,
    policy: systemPolicy.parse(JSON.parse(row.policy_json)),
    createdAt: iso(row.created_at),
    databases: sortedByName(databaseRows.all(row.id), ({ label }) => label).map(toDatabase),
  });

  const repository: SystemRepository = {
    list: () => sortedByName(systemRows.all(), ({ name }) => name).map(toSystem),
    find(systemId) {
      const row = systemRow.get(systemId);
      return row === undefined ? null : toSystem(row);
    },
    get(systemId) {
      const found = repository.find(systemId);
      if (found === null) throw missing('system', systemId);
      return found;
    },
    findDatabase(databaseId) {
      const row = databaseRow.get(databaseId);
      return row === undefined ? null : toDatabase(row);
    },
    getDatabase(databaseId) {
      const found = repository.findDatabase(databaseId);
      if (found === null) throw missing('database', databaseId);
      return found;
    },
    insert(system) {
      try {
        database
          .prepare('INSERT INTO systems (id, name, environment, policy_json, created_at) VALUES (?, ?, ?, ?, ?)')
          .run(system.id, system.name, system.environment, JSON.stringify(system.policy), system.at);
      } catch (error) {
        throw nameConflict(error, 'system', system.name);
      }
      return repository.get(system.id);
    },
    update(systemId, changes) {
      const current = repository.get(systemId);
      const merged = { name: changes.name ?? current.name, environment: changes.environment ?? current.environment, readOnly: changes.readOnly ?? current.readOnly, policy: changes.policy ?? current.policy };
      try {
        database
          .prepare('UPDATE systems SET name = ?, environment = ?, read_only = ?, policy_json = ? WHERE id = ?')
          .run(merged.name, merged.environment, merged.readOnly ? 1 : 0, JSON.stringify(merged.policy), systemId);
      } catch (error) {
        throw nameConflict(error, 'system', merged.name);
      }
      return repository.get(systemId);
    },
    remove: (systemId) => void database.prepare('DELETE FROM systems WHERE id = ?').run(systemId),
    insertDatabase(added) {
      database
        .prepare('INSERT INTO databases (id, system_id, label, connection_json, created_at) VALUES (?, ?, ?, ?, ?)')
        .run(added.id, added.systemId, added.label, JSON.stringify(added.connection), added.at);
      return repository.getDatabase(added.id);
    },
    updateDatabase(databaseId, changes) {
      const current = repository.getDatabase(databaseId);
      // What the old way to it met says nothing about a new one.
      const lastError = changes.connection === undefined || isDeepStrictEqual(changes.connection, current.connection) ? '' : ', last_error_json = NULL';
      database
        .prepare(`UPDATE databases SET label = ?, connection_json = ?, system_identifier = ?${lastError} WHERE id = ?`)
        .run(changes.label ?? current.label, JSON.stringify(changes.connection ?? current.connection), changes.systemIdentifier === undefined ? current.systemIdentifier : changes.systemIdentifier, databaseId);
      return repository.getDatabase(databaseId);
    },
    removeDatabase: (databaseId) => void database.prepare('DELETE FROM databases WHERE id = ?').run(databaseId),
    recordSighting(databaseId, sighting, at) {
      database
        .prepare(
          `UPDATE databases SET system_identifier = coalesce(system_identifier, ?), server_version = ?, server_version_num = ?,
             size_bytes = coalesce(?, size_bytes), last_seen_at = ?, last_error_json = NULL WHERE id = ?`,
        )
        .run(sighting.systemIdentifier, sighting.serverVersion, sighting.serverVersionNum, sighting.sizeBytes, at, databaseId);
    },
    recordFailure: (databaseId, error) => void database.prepare('UPDATE databases SET last_error_json = ? WHERE id = ?').run(JSON.stringify(error), databaseId),
  };
  return repository;
}
