/** What counters of databases gained between two readings. */
import type { Finding, Look, Row } from './check.ts';
import { duration } from './figures.ts';
import { amount, numberOf, text, unknown } from './findings.ts';

/**
 * The columns that `readCounters` and `gains` go by, one row per database. Which statistics a figure belongs to shows by
 * three things together: since 15 `stats_reset` of a database stays empty over a crash, which pg_stat_bgwriter records.
 */
export const rateColumns = `datid::text AS datid, datname, coalesce(stats_reset::text, '') || ' ' || coalesce((SELECT b.stats_reset::text FROM pg_stat_bgwriter b), '') AS reset,
       extract(epoch FROM clock_timestamp())::float8 AS at`;

/** Two clusters have equal oids as a rule: theirs are other databases all the same. */
const resetOf = (row: Row, look: Look) => `${look.server.systemIdentifier ?? ''} ${text(row.reset)}`;

/** @param column the counter that grows */
export function readCounters(rows: readonly Row[], look: Look, column: string): Record<string, number | string | null> {
  return Object.fromEntries(rows.flatMap((row) => [[`${text(row.datid)} value`, amount(row[column])], [`${text(row.datid)} at`, amount(row.at)], [`${text(row.datid)} reset`, resetOf(row, look)]]));
}

export interface Rate {
  /** The counter that grows. */
  column: string;
  /** Seconds that the rate is told in. */
  per: number;
  /** Seconds that a rate is taken over at least: what happens once between two quick looks does not happen all the time. */
  atLeast: number;
}

export interface Gain {
  row: Row;
  by: number;
  /** Seconds between the readings, by the server's clock. */
  seconds: number;
  rate: number;
}

export interface Gains {
  /** Highest rate first. */
  known: Gain[];
  /** In words, why nothing is known of a database, and whether it was there at the last look. */
  lost: { row: Row; why: string; isNew: boolean }[];
}

/** The growth of each database's counter since the last reading, or why it cannot be told. */
export function gains(rows: readonly Row[], look: Look, { column, per, atLeast }: Rate): Gains {
  const before = look.previous?.values ?? {};
  const found: Gains = { known: [], lost: [] };
  for (const row of rows) {
    const id = text(row.datid);
    const [value, at] = [numberOf(before[`${id} value`]), numberOf(before[`${id} at`])];
    if (value === null || at === null) {
      found.lost.push({ row, why: 'Baseline taken: this counts what happens between two looks, and this was the first', isNew: true });
      continue;
    }
    const by = amount(row[column]) - value;
    const seconds = amount(row.at) - at;
    if (by < 0 || before[`${id} reset`] !== resetOf(row, look)) found.lost.push({ row, why: 'The counters were reset since the last look: a new baseline was taken', isNew: false });
    else if (seconds <= 0) found.lost.push({ row, why: `The server's clock went back by ${duration(-seconds)} since the last look`, isNew: false });
    else found.known.push({ row, by, seconds, rate: (by * per) / Math.max(seconds, atLeast) });
  }
  found.known.sort((a, b) => b.rate - a.rate);
  return found;
}

/**
 * What the highest rate says. Unknown where there is none, or where it is well but a database that was there at the
 * last look cannot be told of; one that is new has had no time for anything.
 */
export function judgeGains({ known, lost }: Gains, judge: (worst: Gain) => Finding): Finding {
  const [worst] = known;
  const [missing] = lost.filter(({ isNew }) => !isNew);
  const tryAgain = 'Check again in a while.';
  if (worst === undefined) return unknown(missing?.why ?? lost[0]?.why ?? 'pg_stat_database has no row for any database yet', tryAgain);
  const finding = judge(worst);
  if (missing === undefined || finding.status !== 'ok') return finding;
  return { ...finding, ...unknown(`${text(missing.row.datname)}: ${missing.why}; of the others: ${finding.summary}`, tryAgain) };
}
