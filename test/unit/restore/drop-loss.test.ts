import { describe, expect, it } from 'vitest';
import { lossWithCopy, lossWithSetAside, type LossQuestion } from '#engine/restore/drop-loss.ts';
import type { Restore } from '#shared/contract/restores.ts';

const rows = (counts: Record<string, number>) => Object.entries(counts).map(([name, count]) => ({ schema: 'public', name, rows: count }));

function question(now: Record<string, number> | null, restore: Partial<Restore> = {}, more: Partial<LossQuestion> = {}): LossQuestion {
  return { restore: { state: 'beside', backupTakenAt: '2026-11-26T08:16:00.000Z', ...restore } as Restore, name: 'shop__new', backup: rows({ orders: 100, items: 300 }), now: now === null ? null : rows(now), backupStands: true, ...more };
}

describe('dropping a copy', () => {
  it('that was live tells how many rows go with it, and that nothing brings them back', () => {
    expect(lossWithCopy(question({ orders: 155, items: 290 }, { state: 'undone' }))).toEqual({
      consequence: 'At least 55 rows written into shop__new while it was live exist only here and are lost: public.orders +55. Rows that were changed, or added while as many were deleted, come on top of that.',
      wayBack: 'Restore the backup again. For what was written into shop__new while it was live there is none.',
    });
  });

  it('that was live and has as many rows as its backup does not say that nothing is lost', () => {
    const loss = lossWithCopy(question({ orders: 100, items: 300 }, { state: 'kept', undoneAt: '2026-11-26T09:00:00.000Z' }));
    expect([loss.consequence, loss.wayBack]).toEqual([expect.stringContaining('while it was live exist only here and are lost'), expect.stringContaining('there is none')]);
  });

  it('counts rows of a table that the backup does not have', () => {
    expect(lossWithCopy(question({ orders: 100, items: 300, notes: 1 })).consequence).toMatch(/^At least 1 row written into shop__new since it was restored exists only here and is lost: public\.notes \+1 \(the table is new\)\./);
  });

  it('that nobody touched is brought back by its backup', () => {
    expect(lossWithCopy(question({ orders: 100, items: 300 }))).toEqual({ consequence: 'No table of shop__new has more rows than the backup, which stays and can be restored again.', wayBack: 'Restore the backup again.' });
  });

  it.each([['whose backup is gone', question({ orders: 100, items: 300 }, {}, { backupStands: false }), null], ['that could not be counted', question(null, { state: 'undone' }), expect.stringContaining('there is none')]])('%s promises no whole way back', (_which, asked, wayBack) => {
    expect(lossWithCopy(asked)).toEqual({ consequence: expect.stringMatching(/exists? only here/), wayBack });
  });
});

describe('dropping what was set aside', () => {
  const aside = (now: Record<string, number> | null, ofItself = true) => lossWithSetAside(question(now, { state: 'swapped' }, { name: 'shop__old' }), ofItself);

  it('tells how many rows the backup does not have', () => {
    expect(aside({ orders: 155, items: 300 })).toEqual({ consequence: expect.stringMatching(/^At least 55 rows of shop__old are not in the backup of 2026-11-26 08:16 UTC and are lost, unless a later backup has them: public\.orders \+55\./), wayBack: null });
  });

  it('counts all of it where the backup is one of another database', () => {
    expect(aside({ orders: 155, items: 300 }, false).consequence).toContain('shop__old holds 455 rows in 2 tables, and the backup that was restored is one of another database.');
  });

  it.each([['that could not be counted', null], ['with as many rows as the backup', { orders: 100, items: 300 }]])('%s does not say that nothing is lost', (_which, now) => {
    expect(aside(now).consequence).toMatch(/lost, unless a later backup has them/);
  });
});
