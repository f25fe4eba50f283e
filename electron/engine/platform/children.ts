/** What children are given, and how all that they started is ended. */
import { here, type Platform } from './here.ts';

/** What programs on Windows cannot start without. */
const windowsNames = ['SystemRoot', 'SystemDrive', 'ComSpec', 'PATHEXT', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'ProgramFiles', 'ProgramData'];

/** What of our environment every child needs for the system's sake, beside PATH and HOME. */
export function systemVariables(environment: Readonly<Record<string, string | undefined>>, temporary: string, platform: Platform = here): Record<string, string> {
  if (platform !== 'win32') return { TMPDIR: temporary };
  const kept = windowsNames.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]] as const]));
  return { TMPDIR: temporary, ...Object.fromEntries(kept), TEMP: temporary, TMP: temporary };
}

/** Whether a process group holds all that a child started, and takes signals. Windows has neither: a supervisor ends the tree. */
export const hasProcessGroups = (platform: Platform = here): boolean => platform !== 'win32';

/** Ends a process of Windows and all that it started, at once: there is no asking first. */
export const treeKiller = (pid: number): { command: string; args: string[] } => ({ command: 'taskkill', args: ['/PID', String(pid), '/T', '/F'] });
