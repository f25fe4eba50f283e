/** A restored database that stays, and still says of itself that it does not. */
import type { EngineContext } from '../engine-context.ts';
import { createRestoreRepository } from '../store/restore-repository.ts';
import { targetOfRestore } from './exchange.ts';
import { historyOf } from './history-of.ts';
import { unmark } from './scratch.ts';
import { connectBeside, findByOid } from './server-databases.ts';
import { instantInWords } from './when.ts';

/** What is said of a restored database on its server. */
export function restoredComment(database: string, takenAt: string): string {
  return `Restored by Pilothouse from the backup of ${database} of ${instantInWords(takenAt)}`;
}

/**
 * Takes off the marks of an unfinished database that a crash or a lost line left on a finished one. Does nothing where
 * there are none any more.
 * @throws postgres.* where the server cannot be reached; it is tried again then
 */
export async function unmarkKept(context: EngineContext, restoreId: string): Promise<void> {
  const restores = createRestoreRepository(context.store);
  const restore = restores.get(restoreId);
  const { restoredOid, marks } = restores.internals(restoreId);
  if (marks === undefined || marks === null) return;
  if (restoredOid !== null) {
    const onStatement = historyOf(context, restore.operationId);
    const session = await connectBeside(context, targetOfRestore(context, restore), { applicationName: 'pilothouse clean-up', avoid: [restore.into], lockTimeoutMs: 20_000, ...(onStatement === undefined ? {} : { onStatement }) });
    try {
      const found = await findByOid(session, restoredOid);
      if (found !== null) await unmark(session, found, marks, restoredComment(restore.source?.database ?? restore.identity.database, restore.backupTakenAt));
    } finally {
      await session.close();
    }
  }
  restores.update(restoreId, {}, { marks: null });
}
