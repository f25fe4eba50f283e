import type { Look, PostgresCheck, Row } from '../check.ts';
import { bytes, duration, many } from '../figures.ts';
import { against, amount, evidence, numberOf, text, totalOf, unknown, yes } from '../findings.ts';
import { concurrently } from '../index-text.ts';
import { qualified } from '../sql-text.ts';

const leastHours = 35 * 24;
const hourMs = 3_600_000;
const leastBytes = 1024 ** 2;

/** A restored or rebuilt index has another oid: it is another index, and its time begins anew. */
const keyOf = (row: Row) => `${text(row.oid)} ${qualified(text(row.schemaname), text(row.indexrelname))}`;

/**
 * Since when an index has been seen unused, in milliseconds since the epoch. The age of the statistics does not tell:
 * those of a database that was never reset are as old as the server, even where it was restored yesterday, and nobody
 * records when an index was made.
 */
function unusedSince(row: Row, look: Look): number {
  return Math.min(numberOf(look.previous?.values[keyOf(row)]) ?? look.now, look.now);
}

const day = (at: number) => new Date(at).toISOString().slice(0, 10);

export const unusedIndexes: PostgresCheck = {
  about: {
    id: 'unused-indexes',
    title: 'Unused indexes',
    group: 'indexes',
    unit: 'count',
    warn: 1,
    critical: null,
    source: 'pganalyze: 35 days of statistics; own: watched as long, from 1 MiB',
    question: 'Which indexes has no query used?',
    meaning: 'Every insert and most updates keep them up to date, they take space in the cache and in every backup, and nothing is faster for it.',
    causes: ['A query that needed it is gone', 'A better index was added beside it', 'It was added on suspicion'],
    needs: 'any role; 35 days of statistics, and of looks',
  },
  scope: 'database',
  notOnStandby: 'A standby counts only its own queries: look at its primary, and compare',
  eyes: ['counts'],
  statement: ({ server }) => `SELECT s.indexrelid::text AS oid, s.schemaname, s.relname, s.indexrelname, pg_relation_size(s.indexrelid) AS bytes, pg_get_indexdef(s.indexrelid) AS definition,
       EXISTS (SELECT 1 FROM pg_stat_replication) AS has_standby, ${server.versionNum >= 160000 ? 's.last_idx_scan::text' : 'NULL::text'} AS last_scan, count(*) OVER () AS total
FROM pg_stat_user_indexes s
JOIN pg_index i ON i.indexrelid = s.indexrelid
WHERE s.idx_scan = 0 AND i.indisvalid AND NOT i.indisunique AND NOT i.indisexclusion AND NOT i.indisreplident
  AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)
  AND NOT EXISTS (SELECT 1 FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)
  AND pg_relation_size(s.indexrelid) >= ${leastBytes}
ORDER BY bytes DESC
LIMIT 200`,
  counters: { keepMs: 0, read: (rows, look) => Object.fromEntries(rows.map((row) => [keyOf(row), unusedSince(row, look)])) },
  judge(rows, look) {
    // Used once is used, however young the statistics are; unused takes time to tell.
    if (rows.length === 0) return { status: 'ok', value: 0, summary: `0 unused indexes of ${bytes(leastBytes)} or more`, meaning: 'Every larger index has been used.' };
    const all = totalOf(rows);
    const shown = evidence(rows, { index: (row) => `${text(row.schemaname)}.${text(row.indexrelname)}`, table: (row) => text(row.relname), size: (row) => bytes(amount(row.bytes)), 'unused since': (row) => day(unusedSince(row, look)), definition: (row) => text(row.definition) }, all);
    const hours = look.facts.statisticsHours;
    if (hours === null || hours < leastHours) {
      return {
        ...unknown(`${many(all, 'index was', 'indexes were')} not used so far, but ${hours === null ? 'statistics of unknown age' : `${duration(hours * 3600)} of statistics`} are too few to judge: 35 days are needed`, 'Wait until the statistics are 35 days old.'),
        evidence: shown,
      };
    }
    const ripe = rows.filter((row) => look.now - unusedSince(row, look) >= leastHours * hourMs);
    if (ripe.length === 0) {
      const since = Math.min(...rows.map((row) => unusedSince(row, look)));
      return {
        ...unknown(`${many(all, 'index was', 'indexes were')} not used so far, but watched only since ${day(since)}: 35 days are needed, as an index may be new, or its database a restored one`, `Check now and then until ${day(since + leastHours * hourMs)}.`),
        evidence: shown,
      };
    }
    const value = ripe.length;
    const total = ripe.reduce((sum, row) => sum + amount(row.bytes), 0);
    const first = ripe[0];
    const watched = Math.min(hours, (look.now - unusedSince(first ?? {}, look)) / hourMs);
    const status = against(value, look);
    const standby = yes(first?.has_standby);
    return {
      status,
      value,
      summary: `${many(value, 'index', 'indexes')} not used in ${duration(watched * 3600)}, ${bytes(total)} together: ${text(first?.indexrelname)}${value > 1 ? ' and more' : ''}`,
      meaning: `Every write to their tables keeps them up to date for nothing.${standby ? ' A standby is connected: its queries may use them, and are not counted here.' : ''}`,
      evidence: shown,
      fix:
        status === 'ok'
          ? null
          : {
              where: 'sql',
              do: `DROP INDEX CONCURRENTLY ${qualified(text(first?.schemaname), text(first?.indexrelname))};`,
              undo: `${concurrently(text(first?.definition))};`,
              note: `Destructive: queries that run seldom (month end, year end) may need it; the undo builds it again. ${standby ? 'Look at idx_scan on every standby first. ' : ''}Neither can run inside a transaction block.`,
            },
    };
  },
};
