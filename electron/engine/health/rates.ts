/** What a counter gained between two readings. */
import type { Finding, Look } from './check.ts';
import { duration } from './figures.ts';
import { unknown } from './findings.ts';

export interface Gained {
  by: number;
  /** Seconds between the readings, by the server's clock. */
  seconds: number;
}

/**
 * The growth of one counter since the last reading, or why it cannot be told: at the first reading, after the
 * statistics were reset (the counter fell, or `reset` differs: another database under the same name counts too), or where the clock stood or went back.
 */
export function gained(look: Look, counter: string, now: { value: number; at: number; reset: string }): Gained | Finding {
  const before = look.previous?.values;
  if (before === undefined || typeof before[counter] !== 'number' || typeof before.at !== 'number') {
    return unknown('Baseline taken: this counts what happens between two looks, and this was the first', 'Check again in a while.');
  }
  const by = now.value - before[counter];
  const seconds = now.at - before.at;
  if (by < 0 || (before.reset ?? '') !== now.reset) return unknown('The counters were reset since the last look: a new baseline was taken', 'Check again in a while.');
  if (seconds <= 0) return unknown(`The server's clock went back by ${duration(-seconds)} since the last look`, 'Check again in a while.');
  return { by, seconds };
}

export const isFinding = (value: Gained | Finding): value is Finding => 'status' in value;
