/** Did you mean: the name that somebody most likely wanted to write. */

/** How many letters have to be put in, taken out or changed; more than `limit` is `limit + 1`. */
function distance(one: string, other: string, limit: number): number {
  if (Math.abs(one.length - other.length) > limit) return limit + 1;
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let down = 1; down <= one.length; down++) {
    const next = [down];
    for (let across = 1; across <= other.length; across++) {
      const same = one[down - 1] === other[across - 1];
      next.push(Math.min((row[across] ?? 0) + 1, (next[across - 1] ?? 0) + 1, (row[across - 1] ?? 0) + (same ? 0 : 1)));
    }
    if (Math.min(...next) > limit) return limit + 1;
    row = next;
  }
  return row[other.length] ?? 0;
}

/** At most two letters away (one, of short names), or one that begins so; null where none is near. */
export function nearest(name: string, known: Iterable<string>): string | null {
  if (name === '' || name.length > 60) return null;
  const wanted = name.toLowerCase();
  const limit = wanted.length <= 2 ? 1 : 2;
  let best: string | null = null;
  let least = limit + 1;
  for (const each of known) {
    const far = distance(wanted, each.toLowerCase(), limit);
    // A name of two letters is not another one with both of them changed.
    if (far < least && far < Math.max(wanted.length, each.length)) [best, least] = [each, far];
  }
  if (best !== null) return best;
  for (const each of known) if (wanted.length >= 3 && each.startsWith(wanted)) return each;
  return null;
}

export const didYouMean = (near: string | null): string => (near === null ? '' : ` Did you mean "${near}"?`);
