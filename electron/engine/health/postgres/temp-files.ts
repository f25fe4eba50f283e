import type { PostgresCheck } from '../check.ts';
import { bytes, count, duration } from '../figures.ts';
import { against, amount, evidence, text } from '../findings.ts';
import { gains, judgeGains, rateColumns, readCounters, type Rate } from '../rates.ts';

/** Over at least an hour: one large report in five minutes is not twelve in an hour. */
const perHour: Rate = { column: 'temp_bytes', per: 3600, atLeast: 3600 };

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
  scope: 'cluster',
  notOnStandby: null,
  eyes: ['counts'],
  statement: () => `SELECT ${rateColumns}, temp_files, temp_bytes, current_setting('work_mem') AS work_mem
FROM pg_stat_database
WHERE datname IS NOT NULL
ORDER BY temp_bytes DESC, datname`,
  counters: { keepMs: perHour.atLeast * 1000, read: (rows, look) => readCounters(rows, look, perHour.column) },
  judge(all, look) {
    const rows = all.filter((row) => !look.ours.has(text(row.datname)));
    const found = gains(rows, look, perHour);
    const shown = evidence(rows, {
      database: (row) => text(row.datname),
      'written since the last look': (row) => {
        const gain = found.known.find((one) => one.row === row);
        return gain === undefined ? null : bytes(gain.by);
      },
      'files since the statistics began': (row) => count(amount(row.temp_files)),
      'written since then': (row) => bytes(amount(row.temp_bytes)),
      work_mem: (row) => text(row.work_mem),
    });
    const finding = judgeGains(found, ({ row, by, seconds, rate }) => {
      const status = against(rate, look);
      const value = Math.round(rate);
      return {
        status,
        value,
        summary: `${bytes(value)} per hour${by === 0 ? '' : ` in ${text(row.datname)}`}: ${bytes(by)} of temporary files in ${duration(seconds)}`,
        ...(status === 'ok' ? { meaning: 'Sorts and joins fit into memory, or nearly.' } : {}),
        fix:
          status === 'ok'
            ? null
            : { where: 'sql', do: "ALTER SYSTEM SET log_temp_files = '64MB';\nSELECT pg_reload_conf();", harmless: true, undo: 'ALTER SYSTEM RESET log_temp_files;\nSELECT pg_reload_conf();', note: 'The server\'s log then names the statements. Raise work_mem for the role that sends them (ALTER ROLE … SET work_mem), not for everybody: each sort of each session may take it.' },
      };
    });
    return { ...finding, evidence: shown };
  },
};
