/** The engine's core alone, with one operation that does the work of a test. */
import { onTestFinished } from 'vitest';
import type { ProcedureOutcome, RunningOperation } from '#engine/operations/procedure.ts';
import { createCore, draft, type Core } from './core.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** @param work may be under way already when this returns */
export async function coreThatRuns(work: (operation: RunningOperation) => Promise<ProcedureOutcome>): Promise<{ core: Core; operationId: string }> {
  const core = createCore(await temporaryFolder('operation'));
  onTestFinished(async () => {
    await core.runner.close();
    core.log.flush();
    core.store.close();
  });
  core.runner.register({ kind: 'health.check', plan: async () => draft(), run: (_details, operation) => work(operation) });
  const plan = core.desk.issue('health.check', draft());
  return { core, ...core.runner.run({ planId: plan.id, token: plan.token, caller: 'test' }) };
}
