/** What a backup is about to do, seen before it does it. */
import type { Backup, BackupOptions } from '#shared/contract/backups.ts';
import type { DatabaseIdentity } from '#shared/contract/common.ts';
import type { PlanFinding, PlanStep } from '#shared/contract/operations.ts';
import { isPilothouseError } from '#shared/domain/errors.ts';
import { proofWords, type ProofLevel } from '#shared/domain/proof.ts';
import { tablesInWords } from '#shared/domain/table-counts.ts';
import type { EngineContext } from '../engine-context.ts';
import type { PlanDraft } from '../operations/procedure.ts';
import type { ClientTool, PostgresSession, PostgresTarget } from '../postgres/types.ts';
import { createBackupRepository } from '../store/backup-repository.ts';
import { lookAtGround } from '../ssh/jobs/detached-job.ts';
import { findDamageUnseen } from './damage-unseen.ts';
import { isInside, isMadeThere, noHashes, reserveOf, siteOf } from './detached/site.ts';
import { dumpArguments, globalsArguments } from './dump.ts';
import { folderNameOf } from './folder-names.ts';
import { lookAhead, proofFindings, readFindings, scratchFactor, type LookAhead } from './look-ahead.ts';
import { levelsUpTo, proofStepOf } from './prove.ts';
import { readManifestFile } from './read-manifest.ts';
import { commandLine, toolLine } from './run-tool.ts';
import { expectedDumpBytes, freeBytesOf, hasSpace, serverFreeBytes, type LastDump } from './space.ts';
import { bytesInWords } from './words.ts';

export interface BackupInput {
  databaseId: string;
  options: BackupOptions;
  backupPlanId: string | null;
}

export interface BackupDetails extends BackupInput {
  identity: DatabaseIdentity;
  expectedBytes: number;
}

/** Bytes of tables per second, where nothing is known yet: cautious for a laptop and gzip. */
const assumedBytesPerSecond = 40_000_000;

/** Milliseconds for looking what a host has for a dump. */
const lookThereMs = 30_000;

/** The size of a table is read under a lock, and a plan waits for nobody who changes one: this long, in milliseconds. */
const planLockMs = 5000;

/** What each level does, as a step of a plan. */
export function proofSteps(upTo: ProofLevel, about: { dump: string; scratch: string; pgRestore: string }): PlanStep[] {
  const details: Record<ProofLevel, string> = {
    L0: 'The SHA-256 of every file, read back from the disk, must be what the manifest says.',
    L1: commandLine(about.pgRestore, ['--list', about.dump]),
    L2: commandLine(about.pgRestore, ['--data-only', '--file=-', about.dump]),
    L3: `CREATE DATABASE ${about.scratch} TEMPLATE template0; ${commandLine(about.pgRestore, ['--exit-on-error', `--dbname=${about.scratch}`, about.dump])}; every row, sequence and large object counted; DROP DATABASE ${about.scratch}`,
  };
  const titles: Record<ProofLevel, string> = { L0: 'Prove: the hash of every file', L1: 'Prove: list its contents', L2: 'Prove: read it to the end and count its rows', L3: 'Prove: restore it beside and count' };
  return levelsUpTo(upTo).map((level) => ({ id: proofStepOf(level), title: titles[level], detail: details[level] }));
}

async function findTool(find: () => Promise<ClientTool>, findings: PlanFinding[]): Promise<ClientTool | null> {
  try {
    return await find();
  } catch (error) {
    if (!isPilothouseError(error)) throw error;
    findings.push({ state: 'critical', title: error.message, ...(error.hint === undefined ? {} : { fix: error.hint }) });
    return null;
  }
}

/** Backups that are looked through for one with the same options. */
const lookedThrough = 10;

/** What is known of the last backup of this database, to guess the size of the next: with the same options where there is one. */
async function lastDump(before: readonly Backup[], options: BackupOptions): Promise<LastDump | null> {
  let newest: LastDump | null = null;
  const sound = before.filter((backup) => backup.damaged === null).slice(0, lookedThrough);
  for (const backup of sound) {
    try {
      const { manifest } = await readManifestFile(backup.path);
      const known = { sizeBytes: backup.sizeBytes, compressLevel: manifest.dump.compressLevel, databaseBytes: manifest.databaseBytes };
      if (backup.format === options.format && known.compressLevel === options.compressLevel) return known;
      newest ??= known;
    } catch (error) {
      // A guess is all that is wanted; what is wrong with that folder the next scan or verification says.
      if (!isPilothouseError(error)) throw error;
    }
  }
  return newest;
}

function lastDurationMs(context: EngineContext, systemId: string, target: string, proof: ProofLevel): number | null {
  const runs = context.operations.list({ systemId, kinds: ['backup.run'], limit: 20 });
  const alike = runs.find((run) => run.target === target && run.state.startsWith('succeeded') && run.result?.['proof'] === proof);
  const { startedAt = null, endedAt = null } = alike ?? {};
  return startedAt === null || endedAt === null ? null : Date.parse(endedAt) - Date.parse(startedAt);
}

/** pg_dump's conninfo as it is sent, but for the files with secrets, which get their names when it runs. */
function shownConninfo({ connection }: PostgresTarget): string {
  return `host=${connection.host} port=${connection.port} dbname=${connection.database} user=${connection.user} sslmode=${connection.tls.mode}`;
}

/** @param folder where it is needed, in words */
export function spaceFindings(free: number, expectedBytes: number, tableBytes: number, folder: string): PlanFinding[] {
  const detail = `About ${bytesInWords(expectedBytes)} are needed, ${bytesInWords(free)} are free in ${folder}.`;
  if (!hasSpace(free, expectedBytes)) return [{ state: 'critical', title: 'Too little space for the backup', detail, fix: 'Free some space, or delete backups that are no longer needed.' }];
  if (free < tableBytes) return [{ state: 'warn', title: 'Space may run short', detail: `${detail} If its rows compress badly it can be ${bytesInWords(tableBytes)}.` }];
  return [{ state: 'ok', title: 'There is space for it', detail }];
}

/** The identity that a plan is bound to; a finding where the role may not see it. */
export function identityOf(session: PostgresSession, findings: PlanFinding[]): DatabaseIdentity {
  const { systemIdentifier, database, user } = session.server;
  if (systemIdentifier === null) findings.push({ state: 'critical', title: `${user} may not read the identity of this cluster`, detail: 'A backup that cannot be told from one of another cluster is no help.', fix: `As a superuser: GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO "${user.replaceAll('"', '""')}";` });
  return { systemIdentifier: systemIdentifier ?? '', database };
}

interface Seen {
  ahead: LookAhead;
  /** Whether nothing is known of a backup before. */
  isFirst: boolean;
  expectedBytes: number;
  tools: Record<'dump' | 'globals' | 'restore', ClientTool | null>;
  identity: DatabaseIdentity;
  findings: PlanFinding[];
  superuser: boolean;
  /** Of the database. */
  encoding: string;
}

/** What the host that will make the dump by itself has for it. */
async function lookThere(target: PostgresTarget, tool: ClientTool, expectedBytes: number, findings: PlanFinding[]): Promise<void> {
  const site = siteOf(tool, target);
  const signal = AbortSignal.timeout(lookThereMs);
  const ground = await site.ask(signal)((host) => lookAtGround(host, signal));
  if (ground.hashes === null) {
    const { message, hint } = noHashes(site.label);
    findings.push({ state: 'critical', title: message, ...(hint === undefined ? {} : { fix: hint }) });
  }
  const needed = expectedBytes + reserveOf(ground);
  const detail = `About ${bytesInWords(needed)} are needed in ${ground.home}, with what is left free for others${ground.freeBytes === null ? '; how much is free nobody says there' : `; ${bytesInWords(ground.freeBytes)} are free`}.`;
  if (ground.freeBytes !== null && ground.freeBytes < needed) findings.push({ state: 'critical', title: `Too little space for the dump on ${site.label}`, detail, fix: 'Free some space there, or back up as one file (custom): that is streamed here and needs none on the server.' });
  else findings.push({ state: ground.freeBytes === null ? 'warn' : 'ok', title: `The dump is made on ${site.label} by itself, and fetched`, detail });
  if (ground.endsLeftovers && !ground.lingers && !ground.isRoot) findings.push({ state: 'warn', title: `${site.label} ends what a login leaves behind`, detail: 'KillUserProcesses is on there, and this account may not stay (Linger): a dump ends with the last connection, and then it failed.', fix: 'As an administrator there: loginctl enable-linger with the name of this account; or back up as one file (custom).' });
  if (!ground.hasSetsid) findings.push({ state: 'warn', title: `${site.label} has no setsid`, detail: 'A dump may end there with the connection.', fix: 'Install util-linux there, or back up as one file (custom).' });
}

async function lookAround(context: EngineContext, target: PostgresTarget, input: BackupInput): Promise<Seen> {
  const findings: PlanFinding[] = [];
  const session = await context.postgres.connect(target, { applicationName: 'pilothouse backup plan', lockTimeoutMs: planLockMs });
  try {
    const { server } = session;
    const identity = identityOf(session, findings);
    const ahead = await lookAhead(session);
    const tableBytes = [...ahead.tableBytes.values()].reduce((sum, bytes) => sum + bytes, 0);
    const dump = await findTool(() => context.postgres.requireTool('pg_dump', server.major, target), findings);
    const globals = dump === null ? null : await findTool(() => context.postgres.requireTool('pg_dumpall', server.major, target), findings);
    const restore = dump === null ? null : await findTool(() => context.postgres.requireReader(dump.major, { isOneFile: input.options.format === 'custom' || isMadeThere(input.options, target) }, target), findings);
    if (dump !== null) findings.push({ state: 'ok', title: `pg_dump ${dump.version} for Postgres ${server.version}`, detail: dump.there === undefined ? dump.path : `${dump.path}, of ${dump.there.label}` });
    findings.push(...readFindings(ahead, session));
    const unseen = await findDamageUnseen(session);
    if (unseen !== null) findings.push(unseen);
    const before = createBackupRepository(context.store).listOfCluster(identity.systemIdentifier, identity.database, 50);
    const expectedBytes = expectedDumpBytes({ tableBytes, compressLevel: input.options.compressLevel, last: await lastDump(before, input.options), databaseBytes: ahead.databaseBytes });
    findings.push(...spaceFindings(await freeBytesOf(context.home.backups), expectedBytes, tableBytes, context.home.backups));
    if (dump !== null && isMadeThere(input.options, target)) await lookThere(target, dump, expectedBytes, findings);
    if (restore?.there !== undefined && isMadeThere(input.options, target)) findings.push({ state: 'warn', title: `This computer has no pg_restore for it`, detail: `It is proved by that of ${restore.there.label} before it is taken off there. Afterwards it can be verified up to L0 (its hashes), and restored, only where pg_restore ${dump?.major ?? ''} or newer is installed.`, fix: 'Install the client programs on this computer, or back up as one file (custom), which can be sent to the programs of the host.' });
    if (input.options.proof === 'L3') findings.push(...proofFindings(session, Math.round(ahead.databaseBytes * scratchFactor), await serverFreeBytes(context, target, session)));
    if (!server.superuser) findings.push({ state: 'warn', title: 'Roles are saved without their passwords', detail: `${server.user} is no superuser, and only those can read them.` });
    const { rows } = await session.query<{ encoding: string }>("SELECT pg_catalog.current_setting('server_encoding') AS encoding");
    return { ahead, isFirst: before.length === 0, expectedBytes, tools: { dump, globals, restore }, identity, findings, superuser: server.superuser, encoding: rows[0]?.encoding ?? '' };
  } finally {
    await session.close();
  }
}

/** The one change on a production server for which no name has to be typed: nothing that is there is touched. */
export function onProduction(scratch: string, label: string): string {
  return `This writes to a production server, and asks for no typed name: ${label} gets a database ${scratch} beside the others, and loses it again. Nothing that is there is changed. Up to L2 nothing is written.`;
}

/** What a line that is lost does to a backup of a database behind a host, and what would do without it; nothing where there is none, or where the host needs none. */
export function overALine({ connection, through }: Pick<PostgresTarget, 'connection' | 'through'>, options: Pick<BackupOptions, 'format'>): string[] {
  if (connection.viaId === null || isMadeThere(options, { connection })) return [];
  const host = through ?? 'the host';
  const lost = `Its dump comes here over the line to ${host}: should that be lost, the backup ends, and is to be begun anew.`;
  // Programs in a container end with whoever listens to them, whatever is chosen.
  if (isInside(connection)) return [lost];
  const chosen = connection.tools.where === 'host' ? '' : `, with the programs of ${host} chosen under Advanced in its connection,`;
  return [`${lost} As a folder (directory)${chosen} it is made on ${host}, and goes on there without a line.`];
}

/** @throws postgres.* where the server cannot be looked at, store.not-found */
export async function planBackup(context: EngineContext, input: BackupInput): Promise<PlanDraft<BackupDetails>> {
  const database = context.systems.getDatabase(input.databaseId);
  const system = context.systems.get(database.systemId);
  const target = context.targetOf(input.databaseId);
  // What programs inside of a container write, nobody fetches out of it.
  const isStreamed = input.options.format === 'directory' && isInside(target.connection);
  const options: BackupOptions = isStreamed ? { ...input.options, format: 'custom', jobs: 1 } : input.options;
  const { ahead, isFirst, expectedBytes, tools, identity, findings, superuser, encoding } = await lookAround(context, target, { ...input, options });
  if (isStreamed) findings.push({ state: 'warn', title: 'It is streamed here as one file, by one worker', detail: `${tools.dump?.there?.label ?? 'The container'} runs the programs of this database: a folder that they write stays in there, and work that nobody listens to ends with it.` });
  const isThere = isMadeThere(options, target);
  const { proof } = options;
  const conninfo = shownConninfo(target);
  const folder = `${folderNameOf(system.name)}/${folderNameOf(identity.database)}/…`;
  const tableBytes = [...ahead.tableBytes.values()].reduce((sum, bytes) => sum + bytes, 0);
  const scratch = 'pilothouse_proof_…';
  return {
    title: `Back up ${database.label}`,
    question: `Back up ${database.label}?`,
    system: { id: system.id, name: system.name, environment: system.environment, readOnly: system.readOnly },
    target: target.label,
    targets: [{ label: target.label, databaseId: database.id, identity }],
    steps: [
      { id: 'space', title: 'Check identity, programs and space' },
      { id: 'snapshot', title: 'Open one snapshot', detail: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT pg_export_snapshot()' },
      { id: 'dump', title: isThere ? `Dump in that snapshot on ${tools.dump?.there?.label ?? 'the host'}, where it goes on without a connection; count every row in it` : 'Dump in that snapshot, and count every row in it', detail: toolLine(tools.dump ?? { path: 'pg_dump' }, dumpArguments({ options, conninfo, encoding, snapshot: '…', file: `${folder}/dump` })) },
      { id: 'globals', title: 'Save roles and tablespaces', detail: toolLine(tools.globals ?? { path: 'pg_dumpall' }, globalsArguments({ conninfo, database: identity.database, encoding, passwords: superuser, file: `${folder}/globals.sql` })) },
      ...(isThere ? [{ id: 'fetch', title: 'Fetch it, each file held to the hash that was made there' }] : []),
      { id: 'contents', title: 'Compare its contents with what was counted', detail: toolLine(tools.restore ?? { path: 'pg_restore' }, ['--list', { option: '', file: `${folder}/dump`, is: 'archive' }]) },
      { id: 'seal', title: 'Hash every file, write the manifest, put it in place' },
      ...proofSteps(proof, { dump: `${folder}/dump`, scratch, pgRestore: tools.restore?.path ?? 'pg_restore' }),
    ],
    consequences: [
      ...(proof === 'L3' && system.environment === 'production' ? [onProduction(scratch, target.label)] : []),
      `${isFirst ? 'The first backup' : 'One more backup'} of ${database.label}: ${tablesInWords(ahead.counted)}, ${bytesInWords(ahead.databaseBytes)} on the server, about ${bytesInWords(expectedBytes)} here, in ${context.home.backups}.`,
      ...overALine(target, options),
      `Nothing in ${database.label} changes. While it is dumped, nobody can change the structure of its tables, and the server keeps the rows that the snapshot sees.`,
      ...(proof === 'L3' ? [`For the proof a database ${scratch} of about ${bytesInWords(Math.round(ahead.databaseBytes * scratchFactor))} is made on the same server, counted and dropped.`] : [`It is verified up to ${proof} (${proofWords[proof]}) and counts as unproven until it was restored and counted.`]),
    ],
    findings,
    wayBack: proof === 'L0' ? 'Cancel at any time: an unfinished copy is removed, one that is whole stays. A copy can be deleted.' : 'Cancel at any time: an unfinished copy is removed. One that is whole stays, also when its proof is cancelled, and can be deleted.',
    changes: proof === 'L3',
    irreversible: false,
    nameToConfirm: null,
    estimatedMs: lastDurationMs(context, system.id, target.label, proof) ?? Math.round(2000 + (tableBytes / assumedBytesPerSecond) * 1000 * (proof === 'L3' ? 2.5 : proof === 'L2' ? 1.4 : 1)),
    exclusive: [`database:${database.id}`],
    details: { ...input, options, identity, expectedBytes },
  };
}
