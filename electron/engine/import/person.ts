/** Whose files are imported, and where they are. */
import { existsSync } from 'node:fs';
import { hostname, homedir, userInfo } from 'node:os';
import { isAbsolute } from 'node:path';
import { expandHome } from '../platform/folders.ts';
import type { ConfigOwner } from '../ssh/config/resolve.ts';

const ofNoSecret = /^(?:HOME|USER|LOGNAME|USERNAME|USERPROFILE|APPDATA|LOCALAPPDATA|HOSTNAME|TMPDIR|ProgramData|SSH_AUTH_SOCK|PGPASSFILE|PGSERVICEFILE|PGSYSCONFDIR|XDG_\w+)$/;

/**
 * As much of the environment as files may refer to. What they make of it is shown, and an environment may hold passwords:
 * so only what is known to hold none, and paths that are there.
 */
function shownEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).flatMap(([name, value]) => (value !== undefined && (ofNoSecret.test(name) || (isAbsolute(value) && existsSync(value))) ? [[name, value]] : [])));
}

/** Whose account runs the engine, and on which computer. An account without a name in the system has a number. */
export function accountHere(): Pick<ConfigOwner, 'user' | 'computer'> {
  let user: string;
  try {
    user = userInfo().username;
  } catch {
    user = process.env['USER'] ?? process.env['LOGNAME'] ?? String(process.getuid?.() ?? '');
  }
  return { user, computer: hostname() };
}

/** Who runs the engine, with what files may refer to. */
export function thisPerson(): ConfigOwner {
  return { ...accountHere(), homeFolder: homedir(), environment: shownEnvironment(process.env) };
}

/** A path as it was chosen, with the home folder in place of "~". */
export function wholePath(path: string, { homeFolder }: Pick<ConfigOwner, 'homeFolder'>): string {
  return expandHome(path, homeFolder);
}
