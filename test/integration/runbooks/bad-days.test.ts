/** Bad days of a walkthrough: two at once, a clock that jumps, a file that is edited, a full disk, a restart, another machine. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { EngineClient } from '#shared/contract/index.ts';
import type { WalkthroughAct, WalkthroughView } from '#shared/contract/walkthroughs.ts';
import { createEngine, type Engine } from '#engine/create-engine.ts';
import { silentLogger, systemRandom, type Ports } from '#engine/ports.ts';
import { mountSmallDisk, whyNoSmallDisk } from '#test/full-disk.ts';
import { endOf } from '#test/run-to-end.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const file = (title: string, version: string, wantsToken = false): string => `schema: runbook/1
id: window
title: ${title}
version: "${version}"
params:
  token: { type: secret, label: Token${wantsToken ? ', required: true' : ''} }
steps:
  - { id: first, title: First, manual: Do it., confirm: text }
  - { id: rest, title: Let it settle, wait: 10m }
  - { id: last, title: Last, manual: Done., confirm: checkbox }
`;

interface Stage {
  root: string;
  engine: Engine;
  client: EngineClient;
  notices: string[];
  clock: { at: number };
}

async function open(root: string, clock = { at: Date.parse('2026-03-01T10:00:00Z') }): Promise<Stage> {
  const notices: string[] = [];
  const ports: Ports = { clock: { now: () => clock.at }, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: { notify: ({ body, place }) => void notices.push(`${place.split('/')[1]}: ${body}`) }, host: 'test' };
  const engine = await createEngine({ root, ports });
  onTestFinished(() => engine.close());
  mkdirSync(join(root, 'runbooks'), { recursive: true });
  return { root, engine, client: engine.client('console'), notices, clock };
}

async function begin({ root, client }: Stage, title = 'A window', version = '1.0.0', secrets: Record<string, string> = {}): Promise<string> {
  writeFileSync(join(root, 'runbooks', 'window.yaml'), file(title, version, Object.keys(secrets).length > 0), { mode: 0o600 });
  const { card } = await client.call('runbook.prepare', { ref: 'own/window', systemId: null });
  return (await client.call('walkthrough.start', { ref: 'own/window', hash: card.hash, systemId: null, secrets })).walkthroughId;
}

const look = (client: EngineClient, walkthroughId: string): Promise<WalkthroughView> => client.call('walkthrough.get', { walkthroughId });
const act = (client: EngineClient, view: WalkthroughView, what: WalkthroughAct, commandId: string = randomUUID()) => client.call('walkthrough.act', { walkthroughId: view.run.id, expectedSeq: view.run.seq, commandId, act: what });
const answer = (value: string | true, key = 'first'): WalkthroughAct => ({ kind: 'answer', key, value, note: '' });

describe('a walkthrough', () => {
  test('of two windows that answer the same step one is heard, and the other is told how it stands', async () => {
    const stage = await open(await temporaryFolder('two-windows'));
    const id = await begin(stage);
    const seen = await look(stage.client, id);
    const [one, other] = await Promise.all([act(stage.client, seen, answer('mine')), act(stage.engine.client('cli'), seen, answer('theirs'))]);
    expect([one.outcome, other.outcome]).toEqual(['done', 'stale']);
    expect(other.seq).toBe(one.seq);
    const after = await look(stage.client, id);
    expect(after.steps[0]?.answer).toBe('mine');
  });

  test('a press that arrives twice is done once', async () => {
    const stage = await open(await temporaryFolder('twice'));
    const id = await begin(stage);
    const seen = await look(stage.client, id);
    const commandId = randomUUID();
    expect((await act(stage.client, seen, answer('once'), commandId)).outcome).toBe('done');
    expect((await act(stage.client, seen, answer('once'), commandId)).outcome).toBe('duplicate');
    const { entries } = await stage.client.call('walkthrough.timeline', { walkthroughId: id });
    expect(entries.filter(({ kind }) => kind === 'ended').length).toBe(1);
  });

  test('keeps the text that it was begun with, and says what the file says by now', async () => {
    const stage = await open(await temporaryFolder('edited'));
    const id = await begin(stage);
    writeFileSync(join(stage.root, 'runbooks', 'window.yaml'), file('A window', '1.1.0').replace('title: Last', 'title: The very last'));
    const view = await look(stage.client, id);
    expect(view.steps.map(({ title }) => title)).toEqual(['First', 'Let it settle', 'Last']);
    expect(view.newer?.version).toBe('1.1.0');
    expect(view.newer?.changes.join(' ')).toContain('Last');
  });

  test('is not begun with a text that was changed since it was shown', async () => {
    const stage = await open(await temporaryFolder('changed'));
    writeFileSync(join(stage.root, 'runbooks', 'window.yaml'), file('A window', '1.0.0'));
    const { card } = await stage.client.call('runbook.prepare', { ref: 'own/window', systemId: null });
    writeFileSync(join(stage.root, 'runbooks', 'window.yaml'), file('Another', '1.0.0'));
    await expect(stage.client.call('walkthrough.start', { ref: 'own/window', hash: card.hash, systemId: null })).rejects.toMatchObject({ code: 'runbook.changed' });
  });

  test('a wait that is over a little late goes on by itself, and tells', async () => {
    const stage = await open(await temporaryFolder('wait'));
    const id = await begin(stage);
    await act(stage.client, await look(stage.client, id), answer('done'));
    await act(stage.client, await look(stage.client, id), { kind: 'start-wait', key: 'rest' });
    stage.clock.at += 9 * 60_000;
    stage.engine.power('resume');
    expect((await look(stage.client, id)).current).toBe('rest');
    stage.clock.at += 2 * 60_000;
    stage.engine.power('resume');
    const view = await look(stage.client, id);
    expect([view.current, view.steps[1]?.state, view.steps[1]?.timer?.state]).toEqual(['last', 'succeeded', 'due']);
    expect(stage.notices).toContain('walkthroughs: "Let it settle": the time is over');
  });

  test('a wait that was over while nobody was here is stale, also after a restart, and a person goes on', async () => {
    const root = await temporaryFolder('stale');
    const stage = await open(root);
    const id = await begin(stage);
    await act(stage.client, await look(stage.client, id), answer('done'));
    await act(stage.client, await look(stage.client, id), { kind: 'start-wait', key: 'rest' });
    await stage.engine.close();
    const next = await open(root, { at: stage.clock.at + 5 * 3_600_000 });
    const view = await look(next.client, id);
    expect([view.current, view.steps[1]?.state, view.steps[1]?.timer?.state, view.steps[1]?.can.includes('end-wait')]).toEqual(['rest', 'awaiting-input', 'stale', true]);
    expect(next.notices).toContain('walkthroughs: "Let it settle" was due while nobody was here');
    await act(next.client, view, { kind: 'end-wait', key: 'rest', reason: 'seen that it settled' });
    expect((await look(next.client, id)).current).toBe('last');
  });

  test('a clock that goes back ends no wait early, and one that goes back and forth ends it once', async () => {
    const stage = await open(await temporaryFolder('back'));
    const id = await begin(stage);
    await act(stage.client, await look(stage.client, id), answer('done'));
    await act(stage.client, await look(stage.client, id), { kind: 'start-wait', key: 'rest' });
    for (const hours of [-24, 24]) {
      stage.clock.at += hours * 3_600_000;
      stage.engine.power('resume');
      expect((await look(stage.client, id)).current).toBe('rest');
    }
    stage.clock.at += 10 * 60_000;
    stage.engine.power('resume');
    stage.clock.at -= 3_600_000;
    stage.engine.power('resume');
    stage.clock.at += 3_600_000;
    stage.engine.power('resume');
    const { entries } = await stage.client.call('walkthrough.timeline', { walkthroughId: id });
    expect(entries.filter(({ kind }) => kind === 'timer-ended').length).toBe(1);
  });

  test('a secret is in memory alone: it is nowhere in the data folder, and asked for again after a restart', async () => {
    const root = await temporaryFolder('secret');
    const stage = await open(root);
    const id = await begin(stage, 'A window', '1.0.0', { token: 'canary-of-a-runbook-4711' });
    expect((await look(stage.client, id)).secretsNeeded).toEqual([]);
    await act(stage.client, await look(stage.client, id), answer('I typed canary-of-a-runbook-4711 by mistake'));
    const { content } = await stage.client.call('walkthrough.export', { walkthroughId: id, format: 'json' });
    await stage.engine.close();
    for (const name of ['pilothouse.db', 'runbooks/window.yaml']) expect(readFileSync(join(root, name), 'latin1')).not.toContain('canary-of-a-runbook-4711');
    expect(content).not.toContain('canary-of-a-runbook-4711');
    expect(content).toContain('[redacted]');
    const next = await open(root);
    expect((await look(next.client, id)).secretsNeeded).toEqual([{ name: 'token', label: 'Token' }]);
    await next.client.call('walkthrough.giveSecrets', { walkthroughId: id, secrets: { token: 'canary-of-a-runbook-4711' } });
    expect((await look(next.client, id)).secretsNeeded).toEqual([]);
  });

  test.skipIf(whyNoSmallDisk() !== null)('on a full disk what was not kept is refused, and what was kept is there', async () => {
    const disk = await mountSmallDisk(3 * 1024 * 1024);
    onTestFinished(() => disk.remove());
    const stage = await open(disk.folder);
    const id = await begin(stage);
    const before = await look(stage.client, id);
    // Leaves no room for a page of the log.
    const filler = join(disk.folder, 'filler');
    for (let size = 1024 * 1024; size >= 512; size /= 2) {
      for (;;) {
        try {
          writeFileSync(filler, Buffer.alloc(size), { flag: 'a' });
        } catch {
          break;
        }
      }
    }
    expect(statSync(filler).size).toBeGreaterThan(0);
    let refused = false;
    let view = before;
    // The log has some room of its own, which the first words may still find.
    for (let count = 0; count < 400 && !refused; count += 1) {
      try {
        await act(stage.client, view, { kind: 'comment', key: null, text: 'x'.repeat(2000) });
        view = await look(stage.client, id);
      } catch (error) {
        expect(error).toMatchObject({ code: 'store.disk-full' });
        refused = true;
      }
    }
    expect(refused).toBe(true);
    expect((await look(stage.client, id)).run.seq).toBe(view.run.seq);
    writeFileSync(filler, '');
    expect((await act(stage.client, view, answer('there is room again'))).outcome).toBe('done');
    expect((await look(stage.client, id)).current).toBe('rest');
  });

  test('a step is planned and run once, however many windows press', async () => {
    const stage = await open(await temporaryFolder('once'));
    const { root, client } = stage;
    writeFileSync(join(root, 'runbooks', 'ask.yaml'), `schema: runbook/1\nid: ask\ntitle: Ask\nversion: "1.0.0"\ntargets:\n  api: { kind: http, label: Address }\nsteps:\n  - { id: get, title: Get, target: api, http: { method: POST, path: / }, risk: change, expect: [{ status: 200, say: It answers }] }\n`);
    const { card } = await client.call('runbook.prepare', { ref: 'own/ask', systemId: null });
    const { walkthroughId } = await client.call('walkthrough.start', { ref: 'own/ask', hash: card.hash, systemId: null, bindings: { api: { url: 'http://127.0.0.1:9' } } });
    const view = await look(client, walkthroughId);
    const plans = await Promise.all([1, 2].map(() => client.call('walkthrough.planStep', { walkthroughId, key: 'get', expectedSeq: view.run.seq })));
    const begun = await Promise.allSettled(plans.map(({ plan }) => client.call('operation.run', { planId: plan.id, token: plan.token, ...(plan.confirmName === null ? {} : { confirmName: plan.confirmName }) })));
    expect(begun.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(begun.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'operation.busy' } });
    for (const each of begun) if (each.status === 'fulfilled') await endOf(client, each.value.operationId);
    const { entries } = await client.call('walkthrough.timeline', { walkthroughId });
    expect(entries.filter(({ kind }) => kind === 'dispatched').length).toBe(1);
  });
});
