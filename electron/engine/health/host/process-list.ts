import type { HostSeen } from './read-output.ts';

export interface Process {
  pid: number;
  name: string;
  /** R, S, D, Z, … */
  state: string;
  parent: number;
}

/** A name may hold anything, line ends and brackets too: what follows its last bracket is one letter and numbers alone. */
const entry = /^(\d+) \(([\s\S]*)\) ([A-Za-z]) (-?\d+)(?: -?\d+){8,}\s*$/;

/** @returns what could be read, and whether anything else was there */
export function processesOf(seen: HostSeen): { list: Process[]; strange: boolean } {
  const list: Process[] = [];
  let waiting = '';
  for (const line of seen.lines('processes')) {
    const text = waiting === '' ? line : `${waiting}\n${line}`;
    const match = entry.exec(text);
    if (match === null) {
      // A name of fifteen characters spreads over no more lines than that.
      waiting = text.length > 2000 ? '' : text;
      continue;
    }
    waiting = '';
    list.push({ pid: Number(match[1]), name: (match[2] ?? '').replaceAll(/\s+/g, ' '), state: match[3] ?? '', parent: Number(match[4]) });
  }
  return { list, strange: waiting !== '' };
}

/** Whether the processes of everybody are shown. */
export const seesAllProcesses = (seen: HostSeen) => seen.lines('process-sight')[0] === 'all';

/** Why those of others are not shown is always the same. */
export const hiddenProcesses = {
  why: '/proc is mounted with hidepid, so the processes of others are hidden from this account',
  opener: 'Put the account into the group that /proc is mounted with (gid= in /etc/fstab), or connect as root.',
};
