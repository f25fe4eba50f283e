/** What this process could not write down at its moment is gone on with: no walkthrough waits for ever for something that is over. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { PilothouseError } from '#shared/domain/errors.ts';
import { deskStage, onWeb, outcome, runbookText, type DeskStage } from '#test/desk-stage.ts';

const change = '  - { id: stop, title: Stop, target: web, sh: systemctl stop web, risk: change, expect: [{ exit: 0, say: It stopped }] }\n';

/** From now on nothing of this walkthrough can be written down. @returns from when on it can again */
function refuse({ context }: DeskStage, walkthroughId: string): () => void {
  context.store.exec(`CREATE TRIGGER refused BEFORE INSERT ON walkthrough_events WHEN NEW.walkthrough_id = '${walkthroughId}' BEGIN SELECT RAISE(ABORT, 'refused'); END`);
  return () => void context.store.exec('DROP TRIGGER refused');
}

async function stopping(stage: DeskStage): Promise<string> {
  const hostId = stage.addHost(stage.addSystem('shop'), 'web-1');
  return stage.begin(stage.write('stop', runbookText(change, { targets: onWeb })), { systemId: 'shop', bindings: { web: { hostId } } });
}

describe('a walkthrough', () => {
  test('whose step ended without anybody being told is unknown, and can be gone on with', async () => {
    const stage = await deskStage();
    const id = await stopping(stage);
    let again = (): void => {};
    stage.runner.send = async () => {
      again = refuse(stage, id);
      return outcome();
    };
    expect((await stage.run(id, 'stop')).state).toBe('failed');
    expect((await stage.step(id, 'stop')).state).toBe('dispatched');
    again();
    stage.room.wake();
    const step = await stage.step(id, 'stop');
    expect([step.state, step.can]).toEqual(['unknown', expect.arrayContaining(['look', 'settle'])]);
  });

  test('whose step still runs is left alone', async () => {
    const stage = await deskStage();
    const id = await stopping(stage);
    const sent = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    stage.runner.send = async () => {
      sent.resolve();
      await end.promise;
      return outcome();
    };
    const operationId = stage.engine.start(await stage.plan(id, 'stop'));
    await sent.promise;
    stage.room.wake();
    expect((await stage.step(id, 'stop')).state).toBe('dispatched');
    end.resolve();
    await stage.context.runner.finished(operationId);
    expect((await stage.step(id, 'stop')).state).toBe('succeeded');
  });

  test('goes on after the runbook that it called, also where that could not be written down when it ended', async () => {
    const stage = await deskStage();
    stage.write('inner', runbookText('  - { id: inside, title: Inside, manual: Do it., confirm: checkbox }\n', { id: 'inner' }));
    const id = await stage.begin(stage.write('outer', runbookText('  - { id: call, title: Call, call: { runbook: inner } }\n  - { id: after, title: After, manual: Do it., confirm: checkbox }\n', { id: 'outer' })));
    const childId = (await stage.act(id, { kind: 'call', key: 'call', use: 'new' })) ?? '';
    const again = refuse(stage, id);
    await stage.act(childId, { kind: 'answer', key: 'inside', value: true, note: '' });
    expect((await stage.view(id)).current).toBe('call');
    again();
    stage.room.wake();
    expect((await stage.view(id)).current).toBe('after');
  });

  test('whose wait cannot be ended keeps no other wait from it', async () => {
    const stage = await deskStage();
    const ref = stage.write('wait', runbookText('  - { id: rest, title: Rest, wait: 1m }\n  - { id: after, title: After, manual: Do it., confirm: checkbox }\n'));
    const ids = [await stage.begin(ref), await stage.begin(ref)];
    for (const id of ids) await stage.act(id, { kind: 'start-wait', key: 'rest' });
    const again = refuse(stage, ids[0] ?? '');
    stage.clock.at += 2 * 60_000;
    stage.room.wake();
    expect(await Promise.all(ids.map(async (id) => (await stage.view(id)).current))).toEqual(['rest', 'after']);
    again();
    stage.room.wake();
    expect((await stage.view(ids[0] ?? '')).current).toBe('after');
  });
});

describe('a step of which nobody knows', () => {
  /** Lost, with a job that has ended meanwhile. */
  const lostStep = async (stage: DeskStage): Promise<string> => {
    const id = await stopping(stage);
    stage.runner.send = async () => {
      throw new PilothouseError('ssh.connection-lost', 'The connection to web-1 was lost.');
    };
    await stage.run(id, 'stop');
    return id;
  };

  test('is looked at by itself, soon, and what its job says is taken', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const stage = await deskStage();
    const id = await lostStep(stage);
    stage.runner.look = async () => ({ state: 'ended', outcome: outcome({ by: 'job' }) });
    vi.advanceTimersByTime(5000);
    stage.clock.at += 5000;
    vi.advanceTimersByTime(5000);
    await vi.waitUntil(async () => (await stage.step(id, 'stop')).state === 'succeeded');
    expect((await stage.step(id, 'stop')).by).toBe('job');
  });

  test('is looked at less and less often, and again within half an hour also where the clock was put back', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const stage = await deskStage();
    const id = await lostStep(stage);
    let looks = 0;
    stage.runner.look = async () => {
      looks += 1;
      throw new PilothouseError('ssh.unreachable', 'web-1 is away.', { retryable: true });
    };
    const pass = async (minutes: number): Promise<number> => {
      for (let minute = 0; minute < minutes; minute += 1) {
        stage.clock.at += 60_000;
        vi.advanceTimersByTime(5000);
        const before = looks;
        await vi.waitUntil(async () => stage.context.runner.active === 0);
        if (looks > before) await vi.waitUntil(async () => ((await stage.step(id, 'stop')).unknown?.looks.length ?? 0) >= looks);
      }
      return looks;
    };
    const firstHours = await pass(180);
    expect(firstHours).toBeGreaterThan(5);
    expect(firstHours).toBeLessThan(14);
    // Once that nobody knows, and not with each look.
    expect(stage.notices.filter((notice) => notice.includes('web-1 is away')).length).toBe(0);
    stage.clock.at -= 24 * 3_600_000;
    expect(await pass(40)).toBeGreaterThan(firstHours);
  });

  test('whose job is gone is looked at three times by itself, and is for a person then', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const stage = await deskStage();
    const id = await lostStep(stage);
    let looks = 0;
    stage.runner.look = async () => {
      looks += 1;
      return { state: 'gone' };
    };
    for (let minute = 0; minute < 120; minute += 1) {
      stage.clock.at += 60_000;
      vi.advanceTimersByTime(5000);
      const before = looks;
      await vi.waitUntil(() => stage.context.runner.active === 0);
      if (looks > before) await vi.waitUntil(async () => ((await stage.step(id, 'stop')).unknown?.looks.length ?? 0) >= looks);
    }
    expect(looks).toBe(3);
    expect((await stage.step(id, 'stop')).can).toContain('look');
  });
});
