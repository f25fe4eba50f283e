/** Carries out a backup: one snapshot, one dump, every row counted, sealed, proved. */
import { join } from 'node:path';
import type { EngineContext } from '../engine-context.ts';
import type { ProcedureOutcome, RunningOperation } from '../operations/procedure.ts';
import { readLanguage } from '../postgres/index.ts';
import type { PostgresSession, PostgresTarget } from '../postgres/types.ts';
import { readContents } from './contents.ts';
import { requireDamageSeen } from './damage-unseen.ts';
import { runDetached } from './detached/run-detached.ts';
import { isMadeThere } from './detached/site.ts';
import { dumpArguments, explainLostLine, runDump } from './dump.ts';
import { followDump } from './dump-progress.ts';
import { destinationError, folderBytes } from './files.ts';
import { watchLocks } from './lock-watch.ts';
import { lookAhead } from './look-ahead.ts';
import { compareArchive, describe, dumpName, makingShare, openSource, orLostLine, saveGlobals, seal, together, type Dumped, type Made, type Making } from './making.ts';
import type { DatabaseContents, Manifest } from './manifest.ts';
import { makePartialFolder, type PartialFolder } from './partial-folder.ts';
import type { BackupDetails } from './plan-backup.ts';
import { proveMade } from './prove-made.ts';
import { createSealing, type Sealing } from './sealing.ts';
import { openSnapshot, readDatabaseFacts, type Snapshot } from './snapshot.ts';
import { requireSpace } from './space.ts';
import { bytesInWords } from './words.ts';

/** A backup whose dump is written here, while a session here holds its snapshot. */
interface MakingHere extends Making {
  session: PostgresSession;
}

/** Dumps, counts and saves globals at the same time, all in one snapshot. */
async function dumpAndCount(making: MakingHere, folder: PartialFolder, sealing: Sealing, snapshot: Snapshot, range: readonly [number, number]): Promise<Dumped> {
  const { context, details, operation, target, session, tools, signal, stop } = making;
  const path = join(folder.path, dumpName[details.options.format]);
  const sizes = new Map<string, number>();
  const progress = followDump({ operation, written: () => folderBytes(path), sizes, expectedBytes: details.expectedBytes, range, now: context.ports.clock.now });
  const locks = watchLocks({ postgres: context.postgres, target, operation });
  // Counting takes locks too: begun before pg_dump has all of its own, it could come between pg_dump and an ALTER TABLE.
  const locked = Promise.withResolvers<void>();
  const watcher = {
    onTable(name: string) {
      progress.tableBegun(name);
      operation.log('info', `Dumping ${name}`);
    },
    onFinished(dumpId: number) {
      void sealing.early(`${dumpName.directory}/${dumpId}.dat${details.options.compressLevel > 0 ? '.gz' : ''}`);
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
              throw await orLostLine(error, session);
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

async function make(making: MakingHere, share: number): Promise<Made> {
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
    void sealing.early(details.options.format === 'custom' ? dumpName.custom : `${dumpName.directory}/toc.dat`);
    if (dumped.globals.file !== null) void sealing.early(dumped.globals.file);
    const contents = await operation.phase('contents', () => compareArchive(making, folder, dumped.contents, dumped.facts.encoding));
    const made = await operation.phase('seal', () => seal(making, folder, sealing, describe(making, { ...dumped, contents, id, startedAt, snapshot })));
    operation.progress({ fraction: share, text: `Read back and hashed ${bytesInWords(hashed)}` });
    takeBack.disarm();
    return made;
  } catch (error) {
    throw explainLostLine(destinationError(error, folder.path), making.tools.dump);
  }
}

/** @throws backup.*, postgres.*, operation.cancelled */
export async function runBackup(context: EngineContext, details: BackupDetails, operation: RunningOperation): Promise<ProcedureOutcome> {
  const target: PostgresTarget = { ...context.targetOf(details.databaseId), systemIdentifier: details.identity.systemIdentifier };
  if (isMadeThere(details.options, target)) return runDetached(context, details, operation);
  const stop = new AbortController();
  const signal = AbortSignal.any([operation.signal, stop.signal]);
  const share = makingShare[details.options.proof];

  const { session, tools } = await operation.phase('space', async () => {
    const opened = await openSource(context, details, operation, target, signal);
    try {
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
    made = await make({ context, details, operation, target, session, server: session.server, tools, stop, signal }, share);
  } finally {
    await session.close();
  }
  return proveMade(context, made, { details, operation, target });
}
