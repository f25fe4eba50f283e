/** Looking at downloads that another process makes: a network that takes everything and gives nothing says so nowhere. */
import { readdirSync, statSync, type Dirent } from 'node:fs';
import { join } from 'node:path';

/** What the library that downloads names its folders after, among the temporary files. */
const beginning = 'electron-download-';

/** How many bytes have come of downloads under way in a folder of temporary files; null where there are none. */
function bytesUnderWay(temporary: string): number | null {
  const folders = entriesOf(temporary).filter((entry) => entry.name.startsWith(beginning));
  if (folders.length === 0) return null;
  const files = folders.flatMap(({ name }) => entriesOf(join(temporary, name)).map((entry) => join(temporary, name, entry.name)));
  return files.map((file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0).reduce((sum, size) => sum + size, 0);
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    // Finished and gone meanwhile.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Between two tries of the same download there is none, for so many milliseconds at most. */
const betweenTries = 7000;

/**
 * Watches a folder of temporary files and calls once where a download was begun in it, perhaps several times over, and
 * nothing has come for so long.
 * @param patience in milliseconds
 * @returns what ends the watch
 */
export function watchDownloads(temporary: string, patience: number, onStall: () => void): () => void {
  let bytes = 0;
  let cameAt = performance.now();
  let underWayAt = Number.NEGATIVE_INFINITY;
  const timer = setInterval(() => {
    const now = performance.now();
    const underWay = bytesUnderWay(temporary);
    const isBetweenTries = underWay === null && now - underWayAt < betweenTries;
    if ((underWay === null && !isBetweenTries) || (underWay ?? 0) > bytes) cameAt = now;
    if (underWay !== null) {
      bytes = underWay;
      underWayAt = now;
    }
    if (now - cameAt < patience) return;
    clearInterval(timer);
    onStall();
  }, Math.min(250, patience / 4));
  return () => clearInterval(timer);
}
