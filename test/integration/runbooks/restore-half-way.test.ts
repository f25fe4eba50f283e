/**
 * A restore that is begun on a train: half of it on paper with the network pulled, the console killed, gone on with live
 * later, one step of which nobody knows, and a report that tells all of it.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { WalkthroughAct, WalkthroughView } from '#shared/contract/walkthroughs.ts';
import { bySocket, createFarShop, startFarPlace } from '#test/far-shop.ts';
import { openFarDump } from '#test/far-dump.ts';
import { begin, endOf, runToEnd } from '#test/run-to-end.ts';
import { whyNoSshServer } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const runbook = (folder: string): string => `schema: runbook/1
id: restore-on-a-train
title: Restore on a train
version: "1.0.0"
targets:
  app: { kind: ssh, label: Application host }
  db: { kind: postgres, label: Database to replace }
prerequisites:
  - { id: severity, title: Incident is open, manual: Number and commander., confirm: text, skip: never }
steps:
  - id: stop
    title: Stop the application
    target: app
    sh: echo stopped >>${folder}/app
    risk: change
    expect: [{ exit: 0, say: It is stopped }]
    undo: [{ sh: "echo started >>${folder}/app", risk: change }]
  - { id: tell, title: Tell the shop, manual: Mail sent., confirm: text, skip: with-reason }
  - id: beside
    title: Restore beside and compare
    target: db
    call: { procedure: restore.beside, with: { backup: newest-proven }, require: equal }
  - { id: signoff, title: Go or no-go, approve: { by: [dba], show: [beside] } }
  - id: swap
    title: Swap names
    target: db
    call: { procedure: restore.swap, with: { from: beside } }
    pause: before
    undo: [{ target: db, call: { procedure: restore.undo, with: { from: beside } } }]
  - id: start
    title: Start the application
    target: app
    sh: |
      echo started >>${folder}/app
      sleep 30
    risk: change
    detach: false
    expect: [{ exit: 0, say: It runs }]
  - id: holds
    title: The database holds orders
    target: db
    sql: SELECT count(*) AS found FROM orders
    risk: read
    expect: [{ cell: found, number: "value > 0", say: There are orders }]
rollback:
  steps:
    - { id: rb-undo, title: Undo it, undo_completed: true }
`;

test.skipIf(whyNoSshServer() !== null)('walked half-way without a network, killed, finished live: the report tells what happened, what was skipped and why, and what nobody measured', { timeout: 240_000 }, async () => {
  const place = await startFarPlace();
  onTestFinished(() => place.stop());
  await createFarShop(place, 'shop');
  const root = await temporaryFolder('train');
  const there = join(root, 'there');
  mkdirSync(there, { mode: 0o777 });
  const first = await openFarDump(place, { root, connection: { ...bySocket(place), tools: { where: 'here' } } });
  const { databaseId, line } = first;
  mkdirSync(join(root, 'runbooks'), { recursive: true, mode: 0o700 });
  writeFileSync(join(root, 'runbooks', 'restore-on-a-train.yaml'), runbook(there), { mode: 0o600 });
  await first.far.client.call('database.test', { databaseId });
  const backup = await runToEnd(first.far.client, (await first.far.client.call('backup.plan', { databaseId, options: { proof: 'L3' } })).plan);
  expect(backup.summary).toContain('restored and counted');
  await first.far.engine.close();

  // The network is pulled: nothing answers any more. The runbook is walked all the same.
  line.refuse(true);
  line.cut();
  const byHand: WalkthroughAct[] = [
    { kind: 'answer', key: 'severity', value: 'INC-7, Ada', note: '' },
    { kind: 'record', key: 'stop', worked: true, exitStatus: 0, output: 'stopped at the console of the provider', expectations: [true], captured: {}, doneAt: null, note: 'by the console of the provider' },
    { kind: 'comment', key: 'stop', text: 'The tunnel begins in two minutes' },
    { kind: 'skip', key: 'tell', reason: 'no mail on the train; the shop was called by phone' },
  ];
  const orders = { root, ref: 'own/restore-on-a-train', databaseId, acts: byHand, place: { sockets: place.sockets, keyFiles: place.keyFiles, bastion: { ...place.bastion, port: line.port }, host: place.host } };
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../support/walk-then-idle.ts'), JSON.stringify(orders)], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const walkthroughId = await new Promise<string>((resolve) => child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim())));
  const gone = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await gone;

  // Later, at a desk: the network is back, and it goes on live from where it was.
  line.refuse(false);
  const dump = await openFarDump(place, { root, line, connection: {} });
  const { client } = dump.far;
  await dump.far.engine.recovered;
  const look = (): Promise<WalkthroughView> => client.call('walkthrough.get', { walkthroughId });
  const act = async (what: WalkthroughAct): Promise<void> => {
    const { run } = await look();
    expect((await client.call('walkthrough.act', { walkthroughId, expectedSeq: run.seq, commandId: crypto.randomUUID(), act: what })).outcome).toBe('done');
  };
  const run = async (key: string) => runToEnd(client, (await client.call('walkthrough.planStep', { walkthroughId, key, expectedSeq: (await look()).run.seq })).plan);
  const before = await look();
  expect([before.run.mode, before.current, before.steps.map(({ state }) => state).slice(0, 3)]).toEqual(['paper', 'beside', ['succeeded', 'succeeded', 'skipped']]);
  await act({ kind: 'go-live' });
  expect((await run('beside')).state).toBe('succeeded');
  const seen = (await look()).run.seq;
  await act({ kind: 'approve', key: 'signoff', role: 'dba', who: 'Ada', decision: 'approved', note: 'the counts are equal', seenSeq: seen });
  expect((await run('swap')).state).toBe('succeeded');
  // Nothing that was done on paper is sent again, however it goes on.
  expect(await place.postgres.query('SELECT count(*)::int AS n FROM orders', [], { database: 'shop' })).not.toEqual([{ n: 0 }]);

  // The line is cut while the application starts: nobody knows, and nothing more is sent there until somebody does.
  const { plan } = await client.call('walkthrough.planStep', { walkthroughId, key: 'start', expectedSeq: (await look()).run.seq });
  const operationId = await begin(client, plan);
  await waitFor('the step to be under way there', async () => (await look()).steps.some(({ key, state }) => key === 'start' && state === 'dispatched'));
  await waitFor('the command to have begun', () => existsSync(join(there, 'app')) && readFileSync(join(there, 'app'), 'utf8').includes('started'));
  line.cut();
  expect((await endOf(client, operationId)).state).toBe('failed');
  const lost = await look();
  expect([lost.run.state, lost.current, lost.steps.find(({ key }) => key === 'start')?.can]).toEqual(['unknown', 'start', ['settle', 'rollback']]);
  await expect(client.call('walkthrough.planStep', { walkthroughId, key: 'start', expectedSeq: lost.run.seq })).rejects.toMatchObject({ code: 'runbook.not-now' });
  await act({ kind: 'settle', key: 'start', happened: true, evidence: 'the log of the application says it was started at 14:02' });
  expect((await run('holds')).state).toBe('succeeded');
  await act({ kind: 'sign', key: null, role: 'dba', who: 'Ada', decision: 'approved', note: 'handed over', seenSeq: (await look()).run.seq });

  const done = await look();
  expect(done.run.state).toBe('succeeded-with-skips');
  expect(readFileSync(join(there, 'app'), 'utf8')).toBe('started\n');
  const report = await client.call('walkthrough.export', { walkthroughId, format: 'markdown' });
  for (const words of ['INC-7, Ada', 'by the console of the provider', 'The tunnel begins in two minutes', 'no mail on the train; the shop was called by phone', 'the counts are equal', 'the log of the application says it was started at 14:02', 'handed over', 'What nobody knows', 'Of these it was not known for a while', 'By the word of a person', 'Done by hand, and written down by a person']) expect(report.content).toContain(words);
  for (const format of ['html', 'json'] as const) expect((await client.call('walkthrough.export', { walkthroughId, format })).content).toContain('no mail on the train');
});
