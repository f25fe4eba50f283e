/** The backup's files against its manifest, before anything is written anywhere. */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { PilothouseError } from '#shared/domain/errors.ts';
import { hashFile } from '../backup/files.ts';
import type { Manifest } from '../backup/manifest.ts';

function damaged(folder: string, what: string): PilothouseError {
  return new PilothouseError('backup.damaged', `The backup in ${folder} is damaged: ${what}.`, { hint: 'Nothing was changed. Restore another backup, and find out what happened to this disk.', details: { folder } });
}

/** What is wrong with the presence and the sizes of a backup's files; null where all are as they should be. Cheap. */
export async function whatIsMissing(folder: string, manifest: Manifest): Promise<string | null> {
  for (const file of manifest.files) {
    try {
      const facts = await lstat(join(folder, file.path));
      if (!facts.isFile()) return `${file.path} is not a plain file`;
      if (facts.size !== file.sizeBytes) return `${file.path} has ${facts.size} bytes, and had ${file.sizeBytes}`;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return `${file.path} is missing`;
      return `${file.path} cannot be looked at: ${(error as Error).message}`;
    }
  }
  return null;
}

/**
 * Reads every file again and compares its size and SHA-256.
 * @param onBytes told of how much was read, and of how much there is
 * @throws backup.damaged naming the first file that differs; the signal's reason when it aborts
 */
export async function verifySource(folder: string, manifest: Manifest, options: { signal: AbortSignal; onBytes: (done: number, total: number) => void }): Promise<void> {
  const missing = await whatIsMissing(folder, manifest);
  if (missing !== null) throw damaged(folder, missing);
  const total = manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  let done = 0;
  for (const file of manifest.files) {
    options.signal.throwIfAborted();
    const { sha256 } = await hashFile(join(folder, file.path), {
      signal: options.signal,
      onBytes: (bytes) => {
        done += bytes;
        options.onBytes(done, total);
      },
    });
    if (sha256 !== file.sha256) throw damaged(folder, `the SHA-256 of ${file.path} is not the one it had`);
  }
}
