/** The file systems that hold data: how full they are. */
import type { Finding } from '../check.ts';
import { bytes, count, many, percent } from '../figures.ts';
import { against, evidence, partly, skipped, unknown } from '../findings.ts';
import type { HostCheck, HostLook } from './host-check.ts';
import type { HostSeen } from './read-output.ts';

export interface Mount {
  device: string;
  point: string;
  type: string;
  options: string[];
}

/** Spaces and the like stand there as three octal digits. */
const unescaped = (word: string) => word.replaceAll(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

export function mountsOf(lines: readonly string[]): Mount[] {
  return lines.flatMap((line): Mount[] => {
    if (line.startsWith('#')) return [];
    const [device, point, type, options] = line.trim().split(/[ \t]+/);
    return device === undefined || point === undefined || type === undefined ? [] : [{ device: unescaped(device), point: unescaped(point), type, options: (options ?? '').split(',') }];
  });
}

/** Made of memory, of something else, or full by their nature: how full they are says nothing. */
const aside = /^(?:tmpfs|devtmpfs|ramfs|overlay|aufs|squashfs|erofs|iso9660|udf|cramfs|efivarfs|autofs|proc|sysfs|cgroup2?|devpts|mqueue|hugetlbfs|debugfs|tracefs|securityfs|pstore|bpf|configfs|fusectl|nsfs|binfmt_misc|rpc_pipefs|nfsd|fuse\.(?:lxcfs|snapfuse|gvfsd-fuse|portal|squashfuse))$/;

/** Names as df shows them: it puts a question mark where a control character was. */
const shown = (point: string) => point.replaceAll(/[\u0000-\u001f\u007f]/g, '?');

/** The last that was mounted on a point is the one that is there. */
export function dataMounts(seen: HostSeen): Map<string, Mount> {
  const there = new Map(mountsOf(seen.lines('mounts')).map((mount) => [shown(mount.point), mount]));
  return new Map([...there].filter(([, { type }]) => !aside.test(type)));
}

interface Row {
  device: string;
  total: number;
  used: number;
  free: number;
  point: string;
}

/** Device and mount point may hold spaces: the figures between them are what is looked for. */
const line = /^(.*?)\s+(\d+|-)\s+(\d+|-)\s+(-?\d+|-)\s+(?:\d+%|-)\s+(\/.*)$/;

function rowsOf(seen: HostSeen, id: 'space' | 'inodes'): Row[] {
  return seen.lines(id).flatMap((text): Row[] => {
    const match = line.exec(text);
    const [, device, total, used, free, point] = match ?? [];
    if (device === undefined || point === undefined) return [];
    return [{ device, total: Number(total), used: Number(used), free: Number(free), point: shown(point) }];
  });
}

interface Measure {
  id: 'space' | 'inodes';
  /** "of the space", "of the inodes" */
  of: string;
  figure: (value: number) => string;
  fix: (point: string) => Finding['fix'];
}

const shellWord = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** Beyond these the kernel ends it: 124 and 137 of timeout, 143 of a BusyBox that only knows one signal. */
const givenUp = (status: number | null) => status === 124 || status === 137 || status === 143;

function judgeFullness(seen: HostSeen, look: HostLook, { id, of, figure, fix }: Measure): Finding {
  const mounts = dataMounts(seen);
  const status = seen.status(id);
  if (seen.text('mounts') === null || seen.lines('mounts').length === 0) return unknown('/proc/self/mounts could not be read, so nobody knows which file systems there are', 'Look with: mount');
  const found = new Map<string, Row & { share: number }>();
  const without = new Set<string>();
  for (const row of rowsOf(seen, id)) {
    const mount = mounts.get(row.point);
    if (mount === undefined) continue;
    // As df reckons: what is kept for root is no room. Some file systems make inodes as they are needed and count none.
    const share = (100 * row.used) / (row.used + row.free);
    if (!(row.total > 0) || !Number.isFinite(share)) without.add(row.point);
    else found.set(row.point, { ...row, share: Math.min(100, Math.max(0, share)) });
  }
  // One device in several places is one file system: the shortest name tells it.
  const each = [...new Map([...found.values()].sort((a, b) => b.point.length - a.point.length).map((row) => [`${row.device} ${row.total}`, row])).values()].sort((a, b) => b.share - a.share);
  const missing = [...mounts.keys()].filter((point) => !found.has(point) && !without.has(point));
  const [worst] = each;
  const hidden = `${missing.join(', ')} (${givenUp(status) ? 'df was given up after 10 s: a file system of the network that is away lets it wait' : 'df does not tell of it'})`;
  if (worst === undefined) {
    if (missing.length > 0 || status !== 0) return unknown(missing.length > 0 ? `Nobody knows how full: ${hidden}` : `df ended with status ${status ?? 'unknown'} and told nothing`, 'Look with: df -P');
    return skipped(without.size > 0 ? 'Its file systems make inodes as they are needed' : 'It has no file system of its own that holds data: only those of memory, and those of the machine underneath');
  }
  const value = Math.round(worst.share * 10) / 10;
  const state = against(value, look);
  const finding: Finding = {
    status: state,
    value,
    summary: `${percent(value)} ${of} of ${worst.point} is taken: ${figure(worst.used)} of ${figure(worst.used + worst.free)}`,
    ...(state === 'ok' ? { meaning: `${figure(worst.free)} are free on the fullest of ${many(each.length, 'file system')}.` } : {}),
    evidence: evidence(each, { 'mounted on': (row) => row.point, device: (row) => row.device, type: (row) => mounts.get(row.point)?.type ?? '', 'used %': (row) => Math.round(row.share * 10) / 10, used: (row) => figure(row.used), free: (row) => figure(row.free) }),
    fix: state === 'ok' ? null : fix(worst.point),
  };
  return missing.length === 0 ? finding : partly(finding, hidden, 'Look with: df -P');
}

const writesNothing = 'It only reads, which may take a while; as root it sees all.';

export const disk: HostCheck = {
  about: {
    id: 'disk',
    title: 'Disk space',
    group: 'storage',
    unit: 'percent',
    warn: 80,
    critical: 95,
    source: 'check_postgres, netdata',
    question: 'How full is the fullest file system that holds data?',
    meaning: 'When it is full nothing can be written any more. Postgres stops where it cannot write its log.',
    causes: ['Logs that nobody rotates', 'Backups that are kept where they are made', 'WAL that a replication slot or a failing archive holds back', 'Containers and their images that nobody removes'],
    needs: 'any account',
  },
  reads: ['mounts', 'space'],
  judge: (seen, look) =>
    judgeFullness(seen, look, {
      id: 'space',
      of: 'of the space',
      figure: (value) => bytes(value * 1024),
      fix: (point) => ({ where: 'shell', do: `sudo du -xk ${shellWord(point)} 2>/dev/null | sort -rn | head -n 30`, undo: null, harmless: true, note: `Shows which folders hold most. ${writesNothing} Never delete anything in the folder of a Postgres server by hand, least of all in pg_wal.` }),
    }),
};

export const inodes: HostCheck = {
  about: {
    id: 'inodes',
    title: 'Inodes',
    group: 'storage',
    unit: 'percent',
    warn: 80,
    critical: 95,
    source: 'check_postgres, netdata',
    question: 'How many of the files that a file system can hold are there already?',
    meaning: 'When none is left no file can be made, however much space there is.',
    causes: ['Session or cache files that nobody removes', 'A mail queue that nobody reads', 'A file system that was made for few large files'],
    needs: 'any account',
  },
  reads: ['mounts', 'inodes'],
  judge: (seen, look) =>
    judgeFullness(seen, look, {
      id: 'inodes',
      of: 'of the inodes',
      figure: count,
      fix: (point) => ({ where: 'shell', do: `sudo find ${shellWord(point)} -xdev -type f 2>/dev/null | sed 's|/[^/]*$||' | sort | uniq -c | sort -rn | head -n 30`, undo: null, harmless: true, note: `Shows which folders hold most files. ${writesNothing}` }),
    }),
};
