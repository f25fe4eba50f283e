import { spawn, type ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { nodeScripts } from '../node-scripts.ts';
import { hasProcessGroups, signalGroup } from '../platform/children.ts';
import type { Platform } from '../platform/here.ts';
import type { ScriptRunner } from '../ports.ts';

/** Milliseconds between asking a group to end and ending it. */
export const graceMs = 2000;

/**
 * Starts a watcher in the child's own process group and then becomes the command, so that the status we are told is
 * the command's own. The watcher reads the lifeline (descriptor 3), which nobody ever writes to: it ends when we do,
 * however that happens. The watcher is forked twice, so that the command does not find a child it never started, and
 * holds none of the command's streams open.
 */
const supervisor = `umask 077
( ( trap '' TERM INT HUP QUIT
    exec </dev/null >/dev/null 2>&1
    read -r line <&3
    kill -s TERM 0
    PATH=/usr/bin:/bin sleep ${graceMs / 1000}
    kill -s KILL 0 ) & )
exec "$@" 3<&-`;

export interface LifelineOptions {
  /** An absolute path. */
  command: string;
  args: readonly string[];
  cwd: string | undefined;
  env: Record<string, string>;
  user: { uid: number; gid: number } | undefined;
  stdin: 'pipe' | 'ignore';
}

/** A child whose whole group is dead soon after this process is, however this process died. */
export interface LifelineChild {
  process: ChildProcess;
  /** Sends a signal to all that the command started and did not move to a session of its own. */
  signalGroup(signal: 'SIGTERM' | 'SIGKILL'): void;
}

function spawnInGroup(options: LifelineOptions): LifelineChild {
  const child = spawn('/bin/sh', ['-c', supervisor, 'pilothouse-child', options.command, ...options.args], {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: [options.stdin, 'pipe', 'pipe', 'pipe'],
    ...options.user,
  });
  return { process: child, signalGroup: (signal) => void (child.pid !== undefined && signalGroup(child.pid, signal)) };
}

let scripts = nodeScripts;

/** Says how this process runs its supervisor where there are no groups, which is a matter of the executable that it is. */
export function superviseBy(runner: ScriptRunner): void {
  scripts = runner;
}

function spawnSupervised(options: LifelineOptions): LifelineChild {
  const supervise = scripts.command('supervise', [options.command, ...options.args]);
  if (supervise === null) throw new Error('No supervisor of children is named for this process.');
  const child = spawn(supervise.command, supervise.args, {
    cwd: options.cwd,
    env: options.env,
    stdio: [options.stdin, 'pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  // Windows has no signals: letting go of the lifeline is how the supervisor is told.
  return { process: child, signalGroup: () => void (child.stdio[3] as Duplex | null)?.destroy() };
}

/**
 * Starts a command on a lifeline. Errors of starting come as the child's `error` event.
 */
export function spawnOnLifeline(options: LifelineOptions, platform?: Platform): LifelineChild {
  const started = hasProcessGroups(platform) ? spawnInGroup(options) : spawnSupervised(options);
  // The far end closing first is the normal end of a child; there is nothing to lose on a pipe nobody writes to.
  (started.process.stdio[3] as Duplex | null)?.on('error', () => {});
  return started;
}
