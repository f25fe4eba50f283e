/** Statements of a step, over a session of their own: each by itself, as if it were typed; where the step only reads, in a session that cannot write. */
import { hasCode, PilothouseError, toErrorShape, type ErrorShape } from '#shared/domain/errors.ts';
import { splitStatements } from '#shared/domain/runbook/sql-text.ts';
import type { PostgresSession } from '../../postgres/types.ts';
import { serverText } from '../../ssh/server-text.ts';
import type { Outcome, Sent } from '../sent.ts';
import { createKeptOutput, shown, tellLine } from './output.ts';
import type { StepRooms } from './rooms.ts';
import { plainValue, tableText } from './sql-table.ts';
import { createLimit, notSent, unknownEnd } from './trouble.ts';
import type { StepLimits, StepOperation } from './types.ts';

type SentSql = Extract<Sent, { kind: 'sql' }>;

/** Rows of one statement that are kept. */
const mostRows = 1000;
const longestNotice = 2000;

interface Answer {
  columns: readonly string[];
  rows: readonly (readonly unknown[])[];
  rowCount: number;
  command: string;
}

/** What the server said of a statement that it did not carry out. */
function refusalText({ message, details }: ErrorShape): string {
  const line = (name: string, key: string): string => (typeof details[key] === 'string' ? `${name}: ${details[key]}\n` : '');
  const state = typeof details['sqlState'] === 'string' ? ` (SQLSTATE ${details['sqlState']})` : '';
  const said = typeof details['serverMessage'] === 'string' ? `${typeof details['severity'] === 'string' ? details['severity'] : 'ERROR'}: ${details['serverMessage']}${state}` : message;
  return shown(`${said}\n${line('DETAIL', 'detail')}${line('HINT', 'serverHint')}${line('POSITION', 'position')}`);
}

/** Which of several it was, and what became of those before it. */
function whichOf(index: number, all: readonly string[], readOnly: boolean): string {
  if (all.length === 1) return '';
  const before = index === 0 || readOnly ? '' : ` Those before it (${index}) were carried out, and stay so unless they are in a transaction that was not committed.`;
  return `This was statement ${index + 1} of ${all.length}: ${serverText((all[index] ?? '').replaceAll(/\s+/g, ' '), 200)}.${before}\n`;
}

/** Behind one address there may be another cluster by now. @throws runbook.target-changed */
function requireCluster({ server }: PostgresSession, { systemIdentifier, label }: SentSql): void {
  if (systemIdentifier === undefined || server.systemIdentifier === systemIdentifier) return;
  throw new PilothouseError('runbook.target-changed', `${label} is on the cluster ${server.systemIdentifier ?? 'that does not say which it is'}, and was on ${systemIdentifier} when this was begun. Nothing was sent.`, { hint: 'See which server it is. Where it is right, begin the runbook anew for it.' });
}

/** No transaction keeps COPY from writing a file of the server, or from running a program there. @throws runbook.invalid, with `details.notSent` */
function requireReading(statements: readonly string[], label: string): void {
  if (statements.some((statement) => /^copy\b/i.test(statement))) throw new PilothouseError('runbook.invalid', `${label}: a step that reads cannot use COPY, which writes files and runs programs on the server. Nothing was sent.`, { hint: 'Write SELECT, or give the step the risk that it has.', details: { notSent: true } });
}

/** In a transaction that cannot write: whatever a statement sets or ends, the next one begins another of the same kind. */
async function ask(session: PostgresSession, statement: string, { parameters, readOnly }: SentSql): Promise<Answer> {
  if (!readOnly) return session.one(statement, parameters, mostRows);
  await session.query('BEGIN READ ONLY');
  const answer = await session.one(statement, parameters, mostRows);
  await session.query('ROLLBACK');
  return answer;
}

/** Whether the statements began a transaction and did not end it: closing the session takes back all that was done in it. */
async function isLeftOpen(session: PostgresSession): Promise<boolean> {
  try {
    const { rows } = await session.query<{ open: boolean }>('SELECT pg_catalog.now() OPERATOR(pg_catalog.<>) pg_catalog.statement_timestamp() AS open');
    return rows[0]?.open === true;
  } catch (error) {
    // In one that has failed nothing is answered any more.
    if (toErrorShape(error, '').details['sqlState'] === '25P02') return true;
    throw error;
  }
}

const notEnded = (label: string, cause: unknown): PilothouseError => new PilothouseError('postgres.connection-lost', `${label} did not end a statement within its time limit, and did not say that it was told to: nobody knows whether it took effect.`, { hint: 'Look there before doing it again.', cause });

export async function sendSql({ context }: StepRooms, sent: SentSql, operation: StepOperation, limits: StepLimits): Promise<Outcome> {
  const { label, readOnly } = sent;
  // Of a text with values the server takes one statement alone.
  const statements = sent.parameters.length > 0 ? [sent.statement] : splitStatements(sent.statement).map(({ text }) => text);
  if (readOnly) requireReading(statements, label);
  const limit = createLimit(limits.timeoutMs);
  const stdout = createKeptOutput();
  let startedAt: number | null = null;
  let answers: Answer[] = [];
  const outcome = (end: Pick<Outcome, 'exitStatus' | 'timedOut' | 'stderr'>): Outcome => {
    const answer = answers.findLast(({ columns }) => columns.length > 0) ?? answers.findLast(({ rowCount }) => rowCount > 0) ?? answers.at(-1);
    return {
      ...end, signal: null, stdout: stdout.text(), bytes: stdout.bytes, truncated: stdout.truncated || answers.some(({ rows, rowCount, columns }) => columns.length > 0 && rowCount > rows.length),
      rows: answer === undefined ? null : { columns: answer.columns, rows: answer.rows.map((row) => row.map(plainValue)), count: answer.rowCount },
      status: null, durationMs: startedAt === null ? 0 : Math.round(performance.now() - startedAt), by: 'live',
    };
  };
  let session: PostgresSession | null = null;
  try {
    const stop = AbortSignal.any([operation.signal, limit.signal]);
    session = await context.postgres.connect(context.targetOf(sent.databaseId), {
      applicationName: 'pilothouse runbook', signal: stop, statementTimeoutMs: limits.timeoutMs ?? 0,
      ...(sent.database === null ? {} : { database: sent.database }),
      onNotice: (text) => tellLine(operation, serverText(`${label}: ${text}`, longestNotice)),
    });
    requireCluster(session, sent);
    // Names without a schema mean here what they mean to whoever wrote them.
    await session.query('RESET search_path');
    if (readOnly) await session.query('SET default_transaction_read_only = on');
    limit.start();
    for (const [index, statement] of statements.entries()) {
      const begunAt = performance.now();
      startedAt ??= begunAt;
      const tell = (more: { exitStatus: number | null; rows?: number; output?: string }): void => operation.command({ text: statement, target: label, durationMs: Math.round(performance.now() - begunAt), ...more });
      try {
        const answer = await ask(session, statement, sent);
        answers = [...answers, answer];
        stdout.push(Buffer.from(answer.columns.length > 0 ? tableText(answer.columns, answer.rows, answer.rowCount) : `${answer.command}${answer.rowCount > 0 ? ` ${answer.rowCount}` : ''}\n`));
        tell({ exitStatus: null, rows: answer.rowCount });
      } catch (error) {
        const shape = toErrorShape(error, '');
        tell({ exitStatus: shape.details['sqlState'] === undefined ? null : 1, output: shape.message });
        // The server itself has to have said that it ended; else it may go on there.
        const isTold = shape.details['sqlState'] !== undefined;
        const isOver = hasCode(error, 'postgres.statement-timeout') || (limit.hasPassed && !operation.signal.aborted);
        if (isOver && (isTold || readOnly)) return outcome({ exitStatus: 1, timedOut: true, stderr: `It was ended by its time limit.\n${whichOf(index, statements, readOnly)}` });
        if (isOver) throw notEnded(label, error);
        if (hasCode(error, 'operation.cancelled')) throw isTold || readOnly ? error : unknownEnd(error);
        if (hasCode(error, 'postgres.connection-lost') || !isTold) throw error;
        return outcome({ exitStatus: 1, timedOut: false, stderr: `${refusalText(shape)}${whichOf(index, statements, readOnly)}` });
      }
    }
    if (!readOnly && (await isLeftOpen(session))) return outcome({ exitStatus: 1, timedOut: false, stderr: 'The statements began a transaction and did not end it, so all that was done in it is taken back. End it with COMMIT.\n' });
    return outcome({ exitStatus: 0, timedOut: false, stderr: '' });
  } catch (error) {
    throw startedAt === null ? notSent(error) : error;
  } finally {
    limit.clear();
    await session?.close();
  }
}
