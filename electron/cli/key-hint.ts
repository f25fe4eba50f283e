/** What to do about the key of a machine, where one is at the command line: by a command. Errors themselves name the settings of the console. */
import { hasCode, type ErrorShape } from '#shared/domain/errors.ts';

/** @param machine what the host is called at which it ended; undefined where nobody can tell */
export function toldHere(error: ErrorShape | null, machine: string | undefined): ErrorShape | null {
  if (error === null || machine === undefined) return error;
  if (hasCode(error, 'ssh.host-key-changed')) return { ...error, hint: `Somebody may stand in between, or the machine was rebuilt. If you know that it was: host replace-key "${machine}"` };
  if (hasCode(error, 'ssh.host-key-unknown')) return { ...error, hint: `Compare it, and trust it: host trust "${machine}"` };
  return error;
}
