import { performance } from 'node:perf_hooks';
import { Query, type FieldDef, type QueryArrayResult, type QueryResult } from 'pg';
import { requestCancel } from './cancel.ts';
import { cancelled, statementFailure } from './failures.ts';
import { identityProblem, versionProblem } from './gates.ts';
import { readFacts, sessionSettingsSql } from './facts.ts';
import type { LayerReport } from './dial.ts';
import type { Passwords } from './passwords.ts';
import { placeOf } from './place.ts';
import type { HostLines } from '../ssh/lines.ts';
import { openClient, type OpenedClient } from './startup.ts';
import type { ConnectOptions, PostgresSession, PostgresTarget } from './types.ts';

/** Milliseconds that a cancelled statement may take to end before its connection is cut. */
const cancelGraceMs = 3000;
const closeGraceMs = 2000;

export interface SessionDependencies {
  passwords: Passwords;
  lines: HostLines;
  /** Milliseconds that each layer of a connection may take. */
  layerTimeoutMs: number;
  report?: LayerReport;
}

async function closeClient(opened: OpenedClient): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, closeGraceMs);
  });
  try {
    await Promise.race([opened.client.end(), limit]);
  } catch {
    // A session that is dead already cannot be ended politely.
  } finally {
    clearTimeout(timer);
    opened.socket.destroy();
  }
}

function toRows<Row extends Record<string, unknown>>(result: QueryResult<Row>): { rows: Row[]; columns: string[]; rowCount: number } {
  return { rows: result.rows, columns: result.fields.map((field) => field.name), rowCount: result.rowCount ?? 0 };
}

/** One message that reads and cannot write. The line ends keep a comment at the end of the statement to itself. */
function inReadOnlyTransaction(sql: string, limits: { statementTimeoutMs: number; lockTimeoutMs: number }): string {
  const statement = sql.trim().replace(/;$/, '');
  return `BEGIN READ ONLY; SET LOCAL statement_timeout = ${Math.round(limits.statementTimeoutMs)}; SET LOCAL lock_timeout = ${Math.round(limits.lockTimeoutMs)};\n${statement}\n; COMMIT`;
}

/**
 * Opens a session, makes sure that it is on the right cluster and on a version we know, and only then sets it up.
 * An abort cancels the running statement on the server and closes the session.
 *
 * @throws everything `openClient` throws, and postgres.wrong-identity, .unsupported-version
 */
export async function openSession(target: PostgresTarget, options: ConnectOptions, dependencies: SessionDependencies): Promise<PostgresSession> {
  const place = placeOf(target, options.database);
  const { signal } = options;
  const statementTimeoutMs = options.statementTimeoutMs ?? 0;
  if (signal?.aborted === true) throw cancelled(place);
  const pin = place.viaId === null ? null : dependencies.lines.pin(place.viaId);
  const opened = await openClient(place, {
    connection: target.connection,
    applicationName: options.applicationName,
    timeoutMs: dependencies.layerTimeoutMs,
    signal,
    lines: dependencies.lines,
    report: dependencies.report ?? (() => {}),
    async password() {
      const password = await dependencies.passwords.passwordFor(target);
      pin?.();
      return password;
    },
  });

  let aborted = false;
  let running = false;
  let closing: Promise<void> | null = null;
  let last: Promise<unknown> = Promise.resolve();

  const close = (): Promise<void> => {
    signal?.removeEventListener('abort', abort);
    return (closing ??= closeClient(opened));
  };
  const abort = (): void => {
    aborted = true;
    if (!running) {
      void close();
      return;
    }
    const cut = setTimeout(() => opened.socket.destroy(), cancelGraceMs);
    opened.socket.once('close', () => clearTimeout(cut));
    requestCancel(place, { connection: target.connection, lines: dependencies.lines, ...opened }).catch(() => {
      // The server could not be asked; cutting the connection is what is left.
      opened.socket.destroy();
    });
  };

  /** One statement, told of and its errors translated. `pick` finds its result among those of one message. */
  const send = async <Result extends QueryResult | QueryArrayResult>(sql: string, timeoutMs: number, ask: () => Promise<Result | Result[]>, pick = -1): Promise<Result> => {
    if (aborted) throw cancelled(place);
    running = true;
    const startedAt = performance.now();
    const elapsed = (): number => Math.round((performance.now() - startedAt) * 10) / 10;
    const told = { text: sql, target: target.label, exitStatus: null };
    const cut = options.answerWithinMs === undefined ? undefined : setTimeout(() => opened.socket.destroy(new Error(`no answer within ${options.answerWithinMs} ms`)), options.answerWithinMs);
    try {
      const results = await ask();
      const result = (Array.isArray(results) ? results.at(pick) : results) as Result;
      options.onStatement?.({ ...told, durationMs: elapsed(), rows: result.rowCount });
      return result;
    } catch (error) {
      const failure = statementFailure(error, place, { aborted, elapsedMs: elapsed(), statementTimeoutMs: timeoutMs });
      options.onStatement?.({ ...told, durationMs: elapsed(), rows: null, output: failure instanceof Error ? failure.message : String(failure) });
      throw failure;
    } finally {
      clearTimeout(cut);
      running = false;
      if (aborted) void close();
    }
  };
  /** One statement at a time: the next waits until the one before has ended, however it ended. */
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const turn = last.then(work, work);
    last = turn.catch(() => {});
    return turn;
  };
  const query: PostgresSession['query'] = async <Row extends Record<string, unknown>>(sql: string, parameters?: readonly unknown[]) =>
    toRows(await inTurn(() => send(sql, statementTimeoutMs, () => opened.client.query<Row>(sql, parameters === undefined ? undefined : [...parameters]))));
  const queryRows: PostgresSession['queryRows'] = async (sql, parameters) => {
    const result = await inTurn(() => send(sql, statementTimeoutMs, () => opened.client.query({ text: sql, rowMode: 'array' as const, values: parameters === undefined ? [] : [...parameters] })));
    return { columns: result.fields.map((field) => field.name), rows: result.rows as unknown[][] };
  };
  const readOnly: PostgresSession['readOnly'] = async <Row extends Record<string, unknown>>(sql: string, limits: { statementTimeoutMs: number; lockTimeoutMs: number }) =>
    toRows(
      await inTurn(async () => {
        try {
          return await send(sql, limits.statementTimeoutMs, () => opened.client.query<Row>(inReadOnlyTransaction(sql, limits)), -2);
        } catch (error) {
          // Where the session is gone, so is its transaction; the error that matters is the first.
          if (!aborted) await opened.client.query('ROLLBACK').catch(() => {});
          throw error;
        }
      }),
    );

  /** Rows that nobody keeps are not gathered by `pg` either. */
  const gather = (sql: string, parameters: readonly unknown[], keep: number): Promise<QueryArrayResult> =>
    new Promise((resolve, reject) => {
      const rows: unknown[][] = [];
      let count = 0;
      // Only what is prepared is refused where it is more than one statement.
      const config = { text: sql, values: [...parameters], rowMode: 'array' as const, queryMode: 'extended' };
      const sent = new Query<unknown[]>(config);
      sent.on('row', (row: unknown) => {
        count += 1;
        if (rows.length < keep) rows.push(row as unknown[]);
      });
      sent.on('error', reject);
      sent.once('end', (result) => resolve({ ...result, fields: result.fields as FieldDef[], rows, rowCount: result.rowCount ?? count }));
      opened.client.query(sent);
    });
  const one: PostgresSession['one'] = async (sql, parameters, keep) => {
    const { fields, rows, rowCount, command } = await inTurn(() => send(sql, statementTimeoutMs, () => gather(sql, parameters, keep)));
    return { columns: fields.map(({ name }) => name), rows: rows as unknown[][], rowCount: rowCount ?? 0, command };
  };

  if (options.onNotice !== undefined) opened.client.on('notice', ({ message }) => options.onNotice?.(message ?? ''));
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const server = await readFacts(async (sql) => (await query(sql)).rows, opened.tls);
    const problem = identityProblem(target, place, server) ?? versionProblem(place, server);
    if (problem !== null) throw problem;
    await query(sessionSettingsSql(server, { statementTimeoutMs, lockTimeoutMs: options.lockTimeoutMs ?? 0 }));
    return { server, processId: opened.processId, query, queryRows, readOnly, one, close };
  } catch (error) {
    await close();
    throw error;
  }
}
