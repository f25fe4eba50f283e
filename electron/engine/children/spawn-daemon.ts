import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { minimalEnvironment } from './environment.ts';

export interface DaemonOptions {
  /** An absolute path. */
  command: string;
  args: readonly string[];
  /** Gets its standard error, from its beginning; readable by its owner alone. */
  logFile: string;
}

export interface Daemon {
  /** Why it is not running any more, in words, or null while it runs. Known only to the process that started it. */
  ended(): string | null;
}

/**
 * Starts a process that is meant to outlive this one, in a session of its own and without a lifeline. Whoever uses
 * this must be able to find and end it later, from another process. Everything else is `runChild`.
 */
export function spawnDaemon(options: DaemonOptions): Daemon {
  const log = openSync(options.logFile, 'w', 0o600);
  let end: string | null = null;
  try {
    const child = spawn(options.command, options.args, { detached: true, stdio: ['ignore', 'ignore', log], cwd: '/', env: minimalEnvironment() });
    child.once('error', (error) => {
      end = error.message;
    });
    child.once('exit', (status, signal) => {
      end = signal === null ? `it ended with status ${status}` : `it was ended by ${signal}`;
    });
    child.unref();
  } finally {
    closeSync(log);
  }
  return { ended: () => end };
}
