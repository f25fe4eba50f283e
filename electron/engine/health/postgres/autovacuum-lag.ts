import type { Look, PostgresCheck, Row } from '../check.ts';
import { count, duration, many } from '../figures.ts';
import { against, amount, evidence, numberOf, text, totalOf, yes } from '../findings.ts';
import { qualified } from '../sql-text.ts';

const nameOf = (row: Row) => qualified(text(row.nspname), text(row.relname));

/**
 * Since when a table has been due, in milliseconds since the epoch: since we first saw it so, unless it was vacuumed
 * after that. Postgres does not record when a table crossed its limit, so this is a floor.
 */
function dueSince(row: Row, look: Look): number {
  const seen = numberOf(look.previous?.values[nameOf(row)]);
  const vacuumed = numberOf(row.vacuumed_at);
  return seen === null || (vacuumed !== null && vacuumed * 1000 > seen) ? look.now : Math.min(seen, look.now);
}

export const autovacuumLag: PostgresCheck = {
  about: {
    id: 'autovacuum-lag',
    title: 'Overdue for autovacuum',
    group: 'vacuum',
    unit: 'hours',
    warn: 7 * 24,
    critical: 25 * 24,
    source: 'pgdoctor: 7 / 25 days',
    question: 'How long has a table been past the limit at which autovacuum should have come?',
    meaning: 'Autovacuum does not come round to it, or comes and cannot finish: dead rows gather, and in the end transaction ids run out.',
    causes: ['Autovacuum is switched off for the table', 'All workers are busy with larger tables', 'Autovacuum is cancelled again and again by statements that want a lock', 'An old transaction keeps the rows from being removed'],
    needs: 'any role; track_counts on',
  },
  scope: 'database',
  notOnStandby: 'Autovacuum runs on the primary only',
  eyes: ['counts'],
  // What autovacuum itself computes (relation_needs_vacanalyze): the table's own options before the server's; inserts
  // since 13; in 18 a ceiling, and only the share of pages that is not frozen yet counts for inserts.
  statement: ({ server }) => {
    const option = (name: string) => `coalesce((SELECT option_value FROM pg_options_to_table(c.reloptions) WHERE option_name = '${name}'), current_setting('${name}'))::float8`;
    const rows = 'greatest(c.reltuples, 0)';
    const byDead = `${option('autovacuum_vacuum_threshold')} + ${option('autovacuum_vacuum_scale_factor')} * ${rows}`;
    const newer = server.versionNum >= 180000;
    const capped = newer ? `least(${byDead}, coalesce(nullif(${option('autovacuum_vacuum_max_threshold')}, -1), 'Infinity'))` : byDead;
    const unfrozen = newer ? ' * (1 - least(1, c.relallfrozen::float8 / greatest(1, c.relpages)))' : '';
    const insertThreshold = option('autovacuum_vacuum_insert_threshold');
    const byInserts = `CASE WHEN ${insertThreshold} >= 0 THEN ${insertThreshold} + ${option('autovacuum_vacuum_insert_scale_factor')} * ${rows}${unfrozen} ELSE 'Infinity' END`;
    return `SELECT nspname, relname, n_dead_tup, dead_limit, n_ins_since_vacuum, insert_limit, switched_off, vacuumed_at, count(*) OVER () AS total
FROM (SELECT n.nspname, c.relname, s.n_dead_tup, ${capped} AS dead_limit,
             s.n_ins_since_vacuum, ${byInserts} AS insert_limit,
             NOT coalesce((SELECT option_value::boolean FROM pg_options_to_table(c.reloptions) WHERE option_name = 'autovacuum_enabled'), true) AS switched_off,
             extract(epoch FROM greatest(s.last_vacuum, s.last_autovacuum))::float8 AS vacuumed_at
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_stat_user_tables s ON s.relid = c.oid
      WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't') t
WHERE n_dead_tup > dead_limit OR n_ins_since_vacuum > insert_limit
ORDER BY n_dead_tup / greatest(1, dead_limit) DESC
LIMIT 500`;
  },
  counters: {
    keepMs: 0,
    read: (rows, look) => Object.fromEntries(rows.map((row) => [nameOf(row), dueSince(row, look)])),
  },
  judge(rows, look) {
    const due = rows.map((row) => ({ row, hours: (look.now - dueSince(row, look)) / 3_600_000 })).sort((a, b) => b.hours - a.hours);
    const worst = due[0];
    if (worst === undefined) return { status: 'ok', value: 0, summary: '0 h: no table is due for autovacuum', meaning: 'Autovacuum comes round in time.' };
    const byTime = against(worst.hours, look);
    const value = Math.round(worst.hours * 10) / 10;
    const off = due.filter(({ row }) => yes(row.switched_off));
    const status = byTime === 'ok' && off.length > 0 ? 'warn' : byTime;
    const named = byTime === 'ok' && off[0] !== undefined ? off[0] : worst;
    const table = nameOf(named.row);
    const switchedOff = yes(named.row.switched_off);
    return {
      status,
      value,
      summary: `${many(totalOf(rows), 'table')} due: ${text(named.row.nspname)}.${text(named.row.relname)} ${named.hours * 3600 < 60 ? 'from now on' : `for ${duration(named.hours * 3600)} at least`}${switchedOff ? ', with autovacuum off for it' : ''}`,
      meaning:
        status === 'ok'
          ? 'Tables are due, but not for long. The time is counted from when a look first saw them so.'
          : switchedOff
            ? 'Autovacuum is switched off for this table and it is past its limit: nobody will come unless a person does.'
            : 'Autovacuum should have come long ago and did not, or did not finish.',
      evidence: evidence(
        due,
        {
          table: ({ row }) => `${text(row.nspname)}.${text(row.relname)}`,
          'due for, h': ({ hours }) => Math.round(hours * 10) / 10,
          dead: ({ row }) => amount(row.n_dead_tup),
          'of at most': ({ row }) => Math.round(amount(row.dead_limit)),
          'inserted since': ({ row }) => amount(row.n_ins_since_vacuum),
          'and at most': ({ row }) => (numberOf(row.insert_limit) === null ? 'no limit' : count(amount(row.insert_limit))),
          autovacuum: ({ row }) => (yes(row.switched_off) ? 'off' : 'on'),
        },
        totalOf(rows),
      ),
      fix:
        status === 'ok'
          ? null
          : {
              where: 'sql',
              do: `${switchedOff ? `ALTER TABLE ${table} RESET (autovacuum_enabled);\n` : ''}VACUUM (VERBOSE, ANALYZE) ${table};`,
              undo: switchedOff ? `ALTER TABLE ${table} SET (autovacuum_enabled = false);` : null,
              note: 'VACUUM changes no data, blocks neither reads nor writes, and needs no undo.',
              harmless: true,
            },
    };
  },
};
