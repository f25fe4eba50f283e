/** How databases are reached, and what people see of where they are. */
import { isDeepStrictEqual } from 'node:util';
import type { Host } from '#shared/contract/hosts.ts';
import type { DatabaseConnection } from '#shared/contract/systems.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { PostgresTarget } from '../postgres/types.ts';
import type { HostRepository } from '../store/host-repository.ts';
import type { HostKeyRepository } from '../store/host-key-repository.ts';
import type { SystemRepository } from '../store/system-repository.ts';
import type { Account } from './passwords.ts';

export interface Reach {
  /** How to reach a managed database, by id. @throws store.not-found */
  targetOf(databaseId: string): PostgresTarget;
  /** How to reach one that is not stored yet. @throws store.not-found where the host on the way is gone */
  targetAt(connection: DatabaseConnection): PostgresTarget;
  /** Whom a password is for that is typed for it. @throws store.not-found where a host on the way is gone */
  accountOf(connection: Pick<DatabaseConnection, 'host' | 'port' | 'user' | 'viaId'>): Account;
  /**
   * Taken before a secret is looked up that is told to a host, or to what is behind it: getting there may take minutes.
   * @returns asked when one is there. It throws operation.plan-changed where that host, or one on the way to it, is reached elsewhere by then
   */
  pin(hostId: string): () => void;
  /** "127.0.0.1:5432", "localhost:5432 through web-1". */
  addressOf(connection: Pick<DatabaseConnection, 'host' | 'port' | 'viaId'>): string;
  /** The way to a managed database through hosts, or to a host, with the keys that are trusted on it: what a plan is bound to. Null where it needs no host, or the host is gone. */
  wayOf(to: { databaseId: string } | { hostId: string }): unknown;
}

export function createReach(systems: Pick<SystemRepository, 'getDatabase'>, hosts: Pick<HostRepository, 'find' | 'get' | 'wayTo'>, hostKeys: Pick<HostKeyRepository, 'trusted'>): Reach {
  const throughOf = (viaId: string | null): string | null => (viaId === null ? null : (hosts.find(viaId)?.label ?? 'a host that was removed'));
  const addressOf: Reach['addressOf'] = ({ host, port, viaId }) => `${host}:${port}${viaId === null ? '' : ` through ${throughOf(viaId)}`}`;
  const target = (databaseId: string | null, connection: DatabaseConnection, systemIdentifier: string | null): PostgresTarget => ({ databaseId, label: `${connection.database} on ${addressOf(connection)}`, connection, through: throughOf(connection.viaId), systemIdentifier });
  const accountsTo = (viaId: string | null): Account['way'] => hosts.wayTo({ viaId }, null).map(({ connection }) => ({ host: connection.host, port: connection.port, user: connection.user }));
  return {
    addressOf,
    accountOf: ({ host, port, user, viaId }) => ({ host, port, user, way: accountsTo(viaId) }),
    pin(hostId) {
      const { label } = hosts.get(hostId);
      const before = accountsTo(hostId);
      return () => {
        if (hosts.find(hostId) !== null && isDeepStrictEqual(accountsTo(hostId), before)) return;
        throw new PilothouseError('operation.plan-changed', `${label} is reached elsewhere from now on, so a password that was meant for whoever was there before is not told to whoever is there now.`, { hint: 'Begin again: then it is asked for anew, where it has to be.' });
      };
    },
    targetOf(databaseId) {
      const { id, connection, systemIdentifier } = systems.getDatabase(databaseId);
      return target(id, connection, systemIdentifier);
    },
    wayOf(to) {
      // A key that was revoked is trusted nowhere any more: only those of these machines count.
      const known = (machines: readonly Host[]) => machines.map(({ id, connection }) => ({ ...connection, id, keys: hostKeys.trusted(connection) }));
      if ('hostId' in to) {
        const machine = hosts.find(to.hostId);
        return machine === null ? null : { machines: known([...hosts.wayTo(machine.connection, machine.id), machine]) };
      }
      const { connection } = systems.getDatabase(to.databaseId);
      if (connection.viaId === null) return null;
      const { host, port, database, user, tools } = connection;
      return { host, port, database, user, tools, machines: known(hosts.wayTo(connection, null)) };
    },
    targetAt(connection) {
      if (connection.viaId !== null) hosts.get(connection.viaId);
      return target(null, connection, null);
    },
  };
}
