import { describe, expect, it } from 'vitest';
import { postgresChecks } from '#engine/health/postgres/index.ts';
import { differences, expectedRows, expectedTotal } from '#engine/practice/shop/expected.ts';
import { planted } from '#engine/practice/shop/faults.ts';

describe('what is planted in the practice system', () => {
  it('is something that a check looks for', () => {
    const checks = new Set(postgresChecks.map(({ about }) => about.id));
    expect(planted.filter(({ check }) => !checks.has(check))).toEqual([]);
  });
});

describe('what the shop holds', () => {
  const counted = Object.fromEntries(Object.entries(expectedRows).map(([table, rows]) => [table.replaceAll('"', ''), rows]));

  it('is about a hundred thousand rows', () => {
    expect(expectedTotal).toBe(116_589);
  });

  it('is accepted when every count is right', () => {
    expect(differences(counted)).toEqual([]);
  });

  it('is refused when a table came out empty', () => {
    expect(differences({ ...counted, reviews: 0 })).toEqual(['reviews has 0 rows instead of 3500']);
  });
});
