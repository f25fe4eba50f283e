/** What a script of several commands does with what fails, with what is not there, and with what it says. */
import { lexShell, type Command } from '#shared/domain/runbook/shell-lexer.ts';
import { define } from './define.ts';
import type { Looked } from './looked.ts';
import type { ShellPart } from './shell-parts.ts';
import type { Hit } from './types.ts';

/** Commands whose failing in front of a pipe loses nothing. */
const harmlessInFront: ReadonlySet<string> = new Set(['echo', 'printf', 'cat', 'yes', 'true', 'ls', 'head', 'tail', 'sort', 'cut', 'tr', 'grep', 'sed', 'awk', 'uniq', 'wc', 'ps', 'df', 'du', 'free', 'dmesg', 'jq', 'xargs', 'find', 'log_message', 'date', 'env', 'top', 'uptime', 'apt', 'journalctl']);
/** What keeps or cuts what it is fed: whether all of it came is not seen by it. */
const hides: ReadonlySet<string> = new Set(['gzip', 'zstd', 'xz', 'bzip2', 'pigz', 'tee', 'head', 'tail', 'openssl', 'gpg', 'age', 'aws', 'psql', 'ssh', 'cat', 'split', 'dd']);

/** What stands before a pipe and may fail without a word. */
export function lostStatus(script: string, commands: readonly Pick<Command, 'feed'>[]): { from: number; to: number } | null {
  for (const { feed } of commands) {
    if (feed === null) continue;
    const before = lexShell(script.slice(feed.from, feed.to)).commands.at(-1)?.words.find(({ text }) => !text.includes('='))?.text;
    if (before !== undefined && !harmlessInFront.has(before)) return feed;
  }
  return null;
}

const setOption = ({ commands }: ShellPart, letter: string): boolean => commands.some(({ name, line }) => name === 'set' && new RegExp(`(?:^| )-\\w*${letter}`).test(line));
const isScript = ({ text }: Looked): boolean => /^\s*#!/.test(text);
const environment: ReadonlySet<string> = new Set(['HOME', 'PATH', 'USER', 'LOGNAME', 'PWD', 'OLDPWD', 'SHELL', 'HOSTNAME', 'LANG', 'TMPDIR', 'RANDOM', 'SECONDS', 'LINENO', 'EUID', 'UID', 'PPID', 'IFS', 'REPLY', 'BASH_SOURCE', 'FUNCNAME', 'OPTARG', 'OPTIND', 'TERM', 'EDITOR', 'DISPLAY', 'PIPESTATUS', 'XDG_RUNTIME_DIR']);

/** Variables that a script reads and gives no value. */
function unknownIn(part: ShellPart, text: string): ShellPart['uses'] {
  const named = new Set([...part.assigned.map(({ name }) => name), ...environment]);
  const declared = new Set([...text.matchAll(/\b(?:read|local|declare|export|readonly|for|mapfile|readarray|getopts)\b([^\n;|&]*)/g)].flatMap(([, words = '']) => words.match(/[A-Za-z_]\w*/g) ?? []));
  return part.uses.filter(({ name, guarded }) => !guarded && !named.has(name) && !declared.has(name) && /^[A-Z][A-Z0-9_]*$/.test(name));
}

const said = ({ name, args }: { name: string; args: readonly string[] }): string => (name === 'echo' || name === 'printf' ? args.join(' ') : '');
const claims = /\b(?:complete[d]?|success(?:ful(?:ly)?)?|finished|done|restored)\b/i;

export const scriptRules = [
  define({
    id: 'lost-status', title: 'What fails before a pipe is not seen', class: 'wrong', languages: ['sh', 'yaml'], kinds: ['block'],
    explanation: 'Only the last command of a pipe counts: where a dump fails and gzip succeeds, there is a valid archive of 20 bytes, and "Backup complete".',
    look: ({ shells, text }) => shells.flatMap(({ commands, from, to }) => {
      if (/\bpipefail\b/.test(text.slice(from, to))) return [];
      return commands.flatMap((command): Hit[] => {
        if (command.feed === null || !hides.has(command.name)) return [];
        const before = lexShell(command.feed).commands.at(-1)?.words.find((word) => !word.text.includes('='))?.text.replace(/^.*\//, '');
        if (before === undefined || harmlessInFront.has(before) || before === 'gunzip' || before === 'zcat') return [];
        return [{ from: command.from, to: command.to, message: `Where ${before} fails, ${command.name} succeeds, and nobody is told.`, fix: /dump/.test(before) ? 'Write pg_dump -w -Fc -f FILE.part, then pg_restore --list FILE.part > /dev/null, then mv. For a plain dump set -o pipefail, and look at its last line.' : 'Write set -o pipefail in bash, or to a file first.' }];
      });
    }),
  }),
  define({
    id: 'silent-exit', title: 'A script that ends without a word', class: 'wrong', languages: ['sh'], kinds: ['block'],
    explanation: 'Under set -e the first failure ends the script, and where its output goes to a file nobody sees why.',
    look: (looked) => looked.shells.flatMap((part): Hit[] => {
      if (!isScript(looked) || !setOption(part, 'e') || /\btrap\b[^\n]*\b(?:ERR|EXIT)\b/.test(looked.text)) return [];
      const hidden = />>?\s*"?\$\{?\w*LOG\w*\}?"?\s+2>&1/.exec(looked.text);
      return hidden === null ? [] : [{ from: hidden.index, to: hidden.index + hidden[0].length, message: 'Where this fails the script ends, and what it said is in the file alone.', fix: "Write trap 'echo \"failed in line $LINENO, see $LOG_FILE\" >&2' ERR." }];
    }),
  }),
  define({
    id: 'unset-under-u', title: 'A variable that may not be set', class: 'wrong', languages: ['sh'], kinds: ['block'],
    explanation: 'Under set -u a variable without a value ends the script at once, also in front of ||.',
    look: (looked) => looked.shells.flatMap((part) => (setOption(part, 'u') ? unknownIn(part, looked.text).slice(0, 20).map(({ name, from, to }) => ({ from, to, message: `Where ${name} is not set the script ends here, in spite of ||.`, fix: `Write "\${${name}:-}" and look whether it is empty.` })) : [])),
  }),
  define({
    id: 'undefined-variable', title: 'A variable that nothing sets', class: 'wrong', languages: ['sh'], kinds: ['block'],
    explanation: 'It is empty, so that the path is another one: "_.sql.gz" is copied, or a folder too high is removed.',
    look: (looked) => looked.shells.flatMap((part) => (setOption(part, 'u') ? [] : unknownIn(part, looked.text).filter(({ glued, from, to }) => glued || /["/]/.test(looked.text[from - 1] ?? '') || looked.text[to] === '/').slice(0, 20).map(({ name, from, to }) => ({ from, to, message: `Nothing in this script sets ${name}: it is empty, and the path is another one.`, fix: 'Set it here, or take it as an argument, and begin with set -u.' })))),
  }),
  define({
    id: 'relative-path', title: 'A path that depends on where one stands', class: 'wrong', languages: ['sh'], kinds: ['block'],
    explanation: 'Started by cron a script stands in the home folder: nothing is found there, or something else is removed.',
    look: (looked) => (isScript(looked) && !looked.commands.some(({ name }) => name === 'cd') ? looked.commands.flatMap(({ name, words, args }): Hit[] => {
      if (!/^(?:find|rm|tar|cp|mv|rsync)$/.test(name)) return [];
      const paths = words.slice(-args.length).filter(({ text }, at) => /^(?:\.\/)?[\w-]+\/[\w./-]*$/.test(text) && args[at - 1]?.startsWith('-') !== true && !text.includes('://'));
      return paths.slice(0, 1).map(({ from, to, text }) => ({ from, to, message: `"${text}" depends on the folder in which the script is started.`, fix: 'Write the whole path, or cd to it first and end where that fails.' }));
    }) : []),
  }),
  define({
    id: 'says-complete-anyway', title: 'Success is printed whatever happened', class: 'wrong', languages: ['sh'], kinds: ['block'],
    explanation: 'Nothing stops the script where a command fails, so that its last line comes in every case.',
    look: (looked) => looked.shells.flatMap((part): Hit[] => {
      const last = part.commands.at(-1);
      if (!isScript(looked) || setOption(part, 'e') || last === undefined || !claims.test(said(last)) || part.commands.length < 3) return [];
      return [{ from: last.from, to: last.to, message: 'This is printed also where something before it failed, and the status is 0.', fix: 'Begin with set -euo pipefail, or say what was looked at.' }];
    }),
  }),
  define({
    id: 'json-by-hand', title: 'JSON put together as a text', class: 'quoting', languages: ['sh'], kinds: ['block'],
    explanation: 'A quote, a blank or a line end in a value breaks it.',
    look: ({ text, commands }) => commands.flatMap(({ inputs }) => inputs).flatMap(({ from, to }): Hit[] => {
      const found = /^\s*\{[\s\S]*?"[\w-]+"\s*:\s*"?(\$\((?!\())/.exec(text.slice(from, to));
      return found === null ? [] : [{ from: from + found[0].length - 2, to: from + found[0].length, message: 'What the command prints is pasted into JSON as it is.', fix: 'Write jq -n --arg name "$value" \'{name: $name}\', or let Postgres make it by json_build_object.' }];
    }),
  }),
  define({
    id: 'whole-log', title: 'The whole log for one day', class: 'wrong', languages: ['sh'], kinds: ['block'],
    explanation: 'The command looks at all of the file, also at what is of last month.',
    look: ({ commands, text }) => commands.flatMap((command, at): Hit[] => {
      if (!/^(?:grep|awk|tail|cat)$/.test(command.name) || !/\.log\b/.test(command.line) || /date|\$\(|since|today/i.test(command.raw)) return [];
      const before = commands[at - 1];
      const told = `${before === undefined ? '' : said(before)}\n${text.slice(Math.max(0, command.from - 120), command.from).split('\n').findLast((line) => line.trim().startsWith('#')) ?? ''}`;
      return /\blast \d+ (?:hours?|days?)\b|\btoday\b|\bheute\b/i.test(told) && before?.feed === null ? [{ from: command.from, to: command.to, message: 'This looks at the whole file, and not at the time that it says.', fix: 'Write journalctl --since, or read the time of each line.' }] : [];
    }),
  }),
  define({
    id: 'awk-divides', title: 'A division by nothing', class: 'wrong', languages: ['sh', 'yaml'], kinds: ['step', 'block'],
    explanation: 'Without a line that fits the number is 0, and awk ends with an error.',
    look: ({ commands }) => commands.flatMap(({ name, raw, from, to }): Hit[] => {
      const divided = name.endsWith('awk') ? /\bEND\s*\{([^}]*\/\s*(count|n|NR|cnt|num|total)\b[^}]*)/.exec(raw) : null;
      return divided === null || new RegExp(`if\\s*\\(|\\?|\\b${divided[2]}\\s*>\\s*0`).test(divided[1] ?? '') ? [] : [{ from, to, message: 'Where no line fits this divides by 0.', fix: 'Write END { if (n > 0) print sum / n }.' }];
    }),
  }),
  define({
    id: 'bytes-as-time', title: 'Field 10 of an access log is bytes', class: 'wrong', languages: ['sh', 'yaml'], kinds: ['step', 'block'],
    explanation: 'The combined format has no time that a request took: its tenth field is the number of bytes.',
    look: ({ commands }) => commands.flatMap(({ name, raw, from, to, feed }): Hit[] => (name.endsWith('awk') && /\$10\b/.test(raw) && /access\S*log/.test(`${feed ?? ''} ${raw}`) && !/bytes/i.test(raw) ? [{ from, to, message: 'Field 10 is the number of bytes, and no time.', fix: 'Add $request_time to the format of the log, and read that field.' }] : [])),
  }),
];
