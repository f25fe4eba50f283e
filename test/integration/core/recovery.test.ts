import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { ProcedureKind } from '#shared/contract/operations.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { createCore, draft, type Core } from '#test/core.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

let root: string;
let core: Core;

beforeEach(async () => {
  root = await temporaryFolder('recovery');
  core = createCore(root);
  onTestFinished(async () => {
    await core.runner.close();
    core.store.close();
  });
});

/** An operation under way when its engine is killed: nobody of the next start knows of it but the file. */
function underWay(kind: ProcedureKind): string {
  core.runner.register({ kind, plan: async () => draft(), run: (_details, operation) => new Promise((_resolve, reject) => operation.signal.addEventListener('abort', () => reject(operation.signal.reason as Error))) });
  const plan = core.desk.issue(kind, draft());
  return core.runner.run({ planId: plan.id, token: plan.token, caller: 'test' }).operationId;
}

function startAgain(kind: ProcedureKind, recover: () => Promise<string>): Core {
  const again = createCore(root);
  again.runner.register({ kind, plan: async () => draft(), run: async () => ({ summary: 'Looked.', result: {} }), recover });
  return again;
}

/** Recovers twice, as a start and its later look do, and says how often the procedure was asked. */
async function askedBy(kind: ProcedureKind, operationId: string): Promise<{ asked: number; advice: string | null }> {
  let asked = 0;
  const again = startAgain(kind, async () => `Asked ${(asked += 1)} times.`);
  onTestFinished(() => void again.store.close());
  await again.runner.recover();
  await again.runner.recover();
  return { asked, advice: again.operations.get(operationId).advice };
}

test('a clean-up that a start was closed over is asked for again at the next one, and gives its advice once', async () => {
  const id = underWay('health.check');
  const closed = startAgain('health.check', () => new Promise(() => {}));
  void closed.runner.recover();
  await waitFor('the operation to be concluded', () => closed.operations.get(id).state === 'interrupted');
  closed.store.close();
  expect(await askedBy('health.check', id)).toEqual({ asked: 1, advice: 'Asked 1 times.' });
});

test.each<[ProcedureKind, number]>([
  ['restore.swap', 1],
  ['practice.down', 0],
])('a clean-up of %s that failed is tried again where it looks at a server before it does anything', async (kind, times) => {
  const id = underWay(kind);
  const failed = startAgain(kind, () => Promise.reject(new PilothouseError('postgres.refused', 'shop is not reached.')));
  await failed.runner.recover();
  failed.store.close();
  expect((await askedBy(kind, id)).asked).toBe(times);
});
