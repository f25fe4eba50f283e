/** Paths of a folder that nothing may lead out of. */
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** Told as "permission denied", whether or not something is there. */
export class OutsideError extends Error {}

const isBelow = (folder: string, path: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** The path as it is written, without "..". Where it is outside already, nobody learns whether something is there. */
async function written(folder: string, path: string): Promise<{ root: string; path: string }> {
  const root = await realpath(folder);
  const absolute = resolve(folder, path);
  if (!isBelow(folder, absolute) && !isBelow(root, absolute)) throw new OutsideError();
  return { root, path: absolute };
}

/**
 * Where a path leads in the end, through links.
 * @param folder relative paths begin there
 * @throws OutsideError, also where it leads nowhere; what the system says where nothing is there
 */
export async function leadsTo(folder: string, path: string): Promise<string> {
  const { root, path: absolute } = await written(folder, path);
  const real = await realpath(absolute).catch(async (error: unknown) => {
    // Whether something is there is told of what is inside alone.
    const place = await placeOf(folder, path);
    if ((await lstat(place)).isSymbolicLink()) throw new OutsideError();
    throw error;
  });
  if (!isBelow(root, real)) throw new OutsideError();
  return real;
}

/**
 * The place that a path names, itself not followed where it is a link: it may be empty. The folder itself is none.
 * @throws OutsideError; what the system says where its folder is not there
 */
export async function placeOf(folder: string, path: string): Promise<string> {
  const { root, path: absolute } = await written(folder, path);
  const parent = await realpath(dirname(absolute));
  const place = join(parent, basename(absolute));
  if (!isBelow(root, parent) || place === root) throw new OutsideError();
  return place;
}
