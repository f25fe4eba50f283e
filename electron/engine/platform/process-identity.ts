/** Processes told apart for good: a process id alone comes back, an id with its start time does not. */
import { readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { runChild } from '../children/run-child.ts';
import { here, type Platform } from './here.ts';

export interface ProcessIdentity {
  pid: number;
  /** When it started, in words of the system that are only compared: ticks since boot on Linux, a date elsewhere. */
  startedAt: string;
}

/** The start time of a running process, or null where there is none (one that ended and was not collected is none). */
export async function startOf(pid: number, platform: Platform = here): Promise<string | null> {
  if (platform !== 'linux') return (await ask(pid, 'lstart=')) || null;
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in brackets and may contain anything; the numbered fields go on after the last bracket.
    const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  } catch {
    // There is no such process.
    return null;
  }
}

/** Whether a recorded process still runs, and is not another one with the same id. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await startOf(identity.pid)) === identity.startedAt;
}

/**
 * Whether a process works in this folder, as a Postgres server does in its data folder. Null where that is not to be
 * found out: the process may not be looked at.
 * @param readFolder reads the folder that a process of Linux works in
 */
export async function worksIn(pid: number, folder: string, readFolder: (pid: number) => string = folderOf, platform: Platform = here): Promise<boolean | null> {
  // A command line holds the path as it was given, which may lead through links.
  const spellings = [folder, realpathSync(folder)];
  if (platform !== 'linux') {
    const command = await ask(pid, 'command=');
    return spellings.some((spelling) => command.includes(spelling));
  }
  try {
    return spellings.includes(readFolder(pid));
  } catch (error) {
    // Root may look into another account's process only with CAP_SYS_PTRACE, which containers seldom give.
    return mayNotLook(error) ? ownerStartedIn(pid, spellings) : false;
  }
}

const folderOf = (pid: number): string => readlinkSync(`/proc/${pid}/cwd`);

function mayNotLook(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** Whether the owner of a folder runs this process, and started it with `-D` for that folder. */
function ownerStartedIn(pid: number, spellings: readonly string[]): boolean | null {
  try {
    if (!spellings.some((folder) => statSync(folder).uid === statSync(`/proc/${pid}`).uid)) return false;
    const parameters = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return parameters.some((parameter, index) => parameters[index - 1] === '-D' && spellings.includes(parameter));
  } catch (error) {
    return mayNotLook(error) ? null : false;
  }
}

async function ask(pid: number, field: string): Promise<string> {
  const result = await runChild({ command: 'ps', args: ['-o', field, '-p', String(pid)] });
  return result.exitStatus === 0 ? result.stdout.trim() : '';
}

/**
 * Sends one signal after another, waiting after each, until the process has ended. Never signals another process that
 * took the id.
 * @returns the signal that ended it, or null where it lives on
 */
export async function endProcess(identity: ProcessIdentity, steps: readonly { signal: NodeJS.Signals; waitMs: number }[]): Promise<NodeJS.Signals | null> {
  let last: NodeJS.Signals | null = null;
  for (const { signal, waitMs } of steps) {
    if (!(await isAlive(identity))) return last ?? signal;
    try {
      process.kill(identity.pid, signal);
    } catch (error) {
      // It ended in between.
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return last ?? signal;
      throw error;
    }
    last = signal;
    const until = performance.now() + waitMs;
    while (performance.now() < until) {
      if (!(await isAlive(identity))) return signal;
      await pause(25);
    }
  }
  return null;
}
