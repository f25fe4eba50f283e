/** A log file that never outgrows its bound: full ones are numbered, and the oldest goes. */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface RotatingFile {
  write(line: string): void;
  close(): void;
}

/**
 * Opens nothing before the first line: a process that finds another engine at work must not touch its log.
 * @param maximumBytes of one file
 * @param keep numbered files beside the current one
 */
export function createRotatingFile(options: { folder: string; name: string; maximumBytes: number; keep: number }): RotatingFile {
  const { folder, name, maximumBytes, keep } = options;
  const path = (number: number): string => join(folder, number === 0 ? `${name}.log` : `${name}.${number}.log`);
  let file: number | null = null;
  let size = 0;

  const open = (): number => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const opened = openSync(path(0), 'a', 0o600);
    size = fstatSync(opened).size;
    return opened;
  };
  const rotate = (): void => {
    if (file !== null) closeSync(file);
    file = null;
    rmSync(path(keep), { force: true });
    for (let number = keep - 1; number >= 0; number -= 1) {
      try {
        renameSync(path(number), path(number + 1));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
  };

  return {
    write(line) {
      const bytes = Buffer.from(line);
      try {
        if (size > 0 && size + bytes.length > maximumBytes) rotate();
        file ??= open();
        size += writeSync(file, bytes);
      } catch {
        // A log that cannot be written (a full disk) must not end the work it tells of, and there is no place left to say so.
      }
    },
    close() {
      if (file !== null) closeSync(file);
      file = null;
    },
  };
}
