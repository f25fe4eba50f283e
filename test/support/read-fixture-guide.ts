/** The fixture guides of the project, read as the engine reads them, on a day that does not change. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readGuide, type ReadGuide, type ReadItem } from '#engine/guides/read-guide.ts';

const folder = join(import.meta.dirname, 'guides');

export const fixtureText = (name: string): string => readFileSync(join(folder, `${name}.md`), 'utf8');
export const fixtureNames = ['kubernetes-shop', 'postgres-deutsch', 'prose-and-tables', 'hostile'] as const;

export const readText = (text: string, fileName = 'guide.md'): ReadGuide => readGuide({ fileName, text, timeZone: 'Europe/Berlin', now: Date.UTC(2026, 10, 27) });
export const readFixture = (name: (typeof fixtureNames)[number]): ReadGuide => readText(fixtureText(name), `${name}.md`);

/** @throws where there is none, with what there is */
export function itemOf(guide: ReadGuide, key: string): ReadItem {
  const found = guide.items.find((item) => item.key === key);
  if (found === undefined) throw new Error(`There is no ${key}. There is ${guide.items.map((item) => item.key).join(', ')}`);
  return found;
}

/** Lines that have something on them and belong to no item. */
export function uncoveredLines({ items, text }: Pick<ReadGuide, 'items' | 'text'>): number[] {
  const covered = new Set(items.flatMap(({ lines }) => lines.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index))));
  return text.split('\n').flatMap((line, index) => (line.trim() === '' || covered.has(index + 1) ? [] : [index + 1]));
}
