/** Verifies a backup level by level, and remembers each answer in its folder and in the catalogue. */
import { isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import { compareProof, proofLevels, proofWords, type ProofLevel } from '#shared/domain/proof.ts';
import type { EngineContext } from '../engine-context.ts';
import type { RunningOperation } from '../operations/procedure.ts';
import type { PostgresTarget } from '../postgres/types.ts';
import { createBackupRepository } from '../store/backup-repository.ts';
import type { Manifest } from './manifest.ts';
import { checkContents, checkHashes, checkRestored, checkRows, type ProofCheck, type ProofSubject } from './proof-checks.ts';
import { rememberProof } from './proof-memory.ts';
import { readProofs } from './proofs-file.ts';
import { timeInWords } from './words.ts';

export interface Proving {
  backupId: string;
  folder: string;
  manifest: Manifest;
  manifestSha256: string;
  upTo: ProofLevel;
  /** Where L3 restores to. Null where no level asks for it. */
  target: PostgresTarget | null;
  /** The path of the same dump on the host of the target's programs, as long as it lies there. */
  copyThere?: string;
  operation: RunningOperation;
  /** The share of the operation that this is. */
  range: readonly [number, number];
}

/** How far an operation is when its last proof has passed: what was made for it has still to be dropped and stored. */
export const almostDone = 0.99;

/** How long each level takes against the others, roughly. */
const weights: Record<ProofLevel, number> = { L0: 1, L1: 0.2, L2: 3, L3: 9 };

/** The database that a backup is of, where it is one of those here. */
export function sourceOf(context: EngineContext, backupId: string): PostgresTarget | null {
  const { databaseId } = createBackupRepository(context.store).get(backupId);
  return databaseId === null || context.systems.findDatabase(databaseId) === null ? null : context.targetOf(databaseId);
}

/** The plan step of a level. */
export const proofStepOf = (level: ProofLevel) => `prove-${level}`;

/** The levels up to one, in the order in which they are looked at. */
export function levelsUpTo(level: ProofLevel): ProofLevel[] {
  return proofLevels.filter((candidate) => compareProof(candidate, level) <= 0);
}

/** Where a level is looked at: hashes here; the rest where the archive is read, or restored to. */
function whereOf({ target, copyThere }: Proving, level: ProofLevel): string {
  const isThere = level === 'L3' || (copyThere !== undefined && level !== 'L0');
  return isThere ? (target?.label ?? '') : 'this computer';
}

async function look(context: EngineContext, proving: Proving, level: ProofLevel, subject: ProofSubject): Promise<ProofCheck[]> {
  switch (level) {
    case 'L0':
      return checkHashes(subject);
    case 'L1':
      return checkContents(context, subject);
    case 'L2':
      return checkRows(context, subject);
    case 'L3': {
      if (proving.target === null) throw new PilothouseError('backup.proof-failed', `There is no server to restore ${proving.folder} to.`, { hint: 'Add the database it came from again, or verify it up to L2.' });
      return checkRestored(context, { ...subject, target: proving.target });
    }
  }
}

/** Why a manifest is not the one that was written, by what its folder and the catalogue remember; null where nothing says so. */
export async function manifestDoubtOf(context: EngineContext, backup: { id: string; folder: string; manifestSha256: string }): Promise<string | null> {
  const remembered = createBackupRepository(context.store).manifestHashOf(backup.id);
  if (remembered !== null && remembered !== backup.manifestSha256) return 'manifest.json was changed after it was written';
  const known = await readProofs(backup.folder);
  return known.manifestSha256 !== null && known.manifestSha256 !== backup.manifestSha256 ? 'proofs.json was written for another manifest.json than the one that is there' : null;
}

/**
 * Looks at a backup up to a level, and stops at the first that fails. Each answer is remembered as it comes, so that a
 * backup that was found damaged can never stay green; what says nothing about the backup (no connection, no space on
 * the server, cancelled) leaves what is known of it as it was.
 *
 * @throws backup.proof-failed where a look found something, operation.cancelled, and what kept it from looking
 */
export async function prove(context: EngineContext, proving: Proving): Promise<void> {
  const { operation, folder, manifest, range, backupId, manifestSha256 } = proving;
  const levels = levelsUpTo(proving.upTo);
  const total = levels.reduce((sum, level) => sum + weights[level], 0);
  const manifestDoubt = await manifestDoubtOf(context, { id: backupId, folder, manifestSha256 });
  let passed = 0;
  for (const level of levels) {
    const share = (weight: number) => range[0] + ((range[1] - range[0]) * weight) / total;
    const subject: ProofSubject = { folder, manifest, source: proving.target ?? sourceOf(context, backupId), manifestDoubt, ...(proving.copyThere === undefined ? {} : { copyThere: proving.copyThere }), operation, range: [share(passed), share(passed + weights[level])] };
    await operation.phase(proofStepOf(level), async () => {
      const startedAt = context.ports.clock.now();
      await context.ports.checkpoint?.(`proof:${level}`);
      const checks = await look(context, proving, level, subject);
      const at = context.ports.clock.now();
      const ok = checks.every((each) => each.ok);
      const problem = await rememberProof(
        context,
        { id: backupId, folder, manifestSha256 },
        { level, ok, at: new Date(at).toISOString(), durationMs: at - startedAt, where: whereOf(proving, level), checks, operationId: operation.id },
      );
      if (problem !== null) operation.warn(`What was found could not be written down beside the backup, only in the catalogue: ${problem}`);
      for (const each of checks) operation.log(each.ok ? 'ok' : 'error', `${each.name}: ${each.detail}`);
      if (!ok) throw proofFailed(level, checks, manifest, problem);
      operation.progress({ fraction: subject.range[1], text: `${level}: ${proofWords[level]}` });
    });
    passed += weights[level];
  }
}

/** What is next where a look found something. The levels below it have passed by then. */
function nextAfter(level: ProofLevel, [first]: readonly ProofCheck[]): string {
  switch (level) {
    case 'L0':
      return 'Back up again, and find out what happened to the disk that it lies on.';
    case 'L1':
    case 'L2':
      return 'Its files are those that were written, so that its dump was not whole from the start: back up again.';
    case 'L3':
      return first?.ok === true ? 'Look at what differs, put it right in the database, and back up again.' : 'Put right in the database what keeps its copy from being restored, and back up again.';
  }
}

function proofFailed(level: ProofLevel, checks: readonly ProofCheck[], manifest: Manifest, unwritten: string | null): PilothouseError {
  const failed = checks.filter((each) => !each.ok).map((each) => `${each.name}: ${each.detail}`);
  return new PilothouseError('backup.proof-failed', `The backup of ${manifest.database.name} of ${timeInWords(manifest.snapshotAt)} did not pass ${level} (${proofWords[level]}). ${failed.join('. ')}${unwritten === null ? '' : `. That could be written down in the catalogue only, and not beside the backup: ${unwritten}`}`, {
    hint: nextAfter(level, checks),
    details: { level, checks: checks.filter((each) => !each.ok), ...(unwritten === null ? {} : { unwritten }) },
  });
}

/** Whether an error says that a backup was looked at and found wanting. */
export function isProofFailure(error: unknown): boolean {
  return isPilothouseError(error) && error.code === 'backup.proof-failed';
}
