/** How far a dump is: by the tables it has begun and by the bytes it has written. */
import { leftOfPart, leftOfWhole } from '../operations/left.ts';
import type { RunningOperation } from '../operations/procedure.ts';
import { bytesInWords, leftInWords } from './words.ts';

/** How often the growing dump is measured, in milliseconds. */
const lookEveryMs = 500;

export interface DumpProgress {
  tableBegun(name: string): void;
  stop(): Promise<void>;
}

/**
 * Follows a growing dump until `stop`.
 * @param written bytes of it by now
 * @param sizes bytes of each table on the server under the name that pg_dump prints; may be filled after the start
 * @param expectedBytes about how large the dump will be
 * @param range the share of the operation that this is
 * @param held why nobody knows at the moment how far it is, in words; null where somebody does
 * @param fetched whether it has to be fetched afterwards: how fast the line is nobody knows before, so that only what is
 * left of the dump itself is told
 */
export function followDump(options: { operation: RunningOperation; written: () => Promise<number>; sizes: ReadonlyMap<string, number>; expectedBytes: number; range: readonly [number, number]; now: () => number; held?: () => string | null; fetched?: boolean }): DumpProgress {
  const { operation, sizes, expectedBytes, range, now, fetched = false } = options;
  const startedAt = now();
  let begun = 0;
  let doneBytes = 0;
  let currentBytes = 0;
  let current = '';
  let reached = 0;
  let stopped = false;
  let looking: Promise<void> | null = null;

  const look = async (): Promise<void> => {
    const written = await options.written();
    if (stopped) return;
    const held = options.held?.() ?? null;
    if (held !== null) {
      operation.progress({ fraction: range[0] + (range[1] - range[0]) * reached, text: held });
      return;
    }
    // Neither is exact: one large table is a single step, and how well its rows compress shows only afterwards.
    const totalBytes = Math.max(1, [...sizes.values()].reduce((sum, size) => sum + size, 0));
    const byTables = Math.min(1, doneBytes / totalBytes);
    const byBytes = Math.min(written / Math.max(1, expectedBytes), 0.95);
    reached = Math.max(reached, Math.min(0.97, Math.max(byTables, Math.min(byBytes, byTables + currentBytes / totalBytes))));
    const elapsed = now() - startedAt;
    operation.progress({
      fraction: range[0] + (range[1] - range[0]) * reached,
      done: written,
      total: Math.max(expectedBytes, written),
      unit: 'bytes',
      leftMs: fetched ? null : leftOfWhole(elapsed, reached, range),
      text: `${current === '' ? 'Reading the schema' : `Dumping ${current}`} · table ${begun} of ${sizes.size} · ${bytesInWords(written)} written${fetched ? leftInWords(leftOfPart(elapsed, reached), 'the dump') : ''}`,
    });
  };
  const timer = setInterval(() => {
    looking ??= look()
      // A file may vanish between two looks; the dump itself says when something is wrong.
      .catch(() => {})
      .finally(() => {
        looking = null;
      });
  }, lookEveryMs);

  return {
    tableBegun(name) {
      begun += 1;
      doneBytes += currentBytes;
      currentBytes = sizes.get(name) ?? 0;
      current = name;
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await looking;
    },
  };
}
