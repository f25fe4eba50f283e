/** The health room over a real server: plans, partial runs, counters, limits, backups of the catalogue. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Restore } from '#shared/contract/restores.ts';
import { copyMadeHere } from '#shared/domain/copies-made-here.ts';
import { createOverview } from '#engine/systems/overview.ts';
import { createBackupRepository } from '#engine/store/backup-repository.ts';
import { createRestoreRepository } from '#engine/store/restore-repository.ts';
import { startFaultyServer, type FaultyServer } from '#test/health-faults.ts';
import { healthEngine } from '#test/health-engine.ts';
import { someBackup } from '#test/health-look.ts';

let faulty!: FaultyServer;
beforeAll(async () => {
  faulty = await startFaultyServer(18);
});
afterAll(() => (faulty as FaultyServer | undefined)?.stop());
const shop = () => healthEngine({ server: faulty.server, database: 'shop' });

describe('the plan', () => {
  test('reads only, and asks for no name', async () => {
    const { engine, systemId } = await shop();
    const { plan } = await engine.call('health.plan', { systemId });
    expect(plan).toMatchObject({ changes: false, irreversible: false, confirmName: null, runnable: true });
  });
  test('runs on a system that is read only', async () => {
    const { engine, systemId, look } = await shop();
    engine.context.systems.update(systemId, { readOnly: true });
    expect((await look(['version'])).operation.state).toBe('succeeded');
  });
  test('of a system without databases cannot run, and says why', async () => {
    const { engine, systemId, databaseId } = await shop();
    engine.context.systems.removeDatabase(databaseId);
    const { plan } = await engine.call('health.plan', { systemId });
    expect([plan.runnable, plan.findings[0]?.title]).toEqual([false, 'Shop has no database and no host yet']);
  });
  test('of a check that is none is health.unknown-check', async () => {
    const { engine, systemId } = await shop();
    await expect(engine.call('health.plan', { systemId, only: ['no-such'] })).rejects.toMatchObject({ code: 'health.unknown-check' });
  });
  test('of no check at all is refused', async () => {
    const { engine, systemId } = await shop();
    await expect(engine.call('health.plan', { systemId, only: [] })).rejects.toMatchObject({ code: 'contract.invalid-input' });
  });
});

describe('a run', () => {
  test('of some checks is kept by itself, and is not the state of the system', async () => {
    const { look, engine } = await shop();
    const { operation, run } = await look(['version', 'settings']);
    const { results } = await engine.call('health.run', { runId: String(operation.result?.['runId']) });
    expect([run, results.map((result) => result.check).sort()]).toEqual([null, ['settings', 'version']]);
  });
  test('of one check takes the place of its old result', async () => {
    const { look, engine, systemId } = await shop();
    const before = await look();
    await engine.call('health.setThreshold', { systemId, check: 'xid-age', threshold: { warn: 0, critical: 0 } });
    const after = await look(['xid-age']);
    expect([before.find('xid-age')?.status, after.find('xid-age')?.status, after.run?.id === before.run?.id, after.results.length]).toEqual(['ok', 'critical', true, before.results.length]);
  });
  test('says what came of it', async () => {
    const { look } = await shop();
    const { operation, run } = await look();
    expect(operation).toMatchObject({ state: 'succeeded', summary: expect.stringMatching(/^Shop is critical: \d+ critical, /), result: { runId: run?.id, status: 'critical' } });
  });
  test('tells its progress in checks', async () => {
    const { look, engine } = await shop();
    const { operation } = await look();
    const progress = engine.events(operation.id).filter((event) => event.kind === 'progress');
    expect([progress.length > 1, progress.at(-1)]).toEqual([true, expect.objectContaining({ fraction: 1 })]);
  });
  test('records when and as what the server was seen', async () => {
    const { look, engine, databaseId } = await shop();
    await look(['version']);
    expect(engine.context.systems.getDatabase(databaseId)).toMatchObject({ serverVersionNum: 180004, lastError: null, sizeBytes: expect.any(Number), systemIdentifier: expect.stringMatching(/^\d+$/) });
  });
});

describe('counters', () => {
  test('are a baseline at first, and found to have grown the second time', async () => {
    const { look, engine, systemId } = await shop();
    for (const [check, warn] of [['deadlocks', 0.5], ['temp-files', 1]] as const) await engine.call('health.setThreshold', { systemId, check, threshold: { warn, critical: null } });
    const first = await look();
    await faulty.gainCounters();
    const second = await look();
    expect([first, second].map(({ find }) => [find('deadlocks')?.status, find('temp-files')?.status])).toEqual([
      ['unknown', 'unknown'],
      ['warn', 'warn'],
    ]);
  });
});

describe('limits', () => {
  test('of the system are shown with the result', async () => {
    const { look, engine, systemId } = await shop();
    await engine.call('health.setThreshold', { systemId, check: 'connections', threshold: { warn: 1, critical: 99 } });
    expect((await look()).find('connections')).toMatchObject({ status: 'warn', warn: 1, critical: 99 });
  });
  test('that make no sense are refused, and nothing is changed', async () => {
    const { engine, systemId } = await shop();
    await expect(engine.call('health.setThreshold', { systemId, check: 'connections', threshold: { warn: 90, critical: 10 } })).rejects.toMatchObject({ code: 'contract.invalid-input' });
    expect(engine.context.systems.get(systemId).policy.thresholds).toEqual({});
  });
});

test('a proven backup in the catalogue is the age of the newest', async () => {
  const { look, engine, databaseId } = await shop();
  const backups = createBackupRepository(engine.context.store);
  const takenAt = new Date(Date.now() - 3 * 3_600_000).toISOString();
  await look();
  const { systemIdentifier } = engine.context.systems.getDatabase(databaseId);
  backups.upsert(someBackup({ databaseId, systemIdentifier: systemIdentifier ?? '', database: engine.context.systems.getDatabase(databaseId).connection.database, takenAt, provenAt: takenAt }));
  expect((await look()).find('last-backup')).toMatchObject({ status: 'ok', value: 3 });
});

describe('a backup that was proven since the run', () => {
  async function backedUpSince(hoursAgo: number) {
    const { look, engine, systemId, databaseId } = await shop();
    const before = await look();
    const { systemIdentifier, connection } = engine.context.systems.getDatabase(databaseId);
    const takenAt = new Date(Date.now() - hoursAgo * 3_600_000).toISOString();
    createBackupRepository(engine.context.store).upsert(someBackup({ databaseId, systemIdentifier: systemIdentifier ?? '', database: connection.database, takenAt, provenAt: new Date().toISOString() }));
    const now = await engine.call('health.latest', { systemId });
    return { before, now, found: now.results.find(({ check }) => check === 'last-backup'), card: createOverview(engine.context).card(engine.context.systems.get(systemId)) };
  }
  test('ends the finding without another run', async () => {
    const { before, found } = await backedUpSince(1);
    expect([before.find('last-backup')?.status, found?.status, found?.trend.at(-1)?.value]).toEqual(['critical', 'ok', 1]);
  });
  test('that is old already is found old', async () => {
    expect((await backedUpSince(30)).found).toMatchObject({ status: 'warn', summary: expect.stringContaining('since the newest proven backup') });
  });
  test('is counted wherever the system is shown', async () => {
    const { before, now, card } = await backedUpSince(1);
    const fewer = (before.run?.counts.critical ?? 0) - 1;
    expect([now.run?.counts.critical, card.counts.critical]).toEqual([fewer, fewer]);
  });
  test('leaves what the run found as it was', async () => {
    const { before, now } = await backedUpSince(1);
    const others = (results: typeof now.results) => results.filter(({ check }) => check !== 'last-backup');
    expect(others(now.results)).toEqual(others(before.results));
  });
});

test('a proven backup of another cluster is none of this database', async () => {
  const { look, engine, databaseId } = await shop();
  const takenAt = new Date(Date.now() - 3 * 3_600_000).toISOString();
  createBackupRepository(engine.context.store).upsert(someBackup({ databaseId, systemIdentifier: '1', database: engine.context.systems.getDatabase(databaseId).connection.database, takenAt, provenAt: takenAt }));
  expect((await look()).find('last-backup')).toMatchObject({ status: 'critical', value: null });
});

test('two databases of one server are asked for the server only once', async () => {
  const { look, engine, systemId, databaseId } = await shop();
  const { connection } = engine.context.systems.getDatabase(databaseId);
  engine.context.systems.insertDatabase({ id: 'again', systemId, label: 'postgres', connection: { ...connection, database: 'postgres' }, at: 0 });
  const { results } = await look();
  expect([results.filter((result) => result.check === 'xid-age').length, results.filter((result) => result.check === 'last-backup').length]).toEqual([1, 2]);
});

test('the catalogue has every check with what it sends: a statement, its part of the script, or no more than a request', async () => {
  const { engine } = await shop();
  const { checks } = await engine.call('health.catalogue', {});
  const ofHosts = checks.filter((check) => check.script !== null);
  const ofEndpoints = checks.filter((check) => check.script === null && check.sql === null);
  expect(ofEndpoints.map(({ id }) => id)).toEqual(['endpoint', 'endpoint-certificate']);
  expect([checks.length >= 50, ofHosts.length >= 20, checks.every((check) => ofEndpoints.includes(check) || check.id === 'last-backup' || (check.script ?? '').startsWith('# ') || /^\(?SELECT /.test(check.sql ?? ''))]).toEqual([true, true, true]);
});

describe('a copy that a restore of another system made on the same server', () => {
  const lookBesideCopy = async (state: Restore['state'], sameDatabase = true) => {
    const { look, engine } = await shop();
    await faulty.server.query('CREATE DATABASE shop__again');
    onTestFinished(async () => void (await faulty.server.query('DROP DATABASE shop__again')));
    const [row] = await faulty.server.query<{ oid: string; cluster: string }>("SELECT oid::text, (SELECT system_identifier::text FROM pg_control_system()) AS cluster FROM pg_database WHERE datname = 'shop__again'");
    const restores = createRestoreRepository(engine.context.store);
    restores.insert(restoreInto('shop__again', row?.cluster ?? ''));
    restores.update('restored', { state }, { restoredOid: sameDatabase ? (row?.oid ?? '') : '1' });
    const { results, find } = await look();
    return { looked: results.filter(({ target }) => target.startsWith('shop__again')).length, coverage: find('database-coverage') };
  };
  test.each(['beside', 'undone'] as const)('and that is %s is left out, which is said', async (state) => {
    const { looked, coverage } = await lookBesideCopy(state);
    expect([looked, coverage?.status, coverage?.evidence.rows.find(([name]) => name === 'shop__again')]).toEqual([0, 'ok', ['shop__again', copyMadeHere, 'Pilothouse restored it beside shop']]);
  });
  test('and that somebody kept for good is looked into', async () => {
    expect((await lookBesideCopy('kept')).looked).toBeGreaterThan(0);
  });
  test('is not another database that has its name by now', async () => {
    expect((await lookBesideCopy('beside', false)).looked).toBeGreaterThan(0);
  });
});

function restoreInto(into: string, systemIdentifier: string): Restore {
  const at = new Date().toISOString();
  return { id: 'restored', operationId: 'o', backupId: 'b', backupTakenAt: at, systemId: 'another', environment: 'staging', databaseId: 'another-database', identity: { systemIdentifier, database: 'shop' }, into, setAside: null, state: 'running', outcome: null, tables: 1, rows: 1, equal: true, differences: [], omissions: [], startedAt: at, endedAt: at, durationMs: 1, undoUntil: null };
}
