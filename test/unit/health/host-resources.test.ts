/** What checks of a host decide about processors, memory, disks and processes, on what real kernels print. */
import { describe, expect, test } from 'vitest';
import { hostCheckNamed, hostSeen, judgeSections, type Sections } from '#test/host-look.ts';
import { testNow } from '#test/health-look.ts';

const processor = (user: number, idle: number, iowait: number, steal: number) => `cpu  ${1000 + user} 0 0 ${5000 + idle} ${100 + iowait} 0 0 ${steal} 0 0\ncpu0 ${1000 + user} 0 0 ${5000 + idle} ${100 + iowait} 0 0 ${steal} 0 0\nbtime 1790000000\n`;
const second = (user: number, idle: number, iowait = 0, steal = 0): Sections => ({ 'processor-1': processor(0, 0, 0, 0), 'processor-2': processor(user, idle, iowait, steal) });

describe('processors', () => {
  test.each([[69, 'ok'], [70, 'warn'], [89, 'warn'], [90, 'critical']] as const)('%d per cent of work is %s', (user, status) => {
    expect(judgeSections('cpu', second(user, 100 - user))).toMatchObject({ status, value: user });
  });
  test('waiting for disks is no work', () => {
    expect([judgeSections('cpu', second(10, 40, 50)).status, judgeSections('cpu-iowait', second(10, 40, 50)).status]).toEqual(['ok', 'warn']);
  });
  test('time that the machine underneath took is told', () => {
    expect(judgeSections('cpu-steal', second(10, 75, 0, 15))).toMatchObject({ status: 'warn', value: 15 });
  });
  test.each(['cpu', 'cpu-steal', 'cpu-iowait'])('%s is unknown where nothing was counted between the readings', (id) => {
    expect(judgeSections(id, second(0, 0)).status).toBe('unknown');
  });
  test('the load is told for each processor', () => {
    const eight = `cpu  1 1 1 1 1 1 1 1\n${Array.from({ length: 8 }, (_one, index) => `cpu${index} 1 1 1 1 1 1 1 1`).join('\n')}\n`;
    expect([judgeSections('load', { load: '0.10 12.00 15.9 1/100 4711\n', 'processor-2': eight }), judgeSections('load', { load: '0.10 12.00 16.0 1/100 4711\n', 'processor-2': eight })].map(({ status, value }) => [status, value])).toEqual([['ok', 1.99], ['warn', 2]]);
  });
  test('a load without the number of processors is unknown', () => {
    expect(judgeSections('load', { load: '0.10 0.20 0.30 1/100 4711\n' }).status).toBe('unknown');
  });
});

describe('memory', () => {
  const memory = (available: number, more = '') => `MemTotal:       1000000 kB\nMemFree:          10000 kB\nMemAvailable:    ${available} kB\n${more}`;
  test.each([[201_000, 'ok'], [200_000, 'warn'], [50_000, 'critical']] as const)('%d kB available of 1,000,000 is %s', (available, status) => {
    expect(judgeSections('memory', { memory: memory(available) }).status).toBe(status);
  });
  test('what a container may have is what counts in it', () => {
    expect(judgeSections('memory', { memory: memory(900_000), 'memory-limit': `${200 * 1024 * 1024}\n${195 * 1024 * 1024}\ninactive_file ${1024 * 1024}\n` })).toMatchObject({ status: 'critical', summary: expect.stringContaining('the limit of the container') });
  });
  test('a limit that is none is none', () => {
    expect(judgeSections('memory', { memory: memory(900_000), 'memory-limit': 'max\n195\ninactive_file 0\n' }).status).toBe('ok');
  });
  test('a kernel that does not tell what is available is unknown', () => {
    expect(judgeSections('memory', { memory: 'MemTotal: 1000 kB\nMemFree: 900 kB\n' }).status).toBe('unknown');
  });
  test('no swap is skipped, full swap is critical', () => {
    expect([judgeSections('swap', { memory: memory(1, 'SwapTotal: 0 kB\nSwapFree: 0 kB\n') }).status, judgeSections('swap', { memory: memory(1, 'SwapTotal: 1000 kB\nSwapFree: 10 kB\n') }).status]).toEqual(['skipped', 'critical']);
  });
});

describe('processes that were killed for want of memory', () => {
  const sections = (kills: number, boot = 'a'): Sections => ({ oom: `oom_kill ${kills}\n`, boot: `${boot}\n` });
  const before = (kills: number, boot = 'a') => ({ previous: { at: testNow - 3_600_000, values: { kills, boot } } });
  test('are not known of at the first look: a baseline is taken, and kept', () => {
    expect([judgeSections('oom-kills', sections(3)), hostCheckNamed('oom-kills').counters?.read(hostSeen(sections(3)))]).toMatchObject([{ status: 'unknown', summary: expect.stringContaining('Baseline taken') }, { kills: 3, boot: 'a' }]);
  });
  test('are none where the count stands still', () => {
    expect(judgeSections('oom-kills', sections(3), before(3))).toMatchObject({ status: 'ok', value: 0 });
  });
  test('are told since the last look', () => {
    expect(judgeSections('oom-kills', sections(5), before(3))).toMatchObject({ status: 'warn', value: 2, summary: '2 processes killed for want of memory in 1 h' });
  });
  test('since a restart are all of them', () => {
    expect(judgeSections('oom-kills', sections(1, 'b'), before(3))).toMatchObject({ status: 'warn', value: 1 });
  });
  test('before a restart are not known of', () => {
    expect(judgeSections('oom-kills', sections(0, 'b'), before(3)).status).toBe('unknown');
  });
  test('are not counted by a kernel that is too old', () => {
    expect(judgeSections('oom-kills', { oom: { text: '', status: 1 }, boot: 'a\n' }, before(3)).status).toBe('unknown');
  });
});

const debianMounts = `sysfs /sys sysfs rw,nosuid 0 0
udev /dev devtmpfs rw,nosuid,size=2000000k 0 0
tmpfs /run tmpfs rw,nosuid 0 0
/dev/vda1 / ext4 rw,relatime,errors=remount-ro 0 0
/dev/vdb1 /srv/my\\040data xfs rw,relatime 0 0
/dev/loop0 /snap/core/1 squashfs ro,nodev 0 0
overlay /var/lib/docker/overlay2/abc/merged overlay rw 0 0
`;
const debianSpace = `Filesystem     1024-blocks    Used Available Capacity Mounted on
udev               2000000       0   2000000       0% /dev
tmpfs               400000  399999         1     100% /run
/dev/vda1          1000000  500000    500000      50% /
/dev/vdb1          1000000  900000    100000      90% /srv/my data
/dev/loop0             100     100         0     100% /snap/core/1
`;

describe('file systems', () => {
  test('the fullest that holds data is told, by its whole name; those of memory and of snaps do not count', () => {
    expect(judgeSections('disk', { mounts: debianMounts, space: debianSpace })).toMatchObject({ status: 'warn', value: 90, summary: '90 % of the space of /srv/my data is taken: 878.9 MiB of 976.6 MiB', fix: { do: expect.stringContaining("'/srv/my data'") } });
  });
  test.each([[790_000, 'ok'], [800_000, 'warn'], [950_000, 'critical']] as const)('%d of 1,000,000 blocks are %s', (used, status) => {
    const space = `Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda1 1000000 ${used} ${1_000_000 - used} 50% /\n`;
    expect(judgeSections('disk', { mounts: '/dev/vda1 / ext4 rw 0 0\n', space }).status).toBe(status);
  });
  test('one that df does not tell of keeps the others from being ok', () => {
    const space = 'Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda1 1000000 100 900000 1% /\n';
    expect(judgeSections('disk', { mounts: debianMounts, space: { text: space, status: 1 } })).toMatchObject({ status: 'unknown', summary: expect.stringContaining('/srv/my data (df does not tell of it) could not be seen') });
  });
  test('a df that hangs on a network file system is told as that', () => {
    expect(judgeSections('disk', { mounts: debianMounts, space: { text: '', status: 137 } })).toMatchObject({ status: 'unknown', summary: expect.stringContaining('given up after 10 s') });
  });
  test('a host of memory alone is skipped, one whose mounts are hidden is unknown', () => {
    expect([judgeSections('disk', { mounts: 'overlay / overlay rw 0 0\n', space: 'x\noverlay 100 99 1 99% /\n' }).status, judgeSections('disk', { mounts: { text: '', status: 1 }, space: debianSpace }).status]).toEqual(['skipped', 'unknown']);
  });
  test('btrfs counts no inodes', () => {
    expect(judgeSections('inodes', { mounts: '/dev/vda1 / btrfs rw 0 0\n', inodes: 'Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/vda1 0 0 0 - /\n' })).toMatchObject({ status: 'skipped', summary: expect.stringContaining('as they are needed') });
  });
  test('BusyBox prints its columns otherwise, and the same is read', () => {
    expect(judgeSections('inodes', { mounts: '/dev/vda1 / ext4 rw 0 0\n', inodes: 'Filesystem              Inodes      Used Available Capacity Mounted on\n/dev/vda1             16777216  16000000    777216  95% /\n' })).toMatchObject({ status: 'critical', value: 95.4 });
  });
});

describe('disks', () => {
  const disks = (busy: number, requests: number, waited: number) => ` 254 0 vda ${1000 + requests} 0 0 ${500 + waited} 0 0 0 0 0 ${100 + busy} 0\n 254 1 vda1 ${1000 + requests} 0 0 ${500 + waited} 0 0 0 0 0 ${100 + busy} 0\n   7 0 loop0 1 0 0 9999 0 0 0 0 0 9999 0\n`;
  const look = (busy: number, requests: number, waited: number): Sections => ({ 'disks-1': disks(0, 0, 0), 'disks-2': disks(busy, requests, waited), 'uptime-1': '100.00 1\n', 'uptime-2': '101.00 1\n' });
  test('one that is busy all the time is a warning, and its partitions are no disks', () => {
    expect(judgeSections('disk-io', look(850, 100, 200))).toMatchObject({ status: 'warn', value: 85, evidence: { rows: [['vda', 85, 100, 2]] } });
  });
  test('one whose requests take long is a warning, however little it does', () => {
    expect(judgeSections('disk-io', look(200, 10, 1500))).toMatchObject({ status: 'warn', summary: '20 % of the time vda was busy; a request to vda took 150 ms' });
  });
  test('one that rests is ok', () => {
    expect(judgeSections('disk-io', look(0, 0, 0)).status).toBe('ok');
  });
  test('errors that ext4 counted, a root that was made read-only and a RAID without a disk are critical', () => {
    const raid = 'Personalities : [raid1]\nmd0 : active raid1 sdb1[1](F) sda1[0]\n      1000 blocks [2/1] [U_]\n';
    const whole: Sections = { mounts: '/dev/vda1 / ext4 rw 0 0\n', fstab: '/dev/vda1 / ext4 defaults 0 1\n', 'ext4-errors': '/sys/fs/ext4/vda1/errors_count 0\n', raid: 'Personalities :\nmd0 : active raid1 sdb1[1] sda1[0]\n      1000 blocks [2/2] [UU]\n' };
    const ill: Sections[] = [{ ...whole, 'ext4-errors': '/sys/fs/ext4/vda1/errors_count 2\n' }, { ...whole, mounts: '/dev/vda1 / ext4 ro 0 0\n' }, { ...whole, raid }, { ...whole, 'btrfs-errors': '/sys/fs/btrfs/uuid/devinfo/1/error_stats:corruption_errs 1\n' }];
    expect([whole, ...ill].map((sections) => judgeSections('filesystem-errors', sections).status)).toEqual(['ok', 'critical', 'critical', 'critical', 'critical']);
  });
  test('what fstab wants read-only is as it is to be', () => {
    expect(judgeSections('filesystem-errors', { mounts: '/dev/vda1 / ext4 ro 0 0\n', fstab: '/dev/vda1 / ext4 ro,noatime 0 1\n' }).status).toBe('ok');
  });
  test('counts that are hidden are unknown', () => {
    expect(judgeSections('filesystem-errors', { mounts: '/dev/vda1 / ext4 rw 0 0\n', 'ext4-errors': '/sys/fs/ext4/vda1/errors_count -\n' }).status).toBe('unknown');
  });
});

describe('processes', () => {
  const rest = ' 0 0 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 1 0 1 1000 1 18446744073709551615';
  const process = (pid: number, name: string, state: string, parent: number) => `${pid} (${name}) ${state} ${parent}${rest}\n`;
  const dead = Array.from({ length: 5 }, (_one, index) => process(100 + index, 'sh', 'Z', 7)).join('');
  test('five zombies are a warning that names their parent', () => {
    expect(judgeSections('zombies', { processes: process(1, 'init', 'S', 0) + process(7, 'php-fpm: (pool)', 'S', 1) + dead, 'process-sight': 'all\n' })).toMatchObject({ status: 'warn', value: 5, summary: '5 zombies of 7 processes, left by php-fpm: (pool) (pid 7)' });
  });
  test('a name makes no zombie, whatever brackets and line ends are in it', () => {
    const names = ['a) Z 1 1', 'x\ny', ') Z 7 (', '1 (b) Z 7'];
    expect(judgeSections('zombies', { processes: names.map((name, index) => process(index + 1, name, 'S', 1)).join(''), 'process-sight': 'all\n' })).toMatchObject({ status: 'ok', value: 0, summary: '0 of 4 processes' });
  });
  test('who sees only their own knows nothing of the others', () => {
    expect(judgeSections('zombies', { processes: process(9, 'sh', 'S', 1), 'process-sight': 'own\n' })).toMatchObject({ status: 'unknown', opener: expect.stringContaining('gid=') });
  });
  test('open files are counted without those that are free again', () => {
    expect(judgeSections('file-handles', { files: '9500\t500\t10000\n' })).toMatchObject({ status: 'critical', value: 90 });
  });
});

describe('a look that ended early', () => {
  test.each(['cpu', 'disk', 'security-updates', 'journal-errors'])('leaves %s unknown, and says why', (id) => {
    expect(judgeSections(id, {}, { cutBy: 'the connection was lost' })).toMatchObject({ status: 'unknown', summary: expect.stringContaining('the connection was lost'), opener: expect.stringContaining('Check again') });
  });
  test('judges what was read before', () => {
    expect(judgeSections('cpu', second(95, 5), { cutBy: 'the connection was lost' }).status).toBe('critical');
  });
});

describe('the connection', () => {
  test.each([[1999, 'ok'], [2000, 'warn'], [5000, 'critical']] as const)('%d ms until the shell begins are %s', (answerMs, status) => {
    expect(judgeSections('host-connection', {}, { answerMs }).status).toBe(status);
  });
  test('a shell that talks is named, with what it says', () => {
    expect(judgeSections('host-connection', {}, { chatter: 'Welcome to web-1\nmore' })).toMatchObject({ status: 'warn', summary: expect.stringContaining('"Welcome to web-1"'), fix: { do: expect.stringContaining('case $-') } });
  });
});
