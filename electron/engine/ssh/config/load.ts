/** An ssh_config with everything that it includes, as one list of blocks. */
import { readConfigLine, type ConfigLine, type ConfigProblem } from './words.ts';

/** What a block of lines is for. Nested by Include: all of them have to fit. */
export type Condition = { kind: 'host'; patterns: string[]; file: string; line: number } | { kind: 'match'; criteria: string[]; file: string; line: number };

export interface ConfigSetting extends ConfigLine {
  /** All of them have to fit; none: it is for every host. */
  conditions: Condition[];
}

export interface LoadedConfig {
  settings: ConfigSetting[];
  problems: ConfigProblem[];
  /** Every file that was read, the first one first. */
  files: string[];
  /** Whether a "Match final" stands anywhere, be it in a block that does not hold: then all of it is read twice. */
  asksFinal: boolean;
}

/** How files are come by; tests have their own. */
export interface ConfigFiles {
  /** @throws where it cannot be read */
  read(path: string): string;
  /** The files that a pattern with `*`, `?` and `[…]` means, sorted; none where there is none. */
  glob(pattern: string): string[];
  homeFolder: string;
}

/** As in OpenSSH. */
const deepestInclude = 16;
/** Files and lines of one configuration at most: includes may multiply. */
const mostFiles = 200;
const longestFile = 4_000_000;

/** A path of an Include in a user's file: from their home, or from ~/.ssh. */
function absolutePath(path: string, homeFolder: string): string {
  if (path === '~') return homeFolder;
  if (path.startsWith('~/')) return `${homeFolder}/${path.slice(2)}`;
  return path.startsWith('/') ? path : `${homeFolder}/.ssh/${path}`;
}

/** Reads a configuration. What cannot be read or understood is a problem with its line, never an error. */
export function loadConfig(path: string, files: ConfigFiles): LoadedConfig {
  const loaded: LoadedConfig = { settings: [], problems: [], files: [], asksFinal: false };

  const include = (setting: ConfigLine, conditions: Condition[], depth: number): void => {
    const refuse = (reason: string): void => void loaded.problems.push({ file: setting.file, line: setting.line, text: `Include ${setting.words.join(' ')}`, reason });
    if (setting.words.length === 0) return refuse('it names no file');
    if (depth >= deepestInclude) return refuse(`includes are nested deeper than ${deepestInclude}`);
    for (const word of setting.words) {
      if (/^~[^/]/.test(word)) refuse(`${word} is in the home of somebody else, which is not looked up`);
      else for (const found of files.glob(absolutePath(word, files.homeFolder))) readFile(found, conditions, depth + 1);
    }
  };

  const readFile = (file: string, outer: Condition[], depth: number): void => {
    if (loaded.files.length >= mostFiles) {
      if (loaded.files.length === mostFiles) loaded.problems.push({ file, line: 0, text: '', reason: `more than ${mostFiles} files are included` });
      return;
    }
    let text: string;
    try {
      text = files.read(file);
      if (text.length > longestFile) throw new Error(`it is longer than ${longestFile} characters`);
    } catch (error) {
      loaded.problems.push({ file, line: 0, text: '', reason: `it cannot be read: ${error instanceof Error ? error.message : String(error)}` });
      return;
    }
    loaded.files.push(file);
    // A Host or Match in an included file does not reach beyond it, and holds only where the Include itself does.
    let own: Condition[] = [];
    text.split('\n').forEach((content, index) => {
      const setting = readConfigLine(content, file, index + 1);
      if (setting === null) return;
      if (typeof setting === 'string') {
        loaded.problems.push({ file, line: index + 1, text: content, reason: setting });
      } else if (setting.keyword === 'host' || setting.keyword === 'match') {
        own = [setting.keyword === 'host' ? { kind: 'host', patterns: setting.words, file, line: setting.line } : { kind: 'match', criteria: setting.words, file, line: setting.line }];
        if (setting.keyword === 'match' && setting.words.some((word) => /^!?final$/i.test(word))) loaded.asksFinal = true;
        if (setting.words.length === 0) loaded.problems.push({ file, line: setting.line, text: content, reason: 'it names nothing' });
      } else if (setting.keyword === 'include') {
        include(setting, [...outer, ...own], depth);
      } else if (setting.words.length === 0) {
        loaded.problems.push({ file, line: setting.line, text: content, reason: 'it has no value' });
      } else {
        loaded.settings.push({ ...setting, conditions: [...outer, ...own] });
      }
    });
  };

  readFile(path, [], 0);
  return loaded;
}
