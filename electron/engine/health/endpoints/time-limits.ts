/** How long an endpoint may take: as it says itself, or as the thresholds of its system say. */
import type { Item, ItemOf } from '#shared/contract/items.ts';
import type { Threshold } from '#shared/domain/health-state.ts';

/** Milliseconds of a unit of thresholds; others are no time. */
const unitMs: Readonly<Record<string, number>> = { ms: 1, seconds: 1000, s: 1000 };

/** @param thresholds of the system, in their order; the first that fits counts. One that names no endpoint is for all */
export function timeLimitsOf(key: string, { warnMs, criticalMs }: Pick<ItemOf<'endpoint'>, 'warnMs' | 'criticalMs'>, thresholds: readonly Item<'threshold'>[]): Threshold {
  const shared = thresholds.map(({ value }) => value).find(({ drives, unit, lowerIsWorse }) => drives.kind === 'endpoints' && (drives.keys.length === 0 || drives.keys.includes(key)) && Object.hasOwn(unitMs, unit) && !lowerIsWorse);
  const factor = unitMs[shared?.unit ?? ''] ?? 1;
  const ofShared = (limit: number | null | undefined): number | null => (limit === null || limit === undefined ? null : limit * factor);
  // Whoever says one limit says what counts for that endpoint.
  return warnMs === null && criticalMs === null ? { warn: ofShared(shared?.warn), critical: ofShared(shared?.critical) } : { warn: warnMs, critical: criticalMs };
}
