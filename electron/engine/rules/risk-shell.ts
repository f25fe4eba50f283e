/** What the commands of a script do, also those that other commands run. */
import { lexShell } from '#shared/domain/runbook/shell-lexer.ts';
import { commandRisk } from './risk-commands.ts';
import { sqlRisk } from './risk-sql.ts';
import type { Found } from './risk.ts';
import { readsFile } from './shell-parts.ts';

/** A script within a script within a script. */
const deepest = 6;

/** Commands that run what stands behind them, with those of their options that have a value, and how many words of their own. */
const runners: Readonly<Record<string, { values: string; words?: number }>> = {
  sudo: { values: 'u g h p C D R T r t' },
  doas: { values: 'u C' },
  env: { values: 'u C S' },
  command: { values: '' },
  builtin: { values: '' },
  exec: { values: 'a' },
  nohup: { values: '' },
  setsid: { values: '' },
  time: { values: 'f o' },
  nice: { values: 'n' },
  ionice: { values: 'c n p' },
  chrt: { values: '', words: 1 },
  timeout: { values: 'k s', words: 1 },
  stdbuf: { values: 'i o e' },
  unbuffer: { values: '' },
  chroot: { values: '', words: 1 },
  flock: { values: 'w E', words: 1 },
  runuser: { values: 'u g G s' },
  setpriv: { values: '' },
  xargs: { values: 'a d E I L n P s' },
  parallel: { values: 'j a' },
  watch: { values: 'n' },
  busybox: { values: '' },
  npx: { values: 'p' },
  bunx: { values: '' },
  strace: { values: 'e o p' },
};
const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh']);
const interpreters: ReadonlySet<string> = new Set(['python', 'python3', 'php', 'ruby', 'node']);

/** Letters of options of ssh that take the next word. */
export const sshValues = 'b c D E e F I i J L l m O o p Q R S W w';

const nameOf = (word: string): string => word.slice(word.lastIndexOf('/') + 1);

/** Words behind options; `values` are letters of options that take the next word. */
export function behindOptions(words: readonly string[], values: string): readonly string[] {
  const withValue = new Set(values.split(' '));
  let at = 0;
  while (at < words.length) {
    const word = words[at] ?? '';
    if (word === '--') return words.slice(at + 1);
    if (!word.startsWith('-') || word === '-') break;
    at += word.length === 2 && withValue.has(word.slice(1)) ? 2 : 1;
  }
  return words.slice(at);
}

/** The word behind an option that is written `-c text`, `-lc text` or `--command=text`. */
export function optionText(words: readonly string[], letter: string, long: string): string[] {
  return words.flatMap((word, index) => {
    if (word.startsWith(`--${long}=`)) return [word.slice(long.length + 3)];
    if (word === `--${long}` || new RegExp(`^-[a-zA-Z]*${letter}$`).test(word)) return [words[index + 1] ?? ''];
    return new RegExp(`^-${letter}.`).test(word) ? [word.slice(2)] : [];
  });
}

const isHarmlessPlace = (path: string): boolean => /^(?:\/dev\/(?:null|stdout|stderr|tty|fd\/\d+)|\/tmp\/.*|\/dev\/shm\/.*|&.*|-|\d)$/.test(path);
const isSettings = (path: string): boolean => /^(?:\/etc\/|\/boot\/|\/dev\/(?:sd|nvme|vd|xvd|mapper))/.test(path) || /(?:^|\/)(?:\.env\b|\.pgpass|\.bashrc|\.profile|authorized_keys|pg_hba\.conf|docker-compose\.ya?ml)|\.(?:conf|cnf|ini)$/.test(path);

function writtenTo(path: string, appends: boolean, how: string): Found[] {
  if (path === '' || isHarmlessPlace(path)) return [];
  return [{ risk: isSettings(path) && !appends ? 'destructive' : 'change', what: `${how} ${path.replaceAll('\0', '…')}` }];
}

/** What is no place for a redirection: texts in quotes, what is escaped, comments, formulas and conditions. */
const noCode = /\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|\{\{[^{}\n]*\}\}|\(\([^()\n]*\)\)|\[\[[^\n]{0,500}?\]\]|(?:^|(?<=[\s;&|(]))#[^\n]*|(?<!<)(?:\d*|&)(>{1,2}\|?)[ \t]*("[^"\n]*"|'[^'\n]*'|&?[^\s;&|()<>"']+)/g;

/** Where output goes. `texts` are here-documents, which are not code of this shell. */
function redirections(source: string, texts: readonly { from: number; to: number }[]): Found[] {
  return [...source.matchAll(noCode)].flatMap(({ 1: sign, 2: place, index }) => {
    if (sign === undefined || place === undefined || texts.some(({ from, to }) => index >= from && index < to)) return [];
    const appends = sign.startsWith('>>');
    return writtenTo(place.replace(/^["']|["']$/g, ''), appends, appends ? '>>' : '>');
  });
}

/** What a command reads as its standard input. */
interface Input {
  /** What of it stands in the script. */
  texts: readonly string[];
  /** Whether the rest comes out of a file or another command: what it says nobody can see here. */
  unseen: boolean;
}

const noInput: Input = { texts: [], unseen: false };

/** What runs whatever it is fed: what that does is not known, so that it is not called reading. */
const unseenCode = (name: string, { unseen }: Input): Found[] => (unseen ? [{ risk: 'change', what: `${name} < script` }] : []);

function wordsRisk(words: readonly string[], input: Input, depth: number): Found[] {
  const start = words.findIndex((word) => !/^[A-Za-z_]\w*\+?=/.test(word));
  const [first, ...args] = start === -1 ? [] : words.slice(start);
  if (first === undefined || depth > deepest) return [];
  const name = nameOf(first);
  const script = (texts: readonly string[]): Found[] => texts.flatMap((text) => shellRisk(text, depth + 1));

  const runner = Object.hasOwn(runners, name) ? runners[name] : undefined;
  if (runner !== undefined) {
    if (name === 'command' && (args[0] === '-v' || args[0] === '-V')) return [];
    const inner = behindOptions(args, runner.values);
    return [...script(name === 'runuser' || name === 'flock' ? optionText(args, 'c', 'command') : []), ...wordsRisk(inner.slice(runner.words ?? 0), name === 'xargs' || name === 'parallel' ? noInput : input, depth + 1)];
  }
  if (shells.has(name)) {
    const given = optionText(args, 'c', 'command');
    const isFed = given.length === 0 && (args.includes('-s') || args.every((word) => word.startsWith('-')));
    return [...(isFed ? unseenCode(name, input) : []), ...script([...given, ...input.texts])];
  }
  if (name === 'su') return script(optionText(args, 'c', 'command'));
  // What is made only when it runs may be anything.
  if (name === 'eval') return [...(args.some((word) => word.includes('\0')) ? [{ risk: 'change' as const, what: 'eval' }] : []), ...script([args.join(' ')])];
  if (name === 'trap') return script(args.slice(0, 1));
  if (name === 'ssh') return script([behindOptions(args, sshValues).slice(1).join(' '), ...input.texts]);
  if (name === 'psql' || name === 'pgcli') {
    const file: Found[] = args.some((word) => /^(?:-[a-zA-Z]*f.*|--file.*)$/.test(word)) ? [{ risk: 'change', what: `${name} -f` }] : [];
    const given = optionText(args, 'c', 'command');
    const isFed = given.length === 0 && file.length === 0 && !args.some((word) => word === '-l' || word === '--list');
    return [...file, ...(isFed ? unseenCode(name, input) : []), ...[...given, ...input.texts].flatMap((text) => sqlRisk(text))];
  }
  if (name === 'mysql' || name === 'mariadb' || name === 'sqlite3') {
    const given = [...optionText(args, 'e', 'execute'), ...(name === 'sqlite3' ? args.slice(1) : [])];
    return [...(given.length === 0 ? unseenCode(name, input) : []), ...[...given, ...input.texts].flatMap((text) => sqlRisk(text))];
  }
  if (name === 'tee') return behindOptions(args, '').flatMap((path) => writtenTo(path, args.includes('-a') || args.includes('--append'), 'tee'));
  if (name === 'find') {
    const inner = args.flatMap((word, index) => (/^-(?:exec|ok)(?:dir)?$/.test(word) ? [args.slice(index + 1)] : []));
    return [...commandRisk(name, args), ...inner.flatMap((each) => wordsRisk(each, noInput, depth + 1)).map(({ risk, what }) => ({ risk: /^rm\b/.test(what) ? 'destructive' as const : risk, what: `find -exec ${what}` }))];
  }
  const container = /^(?:docker|podman|docker-compose|kubectl|oc)$/.test(name) ? insideContainer(name, args) : null;
  if (container !== null) return wordsRisk(container, input, depth + 1);
  if (interpreters.has(name) && args.some((word) => nameOf(word) === 'manage.py' || nameOf(word) === 'artisan')) return commandRisk(nameOf(args.find((word) => /manage\.py$|artisan$/.test(word)) ?? ''), args);
  if (name === 'bundle' && args[0] === 'exec') return wordsRisk(args.slice(1), input, depth + 1);
  if (name.startsWith('mkfs.')) return [{ risk: 'destructive', what: name }];
  return commandRisk(name, args);
}

/** What `docker exec`, `docker compose exec` and `kubectl exec` run; null where it is another command. */
export function insideContainer(name: string, args: readonly string[]): readonly string[] | null {
  const at = args.indexOf('exec');
  if (at === -1 || args.slice(0, at).some((word) => !word.startsWith('-') && word !== 'compose' && !(args[args.indexOf(word) - 1] ?? '').startsWith('-'))) return null;
  const dashes = args.indexOf('--', at);
  if (dashes !== -1) return args.slice(dashes + 1);
  return behindOptions(args.slice(at + 1), name === 'kubectl' || name === 'oc' ? 'n c' : 'u w e').slice(1);
}

/** What `echo` and `printf` write into the input of the next command. */
function printed(source: string): string[] {
  return lexShell(source).commands.flatMap(({ words }) => {
    const [first, ...rest] = words.map(({ text }) => text);
    return first === 'echo' || first === 'printf' ? [rest.filter((word) => !/^-[neE]+$/.test(word)).join(' ')] : [];
  });
}

export function shellRisk(source: string, depth = 0): Found[] {
  if (depth > deepest) return [];
  const { commands } = lexShell(source);
  return [
    ...commands.flatMap(({ words, inputs, feed }) => {
      const piped = feed === null ? [] : printed(source.slice(feed.from, feed.to));
      const texts = [...inputs.map(({ from, to }) => source.slice(from, to)), ...piped];
      return wordsRisk(words.map(({ text }) => text), { texts, unseen: readsFile(source, words) || (feed !== null && texts.length === 0) }, depth);
    }),
    ...redirections(source, commands.flatMap(({ inputs }) => inputs)),
  ];
}
