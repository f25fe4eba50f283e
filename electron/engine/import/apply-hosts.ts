/** Adds hosts as they were shown: all of them, with the machines on the way and the keys that are known, or none. */
import type { Host, HostConnection } from '#shared/contract/hosts.ts';
import type { MethodOutput } from '#shared/contract/index.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { judgeHostKey } from '#shared/domain/host-trust.ts';
import type { Ports } from '../ports.ts';
import { createHostKeys } from '../ssh/host-keys.ts';
import { requireMovable } from '../ssh/movable.ts';
import type { HostKeyRepository } from '../store/host-key-repository.ts';
import type { HostRepository } from '../store/host-repository.ts';
import type { OperationRepository } from '../store/operation-repository.ts';
import type { HostItem } from './compare-hosts.ts';

export interface ApplyHosts {
  ports: Pick<Ports, 'random' | 'clock' | 'logger'>;
  hosts: HostRepository;
  hostKeys: HostKeyRepository;
  operations: Pick<OperationRepository, 'list' | 'planOf'>;
  transaction<Result>(work: () => Result): Result;
}

/** @throws contract.invalid-input where one is not in the list, or cannot be imported */
export function choose<Item extends { shown: { id: string; label: string; state: string; reasons: string[] } }>(items: readonly Item[], ids: readonly string[]): Item[] {
  return [...new Set(ids)].map((id) => {
    const item = items.find(({ shown }) => shown.id === id);
    if (item === undefined) throw new PilothouseError('contract.invalid-input', `There is no ${id} in what is imported.`, { hint: 'Choose among those that are shown.' });
    const { label, state, reasons } = item.shown;
    if (state === 'unsupported') throw new PilothouseError('contract.invalid-input', `${label} cannot be imported: ${reasons.join(' ')}`, { hint: 'Leave it out, or add it by hand.' });
    return item;
  });
}

/** What is known of an account here stays where the account is the same: where its password and its passphrases come from. */
function mergedConnection({ connection }: HostItem, here: Host | null, viaId: string | null): HostConnection {
  if (here === null) return { ...connection, viaId };
  const before = here.connection;
  const isSame = before.host === connection.host && before.port === connection.port && before.user === connection.user;
  const { signIn } = connection;
  const keys = signIn.keys.map((key) => ({ ...key, passphrase: before.signIn.keys.find(({ path }) => path === key.path)?.passphrase ?? key.passphrase }));
  // Which agent is asked for which keys is what the file says, and nothing of before.
  const { identitiesOnly: _only, agentSocket: _socket, ...rest } = before.signIn;
  return { ...before, ...connection, viaId, signIn: { ...rest, ...signIn, keys, password: isSame && before.signIn.password.source !== 'none' ? before.signIn.password : signIn.password } };
}

/**
 * @returns what was done, and the hosts as they were before it
 * @throws contract.invalid-input; store.conflict where a host would be led to where another key is known;
 * operation.busy where something is under way behind one that would be moved
 */
export function applyHosts(systemId: string, items: readonly HostItem[], chosen: readonly HostItem[], by: string, { ports, hosts, hostKeys, operations, transaction }: ApplyHosts): { answer: MethodOutput<'import.applySsh'>; before: { host: Host; now: HostConnection }[] } {
  const picked = new Set(chosen);
  const needed = new Set<HostItem>();
  for (const item of chosen) for (let each: HostItem | null = item; each !== null; each = each.via) needed.add(each);
  for (const item of needed) {
    if (item.shown.state !== 'changed' || picked.has(item)) continue;
    throw new PilothouseError('contract.invalid-input', `${item.shown.label} is on the way, and would be changed: ${item.shown.reasons.join(' ')}`, { hint: 'Choose it as well, or leave out what is reached through it.' });
  }
  return transaction(() => {
    const at = ports.clock.now();
    const idOf = new Map<HostItem, string>();
    const answer: MethodOutput<'import.applySsh'> = { added: [], updated: [], keys: { trusted: 0, revoked: 0 }, skipped: [] };
    const before: { host: Host; now: HostConnection }[] = [];
    // In the order of the list a machine on the way comes before those that are reached through it.
    for (const item of items) {
      if (!needed.has(item)) continue;
      const { here, shown, via } = item;
      const viaId = via === null ? null : (idOf.get(via) ?? null);
      const connection = mergedConnection(item, here, viaId);
      if (here === null) {
        const id = ports.random.id();
        answer.added.push(hosts.insert({ id, systemId, label: shown.label, connection, at }));
        idOf.set(item, id);
      } else {
        idOf.set(item, here.id);
        if (shown.state !== 'changed') continue;
        requireMovable(here, connection, { hosts, operations });
        answer.updated.push(hosts.update(here.id, { connection }));
        before.push({ host: here, now: connection });
        // What is known of it stays known on its new way.
        if (here.connection.host.toLowerCase() === connection.host.toLowerCase() && here.connection.port === connection.port) createHostKeys(hostKeys, ports).carry(here.connection, connection);
      }
      const place = { host: connection.host, port: connection.port, viaId };
      const trusted = hostKeys.trusted(place);
      for (const { key, type, fingerprint, state, reason } of item.keys) {
        if (state === 'conflict' || state === 'unsupported') answer.skipped.push({ label: shown.label, type, fingerprint, reason: reason ?? '' });
        if (state !== 'new' && state !== 'revoked') continue;
        // Two hosts here may be one machine, whose keys are taken once.
        if (hostKeys.known(place).some((each) => each.key === key && each.revoked === (state === 'revoked'))) continue;
        // It may have been trusted, or revoked, since this was looked at.
        const { verdict } = judgeHostKey([...trusted.map((each) => ({ ...each, revoked: false })), ...hostKeys.known(place).filter(({ revoked }) => revoked)], { type, key });
        if (state === 'new' && verdict !== 'unknown') {
          answer.skipped.push({ label: shown.label, type, fingerprint, reason: verdict === 'revoked' ? 'It was revoked here meanwhile.' : 'Another key was trusted here meanwhile. It is replaced only by a person who has compared both.' });
          continue;
        }
        const decided = { id: ports.random.id(), ...place, type, key, source: 'known-hosts' as const, by, at };
        if (state === 'revoked') hostKeys.revoke({ ...decided, state: 'revoked' });
        else hostKeys.insert({ ...decided, state: 'trusted' });
        answer.keys[state === 'revoked' ? 'revoked' : 'trusted'] += 1;
      }
    }
    return { answer, before };
  });
}
