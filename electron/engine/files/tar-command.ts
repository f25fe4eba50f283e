/** How tar is called on a host, by what it can; and what its end means. */
import type { FileSet } from '#shared/contract/files.ts';
import { isNamePattern } from '#shared/domain/file-set.ts';
import type { Look, TarThere } from './look.ts';
import { keyOf, nameOf } from './tar-names.ts';

/** Characters of all names on one command line; beyond, some kernels refuse it. */
const longestNames = 100_000;

export interface TarCommand {
  argv: [string, ...string[]];
  /** Whether what it writes is compressed. */
  compressed: boolean;
}

const bytes = (path: string): string => keyOf(Buffer.from(path, 'utf8'));
/** A name as tar sees it when it begins in `/`. */
const member = (path: string): string => (path === '/' ? '.' : path.slice(1));
const text = (key: string): string | null => {
  const buffer = nameOf(key);
  const decoded = buffer.toString('utf8');
  return Buffer.from(decoded, 'utf8').equals(buffer) ? decoded : null;
};

/** What is left out for another reason than that the person wants it: it cannot be read, or lies on another file system. */
function notToBeRead(set: Pick<FileSet, 'oneFileSystem'>, { flavour }: TarThere, look: Pick<Look, 'unreadable' | 'mounts'>): string[] {
  // BusyBox has no --one-file-system.
  return [...look.unreadable, ...(set.oneFileSystem && flavour === 'busybox' ? look.mounts : [])];
}

/**
 * The command, or why there can be none, in words.
 * @param look what is there now
 */
export function tarCommand(set: Pick<FileSet, 'paths' | 'exclude' | 'oneFileSystem'>, tar: TarThere, look: Pick<Look, 'unreadable' | 'mounts' | 'entries'>): TarCommand | { why: string; fix: string } {
  const here = set.paths.includes('/') ? './' : '';
  const unread = notToBeRead(set, tar, look);
  const exact = [...set.exclude.filter((each) => !isNamePattern(each)).map((path) => bytes(path.slice(1))), ...unread];
  const names = set.exclude.filter(isNamePattern);
  const begin: [string, ...string[]] = ['env', '-u', 'TAR_OPTIONS', '-u', 'GZIP', '-u', 'POSIXLY_CORRECT', 'tar', '-c', '-f', '-'];
  const zip = tar.gzip ? ['-z'] : [];
  const where = ['-C', '/'];
  const members = set.paths.map(member);
  if (!tar.excludes && exact.length + names.length > 0) {
    const fix = 'Install GNU tar there (apk add tar, opkg install tar), or name paths of which nothing has to be left out.';
    const why = `${tar.version} there cannot leave anything out`;
    if (!tar.listed) return { why, fix };
    const leftOut = new Set(unread);
    const isLeftOut = (key: string): boolean => leftOut.has(key) || unread.some((each) => key.startsWith(`${each}/`));
    const listed = [...look.entries.keys()].filter((key) => !isLeftOut(key)).map(text);
    const plain = listed.filter((each) => each !== null).map((each) => (each === '' ? '.' : `${here}${each}`));
    if (plain.length < listed.length) return { why: `${why}, and some names are no text`, fix };
    if (plain.reduce((sum, each) => sum + each.length + 8, 0) > longestNames) return { why: `${why}, and so many names cannot be told to it one by one`, fix };
    return { argv: [...begin, ...zip, '--no-recursion', ...where, '--', ...plain], compressed: tar.gzip };
  }
  const spoken = exact.map(text);
  if (spoken.includes(null)) return { why: 'Something that cannot be read has a name that is no text, so that nobody can name it to tar', fix: 'Read the files as an account that may (sudo), or leave its folder out.' };
  const plain = spoken.filter((each) => each !== null).map((each) => `${here}${each}`);
  if (plain.reduce((sum, each) => sum + each.length + 12, 0) > longestNames) return { why: `${unread.length.toLocaleString('en-US')} files and folders cannot be read`, fix: 'Read them as an account that may (sudo), or leave their folder out.' };
  if (tar.flavour === 'gnu') {
    const leaveOut = [
      ...(plain.length === 0 ? [] : ['--anchored', '--no-wildcards', ...plain.map((each) => `--exclude=${each}`)]),
      ...(names.length === 0 ? [] : ['--no-anchored', '--wildcards', '--no-wildcards-match-slash', ...names.map((each) => `--exclude=${each}`)]),
    ];
    return { argv: [...begin, ...zip, '--format=gnu', ...(set.oneFileSystem ? ['--one-file-system'] : []), ...where, ...leaveOut, '--', ...members], compressed: tar.gzip };
  }
  const literal = (each: string): string => each.replaceAll(/[[\]*?\\]/g, '\\$&');
  const leaveOut = [...plain.map(literal), ...names].map((each) => `--exclude=${each}`);
  if (tar.flavour === 'busybox') return { argv: [...begin, ...zip, ...where, ...leaveOut, '--', ...members], compressed: tar.gzip };
  return { argv: [...begin, ...zip, '--format=gnutar', ...(set.oneFileSystem ? ['--one-file-system'] : []), ...where, ...leaveOut, '--', ...members], compressed: tar.gzip };
}

export interface TarVerdict {
  /** Null: what it wrote is an archive of what was there. Else why it is not. */
  failed: string | null;
  /** Names as tar writes them, of what changed while it was read, and of what went away before. */
  changed: string[];
  gone: string[];
  /** What else it said. */
  said: string[];
}

/** How it calls itself: by the name that it was called by, perhaps a wrapper's. */
const itself = '(?:[^\\s:]*/)?g?tar: ';
const changedLine = new RegExp(`^${itself}(.*): (?:file changed as we read it|File shrank by \\d+ bytes?; padding with zeros)$`);
const goneLine = new RegExp(`^${itself}(?:can't open '(.*)': No such file or directory|(.*): (?:File removed before we read it|No such file or directory))$`);
/** What only says that something else was said. */
const delayed = new RegExp(`^${itself}(?:error exit delayed from previous errors|Exiting with failure status due to previous errors)$`);
const ownName = new RegExp(`^${itself}`);

/**
 * What the end of tar means. GNU tar ends with 1 where files changed or went away while it read, and with 2 where it
 * failed. BusyBox has 1 for everything: it is accepted only where all it said is that files went away.
 * Source: GNU tar manual, "Return codes"; BusyBox, archival/tar.c.
 */
export function judgeTar(flavour: TarThere['flavour'], { exitStatus, signal }: { exitStatus: number | null; signal: string | null }, stderr: readonly string[]): TarVerdict {
  const verdict: TarVerdict = { failed: null, changed: [], gone: [], said: [] };
  for (const line of stderr) {
    if (line.trim() === '' || delayed.test(line)) continue;
    const changed = changedLine.exec(line);
    const gone = goneLine.exec(line);
    if (changed !== null) verdict.changed.push(changed[1] ?? '');
    else if (gone !== null) verdict.gone.push(gone[1] ?? gone[2] ?? '');
    else verdict.said.push(line.replace(ownName, ''));
  }
  const known = verdict.changed.length + verdict.gone.length > 0;
  const isKnownOne = exitStatus === 1 && ((flavour === 'gnu' && known) || (flavour === 'busybox' && known && verdict.said.length === 0));
  if (exitStatus !== 0 && !isKnownOne) verdict.failed = signal === null ? `it ended with status ${exitStatus ?? 'unknown'}` : `it was ended by ${signal}`;
  return verdict;
}
