/**
 * Stand-ins for programs that cannot run here (`docker`, `kubectl`): they write down how they were called and run the
 * rest as it stands. What they record is what the real one would have been told; that it would have done it, they do
 * not show.
 */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RecordingProgram {
  /** Each call, argument by argument. */
  calls(): string[][];
}

/**
 * @param folder one on the PATH of the account
 * @param skips how many arguments come before the command that it runs
 */
export function recordingProgram(folder: string, name: string, skips: number): RecordingProgram {
  mkdirSync(folder, { recursive: true });
  const log = join(folder, `${name}.calls`);
  writeFileSync(log, '');
  // One write for a call: calls overlap, and pieces of two would stand mixed in the file.
  writeFileSync(join(folder, name), `#!/bin/sh\nprintf '%s\\0' "$@" "$(printf '\\1')" >>'${log}'\nshift ${skips}\nexec "$@"\n`);
  chmodSync(join(folder, name), 0o755);
  return { calls: () => readFileSync(log, 'utf8').split('\u0001\0').filter((call) => call !== '').map((call) => call.split('\0').slice(0, -1)) };
}
