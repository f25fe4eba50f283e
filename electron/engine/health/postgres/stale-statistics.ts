import type { Choice, PostgresCheck } from '../check.ts';
import { count, many } from '../figures.ts';
import { against, amount, evidence, partly, text, totalOf, yes } from '../findings.ts';
import { qualified } from '../sql-text.ts';

/** Rows below which a table is not asked for: fewer only where the system's own limits are lower. */
const leastChanged = ({ limits }: Pick<Choice, 'limits'>) => Math.max(1, Math.ceil(Math.min(10_000, limits.warn ?? Infinity, limits.critical ?? Infinity)));

export const staleStatistics: PostgresCheck = {
  about: {
    id: 'stale-statistics',
    title: 'Stale planner statistics',
    group: 'vacuum',
    unit: 'count',
    warn: 100_000,
    critical: 500_000,
    source: 'pgdoctor: 100 k / 500 k rows',
    question: 'How many rows changed since the planner last looked at a table?',
    meaning: 'The planner guesses from old figures and may choose a plan that is many times slower.',
    causes: ['Autovacuum is off for the table, or for all', 'A large load or delete just happened', 'The table is large: by default a tenth of it has to change first'],
    needs: 'any role; track_counts on',
  },
  scope: 'database',
  notOnStandby: 'A standby does not count changes: look at its primary',
  eyes: ['counts'],
  statement: (choice) => `SELECT s.schemaname, s.relname, s.n_mod_since_analyze, s.n_live_tup, greatest(s.last_analyze, s.last_autoanalyze)::text AS last_analyze,
       s.n_live_tup + s.n_dead_tup + s.n_mod_since_analyze = 0 AS uncounted, count(*) OVER () AS total
FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
WHERE s.n_mod_since_analyze >= ${leastChanged(choice)} OR (s.n_live_tup + s.n_dead_tup + s.n_mod_since_analyze = 0 AND c.relkind = 'r' AND c.reltuples >= 100000)
ORDER BY s.n_mod_since_analyze DESC
LIMIT 500`,
  judge(rows, look) {
    const uncounted = rows.filter((row) => yes(row.uncounted));
    const counted = rows.filter((row) => !yes(row.uncounted));
    const worst = counted[0];
    const value = amount(worst?.n_mod_since_analyze);
    const status = against(value, look);
    const finding = {
      status,
      value,
      summary: worst === undefined ? `0: no table changed by ${many(leastChanged(look), 'row')} or more since it was analysed` : `${count(value)} rows of ${text(worst.schemaname)}.${text(worst.relname)} changed since it was analysed`,
      ...(status === 'ok' ? { meaning: 'The planner knows its tables.' } : {}),
      evidence: evidence(
        counted,
        {
          table: (row) => `${text(row.schemaname)}.${text(row.relname)}`,
          'changed since': (row) => amount(row.n_mod_since_analyze),
          'live rows': (row) => amount(row.n_live_tup),
          'last analysed': (row) => text(row.last_analyze) || 'never',
        },
        totalOf(rows) - uncounted.length,
      ),
      fix:
        status === 'ok' || worst === undefined
          ? null
          : { where: 'sql' as const, do: `ANALYZE (VERBOSE) ${qualified(text(worst.schemaname), text(worst.relname))};`, undo: null, note: 'Changes no data and blocks nobody; there is nothing to undo. It reads a sample of the table.', harmless: true as const },
    };
    if (uncounted.length === 0) return finding;
    return partly(finding, `${many(uncounted.length, 'table')} without counts since the statistics were lost`, `ANALYZE ${uncounted.slice(0, 20).map((row) => qualified(text(row.schemaname), text(row.relname))).join(', ')};`);
  },
};
