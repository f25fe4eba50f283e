import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessEntry {
  pid: number;
  parentPid: number;
  /** The arguments, joined by spaces; the name in brackets where the process has none. */
  commandLine: string;
  /** Zombies have ended and wait to be collected by their parent. */
  zombie: boolean;
}

/**
 * Every process of this machine, read from /proc (Linux only). Processes that end meanwhile are left out.
 */
export function listProcesses(): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)));
}

/** The running processes whose command line contains a text, zombies and this process aside. */
export function processesMatching(text: string): ProcessEntry[] {
  return listProcesses().filter((entry) => !entry.zombie && entry.pid !== process.pid && entry.commandLine.includes(text));
}

/** Whether a process runs; one that has ended and was not yet collected does not. */
export function isRunning(pid: number): boolean {
  return readProcess(pid).some((entry) => !entry.zombie);
}

/** Every running descendant of a process, at any depth. */
export function descendantsOf(pid: number): ProcessEntry[] {
  const all = listProcesses().filter((entry) => !entry.zombie);
  const below = (parent: number): ProcessEntry[] => all.filter((entry) => entry.parentPid === parent).flatMap((child) => [child, ...below(child.pid)]);
  return below(pid);
}

function readProcess(pid: number): ProcessEntry[] {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
    // The name stands in brackets and may itself contain brackets and spaces; the fields go on after the last one.
    const name = status.slice(status.indexOf('(') + 1, status.lastIndexOf(')'));
    const [state, parent] = status.slice(status.lastIndexOf(')') + 2).split(' ');
    return [{ pid, parentPid: Number(parent), commandLine: commandLine || `[${name}]`, zombie: state === 'Z' }];
  } catch {
    // It ended between the listing and the reading: a process that is gone is no entry.
    return [];
  }
}
