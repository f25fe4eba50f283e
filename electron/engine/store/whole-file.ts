/** Copies of the local file bear their name only when they are whole: whoever finds one may rely on it. */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PilothouseError } from '#shared/domain/errors.ts';
import { syncFileNow, syncFolderNow } from '../platform/durable.ts';
import { keepFileToOurselves } from '../platform/private-files.ts';

const unfinished = '.partial';
/** What SQLite puts beside a file that it writes. */
const sidecars = ['', '-journal', '-wal', '-shm'];

export interface UnfinishedFile {
  /** Where it is written meanwhile. */
  readonly path: string;
  /** Makes it durable, for its owner alone, and gives it its name. */
  finish(): void;
  /** Removes what there is of it. */
  discard(): void;
}

/** @throws store.conflict when the name is taken: nothing that is there is written over */
export function beginFile(path: string): UnfinishedFile {
  if (existsSync(path)) throw new PilothouseError('store.conflict', `There is a file ${path} already, and it is left as it is.`, { hint: 'Try again in a moment; the name tells the second.', retryable: true, details: { path } });
  const partial = path + unfinished;
  const discard = (): void => {
    for (const suffix of sidecars) rmSync(partial + suffix, { force: true });
  };
  discard();
  return {
    path: partial,
    finish() {
      keepFileToOurselves(partial);
      syncFileNow(partial);
      renameSync(partial, path);
      syncFolderNow(dirname(path));
    },
    discard,
  };
}

/** Removes what a killed process left unfinished. */
export function sweepUnfinished(folder: string): void {
  for (const name of readdirSync(folder)) if (sidecars.some((suffix) => name.endsWith(unfinished + suffix))) rmSync(join(folder, name), { force: true });
}

/** "20261120T120000", in UTC, for names. */
export const stampOf = (now: number): string => new Date(now).toISOString().replaceAll(/[-:]/g, '').slice(0, 15);
