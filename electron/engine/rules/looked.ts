/** A text with its parts, found once for all rules: commands, statements, settings, formulas, lines. */
import { splitStatements, sqlTokens } from '#shared/domain/runbook/sql-text.ts';
import { shellPart, type ShellCommand, type ShellPart } from './shell-parts.ts';
import type { Language, TextKind } from './types.ts';

export interface Statement {
  /** Small letters; strings and comments are blanks, so that offsets stay. Between two words stands one blank or more. */
  plain: string;
  /** As written. */
  raw: string;
  from: number;
  to: number;
  /** The command that sends it; null in SQL by itself. */
  command: ShellCommand | null;
}

/** `name = value` of a file of settings, wherever it stands. */
export interface Setting {
  name: string;
  value: string;
  from: number;
  to: number;
}

export interface Line {
  text: string;
  from: number;
  to: number;
}

export interface Looked {
  text: string;
  language: Language;
  kind: TextKind;
  /** Null: not known. */
  major: number | null;
  lines: readonly Line[];
  shells: readonly ShellPart[];
  commands: readonly ShellCommand[];
  statements: readonly Statement[];
  settings: readonly Setting[];
  /** Formulas of Prometheus. */
  formulas: readonly Line[];
  /** Whether the text has it anywhere; looked for once, however many places ask. */
  mentions: (pattern: RegExp) => boolean;
}

const names: Readonly<Record<string, Language>> = {
  sh: 'sh', bash: 'sh', shell: 'sh', zsh: 'sh', ksh: 'sh', dash: 'sh', console: 'sh', terminal: 'sh', 'shell-session': 'sh', shellsession: 'sh', 'sh-session': 'sh',
  sql: 'sql', postgresql: 'sql', postgres: 'sql', pgsql: 'sql', psql: 'sql', plpgsql: 'sql',
  cron: 'crontab', crontab: 'crontab',
  ini: 'ini', conf: 'ini', cfg: 'ini', toml: 'ini', properties: 'ini', dotenv: 'ini', env: 'ini',
  yaml: 'yaml', yml: 'yaml', nginx: 'nginx', promql: 'promql',
  javascript: 'javascript', js: 'javascript', jsx: 'javascript', mjs: 'javascript', typescript: 'javascript', ts: 'javascript', tsx: 'javascript', node: 'javascript',
  java: 'java', kotlin: 'java', markdown: 'markdown', md: 'markdown',
};

/** "bash {.numberLines}" → `sh`. */
export const languageOf = (said: string): Language => names[/^[\w-]+/.exec(said.trim().toLowerCase())?.[0] ?? ''] ?? 'text';

/** What stands in fences of a document is looked at by itself: its lines are blank. */
function outsideFences(lines: readonly Line[]): Line[] {
  let fence: string | null = null;
  return lines.map((line) => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line.text)?.[1] ?? null;
    const isInside = fence !== null || mark !== null;
    if (fence === null) fence = mark;
    else if (mark?.startsWith(fence) === true) fence = null;
    return isInside ? { ...line, text: '' } : line;
  });
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (let from = 0; from <= text.length; ) {
    const found = text.indexOf('\n', from);
    const to = found === -1 ? text.length : found;
    lines.push({ text: text.slice(from, to).replace(/\r$/, ''), from, to });
    from = to + 1;
  }
  return lines;
}

const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ');

/** Prompts are blanks; where there are some, so is what the computer answered. */
function withoutPrompts(text: string, isSession: boolean): string {
  const prompt = /^([ \t]*)((?:[\w.-]+@[\w.-]+[^\n$#]{0,60})?\$ )(?=\S)/;
  const isPrompted = isSession && text.split('\n').some((line) => prompt.test(line));
  return text.split('\n').map((line) => (prompt.test(line) ? line.replace(prompt, (all) => blank(all)) : isPrompted ? blank(line) : line)).join('\n');
}

/** Strings and comments are blanks, letters are small. */
function plainSql(text: string): string {
  let plain = '';
  for (const { kind, from, to } of sqlTokens(text)) {
    const piece = text.slice(from, to);
    if (kind === 'comment') plain += blank(piece);
    else if (kind === 'string' && !piece.startsWith('$')) plain += piece.length < 2 ? piece : `'${blank(piece.slice(1, -1))}'`;
    else plain += kind === 'space' ? blank(piece).replaceAll('\n', ' ') : piece.toLowerCase();
  }
  return plain;
}

function statementsIn(text: string, base: number, command: ShellCommand | null): Statement[] {
  return splitStatements(text).map(({ from, to, text: raw }) => ({ plain: plainSql(raw), raw, from: from + base, to: to + base, command }));
}

/** What psql is given to run: by -c, and by here-documents. */
function sentByPsql(text: string, command: ShellCommand): Statement[] {
  if (command.name !== 'psql') return [];
  const sent: { from: number; to: number }[] = [...command.inputs];
  for (const [at, word] of command.words.entries()) {
    const isOption = /^-[a-zA-Z]*c$|^--command$/.test(word.text);
    const isJoined = word.text.startsWith('--command=');
    const said = isOption ? command.words[at + 1] : isJoined ? word : undefined;
    if (said === undefined) continue;
    const written = text.slice(said.from, said.to);
    const open = written.search(/["']/);
    const quoted = open !== -1 && (open === 0 || isJoined) && written.length > open + 1;
    sent.push(quoted ? { from: said.from + open + 1, to: said.to - 1 } : { from: said.from + (isJoined ? '--command='.length : 0), to: said.to });
  }
  return sent.flatMap(({ from, to }) => statementsIn(text.slice(from, to), from, command));
}

/** Statements that stand in a script as if a shell ran them. */
export const sqlBeginning = /^[ \t]*(?:SELECT\s+\S|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\b|DELETE\s+FROM\s|WITH\s+\w+\s+AS\s*\(|(?:CREATE|ALTER|DROP)\s+(?:UNIQUE\s+)?(?:TABLE|INDEX|DATABASE|ROLE|USER|SYSTEM|EXTENSION|SCHEMA|VIEW)\s|VACUUM\b(?!\w)|ANALYZE\s+\w|REINDEX\s|TRUNCATE\s)/;

function strayStatements(lines: readonly Line[], text: string, commands: readonly ShellCommand[]): Statement[] {
  const found: Statement[] = [];
  const begins = new Set(commands.map(({ nameFrom }) => nameFrom));
  let over = -1;
  for (const { text: line, from } of lines) {
    if (from < over || !sqlBeginning.test(line) || !begins.has(from + line.search(/\S/))) continue;
    // It ends at its semicolon or at an empty line.
    const rest = text.slice(from, from + 4000);
    const end = /;[ \t]*(?:\n|$)|\n[ \t]*(?:\n|$)/.exec(rest)?.index ?? rest.length;
    const [first] = statementsIn(rest.slice(0, end), from, null);
    if (first === undefined) continue;
    found.push(first);
    over = first.to;
  }
  return found;
}

const setting = /^[ \t]*([a-z][a-z0-9_.]+)[ \t]*=[ \t]*(\S.*?)[ \t]*(?:#.*)?$/;

function settingOf(line: string, base: number): Setting[] {
  const [, name = '', value = ''] = setting.exec(line) ?? [];
  const from = base + line.indexOf(name);
  return name === '' ? [] : [{ name, value: value.replace(/^(["'])(.*)\1$/, '$2'), from, to: base + line.trimEnd().length }];
}

/** Lines of settings in a script: with blanks around its sign each is a command to the shell. */
const strayOf = (commands: readonly ShellCommand[], text: string): Setting[] => commands.flatMap(({ from, args }) => (args[0] === '=' ? settingOf(text.slice(from, from + 1000).split('\n')[0] ?? '', from) : []));

/** `key: value` and `- value` of YAML whose value is a command, a statement or a formula. */
function yamlValues(lines: readonly Line[]): { commands: Line[]; statements: Line[]; formulas: Line[] } {
  const found: { commands: Line[]; statements: Line[]; formulas: Line[] } = { commands: [], statements: [], formulas: [] };
  let list: { indent: number; key: string } | null = null;
  for (const line of lines) {
    const match = /^([ \t]*)(?:- )?[ \t]*(?:([\w.-]+):(?:[ \t]+|$))?(.*)$/.exec(line.text);
    if (match === null || line.text.trim() === '' || line.text.trim().startsWith('#')) continue;
    const [, space = '', key = '', rest = ''] = match;
    const isItem = /^[ \t]*- /.test(line.text);
    if (key !== '' && rest === '') list = { indent: space.length, key };
    else if (list !== null && space.length < list.indent) list = null;
    const open = /^["']/.test(rest) ? 1 : 0;
    const value = open === 1 && rest.length > 1 ? rest.slice(1, rest.endsWith(rest[0] ?? '') ? -1 : undefined) : rest;
    const from = line.from + line.text.length - rest.length + open;
    const part = { text: value, from, to: from + value.length };
    const about = key !== '' && rest !== '' ? key : isItem ? (list?.key ?? '') : '';
    if (value === '') continue;
    if (/^(?:commands?|script|run|sh|exec|steps?_?commands)$/.test(about)) found.commands.push(part);
    else if (sqlBeginning.test(value)) found.statements.push(part);
    else if (about === 'expr') found.formulas.push(part);
  }
  return found;
}

export function lookAt(text: string, said: string, kind: TextKind, major: number | null): Looked {
  const language = languageOf(said);
  const lines = language === 'markdown' ? outsideFences(linesOf(text)) : linesOf(text);
  const yaml = language === 'yaml' ? yamlValues(lines) : { commands: [], statements: [], formulas: [] };
  const shells = language === 'sh' ? [shellPart(withoutPrompts(text, /console|session|terminal/.test(said)), 0)] : yaml.commands.map((part) => shellPart(part.text, part.from));
  const commands = shells.flatMap((part) => part.commands);
  const statements = [
    ...(language === 'sql' ? statementsIn(text, 0, null) : yaml.statements.flatMap((part) => statementsIn(part.text, part.from, null))),
    ...(language === 'sh' ? [...commands.flatMap((command) => sentByPsql(text, command)), ...strayStatements(lines, text, commands)] : []),
  ];
  const settings = language === 'sh' ? strayOf(commands, text) : language === 'ini' ? lines.flatMap((line) => settingOf(line.text, line.from)) : [];
  const asked = new Map<string, boolean>();
  const mentions = (pattern: RegExp): boolean => {
    const known = asked.get(pattern.source) ?? pattern.test(text);
    asked.set(pattern.source, known);
    return known;
  };
  return { text, language, kind, major, lines, shells, commands, statements, settings, formulas: language === 'promql' ? [{ text, from: 0, to: text.length }] : yaml.formulas, mentions };
}
