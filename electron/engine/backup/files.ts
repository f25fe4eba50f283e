/** Files of a backup folder: hashed, made durable, listed without following links, removed. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PilothouseError } from '#shared/domain/errors.ts';

export interface FileFacts {
  /** Relative to the folder, with forward slashes. */
  path: string;
  sizeBytes: number;
}

export interface HashedFile extends FileFacts {
  sha256: string;
}

/** Large enough to read fast, small enough that other work gets its turn in between: about a millisecond each. */
const chunkBytes = 1024 * 1024;

/** Reading a file that anybody may have put there: no link is followed, and a pipe without a writer is not waited for. */
export const readWarily = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * SHA-256 of a file, in hexadecimal, and the bytes that were read. A symbolic link is an error. Two buffers take turns:
 * one is filled while the other is hashed, and however large the file is, no more memory is used.
 * @param onBytes told of every piece that was read, in bytes
 */
export async function hashFile(path: string | Buffer, options: { signal?: AbortSignal | undefined; onBytes?: ((bytes: number) => void) | undefined } = {}): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash('sha256');
  const file = await open(path, readWarily);
  let sizeBytes = 0;
  let filling: Promise<{ bytesRead: number; buffer: Buffer<ArrayBuffer> }> | null = null;
  try {
    const { size } = await file.stat();
    const room = Math.min(chunkBytes, size + 1);
    let idle = Buffer.allocUnsafeSlow(room);
    filling = file.read(Buffer.allocUnsafeSlow(room), 0, room, null);
    for (;;) {
      const { bytesRead, buffer } = await filling;
      options.signal?.throwIfAborted();
      if (bytesRead === 0) return { sha256: hash.digest('hex'), sizeBytes };
      filling = file.read(idle, 0, room, null);
      hash.update(buffer.subarray(0, bytesRead));
      idle = buffer;
      sizeBytes += bytesRead;
      options.onBytes?.(bytesRead);
    }
  } finally {
    // What is still being read must not be left to fail unheard once its file is closed.
    await Promise.allSettled([filling]);
    await file.close();
  }
}

/** Null where it is gone: a file that takes the place of another bears a name of its own for a moment. */
async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await lstat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Every file below a folder, sorted by path. Files that vanish meanwhile are left out.
 * @throws backup.damaged where something in it is neither a plain file nor a folder, such as a link that leads elsewhere
 */
export async function listFiles(folder: string, below = ''): Promise<FileFacts[]> {
  const found: FileFacts[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) {
      found.push(...(await listFiles(folder, path)));
      continue;
    }
    if (!entry.isFile()) throw new PilothouseError('backup.damaged', `${path} in ${folder} is not a plain file.`, { hint: 'A backup holds plain files only. Find out who put it there, and take it away.', details: { folder, path } });
    const sizeBytes = await sizeOf(join(folder, path));
    if (sizeBytes !== null) found.push({ path, sizeBytes });
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Bytes of all files below a folder; 0 where it is not there (yet). Files that vanish meanwhile are left out. */
export async function folderBytes(path: string): Promise<number> {
  try {
    const facts = await lstat(path);
    if (!facts.isDirectory()) return facts.size;
    const sizes = await Promise.all((await readdir(path)).map((name) => folderBytes(join(path, name))));
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

/** Writes a file for its owner alone and makes it durable. It must not exist. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Removes a folder and all in it; what is gone already is fine. Links are removed, not followed. */
export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** An error of the operating system while writing a backup, as ours. */
export function destinationError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new PilothouseError('backup.space', `The disk that holds ${path} is full.`, { hint: 'Free some space, or delete backups that are no longer needed; then back up again. What was written of this one was removed.', retryable: true, details: { path }, cause: error });
  }
  if (['EACCES', 'EPERM', 'EROFS', 'EIO', 'ENOTDIR', 'EMFILE', 'ENAMETOOLONG'].includes(code)) {
    return new PilothouseError('backup.destination', `${path} cannot be written: ${(error as Error).message}.`, { hint: 'Check who owns the backup folder, and that its disk is mounted and can be written.', details: { path }, cause: error });
  }
  return error;
}
