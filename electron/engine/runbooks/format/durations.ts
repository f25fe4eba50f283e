/** Durations as people write them: "30s", "5m", "1d12h". */

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const shape = /^(?:\d{1,6}w)?(?:\d{1,6}d)?(?:\d{1,6}h)?(?:\d{1,6}m)?(?:\d{1,9}s)?(?:\d{1,9}ms)?$/;
/** Ten years: longer is a slip of the pen. */
const longest = 10 * 365 * 86_400_000;

/** In milliseconds; null where it is no duration. */
export function durationMs(text: string): number | null {
  if (text === '' || !shape.test(text)) return null;
  let sum = 0;
  for (const [, figure, unit] of text.matchAll(/(\d+)(ms|[smhdw])/g)) sum += Number(figure) * (units[unit ?? ''] ?? 0);
  return sum <= longest ? sum : null;
}
