import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createSettling, type Settling } from '#engine/operations/settling.ts';
import { waitFor } from '#test/wait-for.ts';

/** A settling whose looks end when the test lets them. */
function begin(options: { left: number; everyMs?: number }): { settling: Settling; looks: () => number; failures: unknown[]; end: (error?: Error) => void } {
  let left = options.left;
  let looks = 0;
  let atOnce = 0;
  let over = (_error?: Error): void => {};
  const failures: unknown[] = [];
  const settling = createSettling({
    settle: async () => {
      expect((atOnce += 1)).toBe(1);
      looks += 1;
      await new Promise<void>((resolve, reject) => {
        over = (error) => (error === undefined ? resolve() : reject(error));
      }).finally(() => (atOnce -= 1));
      left -= 1;
    },
    isUnsettled: () => left > 0,
    onFailure: (error) => void failures.push(error),
    everyMs: options.everyMs ?? 1_000_000,
  });
  onTestFinished(() => {
    over();
    return settling.close();
  });
  return { settling, looks: () => looks, failures, end: (error) => over(error) };
}

describe('settling what a crash left', () => {
  test('is tried again, one look after the other, until nothing is left', async () => {
    const { looks, end, settling } = begin({ left: 2, everyMs: 1 });
    await waitFor('the first look', () => looks() === 1);
    end();
    await waitFor('the second look', () => looks() === 2);
    end();
    await settling.close();
    expect(looks()).toBe(2);
  });
  test('waits longer after each look that left something, and not when somebody asks', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const at: number[] = [];
    const settling = createSettling({ settle: async () => void at.push(Date.now()), isUnsettled: () => true, onFailure: () => {}, everyMs: 1000 });
    const begun = Date.now();
    await vi.advanceTimersByTimeAsync(21_000);
    expect(at.map((time) => (time - begun) / 1000)).toEqual([1, 3, 7, 13, 19]);
    void settling.look();
    await vi.advanceTimersByTimeAsync(3000);
    expect(at.slice(5).map((time) => (time - begun) / 1000)).toEqual([21, 22, 24]);
    await settling.close();
  });
  test('asked for twice during a look is done once more after it', async () => {
    const { looks, end, settling } = begin({ left: 9 });
    const all = [settling.look(), settling.look(), settling.look()];
    end();
    await waitFor('the second look', () => looks() === 2);
    end();
    await Promise.all(all);
    expect([looks(), settling.isLooking]).toEqual([2, false]);
  });
  test('that fails is said, and ends nothing', async () => {
    const { failures, end, settling } = begin({ left: 9 });
    const look = settling.look();
    end(new Error('away'));
    await look;
    expect(failures).toEqual([expect.objectContaining({ message: 'away' })]);
  });
  test('is asked again where the local file could not be read at the moment', async () => {
    const failures: unknown[] = [];
    const settling = createSettling({
      settle: () => Promise.resolve(),
      isUnsettled: () => {
        throw new Error('The local file is locked.');
      },
      onFailure: (error) => failures.push(error),
      everyMs: 1,
    });
    await waitFor('two looks at it', () => failures.length >= 2);
    await settling.close();
    expect(failures[0]).toMatchObject({ message: 'The local file is locked.' });
  });
  test('ends with the engine', async () => {
    const { looks, end, settling } = begin({ left: 9, everyMs: 1 });
    void settling.look();
    const closed = settling.close();
    end();
    await closed;
    await settling.look();
    expect(looks()).toBe(1);
  });
});
