import { expect, it } from 'vitest';
import type { ComparedTable } from '#shared/contract/restores.ts';
import { tally } from '../../../renderer/features/restore/tally.ts';

const table = (name: string, restored: number | null, live: number | null, more: Partial<ComparedTable> = {}): ComparedTable => ({ schema: 'public', name, backup: restored ?? 0, restored, live, equal: true, ...more });

it('tables that the copy has more of are not set off against those that the live database has more of', () => {
  expect(tally([table('orders', 10, 14), table('items', 30, 28), table('names', 5, 5)])).toEqual({ more: { rows: 4, tables: 1 }, fewer: { rows: 2, tables: 1 } });
});

it('a table that is not live any more has all its rows in the copy alone', () => {
  expect(tally([table('orders', 10, null), table('names', 5, 5)])?.fewer).toEqual({ rows: 10, tables: 1 });
});

it('a live database that nobody counted is not one without rows', () => {
  expect(tally([table('orders', 10, null)])).toBeNull();
});

it('a materialised view has no rows of its own', () => {
  expect(tally([table('totals', 3, 9, { kind: 'materialized-view' }), table('names', 5, 5)])).toEqual({ more: { rows: 0, tables: 0 }, fewer: { rows: 0, tables: 0 } });
});
