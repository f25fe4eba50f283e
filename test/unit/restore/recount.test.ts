import { expect, it } from 'vitest';
import { saveFigures } from '#engine/restore/recount.ts';
import type { RestoreRepository, StoredComparison } from '#engine/store/restore-repository.ts';

const orders = (rows: number) => [{ schema: 'public', name: 'orders', kind: 'table' as const, rows }];

it('the time of a comparison is that of the live figures, whatever was counted of the copy since', () => {
  let stored: StoredComparison = { countedAt: '2026-11-25T08:00:00.000Z', compared: [{ schema: 'public', name: 'orders', backup: 5, restored: 5, live: 6, equal: true }], sequences: { equal: 0, total: 0 }, constraints: { valid: 0, total: 0 }, largeObjects: { backup: 0, restored: 0 } };
  const restores = { compared: () => stored, saveComparison: (_id: string, comparison: StoredComparison) => void (stored = comparison), update: () => undefined } as unknown as RestoreRepository;
  const context = { ports: { clock: { now: () => Date.parse('2026-11-26T09:00:00.000Z') } }, changes: { changed: () => {} } } as unknown as Parameters<typeof saveFigures>[0];
  const times: (string | undefined)[] = [];
  for (const figures of [{ copy: orders(5) as never }, { live: orders(7) as never }]) {
    saveFigures(context, restores, 'restore-1', figures);
    times.push(stored.countedAt);
  }
  expect(times).toEqual(['2026-11-25T08:00:00.000Z', '2026-11-26T09:00:00.000Z']);
});
