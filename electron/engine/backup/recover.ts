/** What is done at the next start about backups, verifications and deletions that a crash interrupted. */
import { lstat } from 'node:fs/promises';
import type { Operation } from '#shared/contract/operations.ts';
import { proofWords } from '#shared/domain/proof.ts';
import type { EngineContext } from '../engine-context.ts';
import { sweepScratch, sweepWords } from '../restore/restore-into.ts';
import { createBackupRepository } from '../store/backup-repository.ts';
import type { DeleteDetails } from './delete.ts';
import { tellThoseBefore, type AbandonDetails, type ContinueDetails } from './detached/continue.ts';
import { dumpsOf } from './detached/record.ts';
import { settleDump } from './detached/settle.ts';
import type { BackupDetails } from './plan-backup.ts';
import { scan, sweepFolders } from './scan.ts';
import type { VerifyDetails } from './verify.ts';

async function cleanUp(context: EngineContext, operation: Operation): Promise<string[]> {
  const swept = await sweepFolders(context);
  await scan(context);
  const words = sweepWords(await sweepScratch(context, { operationId: operation.id }));
  return [
    ...(swept.removed.length > 0 ? ['What was half written was removed.'] : []),
    ...swept.left.map(({ path, reason }) => `${path} could not be removed (${reason}); it is tried again at the next start.`),
    ...(words === null ? [] : [words]),
  ];
}

/** What there is of a backup whose operation was interrupted; null where there is none. */
async function madeIn(context: EngineContext, operation: Operation, wanted: string): Promise<{ done: string[]; found: string | null }> {
  const done = await cleanUp(context, operation);
  const backups = createBackupRepository(context.store);
  const made = backups.find(operation.id);
  if (made === null) return { done, found: null };
  backups.setMadeHere(made.id);
  return { done, found: `The backup itself was finished and is in the catalogue, ${made.proof === null ? 'without any proof' : `verified up to ${made.proof} (${proofWords[made.proof].toLowerCase()})`}. Verify it up to ${wanted}.` };
}

/** A backup is there or it is not: its folder got its name when everything in it was durable. Its dump may be on a host still. */
export async function recoverBackup(context: EngineContext, details: BackupDetails, operation: Operation): Promise<string> {
  const { done, found } = await madeIn(context, operation, details.options.proof);
  const dump = dumpsOf(context).find(operation.id);
  if (dump !== null && found !== null) dumpsOf(context).update(dump.operationId, { state: 'unwanted' });
  if (dump !== null && found === null) return [...done, await settleDump(context, dump)].join(' ');
  return [...done, found ?? 'No backup came of it. Back up again.'].join(' ');
}

export async function recoverContinue(context: EngineContext, { dumpOf, backup }: ContinueDetails, operation: Operation): Promise<string> {
  const { done, found } = await madeIn(context, operation, backup.options.proof);
  const dump = dumpsOf(context).find(dumpOf);
  if (dump !== null && found !== null) {
    dumpsOf(context).update(dumpOf, { state: 'unwanted' });
    tellThoseBefore(context, dump, operation.id, 'It was continued, and its backup is in the catalogue.');
  }
  if (dump !== null && found === null) return [...done, await settleDump(context, dump)].join(' ');
  return [...done, found ?? 'No backup came of it. Back up again.'].join(' ');
}

/** What was begun of giving it up is done to its end by the sweep of what nobody wants. */
export async function recoverAbandon(context: EngineContext, { dumpOf }: AbandonDetails, operation: Operation): Promise<string> {
  const done = await cleanUp(context, operation);
  const dump = dumpsOf(context).find(dumpOf);
  if (dump === null) return [...done, 'It was given up: nothing of it is left.'].join(' ');
  return [...done, dump.state === 'unwanted' ? `It was given up, and is taken off ${dump.about.siteLabel} as soon as that can be reached.` : 'Nothing was given up yet. Continue the backup, or give it up again.'].join(' ');
}

export async function recoverVerify(context: EngineContext, details: VerifyDetails, operation: Operation): Promise<string> {
  const done = await cleanUp(context, operation);
  const backup = createBackupRepository(context.store).find(details.backupId);
  const known = backup === null ? 'The backup is not in the catalogue any more.' : `What was found before it was interrupted is remembered: ${backup.proof === null ? 'no proof' : `${backup.proof} (${proofWords[backup.proof].toLowerCase()})`}. Verify it again.`;
  return [...done, known].join(' ');
}

export async function recoverDelete(context: EngineContext, details: DeleteDetails, operation: Operation): Promise<string> {
  const isThere = await lstat(details.path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
  if (!isThere) createBackupRepository(context.store).remove(details.backupId);
  const done = await cleanUp(context, operation);
  return [...done, isThere ? 'The backup was not deleted. Delete it again, if it is to go.' : 'The backup is deleted.'].join(' ');
}
