/** In which order the pieces of a guide are looked at, and what is left of them. Pure. */
import type { GuideFlag, GuideItem } from '#shared/contract/guides.ts';

/** A flag of an item, or the item by itself. */
export interface Stop {
  key: string;
  flagId: string | null;
}

export const sameStop = (a: Stop, b: Stop | null): boolean => b !== null && a.key === b.key && a.flagId === b.flagId;

/** Whether nothing is left to say of a flag: it was settled, or its item is left out. */
export const isSettled = (item: GuideItem, flag: GuideFlag): boolean => flag.state !== 'open' || item.decision === 'rejected';

/** Errors in what was made of it: it cannot be accepted as it stands. */
export const hasErrors = (item: GuideItem): boolean => item.problems.some(({ severity }) => severity === 'error');

/** Whether it can be accepted without being read: nothing was noticed about it. */
export const isPlain = (item: GuideItem): boolean => item.flags.length === 0 && !hasErrors(item);

/** Without what the guide does not say any more: it is kept for the day that it does again, and nobody is asked about it. */
export const thereNow = (items: readonly GuideItem[]): GuideItem[] => items.filter(({ standing }) => standing !== 'gone');

/** All places to stop at, in the order of the guide: each flag, and each item of which none or nothing else is left. */
export function stopsOf(items: readonly GuideItem[]): Stop[] {
  return items.flatMap((item) => [
    ...item.flags.map((flag) => ({ key: item.key, flagId: flag.id })),
    ...(item.flags.length === 0 || (item.decision === 'open' && item.flags.every((flag) => isSettled(item, flag))) ? [{ key: item.key, flagId: null }] : []),
  ]);
}

export function isLeft(items: readonly GuideItem[], stop: Stop): boolean {
  const item = items.find(({ key }) => key === stop.key);
  if (item === undefined) return false;
  if (stop.flagId === null) return item.decision === 'open';
  const flag = item.flags.find(({ id }) => id === stop.flagId);
  return flag !== undefined && !isSettled(item, flag);
}

/**
 * Where one goes from here: to the next that is left, round the end to the first; past those that are plain while there
 * is something else.
 * @param step 1 forwards, -1 backwards
 * @returns null where nothing is left
 */
export function nextLeft(items: readonly GuideItem[], from: Stop | null, step: 1 | -1 = 1): Stop | null {
  const stops = stopsOf(items);
  const plain = new Set(items.filter(isPlain).map(({ key }) => key));
  const left = stops.filter((stop) => isLeft(items, stop));
  const wanted = left.some(({ key }) => !plain.has(key)) ? left.filter(({ key }) => !plain.has(key)) : left;
  if (wanted.length === 0) return null;
  if (from === null) return wanted[0] ?? null;
  // Where it stood among all of them, also when it is no stop any more.
  const order = new Map(items.map(({ key }, index) => [key, index]));
  const place = (stop: Stop): number => (order.get(stop.key) ?? 0) * 10_000 + (stop.flagId === null ? 9999 : (items[order.get(stop.key) ?? 0]?.flags.findIndex(({ id }) => id === stop.flagId) ?? 0));
  const here = place(from);
  return step === 1 ? (wanted.find((stop) => place(stop) > here) ?? wanted[0] ?? null) : (wanted.findLast((stop) => place(stop) < here) ?? wanted.at(-1) ?? null);
}

/** The neighbour of a stop among all of them; itself at the ends. */
export function neighbour(items: readonly GuideItem[], from: Stop | null, step: 1 | -1): Stop | null {
  const stops = stopsOf(items);
  const at = stops.findIndex((stop) => sameStop(stop, from));
  if (at === -1) return nextLeft(items, from, step) ?? stops[0] ?? null;
  return stops[Math.min(stops.length - 1, Math.max(0, at + step))] ?? null;
}

/** Where "Go on" leads: to what is left, not through flags that were settled; to the neighbour where nothing is left. */
export const onward = (items: readonly GuideItem[], from: Stop | null): Stop | null => nextLeft(items, from) ?? neighbour(items, from, 1);

/** What is left, by how much it matters. */
export function leftOf(items: readonly GuideItem[], isBlocking: (flag: GuideFlag) => boolean): { blocking: number; other: number; flags: number; plain: number; undecided: number } {
  const open = items.flatMap((item) => item.flags.filter((flag) => !isSettled(item, flag)));
  const blocking = open.filter(isBlocking).length;
  const undecided = items.filter(({ decision }) => decision === 'open');
  return { blocking, other: open.length - blocking, flags: items.reduce((sum, { flags }) => sum + flags.length, 0), plain: undecided.filter(isPlain).length, undecided: undecided.length };
}
