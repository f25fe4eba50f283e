/**
 * What was written outlives a power cut: of files their bytes, of folders the names in them. Windows flushes only what
 * was opened for writing, and opens no folders: renaming there is as durable as it gets.
 */
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { here, type Platform } from './here.ts';

/** How a file is opened that is only to be flushed. */
const flagsFor = (platform: Platform): 'r' | 'r+' => (platform === 'win32' ? 'r+' : 'r');

/** @param sync makes an open file durable; `fsync` unless said otherwise */
export async function syncFile(path: string, { sync = (file: FileHandle) => file.sync(), platform = here }: { sync?: ((file: FileHandle) => Promise<void>) | undefined; platform?: Platform } = {}): Promise<void> {
  const file = await open(path, flagsFor(platform));
  try {
    await sync(file);
  } finally {
    await file.close();
  }
}

export async function syncFolder(path: string, platform: Platform = here): Promise<void> {
  if (platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function flush(path: string, flags: 'r' | 'r+'): void {
  const file = openSync(path, flags);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** As `syncFile`, at once. */
export function syncFileNow(path: string, platform: Platform = here): void {
  flush(path, flagsFor(platform));
}

/** As `syncFolder`, at once. */
export function syncFolderNow(path: string, platform: Platform = here): void {
  if (platform !== 'win32') flush(path, 'r');
}
