import type { Operation } from '#shared/contract/operations.ts';

/** What came of an operation, beside the word for its state: that is not said again. */
export function outcomeWords({ state, summary }: Pick<Operation, 'state' | 'summary'>): string {
  return (state === 'cancelled' ? summary?.replace(/^Cancelled\. /, '') : summary) ?? '';
}
