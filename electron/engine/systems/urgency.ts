/** In which order things wait for a person. */
import type { Need, SystemCard } from '#shared/contract/systems.ts';
import { environments, type Environment } from '#shared/domain/environment.ts';
import { compareHealth } from '#shared/domain/health-state.ts';
import { compareNames } from '#shared/domain/natural-order.ts';

/** What belongs to no system comes after what does. */
const rank = (environment: Environment | null): number => (environment === null ? environments.length : environments.indexOf(environment));

/** Without any copy the next fault is the last: of two things that are as bad it is the worse one. */
const withoutCopy = (need: Need): number => (need.action.kind === 'back-up' && need.since === null ? 0 : 1);

/** The worst first; of two that are as bad the one on which more depends. */
export function compareNeeds(a: Need, b: Need): number {
  return compareHealth(a.state, b.state) || rank(a.environment) - rank(b.environment) || withoutCopy(a) - withoutCopy(b);
}

/** The worst first, production before practice, then by name. */
export function compareCards(a: SystemCard, b: SystemCard): number {
  return compareHealth(a.state, b.state) || rank(a.system.environment) - rank(b.system.environment) || compareNames(a.system.name, b.system.name);
}
