/** How a rule of the book is written. */
import type { Looked } from './looked.ts';
import type { ShellCommand } from './shell-parts.ts';
import type { Hit, Rule, TextKind } from './types.ts';

export interface BookRule extends Rule {
  /** What it is meant for. */
  kinds: readonly TextKind[];
  /** The majors of Postgres for which it holds; null: all. */
  majors: { from?: number; to?: number } | null;
  look: (looked: Looked) => Iterable<Hit>;
}

type Written = Omit<BookRule, 'versions' | 'kinds' | 'majors' | 'look'> & Partial<Pick<BookRule, 'versions' | 'kinds' | 'majors'>>;

export const define = ({ versions = null, kinds = ['step', 'block'], majors = null, ...rule }: Written & Pick<BookRule, 'look'>): BookRule => ({ ...rule, versions, kinds, majors });

/** A command that is wrong. `args` is looked for in its arguments, one space between two; `not` excuses it. */
interface CommandRule extends Omit<Written, 'languages'> {
  names: string;
  args?: RegExp;
  not?: RegExp;
  /** What else has to hold. */
  when?: (command: ShellCommand, looked: Looked) => boolean;
  message: string | ((command: ShellCommand, looked: Looked) => string);
  fix: string;
  /** What a click writes instead of the whole command, from what is written. */
  edit?: (written: string) => { title: string; text: string } | null;
}

export function ofCommands({ names, args, not, when, message, fix, edit, ...rule }: CommandRule): BookRule {
  const named = new Set(names.split(' '));
  return define({
    ...rule,
    languages: ['sh', 'yaml'],
    look: (looked) => looked.commands.flatMap((command): Hit[] => {
      if (!named.has(command.name) || args?.test(command.line) === false || not?.test(command.line) === true || when?.(command, looked) === false) return [];
      const written = looked.text.slice(command.from, command.to);
      const click = edit?.(written) ?? null;
      return [{ from: command.from, to: command.to, message: typeof message === 'string' ? message : message(command, looked), fix, ...(click === null || click.text === written ? {} : { edit: click }) }];
    }),
  });
}

/** A statement that is wrong: `pattern` is looked for in it in small letters, without strings and comments. */
interface StatementRule extends Omit<Written, 'languages'> {
  pattern: RegExp;
  not?: RegExp;
  when?: (statement: Looked['statements'][number], looked: Looked) => boolean;
  message: string | ((found: RegExpExecArray) => string);
  fix: string;
  /** What a click writes instead of what was found. */
  edit?: (found: RegExpExecArray) => { title: string; text: string };
}

/** Where the first group of a pattern stands, or all that it found. */
function spanOf(found: RegExpExecArray, base: number): { from: number; to: number; text: string } {
  const text = found[1] ?? found[0];
  const from = base + found.index + found[0].indexOf(text);
  return { from, to: from + text.length, text };
}

export function ofStatements({ pattern, not, when, message, fix, edit, ...rule }: StatementRule): BookRule {
  const all = new RegExp(pattern, pattern.flags.includes('g') ? pattern.flags : `${pattern.flags}g`);
  return define({
    ...rule,
    languages: ['sql', 'sh', 'yaml'],
    look: (looked) => looked.statements.flatMap((statement): Hit[] => {
      if (not?.test(statement.plain) === true || when?.(statement, looked) === false) return [];
      return [...statement.plain.matchAll(all)].map((found) => {
        const { from, to } = spanOf(found, statement.from);
        return { from, to, message: typeof message === 'string' ? message : message(found), fix, ...(edit === undefined ? {} : { edit: edit(found) }) };
      });
    }),
  });
}

/** Lines that are wrong, in texts whose structure is their lines. */
interface LineRule extends Written {
  pattern: RegExp;
  when?: (looked: Looked, at: number) => boolean;
  message: string | ((found: RegExpExecArray) => string);
  fix: string;
  edit?: (found: RegExpExecArray) => { title: string; text: string };
}

export function ofLines({ pattern, when, message, fix, edit, ...rule }: LineRule): BookRule {
  return define({
    ...rule,
    look: (looked) => looked.lines.flatMap((line, at): Hit[] => {
      const found = pattern.exec(line.text);
      if (found === null || when?.(looked, at) === false) return [];
      const { from, to } = spanOf(found, line.from);
      return [{ from, to, message: typeof message === 'string' ? message : message(found), fix, ...(edit === undefined ? {} : { edit: edit(found) }) }];
    }),
  });
}
