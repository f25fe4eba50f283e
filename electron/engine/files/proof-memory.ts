/** What is remembered of the proofs of a copy of files, in its folder and in the catalogue. */
import type { ProofRecord } from '#shared/contract/backups.ts';
import { toErrorShape } from '#shared/domain/errors.ts';
import { destinationError } from '../backup/files.ts';
import { inTurn, mergeProofs } from '../backup/proof-memory.ts';
import { proofStateOf } from '../backup/proof-state.ts';
import { readProofs, writeProofs } from '../backup/proofs-file.ts';
import type { EngineContext } from '../engine-context.ts';
import { createFileBackupRepository } from '../store/file-backup-repository.ts';

export interface Remembered {
  id: string;
  folder: string;
  manifestSha256: string;
}

/** Why a manifest is not the one that was written, by what its folder and the catalogue remember; null where nothing says so. */
export async function manifestDoubtOf(context: EngineContext, { id, folder, manifestSha256 }: Remembered): Promise<string | null> {
  const remembered = createFileBackupRepository(context.store).manifestHashOf(id);
  if (remembered !== null && remembered !== manifestSha256) return 'manifest.json was changed after it was written';
  const known = await readProofs(folder);
  return known.manifestSha256 !== null && known.manifestSha256 !== manifestSha256 ? 'proofs.json was written for another manifest.json than the one that is there' : null;
}

/**
 * Adds an answer to what the folder and the catalogue know.
 * @returns why it could not be written down in the folder; null where it was. The catalogue knows it in any case
 */
export async function rememberFileProof(context: EngineContext, backup: Remembered, record: ProofRecord): Promise<string | null> {
  const backups = createFileBackupRepository(context.store);
  return inTurn(backup.folder, async () => {
    const known = await readProofs(backup.folder);
    const records = [...mergeProofs(known.records, backups.proofsOf(backup.id)), context.scrubber.scrub(record)];
    // It stays bound to the manifest as it was written: one that was changed later must not become the one it speaks of.
    const manifestSha256 = known.manifestSha256 ?? backups.manifestHashOf(backup.id) ?? backup.manifestSha256;
    let problem: string | null = null;
    try {
      await writeProofs(backup.folder, { manifestSha256, pinned: false, records });
    } catch (error) {
      problem = toErrorShape(destinationError(error, backup.folder), '').message;
    }
    const state = proofStateOf(records);
    context.store.transaction(() => {
      backups.replaceProofs(backup.id, records);
      backups.setProof(backup.id, state.proof, state.provenAt);
      backups.setDamaged(backup.id, state.damaged);
    })();
    context.changes.changed('backups');
    return problem;
  });
}
