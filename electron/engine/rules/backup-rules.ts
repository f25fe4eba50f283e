/** Copies that are none, that are removed too early, or that are restored where they destroy. */
import { define, ofCommands } from './define.ts';
import type { Looked } from './looked.ts';
import type { ShellCommand } from './shell-parts.ts';
import type { Hit } from './types.ts';

const dumps: ReadonlySet<string> = new Set(['pg_dump', 'pg_dumpall', 'mysqldump', 'mariadb-dump', 'mongodump', 'pg_basebackup']);
const copies = /backup|\bbak\b|dump|\.sql(?:\.\w+)?\b|archive|snapshot/i;
/** A word with what variables in it are called, so that "$BACKUP_DIR" is known by its name. */
const written = ({ text }: Looked, { from, to }: ShellCommand): string => text.slice(from, to);
const byAge = / -(?:mtime|ctime|mmin|cmin) \+/;
const removes = / -delete\b| -exec(?:dir)? (?:\S*\/)?rm\b/;
const isPruning = (looked: Looked, command: ShellCommand): boolean => command.name === 'find' && byAge.test(` ${command.line}`) && removes.test(` ${command.line}`) && copies.test(written(looked, command));
const isMaking = ({ name, line }: ShellCommand): boolean => dumps.has(name) || (name === 'tar' && /^-{0,2}[a-zA-Z]*c/.test(line)) || name === 'rsync';

/** Where a command of psql or its like reads a plain dump. */
function plainRestore(command: ShellCommand): boolean {
  if (command.name !== 'psql') return false;
  return /(?:^|\s)(?:-f|--file)[ =]?\S*/.test(command.line) || command.readsFile || (command.feed !== null && /\b(?:gunzip|zcat|gzip\s+-\w*d|cat|xzcat|zstdcat|zstd\s+-\w*d|unzip)\b/.test(command.feed));
}
const restores = (command: ShellCommand): boolean => plainRestore(command) || (command.name === 'pg_restore' && !/(?:^| )(?:-[a-zA-Z]*l\b|--list\b|-f\b|--file\b)/.test(command.line));

/** The database that a client of Postgres is given: by -d, or by its first word. */
function databaseOf(command: ShellCommand): string | null {
  const { args } = command;
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? '';
    if (word === '-d' || word === '--dbname') return args[at + 1] ?? null;
    if (/^(?:-d|--dbname=)./.test(word)) return word.replace(/^(?:-d|--dbname=)/, '');
    if (/^-[a-zA-Z]*[cfhpULPvRFoTj]$/.test(word) && command.name !== 'createdb') at += 1;
    else if (/^-[hpUETlDO]$/.test(word)) at += 1;
    else if (!word.startsWith('-') && command.name !== 'pg_restore') return word;
  }
  return null;
}

/** The place of a database that is dropped in the script; -1 where it is not. */
const droppedAt = ({ commands, statements }: Looked, name: string): number => Math.max(-1, ...commands.filter((each) => each.name === 'dropdb' && each.args.includes(name)).map(({ from }) => from), ...statements.filter(({ plain, raw }) => /^drop\s+database\b/.test(plain) && raw.includes(name)).map(({ from }) => from));

/** Names of what is no live database, in some languages; `\0` is known only when it runs. */
const aside = /test|scratch|restore|verify|check|tmp|temp|beside|pr(?:ü|ue)f|probe|(?:^|[_-])(?:new|neu|nou|nuev|nuov|copy|kopie)|\0/i;

function overLive(looked: Looked): Hit[] {
  return looked.commands.flatMap((command): Hit[] => {
    if (!restores(command)) return [];
    const database = databaseOf(command);
    const where = database === null || database.includes('\0') ? 'the database' : `"${database}"`;
    const dropped = database === null ? -1 : droppedAt(looked, database);
    const made = looked.commands.some((each) => each.name === 'createdb' && each.from < command.from && database !== null && each.args.includes(database));
    const isAside = database !== null && aside.test(database);
    if (dropped !== -1 && dropped < command.from) return [{ from: command.from, to: command.to, message: `${where} is dropped before it is known whether the copy can be read; where one session is connected, the dump is poured into the old one.`, fix: 'Restore into a new database, compare it with what is expected, and swap the names.' }];
    if (made || isAside || (database === null && command.name === 'pg_restore')) return [];
    return [{ from: command.from, to: command.to, message: `This restores into ${where} as it is: objects are there already, and rows are doubled or refused.`, fix: 'Restore into a new database, compare it with what is expected, and swap the names.' }];
  });
}

export const backupRules = [
  ofCommands({
    id: 'pg-restore-plain', title: 'pg_restore on a plain dump', class: 'wrong', versions: null, names: 'pg_restore',
    explanation: 'pg_restore reads the formats custom, directory and tar. A plain file of statements it refuses ("input file appears to be a text format dump"), and nothing is restored.',
    args: /\.sql\b(?!\.)/, message: 'pg_restore does not read plain dumps: it refuses this file, and nothing was looked at.', fix: 'Make dumps by pg_dump -Fc. A plain one is read by psql with ON_ERROR_STOP, and ends with the line "PostgreSQL database dump complete".',
  }),
  ofCommands({
    id: 'target-time', title: 'pg_restore has no point in time', class: 'wrong', names: 'pg_restore', args: /--(?:target|recovery-target)-(?:time|xid|lsn|name)/,
    explanation: 'pg_restore reads dumps. Going back to a point in time is done by the server, for the whole cluster and not for one database, from a base backup and the WAL since then.',
    message: 'pg_restore has no such option, and it cannot read a base backup. A point in time is of the whole cluster.', fix: 'Keep a copy of the old data folder, copy the base backup, set restore_command and recovery_target_time (with its zone), create recovery.signal, and start the server on another port to look.',
  }),
  define({
    id: 'restore-over-live', title: 'A restore over what is in use', class: 'wrong', languages: ['sh', 'yaml'],
    explanation: 'What is there is lost or mixed before anybody knows whether the copy is good. A restore beside it can be compared, swapped, and taken back.',
    look: overLive,
  }),
  define({
    id: 'prune-by-age', title: 'Copies removed by their age alone', class: 'wrong', languages: ['sh', 'yaml'],
    explanation: 'When backups fail for as many days as they are kept, the last good one is deleted. What is removed has to depend on newer copies that were proved, and a number of them always stays.',
    look: (looked) => looked.commands.filter((command) => isPruning(looked, command)).map(({ from, to }) => ({ from, to, message: 'Copies are removed by their age alone: where backups fail for that long, the last good one goes.', fix: 'Remove only after a backup was proved, and always keep a number of the newest.' })),
  }),
  define({
    id: 'prune-before-success', title: 'Old copies removed whether the new one is good or not', class: 'wrong', languages: ['sh'], kinds: ['block'],
    explanation: 'The script goes on when a command fails, so that it removes old copies also after a backup that failed.',
    look: (looked) => looked.shells.flatMap(({ commands }) => {
      if (commands.some(({ name, line }) => name === 'set' && /(?:^| )-\w*e/.test(line))) return [];
      return commands.flatMap((command, at): Hit[] => (isPruning(looked, command) && commands.slice(0, at).some(isMaking) ? [{ from: command.from, to: command.to, message: 'Old copies are removed also where the backup before it failed: nothing stops the script.', fix: 'Begin with set -euo pipefail, check the new copy, and remove behind that.' }] : []));
    }),
  }),
  define({
    id: 'prune-copied-times', title: 'A copy whose age is that of its source', class: 'wrong', languages: ['sh'], kinds: ['block'],
    explanation: 'rsync -a gives the new folder the time of its source: where that did not change for long, find -mtime deletes the copy that was just made.',
    look: (looked) => looked.commands.flatMap((command): Hit[] => {
      if (!isPruning(looked, command) || !/ -exec/.test(` ${command.line}`)) return [];
      const copied = looked.commands.some((each) => each.name === 'rsync' && each.from < command.from && /(?:^| )-\w*[at]/.test(each.line));
      return copied ? [{ from: command.from, to: command.to, message: 'rsync -a keeps the time of the source folder, so that this may delete the copy that was just made.', fix: "Go by the date in the name, or touch the folder after it was copied: find … -mindepth 1 -maxdepth 1 -type d -name 'data_*'." }] : [];
    }),
  }),
  ofCommands({
    id: 'files-by-age', title: 'Files of people removed by their age', class: 'wrong', names: 'find', args: /-(?:mtime|ctime|atime) \+.*(?:-delete|-exec (?:\S*\/)?rm)/,
    explanation: 'What people uploaded is data, no cache: an old file may be needed as much as a new one. Without -type f folders go too.',
    when: (command, looked) => /upload|media|attachment|document|customer|storage\/|\bfiles\//i.test(written(looked, command)) && !/cache|tmp|temp/i.test(written(looked, command)),
    message: 'Files of people are removed by their age, whether something refers to them or not.', fix: 'Remove only what the database no longer names: list and count it first, move it aside for 30 days, then delete.',
  }),
  ofCommands({
    id: 'gzip-test-as-proof', title: 'gzip -t as a proof', class: 'wrong', names: 'gzip gunzip zstd xz bzip2', args: /(?:^| )(?:-\w*t\w*|--test)(?= |$)/,
    explanation: 'It proves that the container can be read. A dump that broke off, or an empty one, is a valid archive of 20 bytes.',
    when: (command, looked) => copies.test(written(looked, command)), message: 'This proves the archive and not what is in it: an empty dump passes.', fix: 'Restore it into a scratch database and count, or at least read its list by pg_restore --list.',
  }),
  define({
    id: 'globals-not-dumped', title: 'Roles are in no dump', class: 'wrong', languages: ['sh'], kinds: ['block'],
    explanation: 'pg_dump saves one database. Roles, their passwords and memberships, and tablespaces are of the cluster: without them a restore on another server fails at the first owner.',
    look: ({ commands, text }) => {
      const dump = commands.find(({ name, line }) => name === 'pg_dump' && !/(?:^| )(?:-[a-zA-Z]*[ts]|--(?:table|schema-only))\b/.test(line));
      const isWhole = text.startsWith('#!') && dump !== undefined && !commands.some(({ name }) => name === 'pg_dumpall');
      return isWhole ? [{ from: dump.from, to: dump.to, message: 'Roles and their rights are in no dump of this script.', fix: 'Add pg_dumpall --globals-only.' }] : [];
    },
  }),
  define({
    id: 'newest-by-name', title: 'A listing as the state of backups', class: 'wrong', languages: ['sh', 'yaml'], kinds: ['block'],
    explanation: 'A listing shows names. The newest entry may be empty, broken off, or a folder that something else touched.',
    look: (looked) => looked.commands.flatMap((command): Hit[] => (command.name === 'ls' && copies.test(written(looked, command)) && /(?:^| )-\w*t/.test(command.line) ? [{ from: command.from, to: command.to, message: 'The newest name is not the newest good backup.', fix: 'Look when the last copy was proved, and compare its size with the one before.' }] : [])),
  }),
  ofCommands({
    id: 'rsync-one-copy', title: 'One copy, written over each time', class: 'wrong', names: 'rsync', kinds: ['block'],
    explanation: 'Each run writes into the copy of the one before: what was damaged or removed at the source is so in the only copy, and other copies that lie in the same folder are mixed with it.',
    when: (command, looked) => {
      const target = command.args.at(-1) ?? '';
      const text = looked.text.slice(command.words.at(-1)?.from ?? command.from, command.to);
      return /backup|\/bak/i.test(target) && !/[$]|\d{4}|date|previous|latest|current/.test(text) && !command.line.includes('--link-dest') && !/backup/i.test(command.args.at(-2) ?? '');
    },
    message: 'The copy is written over by each run, and stands where other copies do.', fix: 'Write into a folder with the date in its name, with --link-dest to the one before.',
  }),
  ofCommands({
    id: 'rsync-back-mixes', title: 'Files put back over what is there', class: 'wrong', names: 'rsync', not: /--delete/,
    explanation: 'Without --delete what came since then stays beside what is put back: the application gets a state that never was. A name like "previous" has to be made by something before.',
    when: (command) => /backup|snapshot|previous/i.test(command.args.at(-2) ?? '') && !/backup|snapshot|:|s3/i.test(command.args.at(-1) ?? '') && !/--dry-run|(?:^| )-\w*n/.test(command.line),
    message: 'What came since the copy stays beside what is put back.', fix: 'Put it back beside, from a copy with its date in the name, compare, and swap the folders.',
  }),
  ofCommands({
    id: 'tar-of-secrets', title: 'Settings with secrets in a readable archive', class: 'wrong', names: 'tar', kinds: ['block'],
    explanation: 'Settings hold passwords and keys. The archive is readable for all of the host, and travels with the backups.',
    args: /^-{0,2}\w*c/, when: (command, looked) => /(?:^|[\s/])(?:etc\/|config\/|\.env)/.test(written(looked, command)) && !looked.mentions(/umask/) && !/\|\s*(?:\\\s*)?(?:age|gpg|openssl)\b/.test(looked.text.slice(command.to, command.to + 60)),
    message: 'The archive holds the secrets of the settings, and everybody on the host can read it.', fix: 'Write umask 077 before it, and encrypt it: tar … | age -r KEY > file.',
  }),
  ofCommands({
    id: 'openssl-enc', title: 'Encryption by openssl enc', class: 'wrong', names: 'openssl', args: /^enc\b/,
    explanation: 'Without -pbkdf2 the key is derived in a way that is deprecated; without -pass it asks on the terminal and fails unattended; what comes out is not authenticated, so that a change of it is not seen.',
    message: ({ line }) => `openssl enc ${/-pbkdf2/.test(line) ? '' : 'derives its key in a way that is deprecated, '}${/-pass\b/.test(line) ? '' : 'asks for a passphrase on the terminal, '}and does not see that something was changed.`, fix: 'Encrypt to a recipient: age -r KEY, or gpg --encrypt --recipient.',
  }),
  ofCommands({
    id: 'upload-unchecked', title: 'An upload that nobody looks at', class: 'wrong', names: 'aws rclone gsutil scp azcopy', kinds: ['block'],
    args: /(?:^| )(?:s3 (?:cp|sync|mv)|copy|sync|cp|rsync)(?= |$)/,
    explanation: 'Where it fails, the script goes on, and there is no second copy although everybody believes in one.',
    when: (command, looked) => {
      const text = written(looked, command);
      const own = looked.shells.find(({ from, to }) => command.from >= from && command.from <= to);
      return copies.test(text) && !own?.commands.some(({ name, line }) => name === 'set' && /(?:^| )-\w*e/.test(line)) && !/^\s*(?:\|\||&&)/.test(looked.text.slice(command.to, command.to + 5));
    },
    message: 'Nothing looks whether the copy arrived, and nothing stops where it did not.', fix: 'Begin with set -euo pipefail, and compare size and checksum at the other end.',
  }),
  ofCommands({
    id: 'restore-runs-meta', title: 'A dump from elsewhere may run commands here', class: 'wrong', names: 'psql', kinds: ['block'],
    explanation: 'psql runs \\! and \\copy of the file that it reads, on the computer of whoever restores. Dumps of pg_dump 13.22, 14.19, 15.14, 16.10, 17.6 and later begin with \\restrict, which prevents that.', versions: 'dumps without \\restrict: before PostgreSQL 13.22, 14.19, 15.14, 16.10 and 17.6',
    when: (command) => plainRestore(command) && !/(?:^| )(?:-f|--file)/.test(command.line),
    message: 'What the file says behind a backslash is run on this computer.', fix: 'Use dumps of pg_dump -Fc, or look that the file begins with \\restrict.',
  }),
  define({
    id: 'psql-goes-on', title: 'psql goes on after an error', class: 'wrong', languages: ['sh', 'yaml'],
    explanation: 'psql that reads a file or its input prints errors, goes on, and ends with status 0: half of it was done, and nobody is told.',
    look: (looked) => {
      const sent = new Map<ShellCommand, number>();
      for (const { command, from } of looked.statements) if (command !== null && from > command.to) sent.set(command, (sent.get(command) ?? 0) + 1);
      return looked.commands.flatMap((command): Hit[] => {
        if (command.name !== 'psql' || /ON_ERROR_STOP/i.test(written(looked, command)) || ((sent.get(command) ?? 0) < 2 && !plainRestore(command))) return [];
        return [{ from: command.from, to: command.to, message: 'psql goes on after an error and ends with status 0.', fix: 'Write psql -X -v ON_ERROR_STOP=1 --single-transaction.', edit: { title: 'Stop at the first error', text: 'psql -X -v ON_ERROR_STOP=1 --single-transaction', from: command.nameFrom, to: command.nameFrom + 4 } }];
      });
    },
  }),
];
