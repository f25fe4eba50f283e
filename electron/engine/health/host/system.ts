/** The operating system: which one, its clock, and whether it waits for a restart. */
import type { Finding } from '../check.ts';
import { many } from '../figures.ts';
import { against, evidence, skipped, unknown } from '../findings.ts';
import { asRoot, clockOf, inContainer, initOf, settingsOf, userOf } from './facts.ts';
import type { HostCheck } from './host-check.ts';
import { processesOf } from './process-list.ts';
import type { HostSeen } from './read-output.ts';
import { systemReleases, systemReleasesAsOf } from './releases.ts';

const dayMs = 86_400_000;
const endsSoonDays = 90;

export const os: HostCheck = {
  about: {
    id: 'os',
    title: 'Operating system',
    group: 'configuration',
    unit: 'none',
    warn: null,
    critical: null,
    source: `the ends of life that the makers announced, as of ${systemReleasesAsOf}`,
    question: 'Which operating system is it, and does it still get security fixes?',
    meaning: 'No hole that is found from now on is mended in it, unless somebody pays for that.',
    causes: ['Nobody planned the upgrade', 'Something on it does not run on a newer one'],
    needs: 'any account',
  },
  reads: ['os-release', 'kernel', 'init', 'container', 'user'],
  judge(seen, look): Finding {
    const release = settingsOf(seen.lines('os-release'));
    const name = release.get('PRETTY_NAME') ?? release.get('NAME');
    const [kernel = 'an unknown kernel'] = seen.lines('kernel');
    const shown = evidence([seen], { 'calls itself': () => name ?? null, kernel: () => kernel, 'services by': () => initOf(seen) === 'another' ? (seen.lines('init')[0] ?? 'unknown') : initOf(seen), container: () => (inContainer(seen) ? 'yes' : 'no'), account: () => userOf(seen).name });
    if (name === undefined) return { ...unknown('It does not say which system it is: there is no /etc/os-release', 'Look with: cat /etc/*release'), evidence: shown };
    const version = release.get('VERSION_ID') ?? '';
    const known = systemReleases.find(({ id, version: begins }) => id === release.get('ID') && (version === begins || version.startsWith(`${begins}.`)));
    // Some say it themselves, and know it best.
    const said = /^\d{4}-\d\d-\d\d$/.exec(release.get('SUPPORT_END') ?? '')?.[0];
    const end = said ?? known?.endOfLife;
    if (end === undefined) return { status: 'ok', value: null, summary: `${name}, ${kernel}; until when it gets fixes is not known here`, meaning: 'How long it is looked after has to be asked of who makes it.', evidence: shown };
    const days = Math.ceil((Date.parse(end) - look.now) / dayMs);
    const upgrade: Finding['fix'] = { where: 'shell', do: 'cat /etc/os-release', undo: null, harmless: true, note: `Plan the upgrade to a newer release as who makes ${name} describes it, on a copy first, with proven backups of what is on it.` };
    if (days <= 0) return { status: 'critical', value: null, summary: `${name} gets no security fixes since ${end}`, evidence: shown, fix: upgrade };
    if (days <= endsSoonDays) return { status: 'warn', value: null, summary: `${name} gets security fixes for ${many(days, 'day')} more, until ${end}`, meaning: 'After that no hole is mended in it.', evidence: shown, fix: upgrade };
    return { status: 'ok', value: null, summary: `${name}, ${kernel}; gets security fixes until ${end}`, meaning: 'It gets fixes.', evidence: shown };
  },
};

/** By the names of their processes, which are at most fifteen characters long. */
const timeKeepers = new Map([['chronyd', 'chrony'], ['ntpd', 'ntpd'], ['systemd-timesyn', 'systemd-timesyncd'], ['openntpd', 'OpenNTPD'], ['ptp4l', 'PTP']]);

export const clock: HostCheck = {
  about: {
    id: 'clock',
    title: 'Clock',
    group: 'configuration',
    unit: 'seconds',
    warn: 2,
    critical: 5,
    source: 'own: 2 / 5 s',
    question: 'How far is the clock of the host from that of this computer, and does anything keep it right?',
    meaning: 'Certificates and one-time codes are refused, and what two hosts wrote down cannot be put into order.',
    causes: ['No time service runs', 'The firewall lets no NTP out', 'A virtual machine was paused', 'The clock of this computer is the one that is wrong'],
    needs: 'any account',
  },
  reads: ['clock', 'processes', 'time-keeping', 'container', 'init'],
  judge(seen, look) {
    const there = clockOf(seen);
    if (there === null) return unknown('The host did not tell its time', 'Look with: date');
    // It tells whole seconds: what it cut off is half a second on the average. Its line took half the way there and back.
    const ahead = there + 0.5 - (look.firstLineAt - look.tripMs / 2) / 1000;
    const value = Math.max(0, Math.round((Math.abs(ahead) - 0.5) * 10) / 10);
    const keepers = [...new Set(processesOf(seen).list.flatMap(({ name }) => timeKeepers.get(name) ?? []))];
    const synchronized = settingsOf(seen.lines('time-keeping')).get('NTPSynchronized') ?? null;
    const shown = evidence([seen], { 'there (UTC)': () => new Date(there * 1000).toISOString(), 'here (UTC)': () => new Date(look.firstLineAt).toISOString(), 'kept by': () => keepers.join(', ') || 'nothing that was seen', 'says it is in step': () => synchronized });
    const status = against(value, look);
    const where = Math.abs(ahead) < 1 ? 'as far as whole seconds tell' : ahead > 0 ? 'ahead of this computer' : 'behind this computer';
    const keep: Finding['fix'] = initOf(seen) === 'systemd' ? { where: 'shell', do: 'sudo timedatectl set-ntp true', undo: 'sudo timedatectl set-ntp false', note: 'Needs a time service (systemd-timesyncd or chrony). A clock that is set back while Postgres runs harms nothing in it, but what it logs goes back, too.' } : { where: 'shell', do: 'date -u; ps | grep -E "[n]tpd|[c]hronyd"', undo: null, harmless: true, note: 'Shows whether anything keeps the clock. On Alpine: apk add chrony, rc-update add chronyd, rc-service chronyd start.' };
    if (status !== 'ok') return { status, value, summary: `${value} s ${where}`, evidence: shown, fix: keep };
    // The machine underneath keeps the clock of a container.
    if (synchronized === 'no' && !inContainer(seen)) return { status: 'warn', value, summary: `${value} s off now, but the host says that its clock is not kept in step`, meaning: 'It drifts: sooner or later it is wrong.', causes: ['No time service runs', 'The firewall lets no NTP out'], evidence: shown, fix: keep };
    return { status, value, summary: `${value} s from this computer's, ${where}${synchronized === 'yes' ? ', and kept in step' : ''}`, meaning: keepers.length > 0 || synchronized === 'yes' ? 'It is right, and something keeps it so.' : 'It is right now. Nothing was seen that keeps it so; the machine underneath may.', evidence: shown };
  },
};

/** As people order versions: figures by their value. */
function compareVersions(a: string, b: string): number {
  const parts = (version: string) => version.split(/[.\-+_~]/).map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const [left, right] = [parts(a), parts(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [one, other] = [left[index] ?? 0, right[index] ?? 0];
    if (one === other) continue;
    return typeof one === 'number' && typeof other === 'number' ? one - other : String(one).localeCompare(String(other));
  }
  return 0;
}

/** Its kind: 6.1.0-18-amd64 and 6.1.0-18-cloud-amd64 are not each other's successor. */
const flavour = (version: string) => version.split('-').filter((part) => !/^[\d.]+$/.test(part)).join('-').replaceAll(/\d+/g, '');

function newerKernel(seen: HostSeen): { running: string; newest: string; gone: boolean } | null {
  const running = /^\S+ (\S+) /.exec(seen.lines('kernel')[0] ?? '')?.[1];
  const installed = seen.lines('kernels');
  if (running === undefined || installed.length === 0) return null;
  const kin = installed.filter((version) => flavour(version) === flavour(running));
  const newest = [...kin].sort(compareVersions).at(-1);
  const gone = !installed.includes(running);
  if (newest === undefined) return null;
  return gone || compareVersions(newest, running) > 0 ? { running, newest, gone } : { running, newest: running, gone: false };
}

export const rebootRequired: HostCheck = {
  about: {
    id: 'reboot-required',
    title: 'Waits for a restart',
    group: 'configuration',
    unit: 'none',
    warn: null,
    critical: null,
    source: 'own: any is a warning',
    question: 'Was anything updated that takes effect only when the host starts again?',
    meaning: 'The old kernel or library still runs, with the holes that the update mended.',
    causes: ['Updates are installed by themselves, and restarts are not'],
    needs: 'any account; on RHEL root sees more',
  },
  reads: ['reboot-file', 'kernels', 'kernel', 'container', 'needs-restarting', 'user'],
  judge(seen): Finding {
    if (inContainer(seen)) return skipped('A container has no kernel of its own: the machine underneath is what is started again');
    const [file, ...packages] = seen.lines('reboot-file');
    const kernel = newerKernel(seen);
    // An error of its own ends with 1, too.
    const said = seen.lines('needs-restarting').find((line) => /reboot is required/i.test(line));
    const asked = said === undefined && seen.status('needs-restarting') !== 0 ? null : seen.status('needs-restarting');
    const waits = [
      ...(file === undefined ? [] : [{ why: `${file} is there`, detail: packages.join(', ') }]),
      ...(kernel === null || kernel.newest === kernel.running ? [] : [{ why: kernel.gone ? 'the running kernel is no longer installed' : 'a newer kernel is installed', detail: `runs ${kernel.running}, installed ${kernel.newest}` }]),
      ...(said === undefined ? [] : [{ why: 'needs-restarting says so', detail: seen.lines('needs-restarting').filter((line) => line.includes('*')).join(', ') }]),
    ];
    const [first] = waits;
    const shown = evidence(waits.length === 0 && kernel !== null ? [{ why: 'the running kernel is the newest that is installed', detail: kernel.running }] : waits, { what: (row) => row.why, detail: (row) => row.detail });
    if (first !== undefined) {
      return {
        status: 'warn', value: null, summary: `The host waits for a restart: ${first.why}${first.detail === '' ? '' : ` (${first.detail})`}`, evidence: shown,
        fix: { where: 'shell', do: asRoot(userOf(seen), 'reboot'), undo: null, note: 'Ends everything that runs on it. Plan it for a quiet time, stop what writes first, and check the host afterwards.' },
      };
    }
    if (kernel === null && asked === null) return unknown('Neither the kernels that are installed nor a mark of the package manager could be seen', 'Compare by hand: uname -r; ls /boot /lib/modules');
    return { status: 'ok', value: null, summary: kernel === null ? 'Nothing waits for a restart' : `Nothing waits for a restart: ${kernel.running} runs, and none newer is installed`, meaning: 'What was updated is in effect, as far as kernels and the marks of the package manager tell.', evidence: shown };
  },
};
