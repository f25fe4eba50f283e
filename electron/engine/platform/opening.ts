/** Opening something for the person with their own program for it. */
import { here, type Platform } from './here.ts';

/** What opens a file or an address. */
export function openerOf(target: string, platform: Platform = here): { command: string; args: string[] } {
  if (platform === 'darwin') return { command: 'open', args: [target] };
  // Not `start`, which is a word of a shell that would read the target as its own language.
  if (platform === 'win32') return { command: 'rundll32', args: ['url.dll,FileProtocolHandler', target] };
  return { command: 'xdg-open', args: [target] };
}

/** Whether there is a desktop to show anything on. Browsers refuse to run as root, loudly, so root has none. */
export function hasDesktop(environment: Readonly<Record<string, string | undefined>>, uid: number | undefined, platform: Platform = here): boolean {
  if (uid === 0) return false;
  return platform !== 'linux' || Boolean(environment['DISPLAY'] || environment['WAYLAND_DISPLAY']);
}

/** Whether browsers may be confined so that they cannot read files in hidden folders, as those from the snap store are. */
export const browsersMayBeConfined = (platform: Platform = here): boolean => platform === 'linux';
