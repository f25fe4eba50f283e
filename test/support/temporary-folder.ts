import { readFileSync, statfsSync } from 'node:fs';
import { chown, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Bytes. What the tests that run at once ever held, several times over. */
const roomy = 4 * 1024 ** 3;
const inMemory = '/dev/shm';
let wantsDisk = false;

/** From now on folders are made on the disk: what is measured is measured where people have their files. */
export function useDisk(): void {
  wantsDisk = true;
}

/**
 * Where folders of tests are made: in memory where this machine has a file system there that is roomy and lets
 * programs run (Linux only), because hundreds of databases are made and removed, else among the temporary files.
 */
function ground(): string {
  if (wantsDisk) return tmpdir();
  try {
    const mount = readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .findLast(([, folder]) => folder === inMemory);
    const { bavail, bsize } = statfsSync(inMemory);
    const options = mount?.[3]?.split(',') ?? [];
    return mount?.[2] === 'tmpfs' && options.includes('rw') && !options.includes('noexec') && bavail * bsize > roomy ? inMemory : tmpdir();
  } catch {
    // This system has no such file, or no such folder.
    return tmpdir();
  }
}

/**
 * A fresh private folder (0700) that no other test has. The caller removes it.
 *
 * @param owner who it belongs to, when that is not the account of the tests.
 */
export async function makeTemporaryFolder(purpose: string, owner?: { uid: number; gid: number } | null): Promise<string> {
  const folder = await realpath(await mkdtemp(join(ground(), `pilothouse-test-${purpose}-`)));
  if (owner) await chown(folder, owner.uid, owner.gid);
  return folder;
}

/** A fresh private folder (0700) that is removed when the current test is over, however it ends. */
export async function temporaryFolder(purpose = 'folder'): Promise<string> {
  const folder = await makeTemporaryFolder(purpose);
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}
