import { expect, onTestFinished, test } from 'vitest';
import { createCore, draft } from '#test/core.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

test('what breaks because it was cancelled is not told as the failure of a phase or of a command', async () => {
  const core = createCore(await temporaryFolder('cancelled'));
  onTestFinished(async () => {
    await core.runner.close();
    core.log.flush();
    core.store.close();
  });
  core.runner.register({
    kind: 'health.check',
    plan: async () => draft(),
    run: (_details, operation) =>
      operation.phase('first', async () => {
        await new Promise<void>((resolve) => operation.signal.addEventListener('abort', () => resolve()));
        operation.command({ text: 'pg_dump', target: 'shop', exitStatus: 1, durationMs: 1 });
        throw new Error('pg_dump ended with status 1');
      }),
  });
  const plan = core.desk.issue('health.check', draft());
  const { operationId } = core.runner.run({ planId: plan.id, token: plan.token, caller: 'test' });
  core.runner.cancel(operationId);
  await core.runner.finished(operationId);
  expect(core.operations.events(operationId, 0, 100).flatMap((event) => (event.kind === 'phase' ? [event.state, event.detail] : event.kind === 'log' ? [event.level] : []))).toEqual(['started', undefined, 'info', 'cancelled', undefined]);
});
