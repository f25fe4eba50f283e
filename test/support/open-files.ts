import { readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';

/** Files of a folder that this process has open. Linux only. */
export async function openBelow(folder: string): Promise<string[]> {
  return (await readdir('/proc/self/fd')).flatMap((number) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${number}`);
      return path.startsWith(`${folder}/`) ? [path] : [];
    } catch {
      return []; // It was closed meanwhile.
    }
  });
}
