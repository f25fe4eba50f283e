import { execFileSync } from 'node:child_process';
import { accessSync } from 'node:fs';
import { makeTemporaryFolder } from './temporary-folder.ts';
import { rm } from 'node:fs/promises';

export interface SmallDisk {
  folder: string;
  /** Takes it away, even where something still has files open on it. */
  remove(): Promise<void>;
}

/**
 * Why no small disk can be made here; null where it can. For `test.skipIf(whyNoSmallDisk() !== null)` and
 * `context.skip(reason)`.
 */
export function whyNoSmallDisk(): string | null {
  if (process.platform !== 'linux') return 'a disk of a few megabytes is mounted with tmpfs, which is on Linux only';
  if (process.getuid?.() !== 0) return 'a disk of a few megabytes can be mounted by root only';
  try {
    accessSync('/proc/filesystems');
    const probe = execFileSync('mktemp', ['-d'], { encoding: 'utf8' }).trim();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', probe], { stdio: 'pipe' });
      execFileSync('umount', [probe], { stdio: 'pipe' });
    } finally {
      execFileSync('rmdir', [probe]);
    }
    return null;
  } catch (error) {
    return `this machine lets nobody mount a tmpfs: ${error instanceof Error ? error.message.split('\n').at(-1) : String(error)}`;
  }
}

/**
 * Mounts a disk of a few megabytes, which is soon full.
 *
 * @param bytes its whole size.
 */
export async function mountSmallDisk(bytes: number): Promise<SmallDisk> {
  const folder = await makeTemporaryFolder('disk');
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=0755`, 'tmpfs', folder], { stdio: 'pipe' });
  return {
    folder,
    async remove() {
      execFileSync('umount', ['--lazy', folder], { stdio: 'pipe' });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
