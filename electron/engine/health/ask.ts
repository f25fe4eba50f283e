/** Asks one check of one session, and makes an answer of whatever happens. */
import { hasCode, toErrorShape } from '#shared/domain/errors.ts';
import type { PostgresSession } from '../postgres/index.ts';
import type { Fix } from '#shared/contract/common.ts';
import type { Finding, Look, PostgresCheck, Row } from './check.ts';
import { blind, skipped, unknown } from './findings.ts';
import { duration } from './figures.ts';
import { comment, identifier } from './sql-text.ts';

export interface AskLimits {
  statementTimeoutMs: number;
  lockTimeoutMs: number;
}

export const defaultAskLimits: AskLimits = { statementTimeoutMs: 10_000, lockTimeoutMs: 2000 };

export interface Answer {
  finding: Finding;
  durationMs: number;
  /** The counters to keep, for checks that have them and saw them. */
  counters: Record<string, number | string | null> | null;
  /** Whether the session is gone: nothing more can be asked of it. */
  sessionLost: boolean;
}

/** The part of a look that is known before the statement is sent. */
export type Prepared = Omit<Look, 'statementMs'>;

const answered = (finding: Finding, durationMs = 0): Answer => ({ finding, durationMs, counters: null, sessionLost: false });

/** What an error of a statement means for the one who wanted to know. */
function failed(error: unknown, prepared: Prepared, limits: AskLimits): Finding {
  const shape = toErrorShape(error, '');
  const { server } = prepared;
  switch (shape.code) {
    case 'postgres.statement-timeout':
      return unknown(`The question took longer than ${duration(limits.statementTimeoutMs / 1000)} and was given up`, shape.hint ?? 'Ask again at a quieter time.');
    case 'postgres.privilege':
      return unknown(`Role ${server.user} may not look: ${shape.message}`, server.monitor ? (shape.hint ?? null) : `GRANT pg_monitor TO ${identifier(server.user)};`);
    default:
      return unknown(shape.message, shape.hint ?? null);
  }
}

/** A standby shows what has to be mended, and cannot be written to. */
function onPrimary(fix: Fix): Fix {
  const there = (sql: string) => `${comment('on the primary')}\n${sql}`;
  return { ...fix, do: there(fix.do), undo: fix.undo === null ? null : there(fix.undo) };
}

/** What was found inside a database is mended there: the same names may stand in its neighbours. It is said in what is copied, too. */
function inDatabase(fix: Fix, database: string): Fix {
  if (fix.where !== 'sql') return fix;
  const there = (sql: string) => `${comment(`in database ${database}`)}\n${sql}`;
  return { ...fix, database, do: there(fix.do), undo: fix.undo === null ? null : there(fix.undo) };
}

/** The fix with where it has to be carried out. */
function placed(check: PostgresCheck, fix: Fix, { server }: Look): Fix {
  const inside = check.scope === 'database' ? inDatabase(fix, server.database) : fix;
  return server.standby && check.fixWrites === true ? onPrimary(inside) : inside;
}

/**
 * Asks and judges. Errors become `unknown` and never reach the other checks, but for a cancelled operation, which is
 * thrown on.
 * @param clock milliseconds
 * @throws operation.cancelled
 */
export async function ask(check: PostgresCheck, session: PostgresSession | null, prepared: Prepared, limits: AskLimits, clock: () => number): Promise<Answer> {
  const { server } = prepared;
  if (check.statement === null) return answered(check.judge([], { ...prepared, statementMs: 0 }));
  if (session === null) return answered(unknown('Nobody was there to be asked'));
  if (server.standby && check.notOnStandby !== null) return answered(skipped(check.notOnStandby));
  const shut = check.eyes.filter((eye) => !prepared.sees(eye));
  if (shut.length > 0) return answered(blind(shut, prepared));

  const startedAt = clock();
  let rows: Row[];
  try {
    ({ rows } = await session.readOnly(check.statement(prepared), limits));
  } catch (error) {
    if (hasCode(error, 'operation.cancelled')) throw error;
    return { ...answered(failed(error, prepared, limits), clock() - startedAt), sessionLost: hasCode(error, 'postgres.connection-lost') };
  }
  const durationMs = clock() - startedAt;
  const look: Look = { ...prepared, statementMs: durationMs };
  try {
    const judged = check.judge(rows, look);
    const finding = judged.fix ? { ...judged, fix: placed(check, judged.fix, look) } : judged;
    return { finding, durationMs, counters: check.counters?.read(rows, look) ?? null, sessionLost: false };
  } catch (error) {
    return answered(unknown(`The answer could not be understood: ${toErrorShape(error, '').message}`, 'This is a fault of Pilothouse; the log of the operation has the statement.'), durationMs);
  }
}
