/** The practice folder: made with a mark of whose it is, and removed only where the mark and the path are the expected ones. */
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { PilothouseError } from '#shared/domain/errors.ts';
import { sharedBase, type PracticePlace } from './place.ts';

const purpose = 'pilothouse practice system';

function unsafe(place: PracticePlace, why: string): PilothouseError {
  return new PilothouseError('practice.unsafe-folder', `The practice folder ${place.folder} is not as Pilothouse made it: ${why}. Nothing in it was touched.`, {
    hint: 'Look at it yourself. When nothing in it is needed, move it away and start again.',
    details: { folder: place.folder },
  });
}

/** Says why a path is not a plain folder of this user that is reached without links; null where it is. */
function problemOf(place: PracticePlace): string | null {
  const facts = lstatSync(place.folder);
  if (facts.isSymbolicLink()) return 'it is a symbolic link';
  if (!facts.isDirectory()) return 'it is not a folder';
  if (process.getuid !== undefined && facts.uid !== process.getuid()) return `it belongs to another user (${facts.uid})`;
  // The way there may lead through links; the folder itself must be the one that this way names.
  if (realpathSync(place.folder) !== join(realpathSync(dirname(place.folder)), basename(place.folder))) return 'its path leads somewhere else';
  return null;
}

function markProblem(place: PracticePlace): string | null {
  if (!existsSync(place.marker)) return 'the file that marks it is missing';
  const facts = lstatSync(place.marker);
  if (!facts.isFile() || facts.size > 4096) return 'the file that marks it is none of ours';
  let mark: unknown;
  try {
    mark = JSON.parse(readFileSync(place.marker, 'utf8'));
  } catch {
    return 'the file that marks it cannot be read';
  }
  if (typeof mark !== 'object' || mark === null || !('purpose' in mark) || mark.purpose !== purpose) return 'the file that marks it is none of ours';
  if (!('key' in mark) || mark.key !== place.key || !('folder' in mark) || mark.folder !== place.folder) return 'it belongs to another data folder';
  return null;
}

/**
 * Whether the folder is there.
 * @throws practice.unsafe-folder when something is there that is not ours
 */
export function folderStands(place: PracticePlace): boolean {
  if (lstatSync(place.folder, { throwIfNoEntry: false }) === undefined) return false;
  const problem = problemOf(place) ?? markProblem(place);
  if (problem !== null) throw unsafe(place, problem);
  return true;
}

/**
 * Makes the folder with its mark, or makes sure that the one that is there is ours.
 * @throws practice.unsafe-folder when something is there that is not ours
 */
export function makeFolder(place: PracticePlace, home: string): void {
  if (folderStands(place)) return;
  const base = dirname(place.folder);
  if (base === sharedBase) {
    mkdirSync(base, { recursive: true, mode: 0o755 });
    const facts = lstatSync(base);
    if (!facts.isDirectory() || facts.uid !== process.getuid?.() || (facts.mode & 0o022) !== 0) throw unsafe(place, `${base} is not a folder that only root can write to`);
    chmodSync(base, 0o755);
  }
  // Made complete beside its place and renamed, so that no folder ever stands there without its mark.
  const unfinished = `${place.folder}.partial`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  writeFileSync(join(unfinished, basename(place.marker)), `${JSON.stringify({ purpose, key: place.key, folder: place.folder, home }, null, 2)}\n`, { mode: 0o600 });
  // The other account has to get through to its own folders, and must not see what else there is.
  chmodSync(unfinished, place.account === null ? 0o700 : 0o711);
  renameSync(unfinished, place.folder);
}

/**
 * Removes one thing inside the folder, or the folder itself.
 * @throws practice.unsafe-folder when the folder is not ours, or the path is not inside of it
 */
export function removeInside(place: PracticePlace, path: string): void {
  if (!folderStands(place)) return;
  // Compared as resolved: the parent of FOLDER/.. is FOLDER by its letters alone.
  if (resolve(path) !== path || (path !== place.folder && dirname(path) !== place.folder)) throw unsafe(place, `${path} does not lie directly in it`);
  rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}
