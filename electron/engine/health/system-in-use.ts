/** A system as health goes by it: with the thresholds that it consists of among its limits. */
import type { System } from '#shared/contract/systems.ts';
import type { Database } from '../store/database.ts';
import { createSystemItemRepository } from '../store/system-item-repository.ts';
import { policyInUse } from './limits.ts';

export function createSystemInUse(store: Database): (system: System) => System {
  const items = createSystemItemRepository(store);
  return (system) => ({ ...system, policy: policyInUse(system.policy, items.list(system.id, 'threshold')) });
}
