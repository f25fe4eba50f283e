/** Drops a restored copy, the database that a swap set aside, or what a failed restore left. Never the live one. */
import type { Restore } from '#shared/contract/restores.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { countInWords } from '../backup/words.ts';
import type { EngineContext } from '../engine-context.ts';
import type { PlanDraft, Procedure, ProcedureOutcome, RunningOperation } from '../operations/procedure.ts';
import type { PostgresSession } from '../postgres/index.ts';
import { createBackupRepository } from '../store/backup-repository.ts';
import { createRestoreRepository, type RestoreRepository } from '../store/restore-repository.ts';
import { leftoverOf, planDropLeftover, recoverDropLeftover, runDropLeftover, type LeftoverDetails } from './drop-leftover.ts';
import { lossWithCopy, lossWithSetAside, type Loss } from './drop-loss.ts';
import { settleExchange, targetOfRestore } from './exchange.ts';
import { countForPlan } from './exchange-plan.ts';
import { connectBeside, dropDatabase, findByOid, sessionsIn, type ServerDatabase } from './server-databases.ts';
import { isOwnCopy, sourceOf } from './source.ts';

export interface DropInput {
  restoreId: string;
  which: 'restored' | 'set-aside';
}

interface DropDetails extends DropInput {
  oid: string;
  name: string;
}

function refused(message: string, hint: string): PilothouseError {
  return new PilothouseError('restore.preflight', message, { hint });
}

/** What is meant, by what was recorded. @throws restore.preflight where there is no such database to drop */
async function needDroppable(context: EngineContext, restores: RestoreRepository, { restoreId, which }: DropInput): Promise<{ restore: Restore; oid: string; name: string }> {
  await settleExchange(context, restoreId);
  const restore = restores.get(restoreId);
  const { restoredOid, setAsideOid } = restores.internals(restoreId);
  if (which === 'set-aside') {
    if (restore.setAside === null || setAsideOid === null) throw refused(`No database is set aside for ${restore.identity.database}.`, 'There is nothing to drop.');
    return { restore, oid: setAsideOid, name: restore.setAside };
  }
  if (restore.state === 'swapped') throw refused(`The restored copy is ${restore.identity.database} now: it is live.`, 'Undo the swap first, or drop what was set aside.');
  if (restoredOid === null || restore.state === 'failed' || restore.state === 'dropped' || restore.state === 'running') throw refused(`There is no restored copy to drop: this restore is ${restore.state}.`, 'Look at the restore again.');
  return { restore, oid: restoredOid, name: restore.into };
}

/** Names by which databases of this cluster are managed: none of them is ever dropped. */
function managedNames(context: EngineContext, restore: Restore): Set<string> {
  const managed = context.systems.list().flatMap((system) => system.databases);
  return new Set([restore.identity.database, ...managed.filter(({ systemIdentifier }) => systemIdentifier === restore.identity.systemIdentifier).map(({ connection }) => connection.database)]);
}

/** The database to drop as the server knows it: the oid that was recorded, under the name that was recorded. */
async function identify(context: EngineContext, session: PostgresSession, restore: Restore, oid: string, name: string): Promise<ServerDatabase | null> {
  if (managedNames(context, restore).has(name)) throw refused(`${name} is a live, managed database.`, 'Pilothouse drops copies and databases that were set aside, nothing else. If it is meant, stop managing it first.');
  const found = await findByOid(session, oid);
  if (found !== null && found.name !== name) throw new PilothouseError('postgres.wrong-identity', `The database that was ${name} is called ${found.name} now: somebody renamed it.`, { hint: 'Nothing was dropped. Look at the databases of the server.' });
  return found;
}

/** What is in the database and in no backup that is known of. Null: it is gone already. */
async function lossOf(context: EngineContext, restores: RestoreRepository, restore: Restore, { which }: DropInput, found: ServerDatabase | null): Promise<Loss | null> {
  if (found === null) return null;
  const now = await countForPlan(context, targetOfRestore(context, restore), found.name);
  const backup = restores.compared(restore.id).compared.map(({ schema, name, backup: rows }) => ({ schema, name, rows }));
  const backupStands = createBackupRepository(context.store).find(restore.backupId)?.damaged === null;
  const question = { restore, name: found.name, backup, now, backupStands };
  return which === 'restored' ? lossWithCopy(question) : lossWithSetAside(question, isOwnCopy(sourceOf(context, restore), restore.identity));
}

async function planDrop(context: EngineContext, restores: RestoreRepository, input: DropInput): Promise<PlanDraft<DropDetails>> {
  const { restore, oid, name } = await needDroppable(context, restores, input);
  const target = targetOfRestore(context, restore);
  const session = await connectBeside(context, target, { applicationName: 'pilothouse preflight', avoid: [name], statementTimeoutMs: 30_000 });
  try {
    const found = await identify(context, session, restore, oid, name);
    const { rows } = await session.query<{ size: string }>('SELECT pg_catalog.pg_size_pretty(pg_catalog.pg_database_size(oid)) AS size FROM pg_catalog.pg_database WHERE oid = $1::oid', [oid]);
    const sessions = await sessionsIn(session, [oid]);
    const label = `${name} on ${context.addressOf(target.connection)}`;
    const isAside = input.which === 'set-aside';
    const loss = await lossOf(context, restores, restore, input, found);
    return {
      title: `Drop ${name}`,
      question: `Drop ${name} for good?`,
      system: context.systems.get(restore.systemId),
      target: label,
      targets: [{ label, databaseId: restore.databaseId, identity: { systemIdentifier: restore.identity.systemIdentifier, database: name } }],
      steps: [{ id: 'drop', title: `Drop ${name}`, detail: `DROP DATABASE "${name.replaceAll('"', '""')}" WITH (FORCE);` }],
      consequences: [
        found === null ? `${name} is gone already; only its entry here is closed.` : `${name} is gone, with all that is in it (${rows[0]?.size ?? 'size unknown'}).`,
        ...(loss === null ? [] : [loss.consequence]),
        isAside ? `The swap of ${restore.identity.database} cannot be undone any more: ${name} is what it was before, with what was written until then.` : `${restore.identity.database} is not touched.`,
      ],
      findings: sessions.count === 0 ? [{ state: 'ok', title: 'Nobody is connected to it' }] : [{ state: 'warn', title: countInWords(sessions.count, 'session in it is ended', 'sessions in it are ended'), detail: sessions.words }],
      wayBack: loss !== null ? loss.wayBack : isAside ? null : 'Restore the backup again.',
      changes: true,
      irreversible: true,
      nameToConfirm: name,
      estimatedMs: null,
      exclusive: [`restore:${restore.id}`, `beside:${restore.databaseId}`],
      details: { ...input, oid, name },
    };
  } finally {
    await session.close();
  }
}

async function runDrop(context: EngineContext, restores: RestoreRepository, details: DropDetails, operation: RunningOperation): Promise<ProcedureOutcome> {
  const { oid, name, which } = details;
  await operation.phase('drop', async () => {
    const { restore, ...recorded } = await needDroppable(context, restores, details);
    if (recorded.oid !== oid || recorded.name !== name) throw new PilothouseError('postgres.wrong-identity', `${name} is not what this plan was about any more.`, { hint: 'Nothing was dropped. Plan again.' });
    const session = await connectBeside(context, targetOfRestore(context, restore), { applicationName: 'pilothouse drop', avoid: [name], onStatement: operation.command, lockTimeoutMs: 20_000 });
    try {
      const found = await identify(context, session, restore, oid, name);
      if (found !== null) await dropDatabase(session, found);
      if ((await findByOid(session, oid)) !== null) throw new PilothouseError('restore.failed', `${name} is still there after it was dropped.`, { hint: 'Look at the server\'s log.' });
      record(context, restores, details);
    } finally {
      await session.close();
    }
  });
  return { summary: which === 'set-aside' ? `${name} is dropped; the swap cannot be undone any more` : `${name} is dropped`, result: { restoreId: details.restoreId, dropped: name } };
}

function record(context: EngineContext, restores: RestoreRepository, { restoreId, which }: DropInput): void {
  if (which === 'set-aside') restores.update(restoreId, { setAside: null, undoUntil: null }, { setAsideOid: null });
  else restores.update(restoreId, { state: 'dropped' });
  context.changes.changed('restores');
}

async function recoverDrop(context: EngineContext, restores: RestoreRepository, details: DropDetails): Promise<string> {
  const restore = restores.get(details.restoreId);
  const session = await connectBeside(context, targetOfRestore(context, restore), { applicationName: 'pilothouse look', avoid: [details.name] });
  try {
    if ((await findByOid(session, details.oid)) !== null) return `${details.name} was not dropped. Plan it again.`;
    if (details.which === 'restored' || restore.setAside !== null) record(context, restores, details);
    return `${details.name} was dropped before Pilothouse ended.`;
  } finally {
    await session.close();
  }
}

/** The procedure `restore.drop`. */
export function createRestoreDrop(context: EngineContext): Procedure<DropInput, DropDetails | LeftoverDetails> {
  const restores = createRestoreRepository(context.store);
  const isLeftover = (details: DropDetails | LeftoverDetails): details is LeftoverDetails => 'scratchId' in details;
  return {
    kind: 'restore.drop',
    async plan(input) {
      const restore = restores.get(input.restoreId);
      const leftover = input.which === 'restored' ? leftoverOf(context, restore) : null;
      return leftover === null ? planDrop(context, restores, input) : planDropLeftover(context, restore, leftover);
    },
    run: (details, operation) => (isLeftover(details) ? runDropLeftover(context, details, operation) : runDrop(context, restores, details, operation)),
    recover: (details) => (isLeftover(details) ? recoverDropLeftover(context, details) : recoverDrop(context, restores, details)),
  };
}
