/** What the processors do, over the second between the two readings. */
import { percent } from '../figures.ts';
import { against, evidence, unknown } from '../findings.ts';
import type { Finding } from '../check.ts';
import type { HostCheck, HostLook } from './host-check.ts';
import type { HostSeen } from './read-output.ts';

const columns = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;
type Column = (typeof columns)[number];
type Shares = Record<Column, number>;

const reads = ['processor-1', 'processor-2'] as const;

/** The processors of a reading, all of them together first; kernels before 2.6.11 count no steal. */
function countersOf(seen: HostSeen, reading: 1 | 2): Map<string, number[]> {
  return new Map(seen.lines(`processor-${reading}`).flatMap((line): [string, number[]][] => {
    const [name = '', ...figures] = line.split(/\s+/);
    const numbers = figures.slice(0, columns.length).map(Number);
    return /^cpu\d*$/.test(name) && numbers.length >= 5 && numbers.every(Number.isFinite) ? [[name, numbers]] : [];
  }));
}

/** In per cent of what passed; null where nothing can be told. */
function sharesOf(before: readonly number[] | undefined, after: readonly number[] | undefined): Shares | null {
  if (before === undefined || after === undefined) return null;
  const gained = columns.map((_column, index) => Math.max(0, (after[index] ?? 0) - (before[index] ?? 0)));
  const total = gained.reduce((sum, one) => sum + one, 0);
  if (total <= 0) return null;
  return Object.fromEntries(columns.map((column, index) => [column, (100 * (gained[index] ?? 0)) / total])) as Shares;
}

const processorsOf = (seen: HostSeen) => [...countersOf(seen, 2).keys()].filter((name) => name !== 'cpu').length;

const round = (value: number) => Math.round(value * 10) / 10;

interface Question {
  value: (shares: Shares) => number;
  summary: (value: string) => string;
  meaning: string;
}

function judgeShare(seen: HostSeen, look: HostLook, { value: valueOf, summary, meaning }: Question): Finding {
  const [before, after] = [countersOf(seen, 1), countersOf(seen, 2)];
  const shares = sharesOf(before.get('cpu'), after.get('cpu'));
  if (shares === null) return unknown('/proc/stat could not be read twice, or nothing was counted between the readings', 'Look whether the account may read /proc/stat: cat /proc/stat');
  const value = round(valueOf(shares));
  const status = against(value, look);
  const each = [...after.keys()].flatMap((name) => {
    const own = sharesOf(before.get(name), after.get(name));
    return own === null ? [] : [{ name, own }];
  });
  return {
    status,
    value,
    summary: summary(percent(value)),
    ...(status === 'ok' ? { meaning } : {}),
    evidence: evidence(each, { processor: ({ name }) => (name === 'cpu' ? 'all' : name), ...Object.fromEntries(columns.map((column) => [`${column} %`, ({ own }: { own: Shares }) => round(own[column])])) }),
  };
}

const common = { group: 'resources', unit: 'percent', needs: 'any account; /proc/stat, read twice a second apart' } as const;
const top: Finding['fix'] = { where: 'shell', do: 'top -b -n 1 | head -n 20', undo: null, harmless: true, note: 'Shows what takes the processors now. It changes nothing.' };

export const cpu: HostCheck = {
  about: {
    ...common,
    id: 'cpu',
    title: 'Processors',
    warn: 70,
    critical: 90,
    source: 'own: 70 / 90 % over one second',
    question: 'How much of their time do the processors work?',
    meaning: 'When they never rest, everything on the host waits its turn, and a little more work makes it wait much longer.',
    causes: ['A query or a program that goes in circles', 'More work than the machine was chosen for', 'A backup, a build or an update that runs now'],
  },
  reads,
  judge(seen, look) {
    const finding = judgeShare(seen, look, { value: ({ idle, iowait, steal }) => 100 - idle - iowait - steal, summary: (value) => `${value} of the processors' time was work, over one second`, meaning: 'There is room for more.' });
    return finding.status === 'warn' || finding.status === 'critical' ? { ...finding, fix: top } : finding;
  },
};

export const steal: HostCheck = {
  about: {
    ...common,
    id: 'cpu-steal',
    title: 'Processor time taken by neighbours',
    warn: 10,
    critical: null,
    source: 'netdata: 10 %',
    question: 'How much of its time did the machine underneath give to others?',
    meaning: 'The host wanted to work and was not let. Nothing on the host itself mends that.',
    causes: ['The machine underneath is sold to too many', 'The credits of a burstable instance are used up'],
  },
  reads,
  judge: (seen, look) => judgeShare(seen, look, { value: (shares) => shares.steal, summary: (value) => `${value} of the time was taken by the machine underneath`, meaning: 'The host gets the time that it wants.' }),
};

export const iowait: HostCheck = {
  about: {
    ...common,
    id: 'cpu-iowait',
    title: 'Waiting for disks',
    warn: 40,
    critical: null,
    source: 'netdata: 40 %',
    question: 'How much of their time do the processors have nothing to do but wait for a disk?',
    meaning: 'The disks are what everything waits for. More processors would not help.',
    causes: ['A backup or a large query reads more than fits into memory', 'The disk of a virtual machine is limited', 'A disk that is failing answers slowly'],
  },
  reads,
  judge: (seen, look) => judgeShare(seen, look, { value: (shares) => shares.iowait, summary: (value) => `${value} of the time was spent waiting for disks`, meaning: 'Disks keep nobody waiting to speak of.' }),
};

export const load: HostCheck = {
  about: {
    id: 'load',
    title: 'Load',
    group: 'resources',
    unit: 'none',
    warn: 2,
    critical: null,
    source: 'node_exporter mixin: 15-minute load over 2 a processor',
    question: 'How many tasks wanted a processor or a disk at a time, for each processor, over the last 15 minutes?',
    meaning: 'More wants to run than can. People notice it as everything being slow.',
    causes: ['More work than the machine was chosen for', 'Tasks that hang on a disk or a network file system count, too', 'Something that was to run once runs many times over'],
    needs: 'any account',
  },
  reads: ['load', 'processor-2', 'pressure'],
  judge(seen, look) {
    const match = /^([\d.]+) ([\d.]+) ([\d.]+) /.exec(seen.text('load') ?? '');
    const processors = processorsOf(seen);
    if (match === null || processors === 0) return unknown('/proc/loadavg or the number of processors could not be read', 'Look whether the account may read them: cat /proc/loadavg');
    const [one, five, fifteen] = [Number(match[1]), Number(match[2]), Number(match[3])];
    const value = Math.round((100 * fifteen) / processors) / 100;
    const status = against(value, look);
    const pressure = seen.lines('pressure').flatMap((line) => {
      const found = /^(cpu|memory|io) (some|full) avg10=([\d.]+) avg60=([\d.]+) avg300=([\d.]+)/.exec(line);
      return found === null ? [] : [{ name: `${found[1]} ${found[2] === 'some' ? 'kept some waiting, %' : 'kept all waiting, %'}`, one: Number(found[4]), five: Number(found[5]), fifteen: null }];
    });
    return {
      status,
      value,
      summary: `${value} tasks a processor over 15 minutes: a load of ${fifteen} on ${processors}`,
      ...(status === 'ok' ? { meaning: 'What wants to run gets to run.' } : { fix: top }),
      evidence: evidence([{ name: 'load', one, five, fifteen }, ...pressure], { what: (row) => row.name, '1 min': (row) => row.one, '5 min': (row) => row.five, '15 min': (row) => row.fifteen }),
    };
  },
};
