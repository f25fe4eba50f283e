/** Which limits count for a check in a system: what a person set for it, then the thresholds that it consists of, then the catalogue. */
import type { LimitInUse } from '#shared/contract/health.ts';
import type { Item } from '#shared/contract/items.ts';
import type { System, SystemPolicy } from '#shared/contract/systems.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Threshold } from '#shared/domain/health-state.ts';
import type { AnyCheck } from './check.ts';
import { endpointChecks } from './endpoint-checks.ts';
import { hostChecks } from './host/index.ts';
import { postgresChecks } from './postgres/index.ts';

/** Of Postgres, of hosts, and of endpoints. */
export const allChecks: readonly AnyCheck[] = [...postgresChecks, ...hostChecks, ...endpointChecks];

export interface Limits {
  limits: Threshold;
  /** Whether they are the system's own. */
  ownLimits: boolean;
}

/** The age of backups has its place in the policy, because more than health goes by it. */
const backupCheck = 'last-backup';
const defaultBackupAge: SystemPolicy['backupAgeHours'] = { warn: 26, critical: 50 };

export function limitsOf(check: AnyCheck, policy: SystemPolicy): Limits {
  const direction = check.lowerIsWorse === true ? { lowerIsWorse: true } : {};
  if (check.about.id === backupCheck) return { limits: policy.backupAgeHours, ownLimits: true };
  const own = policy.thresholds[check.about.id];
  if (own !== undefined) return { limits: { ...own, ...direction }, ownLimits: true };
  return { limits: { warn: check.about.warn, critical: check.about.critical, ...direction }, ownLimits: false };
}

/** What somebody set by hand stands among the thresholds as well; where only the policy was written, it is told by its figures. */
const isOwnAge = ({ thresholds, backupAgeHours: { warn, critical } }: SystemPolicy): boolean => thresholds[backupCheck] !== undefined || warn !== defaultBackupAge.warn || critical !== defaultBackupAge.critical;

/**
 * Whose limits count: those that a person set for the check, those of a threshold of the system, or the catalogue's.
 * @param thresholds of the system; of two for one check the first counts
 */
export function limitInUse(checkId: string, policy: SystemPolicy, thresholds: readonly Item<'threshold'>[]): LimitInUse {
  const own = checkId === backupCheck ? (isOwnAge(policy) ? policy.backupAgeHours : undefined) : policy.thresholds[checkId];
  return own === undefined ? limitWithoutOwn(checkId, thresholds) : { warn: own.warn, critical: own.critical, from: 'own', item: null };
}

/** One without a figure says nothing: by it nothing would ever be wrong. */
const hasFigure = ({ warn, critical }: Pick<Item<'threshold'>['value'], 'warn' | 'critical'>): boolean => warn !== null || critical !== null;

/** What counts where nobody has set anything for the check. */
export function limitWithoutOwn(checkId: string, thresholds: readonly Item<'threshold'>[]): LimitInUse {
  const isAge = checkId === backupCheck;
  const item = thresholds.find(({ value: { drives, warn, critical } }) => (drives.kind === 'check' ? drives.check === checkId : isAge && drives.kind === 'backup-age') && hasFigure({ warn, critical }));
  if (item !== undefined) {
    const { warn, critical, title } = item.value;
    // The age of copies is judged by both: one that is not said lies where the other does.
    return { warn: isAge ? (warn ?? critical) : warn, critical: isAge ? (critical ?? warn) : critical, from: 'item', item: { key: item.key, title } };
  }
  const { about } = checkOf(checkId);
  return isAge ? { ...defaultBackupAge, from: 'catalogue', item: null } : { warn: about.warn, critical: about.critical, from: 'catalogue', item: null };
}

/** The policy with the thresholds of the system in it, for whatever goes by limits. It is not written back. */
export function policyInUse(policy: SystemPolicy, thresholds: readonly Item<'threshold'>[]): SystemPolicy {
  const driven = new Set(thresholds.flatMap(({ value: { drives, warn, critical } }) => (drives.kind === 'check' && drives.check !== backupCheck && hasFigure({ warn, critical }) && allChecks.some(({ about }) => about.id === drives.check) ? [drives.check] : [])));
  const age = limitInUse(backupCheck, policy, thresholds);
  return {
    ...policy,
    thresholds: { ...policy.thresholds, ...Object.fromEntries([...driven].map((id) => {
      const { warn, critical } = limitInUse(id, policy, thresholds);
      return [id, { warn, critical }];
    })) },
    backupAgeHours: age.warn === null || age.critical === null ? policy.backupAgeHours : { warn: age.warn, critical: age.critical },
  };
}

/** @throws health.unknown-check */
export function checkOf(id: string): AnyCheck {
  const found = allChecks.find((check) => check.about.id === id);
  if (found === undefined) throw new PilothouseError('health.unknown-check', `There is no check called ${id}.`, { hint: `There are: ${allChecks.map((check) => check.about.id).join(', ')}.` });
  return found;
}

function invalid(message: string, hint: string): PilothouseError {
  return new PilothouseError('contract.invalid-input', message, { hint });
}

/**
 * The policy with other limits for one check; null takes the catalogue's again.
 * @throws health.unknown-check; contract.invalid-input where the limits make no sense for the check
 */
export function withThreshold(system: Pick<System, 'policy'>, checkId: string, threshold: { warn: number | null; critical: number | null } | null): SystemPolicy {
  const check = checkOf(checkId);
  const { about, lowerIsWorse = false } = check;
  const { policy } = system;
  if (about.warn === null && about.critical === null) throw invalid(`The check ${checkId} goes by states, not by limits.`, 'It has nothing to set; leave it as it is.');
  if (threshold !== null) {
    const { warn, critical } = threshold;
    if ([warn, critical].some((limit) => limit !== null && !(Number.isFinite(limit) && limit >= 0))) throw invalid(`A limit of ${checkId} is a number from 0 on, in ${about.unit}.`, 'Type it again.');
    if (about.unit === 'percent' && [warn, critical].some((limit) => limit !== null && limit > 100)) throw invalid(`A limit of ${checkId} is a share of 100 %.`, 'Choose at most 100.');
    if (warn !== null && critical !== null && (lowerIsWorse ? warn < critical : warn > critical)) {
      throw invalid(`${checkId} would be critical before it warns: ${lowerIsWorse ? 'lower' : 'higher'} is worse here, and warn is ${warn}, critical ${critical}.`, lowerIsWorse ? 'Choose warn ≥ critical.' : 'Choose warn ≤ critical.');
    }
  }
  const { [checkId]: _previous, ...others } = policy.thresholds;
  if (checkId === backupCheck) {
    const age = threshold ?? defaultBackupAge;
    if (age.warn === null || age.critical === null || age.warn <= 0 || age.critical <= 0) throw invalid('The age of backups needs both limits, in hours.', 'Type hours for warn and for critical.');
    // Among the thresholds as well, so that it is known for a person's own where it is the same as the catalogue's.
    return { ...policy, backupAgeHours: { warn: age.warn, critical: age.critical }, thresholds: threshold === null ? others : { ...others, [backupCheck]: { warn: age.warn, critical: age.critical } } };
  }
  return { ...policy, thresholds: threshold === null ? others : { ...others, [checkId]: threshold } };
}
