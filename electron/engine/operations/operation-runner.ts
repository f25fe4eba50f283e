/** Runs plans: the one way anything long happens. */
import type { Operation, Plan, ProcedureKind } from '#shared/contract/operations.ts';
import { PilothouseError, toErrorShape, type ErrorShape } from '#shared/domain/errors.ts';
import { isFinished, mayFollow, type OperationState } from '#shared/domain/operation-state.ts';
import type { Scrubber } from '#shared/domain/scrub.ts';
import { titledWithSystem } from '#shared/domain/titled.ts';
import type { Ports } from '../ports.ts';
import { explainStoreError } from '../store/database.ts';
import type { OperationRepository } from '../store/operation-repository.ts';
import type { SystemRepository } from '../store/system-repository.ts';
import type { ChangeBus, Topic } from './change-bus.ts';
import type { EventLog } from './event-log.ts';
import type { PlanDesk } from './plan-desk.ts';
import type { Procedure, ProcedureOutcome } from './procedure.ts';
import { createRunningOperation, type RunningOperationHandle } from './running-operation.ts';

export interface OperationRunner {
  register<Input, Details>(procedure: Procedure<Input, Details>): { plan(input: Input): Promise<Plan> };
  run(request: { planId: string; token: string; confirmName?: string | undefined; caller: string }): { operationId: string };
  cancel(operationId: string): OperationState;
  answer(operationId: string, promptId: string, choice: string): void;
  /** Tells what runs that this computer goes to sleep, or woke up. Never throws. */
  power(event: 'suspend' | 'resume'): void;
  /** Resolves when the operation is finished. */
  finished(operationId: string): Promise<Operation>;
  /**
   * At start: what was under way when the engine died becomes `interrupted`, and its procedure cleans up after it; so
   * does that of what an earlier start did not get done with. Resolves when all of that is done; operations may run
   * meanwhile. May be repeated, not overlapping: what failed because a server was away is then tried again.
   */
  recover(): Promise<void>;
  /** Whether there is something left that another recovery may settle: a server is away, or the vault is locked. */
  readonly unrecovered: boolean;
  /** Cancels everything and waits until it is cleaned up. */
  close(): Promise<void>;
  readonly active: number;
}

interface Running {
  handle: RunningOperationHandle;
  exclusive: string[];
  done: Promise<void>;
}

const storeAgainMs = 1000;

/** What changed or removed something for good: its log is evidence and never ages out. */
const leavesEvidence: ReadonlySet<ProcedureKind> = new Set(['restore.beside', 'restore.swap', 'restore.undo', 'restore.drop', 'backup.delete', 'files.delete', 'store.compact']);

const areas: Record<string, Topic[]> = { health: ['health'], backup: ['backups'], files: ['backups'], restore: ['restores', 'systems'], practice: ['practice', 'systems'], runbook: ['runbooks'] };
/** What an operation of this kind is about, besides itself: it changes with its end, and what waits for one changes with its beginning. */
const topicsOf = (kind: ProcedureKind): Topic[] => ['operations', ...(areas[kind.split('.')[0] ?? ''] ?? [])];

const cleanUpFailed = 'Cleaning up after it failed:';
const notLookedAt = 'What became of it could not be looked at yet:';
/** Their recovery looks at the server before it does anything, so it may come as late as the server does. */
const recoverableLater: ReadonlySet<ProcedureKind> = new Set(['restore.swap', 'restore.undo', 'restore.drop']);

function wantsAdvice({ kind, advice }: Operation): boolean {
  return advice === null || advice.startsWith(notLookedAt) || (advice.startsWith(cleanUpFailed) && recoverableLater.has(kind));
}

export function createOperationRunner(dependencies: {
  ports: Ports;
  operations: OperationRepository;
  systems: SystemRepository;
  log: EventLog;
  desk: PlanDesk;
  changes: ChangeBus;
  scrubber: Scrubber;
  /** Told when an operation has ended that could not take back all of what it did. */
  onLeftBehind?: () => void;
}): OperationRunner {
  const { ports, operations, log, desk, changes, scrubber } = dependencies;
  const procedures = new Map<ProcedureKind, Procedure<unknown, unknown>>();
  const running = new Map<string, Running>();
  /** Those whose clean-up failed for a reason that time alone does not mend. */
  const stuck = new Set<string>();
  let closing = false;
  let asleepSince: number | null = null;

  const moveTo = (operationId: string, state: OperationState): void => {
    const current = operations.get(operationId).state;
    if (current === state || !mayFollow(current, state)) return;
    operations.update(operationId, { state });
    changes.changed('operations');
  };

  /** Stores the end. On a full disk it is tried again until it fits: an end that was not stored was not seen by anyone. */
  const finish = async (operationId: string, kind: ProcedureKind, end: { state: OperationState; summary: string; error: ErrorShape | null; result: Record<string, unknown> | null }): Promise<void> => {
    for (;;) {
      try {
        await log.conclude(operationId, { kind: 'result', state: end.state, summary: end.summary, error: end.error }, () =>
          operations.update(operationId, {
            state: end.state,
            endedAt: ports.clock.now(),
            summary: scrubber.scrub(end.summary),
            leftMs: null,
            ...(end.error === null ? {} : { error: scrubber.scrub(end.error) }),
            ...(end.result === null ? {} : { result: scrubber.scrub(end.result) }),
            ...(end.state === 'succeeded' || end.state === 'succeeded-with-warnings' ? { fraction: 1 } : {}),
          }),
        );
        changes.changed(...topicsOf(kind));
        return;
      } catch (error) {
        ports.logger.error({ operationId, error: String(error) }, 'The end of an operation could not be stored yet.');
        if (closing) return;
        await new Promise((resolve) => setTimeout(resolve, storeAgainMs));
      }
    }
  };

  const carryOut = async (handle: RunningOperationHandle, procedure: Procedure<unknown, unknown>, details: unknown): Promise<void> => {
    const { operation } = handle;
    let outcome: ProcedureOutcome | null = null;
    let failure: unknown = null;
    try {
      operations.update(operation.id, { state: 'running', startedAt: ports.clock.now() });
      changes.changed('operations');
      outcome = await procedure.run(details, operation);
    } catch (error) {
      failure = error ?? new Error('The procedure failed without saying why.');
    }
    if (failure === null && outcome !== null) {
      const state = handle.warnings() > 0 ? 'succeeded-with-warnings' : 'succeeded';
      return finish(operation.id, procedure.kind, { state, summary: outcome.summary, error: null, result: outcome.result });
    }
    const leftovers = await handle.cleanUp();
    const error = toErrorShape(explainStoreError(failure), ports.random.id());
    if (error.code === 'operation.interrupted' && handle.stopReason() === 'shutdown') return finish(operation.id, procedure.kind, { state: 'interrupted', summary: error.message, error: null, result: null });
    if (error.code === 'internal') ports.logger.error({ operationId: operation.id, correlationId: error.correlationId, stack: scrubber.scrub(failure instanceof Error ? (failure.stack ?? '') : String(failure)) }, error.message);
    // Whatever broke after the abort broke because of it, as long as all of it could be taken back.
    if (operation.signal.aborted && leftovers.length === 0) {
      const stopped = handle.stopReason() === 'shutdown' ? 'Stopped because Pilothouse was closed' : 'Cancelled';
      // A procedure that had finished something worth keeping before it was stopped says so.
      const kept = typeof error.details['kept'] === 'string' ? error.details['kept'] : 'Nothing was left behind.';
      const { backupId } = error.details;
      return finish(operation.id, procedure.kind, { state: 'cancelled', summary: `${stopped}. ${kept}`, error: null, result: typeof backupId === 'string' ? { backupId } : null });
    }
    const left = leftovers.length === 0 ? '' : ` Left behind: ${leftovers.join('; ')}.`;
    if (left !== '') error.details = { ...error.details, leftBehind: leftovers };
    await finish(operation.id, procedure.kind, { state: 'failed', summary: `${error.message}${left}`, error, result: null });
    if (leftovers.length > 0) dependencies.onLeftBehind?.();
  };

  const advise = async (operation: Operation): Promise<void> => {
    const procedure = procedures.get(operation.kind);
    const { details } = operations.planOf(operation.id);
    let advice = 'Nobody knows how far it came. Look at its log, then plan it again.';
    try {
      if (procedure?.recover !== undefined) advice = await procedure.recover(details, operation);
    } catch (error) {
      const shape = toErrorShape(error, ports.random.id());
      advice = scrubber.scrub(`${shape.details['notYet'] === true ? notLookedAt : cleanUpFailed} ${shape.message} ${shape.hint ?? ''}`.trim());
      if (!shape.retryable && !shape.code.startsWith('vault.')) stuck.add(operation.id);
      if (advice === operation.advice) return;
      ports.logger.error({ operationId: operation.id, correlationId: shape.correlationId }, shape.message);
    }
    operations.update(operation.id, { advice: scrubber.scrub(advice) });
    changes.changed('operations', 'backups', 'restores');
  };

  return {
    get active() {
      return running.size;
    },
    register(procedure) {
      procedures.set(procedure.kind, procedure);
      return { plan: async (input) => desk.issue(procedure.kind, await procedure.plan(input)) };
    },
    run(request) {
      if (closing) throw new PilothouseError('operation.busy', 'Pilothouse is closing.', { hint: 'Start it again.', retryable: true });
      const redeemed = desk.redeem(request);
      const procedure = procedures.get(redeemed.kind);
      if (procedure === undefined) throw new PilothouseError('internal', `Nothing carries out ${redeemed.kind}.`);
      for (const [operationId, other] of running) {
        if (!other.exclusive.some((key) => redeemed.exclusive.includes(key))) continue;
        const busy = operations.get(operationId);
        throw new PilothouseError('operation.busy', `"${busy.title}" is under way on the same target.`, { hint: 'Wait until it is finished, or cancel it; then plan again.', retryable: true, details: { operationId } });
      }
      const operationId = ports.random.id();
      const system = redeemed.plan.systemId === null ? null : dependencies.systems.find(redeemed.plan.systemId);
      operations.insert({
        id: operationId,
        kind: redeemed.kind,
        title: redeemed.plan.title,
        system: system === null ? null : { id: system.id, name: system.name, environment: system.environment },
        target: redeemed.target,
        planId: redeemed.plan.id,
        plan: redeemed.plan,
        details: redeemed.details,
        createdAt: ports.clock.now(),
        requestedBy: request.caller,
      });
      if (leavesEvidence.has(redeemed.kind)) operations.markEvidence(operationId);
      const handle = createRunningOperation({ id: operationId, plan: redeemed.plan, ports, operations, log, moveTo: (state) => moveTo(operationId, state), changed: () => changes.changed('operations') });
      const done = carryOut(handle, procedure, redeemed.details).finally(() => {
        running.delete(operationId);
        const operation = operations.find(operationId);
        // What the engine looks at by itself, again and again, is told by what comes of it.
        if (operation !== null && isFinished(operation.state) && request.caller !== 'engine') ports.notifier.notify({ title: titledWithSystem(operation), body: operation.summary ?? operation.state, place: procedure.place?.(redeemed.details) ?? `/operations/${operationId}` });
      });
      running.set(operationId, { handle, exclusive: redeemed.exclusive, done });
      changes.changed(...topicsOf(redeemed.kind));
      return { operationId };
    },
    cancel(operationId) {
      const operation = operations.get(operationId);
      const entry = running.get(operationId);
      if (entry === undefined) {
        throw new PilothouseError('operation.not-running', `"${operation.title}" is not running any more: ${operation.state}.`, { hint: 'There is nothing to cancel.' });
      }
      moveTo(operationId, 'cancelling');
      entry.handle.cancel('person');
      return operations.get(operationId).state;
    },
    answer(operationId, promptId, choice) {
      const entry = running.get(operationId);
      if (entry === undefined) throw new PilothouseError('operation.not-running', 'That operation is not running any more.', { hint: 'Its question needs no answer now.' });
      entry.handle.answer(promptId, choice);
    },
    power(event) {
      const now = ports.clock.now();
      const slept = asleepSince === null ? null : Math.max(0, now - asleepSince);
      for (const { handle } of running.values()) {
        if (event === 'suspend') handle.fallAsleep();
        else handle.wake(slept);
      }
      asleepSince = event === 'suspend' ? now : null;
      try {
        // Whoever sleeps may never wake: then it is known since when nothing happened.
        log.flush();
      } catch (error) {
        ports.logger.error({ error: String(error) }, 'That this computer sleeps or wakes could not be stored yet.');
      }
    },
    async finished(operationId) {
      await running.get(operationId)?.done;
      return operations.get(operationId);
    },
    async recover() {
      const left = operations.list({ active: true, limit: 10_000 }).filter((operation) => !running.has(operation.id));
      for (const operation of left) {
        const summary = 'Pilothouse ended while this was under way.';
        // It ended when it was last heard of, not when somebody looked again.
        const lastHeard = operations.events(operation.id, operation.lastSeq - 1, 1)[0]?.at ?? operation.startedAt ?? operation.createdAt;
        await log.conclude(operation.id, { kind: 'result', state: 'interrupted', summary, error: null }, () => operations.update(operation.id, { state: 'interrupted', endedAt: Date.parse(lastHeard), leftMs: null, summary }));
      }
      for (const { kind } of left) changes.changed(...topicsOf(kind));
      // Also those whose advice an earlier start did not wait for: it was closed, or killed, while a server was slow.
      await Promise.all(operations.listInterrupted().filter(wantsAdvice).map(advise));
    },
    get unrecovered() {
      return operations.listInterrupted().some((operation) => wantsAdvice(operation) && !stuck.has(operation.id));
    },
    async close() {
      closing = true;
      for (const entry of running.values()) entry.handle.cancel('shutdown');
      await Promise.all([...running.values()].map((entry) => entry.done));
    },
  };
}
