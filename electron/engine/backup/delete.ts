/** Deletes a backup: never a pinned one, never the newest proven one of its database, nor the newest where none is proven. */
import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Backup } from '#shared/contract/backups.ts';
import type { Operation } from '#shared/contract/operations.ts';
import { isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import { figuresInWords } from '#shared/domain/table-counts.ts';
import type { EngineContext } from '../engine-context.ts';
import type { PlanDraft, ProcedureOutcome, RunningOperation } from '../operations/procedure.ts';
import { createBackupRepository, type BackupRepository } from '../store/backup-repository.ts';
import { syncFolder } from '../platform/durable.ts';
import { destinationError, removeFolder } from './files.ts';
import { deletingEnding, isBackupFolder } from './folder-names.ts';
import { inTurn } from './proof-memory.ts';
import { readManifestFile } from './read-manifest.ts';
import { scanFromNow, visibleDamage } from './scan.ts';
import { bytesInWords, timeInWords } from './words.ts';

export interface DeleteDetails {
  backupId: string;
  path: string;
}

/** An operation under way that reads a backup, or a copy of files: a restore, a proof, the one that made it and proves it still. */
export function readerOf(context: EngineContext, backupId: string, except: string | null): Operation | undefined {
  return context.operations.list({ active: true, limit: 500 }).find((operation) => {
    if (operation.id === except) return false;
    // One operation makes one of them, under its own id.
    if (operation.id === backupId) return true;
    const { details } = context.operations.planOf(operation.id);
    return typeof details === 'object' && details !== null && 'backupId' in details && details.backupId === backupId;
  });
}

/** What must not go, of the backups of a database. */
interface WorthKeeping {
  /** The newest that were restored and counted. */
  proven: Backup[];
  /** The newest that are not damaged, where none is proven. */
  newest: Backup[];
}

/**
 * A folder that was brought here may claim to be the newest and proven: it is believed, and takes their protection from
 * none of those that were made here.
 */
function worthKeeping(backups: BackupRepository, { systemIdentifier, database, databaseId }: Backup): WorthKeeping {
  const sound = backups.listOfCluster(systemIdentifier, database, 1000).filter((backup) => backup.damaged === null);
  const own = sound.filter((backup) => backups.isMadeHere(backup.id));
  const isProven = (backup: Backup) => backup.proof === 'L3';
  const proven = [backups.newestProvenOfCluster(systemIdentifier, database), databaseId === null ? null : backups.newestProvenOf(databaseId), own.find(isProven) ?? null].filter((backup) => backup !== null);
  const newest = own.some(isProven) ? [] : [...own.slice(0, 1), ...(proven.length > 0 ? [] : sound.slice(0, 1))];
  return { proven, newest };
}

/**
 * By what the catalogue says.
 * @param except the deletion itself, where it is under way
 * @throws backup.protected, backup.destination (its folder is not in the backup folder)
 */
function requireDeletable(context: EngineContext, backup: Backup, except: string | null): void {
  const backups = createBackupRepository(context.store);
  const about = `The backup of ${backup.database} of ${timeInWords(backup.takenAt)}`;
  if (backup.pinned) throw new PilothouseError('backup.protected', `${about} is pinned.`, { hint: 'Unpin it first, if it may really go.' });
  const { proven, newest } = worthKeeping(backups, backup);
  if (proven.some(({ id }) => id === backup.id)) throw new PilothouseError('backup.protected', `${about} is the newest one of this database that was restored and counted.`, { hint: 'Back up again and have it proved (L3); then this one may go.' });
  const reader = readerOf(context, backup.id, except);
  if (reader !== undefined) throw new PilothouseError('backup.protected', `${about} is being read by "${reader.title}".`, { hint: 'Wait until that is finished, or cancel it.', retryable: true, details: { operationId: reader.id } });
  if (newest.some(({ id }) => id === backup.id)) {
    throw new PilothouseError('backup.protected', `${about} is the newest one of this database${proven.length > 0 ? ' that was made here' : ''}, and none ${proven.length > 0 ? 'of those ' : ''}was ever restored and counted.`, { hint: 'Have it or another one proved first (L3): until then it may be the last that comes back.' });
  }
  if (!isBackupFolder(context.home.backups, backup.path)) throw new PilothouseError('backup.destination', `${backup.path} is not a backup in ${context.home.backups}.`, { hint: 'Scan the backup folder again. Folders elsewhere are not touched.' });
}

/** What is wrong with a backup by its files' names and sizes; null where all are there. */
async function whatIsWrong(backup: Backup): Promise<string | null> {
  try {
    const { manifest } = await readManifestFile(backup.path);
    return manifest.id === backup.id ? await visibleDamage(backup.path, manifest) : `${backup.path} holds another backup`;
  } catch (error) {
    if (!isPilothouseError(error)) throw error;
    return error.message;
  }
}

/**
 * As `requireDeletable`, and the backups that are to stay are looked at: one that is gone or cut by now protects nobody
 * any more, is marked as damaged, and all is judged again.
 */
async function requireOthersStay(context: EngineContext, backup: Backup, except: string | null): Promise<void> {
  const backups = createBackupRepository(context.store);
  for (;;) {
    requireDeletable(context, backup, except);
    const { proven, newest } = worthKeeping(backups, backup);
    let isSound = true;
    for (const other of [...proven, ...newest]) {
      if (other.id === backup.id) continue;
      const problem = await whatIsWrong(other);
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

/**
 * A backup as it is now. A mark of damage takes protection away, and one that was made while the disk of the backups
 * was away says nothing any more when it is back.
 * @throws backup.not-found
 */
async function lookAtNow(context: EngineContext, backupId: string): Promise<Backup> {
  const backups = createBackupRepository(context.store);
  if (backups.get(backupId).damaged !== null) await scanFromNow(context);
  return backups.get(backupId);
}

/** @throws backup.not-found, backup.protected */
export async function planDelete(context: EngineContext, backupId: string): Promise<PlanDraft<DeleteDetails>> {
  const backups = createBackupRepository(context.store);
  const backup = await lookAtNow(context, backupId);
  await requireOthersStay(context, backup, null);
  const system = backup.systemId === null ? null : context.systems.find(backup.systemId);
  const proven = backups.newestProvenOfCluster(backup.systemIdentifier, backup.database);
  return {
    title: `Delete a backup of ${backup.database}`,
    question: `Delete the backup of ${backup.database} of ${timeInWords(backup.takenAt)}?`,
    system: system === null ? null : { id: system.id, name: system.name, environment: system.environment, readOnly: system.readOnly },
    target: backup.path,
    targets: [{ label: backup.path, databaseId: null, identity: null }],
    steps: [{ id: 'delete', title: 'Remove its folder', detail: backup.path }],
    consequences: [`${bytesInWords(backup.sizeBytes)} become free. ${figuresInWords(backup)} of ${timeInWords(backup.takenAt)} cannot be restored from it any more.`],
    findings: [
      proven === null
        ? { state: 'warn', title: `No backup of ${backup.database} was ever restored and counted`, detail: 'Nobody knows whether another one would come back.', fix: 'Prove another one first.' }
        : { state: 'ok', title: `The backup of ${timeInWords(proven.takenAt)} is proven and stays`, detail: proven.path },
    ],
    wayBack: null,
    // Nothing on a server is touched, so a system that is read only keeps nobody from tidying up here.
    changes: false,
    irreversible: true,
    nameToConfirm: backup.database,
    estimatedMs: 1000,
    exclusive: [`backup:${backup.id}`],
    details: { backupId, path: backup.path },
  };
}

/** @throws backup.not-found, backup.protected, backup.destination */
export async function runDelete(context: EngineContext, details: DeleteDetails, operation: RunningOperation): Promise<ProcedureOutcome> {
  const backups = createBackupRepository(context.store);
  // What was true when it was planned need not be true any more: another proven one may have been found damaged since,
  // and this one may be whole.
  const backup = await lookAtNow(context, details.backupId);
  await requireOthersStay(context, backup, operation.id);
  if (backup.path !== details.path) throw new PilothouseError('backup.not-found', `The backup of ${backup.database} is not in ${details.path} any more.`, { hint: 'Plan again.' });
  await operation.phase('delete', async () => {
    const going = `${backup.path}${deletingEnding}`;
    // In its turn: a scan that is just reading the folder would put what it has read into the catalogue afterwards.
    await inTurn(backup.path, async () => {
      try {
        await removeFolder(going);
        await rename(backup.path, going);
        await syncFolder(dirname(backup.path));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw destinationError(error, backup.path);
        operation.log('info', `${backup.path} was gone already`);
      }
      await context.ports.checkpoint?.('delete:renamed');
      backups.remove(backup.id);
    });
    context.changes.changed('backups');
    try {
      await removeFolder(going);
    } catch (error) {
      operation.warn(`${going} could not be removed whole: ${error instanceof Error ? error.message : String(error)}. It is tried again at the next start.`);
    }
  });
  return { summary: `Deleted the backup of ${backup.database} of ${timeInWords(backup.takenAt)}: ${bytesInWords(backup.sizeBytes)}`, result: { backupId: backup.id } };
}
