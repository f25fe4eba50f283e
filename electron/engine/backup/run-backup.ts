/** Carries out a backup: one snapshot, one dump, every row counted, sealed, proved. */
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backup } from '#shared/contract/backups.ts';
import { hasCode, isPilothouseError, PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import { proofWords } from '#shared/domain/proof.ts';
import { figuresInWords } from '#shared/domain/table-counts.ts';
import type { EngineContext } from '../engine-context.ts';
import type { ProcedureOutcome, RunningOperation } from '../operations/procedure.ts';
import { readLanguage } from '../postgres/index.ts';
import type { ClientTool, PostgresSession, PostgresTarget } from '../postgres/types.ts';
import { version as pilothouseVersion } from '../settings/app-room.ts';
import { createBackupPlanRepository } from '../store/backup-plan-repository.ts';
import { createBackupRepository } from '../store/backup-repository.ts';
import { compareTableOfContents, readSequenceValues, readTableOfContents } from './archive-contents.ts';
import { catalogueEntry } from './catalogue-entry.ts';
import { readContents } from './contents.ts';
import { requireDamageSeen } from './damage-unseen.ts';
import { dumpArguments, globalsArguments, runDump, runGlobals } from './dump.ts';
import { followDump } from './dump-progress.ts';
import { destinationError, syncFolder, writeDurably } from './files.ts';
import { watchLocks } from './lock-watch.ts';
import { lookAhead } from './look-ahead.ts';
import { manifestFileName, manifestFormat, type DatabaseContents, type Manifest } from './manifest.ts';
import { makePartialFolder, type PartialFolder } from './partial-folder.ts';
import type { BackupDetails } from './plan-backup.ts';
import { almostDone, levelsUpTo, prove } from './prove.ts';
import { readManifestFile } from './read-manifest.ts';
import { restoreText, restoreTextName } from './restore-text.ts';
import { createSealing, type Sealing } from './sealing.ts';
import { openSnapshot, readDatabaseFacts, type DatabaseFacts, type Snapshot } from './snapshot.ts';
import { requireSpace } from './space.ts';
import { writeProofs } from './proofs-file.ts';
import { bytesInWords } from './words.ts';

const globalsFileName = 'globals.sql';
const dumpName = { custom: 'dump.pgdump', directory: 'dump' } as const;

/** The share of the whole that making the backup takes, by how far it is proved afterwards. */
const makingShare = { L0: 0.9, L1: 0.88, L2: 0.65, L3: 0.4 } as const;

interface Tools {
  dump: ClientTool;
  globals: ClientTool;
  restore: ClientTool;
}

interface Making {
  context: EngineContext;
  details: BackupDetails;
  operation: RunningOperation;
  target: PostgresTarget;
  session: PostgresSession;
  tools: Tools;
  /** Aborts when the operation is cancelled, and when one of several things that run together fails. */
  stop: AbortController;
  signal: AbortSignal;
}

/** Runs work side by side. The first failure stops the rest, and is thrown when all have ended. */
async function together<T extends readonly unknown[]>(stop: AbortController, work: { [Index in keyof T]: () => Promise<T[Index]> }): Promise<T> {
  let first: { error: unknown } | null = null;
  const results = await Promise.allSettled(
    work.map(async (each) => {
      try {
        return await each();
      } catch (error) {
        first ??= { error };
        stop.abort(error);
        throw error;
      }
    }),
  );
  if (first !== null) throw (first as { error: unknown }).error;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as unknown as T;
}

const lineLookMs = 2000;

/**
 * A worker of pg_dump calls every failure of its LOCK TABLE a lock that it could not obtain, a lost line too. Our own
 * session on the same server knows which it was.
 */
async function lockOrLine(error: unknown, session: PostgresSession): Promise<unknown> {
  if (!hasCode(error, 'postgres.lock-timeout')) return error;
  const late = new Promise<null>((resolve) => setTimeout(resolve, lineLookMs, null).unref());
  try {
    await Promise.race([session.query('SELECT 1'), late]);
    return error;
  } catch (lost) {
    return hasCode(lost, 'postgres.connection-lost') ? lost : error;
  }
}

function requireIdentity(session: PostgresSession, details: BackupDetails, target: PostgresTarget): void {
  const { systemIdentifier, database } = session.server;
  if (systemIdentifier === details.identity.systemIdentifier && database === details.identity.database) return;
  throw new PilothouseError('postgres.wrong-identity', `${target.label} is not the database that was planned: cluster ${systemIdentifier ?? 'unknown'}, database ${database}.`, { hint: 'Nothing was done to it. Find out what this connection leads to, then plan again.', details: { planned: details.identity, found: { systemIdentifier, database } } });
}

/** Roles and tablespaces beside the dump. What cannot be saved is said, and is no reason to have no backup at all. */
async function saveGlobals(making: Making, folder: PartialFolder, { encoding, inEnglish }: { encoding: string; inEnglish: boolean }): Promise<Manifest['globals']> {
  const { context, operation, target, session, tools, signal } = making;
  const { superuser, database } = session.server;
  const file = join(folder.path, globalsFileName);
  try {
    await operation.phase('globals', () =>
      context.postgres.withConninfo(target, { applicationName: 'pilothouse globals', inEnglish, tool: tools.globals }, (conninfo, sent) =>
        runGlobals({ tool: tools.globals, sent, target, signal, record: operation.command, args: globalsArguments({ conninfo, database, encoding, passwords: superuser, file }) }),
      ),
    );
  } catch (error) {
    if (signal.aborted || !isPilothouseError(error) || error.code === 'backup.space') throw error;
    await rm(file, { force: true });
    operation.warn(`Roles and tablespaces were not saved: ${error.message}`);
    return { file: null, passwords: false };
  }
  return { file: globalsFileName, passwords: superuser };
}

interface Dumped {
  facts: DatabaseFacts;
  contents: DatabaseContents;
  globals: Manifest['globals'];
}

/** Dumps, counts and saves globals at the same time, all in one snapshot. */
async function dumpAndCount(making: Making, folder: PartialFolder, sealing: Sealing, snapshot: Snapshot, range: readonly [number, number]): Promise<Dumped> {
  const { context, details, operation, target, session, tools, signal, stop } = making;
  const path = join(folder.path, dumpName[details.options.format]);
  const sizes = new Map<string, number>();
  const progress = followDump({ operation, path, sizes, expectedBytes: details.expectedBytes, range, now: context.ports.clock.now });
  const locks = watchLocks({ postgres: context.postgres, target, operation });
  // Counting takes locks too: begun before pg_dump has all of its own, it could come between pg_dump and an ALTER TABLE.
  const locked = Promise.withResolvers<void>();
  const watcher = {
    onTable(name: string) {
      progress.tableBegun(name);
      operation.log('info', `Dumping ${name}`);
    },
    onFinished(dumpId: number) {
      sealing.early(`${dumpName.directory}/${dumpId}.dat${details.options.compressLevel > 0 ? '.gz' : ''}`);
    },
    onLocked: locked.resolve,
    onWarning: operation.warn,
  };
  try {
    const facts = await readDatabaseFacts(session);
    const { encoding } = facts;
    const { mayAsk: inEnglish } = await readLanguage(session);
    const [, contents, globals] = await together<[void, DatabaseContents, Manifest['globals']]>(stop, [
      async () => {
        try {
          await context.postgres.withConninfo(target, { applicationName: 'pilothouse dump', inEnglish, tool: tools.dump }, (conninfo, sent) =>
            runDump({ tool: tools.dump, sent, target, signal, record: operation.command, watcher, args: dumpArguments({ options: details.options, conninfo, encoding, snapshot: snapshot.id, file: path }) }).catch(async (error: unknown) => {
              throw await lockOrLine(error, session);
            }),
          );
        } finally {
          locked.resolve();
        }
      },
      async () => {
        for (const [name, bytes] of (await lookAhead(session)).tableBytes) sizes.set(name, bytes);
        await locked.promise;
        signal.throwIfAborted();
        return readContents(session, { signal, inTransaction: true });
      },
      () => saveGlobals(making, folder, { encoding, inEnglish }),
    ]);
    // In its snapshot this session would not see what was set for a role or a database since then, and pg_dump's did.
    await session.query('COMMIT');
    await requireDamageSeen(session);
    return { facts, contents, globals };
  } finally {
    await Promise.all([progress.stop(), locks.stop()]);
  }
}

/** The archive's own word on what it holds, against what was counted beside it. */
async function compareArchive(making: Making, folder: PartialFolder, contents: DatabaseContents, encoding: string): Promise<DatabaseContents> {
  const { operation, details, tools, signal } = making;
  const reader = { tool: tools.restore, path: join(folder.path, dumpName[details.options.format]), signal, record: operation.command };
  const toc = await readTableOfContents(reader);
  const differences = compareTableOfContents(toc, contents, encoding);
  if (differences.length > 0) {
    throw new PilothouseError('backup.incomplete', `The dump of ${making.target.label} is not what was counted: ${differences.slice(0, 8).join('; ')}${differences.length > 8 ? `; and ${differences.length - 8} more` : ''}.`, {
      hint: 'Tables may have been made, dropped or emptied while it began. Back up again.',
      retryable: true,
      details: { differences },
    });
  }
  return { ...contents, sequences: await readSequenceValues(reader, toc, contents.sequences, encoding, join(folder.path, '.sequences.list')) };
}

function describe(making: Making, about: { id: string; startedAt: number; snapshot: Snapshot } & Dumped): Omit<Manifest, 'files'> {
  const { context, details, target, session, tools } = making;
  const database = context.systems.getDatabase(details.databaseId);
  const system = context.systems.get(database.systemId);
  const { options } = details;
  return {
    format: manifestFormat,
    id: about.id,
    madeBy: { pilothouse: pilothouseVersion, pgDump: tools.dump.version },
    system: { id: system.id, name: system.name, environment: system.environment },
    database: { id: database.id, name: details.identity.database, host: target.connection.host, port: target.connection.port },
    server: { version: session.server.version, versionNum: session.server.versionNum, systemIdentifier: details.identity.systemIdentifier },
    dump: { format: options.format, path: dumpName[options.format], jobs: options.format === 'directory' ? options.jobs : 1, compressLevel: options.compressLevel },
    snapshotAt: about.snapshot.takenAt,
    startedAt: new Date(about.startedAt).toISOString(),
    endedAt: new Date(context.ports.clock.now()).toISOString(),
    ...about.facts,
    globals: about.globals,
    contents: about.contents,
  };
}

interface Made {
  backup: Backup;
  manifest: Manifest;
  manifestSha256: string;
}

/** Writes RESTORE.md and, last of all, the manifest; then the folder gets its name, and the catalogue its row. */
async function seal(making: Making, folder: PartialFolder, sealing: Sealing, description: Omit<Manifest, 'files'>): Promise<Made> {
  const { context } = making;
  await writeDurably(join(folder.path, restoreTextName), restoreText(description));
  const sealed = await sealing.finish();
  const manifest: Manifest = { ...description, files: sealed.map(({ path, sizeBytes, sha256 }) => ({ path, sizeBytes, sha256 })) };
  if (manifest.dump.format === 'directory') await syncFolder(join(folder.path, manifest.dump.path));
  await writeDurably(join(folder.path, manifestFileName), `${JSON.stringify(manifest, null, 1)}\n`);
  const { sha256 } = await readManifestFile(folder.path);
  await writeProofs(folder.path, { manifestSha256: sha256, pinned: false, records: [] });
  await context.ports.checkpoint?.('backup:before-rename');
  making.operation.throwIfCancelled();
  await folder.seal();
  await context.ports.checkpoint?.('backup:renamed');
  const { size } = await stat(join(folder.finalPath, manifestFileName));
  const backup = catalogueEntry(manifest, { folder: folder.finalPath, manifestBytes: size, pinned: false, state: { proof: null, provenAt: null, damaged: null } }, context.systems);
  const backups = createBackupRepository(context.store);
  backups.upsert(backup, sha256);
  backups.setMadeHere(backup.id);
  context.changes.changed('backups');
  return { backup, manifest, manifestSha256: sha256 };
}

async function make(making: Making, share: number): Promise<Made> {
  const { context, details, operation, session } = making;
  const { checkpoint } = context.ports;
  // One operation makes one backup, and is found again by it after a crash.
  const { id } = operation;
  const startedAt = context.ports.clock.now();
  const snapshot = await operation.phase('snapshot', () => openSnapshot(session));
  await checkpoint?.('backup:snapshot');
  const database = context.systems.getDatabase(details.databaseId);
  const system = context.systems.get(database.systemId);
  const folder = await makePartialFolder(context.home, { system: system.name, database: details.identity.database }, Date.parse(snapshot.takenAt));
  const takeBack = operation.onFailure(`the unfinished backup ${folder.path}`, () => folder.remove());
  let hashed = 0;
  const sealing = createSealing(folder.path, {
    signal: making.signal,
    onBytes(bytes) {
      hashed += bytes;
    },
  });
  try {
    const dumped = await operation.phase('dump', () => dumpAndCount(making, folder, sealing, snapshot, [0.01, share * 0.9]));
    // Its snapshot is not needed any more; the caller waits for its end.
    void session.close();
    await checkpoint?.('backup:dumped');
    // What is still to be hashed is hashed while the archive is listed.
    sealing.early(details.options.format === 'custom' ? dumpName.custom : `${dumpName.directory}/toc.dat`);
    if (dumped.globals.file !== null) sealing.early(dumped.globals.file);
    const contents = await operation.phase('contents', () => compareArchive(making, folder, dumped.contents, dumped.facts.encoding));
    const made = await operation.phase('seal', () => seal(making, folder, sealing, describe(making, { ...dumped, contents, id, startedAt, snapshot })));
    operation.progress({ fraction: share, text: `Read back and hashed ${bytesInWords(hashed)}` });
    takeBack.disarm();
    return made;
  } catch (error) {
    throw destinationError(error, folder.path);
  }
}

/** @throws backup.*, postgres.*, operation.cancelled */
export async function runBackup(context: EngineContext, details: BackupDetails, operation: RunningOperation): Promise<ProcedureOutcome> {
  const target: PostgresTarget = { ...context.targetOf(details.databaseId), systemIdentifier: details.identity.systemIdentifier };
  const stop = new AbortController();
  const signal = AbortSignal.any([operation.signal, stop.signal]);
  const { proof } = details.options;
  const share = makingShare[proof];
  const backups = createBackupRepository(context.store);

  const { session, tools } = await operation.phase('space', async () => {
    const opened = await context.postgres.connect(target, { applicationName: 'pilothouse backup', signal, onStatement: operation.command });
    try {
      requireIdentity(opened, details, target);
      const unseen = await requireDamageSeen(opened);
      if (unseen !== null) operation.warn(unseen);
      // Whose backup it is shows by the identity alone, so it has to be known before there is one.
      const { systemIdentifier, version, versionNum } = opened.server;
      context.systems.recordSighting(details.databaseId, { systemIdentifier, serverVersion: version, serverVersionNum: versionNum, sizeBytes: null }, context.ports.clock.now());
      const dump = await context.postgres.requireTool('pg_dump', opened.server.major, target);
      const globals = await context.postgres.requireTool('pg_dumpall', opened.server.major, target);
      const restore = await context.postgres.requireReader(dump.major, { isOneFile: details.options.format === 'custom' }, target);
      await requireSpace(context.home.backups, details.expectedBytes);
      return { session: opened, tools: { dump, globals, restore } };
    } catch (error) {
      await opened.close();
      throw error;
    }
  });

  let made: Made;
  try {
    made = await make({ context, details, operation, target, session, tools, stop, signal }, share);
  } finally {
    await session.close();
  }

  const { manifest, manifestSha256 } = made;
  const { id, path } = made.backup;
  try {
    await prove(context, { backupId: id, folder: path, manifest, manifestSha256, upTo: proof, target, operation, range: [share, almostDone] });
  } catch (error) {
    throw whileKept(error, backups.get(id));
  }
  if (details.backupPlanId !== null) createBackupPlanRepository(context.store).touch(details.backupPlanId, context.ports.clock.now());
  const backup = backups.get(id);
  const kept = `${figuresInWords(backup)}, ${bytesInWords(backup.sizeBytes)}`;
  return { summary: `Backed up ${backup.database}: ${kept}. ${levelsUpTo(proof).at(-1) ?? 'L0'}: ${proofWords[proof].toLowerCase()}`, result: { backupId: id, proof: backup.proof } };
}

/** An error that came when the backup had been made already: it stays, and the error says so and how good it is. */
function whileKept(error: unknown, backup: Backup): PilothouseError {
  const shape = toErrorShape(error, '');
  const kept = `The backup was made and is kept in ${backup.path}, ${backup.proof === null ? 'without any proof' : `verified up to ${backup.proof} (${proofWords[backup.proof].toLowerCase()})`}.`;
  return new PilothouseError(shape.code, `${shape.message} ${kept}`, { hint: shape.hint, retryable: shape.retryable, details: { ...shape.details, backupId: backup.id, kept }, cause: error });
}
