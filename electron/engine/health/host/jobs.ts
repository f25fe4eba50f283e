/** Work that the host does by itself: whether anything is there to start it. */
import type { Finding } from '../check.ts';
import { many } from '../figures.ts';
import { evidence, partly, skipped, unknown } from '../findings.ts';
import { filesOf, initOf, userOf } from './facts.ts';
import type { HostCheck } from './host-check.ts';
import { hiddenProcesses, processesOf, seesAllProcesses } from './process-list.ts';
import { managed } from './units.ts';

const daemons = ['cron', 'crond', 'cronie', 'fcron', 'anacron', 'busybox-crond', 'dcron'];

interface Job {
  when: string;
  what: string;
  where: string;
}

/** "30 3 * * 0 root test", or "@daily test": the schedule, in system files the account, and the first word of the command. */
function jobOf(line: string, where: string, withUser: boolean): Job | null {
  const words = line.split(/\s+/);
  const length = (words[0] ?? '').startsWith('@') ? 1 : 5;
  const command = words[length + (withUser ? 1 : 0)];
  if (command === undefined) return null;
  return { when: words.slice(0, length).join(' '), what: command, where: withUser ? `${where}, as ${words[length] ?? ''}` : where };
}

export const scheduledJobs: HostCheck = {
  about: {
    id: 'scheduled-jobs',
    title: 'Scheduled jobs',
    group: 'services',
    unit: 'count',
    warn: null,
    critical: null,
    source: 'own: jobs that nothing starts are a warning',
    question: 'Which jobs does the host have, and does anything run that starts them?',
    meaning: 'Nothing of what is written there happens: no rotation of logs, no backup, no renewal of certificates.',
    causes: ['cron was not installed with the system, as in containers and minimal images', 'It was stopped and not started again'],
    needs: 'any account; those of others are for root',
  },
  reads: ['crontab', 'system-crontabs', 'periodic-jobs', 'timers', 'processes', 'process-sight', 'units', 'rc-services', 'init', 'user'],
  judge(seen): Finding {
    const user = userOf(seen);
    const own = seen.status('crontab') === 0 ? seen.lines('crontab').map((line) => jobOf(line, `crontab of ${user.name}`, false)) : [];
    const files = filesOf(seen.lines('system-crontabs'));
    const system = files.flatMap(({ path, lines }) => lines.map((line) => jobOf(line, path, true)));
    const periodic = seen.lines('periodic-jobs').map((path): Job => ({ when: /\/(?:cron\.)?(\w+)\/[^/]*$/.exec(path)?.[1] ?? '', what: path, where: 'run in turn' }));
    const cron = [...own, ...system].filter((job) => job !== null);
    const timers = seen.lines('timers').flatMap((line): Job[] => {
      const unit = /(\S+\.timer)\s+(\S+)\s*$/.exec(line);
      return unit === null ? [] : [{ when: line.trim().startsWith('n/a') ? 'no next time' : line.trim().split(/\s+/).slice(0, 4).join(' '), what: unit[2] ?? '', where: unit[1] ?? '' }];
    });
    const all = [...cron, ...periodic, ...timers];
    const shut = files.filter((file) => file.shut).map(({ path }) => path);
    const shown = evidence(all, { when: (row) => row.when, job: (row) => row.what, where: (row) => row.where });
    // Whoever has a timer of systemd for them needs no cron: Debian's files in cron.d say so themselves and do nothing then.
    const runs = processesOf(seen).list.some(({ name }) => daemons.includes(name)) || managed(seen, ['cron', 'crond', 'cronie'])?.state === 'up';
    const needCron = cron.length + (timers.length > 0 ? 0 : periodic.length);
    if (all.length === 0 && shut.length === 0) return skipped('The host has no scheduled jobs that this account is shown');
    if (!runs && needCron > 0 && !seesAllProcesses(seen)) return { ...unknown(`Whether cron runs is hidden: ${hiddenProcesses.why}`, hiddenProcesses.opener), evidence: shown };
    if (!runs && needCron > 0) {
      return {
        status: 'warn', value: all.length, summary: `${many(needCron, 'job')} for cron, and no cron runs to start ${needCron === 1 ? 'it' : 'them'}`, evidence: shown,
        fix: initOf(seen) === 'systemd' ? { where: 'shell', do: 'sudo systemctl enable --now cron', undo: 'sudo systemctl disable --now cron', note: 'On RHEL it is called crond. Where it is not installed: apt-get install cron, dnf install cronie. What is overdue is not made up for.' } : { where: 'shell', do: 'sudo rc-update add crond && sudo rc-service crond start', undo: 'sudo rc-service crond stop && sudo rc-update del crond', note: 'On Alpine. A container is mostly meant to have none: let the machine underneath start the jobs.' },
      };
    }
    const finding: Finding = { status: 'ok', value: all.length, summary: `${many(all.length, 'job')}: ${cron.length + periodic.length} for cron, ${many(timers.length, 'timer')}`, meaning: 'Something is there to start them. Whether each of them does its work it has to tell itself.', evidence: shown };
    return shut.length === 0 ? finding : partly(finding, shut.join(', '), `As root: cat ${shut.map((path) => `'${path.replaceAll("'", `'\\''`)}'`).join(' ')}`);
  },
};
