/** The commands of a script, as rules look at them: without what only runs them, with what feeds them, and where they stand. */
import { lexShell } from '#shared/domain/runbook/shell-lexer.ts';
import type { Word } from '#shared/domain/runbook/shell-words.ts';

export interface ShellCommand {
  /** Without its folder, and without sudo and their like: "psql". Empty where it is known only when it runs. */
  name: string;
  /** Words behind the name, without quotes; what is known only when it runs is `\0`. */
  args: readonly string[];
  /** The arguments, one space between two, with `…` for what is known only when it runs. */
  line: string;
  /** The same words with their quotes, as they stand there. */
  words: readonly Word[];
  /** The script that it belongs to, as written. */
  raw: string;
  from: number;
  to: number;
  /** Where its name stands, without what runs it. */
  nameFrom: number;
  /** What stands before the pipe that feeds it, as written. */
  feed: string | null;
  /** Here-documents and their like, by offsets. */
  inputs: readonly { from: number; to: number }[];
  /** Whether its input is a file: `< file`. */
  readsFile: boolean;
  /** Words in front that run it, as in "sudo -u postgres". */
  runner: string;
  /** Values that are given to it alone: "PGHOST". */
  assigns: readonly string[];
}

export interface ShellPart {
  commands: readonly ShellCommand[];
  /** Variables that the script reads: where, and whether something else stands in for an empty one. */
  uses: readonly { name: string; from: number; to: number; guarded: boolean; glued: boolean }[];
  assigned: readonly { name: string; from: number }[];
  from: number;
  to: number;
}

const runners: ReadonlySet<string> = new Set(['sudo', 'doas', 'env', 'nohup', 'exec', 'command', 'nice', 'ionice', 'stdbuf', 'time', 'timeout', 'setsid', 'xargs', 'npx']);
/** Letters of their options that take the next word. */
const withValue: Readonly<Record<string, string>> = { sudo: 'ughpCDRTrt', doas: 'uC', env: 'uCS', exec: 'a', nice: 'n', ionice: 'cnp', stdbuf: 'ioe', time: 'fo', timeout: 'ks', xargs: 'adEILnPs', npx: 'pc' };
const baseOf = (text: string): string => text.slice(text.lastIndexOf('/') + 1);

/** The place of the word that names what is run. */
function namedAt(texts: readonly string[]): number {
  let at = 0;
  let isTimeout = false;
  let runner = '';
  while (at < texts.length) {
    const word = texts[at] ?? '';
    const name = baseOf(word);
    if (/^[A-Za-z_]\w*\+?=/.test(word)) at += 1;
    else if (runners.has(name)) {
      isTimeout = name === 'timeout';
      runner = name;
      at += 1;
    } else if (at > 0 && word.startsWith('-') && word !== '-') at += word.length === 2 && withValue[runner]?.includes(word.charAt(1)) === true ? 2 : 1;
    else if (isTimeout && /^\d/.test(word)) {
      isTimeout = false;
      at += 1;
    } else break;
  }
  return at;
}

/** Whether `< file` stands between or behind the words. */
export function readsFile(source: string, words: readonly Word[]): boolean {
  const last = words.at(-1)?.to ?? 0;
  const behind = /^[^\n;|&]*/.exec(source.slice(last, last + 300))?.[0] ?? '';
  const between = words.slice(1).map(({ from }, at) => source.slice(words[at]?.to ?? from, from));
  return [...between, behind].some((gap) => /(?<!<)<(?![<(&])\s*(?!\/dev\/null\b)\S/.test(gap.replace(/\s#.*$/, '')));
}

/** @param base where the text begins in what the offsets are of */
export function shellPart(source: string, base: number): ShellPart {
  const { commands, uses, assigned } = lexShell(source);
  return {
    from: base,
    to: base + source.length,
    assigned: assigned.map(({ name, from }) => ({ name, from: from + base })),
    uses: uses.flatMap(({ kind, name, from, to, context }) => {
      if (kind !== 'variable' || context === 'comment' || context === 'single' || context === 'quoted-heredoc') return [];
      const text = source.slice(from, to);
      const isGlued = /[\w./]/.test(source[from - 1] ?? '') || /[\w./]/.test(source[to] ?? '');
      return [{ name, from: from + base, to: to + base, guarded: /^\$\{\w+:?[-=+?]/.test(text), glued: isGlued }];
    }),
    commands: commands.flatMap(({ words, inputs, feed }) => {
      const texts = words.map(({ text }) => text);
      const at = namedAt(texts);
      const [first] = words;
      const last = words.at(-1);
      if (first === undefined || last === undefined) return [];
      const args = texts.slice(at + 1);
      return [{
        name: baseOf(texts[at] ?? '').replaceAll('\0', ''),
        args,
        line: args.join(' ').replaceAll('\0', '…'),
        words: words.map((word) => ({ ...word, from: word.from + base, to: word.to + base })),
        raw: source.slice(first.from, last.to),
        from: first.from + base,
        to: last.to + base,
        nameFrom: (words[at]?.from ?? first.from) + base,
        feed: feed === null ? null : source.slice(feed.from, feed.to),
        inputs: inputs.map(({ from, to }) => ({ from: from + base, to: to + base })),
        readsFile: readsFile(source, words),
        runner: texts.slice(0, at).filter((text) => !text.includes('=')).join(' '),
        assigns: texts.slice(0, at).flatMap((text) => /^([A-Za-z_]\w*)\+?=/.exec(text)?.[1] ?? []),
      }];
    }),
  };
}
