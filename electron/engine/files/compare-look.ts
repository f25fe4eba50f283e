/** What tar brought, against what was there before and is there now. */
import { kindOf } from './kinds.ts';
import type { Look } from './look.ts';
import { isAtOrBelow, keyOf, nameOf, written } from './tar-names.ts';
import type { TarEntry } from './tar-reader.ts';

export interface Compared {
  /** Files that are not as they were read, by name. */
  changed: Set<string>;
  /** What belongs to the set and is not in the archive. */
  leftOut: { path: string; why: string }[];
  /** How many came, and how many went away, meanwhile. */
  came: number;
  went: number;
}

/**
 * Sizes and times in the archive are those of the moment in which each file was read, so a file that is different now
 * has changed while it was read or since. Both may be the same all the same, in the same second or where somebody set the
 * time back: GNU tar says so itself, of every other tar it shows by the change of the inode. What was there before and is there now has to be in it.
 */
export function compareLook(entries: readonly TarEntry[], before: Pick<Look, 'entries' | 'unreadable' | 'mounts' | 'tar'>, after: Pick<Look, 'entries' | 'unreadable'>): Compared {
  const compared: Compared = { changed: new Set(), leftOut: [], came: 0, went: 0 };
  const read = new Set<string>();
  const isSaid = before.tar?.flavour === 'gnu';
  for (const entry of entries) {
    const key = keyOf(entry.name);
    read.add(key);
    const now = after.entries.get(key);
    if (now === undefined) compared.went += 1;
    else if (entry.type === 'file' && (now.mtime !== entry.mtime || now.size !== entry.size || (!isSaid && now.ctime !== (before.entries.get(key) ?? now).ctime))) compared.changed.add(key);
    if (entry.type === 'pipe' || entry.type === 'device') compared.leftOut.push({ path: written(entry.name).text, why: `it is a ${entry.type}: it stands in the list, and is not brought back` });
  }
  const unreadable = [...before.unreadable];
  for (const key of unreadable) compared.leftOut.push({ path: written(nameOf(key)).text, why: kindOf(before.entries.get(key)?.mode ?? 0) === 'folder' ? 'this account may not look into it' : 'this account may not read it' });
  for (const key of before.mounts) compared.leftOut.push({ path: written(nameOf(key)).text, why: 'another file system is mounted there' });
  for (const [key, seen] of after.entries) {
    if (read.has(key)) continue;
    if (!before.entries.has(key)) compared.came += 1;
    else if (kindOf(seen.mode) === 'socket') compared.leftOut.push({ path: written(nameOf(key)).text, why: 'it is a socket' });
    else if (!isAtOrBelow(key, unreadable) && !before.mounts.includes(key)) compared.leftOut.push({ path: written(nameOf(key)).text, why: 'tar left it out' });
  }
  return compared;
}
