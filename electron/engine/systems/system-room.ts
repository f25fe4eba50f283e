/** Systems and their databases: adding, changing, testing, forgetting. */
import { isDeepStrictEqual } from 'node:util';
import type { HostTest } from '#shared/contract/hosts.ts';
import type { systemMethods } from '#shared/contract/systems.ts';
import { connectionLayer, systemPolicy, type ConnectionTest, type Database as ManagedDatabase, type DatabaseConnection } from '#shared/contract/systems.ts';
import { parseConnectionText } from '#shared/domain/postgres-url.ts';
import { PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import type { Secret } from '#shared/domain/secret.ts';
import type { Handlers } from '../dispatch/handlers.ts';
import type { EngineContext } from '../engine-context.ts';
import type { PostgresTarget } from '../postgres/index.ts';
import type { HostRoom } from '../ssh/host-room.ts';
import { createRestoreRepository } from '../store/restore-repository.ts';
import { createScratchRepository } from '../store/scratch-repository.ts';
import type { Sighting } from '../store/system-repository.ts';
import { createOverview } from './overview.ts';
import { forgetPassword, passwordRecord, requireOpenVault, type Account, type TypedPasswords } from './passwords.ts';
import { requireName } from './require-name.ts';
import { createTestedConnections } from './tested-connections.ts';

/** Whoever is signed in to can let through; a shell is wanted only where its own programs are to work. */
function leadsOn({ ok, machines }: HostTest, tools: DatabaseConnection['tools']['where']): boolean {
  return ok || (tools === 'here' && machines.at(-1)?.layers.some(({ layer, state }) => layer === 'sign-in' && state === 'ok') === true);
}

/** That an account runs no commands is worth a look, and no reason why a database behind it should not be reached. */
function withoutShell(machines: HostTest['machines']): HostTest['machines'] {
  return machines.map((machine) => ({ ...machine, layers: machine.layers.map((layer) => (layer.layer === 'command' && layer.state === 'failed' ? { ...layer, state: 'warn' as const } : layer)) }));
}

/**
 * @param hosts the way to databases behind hosts, and what has to be seen to when a system is forgotten with its hosts
 * @param onReached told when a managed database let us in again: what was left on its server can be settled
 */
export function createSystemRoom(context: EngineContext, typedPasswords: TypedPasswords, hosts: Pick<HostRoom, 'hostsOf' | 'look'>, onReached: () => void): { handlers: Handlers<keyof typeof systemMethods> } {
  const { ports, systems, changes, vault, postgres } = context;
  const overview = createOverview(context);
  const tested = createTestedConnections(ports.clock);

  const keepPassword = async (databaseId: string, connection: DatabaseConnection, password: Secret | undefined): Promise<void> => {
    if (password === undefined) return;
    const record = passwordRecord(databaseId, context.accountOf(connection));
    if (connection.password.source === 'vault') await vault.set(record, password);
    else if (connection.password.source === 'ask') typedPasswords.set(record, password);
  };

  const forget = (databaseId: string, account: Account): Promise<void> => forgetPassword(databaseId, account, { vault, typed: typedPasswords, logger: ports.logger });

  const checkVault = (connection: DatabaseConnection, password: Secret | undefined): void => {
    if (connection.password.source === 'vault' && password !== undefined) requireOpenVault(vault, 'password');
  };

  const scratches = createScratchRepository(context.store);
  const restores = createRestoreRepository(context.store);
  /**
   * Whoever forgets a database, or reaches it elsewhere, while something of ours is under way or left on its server,
   * takes away the only way to clean that up.
   * @throws operation.busy
   */
  const requireNothingOpen = (databases: readonly ManagedDatabase[], what: string): void => {
    const ids = new Set(databases.map((database) => database.id));
    const busy = context.operations.list({ active: true, limit: 1000 }).find((operation) => context.operations.planOf(operation.id).plan?.targets.some((target) => target.databaseId !== null && ids.has(target.databaseId)));
    if (busy !== undefined) {
      throw new PilothouseError('operation.busy', `${what} has to wait: "${busy.title}" is under way.`, { hint: 'Wait until it is finished, or cancel it.', retryable: true, details: { operationId: busy.id } });
    }
    const scratch = scratches.list().find((made) => ids.has(made.databaseId));
    const exchange = restores.withOpenExchange().find((restore) => ids.has(restore.databaseId));
    if (scratch !== undefined || exchange !== undefined) {
      const left = scratch === undefined ? `the swap with ${exchange?.into} was not seen to be over` : `the database ${scratch.name} that was made there is still to be dropped`;
      throw new PilothouseError('operation.busy', `${what} would leave something behind on its server: ${left}.`, { hint: 'Test the connection while the server can be reached: what is left there is then cleaned up. Then try again.', retryable: true });
    }
  };

  /** The machines first, for whoever is behind them. A test as it may be shown and stored: a server may repeat in its refusal what it was told. @throws operation.plan-changed, as `Reach.pin` */
  const tryOut = async (target: PostgresTarget, signal: AbortSignal | undefined): Promise<ConnectionTest> => {
    const { viaId, tools } = target.connection;
    const pin = viaId === null || target.password === undefined ? null : context.pin(viaId);
    const way = viaId === null ? null : await hosts.look(viaId, {}, signal);
    pin?.(); // A host may ask a person, and what was typed for what is behind it waits for that.
    if (way !== null && !leadsOn(way, tools.where)) {
      const layers = connectionLayer.options.map((layer) => ({ layer, state: 'not-reached' as const, durationMs: null, detail: '' }));
      return { ok: false, machines: way.machines, layers, error: way.error, server: null };
    }
    const { ok, server, ...said } = await postgres.testConnection(target);
    return { ok, server, machines: way === null ? null : withoutShell(way.machines), ...context.scrubber.scrub(said) };
  };

  const sightingOf = (server: NonNullable<ConnectionTest['server']>): Sighting => ({ systemIdentifier: server.systemIdentifier, serverVersion: server.version, serverVersionNum: server.versionNum, sizeBytes: server.sizeBytes });

  const wayTo = ({ viaId }: DatabaseConnection): unknown => (viaId === null ? null : context.wayOf({ hostId: viaId }));

  /** Tries a managed database and keeps what was learnt, unless by now it is reached in another way or another cluster is expected. */
  const look = async (databaseId: string, password?: Secret, signal?: AbortSignal): Promise<ConnectionTest> => {
    const target = context.targetOf(databaseId);
    const test = await tryOut({ ...target, ...(password === undefined ? {} : { password }) }, signal);
    const now = systems.findDatabase(databaseId);
    if (now === null || now.systemIdentifier !== target.systemIdentifier || !isDeepStrictEqual(now.connection, target.connection)) return test;
    if (test.server !== null) {
      systems.recordSighting(databaseId, sightingOf(test.server), ports.clock.now());
    } else if (test.error !== null) {
      systems.recordFailure(databaseId, test.error);
    }
    changes.changed('systems', 'backups');
    if (test.ok && password === undefined) onReached();
    return test;
  };

  /** Looks at a database that was just added or changed, so that it does not stand there as never seen. Nobody waits for it. */
  const lookSoon = (databaseId: string): void => {
    look(databaseId).catch((error: unknown) => ports.logger.info({ databaseId, error: String(error) }, 'A database could not be looked at after it was added or changed.'));
  };

  return {
    handlers: {
      'overview.get': () => overview.read(),
      'system.list': () => ({ systems: systems.list() }),
      'system.get': ({ systemId }) => {
        const system = systems.get(systemId);
        return { system, card: overview.card(system) };
      },
      'system.add': ({ name, environment }) => {
        const system = systems.insert({ id: ports.random.id(), name, environment, policy: systemPolicy.parse({}), at: ports.clock.now() });
        changes.changed('systems');
        return { system };
      },
      'system.update': ({ systemId, confirmName, ...wanted }) => {
        const { name, environment } = systems.get(systemId);
        // Without this, one click would take away what asks for the name before each change there.
        if (environment === 'production' && wanted.environment !== undefined && wanted.environment !== 'production') requireName(confirmName, name, `Treating ${name} as no production system any more`);
        const system = systems.update(systemId, wanted);
        changes.changed('systems');
        return { system };
      },
      'system.remove': async ({ systemId, confirmName }) => {
        const system = systems.get(systemId);
        requireName(confirmName, system.name, `Forgetting ${system.name}`);
        requireNothingOpen(system.databases, `Forgetting ${system.name}`);
        const leaving = hosts.hostsOf(systemId);
        // Before the hosts on the way to them go as well.
        const passwords = system.databases.map(({ id, connection }) => ({ id, account: context.accountOf(connection) }));
        systems.remove(systemId);
        await leaving.forgetSecrets();
        for (const { id, account } of passwords) await forget(id, account);
        changes.changed('systems', 'backups');
        return {};
      },
      'database.add': async ({ systemId, label, connection, password }) => {
        systems.get(systemId);
        context.targetAt(connection);
        checkVault(connection, password);
        const id = ports.random.id();
        systems.insertDatabase({ id, systemId, label: label || connection.database, connection, at: ports.clock.now() });
        try {
          await keepPassword(id, connection, password);
        } catch (error) {
          systems.removeDatabase(id); // Without its password it would stand there half added.
          throw error;
        }
        const seen = tested.find(connection, wayTo(connection));
        if (seen !== null) systems.recordSighting(id, seen.sighting, seen.at);
        changes.changed('systems');
        lookSoon(id);
        return { database: systems.getDatabase(id) };
      },
      'database.update': async ({ databaseId, label, connection, password, acceptCluster, confirmName }) => {
        const current = systems.getDatabase(databaseId);
        const merged = connection ?? current.connection;
        if (connection !== undefined) context.targetAt(connection);
        const otherAccount = merged.host !== current.connection.host || merged.port !== current.connection.port || merged.user !== current.connection.user || merged.viaId !== current.connection.viaId;
        if (otherAccount || merged.database !== current.connection.database || acceptCluster !== undefined) requireNothingOpen([current], `Reaching ${current.label} elsewhere`);
        checkVault(merged, password);
        if (acceptCluster !== undefined) requireName(confirmName, current.label, 'Accepting another cluster under this name');
        const updated = systems.updateDatabase(databaseId, { label, connection, ...(acceptCluster !== undefined ? { systemIdentifier: acceptCluster } : {}) });
        if (otherAccount || merged.password.source !== current.connection.password.source) await forget(databaseId, context.accountOf(current.connection));
        await keepPassword(databaseId, merged, password);
        if (acceptCluster !== undefined) ports.logger.warn({ databaseId, was: current.systemIdentifier, is: acceptCluster }, 'A person accepted another cluster under the same name.');
        changes.changed('systems', 'backups');
        if (connection !== undefined || password !== undefined || acceptCluster !== undefined) lookSoon(databaseId);
        return { database: updated };
      },
      'database.remove': async ({ databaseId, confirmName }) => {
        const database = systems.getDatabase(databaseId);
        requireName(confirmName, database.label, `Forgetting ${database.label}`);
        requireNothingOpen([database], `Forgetting ${database.label}`);
        systems.removeDatabase(databaseId);
        await forget(databaseId, context.accountOf(database.connection));
        changes.changed('systems', 'backups');
        return {};
      },
      'database.test': async (input, { signal }) => {
        if ('databaseId' in input) return look(input.databaseId, input.password, signal);
        const { connection, password } = input;
        const target = context.targetAt(connection);
        const way = wayTo(connection);
        const test = await tryOut({ ...target, ...(password === undefined ? {} : { password }) }, signal);
        if (test.server !== null) tested.keep({ connection, way, sighting: sightingOf(test.server) });
        return test;
      },
      'database.unlock': async ({ databaseId, password }, { signal }) => {
        // For whoever it is tried with, wherever the database or its hosts are led meanwhile.
        const record = passwordRecord(databaseId, context.accountOf(systems.getDatabase(databaseId).connection));
        const test = await look(databaseId, password, signal);
        // It was right for whoever answered. Were it thrown away where that is another cluster, everything after this would
        // only say that the password is missing, and the other cluster could be neither seen nor accepted.
        if (test.ok || test.error?.code === 'postgres.wrong-identity') typedPasswords.set(record, password);
        if (test.ok) onReached();
        return test;
      },
      'database.parseUrl': ({ text }) => {
        try {
          return parseConnectionText(text.reveal());
        } catch (error) {
          throw toErrorShape(error, '');
        }
      },
    },
  };
}
