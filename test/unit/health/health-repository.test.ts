import { describe, expect, test } from 'vitest';
import type { HealthState } from '#shared/domain/health-state.ts';
import { openHome } from '#engine/home.ts';
import { openDatabase } from '#engine/store/database.ts';
import { createHealthRepository, type HealthRepository, type NewHealthResult } from '#engine/store/health-repository.ts';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '#test/temporary-folder.ts';

const day = 86_400_000;
const start = Date.parse('2026-01-01T00:00:00Z');

async function repositoryOf(): Promise<HealthRepository> {
  const home = openHome(await temporaryFolder('health'));
  const store = openDatabase(home.root, home.copies, start);
  onTestFinished(() => void store.close());
  return createHealthRepository(store);
}

const result = (check: string, status: HealthState, value: number | null = null, targetKey = 'database:1'): NewHealthResult => ({
  check, targetKey, title: check, group: 'activity', target: 'shop', databaseId: '1', hostId: null, status, value, unit: 'count', warn: null, critical: null, lowerIsWorse: false,
  summary: `${check} ${status}`, meaning: '', causes: [], evidence: { columns: [], rows: [], truncated: 0 }, fix: null, opener: null, durationMs: 1,
});

let counter = 0;
function insert(repository: HealthRepository, startedAt: number, results: NewHealthResult[], { complete = true, systemId = 's' } = {}): string {
  counter += 1;
  return repository.insert({ id: `run-${counter}`, systemId, operationId: 'o', startedAt, durationMs: 5.4, complete, results, samples: [] }).id;
}

describe('runs of health', () => {
  test('the worst result is the run\'s', async () => {
    const repository = await repositoryOf();
    insert(repository, start, [result('a', 'ok'), result('b', 'warn'), result('c', 'unknown')]);
    expect(repository.latest('s')?.run).toMatchObject({ status: 'unknown', counts: { ok: 1, warn: 1, unknown: 1, critical: 0, skipped: 0 } });
  });
  test('a run that looked at nothing is unknown', async () => {
    const repository = await repositoryOf();
    insert(repository, start, []);
    expect(repository.latest('s')?.run.status).toBe('unknown');
  });
  test('a partial run never stands for the system', async () => {
    const repository = await repositoryOf();
    insert(repository, start, [result('a', 'ok')], { complete: false });
    expect(repository.latest('s')).toBeNull();
  });
  test('a partial run takes the place of what it looked at', async () => {
    const repository = await repositoryOf();
    insert(repository, start, [result('a', 'critical'), result('b', 'ok')]);
    insert(repository, start + 1000, [result('a', 'ok')], { complete: false });
    const latest = repository.latest('s');
    expect([latest?.run.status, latest?.run.counts.ok, latest?.results.map((one) => one.summary).sort()]).toEqual(['ok', 2, ['a ok', 'b ok']]);
  });
  test('a complete run forgets the partial ones before it', async () => {
    const repository = await repositoryOf();
    insert(repository, start, [result('a', 'critical')], { complete: false });
    insert(repository, start + 1000, [result('a', 'ok')]);
    expect(repository.latest('s')?.run.status).toBe('ok');
  });
  test('a clock that jumped back does not bring an old run to the front', async () => {
    const repository = await repositoryOf();
    insert(repository, start + 30 * day, [result('a', 'critical')]);
    insert(repository, start, [result('a', 'ok')]);
    expect(repository.latest('s')?.run.status).toBe('ok');
  });
  test('results come worst first', async () => {
    const repository = await repositoryOf();
    const id = insert(repository, start, [result('a', 'skipped'), result('b', 'ok'), result('c', 'warn'), result('d', 'unknown'), result('e', 'critical')]);
    expect(repository.resultsOf(id).map((one) => one.status)).toEqual(['critical', 'unknown', 'warn', 'ok', 'skipped']);
  });
  test('since tells when the state began', async () => {
    const repository = await repositoryOf();
    for (const [index, status] of (['warn', 'ok', 'warn', 'warn'] as const).entries()) insert(repository, start + index * day, [result('a', status)]);
    expect(repository.latest('s')?.results[0]?.since).toBe(new Date(start + 2 * day).toISOString());
  });
  test('the trend is the last thirty values, oldest first', async () => {
    const repository = await repositoryOf();
    for (let index = 0; index < 35; index += 1) insert(repository, start + index * 1000, [result('a', 'ok', index)]);
    expect(repository.latest('s')?.results[0]?.trend.map((point) => point.value)).toEqual(Array.from({ length: 30 }, (_, index) => index + 5));
  });
  test('an older run shows the trend as it was', async () => {
    const repository = await repositoryOf();
    const first = insert(repository, start, [result('a', 'ok', 1)]);
    insert(repository, start + 1000, [result('a', 'ok', 2)]);
    expect(repository.resultsOf(first)[0]?.trend).toHaveLength(1);
  });
  test('a run that is not there is store.not-found', async () => {
    const repository = await repositoryOf();
    expect(() => repository.run('nothing')).toThrow(expect.objectContaining({ code: 'store.not-found' }));
  });
  test('a fix that an earlier version kept names the database that its result is about', async () => {
    const repository = await repositoryOf();
    const fix = { where: 'sql', do: 'ALTER TABLE t;', undo: null } as const;
    insert(repository, start, [{ ...result('a', 'warn', 1, 'other:db:5432/my on shop'), target: 'my on shop on db:5432', fix }, { ...result('b', 'warn', 1, 'server:db:5432'), target: 'db:5432', fix }]);
    expect(repository.latest('s')?.results.map((one) => one.fix?.database)).toEqual(['my on shop', undefined]);
  });
  test('a result that cannot be stored leaves no half of the run', async () => {
    const repository = await repositoryOf();
    expect(() => insert(repository, start, [result('a', 'ok'), result('a', 'ok')])).toThrow();
    expect(repository.runs('s', 10)).toEqual([]);
  });
});

describe('thinning', () => {
  test('keeps all of a week, then the newest complete run of a day', async () => {
    const repository = await repositoryOf();
    const kept = [insert(repository, start + 2000, [result('a', 'ok')])];
    const now = start + 20 * day;
    insert(repository, start + 1 * day, [result('a', 'ok')]);
    kept.push(insert(repository, start + 1 * day + 1000, [result('a', 'ok')]));
    insert(repository, start + 2 * day, [result('a', 'ok')], { complete: false });
    kept.push(insert(repository, now - 1000, [result('a', 'ok')]), insert(repository, now - 500, [result('a', 'ok')], { complete: false }));
    repository.thin(now);
    expect(repository.runs('s', 100).map((run) => run.id).sort()).toEqual(kept.sort());
  });
  test('lets go after 400 days', async () => {
    const repository = await repositoryOf();
    insert(repository, start, [result('a', 'ok')]);
    insert(repository, start + 401 * day, [result('a', 'ok')]);
    expect(repository.thin(start + 401 * day)).toBe(1);
  });
  test('never lets the newest complete run of a system go', async () => {
    const repository = await repositoryOf();
    const only = insert(repository, start, [result('a', 'ok')], { systemId: 'other' });
    repository.thin(start + 900 * day);
    expect(repository.latest('other')?.run.id).toBe(only);
  });
});

test('a sample is replaced by the next', async () => {
  const repository = await repositoryOf();
  for (const value of [1, 2]) repository.insert({ id: `sampled-${value}`, systemId: 's', operationId: 'o', startedAt: start + value, durationMs: 1, complete: true, results: [], samples: [{ check: 'deadlocks', targetKey: 'k', at: start + value, values: { deadlocks: value } }] });
  expect(repository.sample('deadlocks', 'k')).toEqual({ check: 'deadlocks', targetKey: 'k', at: start + 2, values: { deadlocks: 2 } });
});
