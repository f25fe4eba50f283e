import Sqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { explainStoreError } from '#engine/store/database.ts';
import { PilothouseError } from '#shared/domain/errors.ts';

const errno = (code: string) => Object.assign(new Error(`${code}: no room`), { code, path: '/data/x' });

describe('an error of the local file on its way out', () => {
  test.each([
    ['SQLITE_FULL', 'store.disk-full'],
    ['SQLITE_IOERR_WRITE', 'store.disk-full'],
    ['SQLITE_IOERR_READ', 'store.unwritable'],
    ['SQLITE_READONLY_DBMOVED', 'store.unwritable'],
    ['SQLITE_CORRUPT_VTAB', 'store.damaged'],
    ['SQLITE_BUSY_SNAPSHOT', 'store.locked'],
  ])('says what %s means: %s', (code, ours) => {
    expect(explainStoreError(new Sqlite.SqliteError('it failed', code))).toMatchObject({ code: ours });
  });
  test.each(['ENOSPC', 'EDQUOT'])('says that the disk is full, and which: %s', (code) => {
    expect(explainStoreError(errno(code))).toMatchObject({ code: 'store.disk-full', message: expect.stringContaining('/data/x') });
  });
  test.each([new PilothouseError('backup.space', 'No room.', { details: { code: 'ENOSPC' } }), new Sqlite.SqliteError('twice', 'SQLITE_CONSTRAINT_UNIQUE'), errno('ENOENT'), 'thrown'])('stays what it is where it is no such thing: %s', (error) => {
    expect(explainStoreError(error)).toBe(error);
  });
});
