/**
 * Which words of a command somebody else reads as code: shells in shells, clients of databases, awk, sed and their like.
 * It errs to the safe side: a word `sh` anywhere in a command is taken for a shell. Pure.
 * Source: the manuals of these programs, for which of their options take a value.
 */
import type { Command, Span } from './shell-lexer.ts';
import type { Word } from './shell-words.ts';

/** How a program takes code. */
interface Interpreter {
  /** Letters of options that are followed by code. */
  code: string;
  /** Letters of options that are followed by something else. */
  value: string;
  /** Long options that are followed by code, after a space or "=". */
  long: readonly string[];
  /** Long options that are followed by a number of other words. */
  skips?: Readonly<Record<string, number>>;
  /** The first word that is no option is code, unless code came by an option: awk. `all`: every one from that number on, counted from 0. */
  operand?: 'first' | { from: number };
  /** The first word that is no option names what is run. */
  script?: boolean;
  /** Whether it reads code from its input where no word says otherwise. `always`: whatever the words say. */
  input: 'always' | 'without-code' | 'without-operand' | null;
}

const shell: Interpreter = { code: 'c', value: 'oO', long: ['--command'], script: true, input: 'without-operand' };
const python: Interpreter = { code: 'c', value: 'WXm', long: [], script: true, input: 'without-operand' };
const awk: Interpreter = { code: 'e', value: 'Fvf', long: ['--source'], operand: 'first', input: null };
const mysql: Interpreter = { code: 'e', value: 'hPuSDp', long: ['--execute', '--init-command'], input: 'without-code' };
const jq: Interpreter = { code: '', value: 'fL', long: [], skips: { '--arg': 2, '--argjson': 2, '--slurpfile': 2, '--rawfile': 2, '--indent': 1 }, operand: 'first', input: null };
const perl: Interpreter = { code: 'eE', value: 'IMmFCx', long: [], script: true, input: 'without-operand' };
const node: Interpreter = { code: 'ep', value: 'r', long: ['--eval', '--print'], script: true, input: 'without-operand' };

const interpreters: Readonly<Record<string, Interpreter>> = {
  ...Object.fromEntries(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'mksh', 'fish', 'csh', 'tcsh', 'pwsh'].map((name) => [name, shell])),
  ...Object.fromEntries(['su', 'runuser'].map((name): [string, Interpreter] => [name, { code: 'c', value: 'sgGw', long: ['--command', '--session-command'], operand: { from: 1 }, input: 'without-code' }])),
  script: { code: 'c', value: 'EITBOom', long: ['--command'], input: null },
  flock: { code: 'c', value: 'wE', long: ['--command'], input: null },
  psql: { code: 'c', value: 'dfFhLopPRTUvV', long: ['--command'], input: 'without-code' },
  mysql,
  mariadb: mysql,
  sqlite3: { code: '', value: '', long: ['-cmd'], operand: { from: 1 }, input: 'always' },
  mongo: { code: '', value: '', long: ['--eval'], operand: { from: 1 }, input: 'always' },
  mongosh: { code: '', value: '', long: ['--eval'], operand: { from: 1 }, input: 'always' },
  awk,
  gawk: awk,
  mawk: awk,
  nawk: awk,
  sed: { code: 'e', value: 'fl', long: ['--expression'], operand: 'first', input: null },
  gsed: { code: 'e', value: 'fl', long: ['--expression'], operand: 'first', input: null },
  perl,
  ruby: { ...perl, value: 'IrCE', code: 'e' },
  python,
  python2: python,
  python3: python,
  node,
  nodejs: node,
  php: { code: 'rBRE', value: 'dczf', long: ['--run'], script: true, input: 'without-operand' },
  lua: { code: 'e', value: 'l', long: [], script: true, input: null },
  Rscript: { code: 'e', value: '', long: [], script: true, input: null },
  jq,
  yq: jq,
  ed: { code: '', value: 'p', long: [], input: 'always' },
  ex: { code: 'c', value: '', long: ['--cmd'], input: 'always' },
  vim: { code: 'c', value: '', long: ['--cmd'], input: null },
  gdb: { code: '', value: '', long: ['-ex', '-eval-command'], input: 'always' },
  at: { code: '', value: 'fqt', long: [], input: 'always' },
  batch: { code: '', value: '', long: [], input: 'always' },
  crontab: { code: '', value: 'u', long: [], input: 'always' },
  ssh: { code: 'oF', value: 'BbcDEeIiJLlmOPpQRSWw', long: [], operand: { from: 1 }, input: 'always' },
  watch: { code: '', value: 'n', long: [], operand: { from: 0 }, input: null },
  parallel: { code: '', value: 'jN', long: [], operand: { from: 0 }, input: 'always' },
  tmux: { code: '', value: '', long: [], operand: { from: 0 }, input: null },
  screen: { code: '', value: '', long: ['-X'], operand: { from: 0 }, input: null },
  make: { code: '', value: 'Cfj', long: [], operand: { from: 0 }, input: null },
  env: { code: 'S', value: 'Cu', long: ['--split-string'], input: null },
  m4: { code: 'D', value: 'I', long: ['--define'], input: 'always' },
  dc: { code: 'e', value: 'f', long: ['--expression'], input: 'always' },
  gnuplot: { code: 'e', value: '', long: [], input: 'always' },
  expect: { code: 'c', value: 'f', long: [], script: true, input: 'without-operand' },
  tclsh: { code: '', value: '', long: [], script: true, input: 'without-operand' },
  rsync: { code: 'e', value: 'f', long: ['--rsh', '--rsync-path'], input: null },
};

/** Words that stand in commands for other things too: `kubectl get node`, `npm run watch`. They count where they name the command. */
const everyday: ReadonlySet<string> = new Set(['script', 'at', 'batch', 'ed', 'ex', 'watch', 'parallel', 'screen', 'make', 'expect']);

/** Of the shell itself: their words are commands, or formulas whose parts bash runs. */
const builtins: Readonly<Record<string, 'code' | 'arithmetic' | 'names'>> = { eval: 'code', trap: 'code', alias: 'code', source: 'code', '.': 'code', enable: 'code', hash: 'code', compgen: 'code', complete: 'code', let: 'arithmetic', declare: 'names', typeset: 'names', local: 'names', export: 'names', readonly: 'names', unset: 'names', read: 'names', mapfile: 'names', readarray: 'names', getopts: 'names' };

/** What runs the command behind it: their options with a value, and how many words of their own stand before that command. */
const wrappers: Readonly<Record<string, { value: string; words: number }>> = {
  sudo: { value: 'CDghpRrTtUu', words: 0 },
  doas: { value: 'Cu', words: 0 },
  env: { value: 'CSu', words: 0 },
  nohup: { value: '', words: 0 },
  exec: { value: 'a', words: 0 },
  command: { value: '', words: 0 },
  builtin: { value: '', words: 0 },
  busybox: { value: '', words: 0 },
  time: { value: 'fo', words: 0 },
  setsid: { value: '', words: 0 },
  nice: { value: 'n', words: 0 },
  ionice: { value: 'cnp', words: 0 },
  stdbuf: { value: 'ioe', words: 0 },
  timeout: { value: 'ks', words: 1 },
  chroot: { value: '', words: 1 },
  flock: { value: 'wE', words: 1 },
  xargs: { value: 'adEIiLlnPs', words: 0 },
  setpriv: { value: '', words: 0 },
  coproc: { value: '', words: 0 },
  strace: { value: 'aeEoOpPsSuX', words: 0 },
  unshare: { value: '', words: 0 },
  'systemd-run': { value: 'EGHMpu', words: 0 },
};

/** Variables that a shell or another program runs, or finds programs by. */
const runs = /^(?:ENV|BASH_ENV|PS[0-4]|PROMPT_COMMAND|SHELL|IFS|PATH|CDPATH|LD_\w+|DYLD_\w+|EDITOR|VISUAL|PAGER|BROWSER|\w+_(?:COMMAND|ASKPASS|EDITOR|PAGER|RSH)|RSYNC_RSH|NODE_OPTIONS|PYTHON(?:STARTUP|PATH)|PERL5?(?:OPT|LIB|DB)|RUBYOPT|BASHOPTS|SHELLOPTS)\+?=/;
/** Whether a variable of this name is run, or decides what is run. */
export const isRunVariable = (name: string): boolean => runs.test(`${name}=`);

/** Options of programs that are no interpreters, whose value they run. */
const runsOption = /^--?(?:to-command|checkpoint-action|use-compress-program|rsh|exec|eval|execute|command|init-command|session-command|source|expression)=/;

const base = (text: string): string => text.slice(text.lastIndexOf('/') + 1);

export interface CodeFinding {
  span: Span;
  as: 'code' | 'arithmetic';
}

interface Taken {
  code: Word[];
  /** Whether it got code by an option, and whether it has a word that is no option. */
  byOption: boolean;
  operands: number;
}

/** Goes through the options of an interpreter, as getopt would. */
function taken(words: readonly Word[], { code, value, long, skips = {}, operand, script }: Interpreter, isCommand: boolean): Taken {
  const found: Word[] = [];
  const operands: Word[] = [];
  let byOption = false;
  let isShellCommand = false;
  let over = false;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined) break;
    const { text } = word;
    const next = words[at + 1];
    const isOption = !over && /^[-+]./.test(text);
    if (!isOption) {
      // What follows a shell's command are its arguments, and so is what follows its script.
      if (isShellCommand) {
        found.push(word);
        isShellCommand = false;
        over = true;
      } else operands.push(word);
      if (script === true) over = true;
    } else if (text === '--') over = true;
    else if (long.some((name) => text === name || text.startsWith(`${name}=`))) {
      byOption = true;
      if (text.includes('=')) found.push(word);
      else if (next !== undefined) {
        found.push(next);
        at += 1;
      }
    } else if (Object.hasOwn(skips, text)) at += skips[text] ?? 0;
    else if (!text.startsWith('--')) {
      for (let letter = 1; letter < text.length; letter += 1) {
        const sign = text[letter] ?? '';
        const isLast = letter === text.length - 1;
        if (code.includes(sign)) {
          byOption = true;
          if (script === true && code === 'c' && value === shell.value) isShellCommand = true;
          else if (!isLast) found.push(word);
          else if (next !== undefined) {
            found.push(next);
            at += 1;
          }
          if (!isShellCommand) break;
        } else if (value.includes(sign)) {
          // A program in a file.
          byOption ||= operand === 'first' && sign === 'f';
          if (isLast) at += 1;
          break;
        }
      }
    }
  }
  if (operand === 'first' && !byOption && operands[0] !== undefined) found.push(operands[0]);
  if (typeof operand === 'object') found.push(...operands.slice(operand.from));
  // What is run is named by a value: that is as good as code.
  if (isCommand && script === true && !byOption && operands[0]?.text.startsWith('\0') === true) found.push(operands[0]);
  return { code: found, byOption, operands: operands.length };
}

function readsInput({ input }: Interpreter, { byOption, operands }: Taken, words: readonly Word[]): boolean {
  if (input === null) return false;
  if (input === 'always') return true;
  if (byOption) return false;
  // "-" and "-s" say that it comes from there.
  return input === 'without-code' || operands === 0 || words.some(({ text }) => text === '-' || /^-[a-z]*s$/.test(text));
}

/** Where the word is that names what is run, behind assignments and what runs others. */
function namesCommand(words: readonly Word[], start: number): number {
  let at = start;
  while (at < words.length && /^(?:[A-Za-z_]\w*\+?=|-)/.test(words[at]?.text ?? '')) at += 1;
  const name = base(words[at]?.text ?? '');
  const wrapper = Object.hasOwn(wrappers, name) ? wrappers[name] : undefined;
  if (wrapper === undefined) return at;
  // It only says where a program is.
  if (name === 'command' && /^-\w*[vV]/.test(words[at + 1]?.text ?? '')) return at;
  let own = wrapper.words;
  for (at += 1; at < words.length; at += 1) {
    const text = words[at]?.text ?? '';
    if (text.startsWith('-') && text !== '-') {
      if (text === '--') continue;
      if (!text.startsWith('--') && wrapper.value.includes(text.at(-1) ?? '\0')) at += 1;
    } else if (own > 0) own -= 1;
    else return namesCommand(words, at);
  }
  return words.length;
}

function ofBuiltin(words: readonly Word[], at: number): CodeFinding[] {
  const name = words[at]?.text ?? '';
  const rest = words.slice(at + 1);
  const as = Object.hasOwn(builtins, name) ? builtins[name] : undefined;
  if (as === 'code' || as === 'arithmetic') return rest.map((span) => ({ span, as }));
  // bash evaluates the place of an array in the name of a variable, and any value of one that is a number.
  if (as === 'names') return rest.filter(({ text }) => /^[^=]*\0/.test(text) || rest.some((word) => /^-\w*[in]/.test(word.text))).map((span) => ({ span, as: 'arithmetic' }));
  if ((name === 'test' || name === '[' || name === 'printf') && rest.some(({ text }) => /^-[vR]$/.test(text))) return rest.map((span) => ({ span, as: 'arithmetic' }));
  if (name === 'for' || name === 'select' || name === 'function') return rest.slice(0, 1).map((span) => ({ span, as: 'code' }));
  return [];
}

/** The command in a container: `docker exec -u shop web {{ command }}`, `kubectl exec web -- {{ command }}`. */
function inContainer(words: readonly Word[]): Word | undefined {
  const tool = words.findIndex(({ text }) => /^(?:docker|podman|nerdctl|docker-compose|podman-compose|kubectl|oc)$/.test(base(text)));
  const verb = tool === -1 ? -1 : words.findIndex(({ text }, at) => at > tool && (text === 'exec' || text === 'run'));
  if (verb === -1) return undefined;
  const over = words.findIndex(({ text }, at) => at > verb && text === '--');
  if (over !== -1) return words[over + 1];
  let operands = 0;
  for (let at = verb + 1; at < words.length; at += 1) {
    const text = words[at]?.text ?? '';
    if (/^-(?:\w*[eupvwcn]|-(?:env|env-file|user|workdir|volume|publish|name|network|container|namespace|index))$/.test(text)) at += 1;
    else if (!text.startsWith('-')) {
      operands += 1;
      if (operands === 2) return words[at];
    }
  }
  return undefined;
}

/** Whether what `xargs` or `find` puts in a place ends up in code. */
function placesCode(words: readonly Word[], codeWords: readonly Span[]): { fed: boolean; own: boolean } {
  const xargs = words.findIndex(({ text }) => base(text) === 'xargs');
  const behind = xargs === -1 ? [] : words.slice(xargs + 1).map(({ text }) => base(text));
  const fed = behind.some((name) => Object.hasOwn(interpreters, name) || Object.hasOwn(wrappers, name) || Object.hasOwn(builtins, name));
  const own = words.some(({ text }) => base(text) === 'find') && words.some((word) => word.text.includes('{}') && codeWords.includes(word));
  return { fed, own };
}

/** What of a command is code for somebody, and what of its inputs. */
export function codeOf({ words, inputs, feed }: Command): readonly CodeFinding[] {
  const found: CodeFinding[] = [];
  const code = (span: Span): void => void found.push({ span, as: 'code' });
  const named = namesCommand(words, 0);
  const command = words[named];
  // A word that is nothing but a variable may stand for no word at all: then the next one names what is run.
  for (let at = named; words[at]?.text.startsWith('\0') === true; at += 1) {
    code(words[at] ?? { from: 0, to: 0 });
    if (!/^\0+$/.test(words[at]?.text ?? '')) break;
  }
  const contained = inContainer(words);
  if (contained?.text.startsWith('\0') === true) code(contained);
  found.push(...ofBuiltin(words, named));
  let reads = ['source', '.'].includes(command?.text ?? '');
  for (const [at, word] of words.entries()) {
    if (runs.test(word.text) || runsOption.test(word.text)) code(word);
    // The place of an array is a formula.
    if (/^[A-Za-z_]\w*\[[^=]*\0/.test(word.text)) found.push({ span: word, as: 'arithmetic' });
    if (/^-(?:exec|execdir|ok|okdir)$/.test(word.text) && words[at + 1]?.text.startsWith('\0') === true) code(words[at + 1] ?? word);
    if (/^eval(?:sha)?$/i.test(word.text) && words[at + 1] !== undefined) code(words[at + 1] ?? word);
    const name = base(word.text);
    const interpreter = Object.hasOwn(interpreters, name) ? interpreters[name] : undefined;
    const isCommand = at === named || word === contained;
    if (interpreter === undefined || (everyday.has(name) && !isCommand && name !== base(words[0]?.text ?? ''))) continue;
    const rest = words.slice(at + 1);
    const how = taken(rest, interpreter, isCommand);
    how.code.forEach(code);
    reads ||= readsInput(interpreter, how, rest);
    // A process that is substituted is read as a file.
    if (interpreter.script === true && inputs.length > 0 && how.operands === 0) reads = true;
    // What stands behind the command of a shell is its arguments, whatever they are called.
    if (interpreter === shell && how.byOption) break;
  }
  const spans = found.map(({ span }) => span);
  const { fed, own } = placesCode(words, spans);
  if (own) words.forEach(code);
  // What a loop reads ends up in a variable, and that may be in what is run.
  const isFed = reads || fed || words.some((word) => word.text.includes('\0') && spans.includes(word));
  if (reads) inputs.forEach(code);
  if (isFed && feed !== null) code(feed);
  return found;
}
