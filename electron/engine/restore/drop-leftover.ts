/**
 * Drops what a restore that failed has made and could not drop. It is tried by itself as well, as soon as the server can
 * be reached; a person need not wait for that.
 */
import type { Restore } from '#shared/contract/restores.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { EngineContext } from '../engine-context.ts';
import type { PlanDraft, ProcedureOutcome, RunningOperation } from '../operations/procedure.ts';
import { createRestoreRepository } from '../store/restore-repository.ts';
import { createScratchRepository, type ScratchDatabase } from '../store/scratch-repository.ts';
import { targetOfRestore } from './exchange.ts';
import { dropScratch, sweepScratch, sweepWords } from './scratch.ts';
import { connectBeside, findByName } from './server-databases.ts';

export interface LeftoverDetails {
  restoreId: string;
  scratchId: string;
  name: string;
}

/** The database that a restore made, could not finish and could not drop; null where there is none. */
export function leftoverOf(context: Pick<EngineContext, 'store'>, { state, databaseId, operationId }: Restore): ScratchDatabase | null {
  if (state !== 'failed') return null;
  return createScratchRepository(context.store).list({ databaseId }).find((scratch) => scratch.operationId === operationId) ?? null;
}

/** @throws postgres.* where the server cannot be reached */
export async function planDropLeftover(context: EngineContext, restore: Restore, { id, name }: ScratchDatabase): Promise<PlanDraft<LeftoverDetails>> {
  const target = targetOfRestore(context, restore);
  const session = await connectBeside(context, target, { applicationName: 'pilothouse preflight', avoid: [name] });
  try {
    const isThere = (await findByName(session, name)) !== null;
    const label = `${name} on ${context.addressOf(target.connection)}`;
    return {
      title: `Drop ${name}`,
      question: `Drop ${name}, which was only half restored?`,
      system: context.systems.get(restore.systemId),
      target: label,
      targets: [{ label, databaseId: restore.databaseId, identity: { systemIdentifier: restore.identity.systemIdentifier, database: name } }],
      steps: [{ id: 'drop', title: `Drop ${name}`, detail: `DROP DATABASE "${name.replaceAll('"', '""')}" WITH (FORCE);` }],
      consequences: [
        isThere ? `${name} is gone, with what was restored into it by then. It is dropped only where it still bears the mark with which it was made.` : `${name} is gone already; only its entry here is closed.`,
        `${restore.identity.database} and the backup are not touched.`,
      ],
      findings: [],
      wayBack: 'Restore the backup again.',
      changes: true,
      irreversible: true,
      nameToConfirm: name,
      estimatedMs: null,
      exclusive: [`restore:${restore.id}`, `beside:${restore.databaseId}`],
      details: { restoreId: restore.id, scratchId: id, name },
    };
  } finally {
    await session.close();
  }
}

/** @throws postgres.wrong-identity where somebody made another database under its name, postgres.* */
export async function runDropLeftover(context: EngineContext, { restoreId, scratchId, name }: LeftoverDetails, operation: RunningOperation): Promise<ProcedureOutcome> {
  const outcome = await operation.phase('drop', () => dropScratch(context, scratchId, { onStatement: operation.command }));
  context.changes.changed('restores');
  if (outcome === 'not-ours') throw new PilothouseError('postgres.wrong-identity', `${name} is not the database that the restore has made: it does not bear its mark.`, { hint: 'Nothing was dropped. Find out who made it; what the restore has made is not there any more.' });
  return { summary: outcome === 'dropped' ? `${name} is dropped` : `${name} was gone already`, result: { restoreId, dropped: name } };
}

export async function recoverDropLeftover(context: EngineContext, { restoreId, name }: LeftoverDetails): Promise<string> {
  const { operationId } = createRestoreRepository(context.store).get(restoreId);
  return sweepWords(await sweepScratch(context, { operationId })) ?? `${name} was dropped before Pilothouse ended.`;
}
