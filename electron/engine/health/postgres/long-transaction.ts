import type { PostgresCheck } from '../check.ts';
import { duration, many } from '../figures.ts';
import { against, amount, text, totalOf } from '../findings.ts';
import { endSession, sessionColumns, sessionEvidence } from '../sessions.ts';

export const longTransaction: PostgresCheck = {
  about: {
    id: 'long-transaction',
    title: 'Longest transaction',
    group: 'activity',
    unit: 'seconds',
    warn: 1800,
    critical: 3600,
    source: 'pganalyze: 30 / 60 min',
    question: 'How long has the oldest open transaction been open?',
    meaning: 'While a transaction is open, VACUUM cannot remove any row that was deleted since it began, in any table of the database. Tables and indexes grow.',
    causes: ['A report or an export that reads for hours', 'An application that opened a transaction and waits for something else', 'Somebody left psql open after BEGIN'],
    needs: 'member of pg_monitor',
  },
  scope: 'cluster',
  notOnStandby: null,
  eyes: ['activity'],
  statement: () => `SELECT ${sessionColumns}, extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS seconds, count(*) OVER () AS total
FROM pg_stat_activity a
WHERE a.xact_start IS NOT NULL AND a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()
ORDER BY a.xact_start
LIMIT 200`,
  judge(rows, look) {
    const oldest = rows[0];
    if (oldest === undefined) return { status: 'ok', value: 0, summary: '0 s: no transaction is open', meaning: 'Nothing holds VACUUM back here.' };
    const seconds = amount(oldest.seconds);
    const status = against(seconds, look);
    const waits = text(oldest.state).startsWith('idle in transaction');
    return {
      status,
      value: Math.round(seconds),
      summary: `${duration(seconds)} since ${text(oldest.usename)} (${text(oldest.application_name) || 'no application name'}) began the oldest transaction; ${many(totalOf(rows), 'transaction')} open`,
      ...(status === 'ok' ? { meaning: 'Transactions end soon enough for VACUUM to clean up behind them.' } : {}),
      evidence: sessionEvidence(rows, 'seconds', totalOf(rows)),
      fix: status === 'ok' ? null : endSession(oldest, waits ? 'terminate' : 'cancel', `Its transaction is rolled back and ${waits ? 'its session ends' : 'its client gets an error'}: what it did since it began is lost, and there is no undo. Ask ${text(oldest.usename)} first.`),
    };
  },
};
