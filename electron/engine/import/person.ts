/** Whose files are imported, and where they are. */
import { hostname, homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { ConfigOwner } from '../ssh/config/resolve.ts';

/** Who runs the engine. An account without a name in the system has a number. */
export function thisPerson(): ConfigOwner {
  let user: string;
  try {
    user = userInfo().username;
  } catch {
    user = process.env['USER'] ?? process.env['LOGNAME'] ?? String(process.getuid?.() ?? '');
  }
  return { user, homeFolder: homedir(), computer: hostname(), environment: process.env };
}

/** A path as it was chosen, with the home folder in place of "~". */
export function wholePath(path: string, { homeFolder }: Pick<ConfigOwner, 'homeFolder'>): string {
  return path.startsWith('~/') ? join(homeFolder, path.slice(2)) : path;
}
