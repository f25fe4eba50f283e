import { describe, expect, test } from 'vitest';
import { backupStanding } from '#shared/domain/backup-standing.ts';

const now = Date.parse('2026-11-20T12:00:00Z');
const limits = { warn: 26, critical: 50 };
const copy = (id: string, hours: number, damaged: string | null = null) => ({ id, takenAt: new Date(now - hours * 3_600_000).toISOString(), damaged });
const judged = (newest: ReturnType<typeof copy> | null, newestProven: ReturnType<typeof copy> | null) => {
  const { state, because } = backupStanding({ newest, newestProven }, limits, now);
  return `${state}: ${because}`;
};

describe('a database is backed up', () => {
  test('critically where there is no copy', () => expect(judged(null, null)).toBe('critical: none'));
  test('critically where no copy is proven', () => expect(judged(copy('a', 1), null)).toBe('critical: unproven'));
  test('critically where its newest copy is damaged, however fresh an older one is', () => expect(judged(copy('b', 1, 'cut'), copy('a', 2))).toBe('critical: damaged'));
  test('well while its newest proven copy is younger than the limit', () => expect(judged(copy('b', 1), copy('a', 25.9))).toBe('ok: age'));
  test('with a warning from the limit on', () => expect(judged(copy('a', 26), copy('a', 26))).toBe('warn: age'));
  test('nobody knows how, where the newest proven copy is dated ahead of the clock', () => expect(judged(copy('a', -5), copy('a', -5))).toBe('unknown: ahead'));
  test('critically where a copy that is damaged is dated ahead of the clock', () => expect(judged(copy('b', -5, 'cut'), copy('a', -6))).toBe('critical: damaged'));
  test('well where the clock of its server is a little ahead', () => expect(judged(copy('a', -0.08), copy('a', -0.08))).toBe('ok: age'));
  test('critically from the second limit on', () => expect(judged(copy('a', 50), copy('a', 50))).toBe('critical: age'));
});
