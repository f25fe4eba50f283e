/** Secrets of walkthroughs: nowhere but where they are sent, asked for where they are needed, and never in the way of what they look like. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createScrubber } from '#shared/domain/scrub.ts';
import { cleanEvent } from '#engine/runbooks/desk/clean.ts';
import type { Sent } from '#engine/runbooks/sent.ts';
import { createTeller } from '#engine/runbooks/steps/output.ts';
import { deskStage, onWeb, outcome, runbookText, type DeskStage } from '#test/desk-stage.ts';

const tokenOf = (required: boolean): string => `params:\n  token: { type: secret, label: Token${required ? ', required: true' : ''} }\n`;
const uses = '  - { id: use, title: Use, target: web, sh: ./login, stdin: "{{ token }}", risk: read, expect: [{ exit: 0, say: It signed in }] }\n';

async function onHost(stage: DeskStage, steps: string, start: { params?: string; secrets?: Record<string, string>; values?: Record<string, string>; mode?: 'live' | 'paper' | 'rehearsal' } = {}): Promise<string> {
  const { params = '', ...rest } = start;
  const hostId = stage.addHost(stage.addSystem('shop'), 'web-1');
  return stage.begin(stage.write('tried', runbookText(steps, { targets: onWeb, params })), { systemId: 'shop', bindings: { web: { hostId } }, ...rest });
}

/** Answers like this, and tells its lines as what sends it would. */
function says(stage: DeskStage, stdout: string): Sent[] {
  const sent: Sent[] = [];
  stage.runner.send = async (what, operation) => {
    sent.push(what);
    const teller = createTeller(operation, 'web-1', null);
    teller.stdout(Buffer.from(stdout));
    teller.end();
    operation.command({ text: 'the script', target: 'web-1', exitStatus: 0, durationMs: 5, output: stdout });
    return outcome({ stdout, bytes: Buffer.byteLength(stdout) });
  };
  return sent;
}

/** Whether anything of the data folder holds this text, with what is not written to the main file yet. */
const isKept = (root: string, text: string): boolean => {
  const inside = (folder: string): boolean => readdirSync(folder).some((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? inside(path) : readFileSync(path, 'latin1').includes(text);
  });
  return inside(root);
};

describe('what a step says', () => {
  test('is told and kept where the runbook does not say otherwise', async () => {
    const stage = await deskStage();
    const id = await onHost(stage, '  - { id: show, title: Show, target: web, sh: ./show, risk: read }\n');
    says(stage, 'order canary-9911 is open\n');
    await stage.run(id, 'show');
    expect(isKept(stage.root, 'canary-9911')).toBe(true);
  });

  test.each([
    ['evidence: none', 'its output is not kept, in the log neither', 'the order is open\ncanary-9911\n'],
    ['redact: ["canary-\\\\d+"]', 'what is taken out is in no log, no verdict and no evidence', 'order canary-9911 is open\n'],
  ])('with %s: %s', async (field, _words, text) => {
    const stage = await deskStage();
    const id = await onHost(stage, `  - { id: show, title: Show, target: web, sh: ./show, risk: read, ${field}, expect: [{ matches: "is open", say: It is open }, { not_matches: "closed", say: None is closed }] }\n`);
    says(stage, text);
    const operation = await stage.run(id, 'show');
    expect(operation.state).toBe('succeeded');
    const said = JSON.stringify([stage.engine.events(operation.id), operation, (await stage.step(id, 'show')).output]);
    expect(said).not.toContain('canary-9911');
    if (field.startsWith('redact')) expect([isKept(stage.root, 'canary-9911'), (await stage.step(id, 'show')).output?.tail]).toEqual([false, 'order [redacted] is open\n']);
  });
});

describe('a secret that looks like something else', () => {
  test('changes nothing that a walkthrough goes by: hashes, names, modes, instants', () => {
    const scrubber = createScrubber();
    for (const word of ['live', 'stop', 'steps', 'abcd', '2026', 'left']) scrubber.register(word);
    const slot = { key: 'stop', stepId: 'stop', section: 'steps' as const, item: null, target: 'live', undo: null };
    const started = { kind: 'started' as const, runbookId: 'stop', version: '2026.1.0', title: 'Stop it live', definitionHash: `abcd${'0'.repeat(60)}`, mode: 'live' as const, systemId: null, operator: 'ann', slots: [slot], values: { today: '2026-03-01' }, secrets: ['stop'], bindings: {}, parent: null, continues: null, appVersion: '0.1.0' };
    expect(cleanEvent(started, scrubber)).toEqual({ ...started, title: 'Stop it [redacted]' });
    const decided = { kind: 'decided' as const, key: 'stop', choice: 'left', to: 'left' };
    expect(cleanEvent(decided, scrubber)).toEqual(decided);
    expect(cleanEvent({ kind: 'commented', key: 'stop', commentId: 'abcd', text: 'to the left' }, scrubber)).toEqual({ kind: 'commented', key: 'stop', commentId: 'abcd', text: 'to the [redacted]' });
  });

  test('does not keep a walkthrough from being walked', async () => {
    const stage = await deskStage();
    const id = await onHost(stage, '  - { id: live, title: Live, manual: Do it., confirm: checkbox }\n  - { id: which, title: Which, decide: { ask: "Which?", choices: { "left": leftwards, "right": rightwards } } }\n  - { id: rightwards, title: Right, manual: Right., confirm: checkbox, end: true }\n  - { id: leftwards, title: Left, manual: Left., confirm: checkbox }\n', { params: tokenOf(true), secrets: { token: 'left' } });
    stage.context.scrubber.register('live');
    await stage.act(id, { kind: 'answer', key: 'live', value: true, note: '' });
    await stage.act(id, { kind: 'decide', key: 'which', choice: 'left' });
    expect((await stage.view(id)).current).toBe('leftwards');
  });

  test('is never sent as what stands for it: such a value is refused', async () => {
    const stage = await deskStage();
    const params = `${tokenOf(true)}  unit: { type: identifier, label: Unit, required: true }\n`;
    await expect(onHost(stage, uses, { params, secrets: { token: 'nightly-key' }, values: { unit: 'nightly-key' } })).rejects.toMatchObject({ code: 'runbook.value-invalid', message: expect.stringContaining('Unit holds a password, or another secret') as string });
  });

  test('is not remembered by a step that found it: the step says so', async () => {
    const stage = await deskStage();
    const id = await onHost(stage, '  - { id: find, title: Find, target: web, sh: ./find, risk: read, capture: { unit: { regex: "unit=(\\\\S+)", type: string } } }\n', { params: tokenOf(true), secrets: { token: 'nightly-key' } });
    says(stage, 'unit=nightly-key\n');
    await stage.run(id, 'find');
    const step = await stage.step(id, 'find');
    expect([step.state, step.verdicts.at(-1)?.seen]).toEqual(['failed', '"unit" holds a password, or another secret that Pilothouse knows, which is not written down']);
    expect((await stage.view(id)).values.some(({ name }) => name === 'unit')).toBe(false);
  });
});

describe('a secret that is not known', () => {
  test.each(['paper', 'rehearsal'] as const)('is not asked for at the start of a %s', async (mode) => {
    const stage = await deskStage();
    const id = await onHost(stage, uses, { params: tokenOf(true), mode });
    expect((await stage.view(id)).secretsNeeded).toEqual([]);
  });

  test('of one that was begun on paper is asked for when it goes live', async () => {
    const stage = await deskStage();
    const id = await onHost(stage, uses, { params: tokenOf(true), mode: 'paper' });
    await stage.act(id, { kind: 'go-live' });
    expect((await stage.view(id)).secretsNeeded).toEqual([{ name: 'token', label: 'Token' }]);
    await expect(stage.plan(id, 'use')).rejects.toMatchObject({ code: 'runbook.secret-needed' });
  });

  test('and need not be given, is asked for where its step is', async () => {
    const stage = await deskStage();
    const id = await onHost(stage, `  - { id: first, title: First, manual: Do it., confirm: checkbox }\n${uses}`, { params: tokenOf(false) });
    expect((await stage.view(id)).secretsNeeded).toEqual([]);
    await stage.act(id, { kind: 'answer', key: 'first', value: true, note: '' });
    expect((await stage.view(id)).secretsNeeded).toEqual([{ name: 'token', label: 'Token' }]);
    await stage.engine.call('walkthrough.giveSecrets', { walkthroughId: id, secrets: { token: 'canary-5150' } });
    const sent = says(stage, 'ok\n');
    await stage.run(id, 'use');
    expect(sent.length).toBe(1);
    expect(isKept(stage.root, 'canary-5150')).toBe(false);
  });

  test('of a name that the runbook does not have is refused', async () => {
    const stage = await deskStage();
    await expect(onHost(stage, uses, { params: tokenOf(true), secrets: { token: 'canary-5150', other: 'canary-5151' } })).rejects.toMatchObject({ code: 'runbook.value-invalid' });
  });
});

describe('a runbook that is called', () => {
  const call = async (stage: DeskStage, own: string): Promise<{ childId: string }> => {
    stage.write('inner', runbookText(uses, { id: 'inner', targets: onWeb, params: own }));
    const id = await onHost(stage, '  - { id: call, title: Call, call: { runbook: inner } }\n', { params: tokenOf(true), secrets: { token: 'canary-6226' } });
    return { childId: (await stage.act(id, { kind: 'call', key: 'call', use: 'new' })) ?? '' };
  };

  test('knows the secrets of whoever called it by their names', async () => {
    const stage = await deskStage();
    const { childId } = await call(stage, tokenOf(true));
    expect((await stage.view(childId)).secretsNeeded).toEqual([]);
    const sent = says(stage, 'ok\n');
    await stage.run(childId, 'use');
    expect(sent.length).toBe(1);
    expect(isKept(stage.root, 'canary-6226')).toBe(false);
  });

  test('asks for those that its caller does not know', async () => {
    const stage = await deskStage();
    const { childId } = await call(stage, `${tokenOf(true)}  pin: { type: secret, label: Pin, required: true }\n`);
    expect((await stage.view(childId)).secretsNeeded).toEqual([{ name: 'pin', label: 'Pin' }]);
  });
});
