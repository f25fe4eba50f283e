/** Puts a restored copy in place of the live database, which is set aside for undo. */
import type { DatabaseIdentity } from '#shared/contract/common.ts';
import type { ComparedTable, Restore } from '#shared/contract/restores.ts';
import { PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import type { DatabaseContents } from '../backup/manifest.ts';
import { countInWords } from '../backup/words.ts';
import type { EngineContext } from '../engine-context.ts';
import type { PlanDraft, Procedure, ProcedureOutcome, RunningOperation } from '../operations/procedure.ts';
import type { PostgresSession } from '../postgres/index.ts';
import { createRestoreRepository, type RestoreRepository, type StoredExchange } from '../store/restore-repository.ts';
import { copyProperties, createDiscreetListener, planProperties } from './database-properties.ts';
import { exchangeNames, foreignWords, settleExchange, targetOfRestore, whileKept } from './exchange.ts';
import { changeWords, countForPlan, exchangeFindings, netWords, rowChanges, type CountedRows } from './exchange-plan.ts';
import { setAsideName } from './names.ts';
import { changesSinceBackup, contentConsequence, copyFindings, countAll, figuresHash, recordedRows, saveFigures } from './recount.ts';
import { connectBeside, findByName, findByOid, listDatabases, type ServerDatabase } from './server-databases.ts';
import { isOwnCopy, sourceOf, swapSourceFinding } from './source.ts';
import { instantInWords } from './when.ts';

export interface RestoreInput {
  restoreId: string;
}

interface SwapDetails {
  restoreId: string;
  liveOid: string;
  restoredOid: string;
  into: string;
  liveName: string;
  setAside: string;
  /** Stands for the figures of the copy that the plan was made with. */
  figures: string;
}

/** States in which a restored copy stands beside the live database. */
const besideStates: ReadonlySet<Restore['state']> = new Set(['beside', 'undone', 'kept']);

function refused(message: string, hint: string): PilothouseError {
  return new PilothouseError('restore.swap-refused', message, { hint });
}

/** Settles what a crash left, then says what there is to swap. @throws restore.swap-refused */
async function needBeside(context: EngineContext, restores: RestoreRepository, restoreId: string): Promise<{ restore: Restore; restoredOid: string }> {
  if ((await settleExchange(context, restoreId)) === 'foreign') {
    const { exchange } = restores.internals(restoreId);
    throw refused(exchange === null ? 'Somebody else renamed one of the databases.' : foreignWords(exchange), 'Put the names right by hand; then plan again.');
  }
  const restore = restores.get(restoreId);
  const { restoredOid } = restores.internals(restoreId);
  if (!besideStates.has(restore.state) || restoredOid === null) throw refused(`There is no restored copy to put in place of ${restore.identity.database}: this restore is ${restore.state}.`, restore.state === 'swapped' ? 'It was swapped already; undo takes it back.' : 'Restore a backup beside it first.');
  if (restore.equal === null) throw refused(`${restore.into} was never compared with its backup.`, 'Only a copy in which every row was counted may take the place of a live database. Restore again.');
  return { restore, restoredOid };
}

/** Both databases as the server knows them. @throws restore.swap-refused where one of them is not there any more */
async function lookAtBoth(session: PostgresSession, restore: Restore, restoredOid: string): Promise<{ live: ServerDatabase; copy: ServerDatabase }> {
  const live = await findByName(session, restore.identity.database);
  if (live === null) throw refused(`There is no ${restore.identity.database} on that server any more.`, `Nothing has to be set aside: rename the copy by hand, ALTER DATABASE "${restore.into}" RENAME TO "${restore.identity.database}";`);
  if (live.oid === restoredOid) throw refused(`${restore.identity.database} is the restored copy already: it was restored under that name.`, 'There is nothing to exchange.');
  const copy = await findByOid(session, restoredOid);
  if (copy === null || copy.name !== restore.into) throw refused(`The restored copy ${restore.into} is not there any more${copy === null ? '' : `: it is called ${copy.name} now`}.`, 'Somebody else dropped or renamed it. Restore the backup again.');
  return { live, copy };
}

/** What becomes of the rows of the live database that the copy does not have. */
function rowConsequence(restore: Restore, copy: CountedRows, asOf: string, now: DatabaseContents['tables'] | null): string {
  const live = restore.identity.database;
  const since = `the backup of ${instantInWords(restore.backupTakenAt)}`;
  if (now === null) return `How many rows ${live} has gained since ${since} could not be counted in the time a plan has; all of them are set aside with it.`;
  const rows = now.filter(({ kind }) => kind !== 'materialized-view').reduce((sum, table) => sum + table.rows, 0);
  const changes = rowChanges(copy, now);
  if (changes.length === 0) return `${live} has ${countInWords(rows, 'row')}, as many as the copy${asOf} in every table. What was changed since ${since}, or added while as much was deleted, is set aside with it all the same.`;
  return `Whatever was written to ${live} since ${since} is set aside with it. Net, by table, it has against the copy${asOf}: ${changeWords(changes)}; ${netWords}. Rows that were only changed go back as well.`;
}

/** Of what another database a copy is, in words that tell it apart from the live one. */
function originWords(source: DatabaseIdentity | null, { identity }: Restore): string {
  if (source === null) return 'an unknown database';
  return source.database === identity.database ? `${source.database} of another cluster (${source.systemIdentifier})` : source.database;
}

/** Counts both as far as a plan may, and keeps the figures, so that the plan and the comparison say the same. */
async function countBoth(context: EngineContext, restores: RestoreRepository, restore: Restore): Promise<{ copy: DatabaseContents['tables'] | null; live: DatabaseContents['tables'] | null; compared: ComparedTable[] }> {
  const target = targetOfRestore(context, restore);
  const [copy, live] = await Promise.all([countForPlan(context, target, restore.into), countForPlan(context, target, restore.identity.database)]);
  saveFigures(context, restores, restore.id, { copy: copy ?? undefined, live: live ?? undefined });
  return { copy, live, compared: restores.compared(restore.id).compared };
}

async function planSwap(context: EngineContext, restores: RestoreRepository, { restoreId }: RestoreInput): Promise<PlanDraft<SwapDetails>> {
  const { restore, restoredOid } = await needBeside(context, restores, restoreId);
  const liveName = restore.identity.database;
  const target = targetOfRestore(context, restore);
  const session = await connectBeside(context, target, { applicationName: 'pilothouse preflight', avoid: [liveName, restore.into], statementTimeoutMs: 30_000 });
  try {
    const { live, copy } = await lookAtBoth(session, restore, restoredOid);
    const taken = new Set((await listDatabases(session)).map(({ name }) => name));
    const setAside = setAsideName(liveName, context.ports.clock.now(), taken);
    const counted = await countBoth(context, restores, restore);
    const { findings } = await exchangeFindings(session, live, copy);
    const properties = await planProperties(session, live, copy);
    const source = sourceOf(context, restore);
    const ofAnother = isOwnCopy(source, restore.identity) ? null : originWords(source, restore);
    const ofWhom = ofAnother === null ? '' : `${ofAnother} of `;
    const { undoDays } = context.settings.read();
    const label = `${liveName} on ${context.addressOf(target.connection)}`;
    return {
      title: ofAnother === null ? `Swap ${liveName} for the restored copy` : `Swap ${liveName} for a copy of ${ofAnother}`,
      question: ofAnother === null ? `Swap ${liveName} for the restored copy ${restore.into}?` : `Swap ${liveName} for ${restore.into}, a copy of ${ofAnother}?`,
      system: context.systems.get(restore.systemId),
      target: label,
      targets: [{ label, databaseId: restore.databaseId, identity: { systemIdentifier: restore.identity.systemIdentifier, database: liveName } }],
      steps: [
        { id: 'copy', title: 'Give the copy what belongs to the database', detail: properties.length === 0 ? 'Owner, settings, grants and connection limit are the same already' : properties.map((statement) => `${statement};`).join('\n') },
        { id: 'analyze', title: 'Collect statistics', detail: `ANALYZE; in ${restore.into}, so that queries are planned well from the first one` },
        { id: 'count', title: 'Count the copy again', detail: `Every table of ${restore.into}. Should it be other than this plan says, the swap stops there` },
        {
          id: 'exchange',
          title: 'Exchange the names',
          detail: [`ALTER DATABASE "${restore.into}" ALLOW_CONNECTIONS false;`, `ALTER DATABASE "${liveName}" ALLOW_CONNECTIONS false;`, 'SELECT pg_terminate_backend(…); for every session in both', 'BEGIN;', `ALTER DATABASE "${liveName}" RENAME TO "${setAside}";`, `ALTER DATABASE "${restore.into}" RENAME TO "${liveName}";`, 'COMMIT;', 'ALLOW_CONNECTIONS true for both'].join('\n'),
        },
        { id: 'aside', title: 'Count what was set aside', detail: `Every table of ${setAside}, to show what is in it; ${liveName} is open by then` },
      ],
      consequences: [
        contentConsequence(restore, ofWhom, counted.compared, counted.copy),
        rowConsequence(restore, counted.copy ?? recordedRows(counted.compared), counted.copy === null ? ' when it was last counted' : '', counted.live),
        `The ${liveName} of now is kept as ${setAside}. Nothing drops it by itself.`,
        `For about a second ${liveName} lets nobody in; every session in it is ended.`,
      ],
      findings: [swapSourceFinding(source, restore.identity), ...copyFindings(restores.get(restoreId), counted.compared, counted.copy), ...findings],
      wayBack: `Undo exchanges the names again, as long as ${setAside} is there; it is marked to be kept for ${undoDays} days.`,
      changes: true,
      irreversible: false,
      nameToConfirm: liveName,
      alwaysAskName: ofAnother !== null,
      estimatedMs: null,
      exclusive: [`database:${restore.databaseId}`, `beside:${restore.databaseId}`, `restore:${restoreId}`],
      details: { restoreId, liveOid: live.oid, restoredOid, into: restore.into, liveName, setAside, figures: figuresHash(counted.compared) },
    };
  } finally {
    await session.close();
  }
}

/** Whether who connects by the live name now finds the database that was meant. */
export async function checkLive(context: EngineContext, restore: Restore, oid: string, operation: RunningOperation): Promise<void> {
  const { database } = restore.identity;
  try {
    const session = await context.postgres.connect(targetOfRestore(context, restore), { applicationName: 'pilothouse check', database });
    try {
      const { rows } = await session.query<{ oid: string }>('SELECT oid::text AS oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()');
      if (rows[0]?.oid === oid) operation.log('ok', `${database} answers, and it is the database that was meant`);
      else operation.warn(`${database} answers, and it is another database than the one that was meant (oid ${rows[0]?.oid ?? 'unknown'} instead of ${oid})`);
    } finally {
      await session.close();
    }
  } catch (error) {
    operation.warn(`The names are exchanged, but ${database} could not be tried: ${toErrorShape(error, '').message}`);
  }
}

async function analyze(context: EngineContext, restore: Restore, operation: RunningOperation): Promise<void> {
  const session = await context.postgres.connect(targetOfRestore(context, restore), { applicationName: 'pilothouse analyze', database: restore.into, signal: operation.signal, onStatement: operation.command });
  try {
    await session.query('ANALYZE');
  } finally {
    await session.close();
  }
}

/** What is put in place is what the plan showed. @throws restore.swap-refused where the copy was written to since */
async function countAgain(context: EngineContext, restores: RestoreRepository, restore: Restore, { into, figures }: SwapDetails, operation: RunningOperation): Promise<void> {
  const { compared } = restores.compared(restore.id);
  if (figuresHash(compared) !== figures) throw refused(`${into} was counted again since this was planned, and was found changed.`, 'Plan again, and look at what you then see.');
  const copy = await countAll(context, targetOfRestore(context, restore), into, operation);
  const changes = rowChanges(recordedRows(compared), copy);
  saveFigures(context, restores, restore.id, { copy });
  if (changes.length > 0) throw refused(`${into} is not what this plan was about any more: it was written to, and has ${changeWords(changes)}.`, 'Plan again, and look at what you then see.');
  const since = changesSinceBackup(compared, copy);
  if (since.length === 0) operation.log('ok', `${into} has the rows of its backup in every table`);
  else operation.warn(`${into} is not what its backup holds: against it, it has ${changeWords(since)}`);
}

/** Counts what was set aside, which nobody writes to any more. Never throws: the swap is done. */
async function countAside(context: EngineContext, restores: RestoreRepository, restore: Restore, { setAside }: SwapDetails, operation: RunningOperation): Promise<void> {
  if (operation.signal.aborted) {
    operation.skip('aside', 'It was cancelled when the swap was done already');
    return;
  }
  await operation.phase('aside', async () => {
    try {
      saveFigures(context, restores, restore.id, { live: await countAll(context, targetOfRestore(context, restore), setAside, operation) });
    } catch (error) {
      operation.log('info', `${setAside} was not counted: ${toErrorShape(error, '').message}`);
    }
  });
}

/** What was given to the copy stays with it where the swap goes no further: it is not as it was restored. */
const keptWords = ({ into, liveName }: SwapDetails): string => `${into} has been given the owner, settings, grants, connection limit and comment of ${liveName}; its rows were not touched.`;

async function runSwap(context: EngineContext, restores: RestoreRepository, details: SwapDetails, operation: RunningOperation): Promise<ProcedureOutcome> {
  const { liveName, into, setAside } = details;
  const { restore } = await needBeside(context, restores, details.restoreId);
  const target = targetOfRestore(context, restore);
  const exchange = await operation.phase('copy', async (): Promise<StoredExchange> => {
    const listener = createDiscreetListener(operation.command);
    const session = await connectBeside(context, target, { applicationName: 'pilothouse swap', avoid: [liveName, into], onStatement: listener.onStatement, lockTimeoutMs: 10_000 });
    try {
      const { live, copy } = await lookAtBoth(session, restore, details.restoredOid);
      if (live.oid !== details.liveOid || copy.name !== into) throw new PilothouseError('postgres.wrong-identity', `${liveName} is not the database that the plan was about: somebody put another in its place.`, { hint: 'Nothing was changed. Plan again, and look at what you then see.' });
      for (const difference of await copyProperties(session, listener, live, copy)) operation.warn(`Not all could be copied: ${difference}`);
      return { operationId: operation.id, direction: 'swap', liveName, outgoing: { oid: live.oid, nameAfter: setAside, allowedConnections: live.allowsConnections }, incoming: { oid: copy.oid, nameBefore: into, allowedConnections: copy.allowsConnections } };
    } finally {
      await session.close();
    }
  });
  try {
    await operation.phase('analyze', () => analyze(context, restore, operation));
    await operation.phase('count', () => countAgain(context, restores, restore, details, operation));
  } catch (error) {
    throw whileKept(error, keptWords(details));
  }
  const closedMs = await operation.phase('exchange', async () => {
    const closed = await exchangeNames(context, restore, exchange, operation, keptWords(details));
    // From here on it is done, whoever cancels: no step below may fail.
    if (exchange.outgoing.allowedConnections) await checkLive(context, restore, exchange.incoming.oid, operation);
    return closed;
  });
  await countAside(context, restores, restore, details, operation);
  return {
    summary: `${liveName} is the restored copy now; the previous one is ${setAside}. ${liveName} let nobody in for ${(closedMs / 1000).toFixed(1)} s`,
    result: { restoreId: restore.id, setAside, closedMs },
  };
}

async function recoverSwap(context: EngineContext, details: SwapDetails): Promise<string> {
  const { liveName, setAside, into } = details;
  switch (await settleExchange(context, details.restoreId)) {
    case 'after':
      return `The names were exchanged before Pilothouse ended: ${liveName} is the restored copy, the previous one is ${setAside}. Both accept connections. Undo takes it back.`;
    case 'before':
      return `The names were not exchanged: ${liveName} is as it was and accepts connections, the copy is ${into}. Plan the swap again.`;
    case 'foreign':
      return `${liveName} and ${into} are neither as they were nor as they were to be: somebody else renamed or dropped one of them. Whoever has the live name accepts connections. Look at the databases of the server.`;
    case 'none':
      return createRestoreRepository(context.store).get(details.restoreId).state === 'swapped' ? `The swap was over: ${liveName} is the restored copy, the previous one is ${setAside}.` : `${liveName} was not touched yet. Plan the swap again.`;
  }
}

/** The procedure `restore.swap`. */
export function createRestoreSwap(context: EngineContext): Procedure<RestoreInput, SwapDetails> {
  const restores = createRestoreRepository(context.store);
  return {
    kind: 'restore.swap',
    plan: (input) => planSwap(context, restores, input),
    run: (details, operation) => runSwap(context, restores, details, operation),
    recover: (details) => recoverSwap(context, details),
  };
}
