/** Goes on with a backup whose dump a host has made without us, or still makes; or gives it up. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { UnfinishedDump } from '#shared/contract/backups.ts';
import type { PlanFinding } from '#shared/contract/operations.ts';
import { isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import { proofWords } from '#shared/domain/proof.ts';
import type { EngineContext } from '../../engine-context.ts';
import type { PlanDraft, ProcedureOutcome, RunningOperation } from '../../operations/procedure.ts';
import type { PostgresTarget } from '../../postgres/types.ts';
import { createBackupRepository } from '../../store/backup-repository.ts';
import { identityOf, onProduction, proofSteps, spaceFindings, type BackupDetails } from '../plan-backup.ts';
import { dumpName, makingShare, openSource, type Making } from '../making.ts';
import { folderBytes } from '../files.ts';
import { adoptPartialFolder } from '../partial-folder.ts';
import { freeBytesOf } from '../space.ts';
import { bytesInWords, timeInWords } from '../words.ts';
import { finishDump } from './finish.ts';
import { giveUp, takeBack } from './give-up.ts';
import { createLine } from './line.ts';
import { lookAtDump } from './look.ts';
import { dumpsOf, folderOfDump, isUnderWay, remember, whyHopeless, type Dump } from './record.ts';
import { goneOnWith } from './settle.ts';
import { followToEnd, leaveOrFail, stays } from './run-detached.ts';

export interface ContinueDetails {
  /** The operation that began the dump. */
  dumpOf: string;
  backup: BackupDetails;
}

export interface AbandonDetails {
  dumpOf: string;
}

/** The share of the making that waiting for the dump is, and then fetching it. */
const dumpShare = 0.2;

/** @throws backup.not-found, operation.busy */
export function requireDump(context: EngineContext, operationId: string): Dump {
  const dump = dumpsOf(context).find(operationId) ?? dumpsOf(context).list().find(({ continuedBy }) => continuedBy === operationId) ?? null;
  if (dump === null || dump.state !== 'wanted') throw new PilothouseError('backup.not-found', 'There is no dump on a host of this operation to go on with.', { hint: 'It was continued or given up already, or it failed. Back up again.', details: { operationId } });
  if (isUnderWay(context, dump)) throw new PilothouseError('operation.busy', `The backup of ${dump.about.targetLabel} is under way.`, { hint: 'Wait until it is finished, or cancel it.', retryable: true });
  return dump;
}

/** The same, of which a backup can come. @throws backup.dump-failed where none can: it ended before it could do without us, or its database was removed here */
export function requireContinuable(context: EngineContext, operationId: string): Dump {
  const dump = requireDump(context, operationId);
  const why = whyHopeless(context, dump);
  if (why === null) return dump;
  throw new PilothouseError('backup.dump-failed', why, { hint: 'Give it up: both sides are cleaned.', details: { operationId } });
}

const exclusiveOf = (dump: Dump): string[] => [`database:${dump.databaseId}`, `dump:${dump.operationId}`];

const systemOf = (context: EngineContext, systemId: string): PlanDraft<unknown>['system'] => {
  const { id, name, environment, readOnly } = context.systems.get(systemId);
  return { id, name, environment, readOnly };
};

/** @throws backup.not-found, backup.dump-failed, operation.busy, ssh.*, postgres.* (another cluster is there: postgres.wrong-identity) */
export async function planContinue(context: EngineContext, { operationId }: { operationId: string }): Promise<PlanDraft<ContinueDetails>> {
  const dump = requireContinuable(context, operationId);
  const { about } = dump;
  const { details } = about;
  const { proof } = details.options;
  const database = context.systems.getDatabase(dump.databaseId);
  const system = systemOf(context, database.systemId);
  const target: PostgresTarget = { ...context.targetOf(dump.databaseId), systemIdentifier: details.identity.systemIdentifier };
  const findings: PlanFinding[] = [];
  const session = await context.postgres.connect(target, { applicationName: 'pilothouse backup plan' });
  try {
    identityOf(session, findings);
  } finally {
    await session.close();
  }
  const seen = await lookAtDump(context, dump, AbortSignal.timeout(60_000));
  if (seen.failure !== null) findings.push({ state: 'critical', title: seen.failure.message, fix: 'Give it up: both sides are cleaned. Then back up again.' });
  else findings.push({ state: 'ok', title: seen.state === 'running' ? `The dump goes on on ${about.siteLabel}` : `The dump is finished on ${about.siteLabel}`, detail: `${bytesInWords(seen.look.folderBytes)} in ${about.jobFolder}` });
  // What is here of it takes no more space.
  const expectedBytes = Math.max(0, Math.max(details.expectedBytes, seen.look.folderBytes) - (await folderBytes(folderOfDump(context, dump))));
  findings.push(...spaceFindings(await freeBytesOf(context.home.backups), expectedBytes, expectedBytes, context.home.backups));
  if (about.contents === null) findings.push({ state: 'warn', title: 'The rows are counted in the dump', detail: 'The line was lost before all of them were counted in the database.' });
  let pgRestore = 'pg_restore';
  try {
    pgRestore = (await context.postgres.requireReader(about.pgDump.major, { isOneFile: true }, target)).path;
  } catch (error) {
    if (!isPilothouseError(error)) throw error;
    findings.push({ state: 'critical', title: error.message, ...(error.hint === undefined ? {} : { fix: error.hint }) });
  }
  const scratch = 'pilothouse_proof_…';
  return {
    title: `Continue the backup of ${database.label}`,
    question: `Continue the backup of ${database.label} that was begun ${timeInWords(new Date(about.startedAt).toISOString())}?`,
    system,
    target: target.label,
    targets: [{ label: target.label, databaseId: database.id, identity: details.identity }],
    steps: [
      { id: 'space', title: 'Check that host, database and dump are those of before' },
      { id: 'dump', title: `Wait until the dump is whole on ${about.siteLabel}` },
      { id: 'fetch', title: 'Fetch it, from the last byte that is here', detail: `${about.siteLabel}: ${about.jobFolder}/dump` },
      { id: 'globals', title: 'Save roles and tablespaces, if that was not done yet' },
      { id: 'contents', title: 'Compare its contents with what was counted' },
      { id: 'seal', title: 'Compare every hash with the host, write the manifest, put it in place' },
      ...proofSteps(proof, { dump: 'dump', scratch, pgRestore }),
    ],
    consequences: [
      ...(proof === 'L3' && system?.environment === 'production' ? [onProduction(scratch, target.label)] : []),
      `One more backup of ${database.label}, as it was ${timeInWords(about.snapshot.takenAt)}, in ${context.home.backups}. It is verified up to ${proof} (${proofWords[proof].toLowerCase()}).`,
      `Afterwards nothing of it is left on ${about.siteLabel}.`,
    ],
    findings,
    wayBack: 'Cancel at any time: that gives it up, and cleans both sides. Closing Pilothouse does not: it can be continued again.',
    changes: proof === 'L3',
    irreversible: false,
    nameToConfirm: null,
    estimatedMs: null,
    exclusive: exclusiveOf(dump),
    details: { dumpOf: dump.operationId, backup: details },
  };
}

/** @throws backup.*, ssh.*, postgres.*, operation.cancelled, operation.interrupted */
export async function runContinue(context: EngineContext, { dumpOf, backup }: ContinueDetails, operation: RunningOperation): Promise<ProcedureOutcome> {
  const stop = new AbortController();
  const signal = AbortSignal.any([operation.signal, stop.signal]);
  const share = makingShare[backup.options.proof];
  const { dump, target, making, seen } = await operation.phase('space', async () => {
    const found = requireContinuable(context, dumpOf);
    const { about } = found;
    const reached: PostgresTarget = { ...context.targetOf(found.databaseId), systemIdentifier: backup.identity.systemIdentifier };
    const session = await openSource(context, backup, operation, reached, signal);
    await session.close();
    const looked = await lookAtDump(context, found, signal);
    const { major } = session.server;
    const dumper = { name: 'pg_dump' as const, ...about.pgDump, there: looked.site.there };
    const tools = { dump: dumper, globals: await context.postgres.requireTool('pg_dumpall', major, reached), restore: await context.postgres.requireReader(about.pgDump.major, { isOneFile: true }, reached) };
    const made: Making = { context, details: backup, operation, target: reached, server: { ...session.server, version: about.server.version, versionNum: about.server.versionNum }, tools, stop, signal };
    return { dump: found, target: reached, making: made, seen: looked };
  });
  const { site } = seen;
  const { globals } = dump.about;
  const folder = await adoptPartialFolder(folderOfDump(context, dump), [dumpName.directory, ...(globals === null || globals.file === null ? [] : [globals.file])]);
  // Whoever took the folder away took them along.
  if (globals !== null && globals.file !== null && !existsSync(join(folder.path, globals.file))) remember(context, dump, { globals: null });
  dumpsOf(context).update(dumpOf, { continuedBy: operation.id });
  // Where this one is interrupted too, it alone asks to be gone on with.
  tellThoseBefore(context, dump, operation.id, goneOnWith);
  const takeBackJob = operation.onFailure(`the dump on ${site.label}`, async () => {
    try {
      await takeBack(context, dump, site);
    } finally {
      // Also where the host is away: nobody can go on with it any more.
      tellThoseBefore(context, dump, operation.id, createBackupRepository(context.store).find(operation.id) === null ? 'It was given up.' : 'It was continued, and its backup is in the catalogue.');
    }
  });
  const takeBackFolder = operation.onFailure(`the unfinished backup ${folder.path}`, () => folder.remove());
  const line = createLine({ operation, label: site.label, meanwhile: () => stays, ports: context.ports, signal });
  making.patiently = (work) => line.patiently(work);
  try {
    await operation.phase('dump', async () => {
      const watcher = {
        onTable: (name: string) => operation.log('info', `Dumping ${name}`),
        onFinished() {},
        onLocked() {},
        onWarning: operation.warn,
        onBytes: (bytes: number) => operation.progress({ fraction: share * dumpShare * Math.min(1, bytes / Math.max(1, backup.expectedBytes)), done: bytes, unit: 'bytes', text: line.held() ?? `Dumping on ${site.label} · ${bytesInWords(bytes)} written` }),
      };
      await followToEnd({ making, dump, site, line }, watcher);
      // Settings that hide damage may have been set while it ran.
      if (seen.state === 'running') await line.patiently(async () => (await openSource(context, backup, operation, target, signal)).close(), 'session');
    });
    await context.ports.checkpoint?.('backup:dumped');
    const outcome = await finishDump({ making, dump, folder, site, line, takeBack: { folder: takeBackFolder, job: takeBackJob }, range: [share * dumpShare, share] });
    tellThoseBefore(context, dump, operation.id, `It was continued, and is a backup: ${outcome.summary}.`);
    return outcome;
  } catch (error) {
    throw leaveOrFail(error, { context, operation, dump, folder, disarm: [takeBackFolder, takeBackJob] });
  }
}

/** The operations that came before say what has become of it, and ask for nobody any more: the one that began it, and one that went on with it and was interrupted too. */
export function tellThoseBefore(context: EngineContext, dump: Dump, operationId: string, advice: string): void {
  for (const id of [dump.operationId, dump.continuedBy]) {
    if (id !== null && id !== operationId && context.operations.find(id) !== null) context.operations.update(id, { advice, acknowledged: true });
  }
  context.changes.changed('operations');
}

/** @throws backup.not-found, operation.busy */
export async function planAbandon(context: EngineContext, { operationId }: { operationId: string }): Promise<PlanDraft<AbandonDetails>> {
  const dump = requireDump(context, operationId);
  const { about } = dump;
  // Also of a database that was removed meanwhile.
  const database = context.systems.findDatabase(dump.databaseId);
  const label = database?.label ?? about.details.identity.database;
  return {
    title: `Give up the backup of ${label}`,
    question: `Give up the backup of ${label} that was begun ${timeInWords(new Date(about.startedAt).toISOString())}?`,
    system: database === null ? null : systemOf(context, database.systemId),
    target: about.targetLabel,
    targets: [{ label: about.targetLabel, databaseId: database?.id ?? null, identity: null }],
    steps: [
      { id: 'clean', title: `End the dump on ${about.siteLabel}, take it off, and remove what is here of it`, detail: `${about.siteLabel}: ${about.jobFolder}; here: ${folderOfDump(context, dump)}` },
    ],
    consequences: [`No backup comes of it: ${label} as it was ${timeInWords(about.snapshot.takenAt)} is lost with it. Nothing else on ${about.siteLabel}, in ${label} or in the catalogue changes.`],
    findings: [],
    wayBack: null,
    changes: false,
    irreversible: false,
    nameToConfirm: null,
    estimatedMs: null,
    exclusive: exclusiveOf(dump),
    details: { dumpOf: dump.operationId },
  };
}

/** @throws backup.not-found; ssh.* where the host cannot be reached: it is taken off it later */
export async function runAbandon(context: EngineContext, { dumpOf }: AbandonDetails, operation: RunningOperation): Promise<ProcedureOutcome> {
  const dump = requireDump(context, dumpOf);
  const { siteLabel, targetLabel } = dump.about;
  try {
    const left = await operation.phase('clean', () => giveUp(context, dump));
    if (left !== null) operation.warn(left);
    return { summary: `Given up the backup of ${targetLabel}: nothing of it is left here${left === null ? ` or on ${siteLabel}` : ''}`, result: {} };
  } finally {
    // Also where the host is away: nobody can go on with it any more.
    if (dumpsOf(context).find(dumpOf)?.state !== 'wanted') tellThoseBefore(context, dump, operation.id, 'It was given up.');
  }
}

function systemOfOperation(context: Pick<EngineContext, 'operations' | 'systems'>, operationId: string): string | null {
  const systemId = context.operations.find(operationId)?.systemId ?? null;
  return systemId === null || context.systems.find(systemId) === null ? null : systemId;
}

/** Dumps on hosts that wait for somebody to go on with them, or to give them up. */
export function listUnfinished(context: EngineContext): Omit<UnfinishedDump, 'bytesHere'>[] {
  return dumpsOf(context)
    .list()
    .filter((dump) => dump.state === 'wanted' && !isUnderWay(context, dump))
    .map((dump) => {
      const { operationId, continuedBy, databaseId, hostId, about, createdAt } = dump;
      const begunAt = new Date(createdAt).toISOString();
      // The operation that was at it last.
      const last = (continuedBy === null ? null : context.operations.find(continuedBy)) ?? context.operations.find(operationId);
      return {
        operationId, continuedBy, databaseId, hostId, begunAt,
        database: about.details.identity.database,
        // Also of a database that was removed meanwhile: what lies on the host is still to be seen to.
        systemId: context.systems.findDatabase(databaseId)?.systemId ?? systemOfOperation(context, operationId),
        host: about.siteLabel,
        interruptedAt: last?.endedAt ?? begunAt,
        takenAt: about.snapshot.takenAt,
        expectedBytes: about.details.expectedBytes,
        lastLook: last?.advice ?? null,
        hopeless: whyHopeless(context, dump),
      };
    });
}

/** The same, with what was fetched of each. */
export function readUnfinished(context: EngineContext): Promise<UnfinishedDump[]> {
  const here = async (operationId: string): Promise<number> => {
    const dump = dumpsOf(context).find(operationId);
    return dump === null ? 0 : folderBytes(join(folderOfDump(context, dump), dumpName.directory));
  };
  return Promise.all(listUnfinished(context).map(async (dump) => ({ ...dump, bytesHere: await here(dump.operationId) })));
}
