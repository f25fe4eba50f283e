import type { Backup, ProofRecord } from '#shared/contract/backups.ts';
import type { Environment } from '#shared/domain/environment.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { ProofLevel } from '#shared/domain/proof.ts';
import type { Database } from './database.ts';

interface BackupRow {
  id: string;
  path: string;
  system_id: string | null;
  system_name: string;
  environment: Environment | null;
  database_id: string | null;
  database_name: string;
  system_identifier: string;
  taken_at: number;
  size_bytes: number;
  proof: ProofLevel | null;
  proven_at: number | null;
  damaged: string | null;
  pinned: number;
  summary_json: string;
  /** The row's system and database as far as they are here still: who forgets one leaves its backups behind. */
  system_here: string | null;
  database_here: string | null;
}

type Summary = Pick<Backup, 'serverVersion' | 'format' | 'durationMs' | 'tables' | 'partitions' | 'views' | 'rows' | 'largeObjects'>;
type StoredSummary = Summary & { manifestSha256?: string | undefined; madeHere?: boolean | undefined };

/** Null as the system: those that belong to none here. */
export interface BackupFilter {
  systemId?: string | null | undefined;
  databaseId?: string | undefined;
}

/** Where in the order of a list a backup stands. */
export type BackupPlace = Pick<Backup, 'takenAt' | 'id'>;

/** The catalogue of backups: a cache of the folders, rebuilt by a scan. */
export interface BackupRepository {
  /** Adds a backup, or puts what is known of it in place of what was. Without a hash, the one that was known stays. */
  upsert(backup: Backup, manifestSha256?: string): void;
  /** SHA-256 of the manifest as it was when it was written; null where nobody remembers. */
  manifestHashOf(backupId: string): string | null;
  /** Whether an operation of this data folder made it; every other one was found in the backup folder. */
  isMadeHere(backupId: string): boolean;
  setMadeHere(backupId: string): void;
  /** @throws backup.not-found */
  get(backupId: string): Backup;
  find(backupId: string): Backup | null;
  findByPath(path: string): Backup | null;
  /** Newest snapshot first. */
  list(filter: BackupFilter & { after?: BackupPlace | undefined; limit: number }): Backup[];
  count(filter: BackupFilter): number;
  /**
   * Of the databases that a system has now. Here and in the next three a backup is a database's own only where the
   * cluster and the name it was taken of are what that database is now: one whose identity is not known has none.
   */
  newest(systemId: string): Backup | null;
  /** Proven means restored and counted, and not found damaged since. */
  newestProven(systemId: string): Backup | null;
  newestOf(databaseId: string): Backup | null;
  newestProvenOf(databaseId: string): Backup | null;
  /** By what the backups themselves say, whether or not their database is still managed here. */
  newestProvenOfCluster(systemIdentifier: string, database: string): Backup | null;
  /** The same, proven or not; newest snapshot first. */
  listOfCluster(systemIdentifier: string, database: string, limit: number): Backup[];
  totalBytes(): number;
  /** Forgets a backup and its proofs. */
  remove(backupId: string): void;
  setPinned(backupId: string, pinned: boolean): void;
  setDamaged(backupId: string, reason: string | null): void;
  setProof(backupId: string, proof: ProofLevel | null, provenAt: string | null): void;
  addProof(backupId: string, proof: ProofRecord): void;
  /** Puts these in place of all proofs of a backup. */
  replaceProofs(backupId: string, proofs: readonly ProofRecord[]): void;
  /** The last one that was made first, whatever the clock said. */
  proofsOf(backupId: string): ProofRecord[];
}

const iso = (at: number) => new Date(at).toISOString();

function toBackup(row: BackupRow): Backup {
  const { manifestSha256: _remembered, madeHere: _origin, ...summary } = JSON.parse(row.summary_json) as StoredSummary;
  return {
    id: row.id,
    path: row.path,
    systemId: row.system_here,
    systemName: row.system_name,
    environment: row.environment,
    databaseId: row.database_here,
    database: row.database_name,
    systemIdentifier: row.system_identifier,
    takenAt: iso(row.taken_at),
    sizeBytes: row.size_bytes,
    proof: row.proof,
    provenAt: row.proven_at === null ? null : iso(row.proven_at),
    damaged: row.damaged,
    pinned: row.pinned === 1,
    ...summary,
  };
}

function conditionsOf({ systemId, databaseId }: BackupFilter, after?: BackupPlace): { where: string; values: (string | number)[] } {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const need = (condition: string, ...bound: (string | number)[]) => {
    conditions.push(condition);
    values.push(...bound);
  };
  if (systemId === null) need('s.id IS NULL');
  else if (systemId !== undefined) need('s.id = ?', systemId);
  if (databaseId !== undefined) need('d.id = ?', databaseId);
  if (after !== undefined) need('(b.taken_at, b.id) < (?, ?)', Date.parse(after.takenAt), after.id);
  return { where: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`, values };
}

export function createBackupRepository(database: Database): BackupRepository {
  const newestFirst = 'ORDER BY b.taken_at DESC, b.id DESC LIMIT ?';
  const proven = `b.proof = 'L3' AND b.damaged IS NULL`;
  const joined = 'backups b LEFT JOIN systems s ON s.id = b.system_id LEFT JOIN databases d ON d.id = b.database_id';
  const everyBackup = `SELECT b.*, s.id AS system_here, d.id AS database_here FROM ${joined}`;
  const one = database.prepare<[string], BackupRow>(`${everyBackup} WHERE b.id = ?`);
  const byPath = database.prepare<[string], BackupRow>(`${everyBackup} WHERE b.path = ?`);
  // Looked up each time: a database may lead to another cluster than when its backups were put into the catalogue.
  const own = `SELECT b.*, d.system_id AS system_here, d.id AS database_here FROM databases d JOIN backups b ON b.database_id = d.id AND b.system_identifier = d.system_identifier AND b.database_name = d.connection_json ->> '$.database'`;
  const ownOfSystem = database.prepare<[string, number], BackupRow>(`${own} WHERE d.system_id = ? ${newestFirst}`);
  const ownOfDatabase = database.prepare<[string, number], BackupRow>(`${own} WHERE d.id = ? ${newestFirst}`);
  const provenOfSystem = database.prepare<[string, number], BackupRow>(`${own} WHERE d.system_id = ? AND ${proven} ${newestFirst}`);
  const provenOfDatabase = database.prepare<[string, number], BackupRow>(`${own} WHERE d.id = ? AND ${proven} ${newestFirst}`);
  const provenOfCluster = database.prepare<[string, string, number], BackupRow>(`${everyBackup} WHERE b.system_identifier = ? AND b.database_name = ? AND ${proven} ${newestFirst}`);
  const ofCluster = database.prepare<[string, string, number], BackupRow>(`${everyBackup} WHERE b.system_identifier = ? AND b.database_name = ? ${newestFirst}`);
  const total = database.prepare<[], { bytes: number | null }>('SELECT sum(size_bytes) AS bytes FROM backups');
  const insertProof = database.prepare('INSERT OR REPLACE INTO proofs (id, backup_id, level, ok, at, record_json) VALUES (?, ?, ?, ?, ?, ?)');
  const removeProofs = database.prepare('DELETE FROM proofs WHERE backup_id = ?');
  const proofRows = database.prepare<[string], { record_json: string }>('SELECT record_json FROM proofs WHERE backup_id = ? ORDER BY rowid DESC');
  const upsert = database.prepare(
    `INSERT INTO backups (id, path, system_id, system_name, environment, database_id, database_name, system_identifier, taken_at, size_bytes, proof, proven_at, damaged, pinned, summary_json)
     VALUES (@id, @path, @systemId, @systemName, @environment, @databaseId, @database, @systemIdentifier, @takenAt, @sizeBytes, @proof, @provenAt, @damaged, @pinned, @summary)
     ON CONFLICT (id) DO UPDATE SET path = excluded.path, system_id = excluded.system_id, system_name = excluded.system_name, environment = excluded.environment,
       database_id = excluded.database_id, database_name = excluded.database_name, system_identifier = excluded.system_identifier, taken_at = excluded.taken_at,
       size_bytes = excluded.size_bytes, proof = excluded.proof, proven_at = excluded.proven_at, damaged = excluded.damaged, pinned = excluded.pinned, summary_json = excluded.summary_json`,
  );

  const first = (row: BackupRow | undefined): Backup | null => (row === undefined ? null : toBackup(row));
  const addProof = (backupId: string, record: ProofRecord): void => {
    // The same answer told twice, by the one who found it and by a scan, is one.
    insertProof.run(JSON.stringify([backupId, record.operationId, record.level, record.at]), backupId, record.level, record.ok ? 1 : 0, Date.parse(record.at), JSON.stringify(record));
  };

  const storedOf = (backupId: string): StoredSummary | null => {
    const row = one.get(backupId);
    return row === undefined ? null : (JSON.parse(row.summary_json) as StoredSummary);
  };

  const repository: BackupRepository = {
    manifestHashOf: (backupId) => storedOf(backupId)?.manifestSha256 ?? null,
    isMadeHere: (backupId) => storedOf(backupId)?.madeHere === true,
    setMadeHere: (backupId) => void database.prepare(`UPDATE backups SET summary_json = json_set(summary_json, '$.madeHere', json('true')) WHERE id = ?`).run(backupId),
    upsert(backup, manifestSha256) {
      const { serverVersion, format, durationMs, tables, partitions, views, rows, largeObjects, ...columns } = backup;
      const known = storedOf(backup.id);
      const summary: StoredSummary = { serverVersion, format, durationMs, tables, partitions, views, rows, largeObjects, manifestSha256: manifestSha256 ?? known?.manifestSha256, madeHere: known?.madeHere };
      upsert.run({
        ...columns,
        takenAt: Date.parse(backup.takenAt),
        provenAt: backup.provenAt === null ? null : Date.parse(backup.provenAt),
        pinned: backup.pinned ? 1 : 0,
        summary: JSON.stringify(summary),
      });
    },
    find: (backupId) => first(one.get(backupId)),
    findByPath: (path) => first(byPath.get(path)),
    get(backupId) {
      const found = repository.find(backupId);
      if (found === null) throw new PilothouseError('backup.not-found', `The catalogue has no backup ${backupId}.`, { hint: 'It may have been deleted meanwhile. If its folder is there, scan the backup folder again.' });
      return found;
    },
    list({ after, limit, ...filter }) {
      const { where, values } = conditionsOf(filter, after);
      return database.prepare<(string | number)[], BackupRow>(`${everyBackup} ${where} ${newestFirst}`).all(...values, limit).map(toBackup);
    },
    count(filter) {
      const { where, values } = conditionsOf(filter);
      return database.prepare<(string | number)[], { many: number }>(`SELECT count(*) AS many FROM ${joined} ${where}`).get(...values)?.many ?? 0;
    },
    newest: (systemId) => first(ownOfSystem.get(systemId, 1)),
    newestProven: (systemId) => first(provenOfSystem.get(systemId, 1)),
    newestOf: (databaseId) => first(ownOfDatabase.get(databaseId, 1)),
    newestProvenOf: (databaseId) => first(provenOfDatabase.get(databaseId, 1)),
    newestProvenOfCluster: (systemIdentifier, name) => first(provenOfCluster.get(systemIdentifier, name, 1)),
    listOfCluster: (systemIdentifier, name, limit) => ofCluster.all(systemIdentifier, name, limit).map(toBackup),
    totalBytes: () => total.get()?.bytes ?? 0,
    remove: database.transaction((backupId: string) => {
      removeProofs.run(backupId);
      database.prepare('DELETE FROM backups WHERE id = ?').run(backupId);
    }),
    setPinned: (backupId, pinned) => void database.prepare('UPDATE backups SET pinned = ? WHERE id = ?').run(pinned ? 1 : 0, backupId),
    setDamaged: (backupId, reason) => void database.prepare('UPDATE backups SET damaged = ? WHERE id = ?').run(reason, backupId),
    setProof: (backupId, proof, provenAt) => void database.prepare('UPDATE backups SET proof = ?, proven_at = ? WHERE id = ?').run(proof, provenAt === null ? null : Date.parse(provenAt), backupId),
    addProof,
    replaceProofs: database.transaction((backupId: string, proofs: readonly ProofRecord[]) => {
      removeProofs.run(backupId);
      for (const proof of proofs) addProof(backupId, proof);
    }),
    proofsOf: (backupId) => proofRows.all(backupId).map((row) => JSON.parse(row.record_json) as ProofRecord),
  };
  return repository;
}
