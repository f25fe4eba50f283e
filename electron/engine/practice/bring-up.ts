/** The phases that lead to a practice system that runs: shared by starting and resetting. */
import { setTimeout as pause } from 'node:timers/promises';
import type { PlanStep } from '#shared/contract/operations.ts';
import { PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import type { RunningOperation } from '../operations/procedure.ts';
import type { PostgresSession, PostgresTarget } from '../postgres/types.ts';
import { createShopBuilder } from './build-shop.ts';
import { consoleRole, databaseName } from './configuration.ts';
import { makeFolder } from './folder.ts';
import { practiceHostLabel } from './host/registration.ts';
import { keepPasswords } from './passfile.ts';
import type { PracticeParts } from './parts.ts';
import type { PracticePlace } from './place.ts';
import { copyPrograms, type ProgramSource } from './programs.ts';
import { practiceConnection, type Registered } from './registration.ts';
import { initialise, raisePendingSetting, readIdentifier, startServer, type RunningServer } from './server.ts';
import { expectedTotal } from './shop/expected.ts';
import { planted } from './shop/faults.ts';
import { markBuilt, readLastPort, writeRecord } from './standing.ts';
import { endsWithEngine, findTraffic, startTraffic } from './traffic/daemon.ts';
import { runsInside } from './traffic/inside.ts';

export const steps = {
  binaries: (place: PracticePlace, { version }: ProgramSource): PlanStep => ({ id: 'binaries', title: 'Copy the server programs', detail: `Postgres ${version} into ${place.programs(version)}` }),
  initdb: (place: PracticePlace): PlanStep => ({ id: 'initdb', title: 'Make a cluster', detail: `initdb -D ${place.cluster.data} -U ${consoleRole} --encoding=UTF8 --locale=C --data-checksums` }),
  start: (place: PracticePlace): PlanStep => ({ id: 'start', title: 'Start the server', detail: `pg_ctl start -D ${place.cluster.data}, on 127.0.0.1 only, ${place.account === null ? 'as you' : `as the account ${place.account.name}`}` }),
  data: (): PlanStep => ({ id: 'data', title: 'Load the shop', detail: `${expectedTotal.toLocaleString('en')} rows in 16 tables, 3 large objects, and count them` }),
  faults: (): PlanStep => ({ id: 'faults', title: 'Plant what health will find', detail: `${planted.length} things, none of them in the way of a backup or a restore` }),
  traffic: (inside: boolean): PlanStep => ({ id: 'traffic', title: 'Start a little traffic', detail: `${inside ? 'A shop inside Pilothouse' : 'A process'} that orders, pays and sends every few hundred milliseconds, and two at a desk who wait for each other${inside ? '; they stop with Pilothouse' : ''}` }),
  host: (place: PracticePlace): PlanStep => ({ id: 'host', title: 'Let its SSH host answer', detail: `On 127.0.0.1 only, for one key in ${place.host.folder}, as long as Pilothouse runs; what comes in runs as you` }),
  register: (): PlanStep => ({ id: 'register', title: 'Add it to the console', detail: `The system Practice with its database shop, its host ${practiceHostLabel} and the backup plan "practice"; then connect as the console does` }),
};

const fractions = { binaries: 0.04, initdb: 0.1, start: 0.25, data: [0.3, 0.88], traffic: 0.9, host: 0.95, register: 0.96 } as const;
const settledWithinMs = 15_000;

/** How the console reaches the server, bound to the cluster in our folder. */
function targetAt(place: PracticePlace, port: number): PostgresTarget {
  return { databaseId: null, label: `${databaseName} on 127.0.0.1:${port}`, connection: practiceConnection(place, port), systemIdentifier: readIdentifier(place.cluster) };
}

export interface BringUp {
  /** Programs, cluster, server, data and faults, in a folder that holds no cluster. */
  build(source: ProgramSource): Promise<RunningServer>;
  /** Starts the cluster that stands. */
  start(source: ProgramSource): Promise<RunningServer>;
  /** A server that runs is taken as it is. */
  traffic(server: RunningServer): Promise<void>;
  /** One that answers is taken as it is. */
  host(): Promise<void>;
  register(server: RunningServer): Promise<Registered>;
}

export function createBringUp({ context, registration, host, hostRegistration }: PracticeParts, place: PracticePlace, operation: RunningOperation): BringUp {
  const { ports, postgres, scrubber, home, changes } = context;
  const checkpoint = async (name: string): Promise<void> => {
    await ports.checkpoint?.(`practice:${name}`);
  };

  /** The traffic inside the engine has the engine's log. */
  const trafficLog = endsWithEngine(ports, place) ? home.logs : place.trafficLog;

  const withSession = async <T>(server: RunningServer, use: (session: PostgresSession) => Promise<T>): Promise<T> => {
    const session = await postgres.connect(targetAt(place, server.port), { applicationName: 'pilothouse practice', database: 'postgres', signal: operation.signal, onStatement: (record) => operation.command(record) });
    try {
      return await use(session);
    } finally {
      await session.close();
    }
  };

  /** Looks until the server says so, and no longer than it should take. */
  const waitUntil = async (session: PostgresSession, sql: string, what: string): Promise<void> => {
    const until = performance.now() + settledWithinMs;
    for (;;) {
      operation.throwIfCancelled();
      const { rows } = await session.query<{ so: boolean }>(sql);
      if (rows[0]?.so === true) return;
      if (performance.now() > until) throw new PilothouseError('practice.start-failed', `The practice server was started, but ${what}.`, { hint: 'Look at its log, then start it again.', retryable: true });
      await pause(100, undefined, { signal: operation.signal });
    }
  };

  const startPhase = (source: ProgramSource): Promise<RunningServer> =>
    operation.phase('start', async () => {
      await checkpoint('start');
      operation.progress({ fraction: fractions.start, text: 'Starting the server' });
      const server = await startServer(place, source.version, readLastPort(place), (record) => operation.command(record));
      await checkpoint('started');
      writeRecord(place, source.version, server);
      changes.changed('practice');
      operation.log('ok', `Postgres ${source.version} listens on 127.0.0.1:${server.port}, process ${server.pid}`);
      operation.throwIfCancelled();
      return server;
    });

  /** The server and the shop do without it. */
  const warnOfHost = (error: unknown): void => {
    operation.throwIfCancelled();
    operation.warn(`The SSH host of the practice system does not answer: ${toErrorShape(error, '').message}`);
  };

  const raisePending = async (server: RunningServer): Promise<void> => {
    raisePendingSetting(place, server);
    await withSession(server, (session) => waitUntil(session, `SELECT pending_restart AS so FROM pg_settings WHERE name = 'max_connections'`, 'it did not read its configuration again'));
  };

  return {
    async build(source) {
      await operation.phase('binaries', async () => {
        makeFolder(place, home.root);
        await checkpoint('binaries');
        operation.progress({ fraction: fractions.binaries, text: 'Copying the server programs' });
        copyPrograms(place, source);
      });
      const passwords = keepPasswords(place, ports.random, scrubber);
      await operation.phase('initdb', async () => {
        await checkpoint('initdb');
        operation.progress({ fraction: fractions.initdb, text: 'Making a cluster' });
        const password = passwords[consoleRole];
        if (password === undefined) throw new PilothouseError('internal', `The passfile ${place.passfile} has no line for ${consoleRole}.`, { hint: 'Remove the practice system and start it again.' });
        await initialise(place, source.version, password, { signal: operation.signal, tell: (record) => operation.command(record) });
      });
      const server = await startPhase(source);
      const builder = createShopBuilder(postgres, targetAt(place, server.port), operation, fractions.data);
      await operation.phase('data', async () => {
        await checkpoint('data');
        await builder.load(passwords, ports.clock.now());
      });
      await operation.phase('faults', async () => {
        await checkpoint('faults');
        await builder.plant();
        await raisePending(server);
        markBuilt(place.cluster, { version: source.version, builtAt: new Date(ports.clock.now()).toISOString() });
        await checkpoint('built');
      });
      return server;
    },

    async start(source) {
      copyPrograms(place, source);
      const server = await startPhase(source);
      await raisePending(server);
      return server;
    },

    async traffic(server) {
      await operation.phase('traffic', async () => {
        await checkpoint('traffic');
        operation.progress({ fraction: fractions.traffic, text: 'Starting a little traffic' });
        try {
          if ((await findTraffic(place)) === null) await startTraffic(place, server.port, ports);
          await checkpoint('traffic-started');
          await withSession(server, async (session) => {
            const sessions = (condition: string) => `SELECT count(*) > 0 AS so FROM pg_stat_activity WHERE datname = '${databaseName}' AND ${condition}`;
            await waitUntil(session, sessions(`application_name = 'shop-web'`), `its traffic does not reach it (its log is ${trafficLog})`);
            await waitUntil(session, sessions(`application_name = 'shop-desk' AND wait_event_type = 'Lock'`), `nobody waits at its desk yet, so health will not find the two there (the log of its traffic is ${trafficLog})`);
          });
          operation.log('ok', `The shop is open: ${runsInside(place) ? 'as long as Pilothouse runs' : `process ${(await findTraffic(place))?.pid ?? 'unknown'}`}`);
        } catch (error) {
          operation.throwIfCancelled();
          // Everything but the two faults at the desk works without it.
          const { message, hint } = toErrorShape(error, '');
          operation.warn(`${message} ${hint ?? ''}`.trim());
        }
      });
    },

    async host() {
      await operation.phase('host', async () => {
        await checkpoint('host');
        operation.throwIfCancelled();
        operation.progress({ fraction: fractions.host, text: 'Letting its SSH host answer' });
        try {
          const { user, port } = await host.start(place);
          await checkpoint('host-started');
          operation.log('ok', `The SSH host answers at ${user}@127.0.0.1:${port}`);
        } catch (error) {
          warnOfHost(error);
        }
      });
    },

    register: (server) =>
      operation.phase('register', async () => {
        await checkpoint('register');
        operation.throwIfCancelled();
        operation.progress({ fraction: fractions.register, text: 'Adding it to the console' });
        const { systemIdentifier } = targetAt(place, server.port);
        if (systemIdentifier === null) throw new PilothouseError('practice.start-failed', `The cluster in ${place.cluster.data} has no identity.`, { hint: 'Reset the practice system: that builds it anew.' });
        const registered = await registration.register(place, server.port, systemIdentifier);
        await checkpoint('database-registered');
        if (host.running !== null) await hostRegistration.register(place, registered.system.id, host.running).catch(warnOfHost);
        await checkpoint('registered');
        return registered;
      }),
  };
}
