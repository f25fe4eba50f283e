import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Backup } from '#shared/contract/backups.ts';
import { createBackupRoom } from '#engine/backup/backup-room.ts';
import { createBackupRepository } from '#engine/store/backup-repository.ts';
import { createTestEngine, type TestEngine } from '#test/engine-parts.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const cluster = '7391044211876302114';
const start = Date.parse('2026-01-01T00:00:00Z');

/** An engine with a database that nobody reaches: all that is asked here is the catalogue. */
async function open(): Promise<{ engine: TestEngine; systemId: string; databaseId: string; put: (id: string, change?: Partial<Backup>) => void }> {
  const root = await temporaryFolder('look-up');
  const engine = createTestEngine({ root, rooms: [createBackupRoom] });
  onTestFinished(() => engine.close());
  const { systemId, databaseId } = engine.addDatabase({ name: 'Shop', server: { host: '127.0.0.1', port: 1, password: '' }, database: 'shop', systemIdentifier: cluster });
  let hours = 0;
  const put = (id: string, change: Partial<Backup> = {}) => {
    hours += 1;
    createBackupRepository(engine.context.store).upsert({
      id, path: `${root}/backups/shop/shop/${id}`, systemId, systemName: 'Shop', environment: 'production', databaseId, database: 'shop', systemIdentifier: cluster, serverVersion: '17.11', format: 'directory',
      takenAt: new Date(start + hours * 3_600_000).toISOString(), durationMs: 1, sizeBytes: 1, tables: 1, rows: 1, largeObjects: 0, proof: null, provenAt: null, damaged: null, pinned: false, ...change,
    });
  };
  return { engine, systemId, databaseId, put };
}

const ids = (backups: readonly Backup[]) => backups.map(({ id }) => id);

describe('the catalogue', () => {
  test('that is longer than an answer says how long it is, and goes on where the answer ended', async () => {
    const { engine, systemId, put } = await open();
    for (const id of ['a', 'b', 'c']) put(id);
    const first = await engine.call('backup.list', { systemId, limit: 2 });
    const rest = await engine.call('backup.list', { systemId, limit: 2, cursor: first.nextCursor ?? '' });
    expect([ids(first.backups), first.total, ids(rest.backups), rest.total, rest.nextCursor]).toEqual([['c', 'b'], 3, ['a'], 3, null]);
  });
  test('goes on between two copies of the same moment, and loses neither', async () => {
    const { engine, systemId, put } = await open();
    const takenAt = new Date(start).toISOString();
    for (const id of ['a', 'b', 'c']) put(id, { takenAt });
    const first = await engine.call('backup.list', { systemId, limit: 1 });
    const rest = await engine.call('backup.list', { systemId, cursor: first.nextCursor ?? '' });
    expect([...ids(first.backups), ...ids(rest.backups)].sort()).toEqual(['a', 'b', 'c']);
  });
  test('refuses a cursor that it never gave', async () => {
    const { engine } = await open();
    await expect(engine.call('backup.list', { cursor: 'anything' })).rejects.toMatchObject({ code: 'contract.invalid-input' });
  });
  test('gives the copies of a system that was forgotten to nobody, at once', async () => {
    const { engine, systemId, put } = await open();
    put('a');
    engine.context.systems.remove(systemId);
    const { backups } = await engine.call('backup.list', { systemId: null });
    expect(backups).toMatchObject([{ id: 'a', systemId: null, databaseId: null, systemName: 'Shop' }]);
  });
  test('keeps what belongs to a system here out of what belongs to none', async () => {
    const { engine, put } = await open();
    put('a');
    put('b', { systemId: null, databaseId: null, systemName: 'Old shop' });
    expect(ids((await engine.call('backup.list', { systemId: null })).backups)).toEqual(['b']);
  });
});

describe('the newest copies of a database', () => {
  test('are found behind any number of newer ones of another', async () => {
    const { engine, systemId, databaseId, put } = await open();
    const other = engine.addDatabase({ name: 'Shop', server: { host: '127.0.0.1', port: 1, password: '' }, database: 'site', systemIdentifier: cluster }).databaseId;
    put('proven', { proof: 'L3' });
    put('newest', { proof: 'L1' });
    for (let index = 0; index < 1001; index += 1) put(`site-${index}`, { databaseId: other, database: 'site', proof: 'L0' });
    const { databases } = await engine.call('backup.newest', { systemId });
    const of = (id: string) => databases.find((each) => each.databaseId === id);
    expect([of(databaseId)?.newest?.id, of(databaseId)?.newestProven?.id, of(other)?.newest?.id, of(other)?.newestProven]).toEqual(['newest', 'proven', 'site-1000', null]);
  });
  test('are none once the connection leads to another database, although no scan was made', async () => {
    const { engine, systemId, databaseId, put } = await open();
    put('a', { proof: 'L3' });
    engine.context.systems.updateDatabase(databaseId, { connection: { ...engine.context.systems.getDatabase(databaseId).connection, database: 'other' } });
    expect((await engine.call('backup.newest', { systemId })).databases).toEqual([{ databaseId, newest: null, newestProven: null }]);
  });
});

describe('a copy whose folder is gone', () => {
  test('is shown with what is known of it, and why nothing else is', async () => {
    const { engine, put } = await open();
    put('a', { proof: 'L3', rows: 42 });
    const { backup, contents } = await engine.call('backup.get', { backupId: 'a' });
    expect({ rows: backup.rows, contents, damaged: backup.damaged }).toEqual({ rows: 42, contents: null, damaged: expect.stringMatching(/^Its folder .* is missing\.$/) });
  });
  test('is told of once, so that who looks again when told is not told for ever', async () => {
    const { engine, put } = await open();
    put('a');
    const told = vi.spyOn(engine.context.changes, 'changed');
    await engine.call('backup.get', { backupId: 'a' });
    await engine.call('backup.get', { backupId: 'a' });
    expect(told.mock.calls).toEqual([['backups']]);
  });
});
