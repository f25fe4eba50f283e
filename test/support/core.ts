/** The engine's core without its rooms: a real store, a real runner, a clock that the test moves. */
import { createScrubber } from '#shared/domain/scrub.ts';
import { openHome } from '#engine/home.ts';
import { createChangeBus } from '#engine/operations/change-bus.ts';
import { createEventLog } from '#engine/operations/event-log.ts';
import { createOperationRunner } from '#engine/operations/operation-runner.ts';
import { createPlanDesk } from '#engine/operations/plan-desk.ts';
import type { PlanDraft } from '#engine/operations/procedure.ts';
import { silentLogger, silentNotifier, systemRandom, type Ports } from '#engine/ports.ts';
import { openDatabase } from '#engine/store/database.ts';
import { createOperationRepository } from '#engine/store/operation-repository.ts';
import { createPlanRepository } from '#engine/store/plan-repository.ts';
import { createSettingsRepository } from '#engine/store/settings-repository.ts';
import { createSystemRepository } from '#engine/store/system-repository.ts';

export interface MovableClock {
  now(): number;
  set(at: number): void;
  move(by: number): void;
}

/** Follows the real time from where it was last set. */
export function createMovableClock(): MovableClock {
  let offset = 0;
  return {
    now: () => Date.now() + offset,
    set: (at) => {
      offset = at - Date.now();
    },
    move: (by) => {
      offset += by;
    },
  };
}

export function createCore(root: string) {
  const clock = createMovableClock();
  const notified: { title: string; body: string; place: string }[] = [];
  const ports: Ports = { clock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: { ...silentNotifier, notify: (notification) => void notified.push(notification) }, host: 'test' };
  const home = openHome(root);
  const store = openDatabase(home.root, home.copies, clock.now());
  const scrubber = createScrubber();
  const settings = createSettingsRepository(store);
  const systems = createSystemRepository(store);
  const operations = createOperationRepository(store);
  const plans = createPlanRepository(store);
  const changes = createChangeBus();
  const storeFailures: unknown[] = [];
  const log = createEventLog({ clock, operations, scrubber, transaction: (work) => store.transaction(work)(), onStoreFailure: (error) => void storeFailures.push(error) });
  const desk = createPlanDesk({ ports, plans, settings, systems, scrubber, wayOf: () => null });
  const leftBehind: number[] = [];
  const runner = createOperationRunner({ ports, operations, systems, log, desk, changes, scrubber, onLeftBehind: () => void leftBehind.push(clock.now()) });
  return { clock, ports, home, store, scrubber, settings, systems, operations, plans, changes, log, desk, runner, notified, storeFailures, leftBehind };
}
export type Core = ReturnType<typeof createCore>;

/** A harmless plan; tests change what they are about. */
export function draft(changes: Partial<PlanDraft<unknown>> = {}): PlanDraft<unknown> {
  return {
    title: 'Look at shop',
    question: 'Look at shop?',
    system: null,
    target: 'shop on 127.0.0.1:5432',
    targets: [],
    steps: [
      { id: 'first', title: 'First step' },
      { id: 'second', title: 'Second step' },
    ],
    consequences: [],
    findings: [],
    wayBack: null,
    changes: false,
    irreversible: false,
    nameToConfirm: null,
    estimatedMs: null,
    exclusive: [],
    details: {},
    ...changes,
  };
}
