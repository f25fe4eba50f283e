/** Roles of a pack, and what of a system may have them. */
import type { z } from 'zod';
import type { packRole } from '#shared/contract/packs.ts';
import type { Pack, PackRole } from '#shared/domain/pack/definition.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { EngineContext } from '../engine-context.ts';
import type { RoleBinding } from '../store/adoption-repository.ts';
import { createHostRepository } from '../store/host-repository.ts';

export type RoleForm = z.infer<typeof packRole>;
type Candidate = RoleForm['candidates'][number];
type Bindings = Readonly<Record<string, RoleBinding>>;

export interface Roles {
  /** @param systemId null: a new one, which has nothing yet */
  forms(pack: Pack, systemId: string | null, bindings: Bindings): RoleForm[];
  /** Those that are still there: a host that was removed since has no role. */
  living(systemId: string, bindings: Bindings): Record<string, RoleBinding>;
  /**
   * What was said put over what was there; null takes one back.
   * @throws contract.invalid-input where there is no such role, or it is given to something of another kind or system
   */
  bound(pack: Pack, systemId: string, before: Bindings, said: Readonly<Record<string, RoleBinding | null>>): Record<string, RoleBinding>;
}

const sameBinding = (one: RoleBinding, other: RoleBinding): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Who has which role, in the order of the pack. */
export const heldOf = ({ hosts, databases }: Pick<Pack, 'hosts' | 'databases'>, bindings: Bindings): { name: string; title: string; binding: RoleBinding }[] =>
  [...hosts, ...databases].flatMap(({ name, title }) => {
    const binding = bindings[name];
    return binding === undefined ? [] : [{ name, title, binding }];
  });

export function createRoles(context: Pick<EngineContext, 'store' | 'systems' | 'addressOf'>): Roles {
  const hosts = createHostRepository(context.store);

  const hostsOf = (systemId: string): Candidate[] => hosts.list(systemId).map(({ id, label, lastSeenAt }) => ({ binding: { hostId: id }, label, note: lastSeenAt === null ? 'never connected to' : null }));
  const databasesOf = (systemId: string): Candidate[] =>
    context.systems.get(systemId).databases.map(({ id, label, connection, lastSeenAt }) => ({ binding: { databaseId: id }, label: `${label} on ${context.addressOf(connection)}`, note: lastSeenAt === null ? 'never connected to' : null }));

  /** The one that is called so, or the only one where nothing else could be meant. */
  function proposedFor({ name, database }: PackRole, candidates: readonly Candidate[], isOnlyRole: boolean): RoleBinding | null {
    const named = candidates.filter(({ label }) => {
      const plain = label.toLowerCase().split(' on ')[0] ?? '';
      return plain === name || plain.split(/[^a-z0-9]+/).includes(name) || (database !== null && plain === database.toLowerCase());
    });
    if (named.length === 1) return named[0]?.binding ?? null;
    return isOnlyRole && candidates.length === 1 ? (candidates[0]?.binding ?? null) : null;
  }

  const form = (role: PackRole, kind: RoleForm['kind'], candidates: Candidate[], bindings: Bindings, isOnlyRole: boolean): RoleForm => {
    const bound = bindings[role.name];
    const isThere = bound !== undefined && candidates.some(({ binding }) => sameBinding(binding, bound));
    return { name: role.name, kind, title: role.title, needed: role.needed, why: role.why, candidates, proposed: isThere ? bound : proposedFor(role, candidates, isOnlyRole) };
  };

  return {
    forms(pack, systemId, bindings) {
      const [there, databases] = systemId === null ? [[], []] : [hostsOf(systemId), databasesOf(systemId)];
      return [...pack.hosts.map((role) => form(role, 'host', there, bindings, pack.hosts.length === 1)), ...pack.databases.map((role) => form(role, 'database', databases, bindings, pack.databases.length === 1))];
    },
    living(systemId, bindings) {
      const there = [...hostsOf(systemId), ...databasesOf(systemId)];
      return Object.fromEntries(Object.entries(bindings).filter(([, binding]) => there.some((candidate) => sameBinding(candidate.binding, binding))));
    },
    bound(pack, systemId, before, said) {
      const made: Record<string, RoleBinding> = { ...before };
      const wrong = (message: string, hint: string): PilothouseError => new PilothouseError('contract.invalid-input', message, { hint });
      for (const [name, binding] of Object.entries(said)) {
        const isHost = pack.hosts.some((role) => role.name === name);
        if (!isHost && !pack.databases.some((role) => role.name === name)) throw wrong(`${pack.title} has no role ${name}.`, `It has: ${[...pack.hosts, ...pack.databases].map((role) => role.name).join(', ') || 'none'}.`);
        if (binding === null) {
          delete made[name];
          continue;
        }
        const candidates = isHost ? hostsOf(systemId) : databasesOf(systemId);
        if (!candidates.some((candidate) => sameBinding(candidate.binding, binding))) throw wrong(`The role ${name} of ${pack.title} wants a ${isHost ? 'host' : 'database'} of ${context.systems.get(systemId).name}.`, `Choose one of: ${candidates.map(({ label }) => label).join(', ') || `none yet. Add the ${isHost ? 'host' : 'database'} to the system first`}.`);
        made[name] = binding;
      }
      return made;
    },
  };
}
