import type { PostgresCheck } from '../check.ts';
import { duration, many } from '../figures.ts';
import { against, amount, text, totalOf } from '../findings.ts';
import { endSession, sessionColumns, sessionEvidence } from '../sessions.ts';

export const idleInTransaction: PostgresCheck = {
  about: {
    id: 'idle-in-transaction',
    title: 'Idle in transaction',
    group: 'activity',
    unit: 'seconds',
    warn: 300,
    critical: 1800,
    source: 'own: 5 / 30 min',
    question: 'How long has a session been sitting in an open transaction without doing anything?',
    meaning: 'It keeps its locks and holds VACUUM back, and nothing is being done in exchange.',
    causes: ['An application calls another service, or waits for a person, between BEGIN and COMMIT', 'An error path that never rolls back', 'A connection pool that hands out connections with an open transaction'],
    needs: 'member of pg_monitor',
  },
  scope: 'cluster',
  notOnStandby: null,
  eyes: ['activity'],
  statement: () => `SELECT ${sessionColumns}, extract(epoch FROM clock_timestamp() - a.state_change)::float8 AS seconds, count(*) OVER () AS total
FROM pg_stat_activity a
WHERE a.state IN ('idle in transaction', 'idle in transaction (aborted)') AND a.pid <> pg_backend_pid()
ORDER BY a.state_change
LIMIT 200`,
  judge(rows, look) {
    const longest = rows[0];
    if (longest === undefined) return { status: 'ok', value: 0, summary: '0 s: no session is idle in a transaction', meaning: 'Transactions are used while they are open.' };
    const seconds = amount(longest.seconds);
    const status = against(seconds, look);
    return {
      status,
      value: Math.round(seconds),
      summary: `${duration(seconds)}: ${text(longest.usename)} (${text(longest.application_name) || 'no application name'}) sits in a transaction; ${many(totalOf(rows), 'session')} so`,
      ...(status === 'ok' ? { meaning: 'Nobody sits in a transaction for long.' } : {}),
      evidence: sessionEvidence(rows, 'seconds', totalOf(rows)),
      fix: status === 'ok' ? null : endSession(longest, 'terminate', 'The session ends and its transaction is rolled back; there is no undo. To have the server do this by itself: ALTER ROLE … SET idle_in_transaction_session_timeout.'),
    };
  },
};
