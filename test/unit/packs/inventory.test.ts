/** Each procedure, schedule, threshold, clock, contact and template of the guides has its place in a pack, or is on a list that may only become shorter. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { guidesFolder } from '#test/guides.ts';
import { coveredByPacks, expectedOf, inventoryId, inventoryIds, missingIds } from '#test/inventory/inventory.ts';

const covered = coveredByPacks();
const sorted = (names: Iterable<string>): string[] => [...new Set(names)].toSorted();
const ofKind = (letter: string): number => inventoryIds.filter((id) => id[2] === letter).length;

test('the inventory is whole: 82 procedures and 26 groups of what is scheduled', () => {
  expect([inventoryIds.length, ofKind('P'), ofKind('S')]).toEqual([171, 82, 26]);
});

test('the list of ids is that of the inventory beside the guides', (context) => {
  if (guidesFolder === null) context.skip('the guides do not stand beside the project');
  else expect(sorted(readFileSync(join(guidesFolder, 'inventory.md'), 'utf8').match(/\b[A-Z]-[A-Z]\d\d\b/g) ?? [])).toEqual(sorted(inventoryIds));
});

test('each id was thought about, and no other', () => {
  expect(sorted(Object.keys(expectedOf))).toEqual(sorted(inventoryIds));
});

test('no pack covers what is in no inventory', () => {
  expect([...covered.keys()].filter((id) => inventoryId.test(id) && !inventoryIds.includes(id))).toEqual([]);
});

describe.each(sorted(inventoryIds.map((id) => id.slice(0, 1))))('of guide %s', (letter) => {
  test.each(inventoryIds.filter((id) => id.startsWith(letter)))('%s is what a person said implements it', (id) => {
    const expected = expectedOf[id];
    expect(sorted(covered.get(id) ?? [])).toEqual(Array.isArray(expected) ? sorted(expected) : []);
  });
});

test('what nothing implements is on the list, with a reason, and nothing else is', () => {
  const without = inventoryIds.filter((id) => !covered.has(id));
  const unreasoned = without.filter((id) => typeof expectedOf[id] !== 'string');
  expect({ without: sorted(without), unreasoned }).toEqual({ without: missingIds, unreasoned: [] });
});

test('the list has not become longer', () => {
  expect(missingIds.length).toBeLessThanOrEqual(0);
});
