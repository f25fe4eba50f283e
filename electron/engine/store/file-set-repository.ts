import type { FileSet, FilesAccess } from '#shared/contract/files.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { sortedByName } from '#shared/domain/natural-order.ts';
import type { Database } from './database.ts';
import { nameConflict } from './system-repository.ts';

interface FileSetRow {
  id: string;
  system_id: string;
  host_id: string;
  name: string;
  paths_json: string;
  exclude_json: string;
  access_json: string;
  one_file_system: number;
  created_at: number;
  last_run_at: number | null;
}

/** Files of hosts that are backed up together, by name. */
export interface FileSetRepository {
  /** By name. */
  list(systemId?: string): FileSet[];
  /** @throws store.not-found */
  get(setId: string): FileSet;
  find(setId: string): FileSet | null;
  /** Adds a set, or changes the one that has its id. @throws store.conflict when another of its system has the name */
  save(set: Omit<FileSet, 'createdAt' | 'lastRunAt'>, at: number): FileSet;
  remove(setId: string): void;
  /** Remembers that it ran at `at`, in milliseconds since the epoch. */
  touch(setId: string, at: number): void;
}

const iso = (at: number): string => new Date(at).toISOString();

function toSet(row: FileSetRow): FileSet {
  return {
    id: row.id,
    systemId: row.system_id,
    hostId: row.host_id,
    name: row.name,
    paths: JSON.parse(row.paths_json) as string[],
    exclude: JSON.parse(row.exclude_json) as string[],
    access: JSON.parse(row.access_json) as FilesAccess,
    oneFileSystem: row.one_file_system === 1,
    createdAt: iso(row.created_at),
    lastRunAt: row.last_run_at === null ? null : iso(row.last_run_at),
  };
}

export function createFileSetRepository(database: Database): FileSetRepository {
  const all = database.prepare<[], FileSetRow>('SELECT * FROM file_sets');
  const ofSystem = database.prepare<[string], FileSetRow>('SELECT * FROM file_sets WHERE system_id = ?');
  const one = database.prepare<[string], FileSetRow>('SELECT * FROM file_sets WHERE id = ?');
  const save = database.prepare(
    `INSERT INTO file_sets (id, system_id, host_id, name, paths_json, exclude_json, access_json, one_file_system, created_at)
     VALUES (@id, @systemId, @hostId, @name, @paths, @exclude, @access, @oneFileSystem, @at)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, paths_json = excluded.paths_json, exclude_json = excluded.exclude_json, access_json = excluded.access_json, one_file_system = excluded.one_file_system`,
  );
  const repository: FileSetRepository = {
    list: (systemId) => sortedByName(systemId === undefined ? all.all() : ofSystem.all(systemId), ({ name }) => name).map(toSet),
    find(setId) {
      const row = one.get(setId);
      return row === undefined ? null : toSet(row);
    },
    get(setId) {
      const found = repository.find(setId);
      if (found === null) throw new PilothouseError('store.not-found', `There is no file set ${setId}.`, { hint: 'It may have been removed meanwhile; look at the list again.' });
      return found;
    },
    save({ paths, exclude, access, oneFileSystem, ...set }, at) {
      try {
        save.run({ ...set, paths: JSON.stringify(paths), exclude: JSON.stringify(exclude), access: JSON.stringify(access), oneFileSystem: oneFileSystem ? 1 : 0, at });
      } catch (error) {
        throw nameConflict(error, 'file set', set.name);
      }
      return repository.get(set.id);
    },
    remove: (setId) => void database.prepare('DELETE FROM file_sets WHERE id = ?').run(setId),
    touch: (setId, at) => void database.prepare('UPDATE file_sets SET last_run_at = ? WHERE id = ?').run(at, setId),
  };
  return repository;
}
