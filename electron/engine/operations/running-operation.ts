/** One operation under way, as its procedure sees it. */
import type { Plan } from '#shared/contract/operations.ts';
import { hasCode, PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import type { OperationState } from '#shared/domain/operation-state.ts';
import { spanInWords } from '../backup/words.ts';
import type { Ports } from '../ports.ts';
import { explainStoreError } from '../store/database.ts';
import type { OperationRepository } from '../store/operation-repository.ts';
import type { EventBody, EventLog } from './event-log.ts';
import type { RunningOperation, StepLog } from './procedure.ts';

export interface RunningOperationHandle {
  operation: RunningOperation;
  cancel(reason: 'person' | 'shutdown'): void;
  stopReason(): 'person' | 'shutdown' | null;
  answer(promptId: string, choice: string): void;
  warnings(): number;
  /** This computer goes to sleep, or was asleep. Never throws. @param ms null: nobody knows how long */
  fallAsleep(): void;
  wake(ms: number | null): void;
  /** Takes back what was begun, newest first. Returns what could not be taken back, in words. */
  cleanUp(): Promise<string[]>;
}

const progressEveryMs = 100;
/** What is not over takes a moment yet, in milliseconds: nobody is told that nothing is left of it. */
const leastLeftMs = 1000;
/** How long cleaning up one thing may take before it is given up and named. */
const cleanUpLimitMs = 30_000;

export function createRunningOperation(dependencies: {
  id: string;
  plan: Omit<Plan, 'token'>;
  ports: Ports;
  operations: OperationRepository;
  log: EventLog;
  moveTo: (state: OperationState) => void;
  changed: () => void;
}): RunningOperationHandle {
  const { id, plan, ports, operations, log } = dependencies;
  const controller = new AbortController();
  const undo: { what: string; work: () => Promise<void> }[] = [];
  let waking = new AbortController();
  const prompts = new Map<string, { choices: string[]; resolve: (choice: string) => void }>();
  let reason: 'person' | 'shutdown' | null = null;
  let phase: string | null = null;
  let warnings = 0;
  let lastProgressAt = 0;

  const cancelled = () => new PilothouseError('operation.cancelled', `"${plan.title}" was cancelled.`);
  const stepOf = (stepId: string) => plan.steps.find((step) => step.id === stepId) ?? { id: stepId, title: stepId };
  const enter = (stepId: string | null): void => {
    phase = stepId;
    operations.update(id, { phase: stepId === null ? null : stepOf(stepId).title });
    dependencies.changed();
  };

  /** For what is told of something worse: a store that refuses must not take its place. */
  const tell = (body: EventBody): void => {
    try {
      log.append(id, body);
    } catch (error) {
      ports.logger.error({ operationId: id, error: String(error) }, 'An event could not be stored.');
    }
  };

  /** @param of the step that it is told of, as it is at that moment */
  const tellOf = (of: () => string | null): StepLog => ({
    log: (level, text) => log.append(id, { kind: 'log', phase: of(), level, text }),
    command(record, text) {
      const failed = record.exitStatus !== null && record.exitStatus !== 0 && !controller.signal.aborted;
      log.append(id, { kind: 'log', phase: of(), level: failed ? 'error' : 'info', text: text ?? record.text, command: record });
    },
  });

  /** Tells how a step begins, and how it ends. */
  const carryOut = async <T>(stepId: string, work: () => Promise<T>): Promise<T> => {
    const { title } = stepOf(stepId);
    log.append(id, { kind: 'phase', phase: stepId, title, state: 'started' });
    try {
      const value = await work();
      log.append(id, { kind: 'phase', phase: stepId, title, state: 'done' });
      return value;
    } catch (error) {
      // What breaks after the abort broke because of it: that was wanted, and is no failure; nor is a step that others had no use for any more.
      if (controller.signal.aborted || hasCode(error, 'operation.cancelled')) tell({ kind: 'phase', phase: stepId, title, state: 'cancelled' });
      else tell({ kind: 'phase', phase: stepId, title, state: 'failed', detail: toErrorShape(explainStoreError(error), '').message });
      throw error;
    }
  };

  const operation: RunningOperation = {
    ...tellOf(() => phase),
    id,
    plan,
    signal: controller.signal,
    nextWake: () => waking.signal,
    get isLeaving() {
      return reason === 'shutdown';
    },
    throwIfCancelled() {
      if (controller.signal.aborted) throw cancelled();
    },
    async phase(stepId, work) {
      operation.throwIfCancelled();
      const outer = phase;
      enter(stepId);
      const value = await carryOut(stepId, work);
      enter(outer);
      return value;
    },
    async beside(stepId, work) {
      operation.throwIfCancelled();
      return carryOut(stepId, () => work(tellOf(() => stepId)));
    },
    skip(stepId, why) {
      log.append(id, { kind: 'phase', phase: stepId, title: stepOf(stepId).title, state: 'skipped', detail: why });
    },
    progress(progress) {
      const now = ports.clock.now();
      const last = progress.fraction === 1;
      if (!last && Math.abs(now - lastProgressAt) < progressEveryMs) return;
      lastProgressAt = now;
      const full = { fraction: null, done: null, total: null, unit: null, leftMs: null, ...progress };
      if (full.fraction !== null) full.fraction = Math.min(1, Math.max(0, full.fraction));
      if (full.leftMs !== null) full.leftMs = Math.max(leastLeftMs, Math.round(full.leftMs));
      log.append(id, { kind: 'progress', phase, ...full });
      operations.update(id, { fraction: full.fraction, progressText: full.text, leftMs: full.leftMs });
      dependencies.changed();
    },
    warn(text) {
      warnings += 1;
      operations.update(id, { warnings });
      operation.log('warn', text);
    },
    onFailure(what, work) {
      const entry = { what, work };
      undo.push(entry);
      return {
        disarm() {
          const index = undo.indexOf(entry);
          if (index >= 0) undo.splice(index, 1);
        },
      };
    },
    ask(question, choices) {
      operation.throwIfCancelled();
      const promptId = ports.random.id();
      return new Promise<string>((resolve, reject) => {
        const abort = () => {
          prompts.delete(promptId);
          reject(cancelled());
        };
        controller.signal.addEventListener('abort', abort, { once: true });
        prompts.set(promptId, {
          choices,
          resolve: (choice) => {
            controller.signal.removeEventListener('abort', abort);
            dependencies.moveTo('running');
            operation.log('info', `Answered: ${choice}`);
            resolve(choice);
          },
        });
        dependencies.moveTo('waiting');
        log.append(id, { kind: 'prompt', promptId, question, choices });
        ports.notifier.notify({ title: plan.title, body: question, place: `/operations/${id}` });
      });
    },
  };

  const limited = async (work: () => Promise<void>): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`it took longer than ${cleanUpLimitMs / 1000} s`)), cleanUpLimitMs);
    });
    try {
      await Promise.race([work(), limit]);
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    operation,
    cancel(by) {
      reason ??= by;
      controller.abort(cancelled());
    },
    stopReason: () => reason,
    answer(promptId, choice) {
      const prompt = prompts.get(promptId);
      if (prompt === undefined) throw new PilothouseError('operation.not-running', 'That question was answered already.', { hint: 'Read the operation again.' });
      if (prompt.choices.length > 0 && !prompt.choices.includes(choice)) throw new PilothouseError('contract.invalid-input', `"${choice}" is none of the choices: ${prompt.choices.join(', ')}.`, { hint: 'Answer with one of them.' });
      prompts.delete(promptId);
      prompt.resolve(choice);
    },
    warnings: () => warnings,
    fallAsleep: () => tell({ kind: 'log', phase, level: 'info', text: 'This computer goes to sleep' }),
    wake(ms) {
      tell({ kind: 'log', phase, level: 'info', text: ms === null ? 'This computer woke up' : `This computer slept for ${spanInWords(ms)}` });
      const woken = waking;
      waking = new AbortController();
      woken.abort(new PilothouseError('ssh.connection-lost', 'This computer slept, and what it asked before is asked anew.', { hint: 'There is nothing to do: it goes on.', retryable: true }));
    },
    async cleanUp() {
      const leftovers: string[] = [];
      for (const entry of undo.splice(0).reverse()) {
        try {
          await limited(entry.work);
          tell({ kind: 'log', phase, level: 'info', text: `Taken back: ${entry.what}` });
        } catch (error) {
          const { message } = toErrorShape(explainStoreError(error), '');
          leftovers.push(`${entry.what} (${message.replace(/\.$/, '')})`);
          tell({ kind: 'log', phase, level: 'error', text: `Could not take back: ${entry.what}. ${message}` });
        }
      }
      return leftovers;
    },
  };
}
