/** Removes what was brought out of an archive: names may be no text, and folders may let nobody in. */
import { chmod, lstat, readdir, rmdir, unlink } from 'node:fs/promises';
import { placeOf } from './extract.ts';

/** Removes a folder or a file and all below it; what is gone already is fine. Links are removed, not followed. */
export async function removeTree(path: string | Buffer): Promise<void> {
  try {
    const facts = await lstat(path);
    if (!facts.isDirectory()) {
      await unlink(path);
      return;
    }
    if ((facts.mode & 0o700) !== 0o700) await chmod(path, 0o700);
    for (const name of await readdir(path, { encoding: 'buffer' })) await removeTree(placeOf(path, name));
    await rmdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
