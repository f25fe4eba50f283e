/** An ssh_config with everything that it includes, as one list of blocks. */
import { isWholePath } from '../../platform/folders.ts';
import { linesOf } from '../../platform/text.ts';
import { readConfigLine, type ConfigLine, type ConfigProblem } from './words.ts';

/** What a block of lines is for. Nested by Include: all of them have to fit. */
export type Condition = { kind: 'host'; patterns: string[]; file: string; line: number } | { kind: 'match'; criteria: string[]; file: string; line: number };

export interface ConfigSetting extends ConfigLine {
  /** All of them have to fit; none: it is for every host. */
  conditions: Condition[];
  /** Set where something stands here that could not be read, and why: what it says of the hosts it is for, nobody knows. */
  gap?: string;
}

export interface LoadedConfig {
  settings: ConfigSetting[];
  /** Every Host and Match, those without settings too. */
  conditions: Condition[];
  problems: ConfigProblem[];
  /** Every file that was read, the first one first. */
  files: string[];
  /** Whether a "Match final" stands anywhere, be it in a block that does not hold: then all of it is read twice. */
  asksFinal: boolean;
}

/** How files are come by; tests have their own. */
export interface ConfigFiles {
  /** @throws an error that says why it cannot be read */
  read(path: string): string;
  /** The files that a pattern with `*`, `?` and `[…]` means, sorted; none where there is none. */
  glob(pattern: string): string[];
  homeFolder: string;
  /** From where the relative paths of Include are taken; ~/.ssh unless it is said. */
  includeFolder?: string;
}

/** As in OpenSSH. */
const deepestInclude = 16;
/** Files and lines of one configuration at most: includes may multiply. */
const mostFiles = 200;
const longestFile = 4_000_000;
const tooMany = `more than ${mostFiles} files are included`;

/** A path of an Include in a user's file: from their home, or from ~/.ssh. */
function absolutePath(path: string, { homeFolder, includeFolder = `${homeFolder}/.ssh` }: ConfigFiles): string {
  if (path === '~') return homeFolder;
  if (path.startsWith('~/')) return `${homeFolder}/${path.slice(2)}`;
  return isWholePath(path) ? path : `${includeFolder}/${path}`;
}

/** Reads a configuration. What cannot be read or understood is a problem with its line, never an error. */
export function loadConfig(path: string, files: ConfigFiles): LoadedConfig {
  const loaded: LoadedConfig = { settings: [], conditions: [], problems: [], files: [], asksFinal: false };
  const leaveGap = ({ file, line }: { file: string; line: number }, gap: string, conditions: Condition[]): void => void loaded.settings.push({ file, line, keyword: '', words: [], conditions, gap });

  const include = (setting: ConfigLine, conditions: Condition[], depth: number): void => {
    const refuse = (reason: string): void => {
      loaded.problems.push({ file: setting.file, line: setting.line, text: `Include ${setting.words.join(' ')}`, reason });
      leaveGap(setting, reason, conditions);
    };
    if (setting.words.length === 0) return refuse('it names no file');
    if (depth >= deepestInclude) return refuse(`includes are nested deeper than ${deepestInclude}`);
    for (const word of setting.words) {
      if (/^~[^/]/.test(word)) refuse(`${word} is in the home of somebody else, which is not looked up`);
      else for (const found of files.glob(absolutePath(word, files))) readFile(found, conditions, depth + 1);
    }
  };

  const readFile = (file: string, outer: Condition[], depth: number): void => {
    if (loaded.files.length >= mostFiles) {
      // Once is enough to say it of all of them.
      if (!loaded.settings.some(({ gap }) => gap === tooMany)) {
        loaded.problems.push({ file, line: 0, text: '', reason: tooMany });
        leaveGap({ file, line: 0 }, tooMany, []);
      }
      return;
    }
    let text: string;
    try {
      text = files.read(file);
      if (text.length > longestFile) throw new Error(`it is longer than ${longestFile} characters`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      loaded.problems.push({ file, line: 0, text: '', reason });
      leaveGap({ file, line: 0 }, reason, outer);
      return;
    }
    loaded.files.push(file);
    // A Host or Match in an included file does not reach beyond it, and holds only where the Include itself does.
    let own: Condition[] = [];
    linesOf(text).forEach((content, index) => {
      const setting = readConfigLine(content, file, index + 1);
      if (setting === null) return;
      if (typeof setting === 'string') {
        loaded.problems.push({ file, line: index + 1, text: content, reason: setting });
        leaveGap({ file, line: index + 1 }, setting, [...outer, ...own]);
      } else if (setting.keyword === 'host' || setting.keyword === 'match') {
        own = [setting.keyword === 'host' ? { kind: 'host', patterns: setting.words, file, line: setting.line } : { kind: 'match', criteria: setting.words, file, line: setting.line }];
        loaded.conditions.push(...own);
        if (setting.keyword === 'match' && setting.words.some((word) => /^!?final$/i.test(word))) loaded.asksFinal = true;
        if (setting.words.length === 0) loaded.problems.push({ file, line: setting.line, text: content, reason: 'it names nothing' });
      } else if (setting.keyword === 'include') {
        include(setting, [...outer, ...own], depth);
      } else if (setting.words.length === 0) {
        loaded.problems.push({ file, line: setting.line, text: content, reason: 'it has no value' });
        leaveGap(setting, 'it has no value', [...outer, ...own]);
      } else {
        loaded.settings.push({ ...setting, conditions: [...outer, ...own] });
      }
    });
  };

  readFile(path, [], 0);
  return loaded;
}
