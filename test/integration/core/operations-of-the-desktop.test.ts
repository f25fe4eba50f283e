import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { ProcedureOutcome, RunningOperation } from '#engine/operations/procedure.ts';
import { createCore, draft, type Core } from '#test/core.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

let core: Core;

beforeEach(async () => {
  core = createCore(await temporaryFolder('asleep'));
  onTestFinished(async () => {
    await core.runner.close();
    core.log.flush();
    core.store.close();
  });
});

const done = async (): Promise<ProcedureOutcome> => ({ summary: 'Looked.', result: {} });

function start(run: (operation: RunningOperation) => Promise<ProcedureOutcome>, changes: Parameters<typeof draft>[0] = {}): string {
  core.runner.register({ kind: 'health.check', plan: async () => draft(changes), run: (_details, operation) => run(operation) });
  const plan = core.desk.issue('health.check', draft(changes));
  return core.runner.run({ planId: plan.id, token: plan.token, caller: 'test' }).operationId;
}

/** One that ends when the test says so. */
function startHeld(): { id: string; end: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { id: start(async () => (await promise, done())), end: resolve };
}

const untilAborted = (signal: AbortSignal) => new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

describe('a computer that sleeps', () => {
  const linesOf = (id: string): string[] => core.operations.events(id, 0, 100).flatMap((event) => (event.kind === 'log' ? [event.text] : []));

  test('is told in the log of what runs, with how long it slept', async () => {
    const { id, end } = startHeld();
    core.runner.power('suspend');
    // Before it sleeps: it may never wake.
    expect(core.operations.events(id, 0, 10).map((event) => event.kind === 'log' && event.text)).toEqual(['This computer goes to sleep']);
    core.clock.move(2 * 3_600_000 + 13 * 60_000);
    core.runner.power('resume');
    end();
    await core.runner.finished(id);
    expect(linesOf(id)).toEqual(['This computer goes to sleep', 'This computer slept for 2 h 13 min']);
  });
  test('is told of no time that nobody has seen begin', async () => {
    const { id, end } = startHeld();
    core.runner.power('resume');
    end();
    await core.runner.finished(id);
    expect(linesOf(id)).toEqual(['This computer woke up']);
  });
  test('has what runs ask anew when it wakes, each time', async () => {
    const reasons: unknown[] = [];
    const id = start(async (operation) => {
      for (let sleep = 0; sleep < 2; sleep += 1) await untilAborted(operation.nextWake()).catch((error: unknown) => reasons.push(error));
      return done();
    });
    core.runner.power('suspend');
    expect(reasons).toEqual([]);
    core.runner.power('resume');
    await waitFor('the first to be heard of', () => reasons.length === 1);
    core.runner.power('resume');
    expect([(await core.runner.finished(id)).state, reasons]).toMatchObject(['succeeded', [{ code: 'ssh.connection-lost', retryable: true }, { code: 'ssh.connection-lost' }]]);
  });
});

test('an operation that waits for a person tells the notifier, and where', async () => {
  const id = start(async (operation) => ({ summary: await operation.ask('Which one?', ['left', 'right']), result: {} }));
  await waitFor('the question', () => core.operations.get(id).state === 'waiting');
  expect(core.notified).toEqual([{ title: 'Look at shop', body: 'Which one?', place: `/operations/${id}` }]);
});
test('who is told of the end of an operation is told of which system it was', async () => {
  const system = { id: 's1', name: 'Neff Paving', environment: 'staging', readOnly: false } as const;
  core.systems.insert({ ...system, policy: { thresholds: {}, backupAgeHours: { warn: 26, critical: 50 } }, at: 0 });
  await core.runner.finished(start(async () => done(), { system }));
  expect(core.notified.map(({ title }) => title)).toEqual(['Look at shop (Neff Paving)']);
});
