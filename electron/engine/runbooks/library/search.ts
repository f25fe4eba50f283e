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
  /** All fields as they are compared, one after the other, so that one scan finds a word in any of them. */
  all: string;
  /** Where each of them begins there. */
  starts: readonly number[];
}

/** Between two fields: no word holds it. */
const between = '\n';

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
  const starts: number[] = [];
  let at = 0;
  for (const { folded } of fields) {
    starts.push(at);
    at += folded.length + between.length;
  }
  return { fields, all: fields.map(({ folded }) => folded).join(between), starts };
}

/** Where a word is in a field. */
interface Place {
  at: number;
  /** Whether a word begins there. */
  begins: boolean;
}

/** Of each field that it is in the first place at which a word begins with it, else the first at all. */
function placesOf(word: string, { all, starts, fields }: Indexed): Map<number, Place> {
  const places = new Map<number, Place>();
  let field = 0;
  for (let at = all.indexOf(word); at !== -1; ) {
    while (at >= (starts[field + 1] ?? Infinity)) field += 1;
    const start = starts[field] ?? 0;
    const begins = at === start || !isWordSign.test(all[at - 1] ?? '');
    if (begins || !places.has(field)) places.set(field, { at: at - start, begins });
    // A better place than the beginning of a word there is not: on to the next field.
    at = all.indexOf(word, begins ? start + (fields[field]?.folded.length ?? 0) : at + 1);
  }
  return places;
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

interface Candidate {
  field: Field;
  at: number;
  length: number;
  score: number;
}

/** What is found by, and says nothing to a reader that the rest does not say better. */
const names: ReadonlySet<string> = new Set(['id', 'name']);

/** The best of each place that is named, the best first: a title says more than the id that was made of it. */
function bestOf(candidates: readonly Candidate[]): Candidate[] {
  const byPlace = new Map<string, Candidate>();
  const telling = candidates.filter(({ field }) => !names.has(field.where));
  for (const candidate of telling.length === 0 ? candidates : telling) {
    const other = byPlace.get(candidate.field.where);
    if (other === undefined || other.score < candidate.score) byPlace.set(candidate.field.where, candidate);
  }
  return [...byPlace.values()].toSorted((a, b) => b.score - a.score).slice(0, mostHits);
}

/** How well a runbook fits, and where; null where a word is missing. */
function judge(indexed: Indexed, words: readonly string[]): { score: number; hits: Hit[] } | null {
  if (!words.every((word) => indexed.all.includes(word))) return null;
  const candidates = new Map<number, Candidate>();
  let score = 0;
  for (const word of words) {
    let best = 0;
    for (const [index, { at, begins }] of placesOf(word, indexed)) {
      const field = indexed.fields[index];
      if (field === undefined) continue;
      const points = field.weight * (begins ? 2 : 1);
      best = Math.max(best, points);
      const known = candidates.get(index);
      if (known === undefined) candidates.set(index, { field, at, length: word.length, score: points });
      else known.score += points;
    }
    score += best;
  }
  return { score, hits: bestOf([...candidates.values()]).map(({ field, at, length }) => ({ where: field.where, text: excerpt(field, at, length) })) };
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
