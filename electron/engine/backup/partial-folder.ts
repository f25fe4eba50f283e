/** The folder of a backup while it is being written, and the moment in which it becomes one. */
import { lstat, mkdir, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Home } from '../home.ts';
import { syncFolder } from '../platform/durable.ts';
import { destinationError, removeFolder } from './files.ts';
import { folderNameOf, folderStamp, partialEnding } from './folder-names.ts';

export interface PartialFolder {
  /** Where it is written: ends in `.partial`. */
  path: string;
  /** Where it will be. */
  finalPath: string;
  /** Gives it its name. Everything in it is durable before, and the name is durable after. */
  seal(): Promise<void>;
  remove(): Promise<void>;
  /** It stays as it is, for a later start to go on with. */
  leave(): void;
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Makes a folder for its owner alone, durably. False where it is there already, perhaps made by another at the same moment. */
async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  await syncFolder(dirname(path));
  return true;
}

/** Folders of this engine that are being written now: a sweep leaves them alone. */
const beingWritten = new Set<string>();

export function isBeingWritten(path: string): boolean {
  return beingWritten.has(path);
}

function partialFolderAt(path: string, finalPath: string): PartialFolder {
  return {
    path,
    finalPath,
    async seal() {
      await syncFolder(path);
      await rename(path, finalPath);
      await syncFolder(dirname(path));
      beingWritten.delete(path);
    },
    async remove() {
      // What cannot be removed now is left to the next sweep.
      beingWritten.delete(path);
      await removeFolder(path);
    },
    leave() {
      beingWritten.delete(path);
    },
  };
}

/**
 * Takes up one that an engine has left, or makes it anew where somebody took it away.
 * @param keep what of it is gone on with; the rest is written anew
 * @throws backup.destination, backup.space; operation.busy where it is being written
 */
export async function adoptPartialFolder(path: string, keep: readonly string[]): Promise<PartialFolder> {
  if (beingWritten.has(path)) throw new PilothouseError('operation.busy', `${path} is being written at the moment.`, { hint: 'Wait until that is over.', retryable: true });
  const finalPath = path.slice(0, -partialEnding.length);
  if (await exists(finalPath)) throw new PilothouseError('backup.destination', `${finalPath} is there already.`, { hint: 'Find out what it is, and move it away.', details: { path: finalPath } });
  beingWritten.add(path);
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await syncFolder(dirname(path));
    for (const name of await readdir(path)) if (!keep.includes(name)) await removeFolder(join(path, name));
    return partialFolderAt(path, finalPath);
  } catch (error) {
    beingWritten.delete(path);
    throw destinationError(error, path);
  }
}

/**
 * Makes `<backups>/<system>/<database>/<UTC>.partial`. Two at the same second get different names.
 * @param at the time in its name, in milliseconds since the epoch
 * @throws backup.destination, backup.space
 */
export function makePartialFolder(home: Pick<Home, 'backups'>, names: { system: string; database: string }, at: number): Promise<PartialFolder> {
  return makePartialBelow(home.backups, [folderNameOf(names.system), folderNameOf(names.database)], at);
}

/** The same below any folder. @param names of the folders between, as they are on the disk */
export async function makePartialBelow(root: string, names: readonly string[], at: number): Promise<PartialFolder> {
  const folders = names.map((_name, index) => join(root, ...names.slice(0, index + 1)));
  const parent = folders.at(-1) ?? root;
  try {
    for (const folder of folders) await makeFolder(folder);
    for (let number = 1; ; number += 1) {
      const finalPath = join(parent, number === 1 ? folderStamp(at) : `${folderStamp(at)}-${number}`);
      const path = `${finalPath}${partialEnding}`;
      // Another of ours writes there: its mark must not be taken off below.
      if (beingWritten.has(path)) continue;
      // Marked before it is there: a sweep that goes on at the same time would take it for a leftover.
      beingWritten.add(path);
      let isOurs = false;
      try {
        if (!(await makeFolder(path))) continue;
        // Looked at second: one that was sealed just before would else be found by neither look.
        if (await exists(finalPath)) {
          await removeFolder(path);
          continue;
        }
        isOurs = true;
      } finally {
        if (!isOurs) beingWritten.delete(path);
      }
      return partialFolderAt(path, finalPath);
    }
  } catch (error) {
    throw destinationError(error, parent);
  }
}
