/** Figures in words, for summaries. */

const fixed = (value: number, digits: number) => value.toLocaleString('en-US', { minimumFractionDigits: 0, maximumFractionDigits: digits });

/** 12,345 */
export const count = (value: number) => fixed(value, 0);

/** 58 %, 0.4 % */
export const percent = (value: number) => `${fixed(value, value < 10 ? 1 : 0)} %`;

/** Binary units: 38.2 GiB */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  const rank = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, Math.abs(value))) / 10)));
  return `${fixed(value / 1024 ** rank, rank === 0 ? 0 : 1)} ${units[rank]}`;
}

/** The two largest units: 3 d 4 h, 12 min, 4 s */
export function duration(seconds: number): string {
  if (seconds < 1) return seconds <= 0 ? '0 s' : `${Math.round(seconds * 1000)} ms`;
  const whole = Math.round(seconds);
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor((whole % 86_400) / 3600), 'h'],
    [Math.floor((whole % 3600) / 60), 'min'],
    [whole % 60, 's'],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ');
}

/** "1 index", "3 indexes" */
export const many = (value: number, singular: string, plural = `${singular}s`) => `${count(value)} ${value === 1 ? singular : plural}`;
