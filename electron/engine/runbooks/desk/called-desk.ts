/** Steps that call a procedure of the console: planned as that is, and run as an operation of their own. */
import type { EngineClient } from '#shared/contract/index.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { isFinished } from '#shared/domain/operation-state.ts';
import type { Operation } from '#shared/contract/operations.ts';
import { fill } from '#shared/domain/runbook/template.ts';
import { titleOf } from '#shared/domain/runbook/slots.ts';
import type { Slot } from '#shared/domain/runbook/walkthrough.ts';
import type { EngineContext } from '../../engine-context.ts';
import type { PlanDraft, ProcedureOutcome, RunningOperation } from '../../operations/procedure.ts';
import type { Binder } from './binding.ts';
import { judgeCalled, planCalled, type Call, type CalledAction } from './called.ts';
import { requireUnchanged } from './identity.ts';
import { tellUntilKept } from './keeping.ts';
import { troublesOf } from './plan-step.ts';
import { reachedBy } from './reached.ts';
import { requireCurrent, sha256, summaryOf, type StepDetails } from './run-step.ts';
import { allSteps, doingOf, stepOf } from './steps-of.ts';
import type { Walk, Walks } from './walks.ts';

export interface CalledDesk {
  plan(walk: Walk, slot: Slot): Promise<PlanDraft<StepDetails>>;
  run(details: StepDetails, operation: RunningOperation): Promise<ProcedureOutcome>;
  /** Writes down what came of the one that a step had begun. @returns in words; null where it is still under way, or none was begun */
  settle(walk: Walk, key: string, beganAs: string, operation: RunningOperation): Promise<string | null>;
  /** The operation that a step's operation has begun; null where there is none yet. */
  innerOf(operationId: string): Operation | null;
}

export function createCalledDesk(dependencies: { context: EngineContext; walks: Walks; binder: Binder; ask: () => EngineClient }): CalledDesk {
  const { context, walks, binder, ask } = dependencies;
  /** Tokens of what was planned, by the hash of what was shown: in memory, for they open doors. */
  const planned = new Map<string, { planId: string; token: string; confirmName: string | null; expiresAt: number }>();

  const callOf = (walk: Walk, slot: Slot): Call => {
    const step = stepOf(walk.runbook, slot.stepId);
    const doing = doingOf(step, slot);
    const action = doing.action as CalledAction;
    const { values, bindings, systemId } = walk.walkthrough;
    const known = (name: string): string => {
      const value = name === 'item' ? slot.item : values[name];
      if (value === undefined || value === null) throw new PilothouseError('runbook.not-sent', `"${titleOf(walk.runbook, slot)}" needs ${name}, which is not known yet.`, { hint: 'The step that sets it has not been done.' });
      return Array.isArray(value) ? value.join(',') : String(value);
    };
    const binding = doing.target === null ? null : (bindings[doing.target] ?? null);
    const ofBinding = binding?.kind === 'postgres' ? context.systems.findDatabase(binding.databaseId) : null;
    return { action, settings: Object.fromEntries(Object.entries(action.with).map(([name, text]) => [name, fill(text, known)])), systemId: systemId ?? ofBinding?.systemId ?? null, binding, values, fromOf: (stepId) => fromOf(walk, stepId) };
  };

  const innerOf: CalledDesk['innerOf'] = (operationId) => context.operations.requestedBy(operationId);

  const finish = async (walk: Walk, key: string, inner: Operation, by: 'operation' | 'live', operation: RunningOperation): Promise<string> => {
    const progress = walk.walkthrough.steps[key];
    const slot = progress?.slot;
    if (progress === undefined || slot === undefined) throw new PilothouseError('runbook.not-now', `This walkthrough has no step ${key}.`);
    const { action } = callOf(walk, slot);
    const { verdicts, captured } = await judgeCalled(action, inner, slot.stepId, ask());
    const ok = verdicts.every((verdict) => verdict.ok);
    const as = slot.undo === null ? (ok ? 'succeeded' : inner.state === 'cancelled' ? 'cancelled' : 'failed') : ok ? 'undone' : 'undo-failed';
    const summary = summaryOf(verdicts, captured);
    await tellUntilKept(walks, walk.walkthrough.id, [{ kind: 'ended', key, attempt: progress.attempt, as, by, verdicts, captured, exitStatus: null, durationMs: inner.startedAt === null || inner.endedAt === null ? null : Date.parse(inner.endedAt) - Date.parse(inner.startedAt), output: null, answer: null, summary, doneAt: null }], operation);
    return summary;
  };

  return {
    innerOf,
    async plan(walk, slot) {
      const now = context.ports.clock.now();
      for (const [hash, { expiresAt }] of planned) if (expiresAt < now) planned.delete(hash);
      const plan = await planCalled(callOf(walk, slot), ask(), now);
      planned.set(plan.hash, { planId: plan.id, token: plan.token, confirmName: plan.confirmName, expiresAt: Date.parse(plan.expiresAt) });
      const system = plan.systemId === null ? null : context.systems.find(plan.systemId);
      return {
        title: `${titleOf(walk.runbook, slot)}: ${plan.title}`,
        question: plan.question,
        system: system === null ? null : { id: system.id, name: system.name, environment: system.environment, readOnly: system.readOnly },
        target: plan.targets.map(({ label }) => label).join(', ') || binderWords(walk, slot, binder),
        targets: plan.targets,
        steps: [{ id: 'send', title: plan.title, detail: plan.steps.map(({ title }) => title).join('; ') }, ...plan.steps.map(({ id, title, detail }) => ({ id: `called-${id}`, title, ...(detail === undefined ? {} : { detail }) }))],
        consequences: plan.consequences,
        findings: [...troublesOf(binder, reachedBy(doingOf(stepOf(walk.runbook, slot.stepId), slot), walk.walkthrough)), ...plan.findings],
        wayBack: plan.wayBack,
        changes: plan.changes,
        irreversible: plan.irreversible,
        nameToConfirm: plan.confirmName,
        alwaysAskName: plan.confirmName !== null,
        estimatedMs: plan.estimatedMs,
        exclusive: [`walkthrough:${walk.walkthrough.id}`],
        details: { walkthroughId: walk.walkthrough.id, key: slot.key, attempt: walk.walkthrough.steps[slot.key]?.attempt ?? 1, jobId: null, resolvedSha256: plan.hash },
      };
    },
    async run(details, operation) {
      const { walkthroughId, key, attempt } = details;
      const inner = planned.get(details.resolvedSha256);
      planned.delete(details.resolvedSha256);
      if (inner === undefined) throw new PilothouseError('operation.plan-changed', 'What this step calls was planned by an earlier start of Pilothouse.', { hint: 'Plan it again.', retryable: true });
      const walk = walks.open(walkthroughId);
      const slot = walk.walkthrough.steps[key]?.slot;
      if (slot === undefined) throw new PilothouseError('runbook.not-now', `This walkthrough has no step ${key}.`);
      const doing = doingOf(stepOf(walk.runbook, slot.stepId), slot);
      const { risk } = doing;
      // It looks itself who is there: a database that is lost can be restored.
      for (const each of reachedBy(doing, walk.walkthrough)) requireUnchanged(binder, each);
      await context.ports.checkpoint?.('walkthrough:before-dispatch');
      requireCurrent(walks.open(walkthroughId), key, attempt);
      // From here on it counts as begun.
      operation.throwIfCancelled();
      walks.tell(walkthroughId, [{ kind: 'dispatched', key, attempt, operationId: operation.id, jobId: null, hostId: null, resolved: operation.plan.title, resolvedSha256: sha256(details.resolvedSha256), risk }]);
      await context.ports.checkpoint?.('walkthrough:dispatched');
      return operation.phase('send', async () => {
        let begun: { operationId: string };
        try {
          begun = context.runner.run({ planId: inner.planId, token: inner.token, ...(inner.confirmName === null ? {} : { confirmName: inner.confirmName }), caller: operation.id });
        } catch (error) {
          // Refused before anything was done.
          await tellUntilKept(walks, walkthroughId, [{ kind: 'reopened', key, attempt: attempt + 1, by: 'live', why: `It was not begun: ${error instanceof Error ? error.message : String(error)}` }], operation);
          throw error;
        }
        operation.log('info', `Runs as the operation ${begun.operationId}`);
        walks.changed();
        const cancel = (): void => {
          // What is being closed cancels all that runs by itself.
          if (!operation.isLeaving && !isFinished(context.operations.get(begun.operationId).state)) context.runner.cancel(begun.operationId);
        };
        operation.signal.addEventListener('abort', cancel, { once: true });
        const ended = await context.runner.finished(begun.operationId);
        operation.signal.removeEventListener('abort', cancel);
        await context.ports.checkpoint?.('walkthrough:sent');
        if (ended.state === 'interrupted' || !isFinished(ended.state)) {
          await tellUntilKept(walks, walkthroughId, [{ kind: 'lost', key, attempt, why: ended.advice ?? 'Pilothouse was closed while it was under way.' }], operation);
          throw new PilothouseError('operation.interrupted', `"${ended.title}" was interrupted.`, { hint: 'The walkthrough offers to find out how it ended.' });
        }
        const summary = await finish(walks.open(walkthroughId), key, ended, 'live', operation);
        await context.ports.checkpoint?.('walkthrough:ended');
        const after = walks.open(walkthroughId).walkthrough.steps[key]?.state;
        if (after === 'succeeded' || after === 'undone') return { summary, result: { walkthroughId, ...ended.result } };
        throw new PilothouseError('runbook.step-failed', `"${ended.title}" did not go as it should: ${summary}.`, { hint: 'The walkthrough says what can be done about it.', details: { walkthroughId, key } });
      });
    },
    async settle(walk, key, beganAs, operation) {
      const inner = innerOf(beganAs);
      if (inner === null || !isFinished(inner.state)) return null;
      if (inner.state === 'interrupted') return null;
      return finish(walk, key, inner, 'operation', operation);
    },
  };
}

/** The step that another one takes its restore from, as the file says; null where it says of none. */
function fromOf({ runbook }: Walk, stepId: string): string | null {
  const action = allSteps(runbook).find(({ id }) => id === stepId)?.action;
  return action?.kind === 'procedure' ? (action.with['from'] ?? null) : null;
}

function binderWords(walk: Walk, slot: Slot, binder: Binder): string {
  const binding = slot.target === null ? undefined : walk.walkthrough.bindings[slot.target];
  return binding === undefined ? walk.walkthrough.title : binder.words(binding);
}
