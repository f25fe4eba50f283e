import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { beginFile, sweepUnfinished } from '#engine/store/whole-file.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await temporaryFolder('whole');
  path = join(folder, 'copy.db');
});

describe('a copy', () => {
  test('has its name, for its owner alone, when it is whole', () => {
    const file = beginFile(path);
    writeFileSync(file.path, 'whole');
    const before = existsSync(path);
    file.finish();
    expect([before, readFileSync(path, 'utf8'), statSync(path).mode & 0o777, readdirSync(folder)]).toEqual([false, 'whole', 0o600, ['copy.db']]);
  });
  test('takes the place of no other', () => {
    writeFileSync(path, 'mine');
    expect(() => beginFile(path)).toThrow(expect.objectContaining({ code: 'store.conflict' }));
  });
  test('that failed leaves nothing, also of what SQLite put beside it', () => {
    const file = beginFile(path);
    for (const suffix of ['', '-journal', '-wal']) writeFileSync(file.path + suffix, 'half');
    file.discard();
    expect(readdirSync(folder)).toEqual([]);
  });
  test('that a killed process left half is swept, and nothing else is', () => {
    for (const name of ['a.db.partial', 'a.db.partial-journal', 'a.db', 'partial']) writeFileSync(join(folder, name), '');
    sweepUnfinished(folder);
    expect(readdirSync(folder).toSorted()).toEqual(['a.db', 'partial']);
  });
});
