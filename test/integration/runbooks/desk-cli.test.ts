/** Runbooks at the command line: what is called is walked too, what nobody knows is looked at, and a failure says what stays. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { MethodName } from '#shared/contract/index.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Session } from '../../../electron/cli/session.ts';
import { walkOn } from '../../../electron/cli/walk-runbook.ts';
import { cliSession } from '#test/cli-session.ts';
import { command } from '#test/command-line.ts';
import { deskStage, runbookText } from '#test/desk-stage.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const manual = (id: string): string => `  - { id: ${id}, title: ${id}, manual: Do it., confirm: checkbox }\n`;
const calls = (id: string, runbook: string, more = ''): string => `  - { id: ${id}, title: ${id}, call: { runbook: ${runbook}${more} } }\n`;

async function home(files: Record<string, string>): Promise<ReturnType<typeof cliSession>> {
  const root = await temporaryFolder('runbook-cli');
  mkdirSync(join(root, 'runbooks'), { recursive: true, mode: 0o700 });
  for (const [name, steps] of Object.entries(files)) writeFileSync(join(root, 'runbooks', `${name}.yaml`), runbookText(steps, { id: name }), { mode: 0o600 });
  return cliSession(root);
}

const statesOf = (document: Record<string, unknown>) => (document['run'] as { state: string; steps: { id: string; state: string }[] });

describe('a runbook that calls another', () => {
  test('is walked through it to its end, with nobody to ask', async () => {
    const cli = await home({ outer: `${calls('call', 'inner')}${manual('after')}`, inner: manual('inside') });
    const { status, document } = await cli.run('runbook', 'run', 'outer', '--answer', 'inside=done', '--answer', 'after=done');
    const { state, steps } = statesOf(document());
    expect([status, state, steps.map((step) => step.state)]).toEqual([0, 'succeeded', ['succeeded', 'succeeded']]);
  });

  test('that needs a person stands there, says so, and is gone on with later', async () => {
    const cli = await home({ outer: calls('call', 'inner'), inner: manual('inside') });
    const first = await cli.run('runbook', 'run', 'outer');
    const { id, state } = first.document()['run'] as { id: string; state: string };
    expect([first.status, state]).toEqual([1, 'waiting']);
    const { status, document } = await cli.run('runbook', 'resume', id, '--answer', 'inside=done');
    expect([status, statesOf(document()).state]).toEqual([0, 'succeeded']);
  });

  test('that is itself under way is not begun once more: the document says what stays, and why', async () => {
    const cli = await home({ outer: calls('call', 'inner'), inner: calls('back', 'outer') });
    const { status, document } = await cli.run('runbook', 'run', 'outer');
    expect(status).toBe(1);
    expect(document()).toMatchObject({ run: { id: expect.any(String) as string }, error: { code: 'runbook.not-now', message: '"Tried inner" calls outer, which is under way already: it has called this one, and that would never end.' } });
  });
});

describe('a script', () => {
  test('is told how the step that waits is answered', async () => {
    const cli = await home({ asks: '  - { id: which, title: Which, decide: { ask: "Is it?", choices: { "Yes, now": one, "No": two } } }\n' + manual('one') + manual('two') });
    const first = await command(['--home', cli.home, 'runbook', 'run', 'asks']);
    const { status } = await cli.run('runbook', 'resume', /^Id (\S+)$/m.exec(first.stdout)?.[1] ?? '', '--answer', 'which=No', '--answer', 'two=done');
    expect([first.stdout.replaceAll(/\s+/g, ' '), status]).toEqual([expect.stringContaining('"Which" waits for a person, or for --answer which=LABEL, one of: "Yes, now", "No".'), 0]);
  });

  test('is told by which option a value is given that is lacking', async () => {
    const cli = await home({ plain: manual('one') });
    writeFileSync(join(cli.home, 'runbooks', 'lacks.yaml'), runbookText(manual('one'), { id: 'lacks', params: 'params:\n  ticket: { type: string, label: Number of the ticket, required: true }\n' }), { mode: 0o600 });
    const { document } = await cli.run('runbook', 'run', 'lacks');
    expect(document()).toMatchObject({ error: { code: 'runbook.value-invalid', hint: 'Say --param ticket=VALUE.' } });
  });
});

describe('a step of which nobody knows', () => {
  /** An engine that knows of one such step. */
  const session = (look: () => void): { session: Session; asked: string[] } => {
    const asked: string[] = [];
    let isKnown = false;
    const step = () => ({ key: 'stop', stepId: 'stop', title: 'Stop', number: 1, kind: 'sh', state: isKnown ? 'succeeded' : 'unknown', attempt: 1, why: null, target: null, language: 'sh', text: '', can: isKnown ? [] : ['look', 'settle'], usable: [], childId: null, timer: null, outcome: null });
    const answers: Partial<Record<MethodName, () => unknown>> = {
      'walkthrough.get': () => ({ run: { id: 'w1', seq: 4, state: isKnown ? 'succeeded' : 'unknown' }, steps: [step()], current: isKnown ? null : 'stop', stateReason: null }),
      'walkthrough.planStep': () => {
        look();
        return { plan: { id: 'p1', token: 't', kind: 'runbook.look', title: 'Find out', question: 'Find out?', confirmName: null, changes: false, irreversible: false, environment: null, findings: [], targets: [], consequences: [], wayBack: null } };
      },
      'operation.run': () => {
        isKnown = true;
        return { operationId: 'o1' };
      },
      'operation.get': () => ({ operation: { id: 'o1', title: 'Find out', state: 'succeeded', summary: null, error: null }, plan: null }),
    };
    const known: Partial<Session> = {
      io: { stdin: { isTTY: false }, stdout: {}, stderr: { isTTY: false, write: () => true }, onInterrupt: () => () => {}, endNow() {} } as unknown as Session['io'],
      options: {},
      say() {},
      onInterrupt: () => () => {},
      call: (async (method: MethodName) => {
        asked.push(method);
        return answers[method]?.();
      }) as Session['call'],
      async *follow() {},
    };
    return { session: known as Session, asked };
  };
  const nothing = { answers: new Map<string, string>(), skips: new Map<string, string>() };

  test('is looked at, and the walk goes on', async () => {
    const { session: known, asked } = session(() => {});
    const { view, waitsFor } = await walkOn(known, 'w1', nothing);
    expect([view.run.state, waitsFor, asked.filter((method) => method === 'operation.run').length]).toEqual(['succeeded', null, 1]);
  });

  test('and that cannot be looked at waits for a person, who is told why', async () => {
    const { session: known } = session(() => {
      throw new PilothouseError('ssh.unreachable', 'web-1 cannot be reached.');
    });
    const { waitsFor } = await walkOn(known, 'w1', nothing);
    expect(waitsFor).toBe('Nobody knows whether "Stop" happened. web-1 cannot be reached.');
  });
});

test('a runbook that calls itself does not, and the step can be skipped', async () => {
  const stage = await deskStage();
  const id = await stage.begin(stage.write('round', runbookText(calls('again', 'round'), { id: 'round' })));
  await expect(stage.act(id, { kind: 'call', key: 'again', use: 'new' })).rejects.toMatchObject({ code: 'runbook.not-now', message: '"Tried round" calls round, which is under way already: it would call itself, and that would never end.' });
  await stage.act(id, { kind: 'skip', key: 'again', reason: 'it is this one' });
  expect((await stage.view(id)).run.state).toBe('succeeded-with-skips');
});
