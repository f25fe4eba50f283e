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

/**
 * Sends a signal to a group, by the process that leads it.
 * @returns whether there was anybody to send it to
 */
export function signalGroup(leader: number, signal: NodeJS.Signals, kill: (pid: number, signal: NodeJS.Signals) => unknown = (pid, sent) => process.kill(pid, sent)): boolean {
  try {
    kill(-leader, signal);
    return true;
  } catch (error) {
    // The group is gone already, which is what was wanted. On macOS a group that has ended and was not collected yet
    // answers EPERM; so does a program that became another user, which is not ours to end.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
    return false;
  }
}

/** Ends a process of Windows and all that it started, at once: there is no asking first. */
export const treeKiller = (pid: number): { command: string; args: string[] } => ({ command: 'taskkill', args: ['/PID', String(pid), '/T', '/F'] });
