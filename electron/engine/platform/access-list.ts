/**
 * Who may use a file or folder of Windows, where modes mean nothing: by `icacls`, the system's own program. What it was
 * told to do is believed only when it says so itself.
 */
import { basename, dirname } from 'node:path';
import { runNow } from '../children/run-now.ts';

/** What was seen of a file or folder. */
export type Protection = { isPrivate: true } | { isPrivate: false; why: string };

export interface AccessEntry {
  /** As the system calls an account ("DESKTOP-1\me"), or its number (S-1-5-…) where it has no name. */
  who: string;
  /** "(OI)(CI)(F)": what it is inherited by, and what may be done. */
  rights: string;
}

interface Account {
  name: string;
  sid: string;
}

/** Longer than either program ever takes; on a network drive that is away they would wait for minutes. Milliseconds. */
const patienceMs = 10_000;
/** One letter for each byte: the code page that these programs write in is nobody's business here. */
const letters = (bytes: Buffer): string => bytes.toString('latin1');
/** Names are compared by what is ASCII in them: beyond that two programs may write the same one in two code pages. */
const comparable = (name: string): string => name.replace(/[^\x20-\x7e]+|\?+/g, '?').toLowerCase();
const lastLine = (text: string): string => text.trim().split(/\r?\n/).at(-1)?.trim() ?? '';

/**
 * The entries that `icacls NAME` printed, one a line behind the name. The line below them, which counts files, is in the
 * language of the system. Null where it is not that.
 */
export function readAccessList(output: string, name: string): AccessEntry[] | null {
  if (!output.startsWith(`${name} `)) return null;
  return output
    .slice(name.length)
    .split(/\r?\n/)
    .flatMap((line) => {
      const [, who, rights] = /^\s+(\S.*?):((?:\([A-Za-z,]+\))+)\s*$/.exec(line) ?? [];
      return who === undefined || rights === undefined ? [] : [{ who, rights }];
    });
}

/** Who we are, by what `whoami /user /fo csv /nh` printed; null where it said nothing of the kind. */
export function readAccount(output: string): Account | null {
  const [, name, sid] = /^"([^"]+)","(S-1-[\d-]+)"\s*$/.exec(output.trim()) ?? [];
  return name === undefined || sid === undefined ? null : { name, sid };
}

/** What an access list says of a file or a folder that is to be one account's alone. */
export function judgeAccessList(entries: readonly AccessEntry[], { name, sid }: Account, kind: 'file' | 'folder'): Protection {
  const isOurs = ({ who }: AccessEntry): boolean => comparable(who) === comparable(name) || who === sid;
  const others = [...new Set(entries.filter((entry) => !isOurs(entry)).map(({ who }) => who))];
  if (others.length > 0) return { isPrivate: false, why: `its access list also names ${others.join(', ')}` };
  if (entries.length === 0) return { isPrivate: false, why: 'its disk keeps no access lists, or this one names nobody' };
  // What is made in the folder later takes these over.
  const wanted = kind === 'folder' ? ['(OI)', '(CI)', '(F)'] : ['(F)'];
  return entries.some(({ rights }) => wanted.every((right) => rights.includes(right))) ? { isPrivate: true } : { isPrivate: false, why: 'its access list does not give you everything' };
}

function whoAmI(): Account | string {
  const { exitStatus, stdout, stderr } = runNow('whoami', ['/user', '/fo', 'csv', '/nh'], { timeoutMs: patienceMs });
  const account = exitStatus === 0 ? readAccount(letters(stdout)) : null;
  return account ?? `whoami does not say who you are${exitStatus === 0 ? '' : ` (${lastLine(letters(stderr))})`}`;
}

/**
 * Runs it in the folder, so that no path is printed that could not be told from what follows it.
 * @returns what it printed, or why it failed
 */
function icacls(path: string, kind: 'file' | 'folder', ...args: string[]): { name: string; output: string } | { problem: string } {
  const [cwd, name] = kind === 'folder' ? [path, '.'] : [dirname(path), basename(path)];
  const { exitStatus, stdout, stderr } = runNow('icacls', [name, ...args], { cwd, timeoutMs: patienceMs });
  const output = letters(stdout);
  return exitStatus === 0 ? { name, output } : { problem: lastLine(letters(stderr)) || lastLine(output) || 'it did not end in time' };
}

function look(path: string, account: Account, kind: 'file' | 'folder'): Protection {
  const printed = icacls(path, kind);
  if ('problem' in printed) return { isPrivate: false, why: `icacls cannot read its access list (${printed.problem})` };
  const entries = readAccessList(printed.output, printed.name);
  return entries === null ? { isPrivate: false, why: 'icacls does not say who may use it' } : judgeAccessList(entries, account, kind);
}

/** Whether a file or a folder is this account's alone. */
export function lookAtAccessList(path: string, kind: 'file' | 'folder'): Protection {
  const account = whoAmI();
  return typeof account === 'string' ? { isPrivate: false, why: account } : look(path, account, kind);
}

/** Makes a file or a folder, with all that will be made in it, this account's alone, and looks whether it is. */
export function closeByAccessList(path: string, kind: 'file' | 'folder'): Protection {
  const account = whoAmI();
  if (typeof account === 'string') return { isPrivate: false, why: account };
  if (look(path, account, kind).isPrivate) return { isPrivate: true };
  const closed = icacls(path, kind, '/inheritance:r', '/grant:r', `*${account.sid}:${kind === 'folder' ? '(OI)(CI)F' : 'F'}`);
  if ('problem' in closed) return { isPrivate: false, why: `icacls could not close it (${closed.problem})` };
  return look(path, account, kind);
}
