import type { PostgresCheck } from '../check.ts';
import { duration, many } from '../figures.ts';
import { against, amount, text, totalOf, yes } from '../findings.ts';
import { endSession, isOurs, sessionColumns, sessionEvidence } from '../sessions.ts';

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
  // While pg_dump works, the session whose snapshot it uses is idle in a transaction, and so is the one that leads its
  // workers. That they work is looked at on the server: a session that a lost laptop left behind is none of those.
  statement: () => `SELECT ${sessionColumns}, extract(epoch FROM clock_timestamp() - a.state_change)::float8 AS seconds, count(*) OVER () AS total,
       EXISTS (SELECT 1 FROM pg_stat_activity d
               WHERE d.datname = a.datname AND d.usename = a.usename AND d.application_name = 'pilothouse dump'
                 AND (d.state = 'active' OR d.state_change > clock_timestamp() - interval '1 minute')) AS dumping
FROM pg_stat_activity a
WHERE a.state IN ('idle in transaction', 'idle in transaction (aborted)') AND a.pid <> pg_backend_pid()
ORDER BY a.state_change
LIMIT 200`,
  judge(rows, look) {
    const others = rows.filter((row) => !(isOurs(row) && yes(row.dumping)));
    const backingUp = rows.length - others.length;
    const longest = others[0];
    if (longest === undefined) {
      const shown = backingUp === 0 ? {} : { evidence: sessionEvidence(rows, 'seconds', totalOf(rows)) };
      return { status: 'ok', value: 0, summary: `0 s: no session is idle in a transaction${backingUp === 0 ? '' : ', but for those of a running backup of Pilothouse'}`, meaning: 'Transactions are used while they are open.', ...shown };
    }
    const seconds = amount(longest.seconds);
    const status = against(seconds, look);
    return {
      status,
      value: Math.round(seconds),
      summary: `${duration(seconds)}: ${text(longest.usename)} (${text(longest.application_name) || 'no application name'}) sits in a transaction; ${many(totalOf(rows) - backingUp, 'session')} in all`,
      ...(status === 'ok' ? { meaning: 'Nobody sits in a transaction for long.' } : {}),
      evidence: sessionEvidence(rows, 'seconds', totalOf(rows)),
      fix: status === 'ok' ? null : endSession(longest, 'terminate', 'The session ends and its transaction is rolled back; there is no undo. To have the server do this by itself: ALTER ROLE … SET idle_in_transaction_session_timeout.'),
    };
  },
};
