/** Roles of a runbook and what they are given to: who fits, who it is, and whether it still is the one that was meant. */
import type { z } from 'zod';
import type { bindingChoice } from '#shared/contract/runbooks.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { TargetRole } from '#shared/domain/runbook/definition.ts';
import type { Binding } from '#shared/domain/runbook/walkthrough.ts';
import type { EngineContext } from '../../engine-context.ts';
import { fingerprintOf } from '../../ssh/host-key.ts';
import { createHostKeyRepository } from '../../store/host-key-repository.ts';
import { createHostRepository } from '../../store/host-repository.ts';

export type BindingChoice = z.infer<typeof bindingChoice>;

export interface Candidate {
  choice: BindingChoice;
  label: string;
  /** What to know of it: why it may not do, or when it was last seen. */
  note: string | null;
}

export interface Binder {
  /** What fits a role in a system; for http, whose address is typed, the one of the file. */
  candidates(role: Pick<TargetRole, 'kind' | 'default'>, systemId: string | null): Candidate[];
  /** The one that is proposed: the only one, or the one that the file names. */
  proposed(role: Pick<TargetRole, 'kind' | 'default'>, systemId: string | null): BindingChoice | null;
  /** @throws runbook.value-invalid where it is of another kind; store.not-found */
  bind(role: Pick<TargetRole, 'kind' | 'label'>, choice: BindingChoice): Binding;
  /** Why nothing may be sent there: it is gone, or another one by now. Null: it is the one that was meant, as far as is known here. */
  trouble(binding: Binding): string | null;
  /** Whether a machine may show this key: the one that was meant, or another of its keys, which are trusted both. */
  mayShow(binding: Extract<Binding, { kind: 'ssh' }>, fingerprint: string): boolean;
  /** Since when it is not reached, as far as anybody tried: milliseconds since the epoch; null where it is. */
  lostSince(binding: Binding): string | null;
  /** "web-1", "shop on db-1:5432", the address. */
  words(binding: Binding): string;
}

export function createBinder(context: Pick<EngineContext, 'store' | 'systems' | 'addressOf'>): Binder {
  const hosts = createHostRepository(context.store);
  const keys = createHostKeyRepository(context.store);
  const { systems } = context;

  const fingerprintsOf = (hostId: string): string[] => {
    const host = hosts.find(hostId);
    return host === null ? [] : keys.trusted(host.connection).map(fingerprintOf);
  };

  const binder: Binder = {
    candidates(role, systemId) {
      if (role.kind === 'http') return role.default === null ? [] : [{ choice: { url: role.default }, label: role.default, note: 'from the runbook' }];
      if (role.kind === 'ssh') {
        return (systemId === null ? hosts.list() : hosts.list(systemId)).map(({ id, label, lastError, lastSeenAt }) => ({
          choice: { hostId: id },
          label,
          note: lastError !== null ? `not reached when it was last tried: ${lastError.message}` : lastSeenAt === null ? 'never connected to' : null,
        }));
      }
      return (systemId === null ? systems.list() : [systems.get(systemId)]).flatMap((system) =>
        system.databases.map(({ id, label, connection, lastError, systemIdentifier }) => ({
          choice: { databaseId: id },
          label: `${label} on ${context.addressOf(connection)}`,
          note: lastError !== null ? `not reached when it was last tried: ${lastError.message}` : systemIdentifier === null ? 'never connected to' : null,
        })),
      );
    },
    proposed(role, systemId) {
      const fitting = binder.candidates(role, systemId);
      const named = fitting.find(({ label, choice }) => role.default !== null && (label === role.default || label.startsWith(`${role.default} on `) || ('url' in choice && choice.url === role.default)));
      return (named ?? (fitting.length === 1 ? fitting[0] : undefined))?.choice ?? null;
    },
    bind(role, choice) {
      const wrong = (what: string) => new PilothouseError('runbook.value-invalid', `${role.label} wants ${what}.`, { hint: 'Choose one that is listed for it.' });
      if (role.kind === 'ssh') {
        if (!('hostId' in choice)) throw wrong('a host');
        return { kind: 'ssh', hostId: choice.hostId, label: hosts.get(choice.hostId).label, fingerprint: fingerprintsOf(choice.hostId)[0] ?? null };
      }
      if (role.kind === 'postgres') {
        if (!('databaseId' in choice)) throw wrong('a database');
        const { label, connection, systemIdentifier } = systems.getDatabase(choice.databaseId);
        return { kind: 'postgres', databaseId: choice.databaseId, label, database: connection.database, systemIdentifier };
      }
      if (!('url' in choice)) throw wrong('an address');
      return { kind: 'http', url: choice.url };
    },
    trouble(binding) {
      if (binding.kind === 'http') return null;
      if (binding.kind === 'ssh') {
        if (hosts.find(binding.hostId) === null) return `${binding.label} was removed since this was begun.`;
        const known = fingerprintsOf(binding.hostId);
        if (binding.fingerprint !== null && !known.includes(binding.fingerprint)) return `${binding.label} had the key ${binding.fingerprint} when this was begun, and that is not trusted any more: it is another machine, or was set up anew.`;
        return null;
      }
      const found = systems.findDatabase(binding.databaseId);
      if (found === null) return `${binding.label} was removed since this was begun.`;
      if (found.connection.database !== binding.database) return `${binding.label} was the database ${binding.database} when this was begun, and is ${found.connection.database} now.`;
      if (binding.systemIdentifier !== null && found.systemIdentifier !== null && found.systemIdentifier !== binding.systemIdentifier) return `${binding.label} was on the cluster ${binding.systemIdentifier} when this was begun, and is on ${found.systemIdentifier} now.`;
      return null;
    },
    mayShow({ hostId, fingerprint }, shown) {
      if (fingerprint === null || shown === fingerprint) return true;
      const known = fingerprintsOf(hostId);
      return known.includes(fingerprint) && known.includes(shown);
    },
    lostSince(binding) {
      if (binding.kind === 'http') return null;
      const found = binding.kind === 'ssh' ? hosts.find(binding.hostId) : systems.findDatabase(binding.databaseId);
      return found === null || found.lastError === null ? null : found.lastSeenAt;
    },
    words(binding) {
      if (binding.kind === 'http') return binding.url;
      if (binding.kind === 'ssh') return hosts.find(binding.hostId)?.label ?? binding.label;
      const found = systems.findDatabase(binding.databaseId);
      return found === null ? binding.label : `${found.connection.database} on ${context.addressOf(found.connection)}`;
    },
  };
  return binder;
}
