import { describe, expect, test } from 'vitest';
import { inTurn, mergeProofs } from '#engine/backup/proof-memory.ts';

const record = (at: number, ok = true) => ({ level: 'L0' as const, ok, at: new Date(at * 1000).toISOString(), durationMs: 1, where: 'here', checks: [], operationId: null });
const seconds = (records: readonly { at: string }[]) => records.map(({ at }) => Date.parse(at) / 1000);

describe('what folder and catalogue know together', () => {
  test('is each answer once', () => {
    expect(seconds(mergeProofs([record(1), record(2)], [record(1), record(2)]))).toEqual([1, 2]);
  });
  test('has what only the catalogue knows', () => {
    expect(seconds(mergeProofs([record(1)], [record(1), record(2)]))).toEqual([1, 2]);
  });
  test('has what only the folder knows', () => {
    expect(seconds(mergeProofs([record(1), record(2), record(3)], [record(2)]))).toEqual([1, 2, 3]);
  });
  test('is in the order in which it was made, although the clock jumped back', () => {
    expect(seconds(mergeProofs([record(5), record(2)], [record(5), record(2), record(3)]))).toEqual([5, 2, 3]);
  });
  test('is in order of time where neither knows of the other', () => {
    expect(seconds(mergeProofs([record(1), record(4)], [record(1), record(2), record(6)]))).toEqual([1, 2, 4, 6]);
  });
  test('ends with the answer that speaks against it where two were made at the same moment', () => {
    const failed = { ...record(1, false), level: 'L1' as const };
    expect([mergeProofs([record(1)], [failed]), mergeProofs([failed], [record(1)])].map((merged) => merged.at(-1)?.ok)).toEqual([false, false]);
  });
});

describe('work on one folder', () => {
  test('begins when what was asked for before has ended, however it ended', async () => {
    const seen: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = inTurn('a', async () => {
      await gate.promise;
      seen.push('first');
      throw new Error('went wrong');
    });
    const second = inTurn('a', async () => void seen.push('second'));
    gate.resolve();
    await expect(first).rejects.toThrow('went wrong');
    await second;
    expect(seen).toEqual(['first', 'second']);
  });
  test('does not wait for that on another', async () => {
    const gate = Promise.withResolvers<void>();
    const held = inTurn('a', () => gate.promise);
    await expect(inTurn('b', () => Promise.resolve('done'))).resolves.toBe('done');
    gate.resolve();
    await held;
  });
});
