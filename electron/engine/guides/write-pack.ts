/** Puts a pack of a guide into the data folder: all of it or nothing, whatever happens meanwhile. */
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PilothouseError } from '#shared/domain/errors.ts';
import { findFile } from '../runbooks/library/index.ts';
import { syncFileNow, syncFolderNow } from '../platform/durable.ts';

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** The version of a pack that is there; null: there is none. */
export function versionOfPack(folder: string): string | null {
  if (!isFolder(folder)) return null;
  const found = findFile(join(folder, 'pack.yaml'), null);
  // A folder without a file of a pack is in the way all the same.
  return (found !== null && found !== 'same' && 'text' in found ? /^version:\s*"(\d+\.\d+\.\d+)/m.exec(found.text)?.[1] : undefined) ?? '0.0.0';
}

/** "1.1.0" after "1.0.3". */
export function nextVersion(version: string | null): string {
  const [major = 1, minor = 0] = (version ?? '').split('.').map(Number);
  return version === null ? '1.0.0' : `${Math.max(1, major)}.${minor + 1}.0`;
}

/**
 * @param stamp "20261120T120000": where an older one goes that is there
 * @returns where the older one is now; null: there was none
 * @throws store.unwritable, store.disk-full
 */
export function writePack(packsFolder: string, name: string, texts: ReadonlyMap<string, string>, stamp: string): { folder: string; aside: string | null } {
  const folder = join(packsFolder, name);
  const partial = join(packsFolder, `.${name}.partial`);
  let aside: string | null = null;
  try {
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { mode: 0o700 });
    const folders = new Set([partial]);
    for (const [file, text] of texts) {
      const path = join(partial, file);
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      folders.add(dirname(path));
      writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
      syncFileNow(path);
    }
    for (const each of folders) syncFolderNow(each);
    if (isFolder(folder)) {
      mkdirSync(join(packsFolder, '.removed'), { recursive: true, mode: 0o700 });
      for (let number = 1; aside === null || isFolder(aside); number += 1) aside = join(packsFolder, '.removed', `${stamp}${number === 1 ? '' : `-${number}`}-${name}`);
      renameSync(folder, aside);
    }
    renameSync(partial, folder);
    syncFolderNow(packsFolder);
    return { folder, aside };
  } catch (error) {
    if (aside !== null && !isFolder(folder) && isFolder(aside)) renameSync(aside, folder);
    rmSync(partial, { recursive: true, force: true });
    const code = (error as NodeJS.ErrnoException).code;
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    throw new PilothouseError(isFull ? 'store.disk-full' : 'store.unwritable', `The pack ${name} could not be written to ${packsFolder}: ${isFull ? 'the disk is full' : error instanceof Error ? error.message : String(error)}. What was there is as it was.`, { hint: isFull ? 'Free some space, and publish again.' : 'Check who owns the folder, and its permissions.', retryable: true, details: { folder }, cause: error });
  }
}
