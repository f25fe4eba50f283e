/** An engine of chosen rooms, made as the composition root makes it: for tests of a room without all the others. */
import type { MethodArgument, MethodName, MethodOutput } from '#shared/contract/index.ts';
import { methods } from '#shared/contract/index.ts';
import type { Operation, OperationEvent, Plan } from '#shared/contract/operations.ts';
import { fromHere, systemPolicy, type DatabaseConnection } from '#shared/contract/systems.ts';
import type { Environment } from '#shared/domain/environment.ts';
import { createScrubber } from '#shared/domain/scrub.ts';
import { Secret } from '#shared/domain/secret.ts';
import type { EngineContext } from '#engine/engine-context.ts';
import { openHome } from '#engine/home.ts';
import { createChangeBus } from '#engine/operations/change-bus.ts';
import { createEventLog } from '#engine/operations/event-log.ts';
import { createOperationRunner } from '#engine/operations/operation-runner.ts';
import { createPlanDesk } from '#engine/operations/plan-desk.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { createPostgres } from '#engine/postgres/index.ts';
import type { ToolPlaces } from '#engine/postgres/tools.ts';
import type { SshConnection } from '#engine/ssh/chain.ts';
import { openDatabase } from '#engine/store/database.ts';
import { createOperationRepository } from '#engine/store/operation-repository.ts';
import { createPlanRepository } from '#engine/store/plan-repository.ts';
import { createSettingsRepository } from '#engine/store/settings-repository.ts';
import { createHostKeyRepository } from '#engine/store/host-key-repository.ts';
import { createHostRepository } from '#engine/store/host-repository.ts';
import { createHostLines } from '#engine/ssh/lines.ts';
import { createSshPool } from '#engine/ssh/pool.ts';
import { createReach } from '#engine/systems/reach.ts';
import { createSystemRepository } from '#engine/store/system-repository.ts';
import { createTypedPasswords } from '#engine/systems/passwords.ts';
import type { Vault } from '#engine/vault/index.ts';

type AnyHandler = (input: never, call: { caller: string; signal: AbortSignal; correlationId: string }) => unknown;
export type RoomFactory = (context: EngineContext) => { handlers: Record<string, AnyHandler> };

export interface TestEngine {
  context: EngineContext;
  /** Asks a method of one of the rooms; input and output pass their schemas. */
  call<Name extends MethodName>(method: Name, input: MethodArgument<Name>): Promise<MethodOutput<Name>>;
  /** Adds a system with one database; its password is typed, never stored. */
  addDatabase(options: { name: string; environment?: Environment; server: { host: string; port: number; user?: string; password: string }; database: string; user?: string; password?: string; systemIdentifier?: string | null }): { systemId: string; databaseId: string };
  /** Types the password of a database again, as after a start. */
  unlock(databaseId: string, password: string): void;
  /** Starts a plan, confirming its name, and says under which operation. */
  start(plan: Plan): string;
  /** Runs a plan to its end. */
  run(plan: Plan): Promise<Operation>;
  events(operationId: string): OperationEvent[];
  close(): Promise<void>;
}

/**
 * Opens a data folder with these rooms. Nothing is recovered until `context.runner.recover()` is called.
 * @param options.root the data folder; it is made where it is not there
 */
export function createTestEngine(options: { root: string; ports?: Partial<Ports>; rooms: readonly RoomFactory[]; connectHost?: (hostId: string) => Promise<SshConnection>; toolPlaces?: ToolPlaces }): TestEngine {
  const ports: Ports = { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test', ...options.ports };
  const home = openHome(options.root);
  const store = openDatabase(home.root, home.copies, ports.clock.now());
  const scrubber = createScrubber();
  const settings = createSettingsRepository(store);
  const systems = createSystemRepository(store);
  const operations = createOperationRepository(store);
  const changes = createChangeBus();
  const log = createEventLog({ clock: ports.clock, operations, scrubber, transaction: (work) => store.transaction(work)(), onStoreFailure: (error) => ports.logger.error({ error: String(error) }, 'Events could not be stored yet.') });
  const hostRows = createHostRepository(store);
  const reach = createReach(systems, hostRows, createHostKeyRepository(store));
  const desk = createPlanDesk({ ports, plans: createPlanRepository(store), settings, systems, scrubber, wayOf: reach.wayOf });
  const runner = createOperationRunner({ ports, operations, systems, log, desk, changes, scrubber });
  const typed = createTypedPasswords();
  const noVault = (): never => {
    throw new Error('This engine was made without a vault.');
  };
  const pool = createSshPool({ now: () => ports.clock.now(), connect: options.connectHost ?? (() => Promise.reject(new Error('This engine was made without hosts.'))) });
  const postgres = createPostgres({ ports, home, lines: createHostLines(pool, { random: ports.random, sudoPassword: async () => null, pin: reach.pin }), scrubber, typed: (databaseId) => typed.get(databaseId), fromVault: noVault, ...(options.toolPlaces === undefined ? {} : { toolPlaces: options.toolPlaces }) });
  const context: EngineContext = {
    ports, home, store, systems, operations, settings, log, runner, changes, scrubber, postgres,
    vault: new Proxy({} as Vault, { get: noVault }),
    hosts: pool,
    ...reach,
  };
  const handlers: Record<string, AnyHandler> = Object.assign({}, ...options.rooms.map((room) => room(context).handlers));

  const engine: TestEngine = {
    context,
    async call(method, input) {
      const handler = handlers[method];
      if (handler === undefined) throw new Error(`None of the rooms of this engine answers ${method}.`);
      const parsed = methods[method].input.parse(input) as never;
      const output = await handler(parsed, { caller: 'test', signal: new AbortController().signal, correlationId: 'test' });
      return methods[method].output.parse(output) as never;
    },
    addDatabase({ name, environment = 'development', server, database, user, password, systemIdentifier = null }) {
      const system = systems.find(name) ?? systems.insert({ id: name, name, environment, policy: systemPolicy.parse({}), at: ports.clock.now() });
      const connection: DatabaseConnection = { host: server.host, port: server.port, database, user: user ?? server.user ?? 'postgres', tls: { mode: 'disable', ca: null }, password: { source: 'ask' }, ...fromHere };
      const added = systems.insertDatabase({ id: ports.random.id(), systemId: system.id, label: database, connection, at: ports.clock.now() });
      typed.set(added.id, new Secret(password ?? server.password));
      if (systemIdentifier !== null) systems.updateDatabase(added.id, { systemIdentifier });
      return { systemId: system.id, databaseId: added.id };
    },
    unlock: (databaseId, password) => typed.set(databaseId, new Secret(password)),
    start: (plan) => runner.run({ planId: plan.id, token: plan.token, ...(plan.confirmName === null ? {} : { confirmName: plan.confirmName }), caller: 'test' }).operationId,
    run: (plan) => runner.finished(engine.start(plan)),
    events(operationId) {
      log.flush();
      return operations.events(operationId, 0, 100_000);
    },
    async close() {
      await runner.close();
      log.flush();
      postgres.close();
      store.close();
    },
  };
  return engine;
}
