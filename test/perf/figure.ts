/** A measured figure against its bound. Ratios come from interleaved pairs: absolute times depend on the machine. */

export interface Figure {
  name: string;
  measured: string;
  bound: string;
  ok: boolean;
  /** What was compared, and over how many pairs. */
  how: string;
}

/** A benchmark: one file, one or a few figures. It cleans up after itself. */
export type Benchmark = () => Promise<Figure[]>;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** The value below which this share of them lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Milliseconds that some work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/**
 * How fast `ours` is against `bare`: the median over interleaved pairs of bare time / our time. 1 is as fast, 0.95 five
 * per cent slower. Which goes first alternates, so that a warm cache favours neither. `between` tidies up, untimed.
 */
export async function ratioOfPairs(pairs: number, bare: () => Promise<unknown>, ours: () => Promise<unknown>, between: () => Promise<unknown> = async () => {}): Promise<{ ratio: number; bareMs: number[]; oursMs: number[] }> {
  const bareMs: number[] = [];
  const oursMs: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const runs = [
      async () => void bareMs.push(await timed(bare)),
      async () => void oursMs.push(await timed(ours)),
    ];
    for (const run of pair % 2 === 0 ? runs : runs.toReversed()) {
      await run();
      await between();
    }
  }
  return { ratio: median(bareMs.map((value, index) => value / (oursMs[index] ?? Infinity))), bareMs, oursMs };
}
