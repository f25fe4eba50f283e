/** Memory, swap, and who was killed for want of it. */
import { bytes, count, duration, many, percent } from '../figures.ts';
import { against, evidence, numberOf, skipped, text, unknown } from '../findings.ts';
import { figuresOf } from './facts.ts';
import type { HostCheck } from './host-check.ts';
import type { HostSeen } from './read-output.ts';

const kibi = 1024;

/** The limit that a container has, and how much of it is in use. */
function limitOf(seen: HostSeen): { limit: number; used: number } | null {
  const [max = '', current = '', inactive = ''] = seen.lines('memory-limit');
  if (!/^\d+$/.test(max) || !/^\d+$/.test(current)) return null;
  // What was only read from files goes when it is needed.
  return { limit: Number(max), used: Math.max(0, Number(current) - (numberOf(/^inactive_file (\d+)$/.exec(inactive)?.[1]) ?? 0)) };
}

export const memory: HostCheck = {
  about: {
    id: 'memory',
    title: 'Memory',
    group: 'resources',
    unit: 'percent',
    warn: 80,
    critical: 95,
    source: 'netdata, node_exporter mixin',
    question: 'How much of the memory is taken, without what the kernel gives back when it is asked?',
    meaning: 'When none is left the kernel kills a process to get some, often the largest: Postgres.',
    causes: ['More sessions, or a larger work_mem, than the memory is for', 'A program that keeps what it should let go', 'Several services that each were given the whole machine'],
    needs: 'any account',
  },
  reads: ['memory', 'memory-limit'],
  judge(seen, look) {
    const figures = figuresOf(seen.lines('memory'));
    const total = figures.get('MemTotal') ?? 0;
    const available = figures.get('MemAvailable');
    if (total <= 0) return unknown('/proc/meminfo could not be read', 'Look whether the account may read it: cat /proc/meminfo');
    if (available === undefined) return unknown('The kernel does not tell how much memory is available (before 3.14)', 'Look with: free -m');
    const machine = { limit: total * kibi, used: Math.max(0, total - available) * kibi };
    const own = limitOf(seen);
    const { limit, used } = own !== null && own.limit > 0 && own.limit < machine.limit ? own : machine;
    const value = Math.round((1000 * used) / limit) / 10;
    const status = against(value, look);
    const shown = ['MemTotal', 'MemAvailable', 'MemFree', 'Buffers', 'Cached', 'Shmem', 'AnonPages', 'Slab', 'HugePages_Total', 'Committed_AS', 'CommitLimit'].filter((name) => figures.has(name));
    return {
      status,
      value,
      summary: `${percent(value)} of the memory is taken: ${bytes(used)} of ${bytes(limit)}${limit === machine.limit ? '' : ', the limit of the container'}`,
      ...(status === 'ok' ? { meaning: `${bytes(Math.max(0, limit - used))} can still be had.` } : {}),
      evidence: evidence(shown, { what: (name) => name, amount: (name) => (name.startsWith('HugePages') ? count(figures.get(name) ?? 0) : bytes((figures.get(name) ?? 0) * kibi)) }),
      fix: status === 'ok' ? null : { where: 'shell', do: 'ps -eo pid,user,rss,comm --sort=-rss | head -n 15', undo: null, harmless: true, note: 'Shows what has most of it (on BusyBox: top -b -n 1 | head -n 15). It changes nothing.' },
    };
  },
};

export const swap: HostCheck = {
  about: {
    id: 'swap',
    title: 'Swap',
    group: 'resources',
    unit: 'percent',
    warn: 90,
    critical: 98,
    source: 'netdata: 90 / 98 %',
    question: 'How much of the swap space is taken?',
    meaning: 'Swap that is full means that memory was short for long: what comes next is the kernel killing a process.',
    causes: ['The same as for memory', 'Something that is seldom used was swapped out, which by itself harms nobody'],
    needs: 'any account',
  },
  reads: ['memory'],
  judge(seen, look) {
    const figures = figuresOf(seen.lines('memory'));
    const [total, free] = [figures.get('SwapTotal'), figures.get('SwapFree')];
    if (total === undefined || free === undefined) return unknown('/proc/meminfo could not be read', 'Look whether the account may read it: cat /proc/meminfo');
    if (total === 0) return skipped('The host has no swap space');
    const used = Math.max(0, total - free) * kibi;
    const value = Math.round((1000 * used) / (total * kibi)) / 10;
    const status = against(value, look);
    return {
      status,
      value,
      summary: `${percent(value)} of the swap space is taken: ${bytes(used)} of ${bytes(total * kibi)}`,
      ...(status === 'ok' ? { meaning: 'There is room in it.' } : {}),
      evidence: evidence(['SwapTotal', 'SwapFree', 'SwapCached', 'MemAvailable'].filter((name) => figures.has(name)), { what: (name) => name, amount: (name) => bytes((figures.get(name) ?? 0) * kibi) }),
      fix: status === 'ok' ? null : { where: 'shell', do: "grep VmSwap /proc/[0-9]*/status | sort -k2 -n | tail -n 15", undo: null, harmless: true, note: 'Shows whose memory is in it. It changes nothing.' },
    };
  },
};

const dayMs = 86_400_000;
const killsOf = (seen: HostSeen) => numberOf(/^oom_kill (\d+)\s*$/m.exec(seen.text('oom') ?? '')?.[1]);
const bootOf = (seen: HostSeen) => seen.lines('boot')[0] ?? null;

export const oomKills: HostCheck = {
  about: {
    id: 'oom-kills',
    title: 'Killed for want of memory',
    group: 'resources',
    unit: 'count',
    warn: 1,
    critical: null,
    source: 'node_exporter mixin: any',
    question: 'How many processes did the kernel kill since the last look, since there was no memory left?',
    meaning: 'Each was ended without a chance to clean up. Where it was a process of Postgres, all sessions were thrown out and the server recovered.',
    causes: ['Memory was promised to more than there is', 'A process grew without end', 'A container has a limit that is too low for what it does'],
    needs: 'any account; two looks',
  },
  reads: ['oom', 'boot'],
  // What was counted is shown for a day: looking twice must not make it well.
  counters: { keepMs: dayMs, read: (seen) => (killsOf(seen) === null ? null : { kills: killsOf(seen), boot: bootOf(seen) }) },
  judge(seen, look) {
    const kills = killsOf(seen);
    if (kills === null) return unknown('The kernel does not count them (before 4.13), or /proc/vmstat could not be read', 'Look into the kernel\'s messages: dmesg | grep -i "out of memory"');
    const before = numberOf(look.previous?.values.kills);
    if (look.previous === null || before === null) return unknown('Baseline taken: this counts what happens between two looks, and this was the first', 'Check again in a while.');
    const again = text(look.previous.values.boot) !== text(bootOf(seen));
    const by = again ? kills : kills - before;
    if (by < 0 || (again && by === 0)) return unknown(`${again ? 'The host was started again' : 'The count began anew'} since the last look: a new baseline was taken`, 'Check again in a while.');
    const status = against(by, look);
    const since = duration(Math.max(0, (look.now - look.previous.at) / 1000));
    return {
      status,
      value: by,
      summary: `${many(by, 'process', 'processes')} killed for want of memory in ${since}`,
      ...(status === 'ok' ? { meaning: 'Memory was enough for all.' } : {}),
      evidence: evidence([{ kills, before, again }], { 'since the host started': (row) => row.kills, 'at the last look': (row) => row.before, 'started again since': (row) => (row.again ? 'yes' : 'no') }),
      fix: status === 'ok' ? null : { where: 'shell', do: 'sudo dmesg -T | grep -iE "out of memory|oom-kill|killed process"', undo: null, harmless: true, note: 'Names the processes and what had the memory. It changes nothing.' },
    };
  },
};
