import type { z } from 'zod';
import type { Backup } from '#shared/contract/backups.ts';
import type { Operation, Plan } from '#shared/contract/operations.ts';
import type { Restore } from '#shared/contract/restores.ts';
import { wasWrittenTo } from '#shared/domain/restored-copy.ts';
import { figuresInWords } from '#shared/domain/table-counts.ts';
import { integerOption, required, textOption, type Register } from '../command.ts';
import type { restoreDocument } from '../documents.ts';
import { UsageError } from '../failures.ts';
import { byFullId, findBackup, findDatabase, findSystem, newest, pick } from '../find.ts';
import { failureOf, planText, requireConfirmable, runPlan } from '../run-plan.ts';
import { prepareSecretsOf } from '../secrets.ts';
import type { Session } from '../session.ts';
import { duration, instantInWords, localTime, sentence, shortId, table } from '../text.ts';

function documentOf(restore: Restore): z.infer<typeof restoreDocument> {
  const { id, into, outcome, tables, rows, equal, differences, durationMs } = restore;
  const undo = restore.state === 'swapped' ? { command: `restore undo ${id}`, until: restore.undoUntil } : null;
  return { restore: { database: restore.state === 'swapped' ? restore.identity.database : into, outcome, tables, rows, equal, differences, durationMs, undo, id } };
}

function textOf(restore: Restore): string {
  const verdict = restore.equal === true ? 'every count equals the backup' : wasWrittenTo(restore) ? `every count was equal to the backup. ${restore.differences.join('; ')}` : restore.equal === false ? `NOT equal: ${restore.differences.join('; ')}` : 'not compared';
  const took = restore.durationMs === null ? '' : `, ${duration(restore.durationMs)}`;
  const omissions = restore.omissions.map((omission) => `\n  Left out: ${omission}`).join('');
  const undo = restore.state === 'swapped' ? `\nIn place as ${restore.identity.database}; the one before is ${restore.setAside ?? 'kept'}. Taken back by: restore undo ${restore.id}` : '';
  return sentence(`${restore.into}: ${restore.outcome ?? restore.state}, ${figuresInWords(restore)}, ${verdict}${took}.${omissions}${undo}\nId ${restore.id}`);
}

/** Whether it came back equal; of a copy that was written to, that it was. */
export function rowsWords(restore: Pick<Restore, 'state' | 'equal'>): string {
  if (restore.equal === null) return '';
  if (wasWrittenTo(restore)) return 'equal, written to since';
  return restore.equal ? 'equal' : 'NOT EQUAL';
}

const longestList = 500;

async function findRestore(session: Session, wanted: string): Promise<Restore> {
  const known = await byFullId(wanted, (restoreId) => session.call('restore.get', { restoreId }));
  if (known !== null) return known.restore;
  const { restores } = await session.call('restore.list', { limit: longestList });
  // A name may have been used before: of those, only what still stands is meant.
  const open = restores.filter((restore) => restore.state !== 'dropped' && restore.state !== 'failed');
  return pick(newest('restore', restores, longestList), wanted, restores, (restore) => ({ id: restore.id, names: open.includes(restore) ? [restore.into] : [`${restore.into} of ${instantInWords(restore.startedAt)}`] }));
}

/** As findRestore, for what has to connect to the server. */
async function findReachable(session: Session, wanted: string): Promise<Restore> {
  const found = await findRestore(session, wanted);
  await prepareSecretsOf(session, found.databaseId);
  return found;
}

/** Runs a plan about a restore and says how the restore stands afterwards, also where it or what comes next fails. */
async function carryOut(session: Session, plan: Plan, known: string | null): Promise<Restore> {
  const operation: Operation = await runPlan(session, plan);
  const failure = failureOf(operation);
  const named = operation.result?.['restoreId'] ?? operation.error?.details['restoreId'] ?? known;
  const restoreId = typeof named === 'string' ? named : (await session.call('restore.list', { limit: longestList })).restores.find((restore) => restore.operationId === operation.id)?.id;
  if (restoreId === undefined) throw failure ?? new Error('The restore succeeded but named no restore.');
  const { restore } = await session.call('restore.get', { restoreId });
  session.keep(documentOf(restore), textOf(restore));
  if (failure !== null) throw failure;
  return restore;
}

/** What would refuse the swap is said before the restore, and not after it. */
async function requireSwappable(session: Session, plan: Plan, backup: Backup): Promise<void> {
  const [target] = plan.targets;
  const live = await findDatabase(session, target?.databaseId ?? '');
  const name = live.connection.database;
  const ofAnother = backup.systemIdentifier !== target?.identity?.systemIdentifier || backup.database !== name;
  // The engine asks for the live name where it asks for that of the copy, and wherever the data would be of another database.
  requireConfirmable(session, `Swap ${name} for the restored copy`, plan.confirmName !== null || ofAnother ? name : null);
}

export const registerRestore: Register = (program, act) => {
  const restore = program.command('restore').description('bring a backup back beside its original, compare, swap, undo');

  const planFrom = async (session: Session, options: Record<string, unknown>): Promise<{ plan: Plan; into: string; backup: Backup }> => {
    const backupName = textOption(options, 'backup');
    if (backupName === undefined) throw new UsageError('Name the backup: --backup ID or its folder.', '"backup list" names them.');
    const jobs = integerOption(options, 'jobs', { min: 1, max: 16 });
    const backup = await findBackup(session, backupName);
    const into = textOption(options, 'into');
    const databaseName = textOption(options, 'database');
    const databaseId = databaseName === undefined ? undefined : (await findDatabase(session, databaseName)).id;
    await prepareSecretsOf(session, databaseId ?? backup.databaseId);
    const answer = await session.call('restore.plan', { backupId: backup.id, ...(into === undefined ? {} : { into }), ...(databaseId === undefined ? {} : { databaseId }), ...(jobs === undefined ? {} : { jobs }) });
    return { ...answer, backup };
  };

  restore
    .command('plan')
    .description('preflight: what restoring would do; nothing is changed; exit status 1 when something stands in the way')
    .option('--backup <backup>', 'id or folder')
    .option('--into <name>', 'name of the new database')
    .option('--database <database>', 'the managed database whose server it goes to; the original by default')
    .action(
      act(async (session, _positionals, options) => {
        const { plan, into } = await planFrom(session, options);
        const { token: _token, ...shown } = plan;
        return { document: { plan: shown, into }, text: planText(plan), status: plan.runnable ? 0 : 1 };
      }),
    );

  restore
    .command('run')
    .description('restore into a new database and compare; with --swap also put it in place of the live one')
    .option('--backup <backup>', 'id or folder')
    .option('--into <name>', 'name of the new database')
    .option('--database <database>', 'the managed database whose server it goes to; the original by default')
    .option('--jobs <n>', 'parallel workers')
    .option('--swap', 'put it in place of the live database when it is equal; asks for the live name by a --confirm of its own')
    .action(
      act(async (session, _positionals, options) => {
        const { plan, backup } = await planFrom(session, options);
        if (options['swap'] === true) await requireSwappable(session, plan, backup);
        let restored = await carryOut(session, plan, null);
        if (options['swap'] === true) {
          const swap = await session.call('restore.planSwap', { restoreId: restored.id });
          restored = await carryOut(session, swap.plan, restored.id);
        }
        return { document: documentOf(restored), text: textOf(restored) };
      }),
    );

  restore
    .command('swap <restore>')
    .description('put a restored copy in place of the live database')
    .action(
      act(async (session, [name]) => {
        const found = await findReachable(session, required(name));
        const { plan } = await session.call('restore.planSwap', { restoreId: found.id });
        const swapped = await carryOut(session, plan, found.id);
        return { document: documentOf(swapped), text: textOf(swapped) };
      }),
    );

  restore
    .command('undo <restore>')
    .description('take a swap back')
    .action(
      act(async (session, [name]) => {
        const found = await findReachable(session, required(name));
        const { plan } = await session.call('restore.planUndo', { restoreId: found.id });
        const undone = await carryOut(session, plan, found.id);
        return { document: documentOf(undone), text: `${undone.identity.database} is the one from before the swap again.` };
      }),
    );

  restore
    .command('drop <restore>')
    .description('drop the restored copy, or with --set-aside the database that a swap set aside (needs --confirm NAME)')
    .option('--set-aside', 'the one that was set aside')
    .action(
      act(async (session, [name], options) => {
        const found = await findReachable(session, required(name));
        const { plan } = await session.call('restore.planDrop', { restoreId: found.id, which: options['setAside'] === true ? 'set-aside' : 'restored' });
        const dropped = await carryOut(session, plan, found.id);
        return { document: documentOf(dropped), text: `Dropped ${options['setAside'] === true ? (found.setAside ?? '') : found.into}.` };
      }),
    );

  restore
    .command('keep <restore>')
    .description('leave the restored copy beside the original for good')
    .action(
      act(async (session, [name]) => {
        const found = await findRestore(session, required(name));
        const answer = await session.call('restore.keep', { restoreId: found.id });
        return { document: documentOf(answer.restore), text: `${answer.restore.into} stays.` };
      }),
    );

  restore
    .command('list [system]')
    .description('restores, newest first')
    .action(
      act(async (session, [name]) => {
        const system = name === undefined ? null : await findSystem(session, name);
        const answer = await session.call('restore.list', { limit: longestList, ...(system === null ? {} : { systemId: system.id }) });
        const rows = answer.restores.map((one) => [shortId(one.id), localTime(one.startedAt), one.into, one.state, one.outcome ?? '', rowsWords(one)]);
        return { document: answer, text: table(['ID', 'STARTED', 'INTO', 'STATE', 'OUTCOME', 'ROWS'], rows, 'Nothing was restored yet. restore run --backup ID --into NAME') };
      }),
    );
};
