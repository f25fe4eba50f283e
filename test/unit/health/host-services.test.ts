/** What checks of a host decide about services, logs, packages and ports, on what Debian, RHEL and Alpine print. */
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kernelTrouble } from '#engine/health/host/index.ts';
import { makeCertificates } from '#test/certificates.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { deployAccount, judgeSections, rootAccount, type HostLookChanges, type Sections } from '#test/host-look.ts';
import { testNow } from '#test/health-look.ts';

const debian: Sections = { 'os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n', init: 'systemd\n', kernel: 'Linux 6.1.0-18-amd64 x86_64\n', user: deployAccount, container: '', 'process-sight': 'all\n' };
const alpine: Sections = { 'os-release': 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.3\nPRETTY_NAME="Alpine Linux v3.20"\n', init: 'openrc\n', kernel: 'Linux 6.6.41-0-lts x86_64\n', user: deployAccount, container: '', 'process-sight': 'all\n' };
const rhel: Sections = { ...debian, 'os-release': 'NAME="Rocky Linux"\nVERSION_ID="9.4"\nID="rocky"\nPRETTY_NAME="Rocky Linux 9.4 (Blue Onyx)"\n', kernel: 'Linux 5.14.0-427.13.1.el9_4.x86_64 x86_64\n' };
const rest = ' 0 0 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 1 0 1 1000 1 18446744073709551615';
const processes = (...names: string[]) => ['init', ...names].map((name, index) => `${index + 1} (${name}) S 0${rest}\n`).join('');
const unit = (id: string, active: string, sub: string, file = 'enabled', load = 'loaded') => `Id=${id}.service\nLoadState=${load}\nActiveState=${active}\nSubState=${sub}\nUnitFileState=${file}\nNRestarts=0\n\n`;
const missing = (id: string) => unit(id, 'inactive', 'dead', '', 'not-found');
const judge = (id: string, base: Sections, sections: Sections = {}, changes: HostLookChanges = {}) => judgeSections(id, { ...base, ...sections }, changes);

describe('the operating system', () => {
  test.each([[debian, 'ok'], [rhel, 'ok'], [alpine, 'critical'], [{ ...debian, 'os-release': 'ID=arch\nPRETTY_NAME="Arch Linux"\n' }, 'ok'], [{ init: 'systemd\n' }, 'unknown'], [{ ...debian, 'os-release': 'ID=debian\nVERSION_ID="11"\nPRETTY_NAME="Debian 11"\n' }, 'critical']] as const)('is judged by when it ends (%#)', (sections, status) => {
    expect(judge('os', sections).status).toBe(status);
  });
  test('that tells its own end is believed', () => {
    expect(judge('os', { ...debian, 'os-release': 'ID=fedora\nVERSION_ID=42\nPRETTY_NAME="Fedora 42"\nSUPPORT_END=2026-09-15\n' })).toMatchObject({ status: 'warn', summary: 'Fedora 42 gets security fixes for 14 days more, until 2026-09-15' });
  });
});

describe('the clock', () => {
  const at = (offset: number): Sections => ({ ...debian, clock: `${Math.floor(testNow / 1000) + offset}\n`, processes: processes('chronyd'), 'time-keeping': 'NTP=yes\nNTPSynchronized=yes\n' });
  test.each([[0, 'ok'], [1, 'ok'], [2, 'warn'], [-4, 'warn'], [5, 'critical'], [-3600, 'critical']] as const)('off by %d s is %s', (offset, status) => {
    expect(judgeSections('clock', at(offset)).status).toBe(status);
  });
  test('that is right, and that the host says is not kept so, is a warning', () => {
    expect(judgeSections('clock', { ...at(0), 'time-keeping': 'NTP=no\nNTPSynchronized=no\n' }).status).toBe('warn');
  });
  test('half the way there and back is no difference', () => {
    expect(judgeSections('clock', at(-2), { tripMs: 3000, firstLineAt: testNow }).status).toBe('ok');
  });
});

describe('a restart that is waited for', () => {
  test('is told by the file of Debian, with the packages', () => {
    expect(judge('reboot-required', debian, { 'reboot-file': '/var/run/reboot-required\nlinux-image-6.1.0-21-amd64\nlibc6\n', kernels: '6.1.0-18-amd64\n' })).toMatchObject({ status: 'warn', summary: 'The host waits for a restart: /var/run/reboot-required is there (linux-image-6.1.0-21-amd64, libc6)' });
  });
  test.each([
    ['a newer kernel of the same kind', debian, '6.1.0-18-amd64\n6.1.0-9-amd64\n6.1.0-21-amd64\n', 'warn'],
    ['an older one', debian, '6.1.0-18-amd64\n6.1.0-9-amd64\n', 'ok'],
    ['a newer one of another kind', debian, '6.1.0-18-amd64\n6.1.0-21-cloud-amd64\n', 'ok'],
    ['a newer one of Red Hat', rhel, '5.14.0-427.13.1.el9_4.x86_64\n5.14.0-503.11.1.el9_5.x86_64\n', 'warn'],
    ['the running one that Alpine replaced', alpine, '6.6.50-0-lts\n', 'warn'],
  ] as const)('%s: by what is installed', (_what, base, kernels, status) => {
    expect(judge('reboot-required', base, { kernels }).status).toBe(status);
  });
  test('is told by needs-restarting, whose errors are none', () => {
    const needs = (text: string): Sections => ({ kernels: '5.14.0-427.13.1.el9_4.x86_64\n', 'needs-restarting': { text, status: 1 } });
    expect([judge('reboot-required', rhel, needs('Core libraries or services have been updated:\n  * glibc\n\nReboot is required to fully utilize these updates.\n')), judge('reboot-required', rhel, needs('No such command: needs-restarting.\n'))]).toMatchObject([{ status: 'warn', summary: expect.stringContaining('* glibc') }, { status: 'ok' }]);
  });
  test('is not that of a container', () => {
    expect(judge('reboot-required', debian, { container: '/.dockerenv\n' }).status).toBe('skipped');
  });
  test('is unknown where nothing tells', () => {
    expect(judge('reboot-required', debian).status).toBe('unknown');
  });
});

describe('failed services', () => {
  test('of systemd are named, whatever stands before them', () => {
    const text = 'backup.service loaded failed failed Nightly backup\n● mnt-data.mount loaded failed failed /mnt/data\n';
    expect(judge('failed-units', debian, { 'failed-units': text })).toMatchObject({ status: 'warn', value: 2, summary: '2 failed services: backup.service, mnt-data.mount', fix: { do: expect.stringContaining('systemctl restart backup.service') } });
  });
  test('of OpenRC are named', () => {
    expect(judge('failed-units', alpine, { 'crashed-services': { text: ' postgresql                    [  crashed  ]\n', status: 0 } })).toMatchObject({ status: 'warn', value: 1, evidence: { rows: [['postgresql', 'crashed', '']] } });
  });
  test('are none where the init system says so, and unknown where it does not answer', () => {
    expect([judge('failed-units', debian, { 'failed-units': '' }).status, judge('failed-units', alpine, { 'crashed-services': { text: '', status: 1 } }).status, judge('failed-units', debian, { 'failed-units': { text: 'Failed to connect to bus: No such file or directory\n', status: 1 } }).status]).toEqual(['ok', 'ok', 'unknown']);
  });
  test('are not counted where neither runs, and not known of where nobody says what does', () => {
    expect([judge('failed-units', debian, { init: 'sshd\n' }).status, judge('failed-units', debian, { init: { text: '', status: 1 } }).status]).toEqual(['skipped', 'unknown']);
  });
  test('with a strange name become no command', () => {
    expect(judge('failed-units', debian, { 'failed-units': 'a;reboot loaded failed failed x\n' }).fix).toBeNull();
  });
});

describe('a service', () => {
  test.each([
    ['that runs is ok', { units: unit('nginx', 'active', 'running'), processes: processes('nginx', 'nginx') }, 'ok'],
    ['that failed is critical', { units: unit('nginx', 'failed', 'failed'), processes: processes(), programs: 'nginx\n' }, 'critical'],
    ['that is to start with the host and does not run is critical', { units: unit('nginx', 'inactive', 'dead'), processes: processes(), programs: 'nginx\n' }, 'critical'],
    ['that nothing starts is skipped', { units: unit('nginx', 'inactive', 'dead', 'disabled'), processes: processes(), programs: 'nginx\n' }, 'skipped'],
    ['that is being started over and over is a warning', { units: unit('nginx', 'activating', 'auto-restart'), processes: processes() }, 'warn'],
    ['that is not found is not stopped', { units: missing('nginx'), processes: processes(), programs: '' }, 'skipped'],
    ['of which nobody knows whether it is there is unknown', { units: missing('nginx'), processes: processes() }, 'unknown'],
    ['that somebody started by hand is ok', { units: unit('nginx', 'inactive', 'dead', 'disabled'), processes: processes('nginx') }, 'ok'],
    ['whose processes are hidden is unknown', { units: missing('nginx'), programs: 'nginx\n', processes: processes(), 'process-sight': 'own\n' }, 'unknown'],
  ] as [string, Sections, string][])('%s', (_what, sections, status) => {
    expect(judge('nginx', debian, sections).status).toBe(status);
  });
  test('of OpenRC is known by rc-status', () => {
    expect(judge('nginx', alpine, { 'rc-services': 'Runlevel: default\n nginx                    [  started  ]\n', processes: processes('nginx') })).toMatchObject({ status: 'ok', summary: 'nginx is up: nginx is started' });
  });

  const postgres = (clusters: string, ready: { text: string; status: number }, ...names: string[]): Sections => ({ 'pg-clusters': clusters, 'pg-ready': ready, processes: processes(...names), programs: 'postgres\n', units: unit('postgresql', 'active', 'exited') });
  test('Postgres that runs and answers is ok', () => {
    expect(judge('postgres-service', debian, postgres('15 main 5432 online postgres /d /l\n', { text: '/var/run/postgresql:5432 - accepting connections\n', status: 0 }, 'postgres'))).toMatchObject({ status: 'ok', summary: 'Postgres runs (1 process) and takes connections' });
  });
  test('Postgres of which no process runs is down, though its unit is up', () => {
    expect(judge('postgres-service', debian, postgres('15 main 5432 down postgres /d /l\n', { text: '/var/run/postgresql:5432 - no response\n', status: 2 }))).toMatchObject({ status: 'critical', summary: 'Postgres is down: 15 main (port 5432)', fix: { do: 'sudo pg_ctlcluster 15 main start', undo: 'sudo pg_ctlcluster 15 main stop' } });
  });
  test('Postgres that recovers is a warning', () => {
    expect(judge('postgres-service', debian, postgres('15 main 5432 online,recovery postgres /d /l\n', { text: '/var/run/postgresql:5432 - rejecting connections\n', status: 1 }, 'postgres')).status).toBe('warn');
  });
  test('a second cluster that is down is told, unless it is not to start by itself', () => {
    const sections = postgres('13 old 5433 down postgres /d /l\n15 main 5432 online postgres /d /l\n', { text: 'accepting\n', status: 0 }, 'postgres');
    expect([judge('postgres-service', debian, sections).status, judge('postgres-service', debian, { ...sections, 'pg-starts': 'manual /etc/postgresql/13/old/start.conf\n' }).status]).toEqual(['warn', 'ok']);
  });

  const redis = (text: string): Sections => ({ redis: text, processes: processes('redis-server'), programs: 'redis-server\nredis-cli\n', units: unit('redis-server', 'active', 'running') });
  test.each([['PONG\nrdb_last_bgsave_status:ok\n', 'ok'], ['PONG\nrdb_last_bgsave_status:err\n', 'critical'], ['PONG\nloading:1\n', 'warn'], ['NOAUTH Authentication required.\n', 'unknown'], ['Could not connect to Redis at 127.0.0.1:6379: Connection refused\n', 'unknown']] as const)('Redis that says %j is %s', (text, status) => {
    expect(judge('redis', debian, redis(text)).status).toBe(status);
  });
});

describe('containers', () => {
  const container = (name: string, state: string, status: string) => `${JSON.stringify({ ID: `id-${name}`, Names: name, Image: 'img', State: state, Status: status })}\n`;
  const docker = (text: string, policies = '', status = 0): Sections => ({ containers: { text, status }, 'restart-policies': policies, units: unit('docker', 'active', 'running'), processes: processes('dockerd'), programs: 'docker\n' });
  test.each([
    ['that run are ok', docker(container('web', 'running', 'Up 3 hours')), 'ok'],
    ['that did their work are ok', docker(container('migrate', 'exited', 'Exited (0) 2 days ago'), 'id-migrate no\n'), 'ok'],
    ['that are to run and have ended are critical', docker(container('web', 'exited', 'Exited (1) 2 days ago'), 'id-web unless-stopped\n'), 'critical'],
    ['that restart are a warning', docker(container('web', 'restarting', 'Restarting (1) 3 seconds ago')), 'warn'],
    ['that are unhealthy are a warning', docker(container('web', 'running', 'Up 3 hours (unhealthy)')), 'warn'],
    ['of an old Docker are known by their words', docker(container('web', '', 'Restarting (1) 3 seconds ago')), 'warn'],
    ['that cannot be read are unknown', docker('{"half'), 'unknown'],
  ] as const)('%s', (_what, sections, status) => {
    expect(judge('docker', debian, sections).status).toBe(status);
  });
  test('that may not be asked for are unknown, with what would let the account', () => {
    expect(judge('docker', debian, docker('permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock\n', '', 1))).toMatchObject({ status: 'unknown', summary: 'deploy may not ask Docker: permission denied', opener: expect.stringContaining('usermod -aG docker deploy') });
  });
  test('where Docker is down are critical', () => {
    expect(judge('docker', debian, { ...docker('Cannot connect to the Docker daemon. Is the docker daemon running?\n', '', 1), units: unit('docker', 'failed', 'failed'), processes: processes() }).status).toBe('critical');
  });
  test('under pm2 are those of the own account alone', () => {
    const mine = '{"name":"api","status":"online","restarts":2}\n{"name":"mail","status":"errored","restarts":16}\n';
    expect([judge('pm2', debian, { 'pm2-daemons': '1000 /proc/9\n', pm2: mine }), judge('pm2', debian, { 'pm2-daemons': '1001 /proc/9\n', pm2: '' }), judge('pm2', debian, { 'pm2-daemons': '', pm2: '' })].map(({ status, summary }) => [status, summary])).toEqual([
      ['critical', '1 program of 2 under pm2 not well: mail (errored, 16 restarts)'], ['unknown', 'pm2 runs under another account (user id 1001), and tells deploy nothing'], ['skipped', 'No pm2 runs here; asking it would start one'],
    ]);
  });
});

describe('the journal', () => {
  const entry = (message: unknown, from = 'cron.service') => `${JSON.stringify({ MESSAGE: message, _SYSTEMD_UNIT: from, __REALTIME_TIMESTAMP: '1790000000000000' })}\n`;
  const open: Sections = { 'journal-files': 'open /var/log/journal/abc/system.journal\n' };
  test.each([['', 'ok', 0], [entry('a'), 'warn', 1], [Array.from({ length: 50 }, (_one, index) => entry(`try ${index}`)).join(''), 'critical', 50], [entry([104, 105]) + '{"MESSAGE":"cut o\n', 'warn', 2]] as const)('with %j… is %s', (text, status, value) => {
    expect(judge('journal-errors', debian, { ...open, 'journal-errors': text })).toMatchObject({ status, value });
  });
  test('the same error over and over is one row, with its newest words', () => {
    expect(judge('journal-errors', debian, { ...open, 'journal-errors': entry('try 1') + entry('try 2') + entry('other') }).evidence?.rows).toEqual([[2, 'cron.service', 'try 2'], [1, 'cron.service', 'other']]);
  });
  test('that may not be read is unknown, though journalctl ends well', () => {
    expect(judge('journal-errors', debian, { 'journal-files': 'shut /var/log/journal/abc/system.journal\n' })).toMatchObject({ status: 'unknown', summary: 'deploy may not read the journal', opener: expect.stringContaining('usermod -aG systemd-journal deploy') });
  });
  test('is not there without systemd', () => {
    expect(judge('journal-errors', alpine, { 'journal-files': '' }).status).toBe('skipped');
  });
});

describe('sign-ins that were refused', () => {
  const byJournal = (lines: string): Sections => ({ 'journal-files': 'open /x\n', 'journal-sign-ins': lines });
  test('are counted by attempt, and the address is named', () => {
    const lines = 'Invalid user admin from 203.0.113.9 port 1001\nFailed password for invalid user admin from 203.0.113.9 port 1001 ssh2\nmessage repeated 3 times: [ Failed password for root from 203.0.113.9 port 1002 ssh2]\nConnection closed by authenticating user root 2001:db8::7 port 1003 [preauth]\nFailed none for invalid user x from 198.51.100.1 port 5 ssh2\nAccepted publickey for deploy from 198.51.100.1 port 6 ssh2\nFailed publickey for deploy from 203.0.113.9 port 1004 ssh2\n';
    expect(judge('auth-failures', debian, byJournal(lines))).toMatchObject({ status: 'ok', value: 6, summary: '6 sign-ins refused in an hour, 5 from 203.0.113.9, by the journal', evidence: { rows: [['203.0.113.9', 5], ['2001:db8::7', 1]] } });
  });
  test('fifty in an hour are a warning', () => {
    expect(judge('auth-failures', debian, byJournal(Array.from({ length: 50 }, (_one, index) => `Failed password for root from 203.0.113.${index} port 22 ssh2\n`).join(''))).status).toBe('warn');
  });
  test('of Dropbear are known', () => {
    expect(judge('auth-failures', alpine, { ...byJournal(''), 'journal-sign-ins': "Bad password attempt for 'root' from 203.0.113.9:53314\nLogin attempt for nonexistent user from 203.0.113.9:53315\n" })).toMatchObject({ value: 2 });
  });
  const log = (lines: string): Sections => ({ 'journal-files': '', 'sign-in-logs': 'open /var/log/auth.log\n', 'sign-in-log': lines, 'local-time': '2026-01-01 00:30:00 +0100\n' });
  test('of the last hour alone count in a log, over the turn of the year and in both ways of writing time', () => {
    const lines = 'Dec 31 23:40:00 web sshd[1]: Failed password for root from 203.0.113.9 port 1 ssh2\nDec 31 23:20:00 web sshd[1]: Failed password for root from 203.0.113.9 port 2 ssh2\n2025-12-31T23:00:00.123456+00:00 web sshd-session[1]: Failed password for root from 203.0.113.9 port 3 ssh2\n';
    expect(judge('auth-failures', debian, log(lines))).toMatchObject({ status: 'ok', value: 2, summary: '2 sign-ins refused in an hour, by /var/log/auth.log' });
  });
  test('in a log that may not be read are unknown', () => {
    expect(judge('auth-failures', debian, { 'journal-files': 'shut /x\n', 'sign-in-logs': 'shut /var/log/auth.log\n' })).toMatchObject({ status: 'unknown', summary: 'deploy may not read /var/log/auth.log, nor the journal', opener: expect.stringContaining('usermod -aG adm deploy') });
  });
  test('that are written nowhere are unknown', () => {
    expect(judge('auth-failures', { ...debian, init: 'sshd\n' }, { 'journal-files': '', 'sign-in-logs': '' }).status).toBe('unknown');
  });
});

describe('the messages of the kernel', () => {
  const trouble = new RegExp(kernelTrouble, 'i');
  test.each(['EXT4-fs (sda1): mounted filesystem with ordered data mode. Opts: errors=remount-ro. Quota mode: none.', 'nvme nvme0: Shutdown timeout set to 8 seconds', 'mce: CPU0: Thermal monitoring enabled (TM1)', 'mce: Using 12 MCE banks', 'EDAC MC: Ver: 3.0.0', 'ata1: SATA max UDMA/133 abar m2048@0xfebf1000 port 0xfebf1100 irq 24', 'XFS (sda2): Ending clean mount', 'BTRFS info (device sda1): disk space caching is enabled', 'ACPI Error: No handler for Region'])('that every start prints are none: %s', (line) => {
    expect(trouble.test(line)).toBe(false);
  });
  test.each(['blk_update_request: I/O error, dev sda, sector 1', 'mce: [Hardware Error]: Machine check events logged', 'EXT4-fs (sda1): Remounting filesystem read-only', 'XFS (sda2): Metadata corruption detected', 'BTRFS error (device sda1): bdev /dev/sda1 errs: wr 1', 'nvme nvme0: I/O 12 QID 3 timeout, aborting', 'ata1.00: failed command: READ FPDMA QUEUED', 'EDAC MC0: 1 CE memory read error', 'INFO: task postgres:123 blocked for more than 120 seconds.', 'watchdog: BUG: soft lockup - CPU#1 stuck for 22s!'])('that tell of trouble are found: %s', (line) => {
    expect(trouble.test(line)).toBe(true);
  });
  test.each([
    [{ 'kernel-messages': '' }, 'ok'],
    [{ 'kernel-messages': '[ 1234.567890] blk_update_request: I/O error, dev sda, sector 1\n' }, 'warn'],
    [{ 'kernel-messages': { text: 'dmesg: read kernel buffer failed: Operation not permitted\n', status: 1 }, 'journal-files': 'shut /x\n' }, 'unknown'],
    [{ 'kernel-messages': { text: 'dmesg: read kernel buffer failed: Operation not permitted\n', status: 1 }, 'kernel-journal': 'EXT4-fs error (device sda1): ext4_find_entry\n', 'journal-files': 'open /x\n' }, 'warn'],
    [{ 'kernel-messages': { text: 'dmesg: klogctl: Operation not permitted\n', status: 1 }, container: '/.dockerenv\n' }, 'skipped'],
  ] as [Sections, string][])('%j is %s', (sections, status) => {
    expect(judge('kernel-errors', debian, sections).status).toBe(status);
  });
});

describe('security updates', () => {
  const now = Math.floor(testNow / 1000);
  const listed = (days: number) => `14\n${now - days * 86_400} /var/lib/apt/periodic/update-success-stamp\n`;
  const apt = (text: string, days = 1): Sections => ({ 'package-managers': 'apt-get\n', clock: `${now}\n`, apt: text, 'apt-lists': listed(days) });
  const openssl = 'Inst openssl [3.0.11-1~deb12u1] (3.0.13-1~deb12u1 Debian-Security:12/stable-security [amd64])\n';
  const ubuntu = 'Inst libc6 [2.39-0ubuntu8] (2.39-0ubuntu8.4 Ubuntu:24.04/noble-updates, Ubuntu:24.04/noble-security [amd64]) []\n';
  const ordinary = 'Inst tzdata [2024a] (2024b Debian:12.7/stable [all])\nInst linux-image-new (6.1.1 Debian-Security:12/stable-security [amd64])\n';
  test.each([[apt(''), 'ok', 0], [apt(openssl + ordinary), 'warn', 1], [apt(ubuntu + openssl), 'warn', 2], [apt(ordinary), 'ok', 0], [apt('', 8), 'warn', 0]] as const)('of apt: %#', (sections, status, value) => {
    expect(judge('security-updates', debian, sections)).toMatchObject({ status, value });
  });
  test('by no list at all, or by an apt that fails, are unknown', () => {
    expect([judge('security-updates', debian, { ...apt(''), 'apt-lists': '0\n' }), judge('security-updates', debian, { ...apt(''), apt: { text: 'E: The package cache file is corrupted\n', status: 100 } })].map(({ status, opener }) => [status, opener])).toEqual([['unknown', 'sudo apt-get update'], ['unknown', 'sudo apt-get update']]);
  });
  test('of dnf are read where asking leaves nothing behind, else unknown', () => {
    const dnf: Sections = { 'package-managers': 'dnf\nyum\n', clock: `${now}\n`, 'dnf-lists': `${now - 3600} /var/cache/dnf/baseos/repodata/repomd.xml\n`, dnf: 'RLSA-2024:1234 Important/Sec. openssl-libs-1:3.0.7-27.el9.x86_64\nRLSA-2024:2222 Moderate/Sec.  bind-libs-32:9.16.23-18.el9_4.1.x86_64\n' };
    const { dnf: _dnf, ...asStranger } = dnf;
    expect([judge('security-updates', { ...rhel, user: rootAccount }, dnf), judge('security-updates', rhel, asStranger)]).toMatchObject([{ status: 'warn', value: 2, evidence: { rows: [['openssl-libs-1:3.0.7-27.el9.x86_64', 'security', '', '', 'RLSA-2024:1234 Important'], expect.anything()] } }, { status: 'unknown', opener: 'sudo dnf updateinfo list --security' }]);
  });
  test('of apk are not told apart from others', () => {
    const apk: Sections = { 'package-managers': 'apk\n', clock: `${now}\n`, 'apk-lists': `${now - 3600} /var/cache/apk/APKINDEX.abc.tar.gz\n`, apk: 'Installed:                                Available:\nopenssl-3.3.1-r0                        < 3.3.2-r0\n' };
    expect([judge('security-updates', alpine, apk), judge('security-updates', alpine, { ...apk, 'apk-lists': '' })]).toMatchObject([{ status: 'warn', value: 1, summary: expect.stringContaining('1 update: openssl') }, { status: 'unknown' }]);
  });
});

describe('ports', () => {
  const listener = (address: string, port: number) => `   0: ${address}:${port.toString(16).toUpperCase().padStart(4, '0')} ${'0'.repeat(address.length)}:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1\n`;
  const all = '00000000';
  const loopback = '0100007F';
  test.each([[listener(loopback, 5432) + listener(all, 22), '', 'ok', 0], [listener(all, 5432), '', 'warn', 1], [listener(loopback, 5432), listener('0'.repeat(32), 6379), 'warn', 1], [listener(all, 5432), listener('0'.repeat(32), 5432), 'warn', 1]] as const)('%#: a database on all addresses is a warning, once for both families', (four, six, status, value) => {
    expect(judgeSections('open-ports', { listening: four, 'listening-6': six })).toMatchObject({ status, value });
  });
  test('that are hidden are unknown', () => {
    expect(judgeSections('open-ports', { listening: { text: '', status: 1 } }).status).toBe('unknown');
  });
});

describe('scheduled jobs', () => {
  const jobs: Sections = { 'system-crontabs': 'file /etc/cron.d/backup\n30 3 * * * root /usr/local/bin/backup\n', crontab: '@daily PGPASSWORD= pg_dump\n', 'periodic-jobs': '' };
  test('that cron starts are ok, without it a warning', () => {
    expect([judge('scheduled-jobs', debian, { ...jobs, processes: processes('cron') }), judge('scheduled-jobs', debian, { ...jobs, processes: processes() })]).toMatchObject([{ status: 'ok', value: 2, evidence: { rows: [['@daily', 'PGPASSWORD=', 'crontab of deploy'], ['30 3 * * *', '/usr/local/bin/backup', '/etc/cron.d/backup, as root']] } }, { status: 'warn' }]);
  });
  test('in a file that may not be read are not known', () => {
    expect(judge('scheduled-jobs', debian, { ...jobs, 'system-crontabs': 'shut /etc/cron.d/secret\n', processes: processes('cron') })).toMatchObject({ status: 'unknown', summary: expect.stringContaining('/etc/cron.d/secret could not be seen') });
  });
  test('of systemd need no cron', () => {
    expect(judge('scheduled-jobs', debian, { timers: 'Thu 2026-11-26 00:00:00 UTC 12h left Wed 2026-11-25 00:00:00 UTC 12h ago logrotate.timer logrotate.service\n', processes: processes() })).toMatchObject({ status: 'ok', value: 1 });
  });
});

describe('certificates', () => {
  let pem = '';
  let folder = '';
  beforeAll(async () => {
    folder = await makeTemporaryFolder('certificate');
    pem = readFileSync(makeCertificates(folder, ['shop.example']).certificateFile, 'utf8');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const on = (day: number): HostLookChanges => ({ now: Date.now() + day * 86_400_000 });
  test.each([[0, 'ok'], [17, 'warn'], [24, 'critical'], [40, 'critical']] as const)('%d days into thirty is %s', (day, status) => {
    expect(judgeSections('certificate-files', { certificates: `file /etc/ssl/shop.pem\n${pem}` }, on(day)).status).toBe(status);
  });
  test('that are shut are unknown, none are skipped, garbled ones are unknown', () => {
    const cases: Sections[] = [{ certificates: 'shut /etc/letsencrypt/live/shop/fullchain.pem\n' }, { certificates: '', 'certificate-folders': 'shut /etc/letsencrypt/live\n' }, { certificates: '' }, { certificates: 'file /x\n-----BEGIN CERTIFICATE-----\nMIIBgarbled\n-----END CERTIFICATE-----\n' }];
    expect(cases.map((sections) => judgeSections('certificate-files', sections).status)).toEqual(['unknown', 'unknown', 'skipped', 'unknown']);
  });
  test('beside one that is shut, a good one is not ok', () => {
    expect(judgeSections('certificate-files', { certificates: `file /etc/ssl/shop.pem\n${pem}shut /etc/ssl/other.pem\n` }, on(0)).status).toBe('unknown');
  });
});

describe('the services of the system', () => {
  const service = (manager: 'systemd' | 'openrc' | 'pm2' | 'docker' | 'process' | 'kubernetes', name: string) => ({ title: `The ${name}`, manager, name });
  const units = 'nginx.service loaded active running A web server\n● gone.service not-found inactive dead gone.service\nworker.service loaded failed failed Worker\nslow.service loaded activating auto-restart Slow\n';
  const files = 'nginx.service enabled enabled\nlater.service disabled enabled\n';
  const on = (base: Sections, sections: Sections, ...services: ReturnType<typeof service>[]) => judge('services', base, sections, { services });

  test('are none where the system names none', () => {
    expect(on(debian, {}).status).toBe('skipped');
  });
  test.each([
    ['nginx', 'ok', 'up'],
    ['worker', 'critical', 'The worker is down (failed (failed))'],
    ['later', 'critical', 'The later is down (not started (disabled))'],
    ['slow', 'warn', 'The slow is restarting (activating (auto-restart))'],
    ['gone', 'unknown', 'The gone is not found (No unit of that name is known there)'],
    ['never', 'unknown', 'The never is not found'],
  ] as const)('by systemd: %s is %s', (name, status, words) => {
    const found = on(debian, { 'service-units': units, 'service-files': files }, service('systemd', name));
    expect([found.status, found.summary]).toEqual([status, expect.stringContaining(words)]);
  });
  test.each([
    ['whose instances run is ok', 'postgresql@15-main.service loaded active running Cluster\n', 'ok', 'up'],
    ['of whose instances one failed is critical', 'postgresql@14-old.service loaded active running Cluster\npostgresql@15-main.service loaded failed failed Cluster\n', 'critical', 'postgresql@15-main.service is failed (failed)'],
    ['that started nothing that is seen is unknown', 'nginx.service loaded active running A web server\n', 'unknown', 'it ended, which says nothing of what it started'],
  ] as const)('by systemd: a unit that ended well %s', (_what, others, status, words) => {
    const found = on(debian, { 'service-units': `postgresql.service loaded active exited PostgreSQL RDBMS\n${others}`, 'service-files': '' }, service('systemd', 'postgresql'));
    expect([found.status, found.summary]).toEqual([status, expect.stringContaining(words)]);
  });
  test('by systemd: another name of a unit is not one that is stopped', () => {
    expect(on(debian, { 'service-units': 'redis-server.service loaded active running Redis\n', 'service-files': 'redis.service alias -\n' }, service('systemd', 'redis'))).toMatchObject({ status: 'unknown', summary: expect.stringContaining('another name of a unit') });
  });
  test.each([['nginx', 'ok'], ['app', 'critical'], ['none', 'unknown']] as const)('by OpenRC: %s is %s', (name, status) => {
    expect(on(alpine, { 'rc-services': 'Runlevel: default\n nginx [ started ]\n app [ stopped ]\n' }, service('openrc', name)).status).toBe(status);
  });
  test.each([['web', 'ok'], ['queue', 'critical'], ['none', 'unknown']] as const)('by pm2: %s is %s', (name, status) => {
    expect(on(debian, { 'pm2-daemons': '1000 /proc/7\n', pm2: '{"name":"web","status":"online","restarts":0}\n{"name":"queue","status":"errored","restarts":16}\n' }, service('pm2', name)).status).toBe(status);
  });
  test('by pm2 under another account are not known', () => {
    expect(on(debian, { 'pm2-daemons': '33 /proc/7\n' }, service('pm2', 'web')).status).toBe('unknown');
  });
  test.each([['api', 'ok'], ['old', 'critical'], ['ill', 'warn'], ['none', 'unknown']] as const)('by Docker: %s is %s', (name, status) => {
    expect(on(debian, { containers: '{"ID":"1","Names":"api","State":"running","Status":"Up 2 hours"}\n{"ID":"2","Names":"old","State":"exited","Status":"Exited (1) 2 hours ago"}\n{"ID":"3","Names":"ill","State":"running","Status":"Up 1 hour (unhealthy)"}\n' }, service('docker', name)).status).toBe(status);
  });
  test.each([['java', 'ok'], ['ruby', 'critical']] as const)('by their processes: %s is %s', (name, status) => {
    expect(on(debian, { processes: processes('java') }, service('process', name)).status).toBe(status);
  });
  test('by their processes are not known where those of others are hidden', () => {
    expect(on(debian, { processes: processes('sh'), 'process-sight': 'own\n' }, service('process', 'java')).status).toBe('unknown');
  });
  test('of systemd on a host without it are not known, and never down', () => {
    expect(on(alpine, { 'rc-services': ' nginx [ started ]\n' }, service('systemd', 'nginx')).status).toBe('unknown');
  });
  test('are as bad as the worst of them, and the one that is down is told how to start', () => {
    expect(on(debian, { 'service-units': units, 'service-files': files }, service('systemd', 'nginx'), service('systemd', 'gone'), service('systemd', 'worker'))).toMatchObject({ status: 'critical', value: 2, fix: { undo: 'sudo systemctl stop worker' } });
  });
  test('whose name is no plain word become no command', () => {
    expect(on(debian, { 'service-units': units, 'service-files': 'a;b.service enabled enabled\n' }, service('systemd', 'a;b')).fix).toBeNull();
  });
});
