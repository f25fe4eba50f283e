import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { HistoryEntry } from '#engine/history/document.ts';
import { createHistoryRoom } from '#engine/history/history-room.ts';
import { createHistoryRepository } from '#engine/store/history-repository.ts';
import { ageOut, copyStore } from '#engine/store/upkeep.ts';
import { openDatabase, storeFileName } from '#engine/store/database.ts';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createCore, draft, type Core } from '#test/core.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

let core: Core;

beforeEach(async () => {
  core = createCore(await temporaryFolder('history'));
  core.store.pragma('synchronous = OFF'); // Nothing is cut off here; the tests are sooner done.
  onTestFinished(() => void core.store.close());
});

function operation(lines: readonly string[], system: { id: string; name: string; environment: 'production' } | null = null): string {
  const plan = core.desk.issue('health.check', draft());
  const id = core.ports.random.id();
  core.operations.insert({ id, kind: 'health.check', title: 'Look', system, target: 'shop', planId: plan.id, plan, details: {}, createdAt: core.clock.now(), requestedBy: 'test' });
  for (const text of lines) core.log.append(id, { kind: 'log', phase: null, level: 'info', text });
  core.log.flush();
  core.operations.update(id, { state: 'succeeded', endedAt: core.clock.now() });
  return id;
}

const search = (text: string, more: object = {}) => createHistoryRepository(core.store).search({ text, ...more }, 50, null).hits;

describe('searching history', () => {
  test('finds a word in the middle of a line, newest first', () => {
    operation(['lock on job_sites']);
    operation(['vacuum of job_sites', 'nothing']);
    expect(search('job_sites').map((hit) => hit.text.replaceAll(/[\u0002\u0003]/g, ''))).toEqual(['vacuum of job_sites', 'lock on job_sites']);
  });
  test('finds the beginning of the last word', () => {
    operation(['canceling statement due to lock timeout']);
    expect(search('canceling sta')).toHaveLength(1);
  });
  test('finds commands and their output', () => {
    const id = operation([]);
    core.log.append(id, { kind: 'log', phase: null, level: 'info', text: 'ran it', command: { text: 'pg_dump --format=directory', target: 'shop', exitStatus: 1, durationMs: 4, output: 'out of memory' } });
    core.log.flush();
    expect(search('pg_dump')).toHaveLength(1);
    expect(search('"out of memory"')).toHaveLength(1);
  });
  test('finds what ran by its title and target', async () => {
    core.runner.register({ kind: 'restore.swap', plan: async () => draft(), run: async () => ({ summary: 'Done.', result: {} }) });
    const plan = core.desk.issue('restore.swap', draft({ title: 'Swap shop for the restored copy' }));
    await core.runner.finished(core.runner.run({ planId: plan.id, token: plan.token, caller: 'test' }).operationId);
    expect(search('swap shop').map((hit) => hit.kind)).toEqual(['result']);
  });
  test('does not search figures of progress', () => {
    const id = operation([]);
    core.log.append(id, { kind: 'progress', phase: null, fraction: 0.5, done: 1, total: 2, unit: 'bytes', leftMs: 1, text: 'halfway' });
    core.log.flush();
    expect(search('halfway')).toEqual([]);
  });
  test('keeps to one system', () => {
    operation(['needle'], { id: 'a', name: 'A', environment: 'production' });
    operation(['needle'], { id: 'b', name: 'B', environment: 'production' });
    expect(search('needle', { systemId: 'b' })).toHaveLength(1);
  });
  test('keeps to one system among others that were at work at the same time', () => {
    for (let round = 0; round < 80; round += 1) {
      operation([`needle ${round}`, 'hay'], { id: 'a', name: 'A', environment: 'production' });
      if (round % 10 === 0) operation([`needle ${round} of b`], { id: 'b', name: 'B', environment: 'production' });
    }
    const history = createHistoryRepository(core.store);
    const filter = { text: 'needle', systemId: 'b' };
    const first = history.search(filter, 5, null);
    const rest = history.search(filter, 5, first.hits.at(-1)?.row ?? null);
    const texts = [...first.hits, ...rest.hits].map((hit) => hit.text.replaceAll(/[\u0002\u0003]/g, ''));
    expect([texts, history.count(filter), history.search({ ...filter, systemId: 'nobody' }, 5, null).hits]).toEqual([[7, 6, 5, 4, 3, 2, 1, 0].map((round) => `needle ${round * 10} of b`), { total: 8, exact: true }, []]);
  });
  test('of signs alone finds nothing, for no text holds them', () => {
    operation(['100 %%']);
    expect(search('%%')).toEqual([]);
  });
  test('goes on from a page without a gap or a repeat', () => {
    operation(Array.from({ length: 25 }, (_value, index) => `needle ${index}`));
    const history = createHistoryRepository(core.store);
    const first = history.search({ text: 'needle' }, 10, null);
    const second = history.search({ text: 'needle' }, 100, first.hits.at(-1)?.row ?? null);
    expect(first.hits).toHaveLength(10);
    expect(second.hits).toHaveLength(15);
  });
  test('of nothing lists how each operation ended', async () => {
    core.runner.register({ kind: 'health.check', plan: async () => draft(), run: async (_details, running) => (running.log('info', 'one'), { summary: 'All ok.', result: {} }) });
    const plan = core.desk.issue('health.check', draft());
    await core.runner.finished(core.runner.run({ planId: plan.id, token: plan.token, caller: 'test' }).operationId);
    expect(search('').map((hit) => hit.text)).toEqual(['All ok.']);
  });
});

describe('exporting history', () => {
  const room = (most?: number) => createHistoryRoom(core, most).handlers['history.export'];
  const ask = async (input: { text?: string; cursor?: string }, most?: number) => {
    const { content, nextCursor } = await room(most)({ text: '', format: 'json', ...input }, { caller: 'test', signal: new AbortController().signal, correlationId: 'test' });
    return { events: (JSON.parse(content) as { events: HistoryEntry[] }).events, nextCursor };
  };
  const command = { text: 'pg_dump --format=directory', target: 'shop', exitStatus: 1, durationMs: 4, output: `out of memory ${'x'.repeat(5000)}` };

  test('gives whole texts, and commands with their target, exit status, duration and output', async () => {
    const id = operation([]);
    core.log.append(id, { kind: 'log', phase: null, level: 'error', text: 'y'.repeat(1000), command });
    expect((await ask({ text: '"out of memory"' })).events).toEqual([expect.objectContaining({ operationId: id, operation: 'Look', text: 'y'.repeat(1000), command })]);
  });
  test('of nothing in particular gives everything but figures of progress', async () => {
    const id = operation(['one']);
    core.log.append(id, { kind: 'progress', phase: null, fraction: 0.5, done: 1, total: 2, unit: 'bytes', leftMs: 1, text: 'halfway' });
    core.log.append(id, { kind: 'phase', phase: 'first', title: 'First step', state: 'done' });
    expect((await ask({})).events.map((event) => event.text)).toEqual(['First step: done', 'one']);
  });
  test('goes on where a document was full, without a gap or a repeat', async () => {
    operation(Array.from({ length: 7 }, (_value, index) => `line ${index}`));
    const first = await ask({}, 4);
    const rest = await ask({ cursor: first.nextCursor ?? '' }, 4);
    expect([[...first.events, ...rest.events].map((event) => event.text), rest.nextCursor]).toEqual([[6, 5, 4, 3, 2, 1, 0].map((index) => `line ${index}`), null]);
  });
});

describe('the size budget', () => {
  test('lets events age out after their days, and their words with them', async () => {
    operation(['old needle']);
    core.clock.move(500 * 86_400_000);
    operation(['new needle']);
    expect(await ageOut(core.store, core.settings.read(), core.clock.now())).toEqual({ removed: 1, complete: true });
    expect(search('needle').map((hit) => hit.text)).toEqual(['new \u0002needle\u0003']);
  });
  test('keeps the operation itself', async () => {
    const id = operation(['old']);
    core.clock.move(500 * 86_400_000);
    await ageOut(core.store, core.settings.read(), core.clock.now());
    expect(core.operations.get(id).state).toBe('succeeded');
  });
  test('never touches evidence', async () => {
    core.operations.markEvidence(operation(['evidence']));
    core.clock.move(5000 * 86_400_000);
    expect(await ageOut(core.store, core.settings.read(), core.clock.now())).toMatchObject({ removed: 0 });
  });
  test('lets the oldest go first when the file is over it', async () => {
    const block = 'lorem ipsum dolor sit amet '.repeat(400);
    for (let index = 0; index < 60; index++) operation(Array.from({ length: 40 }, () => `${index} ${block}`));
    const settings = { ...core.settings.read(), historyBudgetBytes: 10_000_000 };
    await ageOut(core.store, settings, core.clock.now());
    const [newest] = core.store.prepare<[], { operations: number }>('SELECT count(DISTINCT operation_id) AS operations FROM events').all();
    expect(newest?.operations).toBeGreaterThan(0);
    expect(newest?.operations).toBeLessThan(60);
    const left = core.store.prepare<[], { at: number }>('SELECT min(at) AS at FROM events').get();
    const first = core.operations.list({ limit: 100 }).at(-1);
    expect(left?.at).toBeGreaterThan(Date.parse(first?.createdAt ?? ''));
  });
});

test('a copy made while the file is in use opens as a data folder of its own', async () => {
  operation(['remember me']);
  const { path } = await copyStore(core.store, core.home, core.clock.now());
  const elsewhere = await temporaryFolder('elsewhere');
  copyFileSync(path, join(elsewhere, storeFileName));
  mkdirSync(join(elsewhere, 'copies'));
  const copy = openDatabase(elsewhere, join(elsewhere, 'copies'), core.clock.now());
  onTestFinished(() => void copy.close());
  expect(createHistoryRepository(copy).search({ text: 'remember' }, 10, null).hits).toHaveLength(1);
});
