/** The practice system among the systems of the console: one system, one database, one backup plan. */
import { backupOptions } from '#shared/contract/backups.ts';
import { fromHere, systemPolicy, type Database, type DatabaseConnection, type System } from '#shared/contract/systems.ts';
import { hasCode, PilothouseError } from '#shared/domain/errors.ts';
import type { EngineContext } from '../engine-context.ts';
import { createBackupPlanRepository } from '../store/backup-plan-repository.ts';
import { consoleRole, databaseName } from './configuration.ts';
import type { PracticePlace } from './place.ts';
import { thresholds } from './shop/faults.ts';

export interface Registered {
  system: System;
  database: Database;
}

export interface Registration {
  /** Found by its passfile, which is in nobody else's connection: a person may call it what they like. */
  find(place: PracticePlace): Registered | null;
  /**
   * Connects as the console will, and only when that works adds the system, or brings an added one up to date with a
   * port and a cluster that we know to be its own.
   * @throws what connecting throws; then nothing was added or changed
   */
  register(place: PracticePlace, port: number, systemIdentifier: string): Promise<Registered>;
}

const mostNames = 100;

export function practiceConnection(place: PracticePlace, port: number): DatabaseConnection {
  return { host: '127.0.0.1', port, database: databaseName, user: consoleRole, tls: { mode: 'disable', ca: null }, password: { source: 'passfile', path: place.passfile }, ...fromHere };
}

/** "Practice", or the first of "Practice 2", "Practice 3" … that nobody has. */
function insertNamed<T>(name: string, insert: (name: string) => T): T {
  for (let number = 1; ; number += 1) {
    try {
      return insert(number === 1 ? name : `${name} ${number}`);
    } catch (error) {
      if (!hasCode(error, 'store.conflict') || number >= mostNames) throw error;
    }
  }
}

export function createRegistration(context: EngineContext): Registration {
  const { ports, store, systems, postgres, changes } = context;
  const plans = createBackupPlanRepository(store, ports.random);

  const find = (place: PracticePlace): Registered | null => {
    const ours = systems.list().flatMap((system) => system.databases.filter(({ connection }) => connection.password.source === 'passfile' && connection.password.path === place.passfile).map((database) => ({ system, database })));
    // A person may have added it once more, through a host.
    const direct = ours.filter(({ database }) => database.connection.viaId === null);
    return direct.find(({ database }) => database.connection.database === databaseName) ?? direct[0] ?? ours[0] ?? null;
  };

  /** @param beside the system that another database of the practice server was put into by a person; null: a new one */
  const add = (place: PracticePlace, port: number, beside: System | null): string => {
    const at = ports.clock.now();
    const system = beside ?? insertNamed('Practice', (name) => systems.insert({ id: ports.random.id(), name, environment: 'practice', policy: systemPolicy.parse({ thresholds }), at }));
    const database = systems.insertDatabase({ id: ports.random.id(), systemId: system.id, label: databaseName, connection: practiceConnection(place, port), at });
    insertNamed('practice', (name) => plans.save({ name, systemId: system.id, databaseId: database.id, options: backupOptions.parse({}), at }));
    return database.id;
  };

  return {
    find,
    async register(place, port, systemIdentifier) {
      const connection = practiceConnection(place, port);
      const { server, error } = await postgres.testConnection({ databaseId: null, label: `${databaseName} on 127.0.0.1:${port}`, connection, systemIdentifier });
      if (error !== null) throw new PilothouseError(error.code, error.message, error);
      if (server === null) throw new PilothouseError('practice.start-failed', `The practice server on port ${port} answered, but said nothing about itself.`, { hint: 'Look at its log, then start it again.', retryable: true });
      const databaseId = store.transaction(() => {
        const found = find(place);
        const known = found?.database.connection.database === databaseName ? found : null;
        const id = known?.database.id ?? add(place, port, found?.system ?? null);
        // The cluster was made by us, in our own folder: its identity is known, not accepted on sight.
        systems.updateDatabase(id, { connection: { ...(known?.database.connection ?? connection), port }, systemIdentifier });
        systems.recordSighting(id, { systemIdentifier, serverVersion: server.version, serverVersionNum: server.versionNum, sizeBytes: server.sizeBytes }, ports.clock.now());
        return id;
      })();
      changes.changed('systems', 'backups');
      const database = systems.getDatabase(databaseId);
      return { system: systems.get(database.systemId), database };
    },
  };
}
