/** The five answers a check can give. `unknown` means that it could not look; `skipped` that it is not for this server. */
export const healthStates = ['critical', 'unknown', 'warn', 'ok', 'skipped'] as const;
export type HealthState = (typeof healthStates)[number];

/** Worst first: critical, unknown, warn, ok, skipped. */
export function compareHealth(a: HealthState, b: HealthState): number {
  return healthStates.indexOf(a) - healthStates.indexOf(b);
}

/**
 * The worst of several answers. Nothing at all, or nothing but skipped checks, is `unknown`: who looked at nothing
 * knows nothing.
 */
export function worstHealth(states: readonly HealthState[]): HealthState {
  const looked = states.filter((state) => state !== 'skipped');
  if (looked.length === 0) return 'unknown';
  return looked.reduce((worst, state) => (compareHealth(state, worst) < 0 ? state : worst));
}

/** A pair of limits. `higher-is-worse` unless `lowerIsWorse`. Null: this check has no such limit. */
export interface Threshold {
  warn: number | null;
  critical: number | null;
  lowerIsWorse?: boolean;
}

/** Where a measured value stands against its limits. A limit that is reached counts as passed. */
export function judge(value: number, threshold: Threshold): 'ok' | 'warn' | 'critical' {
  const reached = (limit: number | null) => limit !== null && (threshold.lowerIsWorse ? value <= limit : value >= limit);
  if (reached(threshold.critical)) return 'critical';
  if (reached(threshold.warn)) return 'warn';
  return 'ok';
}
