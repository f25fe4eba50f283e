/** Restores a backup into a database of its own and compares what came back. Used to restore, and to prove. */
import { rm, writeFile } from 'node:fs/promises';
import { escapeIdentifier } from 'pg';
import { isPilothouseError, PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import type { ComparedTable } from '#shared/contract/restores.ts';
import { readContents } from '../backup/contents.ts';
import type { DatabaseContents, Manifest } from '../backup/manifest.ts';
import type { EngineContext } from '../engine-context.ts';
import type { RunningOperation } from '../operations/procedure.ts';
import type { PostgresSession, PostgresTarget } from '../postgres/index.ts';
import { entriesWithRoles, openArchive, readArchiveList, readEntriesSql, type Archive, type Reading } from './archive.ts';
import { entriesNaming, listOf, type ArchiveList } from './archive-list.ts';
import { compareContents } from './compare.ts';
import { decideRestore, readCapabilities, type RestoreDecisions } from './decisions.ts';
import { againAfter, listFileOf, runPgRestore } from './run-pg-restore.ts';
import { createScratch, dropScratch, makerName, sweepScratch, unmark, type Scratch } from './scratch.ts';
import { createScratchRepository } from '../store/scratch-repository.ts';
import { connectBeside, findByOid } from './server-databases.ts';

export { dropScratch, sweepScratch, sweepWords } from './scratch.ts';

export interface RestoreComparison {
  /** Whether every count, sequence and large object equals the manifest, and every constraint is valid. */
  equal: boolean;
  /** `live` is null. */
  tables: ComparedTable[];
  sequences: { equal: number; total: number };
  constraints: { valid: number; total: number };
  largeObjects: { backup: number; restored: number };
  /** Empty exactly when `equal`. */
  differences: string[];
  /** What was left out or mapped, in words. */
  omissions: string[];
  /** What is as it should be and still worth a word: stale materialised views that were computed anew. */
  notes: string[];
  /** From CREATE DATABASE to the last count, in milliseconds. */
  durationMs: number;
}

/** A restored database that still bears the marks of one that must not stay. */
export interface RestoredDatabase extends RestoreComparison {
  scratch: Scratch;
  /** Drops it and forgets it. Without this or `keep`, the operation's failure drops it, or the next start. */
  drop(): Promise<void>;
  /**
   * It stays. `alsoStore` writes to the local file, in one transaction with forgetting that it must not stay; then the
   * marks are taken off on the server, where `comment` is said of it, and `whenUnmarked` is told.
   */
  keep(options: { alsoStore: () => void; comment: string; whenUnmarked: () => void }): Promise<void>;
}

export interface RestoreIntoOptions {
  /** The managed database whose server it goes to. Its `systemIdentifier` is checked by every connection. */
  target: PostgresTarget;
  /** The name of the database that is made. */
  into: string;
  /** The backup's folder. Its files were verified before: this reads them as they are. */
  folder: string;
  manifest: Manifest;
  /** The path of the same dump on the host of the target's programs, as long as it lies there. */
  copyThere?: string;
  /** Parallel workers of pg_restore. */
  jobs: number;
  operation: RunningOperation;
  /** `restore` reports the phases `create`, `restore` and `compare`; `proof` stays within the caller's own. */
  purpose: 'proof' | 'restore';
  /** The share of the operation that this is. */
  range: readonly [number, number];
}

/** What is left out, and what stands in the way, on this server. */
export async function decide(context: EngineContext, options: { session: PostgresSession; archive: Archive; list: ArchiveList; manifest: Manifest; into: string; purpose: 'proof' | 'restore'; fileKey: string } & Reading): Promise<RestoreDecisions> {
  const { session, archive, list, manifest, purpose } = options;
  const server = await readCapabilities(session, manifest, list, options.into);
  const entries = entriesWithRoles(list);
  let sql = '';
  if (entries.length > 0 && manifest.roles.some((role) => !server.roles.has(role))) {
    const listFile = listFileOf(context, options.fileKey);
    try {
      await writeFile(listFile, listOf(entries), { mode: 0o600 });
      sql = await readEntriesSql(archive, listFile, options);
    } finally {
      await rm(listFile, { force: true });
    }
  }
  return decideRestore({ manifest, list, server, purpose, naming: (roles) => entriesNaming(sql, roles) });
}

function refuseObstacles(decisions: RestoreDecisions, target: PostgresTarget): void {
  const [first] = decisions.obstacles;
  if (first === undefined) return;
  throw new PilothouseError('restore.preflight', `The backup cannot be restored on ${target.label}: ${decisions.obstacles.map(({ title }) => title).join('; ')}. ${first.detail}`, { hint: first.fix, details: { obstacles: decisions.obstacles } });
}

async function readRestored(context: EngineContext, options: RestoreIntoOptions, scratch: Scratch): Promise<DatabaseContents> {
  const { target, into, operation, manifest, purpose, range } = options;
  const session = await context.postgres.connect(target, { applicationName: 'pilothouse compare', database: into, signal: operation.signal, onStatement: (record) => operation.command(record) });
  try {
    const { rows } = await session.query<{ oid: string }>('SELECT oid::text AS oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()');
    if (rows[0]?.oid !== scratch.oid) throw new PilothouseError('postgres.wrong-identity', `${into} on ${target.label} is not the database that was restored: somebody put another in its place.`, { hint: `Find out who works on databases of this server, then ${againAfter[purpose]}.` });
    const total = Math.max(1, manifest.contents.tables.length);
    let counted = 0;
    return await readContents(session, {
      signal: operation.signal,
      onTable: (table) => {
        counted += 1;
        const share = 0.9 + 0.1 * Math.min(1, counted / total);
        operation.progress({ fraction: range[0] + (range[1] - range[0]) * share, done: counted, total, unit: 'tables', text: `Counted ${table.schema}.${table.name}` });
      },
    });
  } finally {
    await session.close();
  }
}

/** The owner as in the backup, where that role is there and ours to give it to. Else what is left out, in words. */
export async function giveToOwner(session: Pick<PostgresSession, 'query' | 'server'>, manifest: Pick<Manifest, 'owner'>, into: string): Promise<string | null> {
  if (manifest.owner === session.server.user) return null;
  const mine = `The database belongs to ${session.server.user}, because`;
  const { rows } = await session.query<{ may: boolean }>('SELECT pg_catalog.pg_has_role(oid, $2) AS may FROM pg_catalog.pg_roles WHERE rolname = $1', [manifest.owner, session.server.major >= 16 ? 'SET' : 'MEMBER']);
  if (rows[0]?.may !== true) return `${mine} ${rows[0] === undefined ? `there is no role ${manifest.owner}` : `${session.server.user} may not act for ${manifest.owner}`}.`;
  try {
    await session.query(`ALTER DATABASE ${escapeIdentifier(into)} OWNER TO ${escapeIdentifier(manifest.owner)}`);
    return null;
  } catch (error) {
    // All rows are there by now; whose the database is can be put right by hand. A line that is lost is another matter.
    if (!isPilothouseError(error) || error.details['sqlState'] === undefined || error.code === 'postgres.connection-lost') throw error;
    return `${mine} it could not be given to ${manifest.owner}: ${error.message}`;
  }
}

/** What has to be known before a database is made, and the session beside it from which it is made. */
export interface RestorePreparation {
  archive: Archive;
  list: ArchiveList;
  decisions: RestoreDecisions;
  session: PostgresSession;
}

/**
 * Programs of a host may sign in as another role than our sessions: whom the restored things would belong to, and what
 * may be left out, was decided for ours.
 * @throws postgres.tool-missing
 */
function requireSameRole({ tool }: Archive, { connection, label }: PostgresTarget): void {
  const role = connection.tools.where === 'host' ? (connection.tools.connect?.user ?? connection.user) : connection.user;
  if (tool.there === undefined || role === connection.user) return;
  throw new PilothouseError('postgres.tool-missing', `This computer has no pg_restore for this backup, and that of ${tool.there.label} signs in to ${label} as ${role}, not as ${connection.user}.`, { hint: `Install the client programs on this computer, or let the programs of the host connect as ${connection.user}.`, retryable: true });
}

/**
 * Reads the archive's table of contents and looks at the server: what is left out there, and whether anything stands
 * in the way. Writes nothing but the end of what earlier operations left half made. The caller closes the session, or
 * hands all of it to `restoreInto`, which does.
 *
 * @throws restore.preflight, backup.damaged, postgres.*, operation.cancelled
 */
export async function prepareRestore(context: EngineContext, options: Omit<RestoreIntoOptions, 'jobs' | 'range'>): Promise<RestorePreparation> {
  const { target, into, folder, manifest, operation, purpose } = options;
  if (target.databaseId !== null) await sweepScratch(context, { databaseId: target.databaseId });
  const archive = await openArchive(context.postgres, manifest, folder, target, options.copyThere);
  requireSameRole(archive, target);
  const reading = { signal: operation.signal, record: operation.command };
  const list = await readArchiveList(archive, reading);
  const session = await connectBeside(context, target, { applicationName: makerName(purpose, operation.id), avoid: [into], signal: operation.signal, onStatement: operation.command, lockTimeoutMs: 30_000 });
  try {
    const decisions = await decide(context, { session, archive, list, manifest, into, purpose, fileKey: operation.id, ...reading });
    refuseObstacles(decisions, target);
    return { archive, list, decisions, session };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/**
 * Makes a database, restores a backup into it and compares every count, sequence and large object with the manifest.
 * The database is recorded as one that must not stay; a failure or a cancel of the operation drops it. When this
 * returns, it is for the caller to `drop` or to `keep` it, whatever `equal` says. The preparation's session is closed.
 *
 * @throws restore.target-exists, restore.preflight, restore.failed, restore.space, backup.damaged, postgres.*,
 * operation.cancelled
 */
export async function restoreInto(context: EngineContext, options: RestoreIntoOptions, preparation: RestorePreparation): Promise<RestoredDatabase> {
  const { target, into, manifest, jobs, operation, purpose, range } = options;
  const { archive, list, decisions, session } = preparation;
  const phase = <T>(id: string, work: () => Promise<T>): Promise<T> => (purpose === 'restore' ? operation.phase(id, work) : work());
  const at = (share: number) => range[0] + (range[1] - range[0]) * share;
  const onStatement = operation.command;
  const startedAt = context.ports.clock.now();

  try {
    for (const omission of decisions.omissions) operation.log('warn', omission);

    const scratchId = context.ports.random.id();
    const drop = async (): Promise<void> => void (await dropScratch(context, scratchId, { onStatement }));
    const takeBack = operation.onFailure(`the database ${into} on ${target.label}`, drop);
    const scratch = await phase('create', () => createScratch(context, { session, target, name: into, manifest, purpose, operationId: operation.id, scratchId }));
    await context.ports.checkpoint?.(`${purpose}:database-made`);
    await phase('restore', async () => {
      await runPgRestore(context, { target, into, oid: scratch.oid, archive, list, decisions, manifest, jobs, operation, purpose, session, range: [at(0), at(0.9)] });
      if (purpose === 'restore') {
        const omission = await giveToOwner(session, manifest, into);
        if (omission !== null) decisions.omissions.push(omission);
      }
    });
    await context.ports.checkpoint?.(`${purpose}:restored`);
    const comparison = await phase('compare', async () => compareContents(manifest.contents, await readRestored(context, options, scratch)));
    for (const note of comparison.notes) operation.log('info', note);
    for (const warning of comparison.warnings) operation.warn(warning);
    for (const difference of comparison.differences) operation.log('error', difference);
    await context.ports.checkpoint?.(`${purpose}:compared`);

    return {
      ...comparison,
      omissions: decisions.omissions,
      durationMs: context.ports.clock.now() - startedAt,
      scratch,
      async drop() {
        await drop();
        takeBack.disarm();
      },
      keep: (keeping) => keep(context, { ...keeping, target, scratch, disarm: takeBack.disarm, operation }),
    };
  } finally {
    await session.close();
  }
}

async function keep(context: EngineContext, options: { alsoStore: () => void; comment: string; whenUnmarked: () => void; target: PostgresTarget; scratch: Scratch; disarm: () => void; operation: RunningOperation }): Promise<void> {
  const { scratch, target, operation } = options;
  const session = await connectBeside(context, target, { applicationName: 'pilothouse restore', avoid: [scratch.name], onStatement: operation.command });
  try {
    const standing = await findByOid(session, scratch.oid);
    if (standing?.name !== scratch.name) throw new PilothouseError('restore.failed', `${scratch.name} on ${target.label} is gone: somebody dropped or renamed it meanwhile.`, { hint: 'Find out who works on databases of this server, then restore again.' });
    // Forgotten here first: a crash before the marks are off leaves a database that is kept and looks odd, never one that is dropped.
    context.store.transaction(() => {
      createScratchRepository(context.store).remove(scratch.id);
      options.alsoStore();
    })();
    options.disarm();
    await context.ports.checkpoint?.('restore:kept');
    try {
      await unmark(session, standing, scratch.id, options.comment);
      options.whenUnmarked();
    } catch (error) {
      operation.warn(`${scratch.name} is whole and stays, but still bears the comment and the connection limit of an unfinished one; they are taken off as soon as the server can be reached: ${toErrorShape(error, '').message}`);
    }
  } finally {
    await session.close();
  }
}
