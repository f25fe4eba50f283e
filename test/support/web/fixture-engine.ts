/** An engine of canned answers behind the real dispatcher, which checks every one of them against the contract. */
import { methods, type MethodName, type MethodOutput, type StreamItem } from '#shared/contract/index.ts';
import type { Backup, UnfinishedDump } from '#shared/contract/backups.ts';
import type { FileBackup } from '#shared/contract/files.ts';
import type { DecidedHostKey, Host, HostQuestion, HostTest } from '#shared/contract/hosts.ts';
import type { Operation, OperationEvent, Plan } from '#shared/contract/operations.ts';
import type { ConnectionTest, Need, System } from '#shared/contract/systems.ts';
import { PilothouseError, type ErrorCode } from '#shared/domain/errors.ts';
import { isFinished } from '#shared/domain/operation-state.ts';
import { createScrubber } from '#shared/domain/scrub.ts';
import { createDispatcher, type Dispatcher } from '#engine/dispatch/dispatcher.ts';
import type { Handlers } from '#engine/dispatch/handlers.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { fileCopies } from './fixture-files.ts';
import { fixtureHandlers } from './fixture-handlers.ts';
import { hostKeys, hosts, webTest } from './fixture-hosts.ts';
import { runbookState, type RunbookState } from './fixture-runbooks.ts';
import { walkState, type WalkState } from './fixture-walkthroughs.ts';
import { backups, needs, systems } from './fixture-systems.ts';
import { dumpEvents, operation, operations, restore } from './fixture-work.ts';
import type { HealthResult } from '#shared/contract/health.ts';
import type { Restore } from '#shared/contract/restores.ts';

export type Change = StreamItem<'changes.follow'>;

export interface FixtureState {
  systems: System[];
  needs: Need[];
  operations: Operation[];
  events: Map<string, OperationEvent[]>;
  restores: Restore[];
  /** Newest first. */
  backups: Backup[];
  /** Backups whose manifest cannot be read any more. */
  unreadable: Set<string>;
  /** Copies of files, newest first. */
  fileCopies: FileBackup[];
  /** Dumps that lie on hosts, of interrupted backups. */
  unfinished: UnfinishedDump[];
  /** The half restored database that a failed restore has left. */
  leftBehind: string | null;
  theme: 'system' | 'light' | 'dark';
  vault: 'absent' | 'locked' | 'unlocked';
  /** That of this computer, as the vault tells it. */
  keychain: MethodOutput<'vault.status'>['keychain'];
  practiceRuns: boolean;
  practiceStopped: boolean;
  trafficInside: boolean;
  /** What health found, where it is not what the fixture says of each system. */
  health: HealthResult[] | null;
  /** Every plan that was shown, and those that were run. */
  plans: Map<string, Plan>;
  ran: { planId: string; confirmName: string | undefined }[];
  /** What a test of a connection finds; null: the password is refused. */
  connectionTest: ConnectionTest | null;
  /** The clusters that were accepted in place of the one that was known. */
  acceptedClusters: { cluster: string; confirmName: string | undefined }[];
  /** What servers ask, and what was answered; null: nobody wanted to. */
  questions: HostQuestion[];
  hosts: Host[];
  hostKeys: DecidedHostKey[];
  /** What a test of a host finds. */
  hostTest: HostTest;
  answers: (string[] | null)[];
  runbooks: RunbookState;
  walks: WalkState;
}

export interface FixtureEngine {
  ports: Ports;
  dispatcher: Dispatcher;
  state: FixtureState;
  change(change: Change): void;
  /** Adds an event to an operation and sends it to who follows. */
  say(operationId: string, text: string, level?: 'info' | 'ok' | 'warn' | 'error'): void;
  finish(operationId: string, change: Partial<Operation>): void;
  /** Lets a method fail from now on; null lets it answer again. */
  fail(method: MethodName, error: { code: ErrorCode; message: string; hint?: string; details?: Record<string, unknown> } | null): void;
  /** Lets a method answer only when what this returns is called. */
  hold(method: MethodName): () => void;
  /** How often a method was asked. */
  asked(method: MethodName): number;
}

class Waiters {
  readonly #waiting = new Set<() => void>();

  wake(): void {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const each of all) each();
  }

  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }
}

/** @param options.empty nothing is known yet: the first start */
export function createFixtureEngine(options: { empty?: boolean; logLines?: number } = {}): FixtureEngine {
  const state: FixtureState = {
    systems: options.empty ? [] : systems(), needs: options.empty ? [] : needs(), operations: options.empty ? [] : operations(), events: new Map([['op-running', dumpEvents('op-running', options.logLines ?? 24)]]), restores: options.empty ? [] : [restore()], backups: options.empty ? [] : backups(), unreadable: new Set(options.empty ? [] : ['b-admin-15']), fileCopies: options.empty ? [] : fileCopies(), unfinished: [], leftBehind: null,
    theme: 'system', vault: 'absent', keychain: null, practiceRuns: !options.empty, practiceStopped: false, trafficInside: false, health: null, plans: new Map(), ran: [], connectionTest: null, acceptedClusters: [], questions: [], answers: [], hosts: options.empty ? [] : hosts(), hostKeys: hostKeys(), hostTest: webTest(null), runbooks: runbookState(), walks: walkState(),
  };
  const waiters = new Waiters();
  const changes: { number: number; change: Change }[] = [];
  const failures = new Map<string, PilothouseError>();
  const held = new Map<string, Promise<void>>();
  const counts = new Map<string, number>();

  const change = (item: Change): void => {
    changes.push({ number: changes.length, change: item });
    waiters.wake();
  };
  const eventsOf = (operationId: string): OperationEvent[] => {
    const known = state.events.get(operationId);
    if (known !== undefined) return known;
    const made = operationId === 'op-failed' ? failedEvents() : operationId === 'op-cancelled' ? cancelledEvents() : finishedEvents(operationId);
    state.events.set(operationId, made);
    return made;
  };
  const handlers = fixtureHandlers(state, { eventsOf, change, start: (plan) => start(plan) });
  const guarded = Object.fromEntries(
    Object.keys(methods).map((method) => [
      method,
      (input: never, context: never) => {
        counts.set(method, (counts.get(method) ?? 0) + 1);
        const handler = handlers[method as MethodName] as ((input: never, context: never) => unknown) | undefined;
        const failure = failures.get(method) ?? (handler === undefined ? new PilothouseError('store.not-found', `This fixture knows nothing of ${method}.`) : undefined);
        if (failure !== undefined) throw failure;
        const wait = held.get(method);
        return wait === undefined ? handler?.(input, context) : wait.then(() => handler?.(input, context));
      },
    ]),
  ) as unknown as Handlers<MethodName>;
  const ports: Ports = { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' };

  const dispatcher = createDispatcher({
    ports,
    scrubber: createScrubber(),
    handlers: guarded,
    streamHandlers: {
      'operation.follow': async function* follow({ operationId, afterSeq }, { signal }) {
        let last = afterSeq;
        while (!signal.aborted) {
          const fresh = eventsOf(operationId).filter((event) => event.seq > last);
          for (let from = 0; from < fresh.length; from += 5000) yield { events: fresh.slice(from, from + 5000) };
          last = fresh.at(-1)?.seq ?? last;
          if (state.operations.some(({ id, state: of }) => id === operationId && isFinished(of))) return;
          await waiters.wait(signal);
        }
      },
      'changes.follow': async function* follow(_input, { signal }) {
        let next = changes.length;
        while (!signal.aborted) {
          for (; next < changes.length; next += 1) yield changes[next]?.change ?? { topics: [] };
          await waiters.wait(signal);
        }
      },
    },
  });

  const add = (operationId: string, event: (base: { operationId: string; seq: number; at: string }) => OperationEvent): void => {
    const events = eventsOf(operationId);
    events.push(event({ operationId, seq: (events.at(-1)?.seq ?? 0) + 1, at: new Date().toISOString() }));
    waiters.wake();
  };
  const patch = (operationId: string, part: Partial<Operation>): void => {
    state.operations = state.operations.map((each) => (each.id === operationId ? { ...each, ...part } : each));
  };
  const finish = (operationId: string, part: Partial<Operation>): void => {
    patch(operationId, { state: 'succeeded', endedAt: new Date().toISOString(), fraction: 1, summary: 'Done', ...part });
    const done = state.operations.find(({ id }) => id === operationId);
    add(operationId, (base) => ({ ...base, kind: 'result', state: done?.state ?? 'succeeded', summary: done?.summary ?? '', error: done?.error ?? null }));
    change({ topics: ['operations', 'health', 'backups', 'restores', 'systems', 'practice'], operationId });
  };
  const start = (plan: Plan): string => {
    const id = `op-${plan.id}`;
    state.operations = [operation(id, plan.title, { kind: plan.kind, systemId: plan.systemId, systemName: state.systems.find((system) => system.id === plan.systemId)?.name ?? null, environment: plan.environment, target: plan.targets[0]?.label ?? '', state: 'running', createdAt: new Date().toISOString(), startedAt: new Date().toISOString(), endedAt: null, fraction: 0, summary: null, result: null }), ...state.operations];
    state.events.set(id, []);
    for (const step of plan.steps.slice(0, 2)) {
      add(id, (base) => ({ ...base, kind: 'phase', phase: step.id, title: step.title, state: 'started' }));
      add(id, (base) => ({ ...base, kind: 'phase', phase: step.id, title: step.title, state: 'done' }));
    }
    change({ topics: ['operations'], operationId: id });
    return id;
  };
  return {
    ports, dispatcher, state, change, finish,
    say: (operationId, text, level = 'info') => add(operationId, (base) => ({ ...base, kind: 'log', phase: 'dump', level, text })),
    fail: (method, error) => {
      if (error === null) failures.delete(method);
      else failures.set(method, new PilothouseError(error.code, error.message, error));
    },
    hold: (method) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      held.set(method, promise);
      return () => {
        held.delete(method);
        resolve();
      };
    },
    asked: (method) => counts.get(method) ?? 0,
  };
}

function finishedEvents(operationId: string): OperationEvent[] {
  const events = dumpEvents(operationId, 18).filter((event) => event.kind !== 'progress');
  const base = (seq: number) => ({ operationId, seq, at: new Date().toISOString() });
  return [...events, { ...base(events.length + 2), kind: 'phase', phase: 'dump', title: 'Dump', state: 'done' }, { ...base(events.length + 3), kind: 'result', state: 'succeeded', summary: '41 tables, 48,188,902 rows, 3.1 GiB, read to the end', error: null }];
}

function cancelledEvents(): OperationEvent[] {
  const events = dumpEvents('op-cancelled', 8).filter((event) => event.kind !== 'progress');
  const base = (seq: number) => ({ operationId: 'op-cancelled', seq, at: new Date().toISOString() });
  return [...events, { ...base(events.length + 2), kind: 'phase', phase: 'dump', title: 'Dump', state: 'cancelled' }, { ...base(events.length + 3), kind: 'result', state: 'cancelled', summary: 'Cancelled. Nothing was left behind.', error: null }];
}

function failedEvents(): OperationEvent[] {
  const events = dumpEvents('op-failed', 8).filter((event) => event.kind !== 'progress');
  const base = (seq: number) => ({ operationId: 'op-failed', seq, at: new Date().toISOString() });
  return [
    ...events,
    { ...base(events.length + 2), kind: 'log', phase: 'dump', level: 'error', text: 'pg_dump ended with status 1', command: { text: 'pg_dump --format=directory neff_paving_admin', target: 'this computer', exitStatus: 1, durationMs: 31_200, output: 'pg_dump: error: query failed: ERROR:  canceling statement due to lock timeout\npg_dump: detail: Query was: LOCK TABLE public.customers, public.job_sites IN ACCESS SHARE MODE' } },
    { ...base(events.length + 3), kind: 'result', state: 'failed', summary: 'The dump ended with status 1', error: null },
  ];
}
