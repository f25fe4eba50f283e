/** Steps of which nobody knows: what is found of them, and what is not taken for an answer. */
import { describe, expect, test } from 'vitest';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Outcome, Sent } from '#engine/runbooks/sent.ts';
import type { StepJob } from '#engine/runbooks/steps/index.ts';
import { deskStage, onWeb, outcome, runbookText, type DeskStage } from '#test/desk-stage.ts';

const lost = () => new PilothouseError('ssh.connection-lost', 'The connection to web-1 was lost.', { retryable: true });
const notSent = () => new PilothouseError('ssh.refused', 'web-1 refuses.', { details: { notSent: true } });
const direct = (more: string): string => `  - { id: write, title: Write, target: web, sh: echo once >>/tmp/once, risk: change, detach: false, expect: [{ exit: 0, say: It was written }]${more} }\n`;
const probe = ', probe: { sh: cat /tmp/once, done_if: { matches: once } }';

async function begun(stage: DeskStage, steps: string, options: { targets?: string; params?: string; values?: Record<string, string> } = {}): Promise<string> {
  const hostId = stage.addHost(stage.addSystem('shop'), 'web-1');
  const { values = {}, targets = onWeb, params = '' } = options;
  const bindings: Record<string, { hostId: string }> = { web: { hostId } };
  if (targets.includes('other')) bindings['other'] = { hostId: stage.addHost('shop', 'web-2') };
  return stage.begin(stage.write('tried', runbookText(steps, { targets, params })), { systemId: 'shop', bindings, values });
}

/** Sent, and lost in the middle. What is asked afterwards is answered like that. */
async function lostThen(stage: DeskStage, steps: string, answers: readonly (Outcome | Error)[], options: Parameters<typeof begun>[2] = {}): Promise<{ id: string; sent: Sent[] }> {
  const id = await begun(stage, steps, options);
  const sent: Sent[] = [];
  const left: (Outcome | Error)[] = [lost(), ...answers];
  stage.runner.send = async (what) => {
    sent.push(what);
    const answer = left.shift();
    if (answer instanceof Error) throw answer;
    if (answer === undefined) throw new Error('Nothing was to be sent any more.');
    return answer;
  };
  await stage.run(id, 'write');
  expect((await stage.step(id, 'write')).state).toBe('unknown');
  return { id, sent };
}

describe('a probe', () => {
  test.each([
    ['that ran out of time', outcome({ exitStatus: null, timedOut: true })],
    ['that was killed', outcome({ exitStatus: null, signal: 'KILL' })],
    ['that failed', outcome({ exitStatus: 1, stderr: 'no such file' })],
  ])('%s says nothing: the step stays unknown, and is not offered again', async (_words, answer) => {
    const stage = await deskStage();
    const { id } = await lostThen(stage, direct(probe), [answer]);
    expect((await stage.run(id, 'write', 'look')).state).toBe('failed');
    const step = await stage.step(id, 'write');
    expect([step.state, step.attempt, step.can.includes('run'), step.unknown?.looks.length]).toEqual(['unknown', 1, false, 1]);
  });

  test.each([
    ['a program that is not there', 127, 'unknown'],
    ['a script that had no place to run in', 71, 'unknown'],
    ['one that was ended by a signal', 137, 'unknown'],
    ['a plain no', 3, 'eligible'],
    ['a yes', 0, 'succeeded'],
  ])('that is judged by its exit status: %s (%i) makes it %s', async (_words, exitStatus, state) => {
    const stage = await deskStage();
    const { id } = await lostThen(stage, direct(', probe: { sh: systemctl is-active web, done_if: { exit: 0 } }'), [outcome({ exitStatus })]);
    await stage.run(id, 'write', 'look');
    expect((await stage.step(id, 'write')).state).toBe(state);
  });

  test('is asked of no host that shows another key than when the walkthrough was begun', async () => {
    const stage = await deskStage();
    const { id, sent } = await lostThen(stage, direct(', probe: { target: other, sh: cat /tmp/once, done_if: { matches: once } }'), [outcome({ stdout: 'nothing' })], { targets: `${onWeb}  other: { kind: ssh, label: Other }\n` });
    stage.keys.set('web-2', { type: 'ssh-ed25519', key: Buffer.from('another machine').toString('base64') });
    expect((await stage.run(id, 'write', 'look')).error?.code).toBe('runbook.target-changed');
    expect([sent.length, (await stage.step(id, 'write')).state]).toEqual([1, 'unknown']);
  });

  test('is not what keeps a job from being looked at, where it cannot be asked', async () => {
    const stage = await deskStage();
    const steps = `  - { id: write, title: Write, target: web, sh: echo once, risk: change, expect: [{ exit: 0, say: It was written }], probe: { sh: ./ask, stdin: "{{ token }}", done_if: { matches: once } } }\n`;
    const { id } = await lostThen(stage, steps, [], { params: 'params:\n  token: { type: secret, label: Token }\n' });
    stage.runner.look = async () => ({ state: 'ended', outcome: outcome({ stdout: 'once', by: 'job' }) });
    expect((await stage.run(id, 'write', 'look')).state).toBe('succeeded');
    expect((await stage.step(id, 'write')).state).toBe('succeeded');
  });
});

describe('a pattern that takes for ever on what a server says', () => {
  const endless = outcome({ stdout: `${'1'.repeat(262_144)}\n` });

  test('fails the step in a few seconds, and the engine goes on', async () => {
    const stage = await deskStage();
    const id = await begun(stage, '  - { id: write, title: Look, target: web, sh: ./look, risk: read, expect: [{ matches: "[0-9]+x", say: It is there }] }\n');
    stage.runner.send = async () => endless;
    await stage.run(id, 'write');
    const step = await stage.step(id, 'write');
    expect([step.state, step.verdicts]).toEqual(['failed', [{ say: 'What it said could be looked at', ok: false, seen: 'its patterns took longer than 2 s on what it said, and were given up' }]]);
  });

  test('is no answer of a probe', async () => {
    const stage = await deskStage();
    const { id } = await lostThen(stage, direct(', probe: { sh: cat /tmp/once, done_if: { matches: "[0-9]+x" } }'), [endless]);
    await stage.run(id, 'write', 'look');
    expect((await stage.step(id, 'write')).state).toBe('unknown');
  });

  test('takes out all of an output that it was to take something out of', async () => {
    const stage = await deskStage();
    const id = await begun(stage, '  - { id: write, title: Look, target: web, sh: ./look, risk: read, redact: ["[0-9]+x"] }\n');
    stage.runner.send = async () => endless;
    await stage.run(id, 'write');
    expect((await stage.step(id, 'write')).output?.tail).toBe('[redacted]');
  });
});

test('the job of a step is looked for in the home of the account that the step names by a value', async () => {
  const stage = await deskStage();
  const steps = '  - { id: write, title: Write, target: web, sudo: "{{ account }}", sh: echo once, risk: change, expect: [{ exit: 0, say: It was written }] }\n';
  const { id } = await lostThen(stage, steps, [], { params: 'params:\n  account: { type: identifier, label: Account, required: true }\n', values: { account: 'deploy' } });
  const asked: StepJob[] = [];
  stage.runner.look = async (job) => {
    asked.push(job);
    return { state: 'ended', outcome: outcome({ by: 'job' }) };
  };
  await stage.run(id, 'write', 'look');
  expect(asked.map(({ sudo }) => sudo)).toEqual(['deploy']);
});

test('what a person said of a step stands, also where a look that was under way finds something else', async () => {
  const stage = await deskStage();
  const { id } = await lostThen(stage, '  - { id: write, title: Write, target: web, sh: echo once, risk: change, expect: [{ exit: 0, say: It was written }] }\n', []);
  stage.runner.look = async () => {
    await stage.act(id, { kind: 'settle', key: 'write', happened: false, evidence: 'I looked there' });
    return { state: 'ended', outcome: outcome({ by: 'job' }) };
  };
  expect((await stage.run(id, 'write', 'look')).error?.code).toBe('runbook.not-now');
  const step = await stage.step(id, 'write');
  expect([step.state, step.attempt]).toEqual(['eligible', 2]);
});

describe('a step that is tried again by itself', () => {
  const retried = (risk: string, more = ''): string => `  - { id: write, title: Write, target: web, sh: ./write, risk: ${risk}, idempotent: true, retry: { attempts: 3, delay: 1ms }, expect: [{ exit: 0, say: It was written }]${more} }\n`;

  test('has happened, and may have to be undone, also where its second try could not be sent', async () => {
    const stage = await deskStage();
    const id = await begun(stage, retried('change', ', undo: [{ sh: ./unwrite, risk: change }]'));
    const answers: (Outcome | Error)[] = [outcome({ exitStatus: 1 }), notSent()];
    stage.runner.send = async () => {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer ?? outcome();
    };
    await stage.run(id, 'write');
    const view = await stage.view(id);
    expect([view.steps[0]?.state, view.rollback.undoes]).toEqual(['failed', ['Undo of Write']]);
    expect(view.steps[0]?.verdicts.filter(({ ok }) => !ok).map(({ seen }) => seen)).toEqual(['exit status 1', 'web-1 refuses.']);
  });

  test('is as it was where its first try could not be sent', async () => {
    const stage = await deskStage();
    const id = await begun(stage, retried('change', ', undo: [{ sh: ./unwrite, risk: change }]'));
    stage.runner.send = async () => {
      throw notSent();
    };
    await stage.run(id, 'write');
    const view = await stage.view(id);
    expect([view.steps[0]?.state, view.rollback.undoes]).toEqual(['eligible', []]);
  });

  test('and only reads, goes on trying where its host is away for a while', async () => {
    const stage = await deskStage();
    const id = await begun(stage, '  - { id: write, title: It is back, target: web, sh: uptime, risk: read, wait_until: { every: 1ms, up_to: 1m }, expect: [{ exit: 0, say: It is up }] }\n');
    const answers: (Outcome | Error)[] = [lost(), new PilothouseError('ssh.unreachable', 'web-1 is away.', { retryable: true, details: { notSent: true } }), outcome()];
    stage.runner.send = async () => {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer ?? outcome();
    };
    await stage.run(id, 'write');
    expect((await stage.view(id)).run.state).toBe('succeeded');
  });

  test('is not tried again where its host refuses to be signed in to', async () => {
    const stage = await deskStage();
    const id = await begun(stage, '  - { id: write, title: It is back, target: web, sh: uptime, risk: read, wait_until: { every: 1ms, up_to: 1m }, expect: [{ exit: 0, say: It is up }] }\n');
    let count = 0;
    stage.runner.send = async () => {
      count += 1;
      if (count < 3) throw new PilothouseError('ssh.authentication', 'web-1 refuses the key.', { details: { notSent: true } });
      return outcome();
    };
    await stage.run(id, 'write');
    expect([count, (await stage.step(id, 'write')).state]).toEqual([1, 'eligible']);
  });

  test('and changes something, is not tried again where nobody knows what became of it', async () => {
    const stage = await deskStage();
    const id = await begun(stage, retried('change'));
    let count = 0;
    stage.runner.send = async () => {
      count += 1;
      throw lost();
    };
    await stage.run(id, 'write');
    expect([count, (await stage.step(id, 'write')).state]).toEqual([1, 'unknown']);
  });
});
