/** Whatever a host prints, and wherever it breaks off: never a crash, and never an ok that was not looked at. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostChecks, pieces, readOutput, seenIn, type HostSeen, type PieceId } from '#engine/health/host/index.ts';
import { judgeHost } from '#engine/health/look-at-host.ts';
import { testNow } from '#test/health-look.ts';
import { hostLookOf, hostSeen, rootAccount } from '#test/host-look.ts';

const mark = 'ph0123456789abcdef';
const written = (sections: [string, string, number][]) => `${sections.map(([id, text, status]) => `\n${mark}+${id}\n${text}\n${mark}-${status}\n`).join('')}\n${mark}=\n`;

const words = ['cpu', 'cpu0', 'ok', 'failed', 'loaded', '/', '/srv/my data', '/dev/vda1', 'ext4', 'ro', 'rw', 'MemTotal:', 'MemAvailable:', 'kB', 'file', 'shut', 'open', '/etc/x', '0A', '00000000:1538', 'Inst', 'Failed password for root from 1.2.3.4 port 5', 'E:', '(x)', 'Z', 'Id=nginx.service', 'LoadState=loaded', 'ActiveState=failed', '{"State":"exited","Status":7}', '{"MESSAGE":[1,2]}', '{}', 'null', '[', '-', '%', 'PONG', 'oom_kill', 'md0 :', '[U_]', '2026-01-01 00:00:00 +0100', 'Jan  1 00:00:00', '99999999999999999999', '-1', 'NaN', 'Infinity', '\u0000', '\u001b[2J', '\u202e'];
const line = fc.oneof({ weight: 3, arbitrary: fc.array(fc.oneof(fc.constantFrom(...words), fc.integer().map(String)), { maxLength: 12 }).map((parts) => parts.join(' ')) }, { weight: 1, arbitrary: fc.string() });
const text = fc.array(line, { maxLength: 6 }).map((lines) => lines.join('\n'));
const section = fc.record({ text, status: fc.constantFrom(0, 0, 0, 1, 2, 124, 127, 137) });
const ids = pieces.map(({ id }) => id);
const sections = fc.dictionary(fc.constantFrom(...ids), section, { maxKeys: 30 });
const answers = (seen: HostSeen, cutBy: string | null = null) => hostChecks.map((check) => ({ id: check.about.id, ...judgeHost(check, seen, hostLookOf(check, { previous: { at: testNow - 1000, values: {} } }), cutBy) }));

describe('what a host printed', () => {
  test('is read whatever it is, and judged without a crash', () => {
    fc.assert(
      fc.property(sections, fc.boolean(), (given, whole) => {
        for (const { summary, value } of answers(hostSeen(given, whole), whole ? null : 'it broke off')) {
          expect(summary).not.toBe('');
          expect(summary).not.toMatch(/could not be understood:/);
          expect(value === null || Number.isFinite(value)).toBe(true);
        }
        for (const check of hostChecks) expect(() => check.counters?.read(hostSeen(given, whole))).not.toThrow();
      }),
      { numRuns: 600 },
    );
  });

  test('is taken apart into the sections that came to their end, with what the shell said before', () => {
    const safe = fc.string().filter((one) => !one.includes(mark));
    fc.assert(
      fc.property(safe, fc.uniqueArray(fc.tuple(fc.constantFrom(...ids), safe, fc.nat(255)), { selector: ([id]) => id, maxLength: 8 }), (chatter, given) => {
        const { sections: read, whole, chatter: said } = readOutput(`${chatter}${written(given)}`, mark);
        expect([whole, said, [...read]]).toEqual([true, chatter.trim(), given.map(([id, body, status]) => [id, { text: body, status }])]);
      }),
    );
  });

  test('is no section and no end where a host only writes the words between its lines', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom('+disk', '-0', '=', '+', '-', 'ph', mark.slice(0, -1), '\n'), { maxLength: 30 }), (parts) => {
      expect(readOutput(parts.join('\n'), mark)).toMatchObject({ whole: false, sections: new Map() });
    }));
  });
});

describe('blind is never well', () => {
  test('where nothing was read no check is ok but the connection itself', () => {
    expect(answers(seenIn({ sections: new Map(), whole: true })).filter(({ status, id }) => status === 'ok' && id !== 'host-connection').map(({ id }) => id)).toEqual([]);
  });
  test('where every command failed without a word no check is ok', () => {
    const failed = new Map(ids.map((id) => [id as string, { text: '', status: 1 }]));
    expect(answers(seenIn({ sections: failed, whole: true })).filter(({ status, id }) => status === 'ok' && id !== 'host-connection').map(({ id }) => id)).toEqual([]);
  });

  const processor = (user: number) => `cpu  ${1000 + user} 0 0 ${5000 + user} 1 0 0 0\ncpu0 ${1000 + user} 0 0 ${5000 + user} 1 0 0 0`;
  const healthy: Partial<Record<PieceId, string>> = {
    clock: `${Math.floor(testNow / 1000)}`, 'local-time': '2026-09-01 12:00:00 +0000', kernel: 'Linux 6.1.0-18-amd64 x86_64', user: rootAccount, 'os-release': 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"', init: 'systemd', container: '', boot: 'a',
    'uptime-1': '100.00 1', 'processor-1': processor(0), 'disks-1': ' 254 0 vda 1 0 0 1 1 0 0 1 0 1 1', 'uptime-2': '101.00 1', 'processor-2': processor(50), 'disks-2': ' 254 0 vda 1 0 0 1 1 0 0 1 0 1 1',
    load: '0.1 0.1 0.1 1/1 1', memory: 'MemTotal: 1000 kB\nMemAvailable: 900 kB\nSwapTotal: 10 kB\nSwapFree: 10 kB', oom: 'oom_kill 0', files: '100\t0\t1000', 'process-sight': 'all', processes: '1 (init) S 0 0 0 0 0 0 0 0 0 0 0 0', listening: '', 'listening-6': '',
    mounts: '/dev/vda1 / ext4 rw 0 0', fstab: '', 'ext4-errors': '/sys/fs/ext4/vda1/errors_count 0', space: 'x\n/dev/vda1 100 10 90 10% /', inodes: 'x\n/dev/vda1 100 10 90 10% /', 'failed-units': '', units: '', 'journal-files': 'open /x', 'journal-errors': '', 'journal-sign-ins': '', 'kernel-messages': '', kernels: '6.1.0-18-amd64',
    'package-managers': 'apt-get', apt: '', 'apt-lists': `3\n${Math.floor(testNow / 1000)} /var/lib/apt/lists`,
  };
  const output = written(ids.filter((id) => healthy[id] !== undefined).map((id) => [id, healthy[id] ?? '', 0]));
  const full = answers(seenIn(readOutput(output, mark)));
  test('a healthy host is well by most checks', () => {
    expect(full.filter(({ status }) => status === 'ok').length).toBeGreaterThan(17);
  });
  test('what breaks off anywhere says the same as the whole, or that it is not known', () => {
    const say = new Map(full.map(({ id, status }) => [id, status]));
    fc.assert(
      fc.property(fc.nat(output.length - 1), (end) => {
        const read = readOutput(output.slice(0, end), mark);
        expect(read.whole).toBe(false);
        for (const { id, status } of answers(seenIn(read), 'it broke off')) expect([say.get(id), 'unknown']).toContain(status);
      }),
      { numRuns: 300 },
    );
  });
});
