import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { closeDatabase, openDatabase, storeFileName } from '#engine/store/database.ts';
import { migrations, type Migration } from '#engine/store/migrations/index.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const now = Date.UTC(2026, 10, 20, 12, 0, 0);
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
let home: string;
let copies: string;
let file: string;

function open(known: readonly Migration[] = migrations) {
  const database = openDatabase(home, copies, now, known);
  onTestFinished(() => void database.close());
  return database;
}

function made(): void {
  const database = openDatabase(home, copies, now);
  database.prepare("INSERT INTO settings (key, value_json) VALUES ('mark', '1')").run();
  database.close();
}

beforeEach(async () => {
  home = await temporaryFolder('store');
  copies = join(home, 'copies');
  mkdirSync(copies);
  file = join(home, storeFileName);
});

describe('a fresh local file', () => {
  test('is for its owner alone', () => {
    open();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
  test('keeps what it was told across a restart', () => {
    made();
    expect(open().prepare('SELECT value_json FROM settings').get()).toEqual({ value_json: '1' });
  });
});

describe('a migration', () => {
  const next: Migration = { number: migrations.length + 1, slug: 'more', up: (database) => void database.exec('CREATE TABLE more (id INTEGER)') };
  const failing: Migration = { ...next, slug: 'failing', up: (database) => void database.exec('CREATE TABLE half (id INTEGER); CREATE TABLE half (id INTEGER)') };

  test('copies the file before it changes it', () => {
    made();
    open([...migrations, next]);
    const [copy] = readdirSync(copies);
    const before = new Sqlite(join(copies, copy ?? ''), { readonly: true });
    onTestFinished(() => void before.close());
    expect(before.pragma('user_version', { simple: true })).toBe(migrations.length);
    expect(before.prepare('SELECT value_json FROM settings').get()).toEqual({ value_json: '1' });
  });
  test('that fails is taken back wholly', () => {
    made();
    expect(() => openDatabase(home, copies, now, [...migrations, failing])).toThrow(expect.objectContaining({ code: 'store.migration-failed' }));
    expect(open().prepare("SELECT name FROM sqlite_master WHERE name = 'half'").get()).toBeUndefined();
  });
  test('of several is all or nothing', () => {
    made();
    expect(() => openDatabase(home, copies, now, [...migrations, next, { ...failing, number: next.number + 1 }])).toThrow(expect.objectContaining({ code: 'store.migration-failed' }));
    expect(open().prepare("SELECT name FROM sqlite_master WHERE name = 'more'").get()).toBeUndefined();
  });
  test('makes no copy where there is nothing to change', () => {
    made();
    open();
    expect(readdirSync(copies)).toEqual([]);
  });
  test('numbers have no gaps, so that none can be forgotten', () => {
    expect(migrations.map((migration) => migration.number)).toEqual(migrations.map((_migration, index) => index + 1));
  });
});

test('a first start that was killed before it made anything is begun again', () => {
  const begun = new Sqlite(file);
  begun.pragma('auto_vacuum = INCREMENTAL');
  begun.pragma('journal_mode = WAL');
  begun.close();
  expect([statSync(file).size > 0, open().pragma('user_version', { simple: true })]).toEqual([true, migrations.length]);
});

describe('all of a file is read', () => {
  /** A page that says where others belong: nothing but reading all of the file looks at it. */
  const spoil = () => {
    const bytes = readFileSync(file);
    bytes.fill(0xff, 4096, 8192);
    writeFileSync(file, bytes);
  };
  const isRead = (at: number): boolean => {
    try {
      openDatabase(home, copies, at).close();
      return false;
    } catch (error) {
      expect(error).toMatchObject({ code: 'store.damaged' });
      return true;
    }
  };
  test.each([
    ['not where it was closed in good order lately', 3_600_000, false],
    ['where that was long ago', 8 * 86_400_000, true],
    ['where the clock was wrong when it was last read', -3_600_000, true],
  ])('%s', (_when, later, read) => {
    closeDatabase(openDatabase(home, copies, now));
    spoil();
    expect(isRead(now + later)).toBe(read);
  });
  test('where it was not closed in good order', () => {
    made();
    spoil();
    expect(isRead(now)).toBe(true);
  });
});

describe('a file that must not be touched', () => {
  const refuses = (code: string) => {
    const before = sha256(file);
    expect(() => openDatabase(home, copies, now)).toThrow(expect.objectContaining({ code }));
    expect(sha256(file)).toBe(before);
  };

  test('one of a newer version is refused and stays as it was', () => {
    made();
    const database = new Sqlite(file);
    database.pragma(`user_version = ${migrations.length + 1}`);
    database.close();
    refuses('store.newer');
  });
  test('one that was cut is refused and stays as it was', () => {
    made();
    truncateSync(file, 20_000);
    refuses('store.damaged');
  });
  test('one with a page overwritten is refused and stays as it was', () => {
    made();
    const bytes = readFileSync(file);
    bytes.fill(0xff, 4096, 8192);
    writeFileSync(file, bytes);
    refuses('store.damaged');
  });
  test('one of another program is refused and stays as it was', () => {
    const other = new Sqlite(file);
    other.exec('CREATE TABLE theirs (id INTEGER)');
    other.close();
    refuses('store.damaged');
  });
  test('one that is no database is refused and stays as it was', () => {
    writeFileSync(file, 'Dear diary, '.repeat(50));
    refuses('store.damaged');
  });
  test('the message names the file and a way to a copy', () => {
    writeFileSync(file, 'x'.repeat(200));
    expect(() => openDatabase(home, copies, now)).toThrow(expect.objectContaining({ message: expect.stringContaining(file), hint: expect.stringContaining('copies') }));
  });
});

test('a file with a write-ahead log left by a killed process opens with what was committed', async () => {
  const database = openDatabase(home, copies, now);
  database.prepare("INSERT INTO settings (key, value_json) VALUES ('last', '2')").run();
  const killed = await temporaryFolder('killed');
  for (const suffix of ['', '-wal']) copyFileSync(file + suffix, join(killed, storeFileName + suffix));
  database.close();
  const reopened = openDatabase(killed, copies, now);
  onTestFinished(() => void reopened.close());
  expect(reopened.prepare("SELECT value_json FROM settings WHERE key = 'last'").get()).toEqual({ value_json: '2' });
});
