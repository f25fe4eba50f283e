/** Points to fail at: all of them in a full run, else a few, others each day. */
const dayMs = 86_400_000;

/** `PILOTHOUSE_SEED=N` runs the sample of another day again. */
function seed(): number {
  const given = Number(process.env.PILOTHOUSE_SEED);
  return Number.isInteger(given) && given > 0 ? given : Math.floor(Date.now() / dayMs);
}

/**
 * A sample of `count`. It moves on by as many every day, so that each point has its turn; the names of the tests say
 * which it was.
 */
export function sampleOf<T>(all: readonly T[], count: number): readonly T[] {
  if (process.env.PILOTHOUSE_FULL === '1' || count >= all.length) return all;
  const first = (seed() * count) % all.length;
  return [...all, ...all].slice(first, first + count);
}
