/** Takes a swap back: the database that was set aside gets its name again. */
import type { Restore } from '#shared/contract/restores.ts';
import { PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import type { EngineContext } from '../engine-context.ts';
import type { PlanDraft, Procedure, ProcedureOutcome, RunningOperation } from '../operations/procedure.ts';
import type { PostgresSession } from '../postgres/index.ts';
import { createRestoreRepository, type RestoreRepository } from '../store/restore-repository.ts';
import { exchangeNames, foreignWords, settleExchange, targetOfRestore } from './exchange.ts';
import { changeWords, countForPlan, exchangeFindings, netWords, rowChanges } from './exchange-plan.ts';
import { freeName } from './names.ts';
import { countAll, recordedRows, saveFigures } from './recount.ts';
import { checkLive, type RestoreInput } from './restore-swap.ts';
import { connectBeside, findByName, findByOid, listDatabases, type ServerDatabase } from './server-databases.ts';

interface UndoDetails {
  restoreId: string;
  liveName: string;
  /** The restored copy, which has the live name now. */
  copyOid: string;
  /** What it is called afterwards. */
  copyAfter: string;
  /** The database that was set aside. */
  asideOid: string;
  setAside: string;
}

function refused(message: string, hint: string): PilothouseError {
  return new PilothouseError('restore.undo-refused', message, { hint });
}

/** A swap that can be taken back. What a crash left half done is settled first. @throws restore.undo-refused */
async function needSwapped(context: EngineContext, restores: RestoreRepository, restoreId: string): Promise<{ restore: Restore; asideOid: string; copyOid: string }> {
  if ((await settleExchange(context, restoreId)) === 'foreign') {
    const { exchange } = restores.internals(restoreId);
    throw refused(exchange === null ? 'Somebody else renamed one of the databases.' : foreignWords(exchange), 'Put the names right by hand.');
  }
  const restore = restores.get(restoreId);
  const { setAsideOid, restoredOid } = restores.internals(restoreId);
  if (restore.state === 'swapped' && restore.setAside !== null && setAsideOid !== null && restoredOid !== null) return { restore, asideOid: setAsideOid, copyOid: restoredOid };
  if (restore.state === 'swapped') throw refused(`The database that was set aside for ${restore.identity.database} is not there any more.`, 'Without it there is no way back but another restore.');
  throw refused(`There is nothing to undo: ${restore.identity.database} is as it was, and accepts connections. This restore is ${restore.state}.`, 'Look at the restore again.');
}

async function lookAtBoth(session: PostgresSession, restore: Restore, asideOid: string, copyOid: string): Promise<{ live: ServerDatabase; aside: ServerDatabase }> {
  const live = await findByName(session, restore.identity.database);
  const aside = await findByOid(session, asideOid);
  if (aside === null || aside.name !== restore.setAside) throw refused(`${restore.setAside ?? 'The database that was set aside'} is not there any more${aside === null ? '' : `: it is called ${aside.name} now`}.`, 'Somebody else dropped or renamed it. Without it there is no way back but another restore.');
  if (live === null || live.oid !== copyOid) throw refused(`${restore.identity.database} is not the copy that was put in its place: somebody else exchanged it meanwhile.`, 'Look at the databases of the server; rename by hand what is not right.');
  return { live, aside };
}

async function rowConsequence(context: EngineContext, restores: RestoreRepository, restore: Restore, copyAfter: string): Promise<string> {
  const then = recordedRows(restores.compared(restore.id).compared);
  const live = restore.identity.database;
  const now = await countForPlan(context, targetOfRestore(context, restore), live);
  if (now === null) return `Whatever was written since the swap stays in ${copyAfter}; how much that is could not be counted in the time a plan has.`;
  const changes = rowChanges(then, now);
  return changes.length === 0 ? `Every table has as many rows as at the swap; what was changed since, or added while as much was deleted, stays in ${copyAfter} and is not in ${live} afterwards.` : `What was written since the swap stays behind in ${copyAfter} and is not in ${live} afterwards. Net, by table: ${changeWords(changes)}; ${netWords}.`;
}

async function planUndo(context: EngineContext, restores: RestoreRepository, { restoreId }: RestoreInput): Promise<PlanDraft<UndoDetails>> {
  const { restore, asideOid, copyOid } = await needSwapped(context, restores, restoreId);
  const liveName = restore.identity.database;
  const setAside = restore.setAside ?? '';
  const target = targetOfRestore(context, restore);
  const session = await connectBeside(context, target, { applicationName: 'pilothouse preflight', avoid: [liveName, setAside], statementTimeoutMs: 30_000 });
  try {
    const { live, aside } = await lookAtBoth(session, restore, asideOid, copyOid);
    const taken = new Set((await listDatabases(session)).map(({ name }) => name));
    const copyAfter = taken.has(restore.into) ? freeName(liveName, '__undone', taken) : restore.into;
    const { findings } = await exchangeFindings(session, live, aside);
    const label = `${liveName} on ${context.addressOf(target.connection)}`;
    return {
      title: `Undo the swap of ${liveName}`,
      question: `Put ${setAside} back as ${liveName}?`,
      system: context.systems.get(restore.systemId),
      target: label,
      targets: [{ label, databaseId: restore.databaseId, identity: { systemIdentifier: restore.identity.systemIdentifier, database: liveName } }],
      steps: [
        {
          id: 'exchange',
          title: 'Exchange the names',
          detail: [`ALTER DATABASE "${setAside}" ALLOW_CONNECTIONS false;`, `ALTER DATABASE "${liveName}" ALLOW_CONNECTIONS false;`, 'SELECT pg_terminate_backend(…); for every session in both', 'BEGIN;', `ALTER DATABASE "${liveName}" RENAME TO "${copyAfter}";`, `ALTER DATABASE "${setAside}" RENAME TO "${liveName}";`, 'COMMIT;', 'ALLOW_CONNECTIONS true for both'].join('\n'),
        },
        { id: 'figures', title: 'Count both again', detail: `What ${copyAfter} holds now, beside what is live` },
      ],
      consequences: [`${liveName} is again what it was before the swap.`, await rowConsequence(context, restores, restore, copyAfter), `The restored copy stays as ${copyAfter}.`, `For about a second ${liveName} lets nobody in; every session in it is ended.`],
      findings,
      wayBack: `Swap again, as long as ${copyAfter} is there.`,
      changes: true,
      irreversible: false,
      nameToConfirm: liveName,
      estimatedMs: null,
      exclusive: [`database:${restore.databaseId}`, `beside:${restore.databaseId}`, `restore:${restoreId}`],
      details: { restoreId, liveName, copyOid, copyAfter, asideOid, setAside },
    };
  } finally {
    await session.close();
  }
}

/** Both databases at the moment of writing. */
async function lookAgain(context: EngineContext, restore: Restore, { liveName, setAside, asideOid, copyOid }: UndoDetails, operation: RunningOperation): Promise<{ live: ServerDatabase; aside: ServerDatabase }> {
  const session = await connectBeside(context, targetOfRestore(context, restore), { applicationName: 'pilothouse undo', avoid: [liveName, setAside], onStatement: operation.command });
  try {
    return await lookAtBoth(session, restore, asideOid, copyOid);
  } finally {
    await session.close();
  }
}

/** Figures from before the swap would say of the copy what it is not any more. Never throws: the undo is done. */
async function countBothAgain(context: EngineContext, restores: RestoreRepository, { restoreId, liveName, copyAfter }: UndoDetails, operation: RunningOperation): Promise<void> {
  if (operation.signal.aborted) {
    operation.skip('figures', 'It was cancelled when the undo was done already');
    return;
  }
  await operation.phase('figures', async () => {
    try {
      const target = targetOfRestore(context, restores.get(restoreId));
      saveFigures(context, restores, restoreId, { live: await countForPlan(context, target, liveName) });
      saveFigures(context, restores, restoreId, { copy: await countAll(context, target, copyAfter, operation) });
    } catch (error) {
      operation.log('info', `${copyAfter} was not counted: ${toErrorShape(error, '').message}`);
    }
  });
}

async function runUndo(context: EngineContext, restores: RestoreRepository, details: UndoDetails, operation: RunningOperation): Promise<ProcedureOutcome> {
  const { liveName, copyAfter } = details;
  const closedMs = await operation.phase('exchange', async () => {
    const { restore } = await needSwapped(context, restores, details.restoreId);
    const { live, aside } = await lookAgain(context, restore, details, operation);
    const closed = await exchangeNames(
      context,
      restore,
      { operationId: operation.id, direction: 'undo', liveName, outgoing: { oid: live.oid, nameAfter: copyAfter, allowedConnections: live.allowsConnections }, incoming: { oid: aside.oid, nameBefore: aside.name, allowedConnections: aside.allowsConnections } },
      operation,
    );
    if (live.allowsConnections) await checkLive(context, restore, aside.oid, operation);
    return closed;
  });
  await countBothAgain(context, restores, details, operation);
  return { summary: `${liveName} is again what it was before the swap; the restored copy is ${copyAfter}. ${liveName} let nobody in for ${(closedMs / 1000).toFixed(1)} s`, result: { restoreId: details.restoreId, into: copyAfter, closedMs } };
}

async function recoverUndo(context: EngineContext, details: UndoDetails): Promise<string> {
  const { liveName, setAside, copyAfter } = details;
  switch (await settleExchange(context, details.restoreId)) {
    case 'after':
      return `The swap was taken back before Pilothouse ended: ${liveName} is what it was before, the restored copy is ${copyAfter}. Both accept connections.`;
    case 'before':
      return `The swap was not taken back: ${liveName} is the restored copy and accepts connections, the previous one is ${setAside}. Plan the undo again.`;
    case 'foreign':
      return `${liveName} and ${setAside} are neither as they were nor as they were to be: somebody else renamed or dropped one of them. Whoever has the live name accepts connections. Look at the databases of the server.`;
    case 'none':
      return createRestoreRepository(context.store).get(details.restoreId).state === 'undone' ? `The undo was over: ${liveName} is what it was before the swap.` : `Nothing was changed yet: ${liveName} is the restored copy. Plan the undo again.`;
  }
}

/** The procedure `restore.undo`. */
export function createRestoreUndo(context: EngineContext): Procedure<RestoreInput, UndoDetails> {
  const restores = createRestoreRepository(context.store);
  return {
    kind: 'restore.undo',
    plan: (input) => planUndo(context, restores, input),
    run: (details, operation) => runUndo(context, restores, details, operation),
    recover: (details) => recoverUndo(context, details),
  };
}
