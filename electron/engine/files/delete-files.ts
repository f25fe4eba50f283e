/** Deletes a copy of files: never the newest proven one of its set, nor the newest where none is proven. */
import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FileBackup } from '#shared/contract/files.ts';
import { isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import { readerOf } from '../backup/delete.ts';
import { syncFolder } from '../platform/durable.ts';
import { destinationError, removeFolder } from '../backup/files.ts';
import { deletingEnding, isBackupFolder } from '../backup/folder-names.ts';
import { inTurn } from '../backup/proof-memory.ts';
import { bytesInWords, countInWords, timeInWords } from '../backup/words.ts';
import type { EngineContext } from '../engine-context.ts';
import type { PlanDraft, ProcedureOutcome, RunningOperation } from '../operations/procedure.ts';
import { createFileBackupRepository, type FileBackupRepository } from '../store/file-backup-repository.ts';
import { readFilesManifest } from './manifest.ts';
import { scanFilesFromNow, visibleDamage } from './scan-files.ts';
import { systemOf } from './verify-files.ts';

export interface DeleteFilesDetails {
  backupId: string;
  path: string;
}

/**
 * What must not go, of the copies of a set: the newest proven one, and the newest of those that were made here where
 * none of them is. A folder that was brought here may claim what it likes, and takes their protection from none of them.
 */
function worthKeeping(backups: FileBackupRepository, { setId }: FileBackup): { proven: FileBackup[]; newest: FileBackup[] } {
  const sound = backups.list({ setId, limit: 1000 }).filter(({ damaged }) => damaged === null);
  const own = sound.filter(({ id }) => backups.isMadeHere(id));
  const isProven = ({ proof }: FileBackup): boolean => proof === 'L3';
  const proven = [backups.newestProvenOf(setId), own.find(isProven) ?? null].filter((backup) => backup !== null);
  const newest = own.some(isProven) ? [] : [...own.slice(0, 1), ...(proven.length > 0 ? [] : sound.slice(0, 1))];
  return { proven, newest };
}

/** By what the catalogue says. @throws backup.protected, backup.destination */
function requireDeletable(context: EngineContext, backup: FileBackup, except: string | null): void {
  const about = `The copy of ${backup.setName} of ${timeInWords(backup.takenAt)}`;
  const { proven, newest } = worthKeeping(createFileBackupRepository(context.store), backup);
  if (proven.some(({ id }) => id === backup.id)) throw new PilothouseError('backup.protected', `${about} is the newest one of this set that was brought out and compared.`, { hint: 'Back up again and have it proved (L3); then this one may go.' });
  const reader = readerOf(context, backup.id, except);
  if (reader !== undefined) throw new PilothouseError('backup.protected', `${about} is being read by "${reader.title}".`, { hint: 'Wait until that is finished, or cancel it.', retryable: true, details: { operationId: reader.id } });
  if (newest.some(({ id }) => id === backup.id)) throw new PilothouseError('backup.protected', `${about} is the newest one of this set, and none was ever brought out and compared.`, { hint: 'Have it or another one proved first (L3): until then it may be the last that comes back.' });
  if (!isBackupFolder(context.home.backups, backup.path)) throw new PilothouseError('backup.destination', `${backup.path} is not in ${context.home.backups}.`, { hint: 'Read the folders again. Folders elsewhere are not touched.' });
}

async function whatIsWrong(backup: FileBackup): Promise<string | null> {
  try {
    const { manifest } = await readFilesManifest(backup.path);
    return manifest.id === backup.id ? await visibleDamage(backup.path, manifest) : `${backup.path} holds another copy`;
  } catch (error) {
    if (!isPilothouseError(error)) throw error;
    return error.message;
  }
}

/** As `requireDeletable`, and those that are to stay are looked at: one that is gone or cut by now protects nobody any more. */
async function requireOthersStay(context: EngineContext, backup: FileBackup, except: string | null): Promise<void> {
  const backups = createFileBackupRepository(context.store);
  for (;;) {
    requireDeletable(context, backup, except);
    const { proven, newest } = worthKeeping(backups, backup);
    let isSound = true;
    for (const other of [...proven, ...newest]) {
      const problem = other.id === backup.id ? null : await whatIsWrong(other);
      if (problem === null) continue;
      isSound = false;
      backups.setDamaged(other.id, problem);
      context.changes.changed('backups');
    }
    if (isSound) break;
  }
  // Looking takes a moment, in which things may have changed.
  requireDeletable(context, backup, except);
}

/** A copy as it is now: a mark that was made while the disk was away says nothing any more when it is back. @throws backup.not-found */
async function lookAtNow(context: EngineContext, backupId: string): Promise<FileBackup> {
  const backups = createFileBackupRepository(context.store);
  if (backups.get(backupId).damaged !== null) await scanFilesFromNow(context);
  return backups.get(backupId);
}

/** @throws backup.not-found, backup.protected */
export async function planDeleteFiles(context: EngineContext, backupId: string): Promise<PlanDraft<DeleteFilesDetails>> {
  const backup = await lookAtNow(context, backupId);
  await requireOthersStay(context, backup, null);
  const proven = createFileBackupRepository(context.store).newestProvenOf(backup.setId);
  return {
    title: `Delete a copy of ${backup.setName}`,
    question: `Delete the copy of ${backup.setName} of ${timeInWords(backup.takenAt)}?`,
    system: systemOf(context, backup),
    target: backup.path,
    targets: [{ label: backup.path, databaseId: null, identity: null }],
    steps: [{ id: 'delete', title: 'Remove its folder', detail: backup.path }],
    consequences: [`${bytesInWords(backup.sizeBytes)} become free. ${countInWords(backup.files, 'file')} as they were on ${timeInWords(backup.takenAt)} cannot be brought back from it any more.`],
    findings: [
      proven === null
        ? { state: 'warn', title: `No copy of ${backup.setName} was ever brought out and compared`, detail: 'Nobody knows whether another one would come back.', fix: 'Prove another one first.' }
        : { state: 'ok', title: `The copy of ${timeInWords(proven.takenAt)} is proven and stays`, detail: proven.path },
    ],
    wayBack: null,
    // Nothing on a host is touched, so a system that is read only keeps nobody from tidying up here.
    changes: false,
    irreversible: true,
    nameToConfirm: backup.setName,
    estimatedMs: 1000,
    exclusive: [`files-backup:${backup.id}`],
    details: { backupId, path: backup.path },
  };
}

/** @throws backup.not-found, backup.protected, backup.destination */
export async function runDeleteFiles(context: EngineContext, details: DeleteFilesDetails, operation: RunningOperation): Promise<ProcedureOutcome> {
  const backups = createFileBackupRepository(context.store);
  // What was true when it was planned need not be true any more.
  const backup = await lookAtNow(context, details.backupId);
  await requireOthersStay(context, backup, operation.id);
  if (backup.path !== details.path) throw new PilothouseError('backup.not-found', `The copy of ${backup.setName} is not in ${details.path} any more.`, { hint: 'Plan again.' });
  await operation.phase('delete', async () => {
    const going = `${backup.path}${deletingEnding}`;
    // In its turn: a scan that is just reading the folder would put what it has read into the list afterwards.
    await inTurn(backup.path, async () => {
      try {
        await removeFolder(going);
        await rename(backup.path, going);
        await syncFolder(dirname(backup.path));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw destinationError(error, backup.path);
        operation.log('info', `${backup.path} was gone already`);
      }
      await context.ports.checkpoint?.('files:delete-renamed');
      backups.remove(backup.id);
    });
    context.changes.changed('backups');
    try {
      await removeFolder(going);
    } catch (error) {
      operation.warn(`${going} could not be removed whole: ${error instanceof Error ? error.message : String(error)}. It is tried again at the next start.`);
    }
  });
  return { summary: `Deleted the copy of ${backup.setName} of ${timeInWords(backup.takenAt)}: ${bytesInWords(backup.sizeBytes)}`, result: { backupId: backup.id } };
}
