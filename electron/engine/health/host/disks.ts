/** Disks as devices: how busy they are, and whether they err. */
import { many, percent } from '../figures.ts';
import { against, evidence, skipped, unknown } from '../findings.ts';
import type { Finding } from '../check.ts';
import { mountsOf } from './file-systems.ts';
import type { HostCheck } from './host-check.ts';
import type { HostSeen } from './read-output.ts';

/** Milliseconds that a request may take on the average before it is told. */
const slowMs = 100;

interface Counters {
  requests: number;
  waitedMs: number;
  busyMs: number;
}

/** Whole disks: their partitions are in them, and what is made of files or memory is no disk. */
function disksOf(seen: HostSeen, reading: 1 | 2): Map<string, Counters> {
  const all = new Map(seen.lines(`disks-${reading}`).flatMap((text): [string, Counters][] => {
    const [, , name = '', ...figures] = text.trim().split(/\s+/);
    const numbers = figures.map(Number);
    if (name === '' || numbers.length < 10 || !numbers.every(Number.isFinite) || /^(?:loop|ram|zram|fd|sr|nbd)\d/.test(name)) return [];
    return [[name, { requests: (numbers[0] ?? 0) + (numbers[4] ?? 0), waitedMs: (numbers[3] ?? 0) + (numbers[7] ?? 0), busyMs: numbers[9] ?? 0 }]];
  }));
  const partOf = (name: string) => [...all.keys()].some((disk) => disk !== name && name.startsWith(disk) && /^p?\d+$/.test(name.slice(disk.length)) && (/\d$/.test(disk) ? name.charAt(disk.length) === 'p' : true));
  return new Map([...all].filter(([name]) => !partOf(name)));
}

/** The seconds between the two readings, by the host's own count. */
export function secondsBetween(seen: HostSeen): number | null {
  const [before, after] = ([1, 2] as const).map((reading) => Number(/^\d+\.?\d*/.exec(seen.text(`uptime-${reading}`) ?? '')?.[0]));
  const passed = (after ?? Number.NaN) - (before ?? Number.NaN);
  return passed > 0 && passed < 600 ? passed : null;
}

export const diskIo: HostCheck = {
  about: {
    id: 'disk-io',
    title: 'Busy disks',
    group: 'storage',
    unit: 'percent',
    warn: 80,
    critical: null,
    source: `netdata: busy 80 %; ${slowMs} ms a request`,
    question: 'How much of the time had the busiest disk something to do, and how long does a request take?',
    meaning: 'Whatever reads or writes waits for the disk. One that takes several requests at a time (SSD, RAID) may still have room.',
    causes: ['A backup, a vacuum or a large query runs now', 'Memory is too small for what is read over and over', 'The disk of a virtual machine is limited', 'A disk that is failing tries again and again'],
    needs: 'any account; /proc/diskstats, read twice a second apart',
  },
  reads: ['disks-1', 'disks-2', 'uptime-1', 'uptime-2'],
  judge(seen, look) {
    const [before, after, seconds] = [disksOf(seen, 1), disksOf(seen, 2), secondsBetween(seen)];
    if (seen.status('disks-2') !== 0 || seconds === null) return unknown('/proc/diskstats could not be read twice', 'Look whether the account may read it: cat /proc/diskstats');
    const each = [...after].flatMap(([name, now]) => {
      const then = before.get(name);
      if (then === undefined) return [];
      const requests = now.requests - then.requests;
      return requests < 0 ? [] : [{ name, requests, busy: Math.min(100, Math.max(0, (now.busyMs - then.busyMs) / (seconds * 10))), waitMs: requests === 0 ? 0 : Math.max(0, (now.waitedMs - then.waitedMs) / requests) }];
    }).sort((a, b) => b.busy - a.busy);
    const [busiest] = each;
    if (busiest === undefined) return skipped('The host has no disk of its own');
    const slowest = each.reduce((worst, one) => (one.waitMs > worst.waitMs ? one : worst));
    const value = Math.round(busiest.busy * 10) / 10;
    const slow = !look.ownLimits && slowest.waitMs >= slowMs;
    const status = slow && against(value, look) === 'ok' ? 'warn' : against(value, look);
    return {
      status,
      value,
      summary: `${percent(value)} of the time ${busiest.name} was busy${slow ? `; a request to ${slowest.name} took ${Math.round(slowest.waitMs)} ms` : ''}`,
      ...(status === 'ok' ? { meaning: 'The disks keep up.' } : {}),
      evidence: evidence(each, { disk: (row) => row.name, 'busy %': (row) => Math.round(row.busy * 10) / 10, 'requests in that second': (row) => row.requests, 'ms a request': (row) => Math.round(row.waitMs * 10) / 10 }),
      fix: status === 'ok' ? null : { where: 'shell', do: `sudo sh -c 'grep -H "^read_bytes" /proc/[0-9]*/io | sort -t: -k3 -rn | head -n 10'`, undo: null, harmless: true, note: 'Shows which processes have read most since they started. It changes nothing.' },
    };
  },
};

interface Trouble {
  what: string;
  where: string;
  detail: string;
}

const stores = /^(?:ext[234]|xfs|btrfs|f2fs|jfs|reiserfs|zfs)$/;

/** What the kernel made read-only though it was to be written to. */
function madeReadOnly(seen: HostSeen): Trouble[] {
  const wanted = new Map(mountsOf(seen.lines('fstab')).map(({ point, options }) => [point, options]));
  return mountsOf(seen.lines('mounts')).flatMap(({ point, type, device, options }): Trouble[] => {
    if (!options.includes('ro') || !stores.test(type) || wanted.get(point)?.includes('ro') === true) return [];
    // Nobody asked for it by fstab: a bind mount of a container may well be meant to be so.
    if (wanted.get(point) === undefined && point !== '/') return [];
    return [{ what: 'mounted read-only', where: point, detail: `${device}, ${type}` }];
  });
}

function countedErrors(seen: HostSeen): { errors: Trouble[]; unread: number } {
  const ext4 = seen.lines('ext4-errors').map((text) => /^\/sys\/fs\/ext4\/(.+)\/errors_count (\S+)$/.exec(text));
  const btrfs = seen.lines('btrfs-errors').flatMap((text) => {
    const match = /^\/sys\/fs\/btrfs\/([^/]+)\/devinfo\/([^/]+)\/error_stats:(\w+) (\d+)$/.exec(text);
    return match === null || Number(match[4]) === 0 ? [] : [{ what: 'errors counted by btrfs', where: `${match[1]}, device ${match[2]}`, detail: `${match[3]}: ${match[4]}` }];
  });
  const counted = ext4.filter((match) => match !== null).map(([, device = '', number = '']) => ({ device, number }));
  return {
    errors: [...counted.filter(({ number }) => Number(number) > 0).map(({ device, number }) => ({ what: 'errors counted by ext4', where: device, detail: `${number} since it was made, or since e2fsck mended it` })), ...btrfs],
    unread: counted.filter(({ number }) => !/^\d+$/.test(number)).length,
  };
}

/** "md0 : active raid1 sdb1[1] sda1[0](F)", then a line with [2/1] [U_]. */
function degradedArrays(seen: HostSeen): Trouble[] {
  let name = '';
  return seen.lines('raid').flatMap((text): Trouble[] => {
    name = /^(md\S*) :/.exec(text)?.[1] ?? name;
    const state = /\[([U_]+)\]/.exec(text)?.[1];
    return state !== undefined && state.includes('_') ? [{ what: 'RAID without all of its disks', where: name, detail: `[${state}]` }] : [];
  });
}

export const filesystemErrors: HostCheck = {
  about: {
    id: 'filesystem-errors',
    title: 'Errors of file systems',
    group: 'storage',
    unit: 'count',
    warn: null,
    critical: 1,
    source: 'own: any is critical',
    question: 'Did a file system count errors, was one made read-only, or does a RAID lack a disk?',
    meaning: 'Data is at risk. What was written last may be gone already, and a second disk that fails takes all of it.',
    causes: ['A disk, its cable or its controller fails', 'The storage underneath was away for a while', 'The host lost its power while it wrote'],
    needs: 'any account',
  },
  reads: ['mounts', 'fstab', 'ext4-errors', 'btrfs-errors', 'raid'],
  judge(seen, look): Finding {
    if (seen.lines('mounts').length === 0) return unknown('/proc/self/mounts could not be read', 'Look with: mount');
    const { errors, unread } = countedErrors(seen);
    const all = [...madeReadOnly(seen), ...errors, ...degradedArrays(seen)];
    const status = against(all.length, look);
    const [first] = all;
    if (first === undefined && unread > 0) return unknown(`The errors that ${many(unread, 'file system')} counted are hidden from this account`, 'As root: grep . /sys/fs/ext4/*/errors_count');
    return {
      status,
      value: all.length,
      summary: first === undefined ? '0 troubles: no errors counted, nothing made read-only, no RAID without a disk' : `${many(all.length, 'trouble')}: ${first.where} ${first.what} (${first.detail})`,
      ...(first === undefined ? { meaning: 'As far as the kernel knows all is whole.' } : {}),
      evidence: evidence(all, { what: (row) => row.what, where: (row) => row.where, detail: (row) => row.detail }),
      fix: first === undefined ? null : { where: 'shell', do: 'sudo dmesg -T | grep -iE "error|remount|I/O|md/"', undo: null, harmless: true, note: 'Tells what happened; it changes nothing. Take a backup before anything is mended: a file system is checked (fsck) only while it is not mounted.' },
    };
  },
};
