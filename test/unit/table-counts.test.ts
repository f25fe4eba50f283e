import { describe, expect, test } from 'vitest';
import { figuresInWords, figuresOf } from '#shared/domain/table-counts.ts';

const counted = [
  { kind: 'table', rows: 1200 },
  { kind: 'partition', rows: 30 },
  { kind: 'materialized-view', rows: 16 },
] as const;

describe('tables and rows', () => {
  test('are of what holds rows of its own: materialised views are counted apart, and their rows not at all', () => {
    expect(figuresOf(counted)).toEqual({ tables: 2, partitions: 1, views: 1, rows: 1230 });
  });
  test('of which the kind was not kept are tables', () => {
    expect(figuresOf([{ rows: 3 }])).toEqual({ tables: 1, rows: 3 });
  });
  test.each([
    [counted, '1,230 rows in 2 tables and partitions, 1 materialised view'],
    [[{ kind: 'table', rows: 1 }], '1 row in 1 table'],
    [[{ kind: 'partition', rows: 2 }, { kind: 'partition', rows: 0 }], '2 rows in 2 partitions'],
    [[], '0 rows in 0 tables'],
  ] as const)('are said with what they are', (tables, words) => {
    expect(figuresInWords(figuresOf(tables))).toBe(words);
  });
});
