/** Processes that are dead and not buried, and how many files are open. */
import { count, many, percent } from '../figures.ts';
import { against, evidence, partly, unknown } from '../findings.ts';
import type { HostCheck } from './host-check.ts';
import { hiddenProcesses, processesOf, seesAllProcesses } from './process-list.ts';

export const zombies: HostCheck = {
  about: {
    id: 'zombies',
    title: 'Zombie processes',
    group: 'resources',
    unit: 'count',
    warn: 5,
    critical: null,
    source: 'netdata',
    question: 'How many processes have ended without their parent taking notice?',
    meaning: 'Each keeps its number. They do no work themselves; many of them tell of a parent that is broken, and numbers run out.',
    causes: ['A program starts others and never waits for them', 'A container whose first process is no init'],
    needs: 'any account that sees the processes of others',
  },
  reads: ['processes', 'process-sight'],
  judge(seen, look) {
    const { list, strange } = processesOf(seen);
    if (list.length === 0) return unknown('No process could be read in /proc', 'Look whether the account may read it: ls /proc');
    const names = new Map(list.map(({ pid, name }) => [pid, name]));
    const dead = list.filter(({ state }) => state === 'Z');
    const status = against(dead.length, look);
    const parents = [...new Set(dead.map(({ parent }) => parent))];
    const [first] = parents;
    const finding = {
      status,
      value: dead.length,
      summary: first === undefined ? `0 of ${many(list.length, 'process', 'processes')}` : `${many(dead.length, 'zombie')} of ${many(list.length, 'process', 'processes')}, left by ${names.get(first) ?? 'a process'} (pid ${first})${parents.length > 1 ? ` and ${many(parents.length - 1, 'other')}` : ''}`,
      ...(status === 'ok' ? { meaning: dead.length === 0 ? 'Whoever ended was taken notice of.' : 'A few at a time are nothing to mind.' } : {}),
      evidence: evidence(dead, { pid: (row) => row.pid, name: (row) => row.name, parent: (row) => row.parent, 'name of the parent': (row) => names.get(row.parent) ?? '' }),
      fix: status === 'ok' || first === undefined ? null : { where: 'shell' as const, do: `kill -s CHLD ${first}`, undo: null, harmless: true as const, note: 'Tells the parent once more. Where that does not help, restart the service that the parent belongs to: a zombie itself cannot be killed.' },
    };
    if (!seesAllProcesses(seen)) return partly(finding, 'the processes of others', hiddenProcesses.opener);
    return strange ? partly(finding, 'a process with a strange name', 'Look with: ps -ef') : finding;
  },
};

export const fileHandles: HostCheck = {
  about: {
    id: 'file-handles',
    title: 'Open files',
    group: 'resources',
    unit: 'percent',
    warn: 70,
    critical: 90,
    source: 'node_exporter mixin: 70 / 90 %',
    question: 'How many of the files that the kernel lets be open at a time are open?',
    meaning: 'When none is left nothing can be opened any more: no file, no connection.',
    causes: ['A program opens files or connections and never closes them', 'fs.file-max was set too low'],
    needs: 'any account',
  },
  reads: ['files'],
  judge(seen, look) {
    const match = /^(\d+)\s+(\d+)\s+(\d+)\s*$/.exec((seen.text('files') ?? '').trim());
    const [open, free, most] = (match ?? []).slice(1).map(Number);
    if (open === undefined || free === undefined || most === undefined || most <= 0) return unknown('/proc/sys/fs/file-nr could not be read', 'Look whether the account may read it: cat /proc/sys/fs/file-nr');
    const used = Math.max(0, open - free);
    const value = Math.round((1000 * used) / most) / 10;
    const status = against(value, look);
    return {
      status,
      value,
      summary: `${percent(value)} of the files that may be open are: ${count(used)} of ${count(most)}`,
      ...(status === 'ok' ? { meaning: 'There is room for more.' } : {}),
      evidence: evidence([{ used, most }], { open: (row) => row.used, 'at most': (row) => row.most }),
      fix: status === 'ok' ? null : { where: 'shell', do: `sudo sysctl -w fs.file-max=${most * 2}`, undo: `sudo sysctl -w fs.file-max=${most}`, note: 'Holds until the next start of the host; for good it goes into /etc/sysctl.d. Find out first who opens them: sudo sh -c \'for p in /proc/[0-9]*; do echo "$(ls $p/fd | wc -l) $p"; done | sort -rn | head\'' },
    };
  },
};
