/** Thresholds that drive something: each in the unit and the direction of what goes by it, and one for each. */
import { placeOf } from './plain.ts';
import type { PlacedItem } from './read-items.ts';

/** What has to be known of a health check. */
export interface KnownCheck {
  /** "percent". */
  unit: string;
  /** Whether it goes by figures, and not by states. */
  hasLimits: boolean;
  lowerIsWorse: boolean;
}
/** By id. */
export type KnownChecks = ReadonlyMap<string, KnownCheck>;

export function checkThresholds(items: readonly PlacedItem[], checks: KnownChecks): void {
  const driven = new Map<string, PlacedItem>();
  for (const item of items) {
    if (item.kind !== 'threshold') continue;
    const { key, fields, faults, written } = item;
    const unit = typeof fields['unit'] === 'string' ? fields['unit'] : null;
    const drives = fields['drives'] as { kind?: string; check?: string } | undefined;
    const say = (path: string[], rule: string, message: string): void => faults.add(placeOf(written, path), { rule, message });
    const target = drives?.kind === 'backup-age' ? 'last-backup' : drives?.kind === 'check' ? (drives.check ?? null) : null;
    if (drives?.kind === 'endpoints' && unit !== null && unit !== 'ms') say(['unit'], 'unit', `threshold "${key}" is in ${unit}, and how long endpoints take is told in ms. Write its figures in ms, and unit: ms.`);
    const check = target === null ? undefined : checks.get(target);
    if (target === null || check === undefined) continue;
    const other = driven.get(target);
    if (other === undefined) driven.set(target, item);
    else say(['drives'], 'driven-twice', `threshold "${key}" drives ${target}, as "${other.key}" on line ${other.line} does. One check goes by one threshold: make the other drives: { people: true }.`);
    if (!check.hasLimits && target !== 'last-backup') say(['drives'], 'unit', `The check ${target} goes by states, not by figures: threshold "${key}" cannot drive it. Write drives: { people: true }.`);
    else if (unit !== null && unit !== check.unit) say(['unit'], 'unit', `threshold "${key}" is in ${unit}, and the check ${target} in ${check.unit}. Write its figures in ${check.unit}, and unit: ${check.unit}.`);
    if (check.lowerIsWorse !== (fields['lowerIsWorse'] === true)) say(['lowerIsWorse'], 'direction', `Of the check ${target} ${check.lowerIsWorse ? 'lower' : 'higher'} is worse. ${check.lowerIsWorse ? 'Write lower_is_worse: true' : 'Take lower_is_worse out'} in threshold "${key}".`);
  }
}
