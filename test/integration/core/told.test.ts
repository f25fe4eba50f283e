/** What an operation tells while it goes on. */
import { expect, onTestFinished, test } from 'vitest';
import type { OperationEvent } from '#shared/contract/operations.ts';
import type { ProcedureOutcome, RunningOperation } from '#engine/operations/procedure.ts';
import { createCore, draft } from '#test/core.ts';
import { coreThatRuns } from '#test/core-that-runs.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const done: ProcedureOutcome = { summary: 'Looked.', result: {} };

async function eventsOf(work: (operation: RunningOperation) => Promise<void>): Promise<OperationEvent[]> {
  const { core, operationId } = await coreThatRuns(async (operation) => (await work(operation), done));
  await core.runner.finished(operationId);
  return core.operations.events(operationId, 0, 1000);
}

test('what steps tell that go on side by side is kept apart', async () => {
  const events = await eventsOf((operation) =>
    operation.phase('first', () =>
      operation.beside('second', async (step) => {
        operation.log('info', 'of the first');
        step.log('info', 'of the second');
        step.command({ text: 'look', target: 'shop', exitStatus: 0, durationMs: 1 });
      }),
    ),
  );
  const told = events.flatMap((event) => (event.kind === 'phase' ? [`${event.phase} ${event.state}`] : event.kind === 'log' ? [`${event.phase}: ${event.text}`] : []));
  expect(told).toEqual(['first started', 'second started', 'first: of the first', 'second: of the second', 'second: look', 'second done', 'first done']);
});
test('it is not told as nearly over while it goes on', async () => {
  const [first] = await eventsOf(async (operation) => operation.progress({ text: 'Nearly', fraction: 0.2, leftMs: 0.4 }));
  expect(first).toMatchObject({ kind: 'progress', leftMs: 1000 });
});
test('the screens of its area are told when it begins, and not only when it ends', async () => {
  const core = createCore(await temporaryFolder('operation'));
  const leaving = new AbortController();
  onTestFinished(async () => {
    leaving.abort();
    await core.runner.close();
    core.log.flush();
    core.store.close();
  });
  const told = core.changes.follow(leaving.signal)[Symbol.asyncIterator]().next();
  const end = Promise.withResolvers<void>();
  core.runner.register({ kind: 'health.check', plan: async () => draft(), run: async () => (await end.promise, done) });
  const plan = core.desk.issue('health.check', draft());
  core.runner.run({ planId: plan.id, token: plan.token, caller: 'test' });
  expect((await told).value).toEqual({ topics: expect.arrayContaining(['operations', 'health']) });
  end.resolve();
});
