import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { OperationEvent } from '#shared/contract/operations.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { Secret } from '#shared/domain/secret.ts';
import type { ProcedureOutcome, RunningOperation } from '#engine/operations/procedure.ts';
import { createCore, draft, type Core } from '#test/core.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

let core: Core;
let root: string;

beforeEach(async () => {
  root = await temporaryFolder('operations');
  core = createCore(root);
  onTestFinished(async () => {
    await core.runner.close();
    core.log.flush();
    core.store.close();
  });
});

const done = async (): Promise<ProcedureOutcome> => ({ summary: 'Looked.', result: { seen: 3 } });

function start(run: (details: unknown, operation: RunningOperation) => Promise<ProcedureOutcome>, changes: Parameters<typeof draft>[0] = {}) {
  core.runner.register({ kind: 'health.check', plan: async () => draft(changes), run });
  const plan = core.desk.issue('health.check', draft(changes));
  return core.runner.run({ planId: plan.id, token: plan.token, caller: 'test', confirmName: plan.confirmName ?? undefined }).operationId;
}

/** A promise with its handle, for procedures that wait for the test. */
function gate() {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, passed };
}

const untilAborted = (signal: AbortSignal) => new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
const eventsOf = (operationId: string) => core.operations.events(operationId, 0, 1000);

describe('a plan', () => {
  test('runs with its token', async () => {
    const operation = await core.runner.finished(start(done));
    expect(operation).toMatchObject({ state: 'succeeded', summary: 'Looked.', result: { seen: 3 }, fraction: 1 });
  });
  test('runs only once', async () => {
    core.runner.register({ kind: 'health.check', plan: async () => draft(), run: done });
    const { id, token } = core.desk.issue('health.check', draft());
    core.runner.run({ planId: id, token, caller: 'test' });
    expect(() => core.runner.run({ planId: id, token, caller: 'test' })).toThrow(expect.objectContaining({ code: 'operation.token-invalid' }));
  });
  test('is refused with another token', () => {
    const { id, token } = core.desk.issue('health.check', draft());
    expect(() => core.desk.redeem({ planId: id, token: `${token}x` })).toThrow(expect.objectContaining({ code: 'operation.token-invalid' }));
  });
  test('is refused when it is old', () => {
    const { id, token } = core.desk.issue('health.check', draft());
    core.clock.move(16 * 60_000);
    expect(() => core.desk.redeem({ planId: id, token })).toThrow(expect.objectContaining({ code: 'operation.plan-expired' }));
  });
  test('is refused when what is stored is not what was shown', () => {
    const { id, token } = core.desk.issue('health.check', draft({ details: { table: 'one' } }));
    core.store.prepare("UPDATE plans SET details_json = replace(details_json, 'one', 'two') WHERE id = ?").run(id);
    expect(() => core.desk.redeem({ planId: id, token })).toThrow(expect.objectContaining({ code: 'operation.plan-changed' }));
  });
  test('with a critical finding cannot run', () => {
    const plan = core.desk.issue('health.check', draft({ findings: [{ state: 'critical', title: 'No room on the disk' }] }));
    expect(plan.runnable).toBe(false);
    expect(() => core.desk.redeem({ planId: plan.id, token: plan.token })).toThrow(expect.objectContaining({ message: expect.stringContaining('No room on the disk') }));
  });
});

describe('the typed name', () => {
  const onSystem = (environment: 'production' | 'staging', readOnly = false) => {
    const { id, name } = core.systems.insert({ id: `s-${environment}`, name: environment, environment, policy: { thresholds: {}, backupAgeHours: { warn: 26, critical: 50 } }, at: 0 });
    if (readOnly) core.systems.update(id, { readOnly });
    return { id, name, environment, readOnly };
  };

  test('is asked on production for what changes something', () => {
    expect(core.desk.issue('restore.swap', draft({ system: onSystem('production'), changes: true, nameToConfirm: 'shop' })).confirmName).toBe('shop');
  });
  test('is not asked on staging for what can be taken back', () => {
    expect(core.desk.issue('restore.swap', draft({ system: onSystem('staging'), changes: true, nameToConfirm: 'shop' })).confirmName).toBeNull();
  });
  test('is asked everywhere for what cannot be taken back', () => {
    expect(core.desk.issue('restore.drop', draft({ system: onSystem('staging'), changes: true, irreversible: true, nameToConfirm: 'shop__old' })).confirmName).toBe('shop__old');
  });
  test('is asked everywhere once the person wants it so', () => {
    core.settings.write({ alwaysConfirmByName: true });
    expect(core.desk.issue('restore.swap', draft({ system: onSystem('staging'), changes: true, nameToConfirm: 'shop' })).confirmName).toBe('shop');
  });
  test.each([undefined, 'Shop', 'shop '])('is not %j when it should be shop', (typed) => {
    const plan = core.desk.issue('restore.swap', draft({ system: onSystem('production'), changes: true, nameToConfirm: 'shop' }));
    expect(() => core.desk.redeem({ planId: plan.id, token: plan.token, confirmName: typed })).toThrow(expect.objectContaining({ code: 'operation.name-not-confirmed' }));
  });
  test('typed wrongly once does not spend the plan', () => {
    const plan = core.desk.issue('restore.swap', draft({ system: onSystem('production'), changes: true, nameToConfirm: 'shop' }));
    expect(() => core.desk.redeem({ planId: plan.id, token: plan.token, confirmName: 'shpo' })).toThrow();
    expect(core.desk.redeem({ planId: plan.id, token: plan.token, confirmName: 'shop' }).kind).toBe('restore.swap');
  });
  test('does not help against a system that is read only', () => {
    const plan = core.desk.issue('restore.swap', draft({ system: onSystem('staging', true), changes: true }));
    expect(plan.runnable).toBe(false);
    expect(() => core.desk.redeem({ planId: plan.id, token: plan.token })).toThrow(expect.objectContaining({ code: 'operation.read-only' }));
  });
  test('a system that became production after planning has to be planned again', () => {
    const system = onSystem('staging');
    const plan = core.desk.issue('restore.swap', draft({ system, changes: true, nameToConfirm: 'shop' }));
    core.systems.update(system.id, { environment: 'production' });
    expect(() => core.desk.redeem({ planId: plan.id, token: plan.token })).toThrow(expect.objectContaining({ code: 'operation.plan-changed' }));
  });
  test('a system made read only after planning refuses too', () => {
    const system = onSystem('staging');
    const plan = core.desk.issue('restore.swap', draft({ system, changes: true }));
    core.systems.update(system.id, { readOnly: true });
    expect(() => core.desk.redeem({ planId: plan.id, token: plan.token })).toThrow(expect.objectContaining({ code: 'operation.read-only' }));
  });
});

describe('an operation', () => {
  test('that warned succeeds with warnings', async () => {
    const id = start(async (_details, operation) => {
      operation.warn('One table was empty.');
      return done();
    });
    expect(await core.runner.finished(id)).toMatchObject({ state: 'succeeded-with-warnings', warnings: 1 });
  });
  test('that throws fails with the error, its code and its hint', async () => {
    const id = start(async () => {
      throw new PilothouseError('backup.space', 'The disk is full.', { hint: 'Free some.' });
    });
    expect(await core.runner.finished(id)).toMatchObject({ state: 'failed', error: { code: 'backup.space', message: 'The disk is full.', hint: 'Free some.' } });
  });
  test('that throws nothing in particular still fails', async () => {
    const id = start(async () => {
      throw undefined;
    });
    expect((await core.runner.finished(id)).state).toBe('failed');
  });
  test('takes back what it began, newest first, when it fails', async () => {
    const order: string[] = [];
    const id = start(async (_details, operation) => {
      operation.onFailure('the first', async () => void order.push('first'));
      operation.onFailure('the second', async () => void order.push('second'));
      operation.onFailure('the whole one', async () => void order.push('whole')).disarm();
      throw new Error('no');
    });
    await core.runner.finished(id);
    expect(order).toEqual(['second', 'first']);
  });
  test.each([
    [new Error('connection lost'), 'Something went wrong inside Pilothouse: connection lost'],
    [new PilothouseError('postgres.refused', 'Nobody listens on port 5432.'), 'Nobody listens on port 5432'],
  ])('says what it could not take back, and in one sentence why: %s', async (error, why) => {
    const id = start(async (_details, operation) => {
      operation.onFailure('the database shop__new', () => Promise.reject(error));
      throw new Error('no');
    });
    expect([(await core.runner.finished(id)).summary?.endsWith(` Left behind: the database shop__new (${why}).`), core.leftBehind.length]).toEqual([true, 1]);
  });
  test('reports the phases of its plan in order', async () => {
    const id = start(async (_details, operation) => {
      await operation.phase('first', async () => {});
      operation.skip('second', 'there is nothing to do');
      return done();
    });
    await core.runner.finished(id);
    expect(eventsOf(id).map((event) => (event.kind === 'phase' ? `${event.title}: ${event.state}` : event.kind))).toEqual(['First step: started', 'First step: done', 'Second step: skipped', 'result']);
  });
  test('numbers its events without gaps', async () => {
    const id = start(async (_details, operation) => {
      for (let line = 0; line < 1200; line++) operation.log('info', `line ${line}`);
      return done();
    });
    await core.runner.finished(id);
    const events = core.operations.events(id, 0, 5000);
    expect(events.map((event) => event.seq)).toEqual(Array.from({ length: 1201 }, (_value, index) => index + 1));
  });
  test('two on the same target are not under way at once', async () => {
    const first = gate();
    start(async () => (await first.passed, done()), { exclusive: ['database:1'] });
    expect(() => start(done, { exclusive: ['database:1', 'other'] })).toThrow(expect.objectContaining({ code: 'operation.busy', retryable: true }));
    first.open();
  });
  test('tells the notifier when it is finished', async () => {
    await core.runner.finished(start(done));
    expect(core.notified).toEqual([{ title: 'Look at shop', body: 'Looked.', place: expect.stringMatching(/^\/operations\/[\w-]+$/) as string }]);
  });
});

describe('cancelling', () => {
  test('aborts, cleans up, and says that nothing is left', async () => {
    const cleaned: string[] = [];
    const id = start(async (_details, operation) => {
      operation.onFailure('the partial', async () => void cleaned.push('partial'));
      return untilAborted(operation.signal);
    });
    expect(core.runner.cancel(id)).toBe('cancelling');
    expect(await core.runner.finished(id)).toMatchObject({ state: 'cancelled', summary: 'Cancelled. Nothing was left behind.' });
    expect(cleaned).toEqual(['partial']);
  });
  test('that left something behind is a failure, not a cancellation', async () => {
    const id = start(async (_details, operation) => {
      operation.onFailure('the partial', async () => {
        throw new Error('busy');
      });
      return untilAborted(operation.signal);
    });
    core.runner.cancel(id);
    expect((await core.runner.finished(id)).state).toBe('failed');
  });
  test('too late does not turn a success into something else', async () => {
    const step = gate();
    const id = start(async () => (await step.passed, done()));
    core.runner.cancel(id);
    step.open();
    expect((await core.runner.finished(id)).state).toBe('succeeded');
  });
  test('no further phase begins', async () => {
    const step = gate();
    const id = start(async (_details, operation) => {
      await operation.phase('first', () => step.passed);
      await operation.phase('second', async () => {});
      return done();
    });
    core.runner.cancel(id);
    step.open();
    await core.runner.finished(id);
    expect(eventsOf(id).some((event) => event.kind === 'phase' && event.phase === 'second')).toBe(false);
  });
  test('what is finished is refused', async () => {
    const id = start(done);
    await core.runner.finished(id);
    expect(() => core.runner.cancel(id)).toThrow(expect.objectContaining({ code: 'operation.not-running' }));
  });
});

describe('a question to a person', () => {
  test('waits, is stored, and goes on with the answer', async () => {
    const id = start(async (_details, operation) => ({ summary: await operation.ask('Which one?', ['left', 'right']), result: {} }));
    const prompt = await waitFor('the question', () => eventsOf(id).find((event): event is Extract<OperationEvent, { kind: 'prompt' }> => event.kind === 'prompt'));
    expect(core.operations.get(id).state).toBe('waiting');
    core.runner.answer(id, prompt.promptId, 'right');
    expect((await core.runner.finished(id)).summary).toBe('right');
  });
  test('refuses an answer that is none of the choices', async () => {
    const id = start(async (_details, operation) => ({ summary: await operation.ask('Which one?', ['left', 'right']), result: {} }));
    const prompt = await waitFor('the question', () => eventsOf(id).find((event): event is Extract<OperationEvent, { kind: 'prompt' }> => event.kind === 'prompt'));
    expect(() => core.runner.answer(id, prompt.promptId, 'up')).toThrow(expect.objectContaining({ code: 'contract.invalid-input' }));
  });
});

describe('following', () => {
  async function collect(id: string, afterSeq: number) {
    const seen: number[] = [];
    for await (const { events } of core.log.follow(id, afterSeq, new AbortController().signal)) seen.push(...events.map((event) => event.seq));
    return seen;
  }

  test('replays from a sequence number and goes on to the end', async () => {
    const half = gate();
    const id = start(async (_details, operation) => {
      for (let line = 0; line < 5; line++) operation.log('info', `before ${line}`);
      await half.passed;
      for (let line = 0; line < 5; line++) operation.log('info', `after ${line}`);
      return done();
    });
    core.log.flush();
    const following = collect(id, 3);
    half.open();
    expect(await following).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
  });
  test('a finished one ends by itself', async () => {
    const id = start(done);
    await core.runner.finished(id);
    expect(await collect(id, 0)).toEqual([1]);
  });
  test('one that does not exist is refused', async () => {
    await expect(collect('nobody', 0)).rejects.toMatchObject({ code: 'operation.not-found' });
  });
  test('sees nothing that is not stored', async () => {
    const id = start(async (_details, operation) => {
      for (let line = 0; line < 300; line++) operation.log('info', `line ${line}`);
      return done();
    });
    for await (const { events } of core.log.follow(id, 0, new AbortController().signal)) {
      for (const event of events) expect(core.operations.events(id, event.seq - 1, 1)).toHaveLength(1);
    }
  });
});

describe('a secret', () => {
  test('is in no event, result or error', async () => {
    core.scrubber.register(new Secret('hunter2-hunter2'));
    const id = start(async (_details, operation) => {
      operation.log('info', 'the password is hunter2-hunter2');
      operation.command({ text: 'psql password=hunter2-hunter2', target: 'shop', exitStatus: 0, durationMs: 1, output: 'hunter2-hunter2' });
      throw new PilothouseError('postgres.authentication', 'hunter2-hunter2 was refused', { details: { tried: 'hunter2-hunter2' } });
    });
    await core.runner.finished(id);
    const everything = JSON.stringify([eventsOf(id), core.operations.get(id)]);
    expect(everything).not.toContain('hunter2');
    expect(everything).toContain('[redacted]');
  });
});

describe('a crash', () => {
  test('leaves the operation interrupted, with advice of its procedure', async () => {
    const id = start(async (_details, operation) => untilAborted(operation.signal));
    core.log.flush();
    const again = createCore(root);
    onTestFinished(() => void again.store.close());
    again.runner.register({ kind: 'health.check', plan: async () => draft(), run: done, recover: async () => 'Run the check again.' });
    await again.runner.recover();
    expect(again.operations.get(id)).toMatchObject({ state: 'interrupted', advice: 'Run the check again.' });
  });
  test('happened when it was last heard of, not when Pilothouse was started again', async () => {
    const id = start(async (_details, operation) => (operation.log('info', 'begun'), untilAborted(operation.signal)));
    core.log.flush();
    const [last] = core.operations.events(id, 0, 1);
    const again = createCore(root);
    onTestFinished(() => void again.store.close());
    again.clock.move(3_600_000);
    await again.runner.recover();
    expect(again.operations.get(id).endedAt).toBe(last?.at);
  });
  test('whose clean-up fails says so instead of keeping silent', async () => {
    const id = start(async (_details, operation) => untilAborted(operation.signal));
    const again = createCore(root);
    onTestFinished(() => void again.store.close());
    again.runner.register({
      kind: 'health.check',
      plan: async () => draft(),
      run: done,
      recover: async () => {
        throw new PilothouseError('postgres.refused', 'shop is not reached.');
      },
    });
    await again.runner.recover();
    expect(again.operations.get(id).advice).toContain('shop is not reached.');
  });
});

describe('a store that is full', () => {
  test('publishes nothing that it could not keep, and keeps it later', async () => {
    const step = gate();
    const id = start(async (_details, _operation) => {
      await step.passed;
      return done();
    });
    core.log.flush();
    const pages = core.store.pragma('page_count', { simple: true }) as number;
    core.store.pragma(`max_page_count = ${pages}`);
    const big = 'x'.repeat(300_000);
    core.log.append(id, { kind: 'log', phase: null, level: 'info', text: big });
    await waitFor('the store to refuse', () => core.storeFailures.length > 0);
    expect(eventsOf(id)).toEqual([]);
    core.store.pragma('max_page_count = 1000000000');
    step.open();
    await core.runner.finished(id);
    expect(eventsOf(id).map((event) => event.kind)).toEqual(['log', 'result']);
  });
  test('keeps an end back until it fits, and then tells it once', async () => {
    const step = gate();
    const id = start(async () => (await step.passed, { summary: 'x'.repeat(300_000), result: {} }));
    core.log.flush();
    core.store.pragma(`max_page_count = ${core.store.pragma('page_count', { simple: true }) as number}`);
    step.open();
    const finished = core.runner.finished(id);
    await waitFor('the operation to have run', () => core.operations.get(id).state === 'running');
    core.store.pragma('max_page_count = 1000000000');
    await finished;
    expect(eventsOf(id).map((event) => event.kind)).toEqual(['result']);
  });
  test('an operation that cannot even be marked as running fails, and ends nothing else', async () => {
    const update = core.operations.update;
    core.operations.update = (operationId, changes) => {
      if (changes.state === 'running') throw new PilothouseError('store.disk-full', 'The disk is full.');
      update(operationId, changes);
    };
    expect((await core.runner.finished(start(done))).state).toBe('failed');
  });
});

describe('evidence', () => {
  test('is what changed something for good, and nothing else', async () => {
    core.runner.register({ kind: 'restore.swap', plan: async () => draft(), run: done });
    const swap = core.desk.issue('restore.swap', draft());
    await core.runner.finished(core.runner.run({ planId: swap.id, token: swap.token, caller: 'test' }).operationId);
    await core.runner.finished(start(done));
    expect(core.store.prepare('SELECT kind, evidence FROM operations ORDER BY kind').all()).toEqual([
      { kind: 'health.check', evidence: 0 },
      { kind: 'restore.swap', evidence: 1 },
    ]);
  });
});
