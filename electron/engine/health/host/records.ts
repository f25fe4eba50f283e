/** What the host wrote down: errors of the last day, sign-ins that were refused, trouble of the kernel. */
import type { Finding } from '../check.ts';
import { many } from '../figures.ts';
import { against, evidence, unknown } from '../findings.ts';
import { inContainer, initOf, userOf, type HostUser } from './facts.ts';
import type { HostCheck } from './host-check.ts';
import type { HostSeen } from './read-output.ts';

/** What lets an account read the journal; it takes effect at the next sign-in. */
const journalOpener = ({ name }: HostUser) => `sudo usermod -aG systemd-journal ${name}\n# Takes effect at the next sign-in.`;

/** "open PATH" or "shut PATH" for each file that is there. */
function sightOf(seen: HostSeen, id: 'journal-files' | 'sign-in-logs'): { open: string[]; shut: string[] } {
  const lines = seen.lines(id);
  const of = (state: string) => lines.filter((line) => line.startsWith(`${state} /`)).map((line) => line.slice(state.length + 1));
  return { open: of('open'), shut: of('shut') };
}

/** Why the journal tells nothing; null where it may be read. */
function blindJournal(seen: HostSeen): { why: string; opener: string } | null {
  const { open, shut } = sightOf(seen, 'journal-files');
  const user = userOf(seen);
  if (open.length > 0) return null;
  if (shut.length > 0) return { why: `${user.name} may not read the journal`, opener: journalOpener(user) };
  if (seen.lines('init').length === 0) return { why: 'Nobody knows what starts services here, and there is no journal in /run/log/journal or /var/log/journal', opener: 'Look with: journalctl --header' };
  return initOf(seen) === 'systemd' ? { why: 'No journal was found in /run/log/journal or /var/log/journal', opener: user.isRoot ? 'Look with: journalctl --header' : journalOpener(user) } : { why: 'There is no journal here: systemd does not run', opener: 'Look into the files below /var/log.' };
}

const given = 'journalctl was given up after 20 s';
const gaveUp = (status: number | null) => status === 124 || status === 137 || status === 143;

/** A message is text, or bytes where it holds anything that is none. */
function messageOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((one) => typeof one === 'number')) return Buffer.from(value).toString('utf8');
  return '';
}

/** As `journalctl -o json` prints it; a line that was cut is still one that was written. */
function entriesOf(lines: readonly string[]): { from: string; message: string; at: number | null }[] {
  return lines.map((line) => {
    try {
      const entry = JSON.parse(line) as Record<string, unknown>;
      const at = Number(entry['__REALTIME_TIMESTAMP']);
      return { from: messageOf(entry['_SYSTEMD_UNIT']) || messageOf(entry['SYSLOG_IDENTIFIER']), message: messageOf(entry['MESSAGE']), at: Number.isFinite(at) && at > 0 ? at / 1000 : null };
    } catch {
      return { from: '', message: /"MESSAGE":"((?:[^"\\]|\\.)*)/.exec(line)?.[1] ?? '', at: null };
    }
  });
}

/** The same message over and over is one row: figures in it do not make it another. */
function gathered(entries: readonly { from: string; message: string }[]): { from: string; message: string; times: number }[] {
  const kinds = new Map<string, { from: string; message: string; times: number }>();
  for (const { from, message } of entries) {
    const key = `${from} ${message.replaceAll(/\d+/g, '#')}`;
    const kind = kinds.get(key) ?? { from, message, times: 0 };
    kinds.set(key, { from, message, times: kind.times + 1 });
  }
  return [...kinds.values()].sort((a, b) => b.times - a.times);
}

/** Entries that are read at most. */
const mostEntries = 300;

export const journalErrors: HostCheck = {
  about: {
    id: 'journal-errors',
    title: 'Errors in the journal',
    group: 'records',
    unit: 'count',
    warn: 1,
    critical: 50,
    source: 'own: 1 / 50 in 24 hours',
    question: 'How many errors were written into the journal in the last 24 hours?',
    meaning: 'A service says that something went wrong. Which one, and what, is in the evidence.',
    causes: ['A service fails and tries again', 'A disk or a device errs', 'Somebody tries to sign in with names that are not there'],
    needs: 'root, or a member of systemd-journal or adm',
  },
  reads: ['journal-files', 'journal-errors', 'init', 'user'],
  judge(seen, look) {
    const shut = blindJournal(seen);
    if (shut !== null) return initOf(seen) === 'systemd' || seen.lines('init').length === 0 ? unknown(shut.why, shut.opener) : { status: 'skipped', value: null, summary: shut.why };
    if (seen.text('journal-errors') === null) return unknown('There is a journal, and no journalctl to read it', 'Look with: journalctl -p err --since -24h');
    if (seen.status('journal-errors') !== 0) return unknown(gaveUp(seen.status('journal-errors')) ? given : `journalctl ended with status ${seen.status('journal-errors') ?? 'unknown'}`, 'Look with: journalctl -p err --since -24h');
    const entries = entriesOf(seen.lines('journal-errors'));
    const value = entries.length;
    const status = against(value, look);
    const kinds = gathered(entries);
    const [most] = kinds;
    return {
      status,
      value,
      summary: most === undefined ? '0 errors in 24 hours' : `${value >= mostEntries ? `At least ${value} errors` : many(value, 'error')} in 24 hours${most.from === '' ? '' : `, most of them from ${most.from}`}`,
      ...(status === 'ok' ? { meaning: 'No service has complained more than its limit allows.' } : {}),
      evidence: evidence(kinds, { times: (row) => row.times, from: (row) => row.from, message: (row) => row.message }),
      fix: status === 'ok' ? null : { where: 'shell', do: 'journalctl -p err --since -24h --no-pager | tail -n 100', undo: null, harmless: true, note: 'Shows them in their order. It changes nothing.' },
    };
  },
};

interface SignIns {
  failed: number;
  addresses: Map<string, number>;
}

const refused = /(?:Failed (?!none)\S+ for|Bad (?:password|PAM password) attempt for|PAM: Authentication failure for)/;
const hint = /(?:Invalid user|Connection (?:closed|reset) by (?:authenticating|invalid) user|Disconnected from (?:authenticating|invalid) user|Login attempt for nonexistent user|maximum authentication attempts exceeded)/;
const place = /(?:from|by(?: \S+){0,3}?) (?:<)?([0-9a-fA-F.:]*[.:][0-9a-fA-F.:]+?)(?:>)?(?: port (\d+)|:(\d+)|\s|$)/;

/** Attempts that sshd or Dropbear refused. Whoever left before giving a password is one attempt, told by address and port. */
export function signInsOf(lines: readonly string[]): SignIns {
  const attempts = new Map<string, { address: string; failed: number }>();
  let unnamed = 0;
  for (const line of lines) {
    const isRefused = refused.test(line);
    if (!isRefused && !hint.test(line)) continue;
    const times = Number(/message repeated (\d+) times/.exec(line)?.[1] ?? 1);
    const found = place.exec(line);
    const [, address, port, other] = found ?? [];
    if (address === undefined) {
      if (isRefused) unnamed += times;
      continue;
    }
    const key = `${address} ${port ?? other ?? ''}`;
    const attempt = attempts.get(key) ?? { address, failed: 0 };
    attempts.set(key, { address, failed: attempt.failed + (isRefused ? times : 0) });
  }
  const addresses = new Map<string, number>();
  for (const { address, failed } of attempts.values()) addresses.set(address, (addresses.get(address) ?? 0) + Math.max(1, failed));
  return { failed: unnamed + [...addresses.values()].reduce((sum, one) => sum + one, 0), addresses };
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const hourMs = 3_600_000;

/** Milliseconds of "2026-11-26 10:00:00 +0100", as the host tells its time. */
function localTime(seen: HostSeen): { now: number; offset: string } | null {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)$/.exec(seen.lines('local-time')[0] ?? '');
  if (match === null) return null;
  const offset = `${match[3]}:${match[4]}`;
  const now = Date.parse(`${match[1]}T${match[2]}${offset}`);
  return Number.isFinite(now) ? { now, offset } : null;
}

/** When a line was written: "Nov 26 10:00:00 …" in the host's time, of the last twelve months; or an ISO instant. */
function writtenAt(line: string, { now, offset }: { now: number; offset: string }): number | null {
  const iso = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))/.exec(line)?.[1];
  if (iso !== undefined) return Date.parse(iso);
  const match = /^([A-Z][a-z]{2})\s+(\d{1,2}) (\d\d:\d\d:\d\d) /.exec(line);
  const month = months.indexOf(match?.[1] ?? '') + 1;
  if (match === null || month === 0) return null;
  const at = (year: number) => Date.parse(`${year}-${String(month).padStart(2, '0')}-${(match[2] ?? '').padStart(2, '0')}T${match[3]}${offset}`);
  const year = new Date(now).getUTCFullYear();
  return at(year) > now + 86_400_000 ? at(year - 1) : at(year);
}

/** Attempts of one address in an hour from which on it is named. */
const namedFrom = 5;

export const authFailures: HostCheck = {
  about: {
    id: 'auth-failures',
    title: 'Sign-ins refused',
    group: 'security',
    unit: 'count',
    warn: 50,
    critical: null,
    source: `own: 50 an hour; an address with ${namedFrom} is named`,
    question: 'How many attempts to sign in over SSH were refused in the last hour?',
    meaning: 'Somebody tries passwords. Where passwords are not accepted that is noise; where they are, one of them will be right some day.',
    causes: ['Every host that the internet reaches is tried', 'A script of your own has an old password or key'],
    needs: 'root, or a member of systemd-journal or adm',
  },
  reads: ['journal-files', 'journal-sign-ins', 'sign-in-logs', 'sign-in-log', 'local-time', 'init', 'user'],
  judge(seen, look): Finding {
    const user = userOf(seen);
    const byJournal = seen.status('journal-sign-ins');
    const logs = sightOf(seen, 'sign-in-logs');
    let lines: string[];
    let from: string;
    if (byJournal === 0) {
      lines = seen.lines('journal-sign-ins');
      from = 'the journal';
    } else if (seen.text('sign-in-log') !== null) {
      const time = localTime(seen);
      if (time === null) return unknown('The host did not tell its local time, so nobody knows which lines of its log are of the last hour', 'Look with: date');
      const dated = seen.lines('sign-in-log').map((line) => ({ line, at: writtenAt(line, time) }));
      if (dated.length > 0 && dated.every(({ at }) => at === null)) return unknown(`The times in ${logs.open[0] ?? 'the log'} could not be understood`, 'Look with: tail /var/log/auth.log');
      lines = dated.filter(({ at }) => at !== null && time.now - at <= hourMs).map(({ line }) => line);
      from = logs.open[0] ?? 'its log';
    } else {
      if (gaveUp(byJournal)) return unknown(given, 'Look with: journalctl -t sshd -t sshd-session --since -1h');
      const shut = blindJournal(seen);
      if (logs.shut.length > 0) return unknown(`${user.name} may not read ${logs.shut.join(', ')}${shut === null || initOf(seen) !== 'systemd' ? '' : ', nor the journal'}`, `sudo usermod -aG adm ${user.name}\n# Takes effect at the next sign-in; on RHEL the files are for root alone.`);
      if (shut === null) return unknown('journalctl did not answer, and there is no other log of sign-ins', 'Look with: journalctl -t sshd --since -1h');
      return initOf(seen) === 'systemd' ? unknown(shut.why, shut.opener) : unknown('sshd writes its sign-ins into no log: there is no journal, and no file of a syslog', 'Install and start a syslog daemon on the host (apt-get install rsyslog; on Alpine: rc-update add syslog boot).');
    }
    const { failed, addresses } = signInsOf(lines);
    const status = against(failed, look);
    const named = [...addresses].filter(([, times]) => times >= namedFrom).sort((a, b) => b[1] - a[1]);
    const [most] = named;
    return {
      status,
      value: failed,
      summary: `${many(failed, 'sign-in')} refused in an hour${most === undefined ? '' : `, ${most[1]} from ${most[0]}`}, by ${from}`,
      ...(status === 'ok' ? { meaning: most === undefined ? 'Nobody tries hard.' : 'Somebody tries, less than the limit.' } : {}),
      evidence: evidence([...addresses].sort((a, b) => b[1] - a[1]), { address: ([address]) => address, attempts: ([, times]) => times }),
      fix: status === 'ok' ? null : { where: 'shell', do: "printf 'PasswordAuthentication no\\nKbdInteractiveAuthentication no\\n' | sudo tee /etc/ssh/sshd_config.d/10-no-passwords.conf\nsudo sshd -t && sudo systemctl reload ssh", undo: 'sudo rm /etc/ssh/sshd_config.d/10-no-passwords.conf\nsudo systemctl reload ssh', note: 'Make sure first that everybody signs in with a key, and keep one session open until a second one was tried. On RHEL and Alpine the service is called sshd.' },
    };
  },
};

/** "[12345.678901] text" without its time: the same trouble over and over is one row. */
const withoutTime = (line: string) => line.replace(/^\[\s*\d+\.\d+\]\s*/, '').replace(/^<\d+>/, '');

export const kernelErrors: HostCheck = {
  about: {
    id: 'kernel-errors',
    title: 'Errors of the kernel',
    group: 'records',
    unit: 'count',
    warn: 1,
    critical: null,
    source: 'own: any is a warning',
    question: 'Does the kernel tell of disks that err, broken memory, or tasks that hang?',
    meaning: 'The machine itself is failing, or its storage was away. Data that is read or written there is at risk.',
    causes: ['A disk, its cable or its controller fails', 'A module of memory fails', 'The storage underneath was away or too slow'],
    needs: 'root where kernel.dmesg_restrict is 1 (Debian, Ubuntu); else any account, or a member of systemd-journal or adm',
  },
  reads: ['kernel-messages', 'kernel-journal', 'journal-files', 'user', 'init', 'container'],
  judge(seen, look): Finding {
    const byDmesg = seen.status('kernel-messages') === 0;
    const byJournal = seen.status('kernel-journal') === 0;
    const user = userOf(seen);
    if (!byDmesg && !byJournal) {
      const said = seen.lines('kernel-messages').at(-1);
      if (inContainer(seen)) return { status: 'skipped', value: null, summary: 'A container is not shown the messages of the kernel: look at the machine underneath' };
      return unknown(`${user.name} may not read the messages of the kernel${said === undefined ? ', by dmesg or by the journal' : `: ${said}`}`, seen.text('journal-files') !== null && initOf(seen) === 'systemd' ? journalOpener(user) : 'sudo sysctl -w kernel.dmesg_restrict=0\n# Lets every account read them, until the host starts again.');
    }
    const lines = seen.lines(byDmesg ? 'kernel-messages' : 'kernel-journal').map(withoutTime);
    const kinds = gathered(lines.map((message) => ({ from: '', message })));
    const value = lines.length;
    const status = against(value, look);
    const newest = lines.at(-1);
    return {
      status,
      value,
      summary: newest === undefined ? `0 errors in the messages of the kernel, by ${byDmesg ? 'dmesg' : 'the journal'}` : `${many(value, 'error')} in the messages of the kernel, the newest: ${newest.slice(0, 160)}`,
      ...(status === 'ok' ? { meaning: 'Since it started, or since the oldest message that is kept, the kernel has told of no trouble.' } : {}),
      evidence: evidence(kinds, { times: (row) => row.times, message: (row) => row.message }),
      fix: status === 'ok' ? null : { where: 'shell', do: 'sudo dmesg -T --level=err,warn | tail -n 60', undo: null, harmless: true, note: 'Shows them with their times; it changes nothing. For a disk, smartctl -a of smartmontools tells how it is.' },
    };
  },
};
