import { describe, expect, it } from 'vitest';
import type { DatabaseContents } from '#engine/backup/manifest.ts';
import { compareContents, withLiveCounts } from '#engine/restore/compare.ts';
import { changeWords, rowChanges } from '#engine/restore/exchange-plan.ts';

const contents = (changes: Partial<DatabaseContents> = {}): DatabaseContents => ({
  tables: [
    { schema: 'public', name: 'orders', kind: 'table', rows: 10 },
    { schema: 'public', name: 'totals', kind: 'materialized-view', rows: 3 },
  ],
  sequences: [{ schema: 'public', name: 'orders_id_seq', lastValue: '10', isCalled: true }],
  largeObjects: 2,
  constraints: { total: 4, valid: 4 },
  ...changes,
});
const tables = (orders: number | null, totals: number | null): Partial<DatabaseContents> => ({
  tables: [
    ...(orders === null ? [] : [{ schema: 'public', name: 'orders', kind: 'table' as const, rows: orders }]),
    ...(totals === null ? [] : [{ schema: 'public', name: 'totals', kind: 'materialized-view' as const, rows: totals }]),
  ],
});

describe('comparing what came back', () => {
  it('finds the same equal', () => {
    expect(compareContents(contents(), contents())).toMatchObject({ equal: true, differences: [] });
  });
  it.each([
    ['fewer rows', tables(9, 3), 'public.orders came back with 9 rows, the backup has 10 rows'],
    ['an empty table', tables(0, 3), 'public.orders came back with 0 rows, the backup has 10 rows'],
    ['more rows', tables(11, 3), 'public.orders came back with 11 rows, the backup has 10 rows'],
    ['a missing table', tables(null, 3), 'public.orders is missing: the backup has 10 rows'],
    ['a materialised view that was not computed', { tables: [...(tables(10, null).tables ?? []), { schema: 'public', name: 'totals', kind: 'materialized-view' as const, rows: 0, populated: false }] }, 'public.totals was not computed, the backup has 3 rows'],
    ['a missing materialised view', tables(10, null), 'public.totals is missing: the backup has 3 rows'],
    ['a sequence behind', { sequences: [{ schema: 'public', name: 'orders_id_seq', lastValue: '9', isCalled: true }] }, 'Sequence public.orders_id_seq stands at 9, in the backup at 10'],
    ['a sequence that was not used', { sequences: [{ schema: 'public', name: 'orders_id_seq', lastValue: '10', isCalled: false }] }, 'Sequence public.orders_id_seq stands at 10 (not used yet), in the backup at 10'],
    ['a missing sequence', { sequences: [] }, 'Sequence public.orders_id_seq is missing'],
    ['fewer large objects', { largeObjects: 1 }, '1 large object came back, the backup has 2'],
    ['fewer constraints', { constraints: { total: 3, valid: 3 } }, '3 constraints came back, the backup has 4'],
    ['an invalid constraint', { constraints: { total: 4, valid: 3 } }, '3 constraints are valid, in the backup 4 are'],
  ])('says so of %s', (_what, restored, difference) => {
    expect(compareContents(contents(), contents(restored))).toMatchObject({ equal: false, differences: [difference] });
  });
  it('takes a table that nobody expected for a difference', () => {
    const restored = contents();
    restored.tables.push({ schema: 'public', name: 'stray', kind: 'table', rows: 0 });
    expect(compareContents(contents(), restored)).toMatchObject({ equal: false, differences: ['public.stray is not in the backup, and has 0 rows'] });
  });
  describe('with a backup that was taken from a standby', () => {
    const withTable = (table: Partial<DatabaseContents['tables'][number]>): DatabaseContents => {
      const restored = contents();
      restored.tables.push({ schema: 'public', name: 'cache', kind: 'table', rows: 0, ...table });
      return restored;
    };
    it('only notes that an unlogged table came back empty', () => {
      expect(compareContents(contents({ fromStandby: true }), withTable({ unlogged: true }))).toMatchObject({
        equal: true,
        differences: [],
        notes: [expect.stringContaining('public.cache came back empty: it is unlogged')],
        tables: [{}, {}, { name: 'cache', backup: 0, restored: 0, equal: true }],
      });
    });
    it.each([
      ['an unlogged table that has rows all the same', { fromStandby: true }, { unlogged: true, rows: 1 }],
      ['a logged table that nobody expected', { fromStandby: true }, {}],
      ['an unlogged table, where it was no standby', {}, { unlogged: true }],
    ])('takes %s for a difference', (_what, backup, table) => {
      expect(compareContents(contents(backup), withTable(table))).toMatchObject({ equal: false, differences: [expect.stringContaining('public.cache is not in the backup')], notes: [] });
    });
  });
  it('only notes that a stale materialised view was computed anew', () => {
    expect(compareContents(contents(), contents(tables(10, 5)))).toMatchObject({ equal: true, notes: ['public.totals was computed anew: 5 rows, where the stored copy had 3 rows'], warnings: [] });
  });
  it('warns of a materialised view that was computed to nothing, which may be right today', () => {
    expect(compareContents(contents(), contents(tables(10, 0)))).toMatchObject({ equal: true, differences: [], warnings: [expect.stringContaining('public.totals came back without any row')] });
  });
  it('takes no offence at a materialised view that was never computed', () => {
    const never: Partial<DatabaseContents> = { tables: [{ schema: 'public', name: 'totals', kind: 'materialized-view', rows: 0, populated: false }] };
    expect(compareContents(contents(never), contents(never))).toMatchObject({ equal: true, notes: [], warnings: [] });
  });
  describe('of partitions whose rows are loaded through their table', () => {
    const leaves = (first: number, second: number, loadedThrough?: { schema: string; name: string }): Partial<DatabaseContents> => ({
      tables: [first, second].map((count, index) => ({ schema: 'public', name: `leaf_${index}`, kind: 'partition', rows: count, ...(loadedThrough === undefined ? {} : { loadedThrough }) })),
    });
    const root = { schema: 'public', name: 'events' };

    it('finds them equal when their sum is, wherever the rows went', () => {
      expect(compareContents(contents(leaves(7, 3, root)), contents(leaves(2, 8, root)))).toMatchObject({ equal: true, tables: [{ backup: 2, restored: 2, equal: true }, { backup: 8, restored: 8, equal: true }], notes: [expect.stringContaining('The 10 rows of public.events are spread')] });
    });
    it('says so of a sum that differs', () => {
      expect(compareContents(contents(leaves(7, 3, root)), contents(leaves(2, 7, root)))).toMatchObject({ equal: false, differences: expect.arrayContaining(['public.events came back with 9 rows in all its partitions, the backup has 10 rows']) });
    });
    it('holds every other partition to its own rows', () => {
      expect(compareContents(contents(leaves(7, 3)), contents(leaves(2, 8)))).toMatchObject({ equal: false });
    });
  });
  it('puts live counts beside, and null where there is no such table', () => {
    const { tables: compared } = compareContents(contents(), contents());
    expect(withLiveCounts(compared, [{ schema: 'public', name: 'orders', kind: 'table', rows: 12 }]).map(({ live }) => live)).toEqual([12, null]);
  });
});

describe('what a database gained since', () => {
  it('is told by table, the largest first, without materialised views', () => {
    const then = [{ schema: 'public', name: 'orders', rows: 10 }, { schema: 'public', name: 'customers', rows: 5 }, { schema: 'public', name: 'totals', rows: 1 }];
    const now: DatabaseContents['tables'] = [
      { schema: 'public', name: 'customers', kind: 'table', rows: 4 },
      { schema: 'public', name: 'orders', kind: 'table', rows: 1310 },
      { schema: 'public', name: 'totals', kind: 'materialized-view', rows: 9 },
    ];
    expect(changeWords(rowChanges(then, now))).toBe('public.orders +1,300, public.customers −1');
  });
  it('counts the rows of tables that it has lost altogether, or that are new', () => {
    const then = [{ schema: 'public', name: 'orders', rows: 10 }, { schema: 'public', name: 'empty', rows: 0 }];
    const now: DatabaseContents['tables'] = [{ schema: 'public', name: 'notes', kind: 'table', rows: 3 }];
    expect(changeWords(rowChanges(then, now))).toBe('public.orders −10 (the table is missing), public.notes +3 (the table is new), public.empty 0 (the table is missing)');
  });
});
