/** Figures as people read them. */

/** "8.1 MiB", "312 MiB", "1.4 GiB". */
export function bytesInWords(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit > 0 && value < 100 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

export function countInWords(count: number, singular: string, plural = `${singular}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? singular : plural}`;
}

/** How long something takes or took: "42 s", "12 min", "2 h 13 min". */
export function spanInWords(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  const minutes = Math.round(seconds / 60);
  return seconds < 90 ? `${seconds} s` : minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** What is left of a part of an operation, to be said after how far it is: " · about 3 min of the dump left"; nothing where nobody knows. */
export function leftInWords(ms: number | null, what: string): string {
  return ms === null ? '' : ` · about ${spanInWords(ms)} of ${what} left`;
}

/** An instant of the contract as people read it, to the minute: `2026-11-20 20:59 UTC`. */
export function timeInWords(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;
}
