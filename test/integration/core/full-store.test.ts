import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { methods, type MethodName } from '#shared/contract/index.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { createDispatcher } from '#engine/dispatch/dispatcher.ts';
import type { Handlers } from '#engine/dispatch/handlers.ts';
import type { RunningOperation } from '#engine/operations/procedure.ts';
import { createCore, draft, type Core } from '#test/core.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

let core: Core;

beforeEach(async () => {
  core = createCore(await temporaryFolder('full'));
  onTestFinished(async () => {
    await core.runner.close();
    core.store.close();
  });
});

/** From now on the file may not grow, as on a disk without room. */
const fill = () => void core.store.pragma(`max_page_count = ${core.store.pragma('page_count', { simple: true }) as number}`);
const free = () => void core.store.pragma('max_page_count = 1000000000');
const big = 'x'.repeat(300_000);

function run(work: (operation: RunningOperation) => Promise<void>) {
  core.runner.register({
    kind: 'health.check',
    plan: async () => draft(),
    run: async (_details, operation) => {
      operation.onFailure('the full disk', async () => free());
      await work(operation);
      return { summary: 'Looked.', result: {} };
    },
  });
  const plan = core.desk.issue('health.check', draft());
  return core.runner.finished(core.runner.run({ planId: plan.id, token: plan.token, caller: 'test' }).operationId);
}

test('a step that fails while the store is full fails for its own reason', async () => {
  const { error } = await run((operation) =>
    operation.phase('first', async () => {
      fill();
      operation.log('info', big);
      throw new PilothouseError('backup.dump-failed', 'pg_dump ended.');
    }),
  );
  expect(error?.code).toBe('backup.dump-failed');
});

test('an operation that the full store itself ends says so', async () => {
  const { error } = await run(async () => {
    fill();
    core.settings.writeFact('big', big);
  });
  expect(error).toMatchObject({ code: 'store.disk-full', hint: expect.stringContaining('Free some space') });
});

test('a call that the full store refuses is answered with that', async () => {
  const write = () => {
    fill();
    core.settings.writeFact('big', big);
  };
  const handlers = Object.fromEntries(Object.keys(methods).map((name) => [name, write])) as unknown as Handlers<MethodName>;
  const dispatcher = createDispatcher({ ports: core.ports, scrubber: core.scrubber, handlers, streamHandlers: {} as never });
  await expect(dispatcher.call('settings.get', {}, { caller: 'test' })).rejects.toMatchObject({ code: 'store.disk-full', retryable: true });
});
