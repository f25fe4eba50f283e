/** Makes the files of a new backup durable and reads them back for their hashes, while pg_dump still works on others. */
import { lstat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { PilothouseError } from '#shared/domain/errors.ts';
import { syncFile } from '../platform/durable.ts';
import { hashFile, listFiles, type HashedFile } from './files.ts';

/** What a file system says of a file, by which any later change to it shows: nobody sets `changed` by hand. */
export interface FileStamp {
  inode: bigint;
  size: bigint;
  modified: bigint;
  changed: bigint;
}

export interface SealedFile extends HashedFile {
  stamp: FileStamp;
}

export async function stampOf(path: string): Promise<FileStamp> {
  const { ino, size, mtimeNs, ctimeNs } = await lstat(path, { bigint: true });
  return { inode: ino, size, modified: mtimeNs, changed: ctimeNs };
}

export function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.inode === b.inode && a.size === b.size && a.modified === b.modified && a.changed === b.changed;
}

export interface Sealing {
  /**
   * A file that nobody writes to any more, relative to the folder: begun in the background, looked at again by `finish`.
   * @returns its hash; null where it could not be read yet
   */
  early(path: string): Promise<HashedFile | null>;
  /** Every file of the folder, sorted by path. @throws backup.incomplete where something else writes to it; what kept a file from being made durable */
  finish(): Promise<SealedFile[]>;
}

interface SealingOptions {
  signal: AbortSignal;
  /** Told of every piece that was read, in bytes. */
  onBytes: (bytes: number) => void;
  /** Makes an open file durable; `fsync` unless said otherwise. */
  sync?: (file: FileHandle) => Promise<void>;
}

interface FileOptions extends SealingOptions {
  onUnsynced: (error: unknown) => void;
}

/** One sync that goes on while the same bytes are read: the disk and the processor have each their part. */
async function syncAndTell(path: string, { sync = (file) => file.sync(), onUnsynced }: FileOptions): Promise<void> {
  await syncFile(path, {
    async sync(file) {
      try {
        await sync(file);
      } catch (error) {
        onUnsynced(error);
        throw error;
      }
    },
  });
}

async function sealFile(folder: string, path: string, options: FileOptions): Promise<SealedFile> {
  const full = join(folder, path);
  const stamp = await stampOf(full);
  const [hashed, synced] = await Promise.allSettled([hashFile(full, options), syncAndTell(full, options)]);
  if (synced.status === 'rejected') throw synced.reason;
  if (hashed.status === 'rejected') throw hashed.reason;
  return { path, ...hashed.value, stamp };
}

export function createSealing(folder: string, sealing: SealingOptions): Sealing {
  /** Of what a disk did not take the system tells once only: the next sync of that file succeeds. */
  const unsynced: unknown[] = [];
  const options: FileOptions = { ...sealing, onUnsynced: (error) => void unsynced.push(error) };
  const early = new Map<string, SealedFile>();
  // One after the other: what is left of the processor beside pg_dump is not much.
  let background: Promise<void> = Promise.resolve();

  const stillTrue = async (path: string): Promise<SealedFile | null> => {
    const sealed = early.get(path);
    return sealed !== undefined && isSameStamp(sealed.stamp, await stampOf(join(folder, path))) ? sealed : null;
  };

  return {
    early(path) {
      const sealed = background.then(async () => {
        if (options.signal.aborted) return null;
        try {
          const file = await sealFile(folder, path, options);
          early.set(path, file);
          return file;
        } catch {
          // Too early, or not there under this name: `finish` takes every file that is not sealed, and says what is wrong with it.
          return null;
        }
      });
      background = sealed.then(() => {});
      return sealed;
    },
    async finish() {
      await background;
      if (unsynced.length > 0) throw unsynced[0];
      const files = await listFiles(folder);
      const sealed: SealedFile[] = [];
      for (const { path } of files) sealed.push((await stillTrue(path)) ?? (await sealFile(folder, path, options)));
      for (const file of sealed) {
        if (isSameStamp(file.stamp, await stampOf(join(folder, file.path)))) continue;
        throw new PilothouseError('backup.incomplete', `${file.path} in ${folder} changed while it was hashed.`, { hint: 'Something else writes to the backup folder. Find out what, then back up again.' });
      }
      return sealed;
    },
  };
}
