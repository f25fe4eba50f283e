/** Verifies a copy of files that exists, at any level. */
import type { FileBackup } from '#shared/contract/files.ts';
import type { PlanFinding } from '#shared/contract/operations.ts';
import { fileProofWords } from '#shared/domain/file-set.ts';
import { isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import type { ProofLevel } from '#shared/domain/proof.ts';
import { freeBytesOf, hasSpace } from '../backup/space.ts';
import { bytesInWords, timeInWords } from '../backup/words.ts';
import type { EngineContext } from '../engine-context.ts';
import type { PlanDraft, ProcedureOutcome, RunningOperation } from '../operations/procedure.ts';
import { createFileBackupRepository } from '../store/file-backup-repository.ts';
import { readFilesManifest, type FilesManifestFile } from './manifest.ts';
import { neededBytes } from './proof-checks.ts';
import { proofSteps, proveFiles } from './prove.ts';

export interface VerifyFilesInput {
  backupId: string;
  level: ProofLevel;
}

/** Bytes of files per second, where nothing is known: cautious. */
const assumedBytesPerSecond: Record<ProofLevel, number> = { L0: 400_000_000, L1: 100_000_000, L2: 80_000_000, L3: 30_000_000 };

/** The system of a copy, as plans show it; null where it is not here. */
export function systemOf(context: EngineContext, backup: FileBackup): PlanDraft<unknown>['system'] {
  const system = backup.systemId === null ? null : context.systems.find(backup.systemId);
  return system === null ? null : { id: system.id, name: system.name, environment: system.environment, readOnly: system.readOnly };
}

/**
 * A manifest that is missing or was changed makes the copy damaged in the catalogue, before anybody is told.
 * @throws backup.manifest-invalid, backup.incomplete
 */
export async function requireFilesManifest(context: EngineContext, backup: FileBackup): Promise<FilesManifestFile> {
  try {
    const read = await readFilesManifest(backup.path);
    if (read.manifest.id !== backup.id) throw new PilothouseError('backup.manifest-invalid', `${backup.path} holds another copy than the catalogue says.`, { hint: 'Read the folders again.', details: { expected: backup.id, found: read.manifest.id } });
    return read;
  } catch (error) {
    // Told once: who is told of a change looks again, and would be told again.
    if (isPilothouseError(error) && backup.damaged === null) {
      createFileBackupRepository(context.store).setDamaged(backup.id, error.message);
      context.changes.changed('backups');
    }
    throw error;
  }
}

/** @throws backup.not-found, backup.manifest-invalid, backup.incomplete */
export async function planVerifyFiles(context: EngineContext, { backupId, level }: VerifyFilesInput): Promise<PlanDraft<VerifyFilesInput>> {
  const backup = createFileBackupRepository(context.store).get(backupId);
  const { manifest } = await requireFilesManifest(context, backup);
  const findings: PlanFinding[] = [];
  if (backup.damaged !== null) findings.push({ state: 'warn', title: 'It was found damaged before', detail: backup.damaged });
  if (level === 'L3') {
    const free = await freeBytesOf(context.home.backups);
    const needed = neededBytes(manifest.entries);
    const detail = `About ${bytesInWords(needed)} are needed for a moment; ${bytesInWords(free)} are free in ${context.home.backups}.`;
    findings.push(hasSpace(free, needed) ? { state: 'ok', title: 'There is space to bring it out', detail } : { state: 'critical', title: 'Too little space to bring it out', detail, fix: 'Choose L2 (every file read), or free some space.' });
  }
  return {
    title: `Verify the copy of ${backup.setName}`,
    question: `Verify the copy of ${backup.setName} of ${timeInWords(backup.takenAt)} up to ${level} (${fileProofWords[level].toLowerCase()})?`,
    system: systemOf(context, backup),
    target: backup.path,
    targets: [{ label: backup.path, databaseId: null, identity: null }],
    steps: proofSteps(level),
    consequences: [`${bytesInWords(backup.sizeBytes)} are read again from ${backup.path}.`, 'What is found is remembered: a level that fails is taken away, and with it all above it.'],
    findings,
    wayBack: 'Nothing of the copy is changed. Cancel at any time.',
    changes: false,
    irreversible: false,
    nameToConfirm: null,
    estimatedMs: Math.round(500 + (backup.contentBytes / assumedBytesPerSecond[level]) * 1000),
    exclusive: [`files-backup:${backup.id}`],
    details: { backupId, level },
  };
}

/** @throws backup.proof-failed, backup.manifest-invalid, backup.incomplete, backup.not-found, operation.cancelled */
export async function runVerifyFiles(context: EngineContext, { backupId, level }: VerifyFilesInput, operation: RunningOperation): Promise<ProcedureOutcome> {
  const backups = createFileBackupRepository(context.store);
  const backup = backups.get(backupId);
  const { manifest, sha256 } = await requireFilesManifest(context, backup);
  await proveFiles(context, { backupId, folder: backup.path, manifest, manifestSha256: sha256, upTo: level, operation, range: [0, 0.99] });
  return { summary: `Verified the copy of ${backup.setName} of ${timeInWords(backup.takenAt)} up to ${level}: ${fileProofWords[level].toLowerCase()}`, result: { backupId, proof: backups.get(backupId).proof } };
}
