/** Clients of Postgres that connect elsewhere than meant, ask on a terminal, or print for people. */
import { define, ofCommands } from './define.ts';
import type { ShellCommand } from './shell-parts.ts';
import type { Hit } from './types.ts';

const clients = 'psql createdb dropdb pg_dump pg_restore vacuumdb reindexdb';
const saysWhere = /(?:^| )(?:-h|-U|--host|--username|-[a-zA-Z]*[hU]\S*)(?=[ =]|$)|:\/\/|service=|host=|user=/;
const isSomebody = ({ runner, assigns }: ShellCommand): boolean => /(?:sudo|doas) .*-u/.test(runner) || assigns.some((name) => name.startsWith('PG'));
const isVacuum = /^\s*(?:vacuum|analyze)\b/i;

export const psqlRules = [
  ofCommands({
    id: 'no-connection', title: 'A client without a connection', class: 'wrong', names: clients, kinds: ['block'], not: saysWhere,
    explanation: 'Without a host, a role and a database it takes the name of the user of the system for both, and whatever server answers on this machine: it fails, or works on another database than was backed up.',
    when: (command, { mentions }) => !isSomebody(command) && !mentions(/\bPG(?:HOST|USER|SERVICE|DATABASE)=/) && !/--(?:version|help)|(?:^| )-V(?= |$)/.test(command.line) && !(command.name === 'pg_restore' && /(?:^| )(?:-l|--list)(?= |$)/.test(command.line)),
    message: ({ name }) => `${name} is not told where to connect and as whom.`, fix: 'Name the connection: -h, -U and -d, or a service of pg_service.conf.',
  }),
  ofCommands({
    id: 'peer-postgres', title: 'The role postgres from another user', class: 'wrong', names: clients, args: /(?:^| )(?:-U ?|--username[= ])postgres(?= |$)/, not: /(?:^| )(?:-h|--host)/,
    explanation: 'Over the local socket most installations let in only the user of the system of the same name (peer), so that this fails for everybody else. Where a password is asked for, the command waits on a terminal.',
    kinds: ['block'], when: (command) => !isSomebody(command),
    message: 'Only the user postgres of the system is let in as this role, and without -w a password is asked for on the terminal.', fix: 'Write sudo -n -u postgres, or a role of its own with -w and a .pgpass of mode 0600.',
  }),
  define({
    id: 'unquoted-in-statement', title: 'A value pasted into a statement', class: 'quoting', languages: ['sh', 'yaml'],
    explanation: 'The shell puts the text of the variable into the statement as it is: a name with a blank or a capital letter breaks it, and a text with a semicolon is a statement of its own.',
    look: ({ statements }) => statements.flatMap(({ plain, from, command }): Hit[] => {
      if (command === null) return [];
      const found = /(?<!['\w$])\$\{?[a-z_]\w*\}?/.exec(plain);
      return found === null ? [] : [{ from: from + found.index, to: from + found.index + found[0].length, message: 'The value is pasted into the statement without quotes.', fix: "Give it by psql -v name=VALUE and write :\"name\" or :'name', or let format('%I.%I') make the statement." }];
    }),
  }),
  ofCommands({
    id: 'psql-padded', title: 'psql -t without -A', class: 'quoting', names: 'psql', kinds: ['block'], args: /(?:^| )(?:-[a-zA-Z]*t|--tuples-only)(?= |$)/, not: /(?:^| )(?:-[a-zA-Z]*A[a-zA-Z]*|--no-align|--csv)(?= |$)/,
    explanation: 'Without -A every value is padded with blanks, which are part of what the script reads.',
    when: (command, { text }) => /\$\(\s*$/.test(text.slice(Math.max(0, command.from - 20), command.from)), message: 'The values are padded with blanks.', fix: 'Write psql -At.',
  }),
  define({
    id: 'vacuum-not-owner', title: 'VACUUM skips what it may not', class: 'wrong', languages: ['sh'], kinds: ['block'],
    explanation: 'A table of somebody else is skipped with a warning, and the status is 0: the script says that it was done.',
    look: ({ statements }) => statements.flatMap(({ plain, from, to, command }): Hit[] => (command !== null && isVacuum.test(plain) && /-U|--username/.test(command.line) && !/-U ?postgres/.test(command.line) ? [{ from, to, message: 'Tables of which the role is no owner are skipped with a warning, and the status is 0.', fix: 'Look first whose tables they are, GRANT MAINTAIN (PostgreSQL 17 and later), and take "WARNING: skipping" for a failure.' }] : [])),
  }),
];
