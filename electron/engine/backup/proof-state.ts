/** What a backup's proofs say together. Pure. */
import type { ProofRecord } from '#shared/contract/backups.ts';
import { compareProof, proofLevels, type ProofLevel } from '#shared/domain/proof.ts';

export interface ProofState {
  /** The highest level that was reached and not contradicted later; null when even the hash fails, or nothing was looked at. */
  proof: ProofLevel | null;
  /** When it was last restored and counted; null where that was never so, or was contradicted. */
  provenAt: string | null;
  /** Why it cannot be relied on; null where nothing speaks against it. */
  damaged: string | null;
}

const below = (level: ProofLevel): ProofLevel | null => proofLevels[proofLevels.indexOf(level) - 1] ?? null;

function whatFailed(record: ProofRecord): string {
  const failed = record.checks.filter((check) => !check.ok).map((check) => `${check.name}: ${check.detail}`);
  return failed.length > 0 ? failed.join('; ') : `${record.level} failed`;
}

/**
 * Goes through the proofs of one backup in the order in which they were made (a clock may have jumped in between). A
 * failure takes away its level and all above it, whatever was proven before; only a look that goes at least as deep
 * says that the damage is gone, and levels that were taken away have to be reached again.
 */
export function proofStateOf(records: readonly ProofRecord[]): ProofState {
  let proof: ProofLevel | null = null;
  let provenAt: string | null = null;
  let damaged: string | null = null;
  let damagedAt: ProofLevel | null = null;
  for (const record of records) {
    if (!record.ok) {
      if (compareProof(record.level, damagedAt) > 0) damagedAt = record.level;
      damaged = whatFailed(record);
      if (compareProof(proof, record.level) >= 0) proof = below(record.level);
      provenAt = null;
      continue;
    }
    if (compareProof(record.level, damagedAt) >= 0) {
      damagedAt = null;
      damaged = null;
    }
    if (damagedAt !== null) continue;
    if (compareProof(record.level, proof) > 0) proof = record.level;
    if (record.level === 'L3') provenAt = record.at;
  }
  return { proof, provenAt, damaged };
}
