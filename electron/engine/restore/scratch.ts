/**
 * Databases that must not stay: recorded before they are made, marked from the moment they exist, dropped when their
 * purpose is over or, after a crash, at the next start.
 */
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { isPilothouseError, PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import { isFinished } from '#shared/domain/operation-state.ts';
import type { CommandRecord } from '#shared/contract/operations.ts';
import type { Manifest } from '../backup/manifest.ts';
import type { EngineContext } from '../engine-context.ts';
import type { PostgresSession, PostgresTarget } from '../postgres/index.ts';
import { createScratchRepository, type ScratchDatabase } from '../store/scratch-repository.ts';
import { historyOf } from './history-of.ts';
import { commentOn, connectBeside, dropDatabase, findByName, requirePrimary, type ServerDatabase } from './server-databases.ts';

/** How long a session that was making a database may take to end, in milliseconds. It may have to wait for the server's disk. */
const makerGoneMs = 20_000;

/**
 * The name of the session that makes a scratch database. By it whoever cleans up finds a CREATE DATABASE that the
 * server still carries out for somebody who is gone.
 */
export function makerName(purpose: 'proof' | 'restore', operationId: string): string {
  return `pilothouse ${purpose} ${operationId}`.slice(0, 63);
}

/**
 * Ends the session that was making a database, should the server still be at it: until it is gone, a database that is
 * not there may yet appear.
 * @throws restore.failed where it does not end
 */
async function endMaker(session: PostgresSession, name: string): Promise<void> {
  const deadline = performance.now() + makerGoneMs;
  for (;;) {
    const { rows } = await session.query<{ left: string }>('SELECT count(pg_catalog.pg_terminate_backend(pid))::text AS left FROM pg_catalog.pg_stat_activity WHERE application_name = $1 AND pid <> pg_catalog.pg_backend_pid()', [name]);
    if (rows[0]?.left === '0') return;
    if (performance.now() > deadline) throw new PilothouseError('restore.failed', 'The session that was making the database does not end.', { hint: `Look at pg_stat_activity for application_name "${name}", and end it.`, retryable: true });
    await pause(50);
  }
}

/** Said of the database on the server itself, so that somebody who finds it knows what it is. */
function markComment(scratchId: string): string {
  return `Made by Pilothouse and not finished; it drops it by itself (${scratchId})`;
}

/**
 * A connection limit that limits nothing and that nobody chooses. It is part of CREATE DATABASE, so there is no moment
 * in which the database exists and does not say whose it is.
 */
function markLimit(scratchId: string): number {
  return 1_000_000_000 + (createHash('sha256').update(scratchId).digest().readUInt32BE(0) % 1_000_000_000);
}

/** Whether a database of the server is the one that was recorded, and nobody has made another under its name since. */
function bearsTheMark(database: ServerDatabase, scratchId: string): boolean {
  return database.connectionLimit === markLimit(scratchId) && (database.comment === null || database.comment === markComment(scratchId));
}

const providers: Record<string, 'libc' | 'icu' | 'builtin'> = { c: 'libc', i: 'icu', b: 'builtin', libc: 'libc', icu: 'icu', builtin: 'builtin' };

/** The statement that makes an empty database with the encoding and the locale of the one that was backed up. */
export function createDatabaseSql(manifest: Pick<Manifest, 'encoding' | 'collate' | 'ctype' | 'localeProvider' | 'locale' | 'icuRules'>, options: { name: string; connectionLimit: number; serverMajor: number }): string {
  const provider = manifest.localeProvider === null ? 'libc' : (providers[manifest.localeProvider] ?? 'libc');
  const locale: string[] = [];
  if (options.serverMajor >= 15) {
    locale.push(`LOCALE_PROVIDER ${provider}`);
    if (provider === 'icu' && manifest.locale !== null) locale.push(`ICU_LOCALE ${escapeLiteral(manifest.locale)}`);
    if (provider === 'icu' && manifest.icuRules !== undefined && options.serverMajor >= 16) locale.push(`ICU_RULES ${escapeLiteral(manifest.icuRules)}`);
    if (provider === 'builtin' && manifest.locale !== null) locale.push(`BUILTIN_LOCALE ${escapeLiteral(manifest.locale)}`);
  }
  return [
    `CREATE DATABASE ${escapeIdentifier(options.name)} TEMPLATE template0`,
    `ENCODING ${escapeLiteral(manifest.encoding)} LC_COLLATE ${escapeLiteral(manifest.collate)} LC_CTYPE ${escapeLiteral(manifest.ctype)}`,
    ...locale,
    `CONNECTION LIMIT ${options.connectionLimit}`,
  ].join(' ');
}

function explainCreate(error: unknown, manifest: Manifest, name: string, target: PostgresTarget): unknown {
  if (!isPilothouseError(error)) return error;
  const state = error.details['sqlState'];
  const about = { details: error.details, cause: error };
  if (state === '42P04') return new PilothouseError('restore.target-exists', `There is a database ${name} on ${target.label} already.`, { ...about, hint: 'Choose another name.' });
  if (state === '42501') return new PilothouseError('postgres.privilege', `${target.connection.user} may not create databases on ${target.label}.`, { ...about, hint: `As a superuser: ALTER ROLE ${escapeIdentifier(target.connection.user)} CREATEDB;` });
  if (state === '53100') return new PilothouseError('restore.space', `The server of ${target.label} has no space left for ${name}.`, { ...about, hint: 'Free some space on the server and try again. Nothing was left behind.', retryable: true });
  if (state === '42809' || state === '22023' || /locale|encoding|collat/i.test(error.message)) {
    const wanted = `${manifest.encoding}, collation ${manifest.collate}, character type ${manifest.ctype}${manifest.locale === null ? '' : `, locale ${manifest.locale}`}`;
    return new PilothouseError('restore.preflight', `The server of ${target.label} cannot make a database with ${wanted}: ${error.message}`, {
      ...about,
      hint: `Install the locale on the server (Debian: add ${manifest.collate} to /etc/locale.gen, run locale-gen) and restart Postgres, or restore to a server that has it.`,
    });
  }
  return error;
}

export interface Scratch {
  id: string;
  name: string;
  /** `pg_database.oid`, as text. */
  oid: string;
}

/**
 * Records and makes an empty database.
 * @param session beside it, on the target's server
 * @throws restore.target-exists, restore.preflight (locale), restore.space, postgres.privilege
 */
export async function createScratch(context: EngineContext, options: { session: PostgresSession; target: PostgresTarget; name: string; manifest: Manifest; purpose: 'proof' | 'restore'; operationId: string; scratchId: string }): Promise<Scratch> {
  const { session, target, name, manifest, purpose, operationId, scratchId } = options;
  const scratches = createScratchRepository(context.store);
  const { databaseId } = target;
  const { systemIdentifier } = session.server;
  if (databaseId === null || systemIdentifier === null) throw new PilothouseError('postgres.privilege', `The identity of the server of ${target.label} cannot be read, so nothing is written to it.`, { hint: `As a superuser: GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO ${escapeIdentifier(target.connection.user)};` });
  if ((await findByName(session, name)) !== null) throw new PilothouseError('restore.target-exists', `There is a database ${name} on ${target.label} already.`, { hint: 'Choose another name.' });

  scratches.insert({ id: scratchId, databaseId, systemIdentifier, name, purpose, operationId, createdAt: context.ports.clock.now() });
  await context.ports.checkpoint?.('scratch:recorded');
  try {
    await session.query(createDatabaseSql(manifest, { name, connectionLimit: markLimit(scratchId), serverMajor: session.server.major }));
  } catch (error) {
    throw explainCreate(error, manifest, name, target);
  }
  await context.ports.checkpoint?.('scratch:created');
  await commentOn(session, name, markComment(scratchId));
  const made = await findByName(session, name);
  if (made === null || !bearsTheMark(made, scratchId)) throw new PilothouseError('restore.failed', `${name} was made on ${target.label} and is not there.`, { hint: 'Somebody else may be working on databases of this server; try again.', retryable: true });
  return { id: scratchId, name, oid: made.oid };
}

/** Takes the marks off a database that stays, and says of it what it is. What somebody else has said or limited meanwhile stays. */
export async function unmark(session: PostgresSession, database: ServerDatabase, scratchId: string, comment: string): Promise<void> {
  if (database.connectionLimit === markLimit(scratchId)) await session.query(`ALTER DATABASE ${escapeIdentifier(database.name)} CONNECTION LIMIT -1`);
  if (database.comment === markComment(scratchId)) await commentOn(session, database.name, comment);
}

export type DropOutcome = 'dropped' | 'was-gone' | 'not-ours';

/**
 * Drops a scratch database, ending the sessions in it, and forgets it. One that bears other marks than ours is left
 * alone. Does nothing where it was dropped before. Unless somebody else is told of the statements, they are history of
 * the operation that made it.
 * @throws postgres.* where the server cannot be reached, or is a standby now; it stays recorded then
 */
export async function dropScratch(context: EngineContext, scratchId: string, options: { onStatement?: (record: CommandRecord) => void } = {}): Promise<DropOutcome> {
  const scratches = createScratchRepository(context.store);
  const scratch = scratches.find(scratchId);
  if (scratch === null) return 'was-gone';
  const target = { ...context.targetOf(scratch.databaseId), systemIdentifier: scratch.systemIdentifier };
  const onStatement = options.onStatement ?? historyOf(context, scratch.operationId);
  const session = await connectBeside(context, target, { applicationName: 'pilothouse clean-up', avoid: [scratch.name], lockTimeoutMs: 20_000, ...(onStatement === undefined ? {} : { onStatement }) });
  try {
    requirePrimary(session, target);
    let found = await findByName(session, scratch.name);
    if (found === null) {
      await endMaker(session, makerName(scratch.purpose, scratch.operationId));
      found = await findByName(session, scratch.name);
    }
    if (found === null || !bearsTheMark(found, scratchId)) {
      scratches.remove(scratchId);
      return found === null ? 'was-gone' : 'not-ours';
    }
    await dropDatabase(session, found);
    if ((await findByName(session, scratch.name)) !== null) throw new PilothouseError('restore.failed', `${scratch.name} is still on ${target.label} after it was dropped.`, { hint: `Drop it by hand: DROP DATABASE ${escapeIdentifier(scratch.name)};` });
    scratches.remove(scratchId);
    return 'dropped';
  } finally {
    await session.close();
  }
}

export interface SweepReport {
  /** "shop__new on shop on 127.0.0.1:5432" */
  dropped: string[];
  /** Still there, or nobody knows: tried again while Pilothouse runs, at its next start, and before the next restore to that server. */
  left: { id: string; name: string; reason: string; error: unknown }[];
}

function isOver(context: EngineContext, scratch: ScratchDatabase): boolean {
  return isFinished(context.operations.find(scratch.operationId)?.state ?? 'interrupted');
}

/** Drops the scratch databases of operations that are over, however they ended. Never throws. */
export async function sweepScratch(context: EngineContext, filter: { databaseId?: string; operationId?: string } = {}): Promise<SweepReport> {
  const report: SweepReport = { dropped: [], left: [] };
  const rows = createScratchRepository(context.store)
    .list(filter.databaseId === undefined ? {} : { databaseId: filter.databaseId })
    .filter((scratch) => (filter.operationId === undefined || scratch.operationId === filter.operationId) && isOver(context, scratch));
  for (const scratch of rows) {
    try {
      const outcome = await dropScratch(context, scratch.id);
      if (outcome === 'dropped') report.dropped.push(scratch.name);
    } catch (error) {
      report.left.push({ id: scratch.id, name: scratch.name, reason: toErrorShape(error, '').message, error });
    }
  }
  return report;
}

/** A sweep's report in words; null where there was nothing to do. */
export function sweepWords(report: SweepReport): string | null {
  const parts: string[] = [];
  if (report.dropped.length > 0) parts.push(`Dropped what was half made: ${report.dropped.join(', ')}.`);
  for (const { name, reason } of report.left) parts.push(`${name} may still be on the server: ${reason} It is dropped as soon as the server can be reached.`);
  return parts.length === 0 ? null : parts.join(' ');
}
