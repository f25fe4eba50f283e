import { spawn } from 'node:child_process';
import { openerOf } from '../platform/opening.ts';
import { minimalEnvironment } from './environment.ts';

/** What a person's desktop needs from the environment to find their browser. No more of it is passed on. */
const desktopVariables = /^(?:DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|XDG_[A-Z_]+|DBUS_SESSION_BUS_ADDRESS|DESKTOP_SESSION|BROWSER|KDE_[A-Z_]+|GNOME_[A-Z_]+|WSL_[A-Z_]+|WSLENV|SystemRoot|ComSpec|USERPROFILE|APPDATA|LOCALAPPDATA|ProgramFiles|USER|LOGNAME|SHELL)$/;

/**
 * Opens a file of ours with the person's own program for it. That program is theirs: unlike every other child it does
 * not hang on a lifeline, and outlives us.
 * @param target a path; never a secret, since everybody on this computer can read command lines
 * @returns whether the desktop took it
 */
export function openForPerson(target: string, environment: Record<string, string | undefined> = process.env): Promise<boolean> {
  const desktop = Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined && desktopVariables.test(entry[0])));
  const { command, args } = openerOf(target);
  return new Promise((resolve) => {
    const child = spawn(command, args, { detached: true, stdio: 'ignore', env: { ...minimalEnvironment(), ...desktop }, windowsHide: true });
    child.once('error', () => resolve(false));
    child.once('exit', (status) => resolve(status === 0));
    // Some openers stay as long as the browser does.
    child.once('spawn', () => setTimeout(() => resolve(true), 3000).unref());
    child.unref();
  });
}
