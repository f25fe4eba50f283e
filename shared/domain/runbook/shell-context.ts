/**
 * Values in a script of sh or bash. They become variables, assigned in front and quoted, and `{{ order_id }}` stands for
 * `"${order_id}"`: no text of a value is ever read by the shell as part of the script. Where it would reach somebody who
 * runs what he reads, or stands for nothing, it is refused. Pure.
 */
import type { Value } from './definition.ts';
import { codeOf } from './shell-code.ts';
import { lexShell, type Script } from './shell-lexer.ts';
import type { ShellContext, Use } from './shell-words.ts';
import { problemsOfTemplate, templateParts, valueName } from './template.ts';

export type { ShellContext, Use } from './shell-words.ts';

const declaring: ReadonlySet<string> = new Set(['declare', 'typeset', 'local', 'export', 'readonly']);

/** Whether it has variables that are numbers to bash: whatever one of them is given, also by a loop or a `read`, is read as a formula. */
const hasIntegers = ({ commands }: Pick<Script, 'commands'>): boolean => commands.some(({ words }) => words.some(({ text }) => declaring.has(text)) && words.some(({ text }) => /^-[A-Za-z]*i/.test(text)));

/** A script with what is known of its values. */
function lookAt(script: string): Script {
  const lexed = lexShell(script);
  const { uses } = lexed;
  if (hasIntegers(lexed)) for (const use of uses) if (use.context !== 'comment') use.context = 'arithmetic';
  for (const { span, as } of lexed.commands.flatMap(codeOf)) {
    let low = 0;
    for (let high = uses.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((uses[middle]?.from ?? 0) < span.from) low = middle + 1;
      else high = middle;
    }
    for (let index = low; index < uses.length; index += 1) {
      const use = uses[index];
      if (use === undefined || use.from >= span.to) break;
      const isSafe = use.context === 'comment' || use.context === 'arithmetic' || (use.kind === 'variable' && use.context === 'single');
      if (!isSafe && use.to <= span.to) use.context = as;
    }
  }
  return lexed;
}

/** The values in braces of a script, and where they stand. */
export function shellUses(script: string): readonly Use[] {
  return lookAt(script).uses.filter(({ kind }) => kind === 'template');
}

/** Variables of these names that the author wrote himself: `$order_id`, `${order_id}`, in a formula just `order_id`. */
export function variableUses(script: string, names: ReadonlySet<string>): readonly Use[] {
  return lookAt(script).uses.filter(({ kind, name }) => kind === 'variable' && names.has(name));
}

const places: Readonly<Record<Exclude<ShellContext, 'bare' | 'double' | 'heredoc' | 'comment'>, (use: string, name: string) => string>> = {
  single: (use, name) => `${use} stands in single quotes, in which no shell puts a value. Close them before it: '…'"$${name}"'…', or use double quotes.`,
  'quoted-heredoc': (use) => `${use} stands in a here-document whose word is quoted, so that nothing is put there. Write the word without quotes (<<EOF), or give it by stdin.`,
  arithmetic: (use, name) => `${use} stands where a shell reads a formula, and runs parts of what it finds there. Test it before: case "$${name}" in ''|*[!0-9]*) exit 1 ;; esac, and calculate with a variable of another name.`,
  code: (use, name) => `${use} stands where its text is run by somebody: a shell, a database, awk. Pass it as an argument instead: sh -c '… "$1"' sh "$${name}", psql -v, awk -v, or use a sql step.`,
  expansion: (use, name) => `${use} stands inside \${ } or names the end of a here-document. Take it into a variable first: wanted="$${name}"`,
  escaped: (use) => `${use} comes right behind a backslash or a dollar sign, or where shells do not agree about what is quoted. Write it apart from them.`,
};

/**
 * Why a value cannot stand here; null where it can.
 * @param isList whether it holds several texts: these stand bare, as whole words, alone
 */
export function whyNotHere(use: Pick<Use, 'name' | 'kind' | 'filter' | 'context' | 'whole'>, isList = false): string | null {
  const { name, kind, filter, context, whole } = use;
  const said = kind === 'variable' ? `$${name}` : `{{ ${name}${filter === null ? '' : ` | ${filter}`} }}`;
  if (filter === 'ident') return `${said} is for sql steps. In a script write {{ ${name} }}.`;
  if (context === 'comment' || filter === 'raw') return null;
  if (context !== 'bare' && context !== 'double' && context !== 'heredoc') return places[context](said, name);
  if (!isList) return null;
  if (kind === 'variable') return `${said} is a list, which is no variable. Write {{ ${name} }} where its words are to stand.`;
  return context === 'bare' && whole ? null : `${said} is a list. It can only stand by itself, without quotes, where words of a command stand.`;
}

/** Names in small letters that programs look at by themselves. */
const taken: ReadonlySet<string> = new Set(['http_proxy', 'https_proxy', 'ftp_proxy', 'all_proxy', 'no_proxy', 'rsync_proxy', 'auto_resume', 'histchars', 'path', 'cdpath', 'fpath', 'manpath', 'status', 'argv', 'prompt', 'term', 'home', 'user', 'shell', 'pilothouse']);

/** Why a value of this name cannot be a variable of a shell; null where it can. */
export function whyNoVariable(name: string): string | null {
  if (!valueName.test(name)) return `"${name}" cannot be the name of a variable: that begins with a small letter, and has small letters, digits and _.`;
  return taken.has(name) ? `"${name}" is a variable that programs look at by themselves. Call the value something else.` : null;
}

/** A text that a shell takes as it is. */
const quoted = (text: string): string => (/^[A-Za-z0-9_@%+:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);

/** Characters of a script that is looked at. */
const longest = 100_000;

export interface CompiledScript {
  /** Assignments, one a line; empty where there is nothing to assign. */
  prelude: string;
  body: string;
}

/** Names of the words of a list. */
const wordName = (name: string, index: number): string => `pilothouse_${name}_${index + 1}`;

/**
 * Puts values into a script: those that it uses are assigned in the prelude, and `body` names them. `{{ x | raw }}` is
 * pasted as it is. A `fault` says why it cannot be done.
 */
export function compileScript(script: string, values: Readonly<Record<string, Value>>): CompiledScript | { fault: string } {
  if (script.length > longest) return { fault: `The script is longer than ${longest} characters. Keep it in a file on the host, and call that.` };
  const fault = problemsOfTemplate(script)[0];
  if (fault !== undefined) return { fault: fault.message };
  const { uses, assigned } = lookAt(script);
  const known = (name: string): Value | undefined => (Object.hasOwn(values, name) ? values[name] : undefined);
  const assigns = new Map<string, string>();
  const replaced = new Map<number, string>();
  for (const use of uses) {
    const { name, kind, filter, context, from } = use;
    const value = known(name);
    if (kind === 'variable' && (value === undefined || context === 'comment')) continue;
    const isNumber = typeof value === 'number' || typeof value === 'boolean';
    const why = kind === 'variable' && context === 'arithmetic' && isNumber ? null : whyNotHere(use, typeof value === 'object');
    if (why !== null) return { fault: why };
    if (context === 'comment' && filter === null) {
      replaced.set(from, name);
      continue;
    }
    if (value === undefined) return { fault: `"${name}" has no value.` };
    const words = typeof value === 'object' ? value : [String(value)];
    if (words.some((word) => word.includes('\0'))) return { fault: `"${name}" has a NUL character in it, which no shell can hold.` };
    if (filter === 'raw') {
      replaced.set(from, words.join(' '));
      continue;
    }
    const named = whyNoVariable(name);
    if (named !== null) return { fault: named };
    if (typeof value === 'object') {
      words.forEach((word, index) => assigns.set(wordName(name, index), quoted(word)));
      replaced.set(from, words.map((_, index) => `"\${${wordName(name, index)}}"`).join(' '));
    } else {
      assigns.set(name, quoted(String(value)));
      if (kind === 'template') replaced.set(from, context === 'bare' ? `"\${${name}}"` : `\${${name}}`);
    }
  }
  const own = assigned.find(({ name }) => assigns.has(name));
  if (own !== undefined) return { fault: `The script gives "${own.name}" a value, and that is the name of one of the runbook's. Call its own variable something else.` };
  const body = templateParts(script).map((part) => (part.kind === 'use' ? (replaced.get(part.from) ?? '') : part.kind === 'braces' ? '{{' : script.slice(part.from, part.to)));
  return { prelude: [...assigns].map(([name, value]) => `${name}=${value}\n`).join(''), body: body.join('') };
}
