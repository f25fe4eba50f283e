/** A local file that cannot be used: what is said of it, and that it is left alone. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { openDatabase, storeFileName } from '#engine/store/database.ts';
import { migrations } from '#engine/store/migrations/index.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

let home: string;
let file: string;
const digest = (): string => createHash('sha256').update(readFileSync(file)).digest('hex');
const open = () => openDatabase(home, join(home, 'copies'), 0);
const thrownBy = (work: () => unknown): unknown => {
  try {
    work();
    return null;
  } catch (error) {
    return error;
  }
};
beforeEach(async () => {
  home = await temporaryFolder('local-file');
  mkdirSync(join(home, 'copies'));
  file = join(home, storeFileName);
});

test('a local file that another program holds is told as that, and stays as it was', () => {
  open().close();
  const holder = new Sqlite(file);
  onTestFinished(() => void holder.close());
  holder.pragma('journal_mode = DELETE');
  holder.pragma('locking_mode = EXCLUSIVE');
  holder.exec('BEGIN EXCLUSIVE');
  const before = digest();
  expect(thrownBy(open)).toMatchObject({ code: 'store.locked', message: expect.stringContaining(file) as string, hint: expect.stringContaining('Close what has it open') as string });
  expect(digest()).toBe(before);
});

test.each<[string, string, () => void]>([
  ['is none', 'store.damaged', () => writeFileSync(file, 'x'.repeat(500))],
  ['was cut', 'store.damaged', () => (open().close(), truncateSync(file, 20_000))],
  ['is newer', 'store.newer', () => {
    open().close();
    const newer = new Sqlite(file);
    newer.pragma(`user_version = ${migrations.length + 5}`);
    newer.close();
  }],
])('whatever is wrong with a local file, the message names it and says what to do next: one that %s', (_what, code, spoil) => {
  spoil();
  expect(thrownBy(open)).toMatchObject({ code, message: expect.stringContaining(file) as string, hint: expect.stringMatching(/copies|another data folder/) as string });
});
