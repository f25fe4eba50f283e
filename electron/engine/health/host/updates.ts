/** Packages with security fixes that wait to be installed. */
import type { Finding } from '../check.ts';
import { duration, many } from '../figures.ts';
import { against, evidence, numberOf, skipped, unknown } from '../findings.ts';
import { clockOf, settingsOf, userOf } from './facts.ts';
import type { HostCheck, HostLook } from './host-check.ts';
import type { HostSeen } from './read-output.ts';

/** Days after which what a host knows of its updates is old. */
const oldDays = 7;
const daySeconds = 86_400;

interface Update {
  name: string;
  from: string;
  to: string;
  why: string;
}

interface Waiting {
  /** Null where the package manager does not tell which ones are for security. */
  security: Update[] | null;
  others: Update[];
  /** When the host last asked what there is; null where that is not known. */
  listedAt: number | null;
  refresh: string;
  install: string;
}

/** Seconds since the epoch at the beginning of each line: the latest. */
const latestOf = (lines: readonly string[]) => lines.reduce<number | null>((latest, line) => {
  const at = numberOf(/^(\d{9,11}) \//.exec(line)?.[1]);
  return at !== null && at > (latest ?? 0) ? at : latest;
}, null);

function byApt(seen: HostSeen): Waiting | string {
  const lines = seen.lines('apt');
  const [count] = seen.lines('apt-lists');
  if (seen.status('apt') !== 0) return `apt-get could not tell: ${lines.find((line) => line.startsWith('E:')) ?? `status ${seen.status('apt') ?? 'unknown'}`}`;
  if (count === undefined || !(Number(count) > 0)) return 'The host has no list of packages at all';
  const all = lines.flatMap((line): (Update & { isSecurity: boolean })[] => {
    const match = /^Inst (\S+)(?: \[([^\]]*)\])? \((\S+) (.*?)(?: \[[^\]]*\])?\)/.exec(line);
    // What is new here is pulled in by another; it is no update of its own.
    if (match === null || match[2] === undefined) return [];
    const origin = match[4] ?? '';
    return [{ name: match[1] ?? '', from: match[2], to: match[3] ?? '', why: origin, isSecurity: /security/i.test(origin) }];
  });
  return { security: all.filter(({ isSecurity }) => isSecurity), others: all.filter(({ isSecurity }) => !isSecurity), listedAt: latestOf(seen.lines('apt-lists')), refresh: 'sudo apt-get update', install: 'sudo apt-get update && sudo apt-get dist-upgrade' };
}

function byDnf(seen: HostSeen): Waiting | string {
  if (seen.text('dnf') === null) return `dnf makes itself a folder for every account that asks, so ${userOf(seen).name} did not`;
  if (seen.status('dnf') !== 0) return `dnf could not tell: ${(seen.lines('dnf').at(-1) ?? `status ${seen.status('dnf') ?? 'unknown'}`).slice(0, 200)}`;
  // "RHSA-2024:1234 Important/Sec. openssl-libs-3.0.7-27.el9.x86_64"; dnf5 has more columns.
  const security = seen.lines('dnf').flatMap((line): Update[] => {
    const match = /^(\S+)\s+(?:security\s+)?(\S+?)(?:\/Sec\.)?\s+(\S+-[^-\s]+-[^-\s]+)(?:\s|$)/.exec(line);
    return match === null || match[1] === 'Name' ? [] : [{ name: match[3] ?? '', from: '', to: '', why: `${match[1]} ${match[2]}` }];
  });
  return { security, others: [], listedAt: latestOf(seen.lines('dnf-lists')), refresh: 'sudo dnf makecache', install: 'sudo dnf upgrade --security' };
}

function byApk(seen: HostSeen): Waiting | string {
  const lines = seen.lines('apk');
  if (seen.status('apk') !== 0) return `apk could not tell: ${(lines.at(-1) ?? `status ${seen.status('apk') ?? 'unknown'}`).slice(0, 200)}`;
  const listedAt = latestOf(seen.lines('apk-lists'));
  if (listedAt === null || lines.some((line) => /^(?:WARNING|ERROR)/.test(line))) return 'The host has no list of packages that could be read';
  const others = lines.flatMap((line): Update[] => {
    const match = /^(\S+)-(\d\S*-r\d+)\s+<\s+(\S+)/.exec(line);
    return match === null ? [] : [{ name: match[1] ?? '', from: match[2] ?? '', to: match[3] ?? '', why: '' }];
  });
  return { security: null, others, listedAt, refresh: 'sudo apk update', install: 'sudo apk upgrade --update' };
}

function judgeWaiting(seen: HostSeen, look: HostLook, { security, others, listedAt, refresh, install }: Waiting): Finding {
  const counted = security ?? others;
  const value = counted.length;
  const now = clockOf(seen) ?? look.now / 1000;
  const age = listedAt === null ? null : Math.max(0, now - listedAt);
  const old = age !== null && age > oldDays * daySeconds;
  const state = against(value, look);
  const shown = evidence([...counted.map((update) => ({ ...update, kind: security === null ? 'not told' : 'security' })), ...(security === null ? [] : others.map((update) => ({ ...update, kind: 'other' })))], { package: (row) => row.name, 'for security': (row) => row.kind, installed: (row) => row.from, offered: (row) => row.to, by: (row) => row.why });
  const asOf = age === null ? '' : `; the host last asked what there is ${duration(age)} ago`;
  const what = security === null ? many(value, 'update') : many(value, 'security update');
  if (state === 'ok' && old) {
    return { status: 'warn', value, summary: `${what} by a list that is ${duration(age)} old`, meaning: 'What came out since then is not in it: nobody knows what is missing.', causes: ['Nothing asks for new lists by itself', 'The host does not reach its package server'], evidence: shown, fix: { where: 'shell', do: refresh, undo: null, harmless: true, note: 'Asks what there is; it installs nothing.' } };
  }
  if (state === 'ok' && listedAt === null) return { ...unknown(`${what}, by a list of unknown age`, refresh), evidence: shown };
  return {
    status: state,
    value,
    summary: `${what}${value === 0 ? '' : `: ${counted.slice(0, 5).map(({ name }) => name).join(', ')}${value > 5 ? ', …' : ''}`}${security !== null && others.length > 0 ? `, and ${many(others.length, 'other update')}` : ''}${asOf}`,
    ...(state === 'ok' ? { meaning: 'What was mended so far is installed.' } : {}),
    evidence: shown,
    fix: state === 'ok' ? null : { where: 'shell', do: install, undo: null, note: `Services are restarted by it, a Postgres of the distribution too: choose a quiet time.${security === null ? ' This package manager does not tell which updates are for security.' : ''} Going back means installing the packages of before by their version.` },
  };
}

export const securityUpdates: HostCheck = {
  about: {
    id: 'security-updates',
    title: 'Security updates',
    group: 'security',
    unit: 'count',
    warn: 1,
    critical: null,
    source: `own: any is a warning, and so is a list over ${oldDays} days old`,
    question: 'Which security fixes are there and not installed, as far as the host knows?',
    meaning: 'The holes are public, and so is how to use them.',
    causes: ['Nobody installs updates, and nothing does so by itself', 'Packages are held back'],
    needs: 'any account; on RHEL root, or an account that has used dnf before',
  },
  reads: ['os-release', 'package-managers', 'apt', 'apt-lists', 'dnf', 'dnf-lists', 'apk', 'apk-lists', 'clock', 'user'],
  judge(seen, look): Finding {
    const managers = seen.lines('package-managers');
    const [asked, opener] = managers.includes('apt-get') ? [byApt(seen), 'sudo apt-get update'] : managers.includes('dnf') ? [byDnf(seen), 'sudo dnf updateinfo list --security'] : managers.includes('apk') ? [byApk(seen), 'sudo apk update'] : [null, null];
    if (asked === null) {
      if (managers.length > 0) return unknown(`What waits is not known to Pilothouse where packages come by ${managers.join(', ')}`, 'Ask the package manager on the host.');
      const name = settingsOf(seen.lines('os-release')).get('PRETTY_NAME');
      return skipped(`No package manager was found${name === undefined ? '' : ` on ${name}`}`);
    }
    return typeof asked === 'string' ? unknown(asked, opener) : judgeWaiting(seen, look, asked);
  },
};
