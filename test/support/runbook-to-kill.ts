/** A runbook with one step of each kind that something may go wrong at, and what it does to the world, to be counted afterwards. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { EngineClient } from '#shared/contract/index.ts';
import type { WalkedStep, WalkthroughAct, WalkthroughView } from '#shared/contract/walkthroughs.ts';
import { hasCode } from '#shared/domain/errors.ts';
import { isOver } from '#shared/domain/runbook/walkthrough.ts';
import { runToEnd } from './run-to-end.ts';

const child = `schema: runbook/1
id: killed-child
title: What is called
version: "1.0.0"
steps:
  - { id: inside, title: Inside, manual: Say so., confirm: checkbox }
`;

/** @param rollsBack whether its last step fails, and takes back what was done */
const parent = (rollsBack: boolean): string => `schema: runbook/1
id: ${rollsBack ? 'killed-back' : 'killed'}
title: What is killed
version: "1.0.0"
targets:
  web: { kind: ssh, label: Host }
  db: { kind: postgres, label: Database }
params:
  folder: { type: path, label: Folder, required: true }
prerequisites:
  - { id: open, title: The window is open, manual: It is open., confirm: number, expect: [{ equals: 1, say: One window is open }] }
steps:
  - id: look
    title: Look
    target: web
    sh: ls {{ folder }} && echo there
    risk: read
    expect: [{ matches: there, say: It is there }]
    capture:
      word: { regex: "^(there)$", type: string }
  - id: job
    title: Once, as a job
    target: web
    sh: echo once >>{{ folder }}/job
    risk: change
    expect: [{ exit: 0, say: It was written }]
    undo:
      - { sh: "echo undone >>{{ folder }}/job-undone", risk: change }
  - id: direct
    title: Once, while connected
    target: web
    sh: echo {{ word }} >>{{ folder }}/direct
    risk: change
    detach: false
    probe: { sh: "cat {{ folder }}/direct", done_if: { matches: there } }
    undo:
      - { sh: "echo undone >>{{ folder }}/direct-undone", risk: change }
  - id: row
    title: One row
    target: db
    sql: INSERT INTO walked (word) VALUES (:word)
    risk: change
    probe: { sql: "SELECT count(*) FROM walked WHERE word = :word", done_if: { equals: "1" } }
    undo:
      - { sql: "INSERT INTO walked (word) VALUES ('undone')", risk: change }
  - { id: inner, title: Call another, call: { runbook: killed-child, require: succeeded } }
  - id: which
    title: Which way
    decide: { ask: "Which?", choices: { "left": left, "right": right } }
  - { id: left, title: The left way, manual: Left., confirm: checkbox }
  - { id: right, title: The right way, manual: Right., confirm: text, skip: with-reason }
  - id: last
    title: The last look
    target: web
    sh: ${rollsBack ? 'exit 3' : 'test -d /'}
    risk: read
    on_fail: ${rollsBack ? 'rollback' : 'ask'}
    expect: [{ exit: 0, say: All is well }]
rollback:
  steps:
    - { id: back, title: Take it back, undo_completed: true }
    - { id: tell, title: Tell them, manual: Told., confirm: text }
`;

export const refOf = (rollsBack: boolean): string => (rollsBack ? 'own/killed-back' : 'own/killed');

export function writeRunbooks(root: string): void {
  mkdirSync(join(root, 'runbooks'), { recursive: true, mode: 0o700 });
  writeFileSync(join(root, 'runbooks', 'killed.yaml'), parent(false), { mode: 0o600 });
  writeFileSync(join(root, 'runbooks', 'killed-back.yaml'), parent(true), { mode: 0o600 });
  writeFileSync(join(root, 'runbooks', 'killed-child.yaml'), child, { mode: 0o600 });
}

const count = (folder: string, name: string): number => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8').split('\n').filter((line) => line !== '').length : 0);

/** What the steps have done to the folder of the host: how often each. */
export const doneIn = (folder: string) => ({ job: count(folder, 'job'), direct: count(folder, 'direct'), jobUndone: count(folder, 'job-undone'), directUndone: count(folder, 'direct-undone') });

/** What a person says who is asked. */
function said(step: WalkedStep): WalkthroughAct {
  const { key } = step;
  if (step.can.includes('decide')) return { kind: 'decide', key, choice: 'right' };
  if (step.can.includes('call')) return { kind: 'call', key, use: 'new' };
  if (step.stepId === 'right') return { kind: 'skip', key, reason: 'not needed today' };
  return { kind: 'answer', key, value: step.confirm === 'number' ? 1 : step.confirm === 'text' ? 'told' : true, note: '' };
}

/** Whether one sees at the server that it happened, as a person would look. */
export type SeenByPerson = (step: WalkedStep) => Promise<boolean> | boolean;

/** Walks on to the end, as a person does who sends nothing twice whose end is unknown. */
export async function walkToEnd(client: EngineClient, walkthroughId: string, seen: SeenByPerson): Promise<WalkthroughView> {
  for (let turn = 0; turn < 200; turn += 1) {
    const view = await client.call('walkthrough.get', { walkthroughId });
    if (isOver(view.run.state)) return view;
    const step = view.steps.find(({ key }) => key === view.current);
    if (step === undefined) throw new Error('It is not over, and no step is to be done.');
    const act = async (what: WalkthroughAct): Promise<string | null> => (await client.call('walkthrough.act', { walkthroughId, expectedSeq: view.run.seq, commandId: randomUUID(), act: what })).childId;
    try {
      if (step.can.includes('run') || step.can.includes('look')) {
        const { plan } = await client.call('walkthrough.planStep', { walkthroughId, key: step.key, expectedSeq: view.run.seq, action: step.can.includes('run') ? 'run' : 'look' });
        await runToEnd(client, plan);
        const after = (await client.call('walkthrough.get', { walkthroughId })).steps.find(({ key }) => key === step.key);
        if (after?.state !== 'unknown') continue;
        const now = await client.call('walkthrough.get', { walkthroughId });
        await client.call('walkthrough.act', { walkthroughId, expectedSeq: now.run.seq, commandId: randomUUID(), act: { kind: 'settle', key: step.key, happened: await seen(after), evidence: 'seen at the server' } });
      } else if (step.can.includes('settle')) {
        await act({ kind: 'settle', key: step.key, happened: await seen(step), evidence: 'seen at the server' });
      } else if (step.childId !== null && step.state === 'waiting') {
        await walkToEnd(client, step.childId, seen);
      } else {
        const childId = await act(said(step));
        if (childId !== null) await walkToEnd(client, childId, seen);
      }
    } catch (error) {
      // What finds out by itself may have been faster: then it stands otherwise now.
      if (!hasCode(error, 'runbook.not-now') && !hasCode(error, 'operation.busy') && !hasCode(error, 'operation.cancelled')) throw error;
    }
  }
  throw new Error('It has no end.');
}
