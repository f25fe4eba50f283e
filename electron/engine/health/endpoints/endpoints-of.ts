/** The endpoints of a system, with what makes the connection to each. */
import type { Item } from '#shared/contract/items.ts';
import { createAdoptionRepository } from '../../store/adoption-repository.ts';
import type { Database } from '../../store/database.ts';
import { createHostRepository } from '../../store/host-repository.ts';
import { createSystemItemRepository } from '../../store/system-item-repository.ts';
import type { From } from './look-at-endpoint.ts';

export interface Endpoints {
  list(systemId: string): Item<'endpoint'>[];
  thresholds(systemId: string): Item<'threshold'>[];
  /** @param role the role of a host in the system's pack; null: this computer */
  from(systemId: string, role: string | null): From;
}

export function createEndpoints(store: Database): Endpoints {
  const items = createSystemItemRepository(store);
  const adoptions = createAdoptionRepository(store);
  const hosts = createHostRepository(store);
  return {
    list: (systemId) => items.list(systemId, 'endpoint'),
    thresholds: (systemId) => items.list(systemId, 'threshold'),
    from(systemId, role) {
      if (role === null) return { hostId: null, label: 'this computer' };
      const binding = adoptions.find(systemId)?.bindings[role];
      const host = binding !== undefined && 'hostId' in binding ? hosts.list(systemId).find(({ id }) => id === binding.hostId) : undefined;
      return host === undefined ? { missing: `Not asked: no host of the system has the role "${role}", which makes the connection`, opener: 'Give the role to a host, where the pack of the system is set up, or let this computer connect.' } : { hostId: host.id, label: host.label };
    },
  };
}
