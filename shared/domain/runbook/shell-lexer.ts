/**
 * Where things are in a script of sh or bash: its commands with their words, here-documents and pipes. It runs nothing and
 * judges nothing; `shell-context.ts` does. Pure.
 * Source: "Shell Grammar" of POSIX, and the manual of bash for what that adds.
 */
import { templateParts } from './template.ts';
import { deepest, endsWord, giveUp, startOf, wordReader, type Use, type Word } from './shell-words.ts';

export interface Span {
  from: number;
  to: number;
}

export interface Command {
  words: Word[];
  /** What it reads instead of its input: here-documents, here-strings, `<( … )`. */
  inputs: Span[];
  /** What writes to its input: what stands before a `|`, of it or of the loop or brackets around it. */
  feed: Span | null;
}

export interface Script {
  uses: readonly Use[];
  commands: readonly Command[];
  /** Names that the script gives a value to, and where. */
  assigned: readonly { name: string; from: number }[];
}

/** After these a command begins. */
const reserved: ReadonlySet<string> = new Set(['if', 'then', 'else', 'elif', 'fi', 'do', 'done', 'while', 'until', '!', '{', '}', 'time']);
const opens: ReadonlySet<string> = new Set(['if', 'while', 'until', 'for', 'select', '{']);
const closes: ReadonlySet<string> = new Set(['fi', 'done', '}']);

/** Lexes a script. */
export function lexShell(source: string): Script {
  const cursor = startOf(source);
  const commands: Command[] = [];
  const assigned: { name: string; from: number }[] = [];
  const pending: { delimiter: string; quoted: boolean; tabs: boolean; command: Command }[] = [];
  const read = wordReader(cursor, (close) => list(close, null));
  const startsWith = (text: string): boolean => source.startsWith(text, cursor.at) && cursor.at + text.length <= cursor.end;
  const isEsac = (): boolean => /^esac(?!\w)/.test(source.slice(cursor.at, cursor.at + 5));

  /** What a here-document says stands after the line on which it is asked for. */
  function heredocs(): void {
    for (const { delimiter, quoted, tabs, command } of pending.splice(0)) {
      const from = cursor.at;
      let close = source.length;
      let after = source.length;
      for (let start = from; start < source.length; ) {
        const found = source.indexOf('\n', start);
        const stop = found === -1 ? source.length : found;
        if (source.slice(start, stop).replace(tabs ? /^\t+/ : '', '') === delimiter) {
          close = start;
          after = Math.min(source.length, stop + 1);
          break;
        }
        start = stop + 1;
      }
      command.inputs.push({ from, to: close });
      read.heredoc(close, quoted);
      cursor.at = after;
    }
  }

  function space(): void {
    for (;;) {
      if (startsWith(' ') || startsWith('\t')) cursor.at += 1;
      else if (startsWith('\\\n')) cursor.at += 2;
      else return;
    }
  }
  function newLine(): void {
    cursor.at += 1;
    heredocs();
  }
  function comment(): void {
    while (cursor.at < cursor.end && !startsWith('\n')) if (!read.braces('comment')) cursor.at += 1;
  }
  function spaceAndLines(): void {
    for (space(); cursor.at < cursor.end; space()) {
      if (startsWith('\n')) newLine();
      else if (startsWith('#')) comment();
      else return;
    }
  }

  function nested(close: ')' | ';;', feed: Span | null): void {
    if (cursor.depth >= deepest) {
      giveUp(cursor);
      return;
    }
    cursor.depth += 1;
    list(close, feed);
    cursor.depth -= 1;
  }

  function redirect(command: Command): void {
    if (startsWith('<(') || startsWith('>(')) {
      const from = cursor.at;
      cursor.at += 2;
      nested(')', null);
      command.inputs.push({ from, to: cursor.at });
      return;
    }
    const operator = /^(?:<<<|<<-?|<>|>>|>\||[<>]&|[<>])/.exec(source.slice(cursor.at, cursor.at + 3))?.[0] ?? '';
    cursor.at += operator.length;
    space();
    if (startsWith('<(') || startsWith('>(')) {
      redirect(command);
      return;
    }
    const target = read.word();
    if (operator === '<<<') command.inputs.push(target);
    if (operator !== '<<' && operator !== '<<-') return;
    read.recast(target.from, target.to, 'expansion');
    pending.push({ delimiter: target.text, quoted: /["'\\]/.test(source.slice(target.from, target.to)), tabs: operator === '<<-', command });
  }

  /** `[[ … ]]` of bash, in which < and ( are signs of its own, and some signs read a formula. */
  function condition(command: Command): void {
    const from = cursor.at;
    let isFormula = false;
    for (spaceAndLines(); cursor.at < cursor.end; spaceAndLines()) {
      if (endsWord.test(source[cursor.at] ?? '')) {
        cursor.at += 1;
        continue;
      }
      const word = read.word();
      command.words.push(word);
      if (word.text === ']]') break;
      isFormula ||= /^-(?:eq|ne|lt|le|gt|ge|v|R)$/.test(word.text);
    }
    if (isFormula) read.recast(from, cursor.at, 'arithmetic');
  }

  /** `case … in a|b) … ;; esac`, from behind its first word. */
  function cases(feed: Span | null): void {
    spaceAndLines();
    read.word();
    spaceAndLines();
    if (startsWith('in')) cursor.at += 2;
    for (spaceAndLines(); cursor.at < cursor.end; spaceAndLines()) {
      if (isEsac()) {
        cursor.at += 4;
        return;
      }
      while (cursor.at < cursor.end && !startsWith(')')) {
        if (endsWord.test(source[cursor.at] ?? '')) cursor.at += 1;
        else read.word();
      }
      cursor.at += 1;
      nested(';;', feed);
    }
  }

  /**
   * `name=( … )` of bash: its words are as any other.
   * @param isArgument it belongs to a command: `let` and `declare -i` read its words as formulas
   */
  function array(isArgument: boolean): void {
    const begin = cursor.at;
    cursor.at += 1;
    for (spaceAndLines(); cursor.at < cursor.end && !startsWith(')'); spaceAndLines()) {
      if (endsWord.test(source[cursor.at] ?? '')) cursor.at += 1;
      else {
        const { from, to, text } = read.word();
        // The place of an array is a formula.
        if (text.startsWith('[')) read.recast(from, to, 'arithmetic');
      }
    }
    cursor.at += 1;
    if (isArgument) read.recast(begin, cursor.at, 'arithmetic');
  }

  /** Commands up to `close`, which is read too (an `esac` is left). Null: to the cursor's end. */
  function list(close: ')' | ';;' | null, fed: Span | null): void {
    const around: { from: number; feed: Span | null }[] = [];
    let from = cursor.at;
    let feed: Span | null = null;
    const feedHere = (): Span | null => feed ?? around.at(-1)?.feed ?? fed;
    const begin = (): Command => ({ words: [], inputs: [], feed: feedHere() });
    let command = begin();
    const finish = (): void => {
      if (command.words.length > 0 || command.inputs.length > 0 || pending.some((each) => each.command === command)) commands.push(command);
    };
    /** Another command, which reads nothing of what stands before. */
    const apart = (skip: number): void => {
      finish();
      cursor.at += skip;
      from = cursor.at;
      feed = null;
      command = begin();
    };
    /** A compound command has ended: what is piped from it is all that it wrote. */
    const leave = (): void => {
      const outer = around.pop();
      from = outer?.from ?? from;
      feed = outer?.feed ?? null;
      command = begin();
    };

    function first(found: Word, raw: string): boolean {
      if (opens.has(raw)) around.push({ from: Math.min(from, found.from), feed: feedHere() });
      if (closes.has(raw)) leave();
      if (raw === 'case') {
        around.push({ from: Math.min(from, found.from), feed: feedHere() });
        cases(feedHere());
        leave();
        return true;
      }
      if (!reserved.has(raw)) return false;
      if (!closes.has(raw)) {
        from = opens.has(raw) ? cursor.at : from;
        feed = opens.has(raw) ? null : feed;
        command = begin();
      }
      return true;
    }

    function word(): void {
      const isFirst = command.words.every(({ text }) => /^[A-Za-z_]\w*\+?=/.test(text));
      const found = read.word();
      const raw = source.slice(found.from, found.to);
      if (isFirst && command.words.length === 0 && first(found, raw)) return;
      const assigns = /^([A-Za-z_]\w*)(?:\[[^\]]*\])?\+?=/.exec(raw);
      if (assigns?.[1] !== undefined) assigned.push({ name: assigns[1], from: found.from });
      if (assigns?.[0] === raw && startsWith('(')) {
        array(!isFirst);
        return;
      }
      // The number of "2>file" is no word.
      if (/^\d+$/.test(raw) && (startsWith('<') || startsWith('>'))) return;
      const last = cursor.uses.at(-1);
      if (last?.from === found.from && last.to === found.to) last.whole = true;
      command.words.push(found);
      if (isFirst && raw === '[[') condition(command);
    }

    function bracket(): void {
      // Also that of a loop: for (( … )).
      if (startsWith('((') && read.arithmetic(2, '))')) return;
      if (command.words.length > 0) {
        // A function, or a pattern that only some shells read.
        cursor.at += 1;
        space();
        if (startsWith(')')) apart(1);
      } else {
        cursor.at += 1;
        nested(')', feedHere());
      }
    }

    for (space(); cursor.at < cursor.end; space()) {
      if (startsWith('\n')) {
        apart(0);
        newLine();
        from = cursor.at;
      } else if (startsWith('#')) comment();
      else if (close === ';;' && (startsWith(';;') || startsWith(';&'))) {
        finish();
        cursor.at += startsWith(';;&') ? 3 : 2;
            return;
      } else if (close === ';;' && command.words.length === 0 && isEsac()) break;
      else if (startsWith(')')) {
        apart(1);
        if (close === ')') {
                return;
        }
      } else if (startsWith('(')) bracket();
      else if (startsWith('&>')) cursor.at += 1;
      else if (startsWith('||') || startsWith('&&')) apart(2);
      else if (startsWith(';') || startsWith('&')) apart(1);
      else if (startsWith('|')) {
        finish();
        feed = { from, to: cursor.at };
        cursor.at += startsWith('|&') ? 2 : 1;
        command = begin();
        spaceAndLines();
      } else if (startsWith('<') || startsWith('>')) redirect(command);
      else word();
    }
    finish();
  }

  list(null, null);
  heredocs();
  // Whatever was not followed is no place for a value.
  if (cursor.unsure) for (const use of cursor.uses) use.context = 'escaped';
  const seen = new Set(cursor.uses.flatMap(({ kind, from }) => (kind === 'template' ? [from] : [])));
  const missed = templateParts(source).flatMap((part): Use[] => (part.kind === 'use' && !seen.has(part.from) ? [{ ...part, kind: 'template', context: 'escaped', whole: false }] : []));
  return { uses: [...cursor.uses, ...missed].toSorted((a, b) => a.from - b.from), commands, assigned };
}
