/** The end of every backup that was made: proved as far as it was wanted, and told with its figures. */
import type { Backup } from '#shared/contract/backups.ts';
import { PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import { proofWords, type ProofLevel } from '#shared/domain/proof.ts';
import { figuresInWords } from '#shared/domain/table-counts.ts';
import type { EngineContext } from '../engine-context.ts';
import type { ProcedureOutcome, RunningOperation } from '../operations/procedure.ts';
import type { PostgresTarget } from '../postgres/types.ts';
import { createBackupPlanRepository } from '../store/backup-plan-repository.ts';
import { createBackupRepository } from '../store/backup-repository.ts';
import { makingShare, type Made } from './making.ts';
import type { BackupDetails } from './plan-backup.ts';
import { almostDone, levelsUpTo, prove } from './prove.ts';
import { bytesInWords } from './words.ts';

/** An error that came when the backup had been made already: it stays, and the error says so, how good it is and how far it was to be proved. */
function whileKept(error: unknown, backup: Backup, upTo: ProofLevel): PilothouseError {
  const shape = toErrorShape(error, '');
  const kept = `The backup was made and is kept in ${backup.path}, ${backup.proof === null ? 'without any proof' : `verified up to ${backup.proof} (${proofWords[backup.proof].toLowerCase()})`}.`;
  return new PilothouseError(shape.code, `${shape.message} ${kept}`, { hint: shape.hint, retryable: shape.retryable, details: { ...shape.details, backupId: backup.id, upTo, kept }, cause: error });
}

/**
 * @param copyThere the path of the same dump on the host of the database's programs, as long as it lies there
 * @throws what keeps it from being proved; the backup is kept then, and the error says so
 */
export async function proveMade(context: EngineContext, made: Made, about: { details: BackupDetails; operation: RunningOperation; target: PostgresTarget; copyThere?: string }): Promise<ProcedureOutcome> {
  const { details, operation, target, copyThere } = about;
  const { proof } = details.options;
  const backups = createBackupRepository(context.store);
  const { manifest, manifestSha256 } = made;
  const { id, path } = made.backup;
  try {
    await prove(context, { backupId: id, folder: path, manifest, manifestSha256, upTo: proof, target, operation, range: [makingShare[proof], almostDone], ...(copyThere === undefined ? {} : { copyThere }) });
  } catch (error) {
    throw whileKept(error, backups.get(id), proof);
  }
  if (details.backupPlanId !== null) createBackupPlanRepository(context.store).touch(details.backupPlanId, context.ports.clock.now());
  const backup = backups.get(id);
  const kept = `${figuresInWords(backup)}, ${bytesInWords(backup.sizeBytes)}`;
  return { summary: `Backed up ${backup.database}: ${kept}. ${levelsUpTo(proof).at(-1) ?? 'L0'}: ${proofWords[proof].toLowerCase()}`, result: { backupId: id, proof: backup.proof } };
}
