/** The composition root: ports in, services out. The only place that constructs services. */
import { createScrubber } from '#shared/domain/scrub.ts';
import type { EngineClient } from '#shared/contract/index.ts';
import { acquireLock } from './attach/lock.ts';
import { createBackupRoom } from './backup/backup-room.ts';
import { createJobRoom } from './backup/detached/job-room.ts';
import { createCalendarRoom } from './calendar/calendar-room.ts';
import { superviseBy } from './children/lifeline.ts';
import { closeChildren } from './children/run-child.ts';
import { createDispatcher, type Dispatcher } from './dispatch/dispatcher.ts';
import type { EngineContext } from './engine-context.ts';
import { createFilesRoom } from './files/files-room.ts';
import { createGuideRoom } from './guides/guide-room.ts';
import { createEndpointRoom } from './health/endpoints/index.ts';
import { createHealthRoom } from './health/health-room.ts';
import { createHistoryRoom } from './history/history-room.ts';
import { openHome, type Home } from './home.ts';
import { createImportRoom } from './import/import-room.ts';
import { createIncidentRoom } from './incidents/incident-room.ts';
import { scrubbingLogger } from './logging/file-logger.ts';
import { nodeScripts } from './node-scripts.ts';
import { createChangeBus, type Topic } from './operations/change-bus.ts';
import { createEventLog } from './operations/event-log.ts';
import { createOperationRoom } from './operations/operation-room.ts';
import { createOperationRunner } from './operations/operation-runner.ts';
import { createPlanDesk } from './operations/plan-desk.ts';
import { createSettling } from './operations/settling.ts';
import type { Ports } from './ports.ts';
import { takingRoles } from './packs/arrivals.ts';
import { createPackRoom } from './packs/pack-room.ts';
import { createPostgres } from './postgres/index.ts';
import { createPracticeRoom } from './practice/practice-room.ts';
import { createRestoreRoom } from './restore/restore-room.ts';
import { createRuleRoom } from './rules/index.ts';
import { createRunbookRoom } from './runbooks/runbook-room.ts';
import { createAppRoom, version } from './settings/app-room.ts';
import { createDetectionRoom } from './ssh/detect/index.ts';
import { createHandshakes } from './ssh/handshakes.ts';
import { createHostRoom } from './ssh/host-room.ts';
import { createHostLines } from './ssh/lines.ts';
import { createSshPool, type SshPool } from './ssh/pool.ts';
import { createSharedWay } from './ssh/shared-way.ts';
import { createHostStanding } from './ssh/standing.ts';
import { settleArrival } from './store/arrival.ts';
import { closeDatabase, openDatabase } from './store/database.ts';
import { createHostKeyRepository } from './store/host-key-repository.ts';
import { createHostRepository } from './store/host-repository.ts';
import { createOperationRepository } from './store/operation-repository.ts';
import { createPlanRepository } from './store/plan-repository.ts';
import { createSettingsRepository } from './store/settings-repository.ts';
import { createSystemRepository } from './store/system-repository.ts';
import { ageOutWhenDue } from './store/upkeep.ts';
import { sweepUnfinished } from './store/whole-file.ts';
import { createTypedPasswords, passwordRecord, vaultPassword } from './systems/passwords.ts';
import { createReach } from './systems/reach.ts';
import { createSystemRoom } from './systems/system-room.ts';
import { createVault } from './vault/index.ts';

export interface Engine {
  readonly home: Home;
  readonly dispatcher: Dispatcher;
  /** A caller in the same process. */
  client(caller: string): EngineClient;
  /** Resolves when what a crash left behind was looked at and cleaned up. Calls are answered before that. */
  readonly recovered: Promise<void>;
  /** For what a host says or logs by itself: without the secrets that this engine knows. */
  scrub<T>(value: T): T;
  /** This computer goes to sleep, or woke up: what runs is told, connections of before are used no more, and what was due meanwhile is looked at. */
  power(event: 'suspend' | 'resume'): void;
  /** Operations under way. */
  readonly active: () => number;
  /** Cancels what runs, waits until it is cleaned up, closes the file, releases the lock. */
  close(): Promise<void>;
}

/** How long closing waits for the clean-up after a crash, which may be connecting to servers. */
const closeWithoutServersMs = 3000;
/** How long the start and the end wait for the keychain, which may be asking a person. */
const withoutKeychainMs = 2000;
const lookForUpkeepEveryMs = 3_600_000;
/** What grows old, or has a time limit, without anybody doing anything. */
const agesMeanwhile: readonly Topic[] = ['systems', 'health', 'backups', 'operations', 'restores', 'vault', 'questions', 'runbooks', 'items', 'calendar', 'incidents'];

/**
 * Starts the engine of a data folder.
 * @throws store.locked (another engine has the folder), store.newer, store.damaged, store.unwritable, store.disk-full
 */
export async function createEngine(options: { root: string; ports: Ports }): Promise<Engine> {
  const scrubber = createScrubber();
  const ports: Ports = { ...options.ports, logger: scrubbingLogger(options.ports.logger, scrubber) };
  superviseBy(ports.scripts ?? nodeScripts);
  const startedAt = ports.clock.now();
  const home = openHome(options.root);
  const lock = acquireLock(home.root);
  try {
    const store = openDatabase(home.root, home.copies, startedAt);
    settleArrival(store, home, startedAt);
    for (const folder of [home.copies, home.exports]) sweepUnfinished(folder);
    const settings = createSettingsRepository(store);
    const systems = createSystemRepository(store);
    const operations = createOperationRepository(store);
    const changes = createChangeBus();
    const log = createEventLog({ clock: ports.clock, operations, scrubber, transaction: (work) => store.transaction(work)(), onStoreFailure: (error) => ports.logger.error({ error: String(error) }, 'Events could not be stored yet.') });
    const hostRows = createHostRepository(store);
    const reach = createReach(systems, hostRows, createHostKeyRepository(store));
    const desk = createPlanDesk({ ports, plans: createPlanRepository(store), settings, systems, scrubber, wayOf: reach.wayOf });
    const runner = createOperationRunner({ ports, operations, systems, log, desk, changes, scrubber, onLeftBehind: () => settling.lookIfUnsettled() });
    const vault = createVault({ folder: home.root, ports, scrubber });
    vault.setAutoLockMinutes(settings.read().vaultAutoLockMinutes);
    vault.onChange(() => changes.changed('vault'));
    if (ports.keyWrapping !== null && vault.status().state === 'locked') {
      // A keychain that fails leaves the vault locked: the passphrase opens it as before. One that takes its time opens it later.
      const opening = vault.unlockByKeychain().catch((error: unknown) => ports.logger.warn({ error: String(error) }, 'The keychain did not open the vault.'));
      await Promise.race([opening, new Promise((resolve) => setTimeout(resolve, withoutKeychainMs).unref())]);
    }
    const typedPasswords = createTypedPasswords();
    const handshakes = createHandshakes({ random: ports.random });
    const pool: SshPool = createSshPool({ now: () => ports.clock.now(), connect: createSharedWay({ viaOf: (hostId) => hostRows.get(hostId).connection.viaId, wayTo: (hostId) => hosts.wayTo(hostId), wayNow: (hostId) => hosts.wayNow(hostId), handshakes, pool: () => pool, standing: createHostStanding({ hosts: hostRows, clock: ports.clock, changes, scrubber }) }) });
    const postgres = createPostgres({ ports, lines: createHostLines(pool, { random: ports.random, sudoPassword: (hostId) => hosts.sudoPassword(hostId), pin: reach.pin }), home, scrubber, typed: (databaseId, place) => typedPasswords.get(passwordRecord(databaseId, reach.accountOf(place))), fromVault: (databaseId, place) => vaultPassword({ get: (record) => vault.get(record, { unasked: settling.isLooking }) }, databaseId, { ...reach.accountOf(place), label: place.label }) });

    const context: EngineContext = {
      ports,
      home,
      store,
      systems,
      operations,
      settings,
      log,
      runner,
      changes,
      scrubber,
      postgres,
      vault,
      hosts: {
        ...pool,
        forget(hostId) {
          pool.forget(hostId);
          // What was found on a host says nothing of the one that it is from now on.
          postgres.refreshTools();
        },
      },
      ...reach,
    };

    const hosts = createHostRoom(context, typedPasswords, handshakes);
    const practice = createPracticeRoom(context);
    const health = createHealthRoom(context, { isStopped: practice.isStopped, isHostStopped: practice.isHostStopped });
    const backup = createBackupRoom(context);
    const restore = createRestoreRoom(context);
    const files = createFilesRoom(context, hosts);
    const packs = createPackRoom(context);
    const runbooks = createRunbookRoom(context, { ask: () => dispatcher.client('runbook'), hosts, appVersion: version, incidents: () => incidents });
    const incidents = createIncidentRoom(context, { ask: () => dispatcher.client('incident'), appVersion: version });
    const calendar = createCalendarRoom(context, { findRunbook: runbooks.facts });
    const operationRoom = createOperationRoom(context);
    const { handlers: systemHandlers } = createSystemRoom(context, typedPasswords, hosts, () => void settling.look());
    const { handlers: importHandlers } = createImportRoom(context, typedPasswords);

    const dispatcher: Dispatcher = createDispatcher({
      ports,
      scrubber,
      handlers: {
        ...systemHandlers,
        ...hosts.handlers,
        ...importHandlers,
        ...takingRoles({ ...systemHandlers, ...hosts.handlers, ...importHandlers }, packs.give),
        ...createDetectionRoom(context).handlers,
        ...practice.handlers,
        ...health.handlers,
        ...createEndpointRoom(context).handlers,
        ...backup.handlers,
        ...createJobRoom(context).handlers,
        ...restore.handlers,
        ...files.handlers,
        ...packs.handlers,
        ...createRuleRoom().handlers,
        ...runbooks.handlers,
        ...createGuideRoom(context).handlers,
        ...calendar.handlers,
        ...incidents.handlers,
        ...operationRoom.handlers,
        ...createHistoryRoom(context).handlers,
        ...createAppRoom(context, startedAt).handlers,
      },
      streamHandlers: operationRoom.streamHandlers,
    });

    postgres.sweep();
    runbooks.start();
    incidents.start();
    await practice.start();
    const settling = createSettling({
      settle: async () => {
        await runner.recover();
        await restore.sweep();
        await backup.sweep();
      },
      isUnsettled: () => runner.unrecovered || restore.unsettled() || backup.unsettled(),
      onFailure: (error) => ports.logger.error({ error: String(error) }, 'What a crash left behind could not be looked at to the end; it is tried again.'),
    });
    vault.onChange(() => {
      if (vault.status().state === 'unlocked') settling.lookIfUnsettled();
    });
    const recovered = Promise.all([settling.look(), backup.start(), files.start()]).then(() => {});

    const leaving = new AbortController();
    let upkeep = Promise.resolve();
    const keepUp = (): void => {
      upkeep = upkeep.then(() => ageOutWhenDue(store, settings, ports.clock.now(), leaving.signal)).catch((error: unknown) => ports.logger.error({ error: String(error) }, 'Old events could not be aged out.'));
    };
    void recovered.then(keepUp);
    void recovered.then(() => runbooks.readAhead(leaving.signal)).then(() => packs.readAhead(leaving.signal));
    void recovered.then(calendar.wake);
    const upkeepTimer = setInterval(keepUp, lookForUpkeepEveryMs).unref();

    let closed: Promise<void> | null = null;
    const close = async (): Promise<void> => {
      clearInterval(upkeepTimer);
      leaving.abort();
      runbooks.close();
      incidents.close();
      calendar.close();
      const settled = settling.close();
      const keychainSettled = Promise.race([vault.settled(), new Promise((resolve) => setTimeout(resolve, withoutKeychainMs).unref())]);
      await runner.close();
      // A server that is away must not keep Pilothouse from closing: the next start looks again.
      await Promise.race([Promise.all([recovered, settled]), new Promise((resolve) => setTimeout(resolve, closeWithoutServersMs).unref())]);
      await upkeep;
      await practice.close();
      await closeChildren();
      await pool.close();
      postgres.close();
      await keychainSettled;
      vault.lock();
      log.flush();
      closeDatabase(store);
      lock.release();
    };

    return {
      home,
      dispatcher,
      client: (caller) => dispatcher.client(caller),
      recovered,
      scrub: (value) => scrubber.scrub(value),
      power: (event) => {
        if (closed !== null) return;
        // Before those who are told ask for one.
        if (event === 'resume') pool.wake();
        runner.power(event);
        if (event === 'suspend') return;
        keepUp();
        runbooks.wake();
        incidents.wake();
        calendar.wake();
        settling.lookIfUnsettled();
        changes.changed(...agesMeanwhile);
      },
      active: () => runner.active,
      close: () => (closed ??= close()),
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
