import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createCore, draft } from '#test/core.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

test('a plan and its operation say and keep no secret, though a server said one, and what is run by is as it was', async () => {
  const root = await temporaryFolder('plan-canary');
  const core = createCore(root);
  onTestFinished(() => void core.store.close());
  core.scrubber.register('canary-22');
  const said = 'as canary-22';
  let ran: unknown;
  core.runner.register({
    kind: 'health.check',
    plan: async () => draft(),
    run: async (details) => {
      ran = details;
      return { summary: said, result: { said } };
    },
  });
  const plan = core.desk.issue('health.check', draft({ title: said, question: said, target: said, steps: [{ id: 'look', title: said, detail: said }], consequences: [said], findings: [{ state: 'warn', title: said, fix: said }], wayBack: said, details: { into: 'copy' } }));
  const { operationId } = core.runner.run({ planId: plan.id, token: plan.token, caller: 'test' });
  await core.runner.finished(operationId);
  await core.runner.close();
  core.log.flush();
  core.store.pragma('wal_checkpoint(TRUNCATE)');
  expect(JSON.stringify(plan)).not.toContain('canary');
  expect(readFileSync(join(root, 'pilothouse.db')).includes('canary')).toBe(false);
  expect([ran, core.operations.get(operationId).title]).toEqual([{ into: 'copy' }, 'as [redacted]']);
});
