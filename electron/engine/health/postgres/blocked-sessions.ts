import type { PostgresCheck } from '../check.ts';
import { duration, many } from '../figures.ts';
import { against, amount, evidence, list, text, totalOf } from '../findings.ts';
import { endSession } from '../sessions.ts';
import { shownQuery } from '../sql-text.ts';

/** What pg_blocking_pids() gives for a lock that a prepared transaction holds. */
const prepared = '0';

export const blockedSessions: PostgresCheck = {
  about: {
    id: 'blocked-sessions',
    title: 'Sessions waiting for a lock',
    group: 'activity',
    unit: 'seconds',
    warn: 60,
    critical: 300,
    source: 'own: 1 / 5 min',
    question: 'How long has a session been waiting for a lock that another one holds?',
    meaning: 'What waits does nothing, and whatever queues behind it waits too. Behind ALTER TABLE the whole application can stand still.',
    causes: ['A session that is idle in a transaction holds a lock', 'ALTER TABLE or another schema change during busy hours', 'Two parts of an application update the same rows in long transactions'],
    needs: 'member of pg_monitor',
  },
  scope: 'cluster',
  notOnStandby: null,
  eyes: ['activity'],
  // pg_locks.waitstart came with 14; before, the time since the statement began is the nearest thing above it.
  statement: ({ server }) => {
    const since = server.versionNum >= 140000 ? '(SELECT min(l.waitstart) FROM pg_locks l WHERE l.pid = a.pid AND NOT l.granted)' : 'a.query_start';
    return `SELECT w.pid, w.datname, w.usename, w.query, w.seconds, w.blockers, count(*) OVER () AS total,
       b.pid AS blocker_pid, b.usename AS blocker_usename, b.application_name AS blocker_application, b.state AS blocker_state, b.query AS blocker_query, b.backend_start::text AS blocker_start
FROM (SELECT a.pid, a.datname, a.usename, a.query, extract(epoch FROM clock_timestamp() - coalesce(${since}, a.query_start))::float8 AS seconds, pg_blocking_pids(a.pid) AS blockers
      FROM pg_stat_activity a
      WHERE a.wait_event_type = 'Lock' AND a.pid <> pg_backend_pid()) w
LEFT JOIN pg_stat_activity b ON b.pid = w.blockers[1]
WHERE cardinality(w.blockers) > 0
ORDER BY w.seconds DESC
LIMIT 200`;
  },
  judge(rows, look) {
    const longest = rows[0];
    if (longest === undefined) return { status: 'ok', value: 0, summary: '0 s: no session waits for a lock', meaning: 'Nobody is in anybody\'s way.' };
    const seconds = amount(longest.seconds);
    const status = against(seconds, look);
    const waiting = new Set(rows.map((row) => text(row.pid)));
    // Who blocks without waiting is at the root of the queue: ending that one lets the others go on.
    const root = rows.find((row) => !waiting.has(text(row.blocker_pid)) && amount(row.blocker_pid) !== 0) ?? rows.find((row) => list(row.blockers).includes(prepared)) ?? longest;
    const byPrepared = amount(root.blocker_pid) === 0 && list(root.blockers).includes(prepared);
    const whom = byPrepared ? 'a prepared transaction, which has no session' : `${text(root.blocker_usename) || 'another session'} (pid ${text(root.blocker_pid) || 'gone'})`;
    return {
      status,
      value: Math.round(seconds),
      summary: `${duration(seconds)}: ${text(longest.usename)} (pid ${text(longest.pid)}) waits for ${whom}; ${many(totalOf(rows), 'session')} waiting`,
      ...(status === 'ok' ? { meaning: 'Waits for locks are short.' } : byPrepared ? { meaning: 'A prepared transaction keeps its locks until somebody ends it by name: the check of prepared transactions (prepared-transactions) has it.' } : {}),
      evidence: evidence(
        rows,
        {
          'waits for': (row) => duration(amount(row.seconds)),
          pid: (row) => amount(row.pid),
          database: (row) => text(row.datname),
          role: (row) => text(row.usename),
          statement: (row) => shownQuery(text(row.query)),
          'blocked by': (row) => list(row.blockers).map((pid) => (pid === prepared ? 'a prepared transaction' : pid)).join(', '),
          'who is': (row) => [text(row.blocker_usename), text(row.blocker_application), text(row.blocker_state)].filter((part) => part !== '').join(', '),
          'and last sent': (row) => shownQuery(text(row.blocker_query)),
        },
        totalOf(rows),
      ),
      fix:
        status === 'ok' || text(root.blocker_start) === ''
          ? null
          : endSession({ pid: root.blocker_pid, backend_start: root.blocker_start, application_name: root.blocker_application }, 'terminate', 'Ends the session at the head of the queue and rolls its transaction back; there is no undo. Where it is doing real work, waiting may be the better way.'),
    };
  },
};
