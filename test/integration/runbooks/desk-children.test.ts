/** Runbooks that a step calls, and what is known of steps that may be repeated: whose end counts, and when. */
import { describe, expect, test } from 'vitest';
import { PilothouseError } from '#shared/domain/errors.ts';
import { deskStage, onWeb, outcome, runbookText, type DeskStage } from '#test/desk-stage.ts';

const inner = '  - { id: inside, title: Inside, manual: Do it., confirm: checkbox }\n';
const calls = (more: string): string => `  - { id: call, title: Call, call: { runbook: inner${more} } }\n  - { id: after, title: After, manual: Do it., confirm: checkbox }\n`;

async function called(stage: DeskStage, more = ''): Promise<{ id: string; childId: string }> {
  stage.write('inner', runbookText(inner, { id: 'inner' }));
  const id = await stage.begin(stage.write('outer', runbookText(calls(more), { id: 'outer' })));
  return { id, childId: (await stage.act(id, { kind: 'call', key: 'call', use: 'new' })) ?? '' };
}

describe('a called runbook', () => {
  test('that failed is a step that failed, and can be called again', async () => {
    const stage = await deskStage();
    const { id, childId } = await called(stage);
    await stage.act(childId, { kind: 'abort', reason: 'not today' });
    const step = await stage.step(id, 'call');
    expect([step.state, step.verdicts, step.can.includes('retry')]).toEqual(['failed', [{ say: '"Tried inner" ended well', ok: false, seen: 'not today' }], true]);
    await stage.act(id, { kind: 'retry', key: 'call' });
    const again = await stage.act(id, { kind: 'call', key: 'call', use: 'new' });
    await stage.act(again ?? '', { kind: 'answer', key: 'inside', value: true, note: '' });
    expect((await stage.step(id, 'call')).state).toBe('succeeded');
  });

  test('that only has to end says nothing of having ended well', async () => {
    const stage = await deskStage();
    const { id, childId } = await called(stage, ', require: any');
    await stage.act(childId, { kind: 'abort', reason: 'not today' });
    const step = await stage.step(id, 'call');
    expect([step.state, step.verdicts]).toEqual(['succeeded', [{ say: '"Tried inner" ended, whichever way', ok: true, seen: 'not today' }]]);
  });

  test('of which a step was skipped is said by its caller, too', async () => {
    const stage = await deskStage();
    const { id, childId } = await called(stage);
    await stage.act(childId, { kind: 'skip', key: 'inside', reason: 'not needed today' });
    expect((await stage.step(id, 'call')).state).toBe('succeeded');
    await stage.act(id, { kind: 'answer', key: 'after', value: true, note: '' });
    expect((await stage.view(id)).run).toMatchObject({ state: 'succeeded-with-skips', stateText: 'Done, with steps skipped. Skipped in part: Call.' });
  });

  test('keeps its caller from being ended or taken back while it is under way', async () => {
    const stage = await deskStage();
    const { id } = await called(stage);
    expect(await stage.view(id)).toMatchObject({ canAbort: false, rollback: { possible: false } });
    await expect(stage.act(id, { kind: 'abort', reason: 'enough' })).rejects.toMatchObject({ code: 'runbook.not-now' });
  });

  test('may end while its caller is paused, which goes on from there', async () => {
    const stage = await deskStage();
    const { id, childId } = await called(stage);
    await stage.act(id, { kind: 'pause', why: 'lunch' });
    await stage.act(childId, { kind: 'answer', key: 'inside', value: true, note: '' });
    expect((await stage.view(id)).run.state).toBe('paused');
    await stage.act(id, { kind: 'resume' });
    expect((await stage.view(id)).current).toBe('after');
  });
});

describe('one that was walked before', () => {
  /** Walked to its end, so many minutes ago. */
  const walked = async (stage: DeskStage, minutes: number, mode: 'live' | 'rehearsal' = 'live'): Promise<string> => {
    const before = await stage.begin(stage.write('inner', runbookText(inner, { id: 'inner' })), { mode });
    await stage.act(before, { kind: 'answer', key: 'inside', value: true, note: '' });
    stage.clock.at += minutes * 60_000;
    return before;
  };

  test.each([
    ['lately enough will do', 30, 'live', true],
    ['too long ago will not do', 90, 'live', false],
    ['as a rehearsal will not do', 30, 'rehearsal', false],
  ] as const)('%s', async (_words, minutes, mode, isUsable) => {
    const stage = await deskStage();
    const before = await walked(stage, minutes, mode);
    const id = await stage.begin(stage.write('outer', runbookText(calls(', within: 1h'), { id: 'outer' })));
    expect((await stage.step(id, 'call')).usable.map((run) => run.id)).toEqual(isUsable ? [before] : []);
    const used = stage.act(id, { kind: 'call', key: 'call', use: { walkthroughId: before } });
    if (isUsable) await used;
    else await expect(used).rejects.toMatchObject({ code: 'runbook.not-now' });
    expect((await stage.view(id)).current).toBe(isUsable ? 'after' : 'call');
  });
});

describe('a step of which nobody knows, and which may be done twice', () => {
  const lost = async (stage: DeskStage, idempotent: boolean): Promise<string> => {
    const hostId = stage.addHost(stage.addSystem('shop'), 'web-1');
    const step = `  - { id: set, title: Set, target: web, sh: ./set, risk: change, detach: false, idempotent: ${idempotent}, expect: [{ exit: 0, say: It is set }], undo: [{ sh: ./unset, risk: change }] }\n`;
    const id = await stage.begin(stage.write('set', runbookText(step, { targets: onWeb })), { systemId: 'shop', bindings: { web: { hostId } } });
    stage.runner.send = async () => {
      throw new PilothouseError('ssh.connection-lost', 'The connection to web-1 was lost.');
    };
    await stage.run(id, 'set');
    return id;
  };

  test('can be begun again by a person, and stays one that may have happened', async () => {
    const stage = await deskStage();
    const id = await lost(stage, true);
    await stage.act(id, { kind: 'retry', key: 'set' });
    expect((await stage.view(id)).rollback.undoes).toEqual(['Undo of Set']);
    stage.runner.send = async () => outcome();
    await stage.run(id, 'set');
    expect((await stage.view(id)).run.state).toBe('succeeded');
  });

  test('and one that may not is not offered again without anybody knowing', async () => {
    const stage = await deskStage();
    const id = await lost(stage, false);
    expect((await stage.step(id, 'set')).can).not.toContain('retry');
    await expect(stage.act(id, { kind: 'retry', key: 'set' })).rejects.toMatchObject({ code: 'runbook.not-now' });
    await expect(stage.plan(id, 'set')).rejects.toMatchObject({ code: 'runbook.not-now' });
  });

  test('is named where its undo is planned: nobody knows whether there is anything to take back', async () => {
    const stage = await deskStage();
    const id = await lost(stage, false);
    await stage.act(id, { kind: 'rollback', reason: 'not good' });
    const plan = await stage.plan(id, 'undo:set:0');
    expect(plan.findings.map(({ title }) => title)).toContain('Nobody knows whether what it takes back has happened: Set');
  });
});

test('a step that is tried again asks each time who is there', async () => {
  const stage = await deskStage();
  const databaseId = stage.addDatabase(stage.addSystem('shop'), 'shop');
  const step = '  - { id: row, title: A row, target: db, sql: "INSERT INTO t VALUES (1)", risk: change, idempotent: true, retry: { attempts: 3, delay: 1ms }, expect: [{ rows: "value == 1", say: One row }] }\n';
  const id = await stage.begin(stage.write('row', runbookText(step, { targets: 'targets:\n  db: { kind: postgres, label: Database }\n' })), { systemId: 'shop', bindings: { db: { databaseId } } });
  let count = 0;
  stage.runner.send = async () => {
    count += 1;
    stage.clusters.set(databaseId, 'cluster-2');
    return outcome({ exitStatus: 1, stderr: 'ERROR: not now' });
  };
  await stage.run(id, 'row');
  expect([count, (await stage.step(id, 'row')).state]).toEqual([1, 'failed']);
});
