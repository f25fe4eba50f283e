/** What a comparison of counts tells of a copy and the live database, and what it does not. Pure. */
import type { ComparedTable } from '#shared/contract/restores.ts';

/** Rows of a table in the live database beyond the copy, or missing from it. A table that is not live has no rows there. */
export function liveDifference(table: ComparedTable): number {
  return table.restored === null ? 0 : (table.live ?? 0) - table.restored;
}

/** One table that was counted tells that all were: where none was, nothing is known. */
export function liveIsCounted(compared: readonly ComparedTable[]): boolean {
  return compared.some(({ live }) => live !== null);
}

export interface Tally {
  more: { rows: number; tables: number };
  fewer: { rows: number; tables: number };
}

/**
 * By how many rows tables of the live database outnumber the copy, and the other way round. These are differences of
 * counts: a row that was added hides behind one that was deleted, so that they say nothing of which rows these are. Null
 * where nobody counted what is live.
 */
export function tally(compared: readonly ComparedTable[]): Tally | null {
  if (!liveIsCounted(compared)) return null;
  // A restore computes materialised views anew: they have no rows of their own that could come back or go.
  const differences = compared.filter(({ kind }) => kind !== 'materialized-view').map(liveDifference);
  const fewer = differences.filter((difference) => difference < 0);
  const more = differences.filter((difference) => difference > 0);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + Math.abs(value), 0);
  return { more: { rows: sum(more), tables: more.length }, fewer: { rows: sum(fewer), tables: fewer.length } };
}
