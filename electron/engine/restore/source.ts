/** What a backup was made of, against what its copy is to stand beside or to replace. */
import type { DatabaseIdentity } from '#shared/contract/common.ts';
import type { PlanFinding } from '#shared/contract/operations.ts';
import type { Restore } from '#shared/contract/restores.ts';
import type { EngineContext } from '../engine-context.ts';
import { createBackupRepository } from '../store/backup-repository.ts';

/** The database a restored copy is a copy of; null where a restore of an earlier version says nothing and its backup is gone. */
export function sourceOf(context: EngineContext, restore: Restore): DatabaseIdentity | null {
  if (restore.source !== undefined) return restore.source;
  const backup = createBackupRepository(context.store).find(restore.backupId);
  return backup === null ? null : { systemIdentifier: backup.systemIdentifier, database: backup.database };
}

/** Whether a copy is known to be one of the very database it stands beside. */
export function isOwnCopy(source: DatabaseIdentity | null, live: DatabaseIdentity): boolean {
  return source !== null && source.systemIdentifier === live.systemIdentifier && source.database === live.database;
}

/** Says whose data would take the live name. */
export function swapSourceFinding(source: DatabaseIdentity | null, live: DatabaseIdentity): PlanFinding {
  if (source === null) return { state: 'warn', title: 'Whose backup this copy came from is not known any more', detail: `The backup is not in the catalogue. Look into the copy before it becomes ${live.database}.` };
  if (isOwnCopy(source, live)) return { state: 'ok', title: `The copy is one of ${live.database} of this cluster` };
  const same = source.database === live.database;
  return {
    state: 'warn',
    title: same ? `The copy is one of ${source.database} of another cluster` : `The copy is one of ${source.database}, not of ${live.database}`,
    detail: `It came from ${source.database} of the cluster ${source.systemIdentifier}; ${live.database} is of the cluster ${live.systemIdentifier}. Whoever connects to ${live.database} finds the data of that ${source.database} afterwards.`,
  };
}

/** Says so where a backup is restored beside a database that it was not made of. */
export function besideSourceFindings(source: string, live: string): PlanFinding[] {
  if (source === live) return [];
  return [{ state: 'warn', title: `The backup is of ${source}, not of ${live}`, detail: `The copy stands beside ${live} and holds the data of ${source}. Swapping it would put that in the place of ${live}.` }];
}
