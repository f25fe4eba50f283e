/** What a system says of the roles, parameters and contacts of a runbook: the hosts and databases that were given to the roles of its pack, its endpoints, what was answered, and its people. */
import { contactsIn } from '#shared/domain/runbook/contacts.ts';
import { readValue } from '#shared/domain/runbook/params.ts';
import type { Contact, Param, TargetRole, Value } from '#shared/domain/runbook/definition.ts';
import type { EngineContext } from '../../engine-context.ts';
import { createAdoptionRepository } from '../../store/adoption-repository.ts';
import { createSystemItemRepository } from '../../store/system-item-repository.ts';
import type { Binder, BindingChoice, Candidate } from './binding.ts';

export interface Adopted {
  /** What a role can be given to in a system, and what is proposed: what the system says before what the file does. */
  target(role: TargetRole, systemId: string | null): { candidates: Candidate[]; proposed: BindingChoice | null };
  /** What was answered for a parameter, where the runbook is one of the pack of the system. Null: nothing that fits. */
  param(param: Param, ref: string, systemId: string | null): Value | null;
  /** Whom the runbook names, as the system knows them now; without a system as the runbook says. */
  contacts(named: readonly Contact[], systemId: string | null): Contact[];
}

export function createAdopted({ store }: Pick<EngineContext, 'store'>, binder: Pick<Binder, 'candidates' | 'proposed'>): Adopted {
  const adoptions = createAdoptionRepository(store);
  const items = createSystemItemRepository(store);

  function saidOf({ kind, name }: TargetRole, systemId: string): BindingChoice | null {
    if (kind === 'http') {
      const endpoint = items.find(systemId, 'endpoint', name);
      return endpoint === null ? null : { url: endpoint.value.url };
    }
    const bound = adoptions.find(systemId)?.bindings[name];
    return bound !== undefined && (kind === 'ssh') === 'hostId' in bound ? bound : null;
  }

  return {
    target(role, systemId) {
      const candidates = binder.candidates(role, systemId);
      const said = systemId === null ? null : saidOf(role, systemId);
      if (said === null) return { candidates, proposed: binder.proposed(role, systemId) };
      if ('url' in said) return { candidates: [{ choice: said, label: said.url, note: 'an endpoint of the system' }, ...candidates.filter(({ choice }) => !('url' in choice && choice.url === said.url))], proposed: said };
      // One that was removed since, or moved to another system, is no candidate any more.
      const isThere = candidates.some(({ choice }) => JSON.stringify(choice) === JSON.stringify(said));
      return { candidates, proposed: isThere ? said : binder.proposed(role, systemId) };
    },
    param({ name, label, type, choices }, ref, systemId) {
      const adoption = systemId === null || type === 'secret' ? null : adoptions.find(systemId);
      const answer = adoption !== null && ref.startsWith(`${adoption.pack}/`) ? adoption.params[name] : undefined;
      if (answer === undefined || type === 'secret') return null;
      const read = readValue(type, answer, label, choices);
      return 'value' in read ? read.value : null;
    },
    contacts(named, systemId) {
      if (systemId === null || named.length === 0) return [...named];
      return contactsIn({ contacts: items.list(systemId, 'contact').map(({ key, value }) => ({ key, title: value.title, email: value.email, phone: value.phone })), roles: items.list(systemId, 'role').map(({ value }) => ({ title: value.title, contact: value.contact })) }, named);
    },
  };
}
