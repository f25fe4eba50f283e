/** Names of the folders in which backups lie: `<system>/<database>/<UTC time>`. */
import nodePath, { type PlatformPath } from 'node:path';

/** Windows keeps these for devices, with any ending. */
const deviceName = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i;
const longestBytes = 80;

/**
 * A folder name for any system or database name, on any file system: letters, digits, `-`, `_` and dots inside stay,
 * everything else is written as `%` and its bytes in hexadecimal, so that different names never share a folder where
 * case is told apart. Longer ones are cut.
 */
export function folderNameOf(name: string): string {
  let written = '';
  for (const character of name) {
    const safe = /[A-Za-z0-9_-]/.test(character) || (character === '.' && written !== '');
    const piece = safe ? character : [...Buffer.from(character, 'utf8')].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    if (written.length + piece.length > longestBytes) break;
    written += piece;
  }
  const ended = written.replace(/\.+$/, (dots) => '%2e'.repeat(dots.length));
  return ended === '' || deviceName.test(ended) ? `_${ended}` : ended;
}

/** `20261120T194600Z`: sorts by time and is a name everywhere. */
export function folderStamp(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

/** Beside the folders of a system's databases: copies of files. No database has a folder of this name, whatever it is called. */
export const filesFolder = '+files';

/** What a folder ends in while its backup is being written. */
export const partialEnding = '.partial';
/** What a folder ends in while it is being removed. */
export const deletingEnding = '.deleting';

/**
 * Whether a folder is deep enough below the backup folder to be a backup's. On Windows the way to another drive or
 * share is an absolute path, and has no `..` in it.
 * @param path the rules by which paths are written: those of this computer unless said otherwise
 */
export function isBackupFolder(backups: string, folder: string, path: Pick<PlatformPath, 'relative' | 'isAbsolute' | 'sep'> = nodePath): boolean {
  const inside = path.relative(backups, folder);
  return !path.isAbsolute(inside) && !inside.startsWith('..') && inside.split(path.sep).length >= 3;
}
