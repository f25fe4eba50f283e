/** Two databases exchange their names: the one moment in which a live database is touched. */
import { setTimeout as pause } from 'node:timers/promises';
import { isPilothouseError, PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import { isFinished } from '#shared/domain/operation-state.ts';
import type { CommandRecord } from '#shared/contract/operations.ts';
import type { Restore } from '#shared/contract/restores.ts';
import { countInWords } from '../backup/words.ts';
import type { EngineContext } from '../engine-context.ts';
import type { RunningOperation } from '../operations/procedure.ts';
import type { PostgresSession, PostgresTarget } from '../postgres/index.ts';
import { createRestoreRepository, type StoredExchange } from '../store/restore-repository.ts';
import { obstacleFindings } from './exchange-plan.ts';
import { historyOf } from './history-of.ts';
import { allowConnections, connectBeside, endSessions, findByName, findByOid, isSomebodys, renameDatabase, requirePrimary } from './server-databases.ts';
import { judgeExchange, type Standing } from './swap-model.ts';

/** How often sessions are ended and the renames tried, before both databases are opened again as they were. */
const attempts = 8;
const betweenAttemptsMs = 250;
/** How long ended sessions may take to be gone before the next attempt, in milliseconds. */
const sessionsGoneMs = 5000;

/**
 * How long one statement may go without an answer, in milliseconds: more than its waiting for locks and for sessions to
 * end. On a line that swallows everything the live database must not stay closed until the system gives the line up.
 */
const answerWithinMs = 30_000;

/** How long it is looked, and again where the server did not answer, before nobody knows how an exchange stands. */
const looksAtTheEnd = 4;
const betweenLooksMs = 1500;

const dayMs = 86_400_000;

/** The session that exchanges says in its name for which operation, so that a later start finds it and ends it. */
const sessionName = (operationId: string) => `pilothouse swap ${operationId}`.slice(0, 63);

/** The target of a restore, held to the cluster it was made on. @throws store.not-found */
export function targetOfRestore(context: EngineContext, restore: Restore): PostgresTarget {
  return { ...context.targetOf(restore.databaseId), systemIdentifier: restore.identity.systemIdentifier };
}

/** A session from which both databases can be renamed. */
export function connectForExchange(context: EngineContext, restore: Restore, exchange: StoredExchange, onStatement?: (record: CommandRecord) => void): Promise<PostgresSession> {
  return connectBeside(context, targetOfRestore(context, restore), {
    applicationName: sessionName(exchange.operationId),
    avoid: [exchange.liveName, exchange.incoming.nameBefore, exchange.outgoing.nameAfter],
    lockTimeoutMs: 10_000,
    answerWithinMs,
    ...(onStatement === undefined ? {} : { onStatement }),
  });
}

async function awaitNobody(session: PostgresSession, oids: readonly string[]): Promise<boolean> {
  const deadline = performance.now() + sessionsGoneMs;
  for (;;) {
    const { rows } = await session.query<{ left: string }>(`SELECT count(*)::text AS left FROM pg_catalog.pg_stat_activity a WHERE a.datid = ANY ($1::oid[]) AND a.pid <> pg_catalog.pg_backend_pid() AND ${isSomebodys}`, [`{${oids.join(',')}}`]);
    if (rows[0]?.left === '0') return true;
    if (performance.now() > deadline) return false;
    await pause(20);
    await endSessions(session, oids);
  }
}

async function renameBoth(context: EngineContext, session: PostgresSession, exchange: StoredExchange): Promise<void> {
  const { outgoing, incoming, liveName } = exchange;
  await session.query('BEGIN');
  try {
    await renameDatabase(session, liveName, outgoing.nameAfter);
    await context.ports.checkpoint?.('exchange:first-renamed');
    await renameDatabase(session, incoming.nameBefore, liveName);
    // Names were taken for granted until here; what counts is which databases had them.
    const went = await findByOid(session, outgoing.oid);
    const came = await findByOid(session, incoming.oid);
    if (went?.name !== outgoing.nameAfter || came?.name !== liveName) {
      throw new PilothouseError('postgres.wrong-identity', `The databases that have the names ${liveName} and ${incoming.nameBefore} are not the ones that were looked at: somebody exchanged them meanwhile.`, { hint: 'Nothing was renamed. Find out who works on databases of this server, then plan again.' });
    }
    await context.ports.checkpoint?.('exchange:before-commit');
    await session.query('COMMIT');
  } catch (error) {
    // The session may be gone, and its transaction with it; how it stands is looked at afterwards, by oid.
    await session.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** 55006: somebody is connected. Anything else will not be better next time. */
function mayTryAgain(error: unknown): boolean {
  return isPilothouseError(error) && (error.details['sqlState'] === '55006' || error.code === 'postgres.lock-timeout');
}

/**
 * Lets nobody new into a database. It is closed by its name, which somebody may have given to another one meanwhile: so
 * its oid is looked at before, and after, where another one that was hit is opened again.
 * @throws postgres.wrong-identity
 */
async function closeOne(session: PostgresSession, name: string, oid: string): Promise<void> {
  const foreign = () => new PilothouseError('postgres.wrong-identity', `${name} is not the database that was looked at: somebody gave its name to another one.`, { hint: 'Nothing was renamed. Find out who works on databases of this server, then plan again.' });
  const before = await findByName(session, name);
  if (before?.oid !== oid) throw foreign();
  await allowConnections(session, name, false);
  const after = await findByName(session, name);
  if (after?.oid === oid) return;
  if (after !== null) await allowConnections(session, name, true);
  throw foreign();
}

async function closeAndRename(context: EngineContext, session: PostgresSession, exchange: StoredExchange, operation: RunningOperation): Promise<void> {
  const { outgoing, incoming, liveName } = exchange;
  const oids = [outgoing.oid, incoming.oid];
  // The plan saw none; it may be some time ago, and each would be found when it is too late.
  const [obstacle] = await obstacleFindings(session, [{ oid: outgoing.oid, name: liveName }, { oid: incoming.oid, name: incoming.nameBefore }]);
  if (obstacle !== undefined) throw new PilothouseError('restore.swap-failed', `${obstacle.title}.`, { hint: obstacle.fix });
  await closeOne(session, incoming.nameBefore, incoming.oid);
  await context.ports.checkpoint?.('exchange:copy-closed');
  await closeOne(session, liveName, outgoing.oid);
  await context.ports.checkpoint?.('exchange:live-closed');
  for (let attempt = 1; ; attempt += 1) {
    operation.throwIfCancelled();
    const ended = await endSessions(session, oids);
    if (ended > 0) operation.log('info', `Ended ${countInWords(ended, 'session')}`);
    await awaitNobody(session, oids);
    await context.ports.checkpoint?.('exchange:sessions-ended');
    try {
      await renameBoth(context, session, exchange);
      return;
    } catch (error) {
      if (attempt >= attempts || !mayTryAgain(error)) throw error;
      operation.log('warn', `Somebody is still connected; trying again (${attempt} of ${attempts})`);
      await pause(betweenAttemptsMs);
    }
  }
}

/** What the local file says of a restore once its exchange is known to be over. */
function record(context: EngineContext, restore: Restore, exchange: StoredExchange, standing: 'before' | 'after', outgoingIsThere: boolean): void {
  const restores = createRestoreRepository(context.store);
  if (standing === 'before') {
    restores.update(restore.id, {}, { exchange: null });
  } else if (exchange.direction === 'swap') {
    const undoUntil = new Date(context.ports.clock.now() + context.settings.read().undoDays * dayMs).toISOString();
    restores.update(restore.id, outgoingIsThere ? { state: 'swapped', setAside: exchange.outgoing.nameAfter, undoUntil } : { state: 'swapped', setAside: null, undoUntil: null }, { exchange: null, setAsideOid: outgoingIsThere ? exchange.outgoing.oid : null });
  } else {
    restores.update(restore.id, { state: 'undone', setAside: null, undoUntil: null, undoneAt: new Date(context.ports.clock.now()).toISOString(), into: exchange.outgoing.nameAfter }, { exchange: null, setAsideOid: null });
  }
  context.changes.changed('restores', 'systems');
}

/** Ends the session that was exchanging, should it still be there, so that nothing moves while we look. */
async function endFormerSession(session: PostgresSession, exchange: StoredExchange): Promise<void> {
  const former = 'FROM pg_catalog.pg_stat_activity WHERE application_name = $1 AND pid <> pg_catalog.pg_backend_pid()';
  const deadline = performance.now() + sessionsGoneMs;
  for (;;) {
    const { rows } = await session.query<{ ended: string }>(`SELECT count(pg_catalog.pg_terminate_backend(pid))::text AS ended ${former}`, [sessionName(exchange.operationId)]);
    if (rows[0]?.ended === '0') return;
    if (performance.now() > deadline) throw new PilothouseError('restore.swap-failed', 'The session that exchanges the names does not end.', { hint: 'Look at pg_stat_activity for application_name "pilothouse swap …", and end it; then start Pilothouse again.' });
    await pause(20);
  }
}

export interface SettleOptions {
  /** The operation that settles its own exchange. Everybody else waits until that operation is over. */
  operationId?: string;
  /** By default the statements are history of the operation that exchanged. */
  onStatement?: (record: CommandRecord) => void;
}

/** Settlings under way, by restore: two at once would end each other's sessions. */
const settlings = new WeakMap<EngineContext, Map<string, Promise<unknown>>>();

async function inTurn<Result>(context: EngineContext, restoreId: string, work: () => Promise<Result>): Promise<Result> {
  const turns = settlings.get(context) ?? new Map<string, Promise<unknown>>();
  settlings.set(context, turns);
  const turn = (turns.get(restoreId) ?? Promise.resolve()).then(work, work);
  turns.set(restoreId, turn);
  try {
    return await turn;
  } finally {
    if (turns.get(restoreId) === turn) turns.delete(restoreId);
  }
}

/**
 * Finds out by oid how an exchange stands, opens both databases accordingly, looks again, and records it. Safe to
 * repeat, and safe after a crash at any point.
 * @returns `before` or `after`; `foreign` where somebody else renamed one of them: recorded as open, for a person to decide
 * @throws operation.busy while the operation that exchanges is under way; postgres.* where the server cannot be
 * reached, or is a standby now: the exchange stays recorded as open
 */
export function settleExchange(context: EngineContext, restoreId: string, options: SettleOptions = {}): Promise<Standing | 'none'> {
  return inTurn(context, restoreId, () => settle(context, restoreId, options));
}

async function settle(context: EngineContext, restoreId: string, options: SettleOptions): Promise<Standing | 'none'> {
  const restores = createRestoreRepository(context.store);
  const restore = restores.get(restoreId);
  const { exchange } = restores.internals(restoreId);
  if (exchange === null) return 'none';
  const exchanging = context.operations.find(exchange.operationId);
  if (exchanging !== null && !isFinished(exchanging.state) && options.operationId !== exchange.operationId) {
    throw new PilothouseError('operation.busy', `"${exchanging.title}" is under way.`, { hint: 'Wait until it is finished; then plan again.', retryable: true, details: { operationId: exchanging.id } });
  }
  const session = await connectForExchange(context, restore, exchange, options.onStatement ?? historyOf(context, exchange.operationId));
  try {
    requirePrimary(session, targetOfRestore(context, restore));
    await endFormerSession(session, exchange);
    for (let look = 1; ; look += 1) {
      const outgoing = await findByOid(session, exchange.outgoing.oid);
      const incoming = await findByOid(session, exchange.incoming.oid);
      const verdict = judgeExchange(exchange, outgoing, incoming);
      if (verdict.open.length === 0) {
        if (verdict.standing !== 'foreign') record(context, restore, exchange, verdict.standing, outgoing !== null);
        return verdict.standing;
      }
      if (look > 5) throw new PilothouseError('restore.swap-failed', `${verdict.open.map(({ name }) => name).join(' and ')} did not become as they should be in ${look} attempts.`, { hint: 'Somebody else may be changing these databases. Look at pg_database, then start Pilothouse again.' });
      for (const { name, allow } of verdict.open) {
        await allowConnections(session, name, allow);
        await context.ports.checkpoint?.('exchange:opened-one');
      }
    }
  } finally {
    await session.close();
  }
}

/** The line that broke, or the sessions that came back at once, may be in the way of looking for a moment only. */
async function settleInTheEnd(settleOwn: () => Promise<Standing | 'none'>, operation: RunningOperation): Promise<Standing | 'none'> {
  for (let look = 1; ; look += 1) {
    try {
      return await settleOwn();
    } catch (error) {
      const { message, retryable } = toErrorShape(error, '');
      if (look >= looksAtTheEnd || !retryable) throw error;
      operation.log('warn', `How the names stand could not be looked at yet: ${message}`);
      await pause(betweenLooksMs);
    }
  }
}

/**
 * Records what is meant, closes both databases, ends their sessions, renames both in one transaction and opens them
 * again. Until the renames are committed a failure or a cancel takes everything back; after that it is done.
 * @param kept what was done before and stays where the names are not exchanged, in words
 * @returns milliseconds in which the live name let nobody in
 * @throws restore.swap-failed, operation.cancelled, postgres.*
 */
export async function exchangeNames(context: EngineContext, restore: Restore, exchange: StoredExchange, operation: RunningOperation, kept: string | null = null): Promise<number> {
  const restores = createRestoreRepository(context.store);
  restores.update(restore.id, {}, { exchange });
  const settleOwn = () => settleExchange(context, restore.id, { operationId: operation.id, onStatement: operation.command });
  const takeBack = operation.onFailure(`the exchange of ${exchange.liveName} and ${exchange.incoming.nameBefore}`, async () => {
    const standing = await settleOwn();
    if (standing === 'foreign') throw new PilothouseError('restore.swap-failed', foreignWords(exchange));
    if (standing === 'after') throw new PilothouseError('restore.swap-failed', `it cannot be taken back by cancelling, because it is done: ${doneWords(exchange)}`);
  });
  await context.ports.checkpoint?.('exchange:recorded');
  const session = await connectForExchange(context, restore, exchange, operation.command);
  const closedAt = context.ports.clock.now();
  let failure: unknown = null;
  try {
    await closeAndRename(context, session, exchange, operation);
    await context.ports.checkpoint?.('exchange:renamed');
  } catch (error) {
    failure = error ?? new Error('unknown');
  } finally {
    await session.close();
  }
  // Whatever was thrown, only looking says whether the renames were committed: an answer can be lost on the way.
  const standing = await settleInTheEnd(settleOwn, operation);
  takeBack.disarm();
  if (standing === 'after') {
    if (failure !== null) operation.warn(`The names were exchanged, although it looked as if they were not: ${toErrorShape(failure, '').message}`);
    return context.ports.clock.now() - closedAt;
  }
  if (standing === 'foreign') throw new PilothouseError('restore.swap-failed', foreignWords(exchange), { hint: 'Look at the names in pg_database; whoever has the live name was opened. Rename by hand what is not right.' });
  if (isPilothouseError(failure) && failure.code === 'operation.cancelled') throw whileKept(failure, kept);
  const why = failure === null ? 'nothing was renamed' : toErrorShape(failure, '').message;
  const notExchanged = new PilothouseError('restore.swap-failed', `${exchange.liveName} was not exchanged: ${why} Both databases have their names, and are open.`, { hint: mayTryAgain(failure) ? 'Stop what keeps connecting (an application, a pooler, a monitor), then plan it again.' : `Put right what the message names, then plan it again.${isPilothouseError(failure) && failure.code === 'restore.swap-failed' && failure.hint !== undefined ? ` ${failure.hint}` : ''}`, retryable: true, cause: failure });
  throw whileKept(notExchanged, kept);
}

/** An error that says what stays although it ended; what was not thrown on purpose stays as it is, for the log. */
export function whileKept(error: unknown, kept: string | null): unknown {
  if (kept === null || !isPilothouseError(error)) return error;
  const { code, message, hint, retryable, details } = error;
  return new PilothouseError(code, `${message} ${kept}`, { ...(hint === undefined ? {} : { hint }), retryable, details: { ...details, kept }, cause: error });
}

function doneWords(exchange: StoredExchange): string {
  return exchange.direction === 'swap'
    ? `${exchange.liveName} is the restored copy now, and the previous one is ${exchange.outgoing.nameAfter}. Undo takes it back.`
    : `${exchange.liveName} is what it was before the swap, and the restored copy is ${exchange.outgoing.nameAfter}.`;
}

export function foreignWords(exchange: StoredExchange): string {
  return `${exchange.liveName} and ${exchange.incoming.nameBefore} are neither as they were nor as they were to be: somebody else renamed or dropped one of them (oids ${exchange.outgoing.oid} and ${exchange.incoming.oid}).`;
}
