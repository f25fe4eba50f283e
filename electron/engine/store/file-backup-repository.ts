import type { ProofRecord } from '#shared/contract/backups.ts';
import type { FileBackup } from '#shared/contract/files.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { ProofLevel } from '#shared/domain/proof.ts';
import type { Database } from './database.ts';

interface FileBackupRow {
  id: string;
  path: string;
  set_id: string;
  taken_at: number;
  size_bytes: number;
  proof: ProofLevel | null;
  proven_at: number | null;
  damaged: string | null;
  made_here: number;
  manifest_sha256: string;
  summary_json: string;
  /** The row's system as far as it is here still. */
  system_here: string | null;
}

export interface FileBackupFilter {
  setId?: string | undefined;
  /** Null: those that belong to no system here. */
  systemId?: string | null | undefined;
}

/** The copies of file sets: a cache of the folders, rebuilt by a scan. */
export interface FileBackupRepository {
  /** Adds a copy, or puts what is known of it in place of what was. The hash that was known first stays. */
  upsert(backup: FileBackup, manifestSha256: string): void;
  /** SHA-256 of the manifest as it was when it was first seen; null where there is no such copy. */
  manifestHashOf(backupId: string): string | null;
  isMadeHere(backupId: string): boolean;
  setMadeHere(backupId: string): void;
  find(backupId: string): FileBackup | null;
  findByPath(path: string): FileBackup | null;
  /** @throws backup.not-found */
  get(backupId: string): FileBackup;
  /** Newest first. */
  list(filter: FileBackupFilter & { limit: number }): FileBackup[];
  count(filter: FileBackupFilter): number;
  newestOf(setId: string): FileBackup | null;
  /** Proven means extracted and compared, and not found damaged since. */
  newestProvenOf(setId: string): FileBackup | null;
  /** Forgets a copy and its proofs. */
  remove(backupId: string): void;
  setDamaged(backupId: string, reason: string | null): void;
  setProof(backupId: string, proof: ProofLevel | null, provenAt: string | null): void;
  /** Puts these in place of all proofs of a copy. */
  replaceProofs(backupId: string, proofs: readonly ProofRecord[]): void;
  /** In the order in which they were made. */
  proofsOf(backupId: string): ProofRecord[];
}

const iso = (at: number): string => new Date(at).toISOString();

function toBackup(row: FileBackupRow): FileBackup {
  const summary = JSON.parse(row.summary_json) as FileBackup;
  return { ...summary, id: row.id, path: row.path, setId: row.set_id, systemId: row.system_here, takenAt: iso(row.taken_at), sizeBytes: row.size_bytes, proof: row.proof, provenAt: row.proven_at === null ? null : iso(row.proven_at), damaged: row.damaged };
}

function conditionsOf({ setId, systemId }: FileBackupFilter): { where: string; values: string[] } {
  const conditions = [...(setId === undefined ? [] : ['b.set_id = ?']), ...(systemId === undefined ? [] : [systemId === null ? 's.id IS NULL' : 's.id = ?'])];
  return { where: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`, values: [setId, systemId].filter((value) => typeof value === 'string') };
}

export function createFileBackupRepository(database: Database): FileBackupRepository {
  const joined = 'file_backups b LEFT JOIN systems s ON s.id = b.system_id';
  const every = `SELECT b.*, s.id AS system_here FROM ${joined}`;
  const newestFirst = 'ORDER BY b.taken_at DESC, b.id DESC LIMIT ?';
  const one = database.prepare<[string], FileBackupRow>(`${every} WHERE b.id = ?`);
  const byPath = database.prepare<[string], FileBackupRow>(`${every} WHERE b.path = ?`);
  const ofSet = database.prepare<[string, number], FileBackupRow>(`${every} WHERE b.set_id = ? ${newestFirst}`);
  const provenOfSet = database.prepare<[string, number], FileBackupRow>(`${every} WHERE b.set_id = ? AND b.proof = 'L3' AND b.damaged IS NULL ${newestFirst}`);
  const upsert = database.prepare(
    `INSERT INTO file_backups (id, path, set_id, system_id, taken_at, size_bytes, proof, proven_at, damaged, manifest_sha256, summary_json)
     VALUES (@id, @path, @setId, @systemId, @takenAt, @sizeBytes, @proof, @provenAt, @damaged, @manifestSha256, @summary)
     ON CONFLICT (id) DO UPDATE SET path = excluded.path, set_id = excluded.set_id, system_id = excluded.system_id, taken_at = excluded.taken_at, size_bytes = excluded.size_bytes,
       proof = excluded.proof, proven_at = excluded.proven_at, damaged = excluded.damaged, summary_json = excluded.summary_json`,
  );
  const removeProofs = database.prepare('DELETE FROM file_proofs WHERE backup_id = ?');
  const insertProof = database.prepare('INSERT OR REPLACE INTO file_proofs (id, backup_id, record_json) VALUES (?, ?, ?)');
  const proofRows = database.prepare<[string], { record_json: string }>('SELECT record_json FROM file_proofs WHERE backup_id = ? ORDER BY rowid');
  const first = (row: FileBackupRow | undefined): FileBackup | null => (row === undefined ? null : toBackup(row));

  const repository: FileBackupRepository = {
    upsert: (backup, manifestSha256) => void upsert.run({ id: backup.id, path: backup.path, setId: backup.setId, systemId: backup.systemId, takenAt: Date.parse(backup.takenAt), sizeBytes: backup.sizeBytes, proof: backup.proof, provenAt: backup.provenAt === null ? null : Date.parse(backup.provenAt), damaged: backup.damaged, manifestSha256, summary: JSON.stringify(backup) }),
    manifestHashOf: (backupId) => one.get(backupId)?.manifest_sha256 ?? null,
    isMadeHere: (backupId) => one.get(backupId)?.made_here === 1,
    setMadeHere: (backupId) => void database.prepare('UPDATE file_backups SET made_here = 1 WHERE id = ?').run(backupId),
    find: (backupId) => first(one.get(backupId)),
    findByPath: (path) => first(byPath.get(path)),
    get(backupId) {
      const found = repository.find(backupId);
      if (found === null) throw new PilothouseError('backup.not-found', `There is no copy of files ${backupId}.`, { hint: 'It may have been deleted meanwhile. If its folder is there, read the folders again.' });
      return found;
    },
    list({ limit, ...filter }) {
      const { where, values } = conditionsOf(filter);
      return database.prepare<(string | number)[], FileBackupRow>(`${every} ${where} ${newestFirst}`).all(...values, limit).map(toBackup);
    },
    count(filter) {
      const { where, values } = conditionsOf(filter);
      return database.prepare<string[], { many: number }>(`SELECT count(*) AS many FROM ${joined} ${where}`).get(...values)?.many ?? 0;
    },
    newestOf: (setId) => first(ofSet.get(setId, 1)),
    newestProvenOf: (setId) => first(provenOfSet.get(setId, 1)),
    remove: database.transaction((backupId: string) => {
      removeProofs.run(backupId);
      database.prepare('DELETE FROM file_backups WHERE id = ?').run(backupId);
    }),
    setDamaged: (backupId, reason) => void database.prepare('UPDATE file_backups SET damaged = ? WHERE id = ?').run(reason, backupId),
    setProof: (backupId, proof, provenAt) => void database.prepare('UPDATE file_backups SET proof = ?, proven_at = ? WHERE id = ?').run(proof, provenAt === null ? null : Date.parse(provenAt), backupId),
    replaceProofs: database.transaction((backupId: string, proofs: readonly ProofRecord[]) => {
      removeProofs.run(backupId);
      for (const record of proofs) insertProof.run(JSON.stringify([backupId, record.operationId, record.level, record.at]), backupId, JSON.stringify(record));
    }),
    proofsOf: (backupId) => proofRows.all(backupId).map((row) => JSON.parse(row.record_json) as ProofRecord),
  };
  return repository;
}
