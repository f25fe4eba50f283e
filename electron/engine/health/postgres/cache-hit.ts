import type { PostgresCheck } from '../check.ts';
import { count, duration, percent } from '../figures.ts';
import { against, amount, evidence, unknown } from '../findings.ts';

const leastHours = 7 * 24;
const leastBlocks = 100_000;

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
  scope: 'managed',
  notOnStandby: null,
  eyes: ['counts'],
  statement: () => `SELECT blks_hit, blks_read, current_setting('shared_buffers') AS shared_buffers
FROM pg_stat_database
WHERE datname = current_database()`,
  judge(rows, look) {
    const row = rows[0];
    if (row === undefined) return unknown('pg_stat_database has no row for this database yet');
    const hit = amount(row.blks_hit);
    const all = hit + amount(row.blks_read);
    const hours = look.facts.statisticsHours;
    const shown = evidence(rows, { 'found in the cache': () => hit, read: () => amount(row.blks_read), shared_buffers: () => String(row.shared_buffers), 'statistics since, hours': () => (hours === null ? null : Math.round(hours)) });
    if (hours === null || hours < leastHours) {
      return { ...unknown(`${hours === null ? 'Statistics of unknown age' : `${duration(hours * 3600)} of statistics`} are too few to judge: a week is needed`, 'Wait until the statistics are a week old.'), evidence: shown };
    }
    if (all < leastBlocks) return { ...unknown(`${count(all)} blocks were asked for in all: too few to judge`, `Wait until ${count(leastBlocks)} blocks were asked for.`), evidence: shown };
    const ratio = (100 * hit) / all;
    const status = against(ratio, look);
    const value = Math.round(ratio * 100) / 100;
    return {
      status,
      value,
      summary: `${percent(value)} of the blocks were found in the cache`,
      ...(status === 'ok' ? { meaning: 'What is used every day fits into the cache.' } : {}),
      evidence: shown,
      fix:
        status === 'ok'
          ? null
          : { where: 'sql', do: "SELECT relid::regclass AS table, seq_scan, seq_tup_read, idx_scan\nFROM pg_stat_user_tables ORDER BY seq_tup_read DESC LIMIT 10;", undo: null, note: 'Reads only: shows the tables that are read whole. An index there often does more than a larger shared_buffers (a quarter of the memory is where to begin).' },
    };
  },
};
