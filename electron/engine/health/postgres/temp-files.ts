import type { PostgresCheck } from '../check.ts';
import { bytes, count, duration } from '../figures.ts';
import { against, amount, evidence, text, unknown } from '../findings.ts';
import { gained, isFinding } from '../rates.ts';

/** Rates are taken over at least an hour: one large report in five minutes is not twelve in an hour. */
const leastSeconds = 3600;

export const tempFiles: PostgresCheck = {
  about: {
    id: 'temp-files',
    title: 'Temporary files',
    group: 'storage',
    unit: 'bytes-per-hour',
    warn: 1024 ** 3,
    critical: 5 * 1024 ** 3,
    source: 'pgdoctor: 1 / 5 GB per hour',
    question: 'How much did sorts and joins write to disk because they did not fit into memory?',
    meaning: 'Such queries run many times slower than in memory, and compete with everything else for the disk.',
    causes: ['work_mem is small for what the queries sort and join', 'A query sorts far more rows than it returns, for want of an index', 'A report that runs seldom'],
    needs: 'any role; two looks',
  },
  scope: 'managed',
  notOnStandby: null,
  eyes: ['counts'],
  statement: () => `SELECT temp_files, temp_bytes, datid::text || coalesce(' ' || stats_reset::text, '') AS stats_reset, current_setting('work_mem') AS work_mem, extract(epoch FROM clock_timestamp())::float8 AS at
FROM pg_stat_database
WHERE datname = current_database()`,
  counters: { keepMs: leastSeconds * 1000, read: ([row]) => ({ bytes: amount(row?.temp_bytes), at: amount(row?.at), reset: text(row?.stats_reset) }) },
  judge(rows, look) {
    const row = rows[0];
    if (row === undefined) return unknown('pg_stat_database has no row for this database yet');
    const gain = gained(look, 'bytes', { value: amount(row.temp_bytes), at: amount(row.at), reset: text(row.stats_reset) });
    const shown = evidence(rows, { 'files since the statistics began': () => count(amount(row.temp_files)), 'written since then': () => bytes(amount(row.temp_bytes)), work_mem: () => text(row.work_mem) });
    if (isFinding(gain)) return { ...gain, evidence: shown };
    const rate = (gain.by * 3600) / Math.max(gain.seconds, leastSeconds);
    const status = against(rate, look);
    const value = Math.round(rate);
    return {
      status,
      value,
      summary: `${bytes(value)} per hour: ${bytes(gain.by)} of temporary files in ${duration(gain.seconds)}`,
      ...(status === 'ok' ? { meaning: 'Sorts and joins fit into memory, or nearly.' } : {}),
      evidence: shown,
      fix:
        status === 'ok'
          ? null
          : { where: 'sql', do: "ALTER SYSTEM SET log_temp_files = '64MB';\nSELECT pg_reload_conf();", undo: 'ALTER SYSTEM RESET log_temp_files;\nSELECT pg_reload_conf();', note: 'The server\'s log then names the statements. Raise work_mem for the role that sends them (ALTER ROLE … SET work_mem), not for everybody: each sort of each session may take it.' },
    };
  },
};
