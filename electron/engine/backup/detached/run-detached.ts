/**
 * A backup whose dump the host makes by itself: it goes on when the line is lost, this computer sleeps or the engine is
 * killed. What it still needs of us is the snapshot, until each of its workers has begun.
 */
import { join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import { createLineReader } from '../../children/output.ts';
import type { EngineContext } from '../../engine-context.ts';
import type { ProcedureOutcome, RunningOperation } from '../../operations/procedure.ts';
import { readLanguage } from '../../postgres/index.ts';
import type { PostgresSession, PostgresTarget } from '../../postgres/types.ts';
import { followJob, jobFolderOf, lookAtGround, startJob } from '../../ssh/jobs/detached-job.ts';
import { findRewritten, readContents, readOutline } from '../contents.ts';
import { requireDamageSeen } from '../damage-unseen.ts';
import { dumpArguments, isSnapshotUnknown, readVerboseLine, type DumpWatcher } from '../dump.ts';
import { followDump } from '../dump-progress.ts';
import { syncFile } from '../../platform/durable.ts';
import { destinationError } from '../files.ts';
import { watchLocks } from '../lock-watch.ts';
import { lookAhead } from '../look-ahead.ts';
import { makingShare, openSource, orLostLine, saveGlobals, together, type Making } from '../making.ts';
import { makePartialFolder } from '../partial-folder.ts';
import type { BackupDetails } from '../plan-backup.ts';
import { complaints, plainArguments, toolLine, unwantedVariables } from '../run-tool.ts';
import { openSnapshot, readDatabaseFacts } from '../snapshot.ts';
import { requireSpace } from '../space.ts';
import { dumpScript, type DumpStage } from './dump-script.ts';
import { finishDump } from './finish.ts';
import { takeBack } from './give-up.ts';
import { createLine, isLineTrouble, type Line } from './line.ts';
import { dumpsOf, folderOfDump, remember, type AboutDump, type Dump } from './record.ts';
import { hostKeyOf, noHashes, requireSpaceThere, reserveOf, siteOf, type DumpSite } from './site.ts';
import { again, requireWhole } from './verdict.ts';

/** Milliseconds between two looks at the job. */
const lookEveryMs = 500;
/**
 * Milliseconds between two signs of life of the session that holds the snapshot, and how long the server waits for one:
 * a computer that sleeps keeps no snapshot longer than that, and with it no row that others have deleted.
 */
const signOfLifeMs = 60_000;
const silentAtMostMs = 600_000;
/** Seconds without a sign of life of the job after which that is said. */
const silentForSeconds = 60;
/** The share of the making that the dump itself is; the rest is fetching it. */
const dumpShare = 0.55;

interface Detached {
  making: Making;
  dump: Dump;
  site: DumpSite;
  line: Line;
}

interface BegunHere extends Detached {
  /** Takes what is known of it from now on, for while nobody gets through. */
  know: (words: string) => void;
}

/** What is known of it there while nobody gets through: before it was begun, before it is whole, and afterwards. */
const begins = 'Whether the dump was begun there is not known yet';
const goesOn = 'The dump was going on there when it was last seen, and needs no connection for it';
export const stays = 'What is there stays there';

/**
 * Follows the job to its end, from the first that it said: a warning that came while nobody was here, or that another
 * engine was told, is one of this backup all the same. @throws what keeps a backup from coming of it
 */
export async function followToEnd({ making, dump, site, line }: Detached, watcher: DumpWatcher & { onBytes(bytes: number): void }): Promise<void> {
  const { signal, operation } = making;
  const ask = site.ask(signal);
  const lines = createLineReader((text) => readVerboseLine(text, watcher));
  let stage: DumpStage | null = null;
  let isSilent = false;
  const end = await followJob((question) => line.patiently((until) => site.ask(until)(question)), dump.operationId, {
    from: 0,
    signal,
    reads: 'err',
    measures: true,
    everyMs: lookEveryMs,
    onOutput: (chunk) => lines.push(chunk),
    onLook(look) {
      watcher.onBytes(look.folderBytes);
      const silentSeconds = look.job.state === 'running' ? (look.job.beatAge ?? 0) : 0;
      if (silentSeconds > silentForSeconds && !isSilent) operation.log('warn', `The job on ${site.label} has given no sign of life for ${silentSeconds} s, and its processes are still there: that machine may be very busy, or its disk may not answer`);
      isSilent = silentSeconds > silentForSeconds;
      if (look.stage === stage) return;
      stage = look.stage === 'hash' ? 'hash' : 'dump';
      if (stage === 'hash') operation.log('info', `pg_dump has finished on ${site.label}; its files are hashed there`);
    },
  });
  lines.end();
  await requireWhole(dump, end, (question) => line.patiently(() => ask(question)));
}

/** A dump that could not do without us yet. @param what had still to come: "pg_dump had its locks there" */
const lostTooEarly = (site: Pick<DumpSite, 'label'>, what: string, cause: unknown): PilothouseError => new PilothouseError('backup.dump-failed', `The line to ${site.label} was lost before ${what}.`, { hint: again, retryable: true, cause });
const noLocks = 'pg_dump had its locks there, so nobody can tell what it has seen';
const noWorkers = 'every worker of pg_dump had begun there, and with it went the snapshot that they need';

/** Begins the job, and waits for its end. */
async function dumpThere(detached: BegunHere, session: PostgresSession, ground: { hashes: 'sha256sum' | 'shasum' | 'openssl'; reserveBytes: number; scope: boolean }, watcher: DumpWatcher & { onBytes(bytes: number): void }): Promise<void> {
  const { making, dump, site, line } = detached;
  const { context, details, operation, target, tools, signal } = making;
  const { jobFolder, facts, snapshot, inEnglish } = dump.about;
  // Its secrets are with the job, and go with it.
  const there = { ...site.there, newFolder: () => `${jobFolder}/secrets` };
  const startedAt = performance.now();
  const args = await context.postgres.withConninfo(target, { applicationName: 'pilothouse dump', inEnglish, tool: { ...tools.dump, there } }, async (conninfo, sent) => {
    const words = dumpArguments({ options: details.options, conninfo, encoding: facts.encoding, snapshot: snapshot.id, file: `${jobFolder}/dump` }).map((each) => (typeof each === 'string' ? each : `${each.option}${each.file}`));
    const command = dumpScript({ argv: [tools.dump.path, ...words], environment: unwantedVariables, ...ground });
    const about = `Backup of ${target.connection.database}, begun by Pilothouse`;
    const ask = site.ask(signal, sent.pin);
    await line.patiently(async () => {
      // Without it the dump cannot begin: that is known at once.
      await session.query('SELECT 1');
      return ask((host) => startJob(host, { id: dump.operationId, command, secrets: sent.files.map(({ name, text }) => ({ name, text })), about, scope: ground.scope }, signal));
    });
    return words;
  });
  detached.know(goesOn);
  operation.log('info', `Begun on ${site.label} as the job ${dump.operationId}, in ${jobFolder}`);
  await context.ports.checkpoint?.('backup:begun');
  const told = { text: toolLine(tools.dump, plainArguments(args)), target: target.label };
  const durationMs = (): number => Math.round(performance.now() - startedAt);
  try {
    await followToEnd(detached, watcher);
    detached.know(stays);
    operation.command({ ...told, exitStatus: 0, durationMs: durationMs() });
  } catch (error) {
    const { message, details: known } = toErrorShape(error, '');
    const { exitStatus, stderr } = known;
    if (!signal.aborted) operation.command({ ...told, exitStatus: typeof exitStatus === 'number' ? exitStatus : null, durationMs: durationMs(), output: typeof stderr === 'string' ? complaints(stderr) : message });
    const cause = await orLostLine(error, session);
    throw cause !== error && isSnapshotUnknown(error) ? lostTooEarly(site, dump.about.rewritten === null ? noLocks : noWorkers, cause) : cause;
  }
}

/** Counts in the snapshot, and keeps it until the job has ended. Null where the line is lost meanwhile: then the archive is counted. */
async function countBeside({ making, dump, site }: Detached, session: PostgresSession, moments: { locked: Promise<void>; ended: Promise<void>; sizes: Map<string, number> }): Promise<void> {
  const { context, operation, signal } = making;
  const until = async (moment: Promise<void>): Promise<void> => {
    for (let isOver = false; !isOver; ) {
      const waiting = new AbortController();
      const late = pause(signOfLifeMs, false, { signal: waiting.signal }).catch(() => false);
      isOver = await Promise.race([moment.then(() => true), late]);
      waiting.abort();
      if (!isOver) await session.query('SELECT 1');
    }
    signal.throwIfAborted();
  };
  try {
    for (const [name, bytes] of (await lookAhead(session)).tableBytes) moments.sizes.set(name, bytes);
    // Counting takes locks too: begun before pg_dump has all of its own, it could come between pg_dump and an ALTER TABLE.
    await until(moments.locked);
    remember(context, dump, { rewritten: await findRewritten(session, dump.about.outline) });
    await context.ports.checkpoint?.('backup:locked');
    remember(context, dump, { contents: await readContents(session, { signal, inTransaction: true }) });
    await context.ports.checkpoint?.('backup:counted');
    await until(moments.ended);
  } catch (error) {
    signal.throwIfAborted();
    if (!isLineTrouble(error)) throw error;
    if (dump.about.rewritten === null) throw lostTooEarly(site, noLocks, error);
    operation.log('warn', dump.about.contents === null ? `Counting in ${making.target.label} ended with the line; the rows are counted in the dump when it is here` : `The session beside the dump ended with the line; everything was counted before`);
  }
}

/** The dump, its counts and the globals, side by side. */
async function dumpAndCount(detached: BegunHere, session: PostgresSession, ground: Parameters<typeof dumpThere>[2], folder: { path: string }, range: readonly [number, number]): Promise<void> {
  const { making, dump, line } = detached;
  const { context, details, operation, target, stop } = making;
  const sizes = new Map<string, number>();
  let written = 0;
  const progress = followDump({ operation, written: async () => written, sizes, expectedBytes: details.expectedBytes, range, now: context.ports.clock.now, held: line.held, fetched: true });
  const locks = watchLocks({ postgres: context.postgres, target, operation });
  const locked = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const watcher = {
    onTable(name: string) {
      progress.tableBegun(name);
      operation.log('info', `Dumping ${name}`);
    },
    onFinished() {},
    onLocked: locked.resolve,
    onWarning: operation.warn,
    onBytes(bytes: number) {
      written = bytes;
    },
  };
  try {
    await together<[void, void, void]>(stop, [
      async () => {
        try {
          await dumpThere(detached, session, ground, watcher);
        } finally {
          locked.resolve();
          ended.resolve();
        }
      },
      () => countBeside(detached, session, { locked: locked.promise, ended: ended.promise, sizes }),
      async () => {
        const globals = await saveGlobals(making, folder, { encoding: dump.about.facts.encoding, inEnglish: dump.about.inEnglish });
        // Remembered only when it is there to stay.
        if (globals.file !== null) await syncFile(join(folder.path, globals.file));
        remember(context, dump, { globals });
      },
    ]);
  } finally {
    await Promise.all([progress.stop(), locks.stop()]);
  }
  await requireDamageSeenAfter(detached, session);
}

/** In its snapshot the session would not see what was set for a role or a database since then, and pg_dump's did. */
async function requireDamageSeenAfter({ making, line }: Pick<Detached, 'making' | 'line'>, session: PostgresSession): Promise<void> {
  const { context, details, operation, target, signal } = making;
  try {
    await session.query('COMMIT');
    await requireDamageSeen(session);
  } catch (error) {
    signal.throwIfAborted();
    if (!isLineTrouble(error)) throw error;
    await line.patiently(async () => (await openSource(context, details, operation, target, signal)).close(), 'session');
  }
}

/** @throws backup.*, postgres.*, ssh.*, operation.cancelled, operation.interrupted */
export async function runDetached(context: EngineContext, details: BackupDetails, operation: RunningOperation): Promise<ProcedureOutcome> {
  const target: PostgresTarget = { ...context.targetOf(details.databaseId), systemIdentifier: details.identity.systemIdentifier };
  const stop = new AbortController();
  const signal = AbortSignal.any([operation.signal, stop.signal]);
  const share = makingShare[details.options.proof];
  const { checkpoint } = context.ports;

  const { session, tools, site, ground, hostKey } = await operation.phase('space', async () => {
    const opened = await openSource(context, details, operation, target, signal);
    try {
      const dumper = await context.postgres.requireTool('pg_dump', opened.server.major, target);
      const globals = await context.postgres.requireTool('pg_dumpall', opened.server.major, target);
      // The host's own reads the archive where it lies, as long as it does.
      const restore = await context.postgres.requireReader(dumper.major, { isOneFile: true }, target);
      await requireSpace(context.home.backups, details.expectedBytes);
      const found = siteOf(dumper, target);
      const looked = await found.ask(signal)((host) => lookAtGround(host, signal));
      requireSpaceThere(looked, details.expectedBytes, found.label);
      return { session: opened, tools: { dump: dumper, globals, restore }, site: found, ground: looked, hostKey: await hostKeyOf(context, found.hostId, signal) };
    } catch (error) {
      await opened.close();
      throw error;
    }
  });
  const { hashes } = ground;
  if (hashes === null) {
    await session.close();
    throw noHashes(site.label);
  }
  const making: Making = { context, details, operation, target, server: session.server, tools, stop, signal };
  let lastSeen = begins;
  const line = createLine({ operation, label: site.label, meanwhile: () => lastSeen, ports: context.ports, signal });
  making.patiently = (work) => line.patiently(work);
  let dump: Dump | null = null;
  try {
    const { folder, about } = await operation.phase('snapshot', async () => {
      const snapshot = await openSnapshot(session, { silentAtMostMs });
      const facts = await readDatabaseFacts(session);
      const outline = await readOutline(session);
      const { mayAsk: inEnglish } = await readLanguage(session);
      const database = context.systems.getDatabase(details.databaseId);
      const system = context.systems.get(database.systemId);
      const made = await makePartialFolder(context.home, { system: system.name, database: details.identity.database }, Date.parse(snapshot.takenAt));
      const { version, versionNum, major } = session.server;
      const known: AboutDump = {
        details, connection: target.connection, targetLabel: target.label, through: target.through ?? null, siteLabel: site.label, hostKey, jobFolder: jobFolderOf(ground, operation.id), snapshot, startedAt: context.ports.clock.now(),
        server: { version, versionNum, major }, pgDump: { version: tools.dump.version, major: tools.dump.major, path: tools.dump.path }, inEnglish, facts, outline, rewritten: null, contents: null, globals: null,
      };
      return { folder: made, about: known };
    });
    const takeBackFolder = operation.onFailure(`the unfinished backup ${folder.path}`, () => folder.remove());
    dump = { operationId: operation.id, databaseId: details.databaseId, hostId: site.hostId, folder: relative(context.home.backups, folder.path), state: 'wanted', continuedBy: null, about, createdAt: context.ports.clock.now() };
    const begun = dump;
    dumpsOf(context).insert(begun);
    const takeBackJob = operation.onFailure(`the dump on ${site.label}`, () => takeBack(context, begun, site));
    await checkpoint?.('backup:snapshot');
    const detached: BegunHere = { making, dump: begun, site, line, know: (words) => void (lastSeen = words) };
    try {
      const scope = ground.endsLeftovers && (ground.lingers || ground.isRoot);
      await operation.phase('dump', () => dumpAndCount(detached, session, { hashes, reserveBytes: reserveOf(ground), scope }, folder, [0.01, share * dumpShare]));
      // Its snapshot is not needed any more; the end of this waits for its end.
      void session.close();
      await checkpoint?.('backup:dumped');
      return await finishDump({ making, dump: begun, folder, site, line, takeBack: { folder: takeBackFolder, job: takeBackJob }, range: [share * dumpShare, share] });
    } catch (error) {
      throw leaveOrFail(error, { context, operation, dump: begun, folder, disarm: [takeBackFolder, takeBackJob] });
    }
  } catch (error) {
    throw dump === null ? error : destinationError(error, folderOfDump(context, dump));
  } finally {
    await session.close();
  }
}

/** Closing Pilothouse ends no dump that can do without it: it stays as it is, on both sides, for a later start. */
export function leaveOrFail(error: unknown, { context, operation, dump, folder, disarm }: { context: EngineContext; operation: RunningOperation; dump: Dump; folder: { leave(): void }; disarm: readonly { disarm(): void }[] }): unknown {
  const now = dumpsOf(context).find(dump.operationId);
  if (!operation.isLeaving || !operation.signal.aborted || now?.state !== 'wanted' || now.about.rewritten === null) return error;
  for (const each of disarm) each.disarm();
  folder.leave();
  return new PilothouseError('operation.interrupted', `Pilothouse was closed. The dump of ${dump.about.targetLabel} stays on ${dump.about.siteLabel}, and goes on there if it was not whole yet.`, { hint: 'Continue it.', retryable: true });
}
