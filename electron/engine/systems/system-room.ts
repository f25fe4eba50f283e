/** Systems and their databases: adding, changing, testing, forgetting. */
import type { systemMethods } from '#shared/contract/systems.ts';
import { systemPolicy, type ConnectionTest, type DatabaseConnection } from '#shared/contract/systems.ts';
import { parseConnectionText } from '#shared/domain/postgres-url.ts';
import { PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import type { Secret } from '#shared/domain/secret.ts';
import type { Handlers } from '../dispatch/handlers.ts';
import type { EngineContext } from '../engine-context.ts';
import { createOverview } from './overview.ts';
import { passwordRecord, type TypedPasswords } from './passwords.ts';

function labelOf(connection: DatabaseConnection): string {
  return `${connection.database} on ${connection.host}:${connection.port}`;
}

function requireName(typed: string | undefined, name: string, what: string): void {
  if (typed === name) return;
  throw new PilothouseError('operation.name-not-confirmed', `${what} wants the name ${name} typed.`, { hint: `Type ${name} exactly.` });
}

export function createSystemRoom(context: EngineContext, typedPasswords: TypedPasswords): { handlers: Handlers<keyof typeof systemMethods> } {
  const { ports, systems, changes, vault, postgres } = context;
  const overview = createOverview(context);

  const keepPassword = async (databaseId: string, connection: DatabaseConnection, password: Secret | undefined): Promise<void> => {
    if (password === undefined) return;
    if (connection.password.source === 'vault') await vault.set(passwordRecord(databaseId), password);
    else if (connection.password.source === 'ask') typedPasswords.set(databaseId, password);
  };

  /** Where the password is to go is checked before anything is stored, so that a locked vault leaves no half-added database. */
  const checkVault = (connection: DatabaseConnection, password: Secret | undefined): void => {
    if (connection.password.source !== 'vault' || password === undefined) return;
    const { state } = vault.status();
    if (state === 'absent') throw new PilothouseError('vault.absent', 'There is no vault yet to keep this password in.', { hint: 'Make one in Settings, or choose to be asked at each start.' });
    if (state === 'locked') throw new PilothouseError('vault.locked', 'The vault is locked.', { hint: 'Unlock it, then save again.', retryable: true });
  };

  const record = (databaseId: string, test: ConnectionTest): ConnectionTest => {
    if (test.server !== null) {
      systems.recordSighting(databaseId, { systemIdentifier: test.server.systemIdentifier, serverVersion: test.server.version, serverVersionNum: test.server.versionNum, sizeBytes: test.server.sizeBytes }, ports.clock.now());
    } else if (test.error !== null) {
      systems.recordFailure(databaseId, test.error);
    }
    changes.changed('systems');
    return test;
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
      'system.update': ({ systemId, ...wanted }) => {
        const system = systems.update(systemId, wanted);
        changes.changed('systems');
        return { system };
      },
      'system.remove': async ({ systemId, confirmName }) => {
        const system = systems.get(systemId);
        requireName(confirmName, system.name, `Forgetting ${system.name}`);
        systems.remove(systemId);
        for (const database of system.databases) {
          typedPasswords.forget(database.id);
          if (vault.status().state === 'unlocked') await vault.delete(passwordRecord(database.id));
        }
        changes.changed('systems', 'backups');
        return {};
      },
      'database.add': async ({ systemId, label, connection, password }) => {
        systems.get(systemId);
        checkVault(connection, password);
        const id = ports.random.id();
        const added = systems.insertDatabase({ id, systemId, label: label || connection.database, connection, at: ports.clock.now() });
        await keepPassword(id, connection, password);
        changes.changed('systems');
        return { database: added };
      },
      'database.update': async ({ databaseId, label, connection, password, acceptNewIdentity, confirmName }) => {
        const current = systems.getDatabase(databaseId);
        const merged = connection ?? current.connection;
        checkVault(merged, password);
        if (acceptNewIdentity === true) requireName(confirmName, current.label, 'Accepting another cluster under this name');
        const updated = systems.updateDatabase(databaseId, { label, connection, ...(acceptNewIdentity === true ? { systemIdentifier: null } : {}) });
        await keepPassword(databaseId, merged, password);
        if (acceptNewIdentity === true) ports.logger.warn({ databaseId, was: current.systemIdentifier }, 'A person accepted another cluster under the same name.');
        changes.changed('systems');
        return { database: updated };
      },
      'database.remove': async ({ databaseId, confirmName }) => {
        const database = systems.getDatabase(databaseId);
        requireName(confirmName, database.label, `Forgetting ${database.label}`);
        systems.removeDatabase(databaseId);
        typedPasswords.forget(databaseId);
        if (vault.status().state === 'unlocked') await vault.delete(passwordRecord(databaseId));
        changes.changed('systems', 'backups');
        return {};
      },
      'database.test': async (input) => {
        if ('databaseId' in input) {
          const target = context.targetOf(input.databaseId);
          return record(input.databaseId, await postgres.testConnection({ ...target, ...(input.password === undefined ? {} : { password: input.password }) }));
        }
        return postgres.testConnection({ databaseId: null, label: labelOf(input.connection), connection: input.connection, systemIdentifier: null, ...(input.password === undefined ? {} : { password: input.password }) });
      },
      'database.unlock': async ({ databaseId, password }) => {
        const test = await postgres.testConnection({ ...context.targetOf(databaseId), password });
        if (test.ok) typedPasswords.set(databaseId, password);
        return record(databaseId, test);
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
