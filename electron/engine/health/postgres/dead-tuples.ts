import type { PostgresCheck, Row } from '../check.ts';
import { count, many, percent } from '../figures.ts';
import { against, amount, evidence, partly, text, totalOf, yes } from '../findings.ts';
import { qualified } from '../sql-text.ts';

const leastDead = 10_000;
const share = (row: Row) => (100 * amount(row.n_dead_tup)) / Math.max(1, amount(row.n_dead_tup) + amount(row.n_live_tup));

export const deadTuples: PostgresCheck = {
  about: {
    id: 'dead-tuples',
    title: 'Dead rows',
    group: 'vacuum',
    unit: 'percent',
    warn: 20,
    critical: 40,
    source: 'own: 20 / 40 %, of tables with over 10,000 dead rows',
    question: 'How much of a table is rows that were deleted or updated and not cleaned up?',
    meaning: 'Every scan reads them, indexes point to them, and the table grows instead of using their space again.',
    causes: ['Autovacuum is off for the table, or for all', 'A long transaction keeps VACUUM from removing them', 'The table changes faster than autovacuum comes round'],
    needs: 'any role; track_counts on',
  },
  scope: 'database',
  notOnStandby: 'A standby does not count rows: look at its primary',
  eyes: ['counts'],
  statement: () => `SELECT s.schemaname, s.relname, s.n_live_tup, s.n_dead_tup, greatest(s.last_vacuum, s.last_autovacuum)::text AS last_vacuum,
       NOT coalesce((SELECT option_value::boolean FROM pg_options_to_table(c.reloptions) WHERE option_name = 'autovacuum_enabled'), true) AS switched_off,
       s.n_live_tup + s.n_dead_tup = 0 AS uncounted, count(*) OVER () AS total
FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
WHERE s.n_dead_tup >= ${leastDead} OR (s.n_live_tup + s.n_dead_tup = 0 AND c.relkind = 'r' AND c.reltuples >= ${leastDead})
ORDER BY s.n_dead_tup::float8 / greatest(1, s.n_live_tup + s.n_dead_tup) DESC
LIMIT 500`,
  judge(rows, look) {
    // After a crash the counts of a table are gone until somebody touches it: 0 dead rows then says nothing.
    const uncounted = rows.filter((row) => yes(row.uncounted));
    const counted = rows.filter((row) => !yes(row.uncounted));
    const worst = counted[0];
    const dead = worst === undefined ? 0 : share(worst);
    const status = against(dead, look);
    const value = Math.round(dead * 10) / 10;
    const table = worst === undefined ? '' : qualified(text(worst.schemaname), text(worst.relname));
    const off = yes(worst?.switched_off);
    const finding = {
      status,
      value,
      summary: worst === undefined ? `0 %: no table has ${count(leastDead)} dead rows or more` : `${percent(value)} of ${text(worst.schemaname)}.${text(worst.relname)} are dead rows: ${count(amount(worst.n_dead_tup))} of them${off ? ', and autovacuum is off for it' : ''}`,
      ...(status === 'ok' ? { meaning: 'VACUUM keeps up.' } : {}),
      evidence: evidence(
        counted,
        {
          table: (row) => `${text(row.schemaname)}.${text(row.relname)}`,
          'dead %': (row) => Math.round(share(row) * 10) / 10,
          dead: (row) => amount(row.n_dead_tup),
          live: (row) => amount(row.n_live_tup),
          'last vacuum': (row) => text(row.last_vacuum) || 'never',
          autovacuum: (row) => (yes(row.switched_off) ? 'off' : 'on'),
        },
        totalOf(rows) - uncounted.length,
      ),
      fix:
        status === 'ok'
          ? null
          : {
              where: 'sql' as const,
              do: `${off ? `ALTER TABLE ${table} RESET (autovacuum_enabled);\n` : ''}VACUUM (VERBOSE, ANALYZE) ${table};`,
              undo: off ? `ALTER TABLE ${table} SET (autovacuum_enabled = false);` : null,
              harmless: true as const,
              note: `VACUUM changes no data, blocks neither reads nor writes, and needs no undo.${off ? ' The undo switches autovacuum off again as it was.' : ''} If the dead rows stay, an old transaction holds them: the check of long transactions names it.`,
            },
    };
    if (uncounted.length === 0) return finding;
    return partly(finding, `${many(uncounted.length, 'table')} without counts since the statistics were lost`, `ANALYZE ${uncounted.slice(0, 20).map((row) => qualified(text(row.schemaname), text(row.relname))).join(', ')};`);
  },
};
