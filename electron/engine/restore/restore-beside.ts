/** Restores a backup into a new database beside its original, compares, and keeps it only if it is equal. */
import { performance } from 'node:perf_hooks';
import type { PlanFinding } from '#shared/contract/operations.ts';
import type { ComparedTable, Restore } from '#shared/contract/restores.ts';
import { hasCode, isPilothouseError, PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import { figuresInWords, figuresOf, tablesInWords } from '#shared/domain/table-counts.ts';
import { readContents } from '../backup/contents.ts';
import type { DatabaseContents, Manifest } from '../backup/manifest.ts';
import { originFindings } from '../backup/origin.ts';
import { checkHashes, compareSizes } from '../backup/proof-checks.ts';
import { rememberProof } from '../backup/proof-memory.ts';
import { manifestDoubtOf } from '../backup/prove.ts';
import { readManifestFile, type ManifestFile } from '../backup/read-manifest.ts';
import { commandLine } from '../backup/run-tool.ts';
import { requireManifest } from '../backup/verify.ts';
import { countInWords } from '../backup/words.ts';
import type { EngineContext } from '../engine-context.ts';
import type { PlanDraft, Procedure, ProcedureOutcome, RunningOperation, StepLog } from '../operations/procedure.ts';
import { createBackupRepository } from '../store/backup-repository.ts';
import { createRestoreRepository, type RestoreRepository } from '../store/restore-repository.ts';
import { openArchive, readArchiveList, readListWithDatabase } from './archive.ts';
import { withLiveCounts } from './compare.ts';
import { propertyOmission } from './decisions.ts';
import { besideName } from './names.ts';
import { connectionFindings, decisionFindings, localeFindings, nameFindings, serverFindings, spaceFindings } from './preflight.ts';
import { sendsUnknownSetting } from './pg-restore-verdict.ts';
import { decide, prepareRestore, restoreInto, sweepScratch, sweepWords, type RestoredDatabase, type RestoreIntoOptions, type RestorePreparation } from './restore-into.ts';
import { backupFigures } from './recount.ts';
import { pgRestoreArguments } from './run-pg-restore.ts';
import { createDatabaseSql } from './scratch.ts';
import { connectBeside, listDatabases } from './server-databases.ts';
import { besideSourceFindings } from './source.ts';
import { restoredComment, unmarkKept } from './unmark-kept.ts';
import { instantInWords } from './when.ts';

export interface BesideInput {
  backupId: string;
  databaseId?: string | undefined;
  into?: string | undefined;
  jobs: number;
}

interface BesideDetails {
  backupId: string;
  databaseId: string;
  folder: string;
  into: string;
  jobs: number;
  systemIdentifier: string;
  /** The live database's name. */
  database: string;
  liveExists: boolean;
}

/** The managed database that a backup is restored beside. @throws restore.preflight where none is left */
function destinationOf(context: EngineContext, backup: { databaseId: string | null; database: string }, wanted: string | undefined): string {
  const databaseId = wanted ?? backup.databaseId;
  if (databaseId !== null && context.systems.findDatabase(databaseId) !== null) return databaseId;
  throw new PilothouseError('restore.preflight', `The database ${backup.database} that this backup was made of is not managed any more.`, { hint: 'Add the server it is to be restored to as a database, and name that one.', details: { databaseId } });
}

/** The last restore of this database, else how long proving this backup took; null where neither is known. */
function estimate(context: EngineContext, restores: RestoreRepository, databaseId: string, backupId: string): number | null {
  const last = restores.lastFinished(databaseId)?.durationMs ?? null;
  if (last !== null) return last;
  const proof = createBackupRepository(context.store).proofsOf(backupId).find(({ level, ok }) => level === 'L3' && ok);
  return proof === undefined ? null : Math.round(proof.durationMs);
}

/** What a quick look at a backup finds wrong: its files' names and sizes, and whether its manifest is the one that was written. */
async function whatIsWrong(context: EngineContext, backup: { id: string; path: string }, { manifest, sha256 }: ManifestFile): Promise<string | null> {
  const doubt = await manifestDoubtOf(context, { id: backup.id, folder: backup.path, manifestSha256: sha256 });
  if (doubt !== null) return doubt;
  try {
    const { missing, otherSize, unexpected } = await compareSizes(backup.path, manifest);
    return [...missing, ...otherSize, ...unexpected][0] ?? null;
  } catch (error) {
    if (isPilothouseError(error) && hasCode(error, 'backup.damaged')) return error.message;
    throw error;
  }
}

function backupFindings(backup: { proof: string | null; damaged: string | null }, missing: string | null): PlanFinding[] {
  if (backup.damaged !== null || missing !== null) return [{ state: 'critical', title: 'The backup is damaged', detail: backup.damaged ?? missing ?? '', fix: 'Restore another backup, and find out what happened to this disk.' }];
  if (backup.proof === 'L3') return [{ state: 'ok', title: 'The backup is proven: it was restored and counted before' }];
  return [{ state: 'warn', title: `The backup was never restored and counted${backup.proof === null ? '' : ` (${backup.proof})`}`, detail: 'This restore will show whether it is whole: every row is counted before it is called done.' }];
}

async function planBeside(context: EngineContext, restores: RestoreRepository, input: BesideInput): Promise<PlanDraft<BesideDetails>> {
  const backup = createBackupRepository(context.store).get(input.backupId);
  const databaseId = destinationOf(context, backup, input.databaseId);
  const target = context.targetOf(databaseId);
  const system = context.systems.get(context.systems.getDatabase(databaseId).systemId);
  const source = await requireManifest(context, backup);
  const { manifest } = source;
  const archive = await openArchive(context.postgres, manifest, backup.path, target);
  await sweepScratch(context, { databaseId });

  const session = await connectBeside(context, target, { applicationName: 'pilothouse preflight', statementTimeoutMs: 30_000 });
  try {
    const names = new Set((await listDatabases(session)).map((database) => database.name));
    const { database } = target.connection;
    const into = input.into ?? besideName(database, names);
    const list = await readArchiveList(archive);
    const decisions = await decide(context, { session, archive, list, manifest, into, purpose: 'restore', fileKey: context.ports.random.id() });
    const liveExists = names.has(database);
    const lost = liveExists ? null : propertyOmission(await readListWithDatabase(archive), database, archive.path);
    if (lost !== null) decisions.omissions.push(lost);
    const findings = [
      ...backupFindings(backup, await whatIsWrong(context, backup, source)),
      ...originFindings(createBackupRepository(context.store).isMadeHere(backup.id), session.server),
      ...serverFindings(session, manifest, target),
      ...besideSourceFindings(manifest.database.name, database),
      ...nameFindings(into, names, target, database),
      ...(await spaceFindings(context, session, manifest, target)),
      ...(await localeFindings(session, manifest)),
      ...decisionFindings(decisions),
      ...(await connectionFindings(session, input.jobs)),
    ];
    const systemIdentifier = session.server.systemIdentifier ?? '';
    const label = `${into} on ${context.addressOf(target.connection)}`;
    const shownArguments = pgRestoreArguments({ conninfo: `host=${target.connection.host} port=${target.connection.port} dbname=${into} user=${target.connection.user}`, jobs: input.jobs, passOver: sendsUnknownSetting(archive.tool.major, session.server.major), flags: decisions.flags, listFile: decisions.leftOut.size > 0 ? 'LIST' : null, archive: archive.path });
    return {
      title: `Restore ${backup.database} as ${into}`,
      question: `Restore the backup of ${backup.database} into the new database ${into}?`,
      system,
      target: label,
      targets: [{ label, databaseId, identity: { systemIdentifier, database: into } }],
      steps: [
        { id: 'verify', title: 'Read the backup again', detail: `SHA-256 of ${countInWords(manifest.files.length, 'file')} in ${backup.path}` },
        { id: 'create', title: `Make ${into}`, detail: createDatabaseSql(manifest, { name: into, connectionLimit: -1, serverMajor: session.server.major }) },
        { id: 'restore', title: 'Restore', detail: commandLine(archive.tool.path, shownArguments) },
        { id: 'compare', title: 'Count and compare', detail: `${tablesInWords(figuresOf(manifest.contents.tables))}, ${countInWords(manifest.contents.sequences.length, 'sequence')}, ${countInWords(manifest.contents.largeObjects, 'large object')}, ${countInWords(manifest.contents.constraints.total, 'constraint')}` },
        { id: 'live', title: `Count ${database} beside it`, detail: liveExists ? 'Reads only, while the restore goes on; for the comparison with what is live' : `Left out: there is no ${database} any more` },
      ],
      consequences: [
        `A new database ${into} stands on ${context.addressOf(target.connection)}, with ${figuresInWords(figuresOf(manifest.contents.tables))}, as of ${instantInWords(backup.takenAt)}.`,
        liveExists ? `${database} is not touched.` : `There is no ${database} on that server now, and none is made.`,
        'Should anything fail or differ, the new database is to be dropped again; if it cannot be, the result says so.',
      ],
      findings,
      // What has the name now is none of ours to drop.
      wayBack: names.has(into) ? null : `Drop ${into}.`,
      changes: true,
      irreversible: false,
      nameToConfirm: into,
      estimatedMs: estimate(context, restores, databaseId, backup.id),
      exclusive: [`beside:${databaseId}`, `name:${systemIdentifier}/${into}`],
      details: { backupId: backup.id, databaseId, folder: backup.path, into, jobs: input.jobs, systemIdentifier, database, liveExists },
    };
  } finally {
    await session.close();
  }
}

/** The live database's counts, or why there are none. */
type LiveCounts = { counted: DatabaseContents['tables'] } | { why: string };

/**
 * Counts the live database in one snapshot. What is live is shown for comparison: a restore is whole without it.
 * @throws operation.cancelled where nobody wants it any more, and nothing else
 */
async function countLive(context: EngineContext, details: BesideDetails, step: Pick<StepLog, 'command'>, signal: AbortSignal): Promise<LiveCounts> {
  if (!details.liveExists) return { why: `There is no ${details.database} on that server.` };
  try {
    const target = { ...context.targetOf(details.databaseId), systemIdentifier: details.systemIdentifier };
    const session = await context.postgres.connect(target, { applicationName: 'pilothouse compare', signal, lockTimeoutMs: 5000, onStatement: step.command });
    try {
      await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      // Its parallel workers are for the people who use it.
      await session.query('SET LOCAL max_parallel_workers_per_gather = 0');
      return { counted: (await readContents(session, { signal, inTransaction: true })).tables };
    } finally {
      await session.close();
    }
  } catch (error) {
    if (signal.aborted) throw new PilothouseError('operation.cancelled', `${details.database} is not counted to the end: nothing is compared with it.`, { cause: error });
    return { why: `${details.database} was not counted: ${toErrorShape(error, '').message}` };
  }
}

/** Begins to count the live database at once: while the backup is read again, its server has nothing else to do for us. */
function beginLiveCounts(context: EngineContext, details: BesideDetails, operation: RunningOperation): { counts: Promise<LiveCounts>; stop(): Promise<void> } {
  const controller = new AbortController();
  const signal = AbortSignal.any([operation.signal, controller.signal]);
  // Its statements stand with it, whatever is done meanwhile.
  const counts = operation.beside('live', (step) => countLive(context, details, step, signal));
  // Whoever waits for it is told that it was stopped; nobody may be waiting yet.
  counts.catch(() => {});
  return {
    counts,
    async stop() {
      controller.abort();
      await Promise.allSettled([counts]);
    },
  };
}

async function compareWithLive(operation: RunningOperation, counts: Promise<LiveCounts>, tables: ComparedTable[]): Promise<ComparedTable[]> {
  const live = await counts;
  operation.throwIfCancelled();
  if ('counted' in live) return withLiveCounts(tables, live.counted);
  operation.log('info', live.why);
  return tables;
}

function newRestore(context: EngineContext, details: BesideDetails, manifest: Manifest, operation: RunningOperation): Restore {
  const { systemId } = context.systems.getDatabase(details.databaseId);
  return {
    id: context.ports.random.id(),
    operationId: operation.id,
    backupId: details.backupId,
    backupTakenAt: manifest.snapshotAt,
    systemId,
    environment: context.systems.get(systemId).environment,
    databaseId: details.databaseId,
    identity: { systemIdentifier: details.systemIdentifier, database: details.database },
    source: { systemIdentifier: manifest.server.systemIdentifier, database: manifest.database.name },
    into: details.into,
    jobs: details.jobs,
    setAside: null,
    state: 'running',
    outcome: null,
    ...figuresOf(manifest.contents.tables),
    equal: null,
    differences: [],
    omissions: [],
    startedAt: new Date(context.ports.clock.now()).toISOString(),
    endedAt: null,
    durationMs: null,
    undoUntil: null,
  };
}

/** L0 of the backup, before anything is written. What is found is remembered with the backup: it must not look well any more. */
async function verify(context: EngineContext, details: BesideDetails, { manifest, sha256 }: ManifestFile, operation: RunningOperation, signal: AbortSignal): Promise<void> {
  const source = { id: details.backupId, folder: details.folder, manifestSha256: sha256 };
  const startedAt = context.ports.clock.now();
  const checks = await checkHashes({ folder: details.folder, manifest, source: null, manifestDoubt: await manifestDoubtOf(context, source), operation, signal, range: [0, 0.08] });
  for (const check of checks) operation.log(check.ok ? 'ok' : 'error', `${check.name}: ${check.detail}`);
  const failed = checks.filter(({ ok }) => !ok);
  if (failed.length === 0) return;
  const at = context.ports.clock.now();
  await rememberProof(context, source, { level: 'L0', ok: false, at: new Date(at).toISOString(), durationMs: at - startedAt, where: 'this computer', checks, operationId: operation.id });
  throw new PilothouseError('backup.damaged', `The backup in ${details.folder} is damaged: ${failed.map(({ detail }) => detail).join('; ')}.`, { hint: 'Nothing was written. Restore another backup, and find out what happened to this disk.', details: { folder: details.folder, checks: failed } });
}

/** How long what was seen of the server counts, in milliseconds; a large backup is read for hours. */
const freshMs = 60_000;

/**
 * Reads the backup again and looks at the server, side by side: neither writes anything, and both must be well before
 * anything is written. A server that will not do stops the reading; a damaged backup is read on, so that what is wrong
 * with it is known.
 */
async function verifyAndPrepare(context: EngineContext, details: BesideDetails, source: ManifestFile, restoring: RestoreIntoOptions): Promise<RestorePreparation> {
  const { operation } = restoring;
  const stop = new AbortController();
  const preparing = prepareRestore(context, restoring).catch((error: unknown) => {
    if (!hasCode(error, 'backup.damaged')) stop.abort(error);
    throw error;
  });
  const verifying = operation.phase('verify', () => verify(context, details, source, operation, AbortSignal.any([operation.signal, stop.signal])));
  const startedAt = performance.now();
  const [prepared, verified] = await Promise.allSettled([preparing, verifying]);
  if (prepared.status === 'fulfilled' && verified.status === 'fulfilled') {
    if (performance.now() - startedAt < freshMs) return prepared.value;
    await prepared.value.session.close();
    return prepareRestore(context, restoring);
  }
  if (prepared.status === 'fulfilled') await prepared.value.session.close();
  throw verified.status === 'rejected' ? verified.reason : (prepared as PromiseRejectedResult).reason;
}

/** What a swap would take from the live database, where there is none. */
async function sayWhatIsLost(details: BesideDetails, { archive, decisions, session }: RestorePreparation, operation: RunningOperation): Promise<void> {
  try {
    const lost = propertyOmission(await readListWithDatabase(archive, { signal: operation.signal, record: operation.command }), details.database, archive.path);
    if (lost !== null) decisions.omissions.push(lost);
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function runBeside(context: EngineContext, restores: RestoreRepository, details: BesideDetails, operation: RunningOperation): Promise<ProcedureOutcome> {
  const startedAt = performance.now();
  const source = await readManifestFile(details.folder);
  const { manifest } = source;
  if (manifest.id !== details.backupId) throw new PilothouseError('backup.manifest-invalid', `The folder ${details.folder} holds another backup than the one that was planned.`, { hint: 'Scan the backup folder again, then plan again.' });
  const target = { ...context.targetOf(details.databaseId), systemIdentifier: details.systemIdentifier };
  const row = newRestore(context, details, manifest, operation);
  restores.insert(row);
  context.changes.changed('restores');
  const ended = () => ({ endedAt: new Date(context.ports.clock.now()).toISOString(), durationMs: Math.round(performance.now() - startedAt) });

  let live: ReturnType<typeof beginLiveCounts> | null = null;
  try {
    live = beginLiveCounts(context, details, operation);
    const restoring: RestoreIntoOptions = { target, into: details.into, folder: details.folder, manifest, jobs: details.jobs, operation, purpose: 'restore', range: [0.08, 0.95] };
    const preparation = await verifyAndPrepare(context, details, source, restoring);
    if (!details.liveExists) await sayWhatIsLost(details, preparation, operation);
    const restored = await restoreInto(context, restoring, preparation);
    const { sequences, constraints, largeObjects, omissions, differences } = restored;
    const compared = restored.equal ? await compareWithLive(operation, live.counts, restored.tables) : restored.tables;
    restores.saveComparison(row.id, { compared, sequences, constraints, largeObjects, countedAt: new Date(context.ports.clock.now()).toISOString() });
    if (!restored.equal) {
      restores.update(row.id, { equal: false, differences, omissions });
      throw countsDiffer(details, restored);
    }
    const figures = backupFigures(compared);
    await restored.keep({
      comment: restoredComment(manifest.database.name, manifest.snapshotAt),
      whenUnmarked: () => void restores.update(row.id, {}, { marks: null }),
      alsoStore: () => void restores.update(row.id, { state: 'beside', outcome: omissions.length === 0 ? 'clean' : 'clean-with-omissions', equal: true, differences, omissions, ...figures, ...ended() }, { restoredOid: restored.scratch.oid, marks: restored.scratch.id }),
    });
    for (const omission of omissions) operation.warn(omission);
    context.changes.changed('restores');
    return {
      summary: `Restored ${manifest.database.name} as ${details.into}: ${figuresInWords(figures)}, all equal to the backup${omissions.length === 0 ? '' : `, ${countInWords(omissions.length, 'thing')} left out`}`,
      result: { restoreId: row.id, backupId: details.backupId, into: details.into, equal: true },
    };
  } catch (error) {
    if (restores.get(row.id).state === 'running') restores.update(row.id, { state: 'failed', outcome: 'failed', ...ended() });
    context.changes.changed('restores');
    throw error;
  } finally {
    await live?.stop();
  }
}

function countsDiffer(details: BesideDetails, restored: RestoredDatabase): PilothouseError {
  const [first, ...others] = restored.differences;
  return new PilothouseError('restore.counts-differ', `What came back into ${details.into} is not what was backed up: ${first ?? ''}${others.length > 0 ? `, and ${countInWords(others.length, 'more difference')}` : ''}.`, {
    hint: 'Restore another backup; the comparison of this one is kept with the restore.',
    details: { differences: restored.differences.slice(0, 50) },
  });
}

/** What a crash left: the half-made database, and the row that says it is running. */
async function recoverBeside(context: EngineContext, restores: RestoreRepository, details: BesideDetails, operationId: string): Promise<string> {
  const row = restores.findByOperation(operationId);
  const report = await sweepScratch(context, { operationId });
  if (row?.state === 'beside') {
    // Where that is not possible now, it is done as soon as it is.
    await unmarkKept(context, row.id).catch((error: unknown) => context.ports.logger.warn({ restoreId: row.id, reason: toErrorShape(error, '').message }, 'A restored database still bears the marks of an unfinished one.'));
    return `The restore was over: ${details.into} stands beside ${details.database}, equal to the backup. Open the restore to go on.`;
  }
  if (row?.state === 'running') restores.update(row.id, { state: 'failed', outcome: 'failed', differences: ['Pilothouse ended while this was under way'], endedAt: new Date(context.ports.clock.now()).toISOString() });
  return `${sweepWords(report) ?? `Nothing was left on the server.`} ${details.database} was not touched. Plan the restore again.`;
}

/** The procedure `restore.beside`. */
export function createRestoreBeside(context: EngineContext): Procedure<BesideInput, BesideDetails> {
  const restores = createRestoreRepository(context.store);
  return {
    kind: 'restore.beside',
    plan: (input) => planBeside(context, restores, input),
    run: (details, operation) => runBeside(context, restores, details, operation),
    recover: (details, operation) => recoverBeside(context, restores, details, operation.id),
  };
}
