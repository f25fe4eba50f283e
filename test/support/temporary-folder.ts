import { chown, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/**
 * A fresh private folder (0700) under the system's temporary folder. The caller removes it.
 *
 * @param owner who it belongs to, when that is not the account of the tests.
 */
export async function makeTemporaryFolder(purpose: string, owner?: { uid: number; gid: number } | null): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), `pilothouse-test-${purpose}-`)));
  if (owner) await chown(folder, owner.uid, owner.gid);
  return folder;
}

/** A fresh private folder (0700) that is removed when the current test is over, however it ends. */
export async function temporaryFolder(purpose = 'folder'): Promise<string> {
  const folder = await makeTemporaryFolder(purpose);
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}
