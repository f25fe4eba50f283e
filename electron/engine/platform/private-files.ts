/**
 * What is for one's own account alone. Elsewhere that is a mode (0600, 0700). On Windows modes mean nothing: there it is
 * the access list of the data folder, which everything takes over that is made in it.
 */
import { chmodSync } from 'node:fs';
import { closeByAccessList, type Protection } from './access-list.ts';
import { here, type Platform } from './here.ts';

export type { Protection } from './access-list.ts';

/** Whether others may read a file or look into a folder of this mode. On Windows a mode says nothing of it. */
export const isOpenToOthers = (mode: number, platform: Platform = here): boolean => platform !== 'win32' && (mode & 0o077) !== 0;

/** Whether files have owners and modes that tell who may use them. */
export const modesCount = (platform: Platform = here): boolean => platform !== 'win32';

/** Takes others' rights to a file that we made in our data folder, in case it was made with any. */
export function keepFileToOurselves(path: string, platform: Platform = here): void {
  if (modesCount(platform)) chmodSync(path, 0o600);
}

/** The same of a folder. */
export function keepFolderToOurselves(path: string, platform: Platform = here): void {
  if (modesCount(platform)) chmodSync(path, 0o700);
}

/** Closes a file of ours that will hold a secret, and looks whether that worked. */
export function closeFile(path: string, platform: Platform = here): Protection {
  if (!modesCount(platform)) return closeByAccessList(path, 'file');
  chmodSync(path, 0o600);
  return { isPrivate: true };
}

/** Closes a folder of ours with all that will be made in it, and looks whether that worked. */
export function closeFolder(path: string, platform: Platform = here): Protection {
  if (!modesCount(platform)) return closeByAccessList(path, 'folder');
  chmodSync(path, 0o700);
  return { isPrivate: true };
}
