/** What is told of an operation whose work breaks because somebody stopped it. */
import { expect, test } from 'vitest';
import { PilothouseError } from '#shared/domain/errors.ts';
import { coreThatRuns } from '#test/core-that-runs.ts';

test('what breaks because it was cancelled is not told as the failure of a phase or of a command', async () => {
  const { core, operationId } = await coreThatRuns((operation) =>
    operation.phase('first', async () => {
      await new Promise<void>((resolve) => operation.signal.addEventListener('abort', () => resolve()));
      operation.command({ text: 'pg_dump', target: 'shop', exitStatus: 1, durationMs: 1 });
      throw new Error('pg_dump ended with status 1');
    }),
  );
  core.runner.cancel(operationId);
  await core.runner.finished(operationId);
  expect(core.operations.events(operationId, 0, 100).flatMap((event) => (event.kind === 'phase' ? [event.state, event.detail] : event.kind === 'log' ? [event.level] : []))).toEqual(['started', undefined, 'info', 'cancelled', undefined]);
});

test('a step that others had no use for any more is told as cancelled, though the operation goes on', async () => {
  const { core, operationId } = await coreThatRuns(async (operation) => {
    await operation.beside('second', () => Promise.reject(new PilothouseError('operation.cancelled', 'Nobody wants it.'))).catch(() => {});
    return { summary: 'Done', result: {} };
  });
  await core.runner.finished(operationId);
  expect(core.operations.events(operationId, 0, 100).flatMap((event) => (event.kind === 'phase' ? [event.state] : []))).toEqual(['started', 'cancelled']);
});
