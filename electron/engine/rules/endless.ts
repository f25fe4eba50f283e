/** Commands that never end by themselves, or that need a screen: a step would wait for them until its timeout. */
import { define } from './define.ts';
import { shellPart, type ShellCommand } from './shell-parts.ts';
import type { Hit } from './types.ts';

const screens: Readonly<Record<string, string>> = {
  top: 'Write top -b -n 1.',
  htop: 'Write top -b -n 1.',
  atop: 'Write top -b -n 1.',
  btop: 'Write top -b -n 1.',
  iotop: 'Write iotop -b -n 1.',
  watch: 'Write the command by itself, with wait_until in the step.',
  less: 'Write cat, or tail -n 200.',
  more: 'Write cat, or tail -n 200.',
  man: 'Read it beside.',
  vi: 'Write sed -i, or a transfer step.',
  vim: 'Write sed -i, or a transfer step.',
  nano: 'Write sed -i, or a transfer step.',
  emacs: 'Write sed -i, or a transfer step.',
  visudo: 'Write a file and check it by visudo -c -f.',
  screen: 'Write detach: true.',
  tmux: 'Write detach: true.',
  mc: 'Write the commands.',
};

/** Programs that ask for input where they are given none. */
const prompts: Readonly<Record<string, string>> = {
  psql: 'Write psql -c, or a sql step.',
  'redis-cli': 'Write what to ask: redis-cli info.',
  'valkey-cli': 'Write what to ask: valkey-cli info.',
  mysql: 'Write mysql -e.',
  mariadb: 'Write mariadb -e.',
  sqlite3: 'Write a statement behind the file.',
  mongosh: 'Write mongosh --eval.',
  python: 'Write python3 -c, or the name of a script.',
  python3: 'Write python3 -c, or the name of a script.',
  node: 'Write node -e, or the name of a script.',
  bash: 'Write the commands.',
  sh: 'Write the commands.',
  su: 'Write sudo: in the step.',
};
const servers: ReadonlySet<string> = new Set(['redis-server', 'postgres', 'mysqld', 'mongod', 'dockerd']);

function whyEndless(name: string, args: readonly string[], isFed: boolean): { why: string; fix: string } | null {
  const line = args.join(' ');
  const has = (pattern: RegExp): boolean => pattern.test(line);
  const follows = /(?:^| )(?:-[a-zA-Z]*[fF]|--follow(?:=\S+)?)(?= |$)/;
  if (name === 'tail' && has(follows)) return { why: 'never ends', fix: 'Write tail -n 200.' };
  if (name === 'journalctl' && has(/(?:^| )(?:-[a-zA-Z]*f[a-zA-Z]*|--follow)(?= |$)/)) return { why: 'never ends', fix: 'Write journalctl -n 200 --no-pager.' };
  if (/^(?:docker|podman|docker-compose|kubectl|oc)$/.test(name) && has(/(?:^| )logs(?= |$)/) && has(follows)) return { why: 'never ends', fix: 'Write --tail=200 instead of -f.' };
  if (/^(?:docker|podman|kubectl|oc)$/.test(name) && has(/(?:^| )attach(?= |$)/)) return { why: 'never ends', fix: 'Write logs --tail=200.' };
  if (name === 'ping' && !has(/(?:^| )-[a-zA-Z]*[cw]/)) return { why: 'never ends', fix: 'Write ping -c 3.' };
  if (name === 'sleep' && args[0] === 'infinity') return { why: 'never ends', fix: 'Write wait: 10m as a step of its own.' };
  if (name === 'yes' && !isFed && args.length === 0) return null;
  if (servers.has(name) && !has(/--daemonize|--version|--help|(?:^| )-[vVC](?= |$)/)) return { why: 'never ends', fix: 'Start it as a service: systemctl start.' };
  if ((name === 'top' || name === 'iotop' || name === 'atop') && has(/(?:^| )-[a-zA-Z]*b/)) return null;
  if (Object.hasOwn(screens, name)) return name === 'visudo' && has(/(?:^| )-[a-zA-Z]*c/) ? null : { why: 'needs a screen', fix: screens[name] ?? '' };
  if (Object.hasOwn(prompts, name) && !isFed && isPrompting(name, args)) return { why: 'waits for somebody to type', fix: prompts[name] ?? '' };
  return null;
}

/** Whether nothing tells it what to do. */
function isPrompting(name: string, args: readonly string[]): boolean {
  const line = ` ${args.join(' ')}`;
  if (name === 'psql') return !/ (?:-[a-zA-Z]*[cflVL?]|--(?:command|file|list|version|help))/.test(line);
  if (name === 'mysql' || name === 'mariadb') return !/ (?:-[a-zA-Z]*[eV]|--(?:execute|version|help))/.test(line);
  if (name === 'su') return !/ (?:-c|--command)/.test(line);
  if (name === 'sqlite3') return args.filter((word) => !word.startsWith('-')).length < 2 && !line.includes(' -version');
  if (name === 'redis-cli' || name === 'valkey-cli') return args.filter((word, index) => !word.startsWith('-') && !/^-[hpanus]$/.test(args[index - 1] ?? '')).length === 0 && !/ --(?:version|help|stat|bigkeys|pipe|eval|rdb)/.test(line);
  return args.length === 0;
}

/** What of these commands does not end; its place is the name of the command. */
function endlessOf(commands: readonly ShellCommand[]): Hit[] {
  return commands.flatMap(({ name, args, inputs, feed, readsFile, runner, nameFrom }) => {
    // What `timeout` runs ends.
    const found = /(?:^| )timeout(?: |$)/.test(runner) ? null : whyEndless(name, args, inputs.length > 0 || feed !== null || readsFile);
    if (found === null) return [];
    const text = [name, ...args.slice(0, 1)].join(' ').replaceAll('\0', '…');
    return [{ from: nameFrom, to: nameFrom + name.length, message: `"${text}" ${found.why}, so that the step would not end before its timeout. ${found.fix}`, fix: found.fix }];
  });
}

/** What of a script does not end. */
export const endlessIn = (script: string): Hit[] => endlessOf(shellPart(script, 0).commands);

export const endlessRules = [
  define({
    id: 'endless',
    title: 'A command that never ends, or that needs a screen',
    explanation: 'A step waits for its command until its timeout. What follows a file, fills a screen or waits for somebody to type is written so that it shows what there is and ends.',
    class: 'endless',
    languages: ['sh', 'yaml'],
    look: ({ commands }) => endlessOf(commands),
  }),
];
