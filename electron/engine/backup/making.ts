/** What every backup is made of, wherever its dump is made: globals, a look into the archive, a manifest, a name. */
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backup } from '#shared/contract/backups.ts';
import { hasCode, isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import type { EngineContext } from '../engine-context.ts';
import type { RunningOperation } from '../operations/procedure.ts';
import type { ClientTool, PostgresSession, PostgresTarget, ServerFacts } from '../postgres/types.ts';
import { version as pilothouseVersion } from '../settings/app-room.ts';
import { createBackupRepository } from '../store/backup-repository.ts';
import { compareTableOfContents, readSequenceValues, readTableOfContents, type ArchiveReader } from './archive-contents.ts';
import { catalogueEntry } from './catalogue-entry.ts';
import { requireDamageSeen } from './damage-unseen.ts';
import { globalsArguments, isSnapshotUnknown, runGlobals } from './dump.ts';
import { syncFolder } from '../platform/durable.ts';
import { writeDurably } from './files.ts';
import { manifestFileName, manifestFormat, type DatabaseContents, type Manifest } from './manifest.ts';
import type { PartialFolder } from './partial-folder.ts';
import type { BackupDetails } from './plan-backup.ts';
import { writeProofs } from './proofs-file.ts';
import { readManifestFile } from './read-manifest.ts';
import { restoreText, restoreTextName } from './restore-text.ts';
import type { Sealing } from './sealing.ts';
import type { DatabaseFacts, Snapshot } from './snapshot.ts';

const globalsFileName = 'globals.sql';
export const dumpName = { custom: 'dump.pgdump', directory: 'dump' } as const;

/** The share of the whole that making the backup takes, by how far it is proved afterwards. */
export const makingShare = { L0: 0.9, L1: 0.88, L2: 0.65, L3: 0.4 } as const;

export interface Tools {
  dump: ClientTool;
  globals: ClientTool;
  restore: ClientTool;
}

export interface Making {
  context: EngineContext;
  details: BackupDetails;
  operation: RunningOperation;
  target: PostgresTarget;
  /** What the server says of itself. */
  server: Pick<ServerFacts, 'version' | 'versionNum' | 'superuser' | 'database'>;
  tools: Tools;
  /** The path of the same dump on the host of the tools, as long as it lies there. */
  copyThere?: string;
  /** Does something again that a line that was lost has kept from its end; once is enough where nobody waits for it. */
  patiently?: <T>(work: () => Promise<T>) => Promise<T>;
  /** Aborts when the operation is cancelled, and when one of several things that run together fails. */
  stop: AbortController;
  signal: AbortSignal;
}

/** Runs work side by side. The first failure stops the rest, and is thrown when all have ended. */
export async function together<T extends readonly unknown[]>(stop: AbortController, work: { [Index in keyof T]: () => Promise<T[Index]> }): Promise<T> {
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
 * What pg_dump says of a lost line may be about something else: a worker calls every failure of its LOCK TABLE a lock
 * that it could not obtain, and one that begins too late does not know its snapshot. Our own session on the same server
 * knows which it was.
 */
export async function orLostLine(error: unknown, session: PostgresSession): Promise<unknown> {
  if (!hasCode(error, 'postgres.lock-timeout') && !isSnapshotUnknown(error)) return error;
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

/**
 * A session on the database that was planned, where no damage is passed over in silence.
 * @throws postgres.*, backup.incomplete
 */
export async function openSource(context: EngineContext, details: BackupDetails, operation: RunningOperation, target: PostgresTarget, signal: AbortSignal): Promise<PostgresSession> {
  const opened = await context.postgres.connect(target, { applicationName: 'pilothouse backup', signal, onStatement: operation.command });
  try {
    requireIdentity(opened, details, target);
    const unseen = await requireDamageSeen(opened);
    if (unseen !== null) operation.warn(unseen);
    // Whose backup it is shows by the identity alone, so it has to be known before there is one.
    const { systemIdentifier, version, versionNum } = opened.server;
    context.systems.recordSighting(details.databaseId, { systemIdentifier, serverVersion: version, serverVersionNum: versionNum, sizeBytes: null }, context.ports.clock.now());
    return opened;
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** Roles and tablespaces beside the dump. What cannot be saved is said, and is no reason to have no backup at all. */
export async function saveGlobals(making: Making, folder: Pick<PartialFolder, 'path'>, { encoding, inEnglish }: { encoding: string; inEnglish: boolean }): Promise<Manifest['globals']> {
  const { context, operation, target, server, tools, signal } = making;
  const { superuser, database } = server;
  const file = join(folder.path, globalsFileName);
  try {
    // The dump goes on beside it, and tells what it does meanwhile.
    await operation.beside('globals', async (step) => {
      const attempt = async (): Promise<void> => {
        // What was written of it before is none.
        await rm(file, { force: true });
        await context.postgres.withConninfo(target, { applicationName: 'pilothouse globals', inEnglish, tool: tools.globals }, (conninfo, sent) =>
          runGlobals({ tool: tools.globals, sent, target, signal, record: step.command, args: globalsArguments({ conninfo, database, encoding, passwords: superuser, file }) }),
        );
      };
      await (making.patiently === undefined ? attempt() : making.patiently(attempt));
    });
  } catch (error) {
    if (signal.aborted || !isPilothouseError(error) || error.code === 'backup.space') throw error;
    await rm(file, { force: true });
    operation.warn(`Roles and tablespaces were not saved: ${error.message}`);
    return { file: null, passwords: false };
  }
  return { file: globalsFileName, passwords: superuser };
}

export interface Dumped {
  facts: DatabaseFacts;
  contents: DatabaseContents;
  globals: Manifest['globals'];
}

/** How the archive that was just made is read. */
export function readerOf({ operation, details, tools, signal, copyThere }: Making, folder: Pick<PartialFolder, 'path'>): ArchiveReader {
  return { tool: tools.restore, path: join(folder.path, dumpName[details.options.format]), ...(copyThere === undefined ? {} : { there: copyThere }), signal, record: operation.command };
}

/** The archive's own word on what it holds, against what was counted beside it. */
export async function compareArchive(making: Making, folder: Pick<PartialFolder, 'path'>, contents: DatabaseContents, encoding: string): Promise<DatabaseContents> {
  const reader = readerOf(making, folder);
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

export function describe(making: Making, about: { id: string; startedAt: number; snapshot: Snapshot } & Dumped): Omit<Manifest, 'files'> {
  const { context, details, target, server, tools } = making;
  const database = context.systems.getDatabase(details.databaseId);
  const system = context.systems.get(database.systemId);
  const { options } = details;
  return {
    format: manifestFormat,
    id: about.id,
    madeBy: { pilothouse: pilothouseVersion, pgDump: tools.dump.version },
    system: { id: system.id, name: system.name, environment: system.environment },
    database: { id: database.id, name: details.identity.database, host: target.connection.host, port: target.connection.port },
    server: { version: server.version, versionNum: server.versionNum, systemIdentifier: details.identity.systemIdentifier },
    dump: { format: options.format, path: dumpName[options.format], jobs: options.format === 'directory' ? options.jobs : 1, compressLevel: options.compressLevel },
    snapshotAt: about.snapshot.takenAt,
    startedAt: new Date(about.startedAt).toISOString(),
    endedAt: new Date(context.ports.clock.now()).toISOString(),
    ...about.facts,
    globals: about.globals,
    contents: about.contents,
  };
}

export interface Made {
  backup: Backup;
  manifest: Manifest;
  manifestSha256: string;
}

/**
 * Writes RESTORE.md and, last of all, the manifest; then the folder gets its name, and the catalogue its row.
 * @param expected hashes by path, of files that were written elsewhere
 */
export async function seal(making: Making, folder: PartialFolder, sealing: Sealing, description: Omit<Manifest, 'files'>, expected: ReadonlyMap<string, string> = new Map()): Promise<Made> {
  const { context } = making;
  await writeDurably(join(folder.path, restoreTextName), restoreText(description));
  const sealed = await sealing.finish();
  const hashes = new Map(sealed.map(({ path, sha256 }) => [path, sha256]));
  for (const [path, sha256] of expected) {
    if (hashes.get(path) !== sha256) throw new PilothouseError('backup.incomplete', `${path} in ${folder.path} is not what the host has written.`, { hint: 'Something else writes to the backup folder. Find out what, then back up again.', details: { path } });
  }
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
