import type { PostgresCheck, Row } from '../check.ts';
import { duration, many } from '../figures.ts';
import { against, amount, evidence, text, unknown } from '../findings.ts';
import { gained, isFinding } from '../rates.ts';

/** Rates are taken over at least a minute, so that one deadlock between two quick looks is not thirty a minute. */
const leastSeconds = 60;
const nowOf = (row: Row | undefined) => ({ value: amount(row?.deadlocks), at: amount(row?.at), reset: text(row?.stats_reset) });

export const deadlocks: PostgresCheck = {
  about: {
    id: 'deadlocks',
    title: 'Deadlocks',
    group: 'activity',
    unit: 'per-minute',
    warn: 5,
    critical: null,
    source: 'awesome-prometheus-alerts: 5 per minute',
    question: 'How often did the server have to break a deadlock since the last look?',
    meaning: 'In each, one transaction was thrown away with an error. Applications must try it again, or people lose what they did.',
    causes: ['Two parts of an application change the same rows in a different order', 'Explicit locks are taken in a different order', 'Missing indexes on foreign keys make deletes lock more than they need'],
    needs: 'any role; two looks',
  },
  scope: 'managed',
  notOnStandby: null,
  eyes: ['counts'],
  statement: () => `SELECT deadlocks, datid::text || coalesce(' ' || stats_reset::text, '') AS stats_reset, extract(epoch FROM clock_timestamp())::float8 AS at
FROM pg_stat_database
WHERE datname = current_database()`,
  counters: { keepMs: leastSeconds * 1000, read: ([row]) => ({ deadlocks: amount(row?.deadlocks), at: amount(row?.at), reset: text(row?.stats_reset) }) },
  judge(rows, look) {
    if (rows[0] === undefined) return unknown('pg_stat_database has no row for this database yet');
    const now = nowOf(rows[0]);
    const gain = gained(look, 'deadlocks', now);
    const shown = evidence(rows, { 'deadlocks since the statistics began': () => now.value });
    if (isFinding(gain)) return { ...gain, evidence: shown };
    const rate = (gain.by * 60) / Math.max(gain.seconds, leastSeconds);
    const status = against(rate, look);
    const value = Math.round(rate * 100) / 100;
    return {
      status,
      value,
      summary: `${value} per minute: ${many(gain.by, 'deadlock')} in ${duration(gain.seconds)}`,
      ...(status === 'ok' ? { meaning: gain.by === 0 ? 'No transaction was thrown away since the last look.' : 'Now and then one transaction is thrown away; applications that try again do not notice.' } : {}),
      evidence: shown,
      fix: status === 'ok' ? null : { where: 'sql', do: 'ALTER SYSTEM SET log_lock_waits = on;\nSELECT pg_reload_conf();', undo: 'ALTER SYSTEM RESET log_lock_waits;\nSELECT pg_reload_conf();', note: 'The server\'s log then names the statements that wait for each other; deadlocks themselves are logged always.' },
    };
  },
};
