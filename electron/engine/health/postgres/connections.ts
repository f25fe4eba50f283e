import type { PostgresCheck } from '../check.ts';
import { count, percent } from '../figures.ts';
import { against, amount, evidence, text } from '../findings.ts';

export const connections: PostgresCheck = {
  about: {
    id: 'connections',
    title: 'Connections in use',
    group: 'activity',
    unit: 'percent',
    warn: 80,
    critical: 95,
    source: 'check_postgres, pgdoctor',
    question: 'How many of the connections that ordinary roles may open are taken?',
    meaning: 'When none is left the server answers "too many clients already" and applications fail.',
    causes: ['Applications open more connections than they use, without a pooler', 'Sessions are left open: idle, or idle in transaction', 'Something is slow, so sessions pile up'],
    needs: 'member of pg_monitor',
  },
  scope: 'cluster',
  notOnStandby: null,
  eyes: ['activity'],
  statement: () => `SELECT datname, usename, application_name, state, count(*) AS sessions, sum(count(*)) OVER () AS used, count(*) OVER () AS total,
       current_setting('max_connections')::int AS max_connections,
       current_setting('superuser_reserved_connections')::int + coalesce(current_setting('reserved_connections', true), '0')::int AS reserved
FROM pg_stat_activity
WHERE backend_type = 'client backend'
GROUP BY datname, usename, application_name, state
ORDER BY sessions DESC
LIMIT 200`,
  judge(rows, look) {
    // Our own session is among them: no row at all means that we were not shown what is there.
    const first = rows[0];
    if (first === undefined) return { status: 'unknown', value: null, summary: 'pg_stat_activity did not even show the session that asked' };
    const used = amount(first.used);
    const maximum = amount(first.max_connections);
    const usable = Math.max(1, maximum - amount(first.reserved));
    const share = (100 * used) / usable;
    const status = against(share, look);
    const value = Math.round(share * 10) / 10;
    const idle = rows.filter((row) => text(row.state).startsWith('idle')).reduce((sum, row) => sum + amount(row.sessions), 0);
    return {
      status,
      value,
      summary: `${percent(value)} of the connections are in use: ${count(used)} of ${count(usable)}`,
      meaning: status === 'ok' ? `${count(usable - used)} more can be opened.` : `Only ${count(Math.max(0, usable - used))} more can be opened, and ${count(idle)} of those open are idle. When none is left, applications are refused.`,
      evidence: evidence(rows, { sessions: (row) => amount(row.sessions), database: (row) => text(row.datname), role: (row) => text(row.usename), application: (row) => text(row.application_name), state: (row) => text(row.state) }, amount(first.total)),
      fix:
        status === 'ok'
          ? null
          : {
              where: 'sql',
              do: `ALTER SYSTEM SET max_connections = ${Math.ceil((maximum * 1.5) / 10) * 10};`,
              undo: `ALTER SYSTEM SET max_connections = ${maximum};`,
              note: 'Takes effect with a restart of the server, which ends every session. Where most sessions are idle, a pooler or a lower limit in the applications is the better way.',
            },
    };
  },
};
