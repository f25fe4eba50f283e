/** `ssh …` lines as people keep them in notes, read as ssh(1) of OpenSSH 9.9 reads its arguments. */
import { parseJump } from '../ssh/config/resolve.ts';
import type { ConfigSetting } from '../ssh/config/load.ts';
import { readConfigLine } from '../ssh/config/words.ts';

export interface SshCommand {
  line: number;
  /** The host that it names: an alias or a name. */
  destination: string;
  /** What it says of the host, in order: it comes before every file. */
  settings: ConfigSetting[];
  /** By -F: `none`, or a path. Null: the usual files. */
  configFile: string | null;
  /** What is left out of it. */
  cautions: string[];
}

/** How pasted text is called where a file would be named. */
export const pasted = 'pasted text';

const withValue = 'BbcDEeFIiJLlmOoPpQRSWw';
const withoutValue = '1246AaCfGgKkMNnqsTtVvXxYy';

/** Words as a shell makes them of a line without variables, substitutions and redirections; a reason where it has those. */
function shellWords(text: string): string[] | string {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (sign === "'") {
      const end = text.indexOf("'", at + 1);
      if (end === -1) return 'a quotation mark is not closed';
      word = (word ?? '') + text.slice(at + 1, end);
      at = end;
    } else if (sign === '"') {
      word ??= '';
      for (at += 1; text[at] !== '"'; at += 1) {
        if (at >= text.length) return 'a quotation mark is not closed';
        if (text[at] === '$' || text[at] === '`') return 'a shell would put something else in place of a part of it';
        if (text[at] === '\\' && /["\\$`]/.test(text.charAt(at + 1))) at += 1;
        word += text.charAt(at);
      }
    } else if (sign === '\\') {
      if (at + 1 >= text.length) return 'it goes on in the next line; write it in one';
      word = (word ?? '') + text.charAt((at += 1));
    } else if (/\s/.test(sign)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (sign === '$' || sign === '`') {
      return 'a shell would put something else in place of a part of it';
    } else if (/[;&|<>()]/.test(sign)) {
      return 'it is more than one command';
    } else if (sign === '#' && word === null) {
      break;
    } else {
      word = (word ?? '') + sign;
    }
  }
  if (word !== null) words.push(word);
  return words;
}

/** Whether a pasted text is `ssh …` lines, and not a configuration. */
export function isSshCommands(text: string): boolean {
  const first = text.split('\n').find((line) => line.trim() !== '' && !line.trim().startsWith('# ') && line.trim() !== '#');
  return first !== undefined && /^\s*(?:[$%>#]\s+)?(?:(?:\/\S*\/)?ssh(?:\.exe)?\s|ssh:\/\/)/.test(first);
}

const say = (reason: string): { problem: string } => ({ problem: reason });

/** @returns null for a line that says nothing */
export function readSshCommand(text: string, line: number): SshCommand | { problem: string } | null {
  const content = text.trim().replace(/^[$%>#]\s+(?=(?:\/\S*\/)?ssh)/, '');
  if (content === '' || content.startsWith('#')) return null;
  const words = content.startsWith('ssh://') ? ['ssh', content.split(/\s/, 1)[0] ?? ''] : shellWords(content);
  if (typeof words === 'string') return say(words);
  if (!/^(?:\/.*\/)?ssh(?:\.exe)?$/.test(words[0] ?? '')) return say('it does not begin with ssh');

  const command: SshCommand = { line, destination: '', settings: [], configFile: null, cautions: [] };
  const set = (keyword: string, value: string): void => void command.settings.push({ file: pasted, line, keyword, words: [value], conditions: [] });
  let destination: string | null = null;
  let rest = false;
  for (let at = 1; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (destination !== null && (rest || !word.startsWith('-') || word === '-')) {
      command.cautions.push('The command at its end is left out.');
      break;
    }
    if (!rest && word === '--') {
      rest = true;
      continue;
    }
    if (rest || !word.startsWith('-') || word === '-') {
      destination = word;
      const named = readDestination(word);
      if (named === null) return say(word.startsWith('ssh://') ? 'its ssh:// address cannot be read' : 'it names no host');
      if (named.user !== null) set('user', named.user);
      if (named.port !== null) set('port', String(named.port));
      command.destination = named.host;
      continue;
    }
    for (let place = 1; place < word.length; place += 1) {
      const option = word.charAt(place);
      if (withoutValue.includes(option)) {
        if (option === 'A' || option === 'X' || option === 'Y') command.cautions.push(`-${option} is left out: Pilothouse forwards nothing but what it needs itself.`);
        if (option === 'G' || option === 'Q' || option === 'V') return say(`-${option} connects to nothing`);
        continue;
      }
      if (!withValue.includes(option)) return say(`ssh has no option -${option}`);
      const value = place + 1 < word.length ? word.slice(place + 1) : words[(at += 1)];
      if (value === undefined || value === '') return say(`-${option} is followed by nothing`);
      const problem = takeOption(command, option, value, set);
      if (problem !== null) return say(problem);
      break;
    }
  }
  return destination === null ? say('it names no host') : command;
}

/** "user@host", "ssh://user@host:port". As in ssh, what comes after the last @ is the host: names of users may have one. */
function readDestination(text: string): { host: string; user: string | null; port: number | null } | null {
  if (text.startsWith('ssh://')) return parseJump(text);
  const match = /^(?:(.+)@)?([^@]+)$/s.exec(text);
  const host = match?.[2]?.replace(/^\[(.*)\]$/, '$1') ?? '';
  return host === '' || host.startsWith('-') ? null : { host, user: match?.[1] ?? null, port: null };
}

/** @returns why it cannot be taken; null where it is */
function takeOption(command: SshCommand, option: string, value: string, set: (keyword: string, value: string) => void): string | null {
  if (option === 'p') {
    const port = /^\d{1,5}$/.test(value) ? Number(value) : 0;
    if (port < 1 || port > 65_535) return 'its port is no number from 1 to 65535';
    set('port', value);
  } else if (option === 'l') set('user', value);
  else if (option === 'i') set('identityfile', value);
  else if (option === 'J') set('proxyjump', value);
  else if (option === 'F') command.configFile = value;
  else if (option === 'o') {
    const setting = readConfigLine(value, pasted, command.line);
    if (setting === null || typeof setting === 'string') return `a value of -o cannot be read${typeof setting === 'string' ? `: ${setting}` : ''}`;
    if (setting.words.length === 0) return 'a value of -o says nothing';
    if (['host', 'match', 'include'].includes(setting.keyword)) return 'Host, Match and Include have no place in -o';
    command.settings.push({ ...setting, conditions: [] });
  } else if (option === 'b' || option === 'B') command.cautions.push(`-${option} is left out: the system chooses the address to connect from.`);
  else if (option === 'c' || option === 'm') command.cautions.push(`-${option} is left out: algorithms are those of Pilothouse.`);
  else if (option === 'I') command.cautions.push('-I is left out: keys on smart cards are used by an agent only.');
  else if (option === 'D' || option === 'L' || option === 'R' || option === 'w') command.cautions.push(`-${option} is left out: Pilothouse forwards nothing but what it needs itself.`);
  else if (option === 'W') return '-W makes it a way to another machine';
  else if (option === 'O' || option === 'Q') return `-${option} connects to nothing`;
  // -E, -e, -P and -S make no difference here.
  return null;
}
