import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { filesOfCommand } from '../platform/programs.ts';
import { minimalEnvironment } from './environment.ts';

export interface NowResult {
  /** Null where it did not run, or did not end in time. */
  exitStatus: number | null;
  /** Bytes as they came: programs of Windows write in a code page of their own. */
  stdout: Buffer;
  stderr: Buffer;
}

/**
 * Runs a small program of the system to its end while everything else waits: for what has to be known before anything
 * else happens. It hangs on no lifeline, and is ended when its time is over.
 */
export function runNow(command: string, args: readonly string[], { cwd, timeoutMs }: { cwd?: string; timeoutMs: number }): NowResult {
  const env = minimalEnvironment();
  const nothing = Buffer.alloc(0);
  const file = filesOfCommand(command, env).find((each) => existsSync(each));
  if (file === undefined) return { exitStatus: null, stdout: nothing, stderr: Buffer.from('there is no such program') };
  const { status, stdout, stderr, error } = spawnSync(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs, killSignal: 'SIGKILL', windowsHide: true });
  return { exitStatus: error === undefined ? status : null, stdout: stdout ?? nothing, stderr: error === undefined ? stderr : Buffer.from(error.message) };
}
