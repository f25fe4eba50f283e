/** What is done at the next start about backups, verifications and deletions of files that a crash interrupted. */
import { lstat } from 'node:fs/promises';
import type { Operation } from '#shared/contract/operations.ts';
import { fileProofWords } from '#shared/domain/file-set.ts';
import type { EngineContext } from '../engine-context.ts';
import { createFileBackupRepository } from '../store/file-backup-repository.ts';
import type { DeleteFilesDetails } from './delete-files.ts';
import type { FilesDetails } from './plan-files.ts';
import { scanFiles, sweepFiles } from './scan-files.ts';
import type { VerifyFilesInput } from './verify-files.ts';

async function cleanUp(context: EngineContext): Promise<string[]> {
  const swept = await sweepFiles(context);
  await scanFiles(context);
  return [...(swept.removed.length > 0 ? ['What was half written was removed.'] : []), ...swept.left.map(({ path, reason }) => `${path} could not be removed (${reason}); it is tried again at the next start.`)];
}

/** A copy is there or it is not: its folder got its name when everything in it was durable. On the host nothing was ever written. */
export async function recoverFiles(context: EngineContext, details: FilesDetails, operation: Operation): Promise<string> {
  const done = await cleanUp(context);
  const backups = createFileBackupRepository(context.store);
  const made = backups.find(operation.id);
  if (made !== null) backups.setMadeHere(made.id);
  const found = made === null ? 'No copy came of it. Back up again.' : `The copy itself was finished, ${made.proof === null ? 'without any proof' : `verified up to ${made.proof} (${fileProofWords[made.proof].toLowerCase()})`}. Verify it up to ${details.options.proof}.`;
  return [...done, found].join(' ');
}

export async function recoverVerifyFiles(context: EngineContext, { backupId }: VerifyFilesInput): Promise<string> {
  const done = await cleanUp(context);
  const backup = createFileBackupRepository(context.store).find(backupId);
  const known = backup === null ? 'The copy is not in the list any more.' : `What was found before it was interrupted is remembered: ${backup.proof === null ? 'no proof' : `${backup.proof} (${fileProofWords[backup.proof].toLowerCase()})`}. Verify it again.`;
  return [...done, known].join(' ');
}

export async function recoverDeleteFiles(context: EngineContext, { backupId, path }: DeleteFilesDetails): Promise<string> {
  const isThere = await lstat(path).then(() => true, (error: NodeJS.ErrnoException) => error.code !== 'ENOENT');
  if (!isThere) createFileBackupRepository(context.store).remove(backupId);
  const done = await cleanUp(context);
  return [...done, isThere ? 'The copy was not deleted. Delete it again, if it is to go.' : 'The copy is deleted.'].join(' ');
}
