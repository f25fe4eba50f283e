/** Finds runbooks by words in anything that they say. What is searched is kept in memory, and made when it is needed first. */
import type { Step } from '#shared/domain/runbook/definition.ts';
import { actionText } from './action-text.ts';
import type { LibraryFile } from './library.ts';

export interface Hit {
  /** "title", "step Drop the slot". */
  where: string;
  /** What stands around it, on one line. */
  text: string;
}

export interface Found {
  file: LibraryFile;
  /** Where the words are, the best first; empty without words. */
  hits: Hit[];
}

interface Field {
  where: string;
  text: string;
  /** The same as it is compared. */
  folded: string;
  /** How much it says about the whole. */
  weight: number;
}

interface Indexed {
  fields: readonly Field[];
  /** All fields, one a line. */
  all: string;
}

/** So that "fullt" finds "füllt", and "WAL" finds "wal". */
const fold = (text: string): string => text.normalize('NFKD').replaceAll(/\p{M}+/gu, '').toLowerCase();

const mostHits = 4;
/** Characters before and after what was found. */
const around = 60;

const isWordSign = /[\p{L}\p{N}]/u;

function fieldsOf({ ref, runbook, text }: LibraryFile): [where: string, text: string | null, weight: number][] {
  // What is no runbook yet is found by its words all the same.
  if (runbook === null) return [['name', ref, 6], ['text', text, 1]];
  const ofStep = (word: string, { id, title, why, action, undo, probe }: Step): [string, string | null, number][] => {
    const where = `${word} ${title}`;
    return [[where, title, 4], [where, id, 3], [where, why, 2], [where, actionText(action), 2], ...(undo ?? []).map((way): [string, string, number] => [`${where}, its undo`, actionText(way.action), 1]), [`${where}, its probe`, probe === null ? null : actionText(probe.action), 1]];
  };
  return [
    ['title', runbook.title, 10],
    ['id', runbook.id, 8],
    ['name', ref, 6],
    ...runbook.tags.map((tag): [string, string, number] => ['tag', tag, 8]),
    ['summary', runbook.summary, 5],
    ['owner', runbook.owner, 3],
    ...runbook.prerequisites.flatMap((step) => ofStep('prerequisite', step)),
    ...runbook.steps.flatMap((step) => ofStep('step', step)),
    ...(runbook.rollback?.steps ?? []).flatMap((step) => ofStep('rollback step', step)),
  ];
}

function indexOf(file: LibraryFile): Indexed {
  const fields = fieldsOf(file).flatMap(([where, text, weight]) => (text === null || text === '' ? [] : [{ where, text, folded: fold(text), weight }]));
  return { fields, all: fields.map(({ folded }) => folded).join('\n') };
}

/** Where it is, at the beginning of a word if it is anywhere. */
function placeOf(word: string, folded: string): { at: number; begins: boolean } | null {
  const first = folded.indexOf(word);
  for (let at = first; at !== -1; at = folded.indexOf(word, at + 1)) if (at === 0 || !isWordSign.test(folded[at - 1] ?? '')) return { at, begins: true };
  return first === -1 ? null : { at: first, begins: false };
}

function excerpt({ text, folded }: Field, at: number, length: number): string {
  // Folding may have changed how long it is; then the folded one is shown, in which the place is right.
  const shown = folded.length === text.length ? text : folded;
  const from = Math.max(0, at - around);
  const to = Math.min(shown.length, at + length + around);
  // A character that takes two places is not cut in half.
  const cut = shown.slice(from, to).replace(/^[\uDC00-\uDFFF]/, '').replace(/[\uD800-\uDBFF]$/, '').replaceAll(/\s+/g, ' ').trim();
  return `${from > 0 ? '… ' : ''}${cut}${to < shown.length ? ' …' : ''}`;
}

/** How well a runbook fits, and where; null where a word is missing. */
function judge({ fields, all }: Indexed, words: readonly string[]): { score: number; hits: Hit[] } | null {
  if (!words.every((word) => all.includes(word))) return null;
  const best = words.map(() => 0);
  const hits: { field: Field; at: number; length: number; score: number }[] = [];
  for (const field of fields) {
    let sum = 0;
    let place: { at: number; length: number } | null = null;
    for (const [index, word] of words.entries()) {
      const found = placeOf(word, field.folded);
      if (found === null) continue;
      const score = field.weight * (found.begins ? 2 : 1);
      best[index] = Math.max(best[index] ?? 0, score);
      sum += score;
      place ??= { at: found.at, length: word.length };
    }
    if (place !== null) hits.push({ field, ...place, score: sum });
  }
  // Of one place the best: a title says more than the id that was made of it.
  const places = new Set<string>();
  const shown = hits
    .toSorted((a, b) => b.score - a.score)
    .filter(({ field }) => !places.has(field.where) && places.add(field.where))
    .slice(0, mostHits)
    .map(({ field, at, length }) => ({ where: field.where, text: excerpt(field, at, length) }));
  return { score: best.reduce((sum, score) => sum + score, 0), hits: shown };
}

export interface Search {
  /** @param files in the order in which those that fit as well stay */
  find(files: readonly LibraryFile[], text: string): Found[];
}

export function createSearch(): Search {
  // A file that was not changed stays the same object, so that what is made of it is kept exactly as long.
  const indexed = new WeakMap<LibraryFile, Indexed>();
  const indexFor = (file: LibraryFile): Indexed => {
    const known = indexed.get(file) ?? indexOf(file);
    indexed.set(file, known);
    return known;
  };
  return {
    find(files, text) {
      const words = fold(text).split(/\s+/).filter((word) => word !== '');
      if (words.length === 0) return files.map((file) => ({ file, hits: [] }));
      return files
        .flatMap((file) => {
          const judged = judge(indexFor(file), words);
          return judged === null ? [] : [{ file, ...judged }];
        })
        .toSorted((a, b) => b.score - a.score)
        .map(({ file, hits }) => ({ file, hits }));
    },
  };
}
