import type { Operation } from '#shared/contract/operations.ts';

/** What came of an operation, beside the word for its state: that is not said again. */
export function outcomeWords({ state, summary }: Pick<Operation, 'state' | 'summary'>): string {
  return (state === 'cancelled' ? summary?.replace(/^Cancelled\. /, '') : summary) ?? '';
}

/** The same above the panel of its error: what that says is not said twice, what it left behind stays. */
export function headWords({ state, summary, error }: Pick<Operation, 'state' | 'summary' | 'error'>): string {
  if (error === null || state === 'cancelled' || summary === null) return outcomeWords({ state, summary });
  return summary.startsWith(error.message) ? summary.slice(error.message.length).trim() : summary;
}
