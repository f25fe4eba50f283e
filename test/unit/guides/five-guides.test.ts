import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { beforeAll, describe, expect, it } from 'vitest';
import { problemsOf } from '#engine/guides/check-item.ts';
import type { ReadGuide } from '#engine/guides/read-guide.ts';
import { knownChecks } from '#engine/packs/known-checks.ts';
import { guidesFolder } from '#test/guides.ts';
import { itemOf, readText, uncoveredLines } from '#test/read-fixture-guide.ts';

const names = { H: 'hydraulic', R: 'reconciliation', Z: 'zbinnovation', E: 'ecommerce-cod', N: 'neff-paving' } as const;
type Letter = keyof typeof names;
const letters = Object.keys(names) as Letter[];

describe.skipIf(guidesFolder === null)('the five guides', () => {
  const guides = {} as Record<Letter, ReadGuide>;
  beforeAll(() => {
    for (const letter of letters) guides[letter] = readText(readFileSync(join(guidesFolder ?? '', `${names[letter]}.md`), 'utf8'), `${names[letter]}.md`);
  });
  const sum = (of: (guide: ReadGuide) => number): number => letters.reduce((total, letter) => total + of(guides[letter]), 0);
  const linesOf = (letter: Letter, ...kinds: string[]): Set<number> => new Set(guides[letter].items.filter(({ kind }) => kinds.includes(kind)).flatMap(({ lines }) => lines.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index))));
  const missing = (letter: Letter, wanted: readonly number[], ...kinds: string[]): number[] => {
    const there = linesOf(letter, ...kinds);
    return wanted.filter((line) => !there.has(line));
  };

  it('have the blocks that were counted by hand', () => {
    const fences = ['bash', 'sql', 'yaml', 'javascript', 'java', 'nginx', 'markdown', 'python', 'typescript'].map((language) => sum(({ source }) => source.fences[language] ?? 0));
    expect([fences, sum(({ source }) => source.numbered), sum(({ source }) => source.bullets), sum(({ source }) => source.boxes), sum(({ source }) => source.rows)]).toEqual([[51, 11, 9, 5, 2, 2, 2, 1, 1], 167, 625, 0, 36]);
  });

  it.each(letters)('%s: each line is in an item', (letter) => {
    expect(uncoveredLines(guides[letter])).toEqual([]);
  });

  it.each(letters)('%s: what keeps a draft from being walked is a placeholder that is flagged', (letter) => {
    const wrong = guides[letter].items.flatMap((item) => {
      const errors = problemsOf(item.kind, item.key.split('/')[1] ?? '', item.text, knownChecks).filter(({ severity }) => severity === 'error');
      const isFlagged = item.flags.some((flag) => flag.class === 'placeholder');
      return errors.filter(({ rule }) => rule !== 'placeholder' || !isFlagged).map(({ rule, message }) => `${item.key}: ${rule}: ${message}`);
    });
    expect(wrong).toEqual([]);
  });

  // Lines of the inventory: where a procedure has commands, a list or a checklist.
  it.each([
    ['H', [279, 293, 330, 348, 361, 384, 412, 420, 431, 540, 556, 628, 756, 44, 234]],
    ['R', [85, 119, 244, 332, 346, 360, 443, 457, 471, 485, 510]],
    ['Z', [93, 556, 625, 634, 644, 651]],
    ['E', [70, 114, 160, 212, 269, 318, 376, 424, 460, 498, 535, 685, 707, 717, 735, 757, 789]],
    ['N', [57, 76, 104, 120, 141, 156, 168, 188, 205, 222, 237, 266, 283, 294, 309, 318, 333, 341, 347, 411, 428, 459, 474, 480, 488, 494, 504, 510, 516, 524, 531]],
  ] as const)('%s: each procedure is a runbook', (letter, lines) => {
    expect(missing(letter, lines, 'runbook')).toEqual([]);
  });

  it.each([
    ['H', [256, 262, 268, 645, 650, 655, 401, 402, 403]],
    ['R', [168, 188, 208, 232]],
    ['Z', [54, 62, 71, 80, 246, 271, 702]],
    ['E', [810, 811, 812, 813, 819, 820, 821, 822, 828, 829, 830, 831, 837, 838, 839, 840]],
    ['N', [23, 30, 37, 44]],
  ] as const)('%s: each schedule is an entry of the calendar', (letter, lines) => {
    expect(missing(letter, lines, 'calendar')).toEqual([]);
  });

  it.each([
    ['H', [500, 509, 743, 744, 745, 746, 825, 826, 827]],
    ['R', [291, 298, 299, 300, 301, 305, 306, 307, 308]],
    ['E', [585, 586, 587, 588, 589, 590, 591, 592, 598, 599, 600, 601, 602, 603, 604, 605, 614, 623, 632]],
    ['N', [69, 70, 71, 88, 357, 359, 362, 363, 364, 367, 368, 369, 388, 394, 400]],
  ] as const)('%s: each figure is a threshold', (letter, lines) => {
    expect(missing(letter, lines, 'threshold')).toEqual([]);
  });

  it('have their severities, levels, roles and people', () => {
    expect([missing('R', [55, 62, 69, 76], 'severity'), missing('H', [814, 815, 816, 817], 'severity'), missing('Z', [384, 403, 422], 'tier'), missing('E', [26, 34, 40], 'tier'), missing('H', [125, 142, 159, 183, 720, 725, 730, 735], 'tier'), missing('R', [11, 18, 25, 32], 'tier'), missing('R', [41, 42, 43, 44, 45, 46, 47, 401, 409, 415, 421, 427, 433], 'role'), missing('E', [50, 51, 52, 53], 'contact'), missing('N', [539, 540, 541, 542], 'contact'), missing('H', [103, 108, 114, 119], 'contact'), missing('H', [55, 86], 'template')]).toEqual(Array.from({ length: 11 }, () => []));
  });

  it('have schedules as they are meant', () => {
    const rule = (letter: Letter, key: string): unknown => {
      const { starts, rrule, tz } = parse(itemOf(guides[letter], `calendar/${key}`).text) as Record<string, string>;
      return `${starts?.slice(11)} ${rrule} ${tz}`;
    };
    expect([rule('Z', 'monthly-maintenance'), rule('Z', 'quarterly-maintenance'), rule('R', 'scheduled-maintenance'), rule('E', 'archive-old-orders'), rule('E', 'dr-test')]).toEqual([
      '04:00 FREQ=MONTHLY;BYDAY=1SU UTC',
      '05:00 FREQ=YEARLY;BYMONTH=1,4,7,10;BYDAY=1SU UTC',
      '02:00 FREQ=MONTHLY;BYDAY=1SU America/New_York',
      '03:00 FREQ=MONTHLY;BYMONTHDAY=1 Europe/Berlin',
      '09:00 FREQ=YEARLY;BYMONTH=1,4,7,10;BYMONTHDAY=1 Europe/Berlin',
    ]);
  });

  it('are told where they contradict themselves', () => {
    const told = letters.flatMap((letter) => guides[letter].items.flatMap(({ key, flags }) => flags.filter((flag) => flag.class === 'contradiction').map(({ line }) => `${letter} ${key} ${line}`)));
    expect(told).toEqual(['H contact/general-support 105', 'H severity/critical 814', 'H card/availability 820', 'R calendar/scheduled-maintenance 233', 'R threshold/information-alerts-scheduled-maintenance 305', 'E threshold/connection-pool 632']);
  });

  // Lines of B.6.
  it.each([
    ['H', [319, 320, 321, 333, 349, 386]],
    ['Z', [572, 573]],
    ['E', [335, 391, 509, 513, 552, 697, 713, 723, 772]],
    ['N', [148, 149, 329]],
  ] as const)('%s: what is destructive is flagged on its line', (letter, lines) => {
    const flagged = new Set(guides[letter].items.flatMap(({ flags }) => flags.filter((flag) => flag.class === 'destructive').map(({ line }) => line)));
    expect(lines.filter((line) => !flagged.has(line))).toEqual([]);
  });

  it.each([
    ['H', [543]],
    ['E', [71, 85, 118, 138, 161, 168, 194, 213, 214, 217, 243]],
  ] as const)('%s: what never ends is flagged on its line', (letter, lines) => {
    const flagged = new Set(guides[letter].items.flatMap(({ flags }) => flags.filter((flag) => flag.class === 'endless').map(({ line }) => line)));
    expect(lines.filter((line) => !flagged.has(line))).toEqual([]);
  });
});
