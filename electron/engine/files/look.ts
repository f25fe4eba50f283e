/** Looks at the files of a set where they are: each of them by name, and what cannot be read. It only reads. */
import type { FileSet } from '#shared/contract/files.ts';
import { isNamePattern } from '#shared/domain/file-set.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { quoteCommand, quoteWord } from '../ssh/quote.ts';
import { serverText } from '../ssh/server-text.ts';
import { isAtOrBelow } from './tar-names.ts';
import type { There } from './there.ts';

export type TarFlavour = 'gnu' | 'busybox' | 'bsd';

export interface TarThere {
  flavour: TarFlavour;
  /** As it says it: "tar (GNU tar) 1.34". */
  version: string;
  /** Whether it can leave something out. */
  excludes: boolean;
  /** Whether it can be told each name, where it cannot leave anything out. */
  listed: boolean;
  /** Whether it can compress by gzip. */
  gzip: boolean;
}

/** What stat says of one file. */
export interface Seen {
  mode: number;
  /** Seconds since the epoch, by the clock of the host. */
  mtime: number;
  ctime: number;
  size: number;
}

export type RootKind = 'folder' | 'file' | 'link' | 'other' | 'missing';

export interface Look {
  /** Null where there is none. */
  tar: TarThere | null;
  /** Seconds since the epoch when the look began, by the clock of the host. */
  now: number;
  /** The account, as the host calls it. */
  account: string;
  roots: { path: string; kind: RootKind; target: string | null }[];
  /** Everything that belongs to the set, by name without the slash in front, one character for each byte. */
  entries: Map<string, Seen>;
  /** Of those, what the account may not read. */
  unreadable: Set<string>;
  /** Other file systems at or below the paths that are not looked into; the same names. */
  mounts: string[];
}

/** More than that is a volume for another kind of backup: each of them is written down in the manifest. */
export const mostEntries = 500_000;

/** Where there are more of them than were there when it was planned. */
export function tooMany(label: string): PilothouseError {
  return new PilothouseError('files.tar-failed', `There are more than ${mostEntries.toLocaleString('en-US')} files and folders in this set on ${label}.`, { hint: 'Each of them would be listed and compared by itself. Divide it into several sets, or leave folders out. Nothing of this copy is kept.', details: { most: mostEntries } });
}

/** Status of our script where the host has no program that it needs. */
const lacksStatus = 69;

/** Each name of a batch with what stat says of it; where one vanishes meanwhile, each is asked by itself. */
const batch = `for each do
  [ -L "$each" ] && continue
  if [ -d "$each" ]; then [ -r "$each" ] && [ -x "$each" ] || printf 'u\\0%s\\0' "$each"
  elif [ -f "$each" ]; then [ -r "$each" ] || printf 'u\\0%s\\0' "$each"
  fi
done
if seen=$(stat -c '%f %Y %Z %s' "$@" 2>/dev/null); then
  printf 'b\\0%s\\0%s\\0' "$#" "$seen"
  printf '%s\\0' "$@"
  exit 0
fi
for each do
  if seen=$(stat -c '%f %Y %Z %s' "$each" 2>/dev/null); then printf 'b\\0%s\\0%s\\0%s\\0' 1 "$seen" "$each"; fi
done
exit 0
`;

/** What is there besides the files: the program that will read them, the clock, the account, what is mounted. */
const surroundings = `cd / || exit 70
for each in find stat date id; do command -v "$each" >/dev/null 2>&1 || { printf 'lacks\\0%s\\0' "$each"; exit ${lacksStatus}; }; done
printf 'now\\0%s\\0account\\0%s\\0' "$(date +%s)" "$(id -un 2>/dev/null || id -u)"
if command -v tar >/dev/null 2>&1; then
  printf 'tar\\0%s\\0help\\0%s\\0' "$(tar --version 2>&1 </dev/null | head -n 1)" "$(tar --help 2>&1 </dev/null)"
  if command -v gzip >/dev/null 2>&1; then printf 'gzip\\0yes\\0'; fi
fi
while read -r _ folder _; do printf 'mount\\0%s\\0' "$folder"; done 2>/dev/null </proc/mounts
root() {
  if [ -L "$1" ]; then printf 'root\\0%s\\0link\\0%s\\0' "$1" "$(readlink "$1")"
  elif [ -d "$1" ]; then printf 'root\\0%s\\0folder\\0\\0' "$1"
  elif [ -f "$1" ]; then printf 'root\\0%s\\0file\\0\\0' "$1"
  elif [ -e "$1" ]; then printf 'root\\0%s\\0other\\0\\0' "$1"
  else printf 'root\\0%s\\0missing\\0\\0' "$1"
  fi
}
`;

/** A path as find's -path takes it: nothing in it stands for anything else. */
const literal = (path: string): string => path.replaceAll(/[[\]*?\\]/g, '\\$&');

export function lookScript({ paths, exclude, oneFileSystem }: Pick<FileSet, 'paths' | 'exclude' | 'oneFileSystem'>): string {
  const leftOut = exclude.flatMap((each, index) => [...(index === 0 ? [] : ['-o']), ...(isNamePattern(each) ? ['-name', each] : ['-path', literal(each)])]);
  const find: [string, ...string[]] = ['find', ...paths, ...(oneFileSystem ? ['-xdev'] : []), ...(leftOut.length === 0 ? [] : ['(', ...leftOut, ')', '-prune', '-o']), '-exec', 'sh', '-c', batch, 'sh', '{}', '+'];
  return `${surroundings}${paths.map((path) => `root ${quoteWord(path)}`).join('\n')}\n${quoteCommand(find)} 2>/dev/null\nprintf 'end\\0'\n`;
}

const rootKinds: readonly string[] = ['folder', 'file', 'link', 'other', 'missing'] satisfies RootKind[];
/** /proc/mounts writes white space and backslashes in octal. */
const mountPoint = (text: string): string => text.replaceAll(/\\([0-7]{3})/g, (_whole, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

export function readTarThere(version: string, help: string, gzip: boolean): TarThere {
  const isBusy = /busybox/i.test(version) || /^BusyBox/m.test(help);
  const flavour: TarFlavour = isBusy ? 'busybox' : /bsdtar|libarchive/i.test(version) ? 'bsd' : 'gnu';
  return { flavour, version: serverText(version, 80), excludes: !isBusy || /--exclude\b|^\s*-?X\b.*exclude/im.test(help), listed: isBusy && help.includes('--no-recursion'), gzip: isBusy ? /\bgzip\b/.test(help) : gzip };
}

/** Reads what the script says, as it comes. */
export function createLookReader(): { push(chunk: Buffer): void; result(): Look & { ended: boolean; lacks: string | null } } {
  const found: Look & { ended: boolean; lacks: string | null } = { tar: null, now: 0, account: '', roots: [], entries: new Map(), unreadable: new Set(), mounts: [], ended: false, lacks: null };
  let waiting = '';
  let fields: string[] = [];
  let said = { version: '', help: '', gzip: false };
  /** Names of a batch that are still to come, and what stat said of them. */
  let stats: string[] = [];

  const relative = (path: string): string => path.replace(/^\/+/, '');
  const record = (field: string): void => {
    if (stats.length > 0) {
      const [mode = '', mtime = '', ctime = '', size = ''] = (stats.shift() ?? '').split(' ');
      if (found.entries.size < mostEntries + 1) found.entries.set(relative(field), { mode: Number.parseInt(mode, 16), mtime: Number(mtime), ctime: Number(ctime), size: Number(size) });
      return;
    }
    fields.push(field);
    const [kind, first = '', second = '', third = ''] = fields;
    const wanted = kind === 'end' ? 1 : kind === 'b' ? 3 : kind === 'root' ? 4 : 2;
    if (fields.length < wanted) return;
    fields = [];
    if (kind === 'end') found.ended = true;
    else if (kind === 'b') {
      const lines = second.split('\n');
      if (lines.length === Number(first)) stats = lines;
    } else if (kind === 'u' && found.unreadable.size <= mostEntries) found.unreadable.add(relative(first));
    else if (kind === 'root' && rootKinds.includes(second)) found.roots.push({ path: Buffer.from(first, 'latin1').toString('utf8'), kind: second as RootKind, target: second === 'link' ? Buffer.from(third, 'latin1').toString('utf8') : null });
    else if (kind === 'now') found.now = Number(first);
    else if (kind === 'account') found.account = serverText(first, 64);
    else if (kind === 'mount') found.mounts.push(relative(mountPoint(first)));
    else if (kind === 'lacks') found.lacks = first;
    else if (kind === 'tar') said = { ...said, version: first };
    else if (kind === 'help') said = { ...said, help: first };
    else if (kind === 'gzip') said = { ...said, gzip: true };
  };
  return {
    push(chunk) {
      const parts = (waiting + chunk.toString('latin1')).split('\0');
      waiting = parts.pop() ?? '';
      for (const part of parts) record(part);
    },
    result: () => ({ ...found, tar: said.version === '' && said.help === '' ? null : readTarThere(said.version, said.help, said.gzip) }),
  };
}

/** @throws files.tar-failed where it could not be looked at to the end; ssh.*; the signal's reason */
export async function look(there: There, set: Pick<FileSet, 'paths' | 'exclude' | 'oneFileSystem'>, signal: AbortSignal): Promise<Look> {
  const reader = createLookReader();
  const { exitStatus, stderr } = await there.run({ argv: ['/bin/sh', '-c', lookScript(set)], onStdoutChunk: (chunk) => reader.push(chunk), signal });
  const { ended, lacks, ...found } = reader.result();
  if (lacks !== null) throw new PilothouseError('files.tar-failed', `${there.label} has no program ${serverText(lacks, 20)}, which is needed to look at files.`, { hint: 'Install it there.' });
  if (!ended || exitStatus !== 0) {
    const said = serverText(stderr.trim().slice(-500), 500);
    throw new PilothouseError('files.tar-failed', `The files on ${there.label} could not be looked at to the end (status ${exitStatus ?? 'unknown'})${said === '' ? '' : `: ${said}`}.`, { hint: 'The account may have no shell, or sudo may let it run other commands only.', retryable: true, details: { exitStatus, stderr: said } });
  }
  const roots = set.paths.map((path) => Buffer.from(path.slice(1), 'utf8').toString('latin1'));
  return { ...found, mounts: set.oneFileSystem ? found.mounts.filter((mount) => mount !== '' && isAtOrBelow(mount, roots) && !roots.includes(mount)) : [] };
}
