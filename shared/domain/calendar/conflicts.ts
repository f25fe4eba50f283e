/** What does not go together in a calendar. */
import type { Entry, Occurrence } from './entry.ts';
import { durationWords } from './words.ts';

/** An occurrence with what is known of its work. */
export interface Planned {
  entry: Entry;
  occurrence: Occurrence;
  /** What it works on, by whatever names it for good: hosts and clusters, with how people call them. */
  places: ReadonlyMap<string, string>;
  /** It only looks, and is in nobody's way. */
  reads: boolean;
  /** How long its work usually takes; null: nobody knows. */
  estimateMs: number | null;
  /** Why there is nothing to run in it; null where there is. */
  without: string | null;
}

export const conflictKinds = ['overlap', 'same-place', 'order', 'unprotected', 'too-long', 'nothing-to-run'] as const;

export interface Conflict {
  kind: (typeof conflictKinds)[number];
  text: string;
  /** The other one; null where it is about this one alone. */
  other: { systemId: string; key: string; local: string } | null;
}

const minuteMs = 60_000;

/** Windows that overlap, each pair once. @param planned in order of their beginnings */
function pairs(planned: readonly Planned[]): [Planned, Planned][] {
  const found: [Planned, Planned][] = [];
  let open: Planned[] = [];
  for (const one of planned) {
    if (one.occurrence.end <= one.occurrence.start) continue;
    open = open.filter(({ occurrence }) => occurrence.end > one.occurrence.start);
    for (const other of open) found.push([other, one]);
    open.push(one);
  }
  return found;
}

function overlap(one: Planned, other: Planned): { kind: 'overlap' | 'same-place'; where: string } | null {
  if (one.reads || other.reads) return null;
  if (one.entry.systemId === other.entry.systemId) return one.entry.key === other.entry.key ? null : { kind: 'overlap', where: '' };
  const shared = [...one.places].find(([place]) => other.places.has(place));
  return shared === undefined ? null : { kind: 'same-place', where: ` on ${shared[1]}` };
}

const refOf = ({ entry, occurrence }: Planned): Conflict['other'] => ({ systemId: entry.systemId, key: entry.key, local: occurrence.local });

function ofOverlap(mine: Planned, other: Planned, where: string, isBefore: boolean): string {
  const ms = Math.min(mine.occurrence.end, other.occurrence.end) - Math.max(mine.occurrence.start, other.occurrence.start);
  return `Overlaps "${other.entry.title}", which begins ${isBefore ? 'before' : 'after'} it,${where} by ${durationWords(Math.max(ms, minuteMs))}`;
}

/** What has to be done before, and is not planned before it, or comes too late. */
function orderOf(mine: Planned, all: readonly Planned[]): Conflict[] {
  return mine.entry.after.flatMap(({ key, withinMs }): Conflict[] => {
    const others = all.filter(({ entry }) => entry.systemId === mine.entry.systemId && entry.key === key);
    const { start } = mine.occurrence;
    if (others.some(({ occurrence }) => occurrence.end <= start && start - occurrence.start <= withinMs)) return [];
    const after = others.find(({ occurrence }) => occurrence.end > start && occurrence.start - start <= 86_400_000);
    const what = mine.entry.removes ? 'It removes something before' : 'It stands before';
    if (after !== undefined) return [{ kind: 'order', text: `${what} "${after.entry.title}", which it depends on, is done`, other: refOf(after) }];
    // Nothing is known of what was before the span that was looked at.
    return [];
  });
}

/** What does not go together, by place in `planned`, which is in order of the beginnings. */
export function conflictsOf(planned: readonly Planned[], hasEntry: (systemId: string, key: string) => boolean): Conflict[][] {
  const found: Conflict[][] = planned.map(() => []);
  const index = new Map(planned.map((one, at) => [one, at]));
  const add = (one: Planned, conflict: Conflict): void => void found[index.get(one) ?? 0]?.push(conflict);
  for (const [one, other] of pairs(planned)) {
    const clash = overlap(one, other);
    if (clash === null) continue;
    add(one, { kind: clash.kind, text: ofOverlap(one, other, clash.where, false), other: refOf(other) });
    add(other, { kind: clash.kind, text: ofOverlap(other, one, clash.where, true), other: refOf(one) });
  }
  const dependent = planned.filter(({ entry }) => entry.after.length > 0);
  const wanted = new Set(dependent.flatMap(({ entry }) => entry.after.map(({ key }) => `${entry.systemId}/${key}`)));
  const needed = dependent.length === 0 ? [] : planned.filter(({ entry }) => wanted.has(`${entry.systemId}/${entry.key}`));
  for (const one of planned) {
    const { entry, occurrence, estimateMs } = one;
    if (entry.after.length > 0) for (const conflict of orderOf(one, needed)) add(one, conflict);
    for (const { key, needs } of entry.after) if (needs === 'done' && !hasEntry(entry.systemId, key)) add(one, { kind: 'order', text: `It depends on ${key}, which is not in this calendar`, other: null });
    if (entry.removes && !entry.after.some(({ needs }) => needs === 'proven-backup')) add(one, { kind: 'unprotected', text: 'It removes something, and does not say which copy has to be proven before', other: null });
    const window = occurrence.end - occurrence.start;
    if (estimateMs !== null && window > 0 && estimateMs > window) add(one, { kind: 'too-long', text: `Its work takes about ${durationWords(estimateMs)}, and its window is ${durationWords(window)}`, other: null });
    if (one.without !== null) add(one, { kind: 'nothing-to-run', text: one.without, other: null });
  }
  return found;
}
