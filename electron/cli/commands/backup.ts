import type { z } from 'zod';
import { type backupOptions, dumpFormat, type Backup, type UnfinishedDump } from '#shared/contract/backups.ts';
import type { Operation } from '#shared/contract/operations.ts';
import { proofLevels, proofWords, type ProofLevel } from '#shared/domain/proof.ts';
import { figuresInWords } from '#shared/domain/table-counts.ts';
import { integerOption, required, textOption, type Outcome, type Register } from '../command.ts';
import type { backupDocument, verifyDocument } from '../documents.ts';
import { UsageError } from '../failures.ts';
import { findBackup, findBackupPlan, findDatabase, findSystem, pick } from '../find.ts';
import { failureOf, runPlan, runPlanToSuccess } from '../run-plan.ts';
import { prepareSecretsOf } from '../secrets.ts';
import type { Session } from '../session.ts';
import { bytes, count, duration, localTime, shortId, table } from '../text.ts';

function documentOf(backup: Backup): z.infer<typeof backupDocument> {
  const { id, path, systemName, database, sizeBytes, proof, tables, rows, durationMs } = backup;
  return { backup: { id, path, system: systemName, database, sizeBytes, proof, tables, rows, durationMs } };
}

function proofText(backup: Backup): string {
  if (backup.damaged !== null) return `damaged: ${backup.damaged}`;
  if (backup.proof === null) return 'not verified';
  return backup.proof === 'L3' ? 'proven: restored and counted' : `unproven: ${proofWords[backup.proof].toLowerCase()}`;
}

function levelOf(text: string | undefined): ProofLevel {
  const found = proofLevels.find((level) => level === text?.toUpperCase());
  if (found === undefined) throw new UsageError(`"${text}" is no level of proof.`, `One of: ${proofLevels.map((level) => `${level} (${proofWords[level].toLowerCase()})`).join(', ')}.`);
  return found;
}

/** Options given on the command line, over those of the plan or the defaults. */
function optionsFrom(options: Record<string, unknown>): z.input<typeof backupOptions> {
  const format = textOption(options, 'format');
  const parsed = dumpFormat.optional().safeParse(format);
  if (!parsed.success) throw new UsageError(`"${format}" is no format.`, `One of: ${dumpFormat.options.join(', ')}.`);
  const jobs = integerOption(options, 'jobs', { min: 1, max: 16 });
  const level = integerOption(options, 'compress', { min: 0, max: 9 });
  const proof = textOption(options, 'proof');
  return {
    ...(parsed.data === undefined ? {} : { format: parsed.data }),
    ...(jobs === undefined ? (parsed.data === 'custom' ? { jobs: 1 } : {}) : { jobs }),
    ...(level === undefined ? {} : { compressLevel: level }),
    ...(proof === undefined ? {} : { proof: levelOf(proof) }),
  };
}

/** The backup that an operation made, and bears its id: also where it failed or was cancelled after making it. */
async function madeBy(session: Session, operation: Operation): Promise<Backup | null> {
  try {
    return (await session.call('backup.get', { backupId: operation.id })).backup;
  } catch (error) {
    if (failureOf(operation) !== null) return null; // What went wrong is told by the operation.
    throw error;
  }
}

/** What an operation that makes a backup came to. @throws how it failed */
async function backupOf(session: Session, operation: Operation): Promise<Outcome> {
  const failure = failureOf(operation);
  const made = await madeBy(session, operation);
  if (made !== null) session.keep(documentOf(made), `${made.path} stays, ${proofText(made)}.`);
  if (failure !== null || made === null) throw failure ?? new Error('The backup succeeded but is not in the catalogue.');
  return { document: documentOf(made), text: `${made.path}\n${made.systemName}/${made.database}: ${figuresInWords(made)}, ${bytes(made.sizeBytes)}, ${duration(made.durationMs)}; ${proofText(made)}. Id ${made.id}` };
}

/** The dump on a host that an operation began, by a beginning of the operation's id, or by its database. */
async function findUnfinished(session: Session, wanted: string): Promise<UnfinishedDump> {
  const { dumps } = await session.call('backup.unfinished', {});
  return pick('interrupted backup that can be continued', wanted, dumps, (dump) => ({ id: dump.operationId, names: [dump.database, ...(dump.continuedBy === null ? [] : [dump.continuedBy])] }));
}

/** A backup is as it was when every check says so; no checks say nothing. */
export function isSound(checks: readonly { ok: boolean }[]): boolean {
  return checks.length > 0 && checks.every((check) => check.ok);
}

export const registerBackup: Register = (program, act) => {
  const backup = program.command('backup').description('make, prove and keep backups');

  backup
    .command('run [plan]')
    .description('make a backup by a plan, or of a database (--database)')
    .option('--database <database>', 'back up this database, without a plan')
    .option('--format <format>', 'directory or custom')
    .option('--jobs <n>', 'parallel workers of the directory format')
    .option('--compress <level>', 'gzip level, 0 to 9')
    .option('--proof <level>', 'how far to prove it: L0, L1, L2 or L3')
    .action(
      act(async (session, [name], options) => {
        const databaseName = textOption(options, 'database');
        if ((name === undefined) === (databaseName === undefined)) throw new UsageError('Name either a backup plan or a database.', 'backup run PLAN, or backup run --database NAME. "backup plans" lists the plans.');
        const own = optionsFrom(options);
        const chosen = name === undefined ? null : await findBackupPlan(session, name);
        const databaseId = chosen?.databaseId ?? (await findDatabase(session, required(databaseName))).id;
        await prepareSecretsOf(session, databaseId);
        const merged = chosen === null ? own : { ...chosen.options, ...own };
        const { plan } = await session.call('backup.plan', { databaseId, options: merged, ...(chosen === null ? {} : { backupPlanId: chosen.id }) });
        return backupOf(session, await runPlan(session, plan));
      }),
    );

  backup
    .command('unfinished')
    .description('dumps on hosts whose backups were interrupted: to be continued, or given up')
    .action(
      act(async (session) => {
        const answer = await session.call('backup.unfinished', {});
        const rows = answer.dumps.map((dump) => [shortId(dump.operationId), localTime(dump.begunAt), localTime(dump.interruptedAt), dump.database, dump.host, dump.hopeless === null ? `${bytes(dump.bytesHere)} of about ${bytes(Math.max(dump.expectedBytes, dump.bytesHere))}` : 'nothing can come of it: give it up']);
        return { document: answer, text: table(['OPERATION', 'BEGUN', 'INTERRUPTED', 'DATABASE', 'HOST', 'FETCHED'], rows, 'None: every backup was finished, or nothing of it is left.') };
      }),
    );

  backup
    .command('continue <operation>')
    .description('go on with an interrupted backup whose dump is on a host: fetch it, prove it, take it off there')
    .action(
      act(async (session, [name]) => {
        const dump = await findUnfinished(session, required(name));
        await prepareSecretsOf(session, dump.databaseId);
        const { plan } = await session.call('backup.planContinue', { operationId: dump.operationId });
        return backupOf(session, await runPlan(session, plan));
      }),
    );

  backup
    .command('abandon <operation>')
    .description('give up an interrupted backup: its dump is ended and taken off the host, and what is here of it is removed')
    .action(
      act(async (session, [name]) => {
        const dump = await findUnfinished(session, required(name));
        await prepareSecretsOf(session, dump.databaseId);
        const { plan } = await session.call('backup.planAbandon', { operationId: dump.operationId });
        const operation = await runPlanToSuccess(session, plan);
        return { document: { abandoned: dump.operationId, operation: operation.id }, text: operation.summary ?? '' };
      }),
    );

  backup
    .command('list [system]')
    .description('the catalogue, newest first')
    .option('--limit <n>', 'at most so many', '200')
    .action(
      act(async (session, [name], options) => {
        const system = name === undefined ? null : await findSystem(session, name);
        const answer = await session.call('backup.list', { limit: integerOption(options, 'limit', { min: 1, max: 1000 }), ...(system === null ? {} : { systemId: system.id }) });
        const rows = answer.backups.map((one) => [shortId(one.id), localTime(one.takenAt), `${one.systemName}/${one.database}`, bytes(one.sizeBytes), count(one.rows), `${proofText(one)}${one.pinned ? ', pinned' : ''}`]);
        const listed = table(['ID', 'TAKEN', 'DATABASE', 'SIZE', 'ROWS', 'PROOF'], rows, 'No backups yet. Make one: backup run PLAN, or backup run --database NAME');
        const older = answer.total - answer.backups.length;
        return { document: answer, text: older === 0 ? listed : `${listed}\nThese are the newest ${answer.backups.length} of ${count(answer.total)}: --limit shows more, up to 1000.` };
      }),
    );

  backup
    .command('show <backup>')
    .description('one backup with its manifest and proofs')
    .action(
      act(async (session, [name]) => {
        const { id } = await findBackup(session, required(name));
        const detail = await session.call('backup.get', { backupId: id });
        const one = detail.backup;
        const proofs = detail.proofs.map((proof) => `  ${proof.level} ${proof.ok ? 'ok' : 'FAILED'} ${localTime(proof.at)}, ${duration(proof.durationMs)}, ${proof.where}`);
        const tables = detail.contents === null ? `Of its manifest nothing can be read. It had ${figuresInWords(one)}, ${bytes(one.sizeBytes)}. To delete it: backup delete ${shortId(one.id)}` : [figuresInWords(one), table(['TABLE', 'ROWS', 'KIND'], detail.contents.tables.map((entry) => [`${entry.schema}.${entry.name}`, count(entry.rows), entry.kind === 'materialized-view' ? 'materialised view' : entry.kind]), 'No tables.')].join('\n');
        const counted = detail.contents?.countedIn === 'dump' ? ['Its rows were counted in the dump: the line was lost before all were counted in the database.'] : [];
        return { document: detail, text: [`${one.systemName}/${one.database}, ${one.serverVersion}, taken ${localTime(one.takenAt)}: ${proofText(one)}`, one.path, ...proofs, ...counted, tables].join('\n') };
      }),
    );

  backup
    .command('verify <backup>')
    .description('verify a backup (id or folder) up to a level; exit status 1 when anything is not as it was')
    .option('--level <level>', 'L0, L1, L2 or L3', 'L3')
    .option('--on <database>', 'for L3: restore beside this one instead of beside the one that it is of')
    .action(
      act(async (session, [name], options) => {
        const level = levelOf(textOption(options, 'level'));
        const found = await findBackup(session, required(name));
        const on = textOption(options, 'on');
        const databaseId = on === undefined ? undefined : (await findDatabase(session, on)).id;
        if (level === 'L3') await prepareSecretsOf(session, databaseId ?? found.databaseId);
        const { plan } = await session.call('backup.planVerify', { backupId: found.id, level, ...(databaseId === undefined ? {} : { databaseId }) });
        const operation = await runPlan(session, plan);
        const failure = failureOf(operation);
        const detail = await session.call('backup.get', { backupId: found.id });
        const checks = detail.proofs.filter((proof) => proof.operationId === operation.id).flatMap((proof) => proof.checks);
        // A failure that no check tells of (the server was away, it was cancelled) is no judgement of the backup.
        if (failure !== null && !checks.some((check) => !check.ok)) throw failure;
        const document: z.infer<typeof verifyDocument> = { backup: found.id, proof: detail.backup.proof, checks };
        const sound = failure === null && isSound(checks);
        const none = checks.length === 0 ? ['No check of this run is recorded: it says nothing about the backup. Verify it again.'] : [];
        return { document, text: [...none, ...checks.map((check) => `${check.ok ? 'ok    ' : 'FAILED'} ${check.name}: ${check.detail}`), proofText(detail.backup)].join('\n'), status: sound ? 0 : 1 };
      }),
    );

  for (const pinned of [true, false]) {
    backup
      .command(pinned ? 'pin <backup>' : 'unpin <backup>')
      .description(pinned ? 'keep a backup from being deleted' : 'let a backup be deleted again')
      .action(
        act(async (session, [name]) => {
          const { id } = await findBackup(session, required(name));
          const answer = await session.call('backup.pin', { backupId: id, pinned });
          return { document: answer, text: `${id} is ${pinned ? 'pinned' : 'no longer pinned'}.` };
        }),
      );
  }

  backup
    .command('delete <backup>')
    .description('delete a backup (needs --confirm NAME); pinned ones and the last proven one are refused')
    .action(
      act(async (session, [name]) => {
        const found = await findBackup(session, required(name));
        const { plan } = await session.call('backup.planDelete', { backupId: found.id });
        const operation = await runPlanToSuccess(session, plan);
        return { document: { deleted: found.id, operation: operation.id }, text: `Deleted ${found.path}.` };
      }),
    );

  backup
    .command('scan')
    .description('read the backup folder again and rebuild the catalogue')
    .action(
      act(async (session) => {
        const answer = await session.call('backup.scan', {});
        const unreadable = answer.unreadable.map((one) => `  Cannot be read: ${one.path}: ${one.reason}`);
        return { document: answer, text: [`Found ${answer.found}, new ${answer.added}, missing ${answer.missing}.`, ...unreadable].join('\n') };
      }),
    );

  backup
    .command('plans [system]')
    .description('the backup plans')
    .action(
      act(async (session, [name]) => {
        const system = name === undefined ? null : await findSystem(session, name);
        const answer = await session.call('backup.listPlans', system === null ? {} : { systemId: system.id });
        const rows = answer.plans.map((plan) => [plan.name, plan.options.format, `proof ${plan.options.proof}`, localTime(plan.lastRunAt), shortId(plan.id)]);
        return { document: answer, text: table(['NAME', 'FORMAT', 'PROOF', 'LAST RUN', 'ID'], rows, 'No backup plans yet. A database is also backed up without one: backup run --database NAME') };
      }),
    );
};
