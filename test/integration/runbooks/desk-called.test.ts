/** Procedures of the console that a runbook calls: of the one that was meant, judged by what they made, and undone also where nobody heard how they ended. */
import { describe, expect, test } from 'vitest';
import type { EngineClient } from '#shared/contract/index.ts';
import type { Plan } from '#shared/contract/operations.ts';
import type { CalledProcedure } from '#shared/domain/runbook/definition.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { ProcedureOutcome } from '#engine/operations/procedure.ts';
import { planCalled, type Call } from '#engine/runbooks/desk/called.ts';
import { deskStage, runbookText, type DeskStage } from '#test/desk-stage.ts';

const onDb = 'targets:\n  db: { kind: postgres, label: Database }\n';
const hour = 3_600_000;

interface Console {
  stage: DeskStage;
  databaseId: string;
  /** Methods that were asked, with what. */
  asked: [string, unknown][];
  /** What each procedure makes of its run. */
  outcomes: Partial<Record<CalledProcedure, () => ProcedureOutcome>>;
  answers: Record<string, unknown>;
}

/** A console whose procedures do what the test says. */
async function console(): Promise<Console> {
  const asked: Console['asked'] = [];
  const outcomes: Console['outcomes'] = {};
  const answers: Console['answers'] = {};
  const planned = new Map<string, (input: unknown) => Promise<Plan>>();
  const client = {
    async call(method: string, input: unknown) {
      asked.push([method, input]);
      const plan = planned.get(method);
      return plan === undefined ? answers[method] : { plan: await plan(input) };
    },
  } as unknown as EngineClient;
  const stage = await deskStage({ ask: () => client });
  const databaseId = stage.addDatabase(stage.addSystem('shop'), 'shop');
  for (const [kind, method] of [['health.check', 'health.plan'], ['backup.run', 'backup.plan'], ['restore.beside', 'restore.plan'], ['restore.swap', 'restore.planSwap'], ['restore.undo', 'restore.planUndo']] as const) {
    const { plan } = stage.context.runner.register<unknown, object>({
      kind,
      plan: async () => ({ title: kind, question: `${kind}?`, system: { id: 'shop', name: 'shop', environment: 'development', readOnly: false }, target: 'shop', targets: [], steps: [], consequences: [], findings: [], wayBack: null, changes: kind !== 'health.check', irreversible: false, nameToConfirm: null, estimatedMs: null, exclusive: [], details: {} }),
      run: async () => (outcomes[kind] ?? (() => ({ summary: 'Done', result: {} })))(),
    });
    planned.set(method, plan);
  }
  return { stage, databaseId, asked, outcomes, answers };
}

const begin = ({ stage, databaseId }: Console, steps: string): Promise<string> => stage.begin(stage.write('called', runbookText(steps, { targets: onDb })), { systemId: 'shop', bindings: { db: { databaseId } } });
const call = (id: string, procedure: string, more = ''): string => `  - { id: ${id}, title: ${id}, target: db, call: { procedure: ${procedure}${more} }, pause: before }\n`;

describe('a procedure that a runbook calls', () => {
  test('of a proof that is too low has not gone as it should', async () => {
    const all = await console();
    all.outcomes['backup.run'] = () => ({ summary: 'Backed up', result: { backupId: 'b1' } });
    all.answers['backup.get'] = { backup: { id: 'b1', proof: 'L1', rows: 10, tables: 2 } };
    const id = await begin(all, call('save', 'backup.run', ', require: L2'));
    await all.stage.run(id, 'save');
    const step = await all.stage.step(id, 'save');
    expect([step.state, step.verdicts.at(-1)]).toEqual(['failed', { say: 'The copy is proven to L2', ok: false, seen: 'L1, 10 rows in 2 tables' }]);
  });

  test('is shown with what it is called with, and names what is not known yet', async () => {
    const all = await console();
    const { stage, databaseId } = all;
    const steps = `  - { id: sure, title: Sure, manual: Say so., confirm: number, capture: { level: { regex: "[0-9]+" } } }\n${call('copy', 'restore.beside', ', with: { into: "{{ copy }}", max_age: "{{ level }}h" }, require: equal')}`;
    const id = await stage.begin(stage.write('called', runbookText(steps, { targets: onDb, params: 'params:\n  copy: { type: string, label: Copy, default: shop_test }\n' })), { systemId: 'shop', bindings: { db: { databaseId } } });
    const { text, missing } = await stage.step(id, 'copy');
    expect([text.split('\n').slice(1), missing]).toEqual([['into: shop_test', 'max_age: ⟨set by step Sure⟩h', 'has to be: equal'], [expect.stringContaining('level')]]);
  });

  test('of a health check is judged by the worst that was found', async () => {
    const all = await console();
    all.outcomes['health.check'] = () => ({ summary: 'Checked', result: { runId: 'h1' } });
    all.answers['health.run'] = { run: { status: 'warn' } };
    const id = await begin(all, call('look', 'health.check', ', require: ok'));
    await all.stage.run(id, 'look');
    expect((await all.stage.step(id, 'look')).state).toBe('failed');
  });

  test.each([['health.check', 'ok'], ['backup.run', 'L2'], ['restore.beside', 'equal']] as const)('%s that says nothing of what it made is not what was required (%s)', async (procedure, require) => {
    const all = await console();
    all.answers['backup.list'] = { backups: [{ id: 'b1', damaged: null, proof: 'L3', takenAt: '2026-03-01T09:00:00.000Z' }] };
    const id = await begin(all, call('do', procedure, `, require: ${require}`));
    await all.stage.run(id, 'do');
    const step = await all.stage.step(id, 'do');
    expect([step.state, step.verdicts.at(-1)?.seen]).toEqual(['failed', 'it did not say what it made, so that nothing could be looked at']);
  });

  test('is not begun for a database that is on another cluster than when the walkthrough was begun', async () => {
    const all = await console();
    let runs = 0;
    all.outcomes['backup.run'] = () => {
      runs += 1;
      return { summary: 'Backed up', result: {} };
    };
    const id = await begin(all, call('save', 'backup.run'));
    const shown = await all.stage.plan(id, 'save');
    all.stage.context.systems.updateDatabase(all.databaseId, { systemIdentifier: 'cluster-2' });
    expect((await all.stage.engine.run(shown)).error?.code).toBe('runbook.target-changed');
    expect((await all.stage.plan(id, 'save')).runnable).toBe(false);
    expect([runs, (await all.stage.step(id, 'save')).state]).toEqual([0, 'eligible']);
  });

  test('and that failed is a step that failed, and can be tried again', async () => {
    const all = await console();
    all.outcomes['backup.run'] = () => {
      throw new PilothouseError('backup.dump-failed', 'The disk is full.');
    };
    const id = await begin(all, call('save', 'backup.run'));
    await all.stage.run(id, 'save');
    expect(await all.stage.step(id, 'save')).toMatchObject({ state: 'failed', can: expect.arrayContaining(['retry']) as unknown });
  });

  test('of which nobody heard how it ended can be undone by the runbook', async () => {
    const all = await console();
    all.answers['backup.list'] = { backups: [{ id: 'b1', damaged: null, proof: 'L3', takenAt: '2026-03-01T09:00:00.000Z' }] };
    all.answers['restore.get'] = { restore: { into: 'shop_copy', equal: true, rows: 1, tables: 1 } };
    all.outcomes['restore.beside'] = () => ({ summary: 'Restored', result: { restoreId: 'r1' } });
    const swap = call('swap', 'restore.swap', ', with: { from: beside }').replace(', pause', ', undo: [{ call: { procedure: restore.undo, with: { from: swap } } }], pause');
    const id = await begin(all, `${call('beside', 'restore.beside')}${swap}  - { id: end, title: End, manual: It is right., confirm: checkbox }\n`);
    await all.stage.run(id, 'beside');
    // The engine ended in the middle of the swap, and a person says that it happened.
    all.stage.context.store.exec(`CREATE TRIGGER refused BEFORE INSERT ON walkthrough_events WHEN NEW.kind = 'ended' BEGIN SELECT RAISE(ABORT, 'refused'); END`);
    await all.stage.run(id, 'swap');
    all.stage.context.store.exec('DROP TRIGGER refused');
    all.stage.room.wake();
    await all.stage.act(id, { kind: 'settle', key: 'swap', happened: true, evidence: 'The names are swapped' });
    await all.stage.act(id, { kind: 'rollback', reason: 'not good' });
    await all.stage.run(id, 'undo:swap:0');
    expect(all.asked.find(([method]) => method === 'restore.planUndo')).toEqual(['restore.planUndo', { restoreId: 'r1' }]);
    expect((await all.stage.view(id)).run.state).toBe('rolled-back');
  });
});

describe('the copy that is restored', () => {
  const now = Date.parse('2026-03-02T12:00:00Z');
  const asking = (settings: Record<string, string>, takenAt: string): Promise<Plan> => {
    const backup = { id: 'b1', damaged: null, proof: 'L3', takenAt };
    const client = { call: async (method: string) => (method === 'backup.list' ? { backups: [backup] } : method === 'backup.get' ? { backup } : { plan: 'planned' }) } as unknown as EngineClient;
    const called: Call = { action: { kind: 'procedure', procedure: 'restore.beside', with: settings, require: null }, settings, systemId: 'shop', binding: { kind: 'postgres', databaseId: 'd1', label: 'shop', database: 'shop', systemIdentifier: null }, values: {}, fromOf: () => null };
    return planCalled(called, client, now);
  };
  const ago = (hours: number): string => new Date(now - hours * hour).toISOString();

  test.each([
    ['of 25 hours, where 26 are accepted', { max_age: '26h' }, 25, null],
    ['of 27 hours, where 26 are accepted', { max_age: '26h' }, 27, 'is older than 26h'],
    ['of 27 hours that is named itself, where 26 are accepted', { backup: 'b1', max_age: '26h' }, 27, 'is older than 26h'],
    ['of any age, where what is accepted is no time', { max_age: 'a day' }, 1, '"a day" is no time'],
    ['that is dated ahead of this computer', { max_age: '26h' }, -3, 'nobody knows how old it is'],
  ])('%s', async (_words, settings, hours, refusal) => {
    if (refusal === null) await expect(asking(settings, ago(hours))).resolves.toBe('planned');
    else await expect(asking(settings, ago(hours))).rejects.toMatchObject({ code: 'runbook.value-invalid', message: expect.stringContaining(refusal) as string });
  });
});
