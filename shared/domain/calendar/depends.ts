/** What has to be there before an occurrence is begun. */
import type { Entry } from './entry.ts';
import { durationWords } from './words.ts';

/** What is known of the copies of a system's databases. */
export interface Copies {
  /** When the oldest of their newest proven copies was taken, in milliseconds since the epoch; null: one of them has none. */
  provenAt: number | null;
  /** Why there is none, in words: "No copy of neff_site was ever restored and counted." */
  why: string;
}

export interface Others {
  title(key: string): string | null;
  /** When an entry was done last, in milliseconds since the epoch; null: never. */
  doneAt(key: string): number | null;
  copies: Copies;
  /** How old a proven copy may be where an entry removes something and says nothing of it. */
  copyWithinMs: number;
}

function copyBlock(copies: Copies, withinMs: number, now: number): string | null {
  if (copies.provenAt === null) return copies.why;
  return now - copies.provenAt <= withinMs ? null : `The newest copy that was restored and counted is ${durationWords(now - copies.provenAt)} old, and may be ${durationWords(withinMs)} old.`;
}

/** Why an entry must not be begun now, each reason in a sentence; empty where it may. */
export function blocksOf(entry: Pick<Entry, 'after' | 'removes'>, others: Others, now: number): string[] {
  const found = entry.after.flatMap(({ key, withinMs, needs }): string[] => {
    if (needs === 'proven-backup') {
      const block = copyBlock(others.copies, withinMs, now);
      return block === null ? [] : [block];
    }
    const title = others.title(key) ?? key;
    const doneAt = others.doneAt(key);
    if (doneAt === null) return [`"${title}" has to be done before, and never was.`];
    return now - doneAt <= withinMs ? [] : [`"${title}" has to be done within ${durationWords(withinMs)} before, and was done ${durationWords(now - doneAt)} ago.`];
  });
  if (entry.removes && !entry.after.some(({ needs }) => needs === 'proven-backup')) {
    const block = copyBlock(others.copies, others.copyWithinMs, now);
    if (block !== null) found.push(`It removes something. ${block}`);
  }
  return [...new Set(found)];
}
