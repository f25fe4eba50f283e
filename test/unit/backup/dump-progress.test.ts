import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { followDump } from '#engine/backup/dump-progress.ts';
import type { Progress, RunningOperation } from '#engine/operations/procedure.ts';

const sizes = new Map([['public.orders', 1000]]);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What was told last of a dump that has written nearly all of what was expected, after ten seconds. */
async function nearlyDone(range: readonly [number, number], fetched: boolean) {
  const told: Partial<Progress>[] = [];
  const operation = { progress: (progress: Partial<Progress>) => void told.push(progress) } as unknown as RunningOperation;
  const progress = followDump({ operation, written: async () => 950, sizes, expectedBytes: 1000, range, now: Date.now, fetched });
  progress.tableBegun('public.orders');
  await vi.advanceTimersByTimeAsync(10_000);
  await progress.stop();
  return told.at(-1);
}

describe('a dump that is nearly done', () => {
  test('is not told as an operation that is nearly over', async () => {
    expect((await nearlyDone([0, 0.36], false))?.leftMs).toBeGreaterThan(18_000);
  });
  test('on a host says how long the dump itself goes on, and not how long a line takes that nobody has tried yet', async () => {
    expect(await nearlyDone([0, 0.22], true)).toMatchObject({ leftMs: null, text: expect.stringMatching(/ · about 1 s of the dump left$/) as string });
  });
});
