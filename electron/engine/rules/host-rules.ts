/** Looking at a host, its packages and its code. */
import { define, ofCommands, ofLines } from './define.ts';
import type { Hit } from './types.ts';

const interpreters = /^(?:sh|bash|dash|ash|zsh|ksh|python3?|perl|ruby|node)$/;
const downloads = /(?:^|[\s;&|(])(?:curl|wget)\s/;
const madeOf = /(?:\s-[a-z]*c\s+["']?(?:\$\(|`)|^(?:sudo\s+)?eval\s+["']?(?:\$\(|`)|(?:^|[\s/])(?:bash|zsh|ksh|source|\.)\s+(?:-\S+\s+)*<\()\s*(?:sudo\s+)?(?:curl|wget)\s/;

/** Whether it runs what another command writes into it: without a script of its own, or told so. */
const runsItsInput = (args: readonly string[]): boolean => args.includes('-s') || args.every((word) => word === '-' || (word.startsWith('-') && !/^-[a-zA-Z]*[cem]$/.test(word)));

export const hostRules = [
  define({
    id: 'download-and-run', title: 'Downloaded and run at once', class: 'wrong', languages: ['sh', 'yaml'],
    explanation: 'Whatever the other side sends is run, and nobody has seen it: it may be another script than yesterday, a page of an error, or half of one where the line breaks. Downloaded to a file it can be read, and compared with the sum that its maker names.',
    look: ({ commands, text }) => commands.flatMap(({ name, args, feed, inputs, from, to }): Hit[] => {
      const isFed = interpreters.test(name) && feed !== null && downloads.test(feed) && runsItsInput(args);
      const isMade = madeOf.test(text.slice(from, Math.max(to, ...inputs.map((input) => input.to))).split('\n')[0] ?? '');
      return isFed || isMade ? [{ from, to, message: 'This runs whatever is sent, before anybody has seen it.', fix: 'Write curl -fsSLo FILE, look at it and compare its sha256sum, then run the file.' }] : [];
    }),
  }),
  ofLines({
    id: 'auth-log', title: 'auth.log may not be there', class: 'wrong', languages: ['sh', 'yaml'], kinds: ['step', 'block'], pattern: /(\/var\/log\/(?:auth\.log|secure))(?![\w.])/,
    explanation: 'Systems that only keep a journal (Debian 12 and later) have no such file.', message: 'Where there is only the journal, this file is not there, and nothing is found.', fix: 'Write journalctl -u ssh -n 200 --no-pager.',
  }),
  ofCommands({
    id: 'dmesg-rights', title: 'dmesg without rights', class: 'wrong', names: 'dmesg', kinds: ['block'],
    explanation: 'Most systems let only root read the messages of the kernel: without that there is no line, which looks like no fault.', message: 'Without rights there is no line, which looks like no fault.', fix: 'Write sudo -n dmesg, or journalctl -k.', when: ({ runner }) => !/sudo|doas/.test(runner),
  }),
  ofCommands({
    id: 'sar-needs-package', title: 'sar has to be installed', class: 'wrong', names: 'sar iostat mpstat pidstat', kinds: ['block'],
    explanation: 'They come with sysstat, which is not installed by itself; figures of yesterday are there only where it collects.', message: 'This comes with sysstat, which may not be installed.', fix: 'Look first: command -v sar.',
  }),
  ofCommands({
    id: 'netstat-legacy', title: 'netstat, ifconfig, route', class: 'wrong', names: 'netstat ifconfig route', kinds: ['block'],
    explanation: 'net-tools are no longer installed by most systems.', message: 'This is no longer installed by most systems.', fix: 'Write ss, or ip -s link.',
  }),
  ofCommands({
    id: 'logrotate-one-file', title: 'logrotate with one file', class: 'wrong', names: 'logrotate', args: /logrotate\.d\//, not: /(?:^| )(?:-\w*d\w*|--debug)(?= |$)|\/etc\/logrotate\.conf/,
    explanation: 'Read alone, the file goes without the defaults of /etc/logrotate.conf, and what is due by the state file counts.', message: 'The defaults of /etc/logrotate.conf are not read.', fix: 'Look by logrotate -d /etc/logrotate.conf first, then run it with that file.',
  }),
  ofCommands({
    id: 'apt-upgrade-all', title: 'apt upgrade of everything', class: 'wrong', names: 'apt apt-get', args: /(?:^| )(?:upgrade|dist-upgrade|full-upgrade)(?= |$)/, not: /(?:^| )(?:-s|--simulate|--dry-run)(?= |$)/,
    explanation: 'It takes every update and not those for security, stops at questions about configurations, and may restart the database in the middle of the day.', message: 'This takes every update, may wait for an answer, and may restart the database.', fix: 'Write unattended-upgrade --dry-run first, DEBIAN_FRONTEND=noninteractive, a window, and needrestart -b afterwards.',
    when: ({ assigns, raw }) => !assigns.includes('DEBIAN_FRONTEND') && !raw.includes('DEBIAN_FRONTEND'),
  }),
  ofLines({
    id: 'reboot-marker', title: 'The marker of a reboot', class: 'wrong', languages: ['sh'], kinds: ['block'], pattern: /(\/(?:var\/)?run\/reboot-required)(?!\.)/,
    explanation: 'The file is made by update-notifier alone: where that is missing there is none, although the kernel is old. Nothing restarts by it.', message: 'Where update-notifier is not installed there is no such file.', fix: 'Write needrestart -k -b.',
    when: ({ mentions }) => !mentions(/needrestart/),
  }),
  ofCommands({
    id: 'npm-audit-status', title: 'npm audit ends with 1', class: 'wrong', names: 'npm', args: /^audit(?! fix)/, kinds: ['block'],
    explanation: 'It ends with 1 where it found something: under set -e the script dies there, without it nobody is told.', message: 'Findings end it with status 1: the script dies, or nobody is told.', fix: 'Map its status to a finding, and go on.',
  }),
  ofCommands({
    id: 'project-script', title: 'A script that the project has to have', class: 'wrong', names: 'npm yarn pnpm', args: /^run (?:analyze\b|build -- --analyze)/, kinds: ['block'],
    explanation: 'It is whatever package.json calls so. Where it does not, it fails.', message: 'Whether there is such a script is said by package.json.', fix: 'Look first: npm pkg get scripts.',
  }),
  define({
    id: 'pull-on-production', title: 'Whatever was pushed last', class: 'wrong', languages: ['sh', 'yaml'],
    explanation: 'git pull takes whatever is there, npm install what fits; tests that run after a migration find out too late.',
    look: ({ commands }) => commands.flatMap((command, at): Hit[] => {
      if (command.name !== 'git' || !/^pull\b/.test(command.line)) return [];
      const installs = commands.slice(at + 1, at + 6).find(({ name, line }) => name === 'npm' && /^(?:install|i)(?= |$)/.test(line));
      return [{ from: command.from, to: command.to, message: `Nobody knows which version this brings${installs === undefined ? '' : ', nor which packages'}.`, fix: 'Check out a tag, install by npm ci, test on staging, and migrate with a plan.' }];
    }),
  }),
  define({
    id: 'managed-database', title: 'A managed database', class: 'wrong', languages: ['sh', 'yaml', 'ini', 'text'], kinds: ['block'],
    explanation: 'On RDS, Aurora, Cloud SQL and their like there is no shell, no file of the server and no WAL: copying files, restarting a service and recovery settings do not work there.',
    look: ({ lines }) => lines.flatMap(({ text, from }): Hit[] => {
      const found = /(?<![\w.])[a-z0-9][\w.-]*\.(?:rds\.amazonaws\.com|postgres\.database\.azure\.com|cloudsql\.\w+|db\.ondigitalocean\.com)\b/.exec(text);
      return found === null ? [] : [{ from: from + found.index, to: from + found.index + found[0].length, message: 'This is a managed database: no shell, no WAL, no copy of files.', fix: 'Restore by its provider (aws rds restore-db-cluster-to-point-in-time) into a new one, and switch the address.' }];
    }),
  }),
];
