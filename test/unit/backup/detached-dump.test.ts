/** What is made of a dump on a host that nobody works on, and what is kept from those who do. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { EngineContext } from '#engine/engine-context.ts';
import { findEmptied } from '#engine/backup/contents.ts';
import { listUnfinished, requireContinuable, requireDump, runAbandon } from '#engine/backup/detached/continue.ts';
import { giveUp } from '#engine/backup/detached/give-up.ts';
import { dumpsOf, type AboutDump, type Dump } from '#engine/backup/detached/record.ts';
import { settleDump } from '#engine/backup/detached/settle.ts';
import type { RunningOperation } from '#engine/operations/procedure.ts';
import { openDatabase } from '#engine/store/database.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

let context: EngineContext;
let backups = '';
const operations = new Map<string, string>();
let told: unknown[] = [];
let managed = new Set<string>();
beforeEach(async () => {
  const root = await temporaryFolder('dumps');
  const store = openDatabase(root, root, 0);
  onTestFinished(() => void store.close());
  operations.clear();
  told = [];
  managed = new Set(['d']);
  operations.set('first', 'interrupted');
  backups = join(root, 'backups');
  mkdirSync(backups);
  const find = (id: string) => (operations.has(id) ? { state: operations.get(id), systemId: 's', endedAt: null, advice: null } : null);
  context = { store, home: { backups }, systems: { find: (id: string) => (id === 's' ? { id } : null), findDatabase: (id: string) => (managed.has(id) ? { id, systemId: 's' } : null) }, operations: { find, update: (...update: unknown[]) => void told.push(update) }, changes: { changed: () => {} }, ports: { logger: { warn: () => {} } } } as unknown as EngineContext;
});

/** Of a host that is not there any more: nobody goes there. */
function insert(changes: Partial<Omit<Dump, 'about'>> = {}, rewritten: AboutDump['rewritten'] = []): Dump {
  const dump: Dump = { operationId: 'first', databaseId: 'd', hostId: 'h', folder: 'shop/shop/now.partial', state: 'wanted', continuedBy: null, createdAt: 0, about: { details: { identity: { database: 'shop' }, expectedBytes: 1 }, snapshot: { takenAt: '2026-11-26T10:00:00.000Z' }, siteLabel: 'db-1', targetLabel: 'shop on db-1', jobFolder: '/home/dba/.pilothouse/jobs/first', rewritten } as unknown as AboutDump, ...changes };
  dumpsOf(context).insert(dump);
  return dump;
}

describe('a dump that another operation works on', () => {
  test.each(['wanted', 'unwanted'] as const)('and is %s is left alone by what is done about the one that began it', async (state) => {
    operations.set('second', 'running');
    const dump = insert({ state, continuedBy: 'second' });
    expect([await settleDump(context, dump), dumpsOf(context).find('first')?.state]).toEqual(['It is gone on with by a later operation.', state]);
  });
  test('is cleaned up after when that has ended', async () => {
    operations.set('second', 'failed');
    const dump = insert({ state: 'unwanted', continuedBy: 'second' });
    expect([await settleDump(context, dump), dumpsOf(context).find('first')]).toEqual(['This side was cleaned. db-1 is none of the hosts here any more. What there is of that dump was left where it is, in /home/dba/.pilothouse/jobs/first of the machine that made it. No backup came of it. Back up again.', null]);
  });
});

describe('a dump that ended before pg_dump had its locks', () => {
  test('can be given up, and never gone on with', () => {
    insert({}, null);
    expect(() => requireContinuable(context, 'first')).toThrow(expect.objectContaining({ code: 'backup.dump-failed', message: expect.stringContaining('before pg_dump had its locks') as string }));
    expect(requireDump(context, 'first').operationId).toBe('first');
  });
});

describe('a dump whose database was removed here', () => {
  test('waits with the system that it was begun in, and is given up there and nothing else', () => {
    insert();
    managed.clear();
    expect(listUnfinished(context)).toMatchObject([{ systemId: 's', hopeless: 'The database shop on db-1 was removed here since its backup was begun, so that no backup of it can be made any more.' }]);
    expect(() => requireContinuable(context, 'first')).toThrow(expect.objectContaining({ code: 'backup.dump-failed', hint: 'Give it up: both sides are cleaned.' }));
    expect(requireDump(context, 'first').operationId).toBe('first');
  });
  test('can be gone on with as long as it is managed', () => {
    insert();
    expect([listUnfinished(context)[0]?.hopeless, requireContinuable(context, 'first').operationId]).toEqual([null, 'first']);
  });
});

describe('a dump whose folder here cannot be removed', () => {
  test('is taken off its host all the same, and what is left here is told', async () => {
    const dump = insert({}, null);
    // A file stands where the folder above it should.
    writeFileSync(join(backups, 'shop'), '');
    await expect(giveUp(context, dump)).rejects.toMatchObject({ code: 'backup.destination', message: expect.stringContaining('could not be removed') as string });
    expect(dumpsOf(context).find('first')).toBeNull();
  });
  test('asks nobody to go on with it any more, though giving it up has failed', async () => {
    insert();
    writeFileSync(join(backups, 'shop'), '');
    const operation = { id: 'second', phase: (_step: string, work: () => Promise<void>) => work() } as unknown as RunningOperation;
    await expect(runAbandon(context, { dumpOf: 'first' }, operation)).rejects.toMatchObject({ code: 'backup.destination' });
    expect(told).toEqual([['first', { advice: 'It was given up.', acknowledged: true }]]);
  });
});

describe('a table that was rewritten before pg_dump had its locks', () => {
  const table = (name: string, rows: number, loadedThrough?: { schema: string; name: string }) => ({ schema: 'public', name, kind: 'table' as const, rows, ...(loadedThrough === undefined ? {} : { loadedThrough }) });
  const rewritten = [{ schema: 'public', name: 'a' }];
  const root = { schema: 'public', name: 'root' };
  test.each([
    ['with rows is as it was', [table('a', 3), table('b', 0)], false],
    ['without rows may have been emptied', [table('a', 0), table('b', 3)], true],
    ['that is loaded through another may have been emptied, whoever else has rows there', [table('a', 3, root), table('b', 0, root)], true],
  ])('%s', (_what, tables, isEmptied) => {
    expect(findEmptied(rewritten, { tables })).toEqual(isEmptied ? rewritten[0] : null);
  });
});
