import type { PostgresCheck } from '../check.ts';
import { duration, many } from '../figures.ts';
import { against, amount, evidence, text } from '../findings.ts';
import { gains, judgeGains, rateColumns, readCounters, type Rate } from '../rates.ts';

const perMinute: Rate = { column: 'deadlocks', per: 60, atLeast: 60 };

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
  scope: 'cluster',
  notOnStandby: null,
  eyes: ['counts'],
  statement: () => `SELECT ${rateColumns}, deadlocks
FROM pg_stat_database
WHERE datname IS NOT NULL
ORDER BY deadlocks DESC, datname`,
  counters: { keepMs: perMinute.atLeast * 1000, read: (rows, look) => readCounters(rows, look, perMinute.column) },
  judge(all, look) {
    const rows = all.filter((row) => !look.ours.has(text(row.datname)));
    const found = gains(rows, look, perMinute);
    const shown = evidence(rows, {
      database: (row) => text(row.datname),
      'deadlocks since the last look': (row) => found.known.find((gain) => gain.row === row)?.by ?? null,
      'since the statistics began': (row) => amount(row.deadlocks),
    });
    const finding = judgeGains(found, ({ row, by, seconds, rate }) => {
      const status = against(rate, look);
      const value = Math.round(rate * 100) / 100;
      return {
        status,
        value,
        summary: `${value} per minute${by === 0 ? '' : ` in ${text(row.datname)}`}: ${many(by, 'deadlock')} in ${duration(seconds)}`,
        ...(status === 'ok' ? { meaning: by === 0 ? 'No transaction was thrown away since the last look.' : 'Now and then one transaction is thrown away; applications that try again do not notice.' } : {}),
        fix: status === 'ok' ? null : { where: 'sql', do: 'ALTER SYSTEM SET log_lock_waits = on;\nSELECT pg_reload_conf();', harmless: true, undo: 'ALTER SYSTEM RESET log_lock_waits;\nSELECT pg_reload_conf();', note: 'The server\'s log then names the statements that wait for each other; deadlocks themselves are logged always.' },
      };
    });
    return { ...finding, evidence: shown };
  },
};
