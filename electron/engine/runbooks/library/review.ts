/** When a runbook has to be looked at again: what it says was right on the day of its last review. */
import type { Runbook } from '#shared/domain/runbook/definition.ts';

export interface Review {
  /** `never`: it asks for reviews, and there was none. `none`: it asks for none. */
  review: 'fresh' | 'due' | 'never' | 'none';
  /** In UTC; null where there was no review, or none is asked for. */
  dueAt: string | null;
}

/** @param now milliseconds since the epoch */
export function reviewOf({ reviewedOn, reviewEveryMs }: Pick<Runbook, 'reviewedOn' | 'reviewEveryMs'>, now: number): Review {
  if (reviewEveryMs === null) return { review: 'none', dueAt: null };
  const reviewedAt = reviewedOn === null ? Number.NaN : Date.parse(`${reviewedOn}T00:00:00Z`);
  const dueAt = new Date(reviewedAt + reviewEveryMs);
  if (Number.isNaN(dueAt.getTime())) return { review: 'never', dueAt: null };
  return { review: now < dueAt.getTime() ? 'fresh' : 'due', dueAt: dueAt.toISOString() };
}
