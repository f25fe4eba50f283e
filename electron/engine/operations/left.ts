/** How long work still takes, by the pace that it has had so far. Pure. */

/** Of a smaller share, and of a shorter time in milliseconds, the pace says nothing yet. */
const tellingShare = 0.03;
const tellingMs = 1000;

/** Milliseconds until a part of an operation is done of which a share, 0 to 1, was done in so many; null where its pace says nothing yet. */
export function leftOfPart(elapsedMs: number, reached: number): number | null {
  return reached < tellingShare || elapsedMs < tellingMs ? null : (elapsedMs * (1 - reached)) / reached;
}

/**
 * Milliseconds until the whole operation is done, where what follows takes as long for its share of it as this part does.
 * @param range the share of the operation that this part is: from, to
 */
export function leftOfWhole(elapsedMs: number, reached: number, range: readonly [number, number]): number | null {
  const left = leftOfPart(elapsedMs, reached);
  return left === null ? null : left + ((elapsedMs / reached) * (1 - range[1])) / (range[1] - range[0]);
}
