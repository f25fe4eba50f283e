/** Which hosts a person may mean: those of a configuration, or those of pasted `ssh …` lines. */
import type { ImportFile, ImportProblem } from '#shared/contract/imports.ts';
import { systemSshFiles } from '../platform/folders.ts';
import { linesOf } from '../platform/text.ts';
import { aliasesIn, type ConfigOwner } from '../ssh/config/resolve.ts';
import { loadConfig, type ConfigSetting, type LoadedConfig } from '../ssh/config/load.ts';
import { wholePath } from './person.ts';
import { digest, globFiles, readText } from './read-file.ts';
import { isSshCommands, pasted, readSshCommand } from './ssh-command.ts';

export interface SshSource {
  configPath?: string | undefined;
  knownHostsPath?: string | undefined;
  text?: string | undefined;
}

/** One host as it was named. */
export interface Named {
  alias: string;
  file: string;
  line: number | null;
  /** What is said of it alone, before any file. */
  settings: readonly ConfigSetting[];
  /** The files that are for it and for what is on the way. */
  config: LoadedConfig;
  cautions: readonly string[];
}

export interface ReadSource {
  named: Named[];
  files: ImportFile[];
  problems: ImportProblem[];
  /** What the files said when they were read. */
  digests: string[];
}

/** Characters of all files of one configuration together. */
const largestConfig = 8 * 1_048_576;
const empty: LoadedConfig = { settings: [], conditions: [], problems: [], files: [], asksFinal: false };

const joined = (first: LoadedConfig, second: LoadedConfig): LoadedConfig => ({
  settings: [...first.settings, ...second.settings],
  conditions: [...first.conditions, ...second.conditions],
  problems: [...first.problems, ...second.problems],
  files: [...first.files, ...second.files],
  asksFinal: first.asksFinal || second.asksFinal,
});

/** Reads what was chosen. What cannot be read is a problem, never an error. */
export function readSshSource(source: SshSource, person: ConfigOwner): ReadSource {
  const found: ReadSource = { named: [], files: [], problems: [], digests: [] };
  let total = 0;

  /** @param text of the first file, where it is no file */
  const load = (path: string, text: string | null, includeFolder?: string): LoadedConfig | 'absent' => {
    const first = text === null ? readText(path) : null;
    if (first?.state === 'absent') {
      found.digests.push(`${path} absent`);
      return 'absent';
    }
    const config = loadConfig(path, {
      homeFolder: person.homeFolder,
      ...(includeFolder === undefined ? {} : { includeFolder }),
      glob: globFiles,
      read(wanted) {
        const file = wanted === path && text !== null ? ({ state: 'read', text } as const) : readText(wanted);
        if (file.state !== 'read') throw new Error(file.state === 'absent' ? 'it is not there' : file.reason);
        total += file.text.length;
        if (total > largestConfig) throw new Error(`with it, all files are larger than ${largestConfig} characters`);
        found.digests.push(`${wanted} ${digest(file.text)}`);
        return file.text;
      },
    });
    for (const { file, line, reason } of config.problems) found.problems.push({ file, line: line === 0 ? null : line, reason });
    return config;
  };

  /** A file that the person knows of, with everything that it includes. */
  const loadShown = (path: string, text: string | null, includeFolder?: string): LoadedConfig => {
    const config = load(path, text, includeFolder);
    if (config === 'absent') {
      found.files.push({ path, kind: 'ssh-config', state: 'absent' });
      return empty;
    }
    if (config.files.length === 0) found.files.push({ path, kind: 'ssh-config', state: 'unusable' });
    for (const file of config.files) found.files.push({ path: file, kind: file === pasted ? 'text' : 'ssh-config', state: 'read' });
    return config;
  };

  const chosen = source.configPath === undefined ? null : wholePath(source.configPath, person);
  /** A file that was chosen stands for itself, as by `ssh -F`; otherwise what counts for all on this computer comes after it. */
  const usual = (): LoadedConfig => {
    if (chosen !== null) return loadShown(chosen, null);
    const own = loadShown(`${person.homeFolder}/.ssh/config`, null);
    const { config, folder } = systemSshFiles(person.environment);
    const system = load(config, null, folder);
    return system === 'absent' ? own : joined(own, system);
  };
  const nameAll = (config: LoadedConfig, isShown: (file: string) => boolean): void => {
    for (const { alias, file, line } of aliasesIn(config)) if (isShown(file)) found.named.push({ alias, file, line, settings: [], config, cautions: [] });
  };

  if (source.text === undefined) {
    const config = usual();
    const shown = new Set(found.files.map(({ path }) => path));
    nameAll(config, (file) => shown.has(file));
  } else if (isSshCommands(source.text)) {
    found.files.push({ path: pasted, kind: 'text', state: 'read' });
    const byFile = new Map<string | null, LoadedConfig>();
    linesOf(source.text).forEach((content, index) => {
      const command = readSshCommand(content, index + 1);
      if (command === null) return;
      if ('problem' in command) return void found.problems.push({ file: pasted, line: index + 1, reason: command.problem });
      const { configFile } = command;
      if (configFile !== null && configFile !== 'none' && !/^(?:~?\/|[A-Za-z]:[\\/])/.test(configFile)) return void found.problems.push({ file: pasted, line: index + 1, reason: '-F names a file by a relative path, from a folder that is not known here' });
      const config = byFile.get(configFile) ?? (configFile === null ? usual() : configFile === 'none' ? empty : loadShown(wholePath(configFile, person), null));
      byFile.set(configFile, config);
      found.named.push({ alias: command.destination, file: pasted, line: command.line, settings: command.settings, config, cautions: command.cautions });
    });
  } else {
    nameAll(loadShown(pasted, source.text), () => true);
  }
  return found;
}
