import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import type { MethodName } from '#shared/contract/index.ts';
import type { Operation, Plan } from '#shared/contract/operations.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { byFullId, findBackup, newest } from '../../electron/cli/find.ts';
import { planText, requireConfirmable, runPlan, runToEnd } from '../../electron/cli/run-plan.ts';
import type { GlobalOptions, Session } from '../../electron/cli/session.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

interface Fake {
  session: Session;
  /** Ctrl-C, as the session would pass it on. */
  interrupt(): void;
  /** The methods that were called. */
  asked: MethodName[];
}

/** A session whose engine knows one operation, which ends as soon as it was cancelled. */
function fakeSession(options: { atTerminal?: boolean; global?: GlobalOptions; onRun?: (fake: Fake) => void } = {}): Fake {
  let handler = (): void => {
    throw new Error('The command would have ended while the operation begins.');
  };
  const asked: MethodName[] = [];
  const terminal = { isTTY: options.atTerminal === true };
  const operation = (): Partial<Operation> => ({ id: 'o1', title: 'Back up shop', state: asked.includes('operation.cancel') ? 'cancelled' : 'succeeded', summary: null, error: null });
  const session: Partial<Session> = {
    io: { stdin: Object.assign(Readable.from([]), terminal), stdout: new PassThrough(), stderr: Object.assign(new PassThrough(), terminal), onInterrupt: () => () => {}, endNow: () => {} },
    options: options.global ?? {},
    say() {},
    onInterrupt(replacement) {
      handler = replacement;
      return () => {};
    },
    call: (async (method: MethodName) => {
      asked.push(method);
      if (method === 'operation.run') options.onRun?.(fake);
      return method === 'operation.run' ? { operationId: 'o1' } : method === 'operation.cancel' ? { state: 'cancelling' } : { operation: operation(), plan: null };
    }) as Session['call'],
    async *follow() {},
  };
  const fake: Fake = { session: session as Session, asked, interrupt: () => handler() };
  return fake;
}

describe('Ctrl-C', () => {
  test('while an operation begins cancels it once its id is known', async () => {
    const { session, asked } = fakeSession({ onRun: (fake) => fake.interrupt() });
    const ended = await runToEnd(session, { planId: 'p1', token: 't' });
    expect([ended.state, asked]).toEqual(['cancelled', ['operation.run', 'operation.cancel', 'operation.get']]);
  });
});

describe('a question', () => {
  const plan: Partial<Plan> = { id: 'p1', token: 't', kind: 'backup.run', title: 'Back up shop', question: 'Back up shop?', confirmName: null, changes: true, irreversible: false, environment: 'practice', findings: [], targets: [], consequences: [], wayBack: null };
  const saidOf = async (options: Parameters<typeof fakeSession>[0], changes: Partial<Plan> = {}) => {
    const { session } = fakeSession(options);
    const said: string[] = [];
    await runPlan(Object.assign(session, { say: (text: string) => said.push(text) }), { ...plan, ...changes } as Plan).catch(() => {});
    return said[0]?.split('\n')[0];
  };
  test.each([
    ['where nothing is asked', { atTerminal: true }, {}, 'Back up shop [practice]'],
    ['in a script', {}, {}, 'Back up shop [practice]'],
    ['where --yes has answered it', { atTerminal: true, global: { yes: true } }, { findings: [{ state: 'warn', title: 'Mind' }] }, 'Back up shop [practice]'],
  ] as const)('is not put %s', async (_where, options, changes, first) => {
    expect(await saidOf(options, changes as Partial<Plan>)).toBe(first);
  });
  test('is put where an answer is waited for', async () => {
    expect(await saidOf({ atTerminal: true }, { confirmName: 'shop' })).toBe('Back up shop? [practice]');
  });
});

describe('a plan that something stands in the way of', () => {
  const plan = { id: 'p1', token: 't', kind: 'restore.beside', title: 'Restore shop as shop', question: 'Restore the backup of shop into the new database shop?', confirmName: 'shop', changes: true, irreversible: false, environment: 'practice', targets: [{ label: 'shop on here:5432' }], consequences: ['A new database shop stands.'], wayBack: 'Drop shop.', findings: [{ state: 'critical', title: 'There is a database shop already', fix: 'Choose another name: shop__new is free.' }, { state: 'warn', title: 'Another thing' }] } as unknown as Plan;
  test('says only what that is, and what to do', () => {
    expect(planText(plan, true)).toBe('Restore shop as shop [practice]: this cannot run as it stands\n  On shop on here:5432\n  In the way: There is a database shop already (Choose another name: shop__new is free.)');
  });
  test('is not to be confirmed by name before the engine refuses it', async () => {
    const { session, asked } = fakeSession();
    await runPlan(session, plan);
    const prompted = fakeSession({ atTerminal: true });
    const typed = vi.spyOn(prompted.session.io.stderr, 'write');
    await runPlan(prompted.session, plan);
    expect([asked[0], typed.mock.calls.length]).toEqual(['operation.run', 0]);
  });
});

describe('what will have to be confirmed at the end of long work', () => {
  const refused = (options: Parameters<typeof fakeSession>[0], name: string | null) => () => requireConfirmable(fakeSession(options).session, 'Swap shop', name);

  test.each([
    ['a name that was not given', { global: { confirm: ['shop__new'] } }, 'shop'],
    ['a name, and none was given in a script', {}, 'shop'],
    ['a name, and only --yes was given in a script', { global: { yes: true } }, 'shop'],
    ['a name that was not given at a terminal, where another was', { atTerminal: true, global: { confirm: ['shop__new'] } }, 'shop'],
    ['a yes in a script', {}, null],
  ])('is refused at once where it wants %s', (_what, options, name) => {
    expect(refused(options, name)).toThrow(expect.objectContaining({ code: 'operation.name-not-confirmed' }));
  });
  test.each([
    ['a name that was given beside another', { global: { confirm: ['shop__new', 'shop'] } }, 'shop'],
    ['a name, and somebody can be asked', { atTerminal: true }, 'shop'],
    ['a yes, which was given', { global: { yes: true } }, null],
    ['a yes, and a name was given', { global: { confirm: ['shop__new'] } }, null],
    ['a yes, and somebody can be asked', { atTerminal: true }, null],
  ])('goes on where it wants %s', (_what, options, name) => {
    expect(refused(options, name)).not.toThrow();
  });
});

describe('a backup', () => {
  const backups = [['one', '2026-11-20T20:59:00.000Z'], ['two', '2026-11-21T20:59:00.000Z']].map(([id, takenAt]) => ({ id, takenAt, systemName: 'Shop', database: 'shop', path: '/nowhere' }));
  const session = { root: '/nowhere', call: (async () => ({ backups })) as unknown as Session['call'] } as Session;

  test('is found by the name that candidates are listed by, though it has a slash', async () => {
    expect((await findBackup(session, 'shop/shop of 2026-11-20 20:59 UTC')).id).toBe('one');
  });
  test('of a name that several have is asked for more', async () => {
    await expect(findBackup(session, 'Shop/shop')).rejects.toMatchObject({ code: 'store.conflict', message: expect.stringContaining('Shop/shop of 2026-11-21 20:59 UTC (two)') as string });
  });
});

describe('a full id', () => {
  const gone = (code: 'store.not-found' | 'operation.not-found' | 'backup.not-found' | 'backup.damaged') => byFullId('id', () => Promise.reject(new PilothouseError(code, 'x')));

  test('finds what no list reaches back to', async () => {
    expect(await byFullId('id', (id) => Promise.resolve(`old ${id}`))).toBe('old id');
  });
  test('that nothing bears finds nothing', async () => {
    expect(await Promise.all([gone('store.not-found'), gone('operation.not-found'), gone('backup.not-found')])).toEqual([null, null, null]);
  });
  test('is not asked for where it cannot be one', async () => {
    const never = () => Promise.reject(new Error('asked'));
    expect([await byFullId('', never), await byFullId('x'.repeat(65), never)]).toEqual([null, null]);
  });
  test('in the manifest of a folder finds a backup that the list does not reach, if that is its folder', async () => {
    const root = realpathSync(await temporaryFolder('old'));
    for (const name of ['hers', 'not-hers']) {
      mkdirSync(join(root, 'backups', name), { recursive: true });
      writeFileSync(join(root, 'backups', name, 'manifest.json'), '{"id":"old"}');
    }
    const answers: Partial<Record<MethodName, unknown>> = { 'backup.list': { backups: [] }, 'backup.scan': {}, 'backup.get': { backup: { id: 'old', path: join(root, 'backups', 'hers') } } };
    const session = { root, call: (async (method: MethodName) => answers[method]) as Session['call'] } as Session;
    expect((await findBackup(session, join(root, 'backups', 'hers'))).id).toBe('old');
    mkdirSync(join(root, 'backups', 'no-file', 'manifest.json'), { recursive: true });
    await expect(findBackup(session, join(root, 'backups', 'no-file'))).rejects.toMatchObject({ code: 'backup.not-found' });
    await expect(findBackup(session, join(root, 'backups', 'not-hers'))).rejects.toMatchObject({ code: 'backup.not-found' });
  });
  test('of what cannot be read says so', async () => {
    await expect(gone('backup.damaged')).rejects.toMatchObject({ code: 'backup.damaged' });
  });
  test('is what is needed beyond a list that was full, and the refusal says so', () => {
    expect([newest('operation', [1, 2], 3), newest('operation', [1, 2, 3], 3)]).toEqual(['operation', 'operation among the newest 3']);
  });
});
