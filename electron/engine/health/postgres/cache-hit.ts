import type { PostgresCheck, Row } from '../check.ts';
import { count, duration, percent } from '../figures.ts';
import { against, amount, evidence, numberOf, text, unknown } from '../findings.ts';
import { comment } from '../sql-text.ts';

const leastHours = 7 * 24;
const leastBlocks = 100_000;

const blocksOf = (row: Row) => amount(row.blks_hit) + amount(row.blks_read);
const ratioOf = (row: Row) => (blocksOf(row) === 0 ? null : (100 * amount(row.blks_hit)) / blocksOf(row));
const isYoung = (row: Row) => (numberOf(row.statistics_hours) ?? 0) < leastHours;

export const cacheHit: PostgresCheck = {
  about: {
    id: 'cache-hit',
    title: 'Cache hit ratio',
    group: 'storage',
    unit: 'percent',
    warn: 95,
    critical: 90,
    source: 'pgdoctor: 95 / 90 %, over at least 7 days',
    question: 'How many of the blocks that were needed did the server find in its own cache?',
    meaning: 'What is not in the cache is read from the operating system or the disk, which is slower by far.',
    causes: ['shared_buffers is small against the data that is used every day', 'Queries read whole tables for want of an index', 'A large report or export swept through the cache'],
    needs: 'any role; a week of statistics',
  },
  lowerIsWorse: true,
  scope: 'cluster',
  notOnStandby: null,
  eyes: ['counts'],
  // Where stats_reset is empty, the statistics began with the server, or with its last crash.
  statement: () => `SELECT datname, blks_hit, blks_read, current_setting('shared_buffers') AS shared_buffers,
       extract(epoch FROM now() - coalesce(stats_reset, greatest(pg_postmaster_start_time(), (SELECT b.stats_reset FROM pg_stat_bgwriter b))))::float8 / 3600 AS statistics_hours
FROM pg_stat_database
WHERE datname IS NOT NULL
ORDER BY blks_hit + blks_read DESC, datname`,
  judge(all, look) {
    const rows = all.filter((row) => !look.ours.has(text(row.datname)));
    const busiest = rows[0];
    if (busiest === undefined) return unknown('pg_stat_database has no row for any database yet');
    const shown = evidence(rows, {
      database: (row) => text(row.datname),
      'found %': (row) => (ratioOf(row) === null ? null : Math.round((ratioOf(row) ?? 0) * 100) / 100),
      'found in the cache': (row) => amount(row.blks_hit),
      read: (row) => amount(row.blks_read),
      shared_buffers: (row) => text(row.shared_buffers),
      'statistics since, hours': (row) => (numberOf(row.statistics_hours) === null ? null : Math.round(amount(row.statistics_hours))),
    });
    // A database that hardly anybody asks says nothing about the cache, and nobody waits for it either.
    const asked = rows.filter((row) => blocksOf(row) >= leastBlocks);
    const young = asked.filter(isYoung);
    const [worst] = asked.filter((row) => !isYoung(row)).toSorted((a, b) => (ratioOf(a) ?? 0) - (ratioOf(b) ?? 0));
    if (worst === undefined) {
      const hours = numberOf(busiest.statistics_hours);
      const why =
        isYoung(busiest)
          ? unknown(`${hours === null ? 'Statistics of unknown age' : `${duration(hours * 3600)} of statistics`} are too few to judge: a week is needed`, 'Wait until the statistics are a week old.')
          : unknown(`${count(blocksOf(busiest))} blocks were asked for in ${text(busiest.datname)}, and fewer in the others: too few to judge`, `Wait until ${count(leastBlocks)} blocks were asked for.`);
      return { ...why, evidence: shown };
    }
    const ratio = ratioOf(worst) ?? 0;
    const status = against(ratio, look);
    const value = Math.round(ratio * 100) / 100;
    const finding = {
      status,
      value,
      summary: `${percent(value)} of the blocks were found in the cache in ${text(worst.datname)}`,
      ...(status === 'ok' ? { meaning: 'What is used every day fits into the cache.' } : {}),
      evidence: shown,
      fix:
        status === 'ok'
          ? null
          : {
              where: 'sql' as const,
              database: text(worst.datname),
              do: `${comment(`in database ${text(worst.datname)}`)}\nSELECT relid::regclass AS table, seq_scan, seq_tup_read, idx_scan\nFROM pg_stat_user_tables ORDER BY seq_tup_read DESC LIMIT 10;`,
              undo: null,
              harmless: true as const,
              note: 'Reads only: shows the tables that are read whole. An index there often does more than a larger shared_buffers (a quarter of the memory is where to begin).',
            },
    };
    if (young.length === 0 || status !== 'ok') return finding;
    return { ...finding, ...unknown(`${young.map((row) => text(row.datname)).join(', ')}: less than a week of statistics is too few to judge; of the others: ${finding.summary}`, 'Wait until the statistics are a week old.') };
  },
};
