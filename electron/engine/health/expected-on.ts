/** The services that a system says run on a host: those of the roles that were given to it. */
import type { Database } from '../store/database.ts';
import { createAdoptionRepository } from '../store/adoption-repository.ts';
import { createSystemItemRepository } from '../store/system-item-repository.ts';
import type { ExpectedService } from './host/index.ts';

export function expectedOn(store: Database, systemId: string, hostId: string): ExpectedService[] {
  const bindings = createAdoptionRepository(store).find(systemId)?.bindings ?? {};
  return createSystemItemRepository(store)
    .list(systemId, 'service')
    .flatMap(({ value: { title, host, manager, name } }) => {
      const bound = bindings[host];
      return bound !== undefined && 'hostId' in bound && bound.hostId === hostId ? [{ title, manager, name }] : [];
    });
}
