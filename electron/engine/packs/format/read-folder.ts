/** The files of a pack as they lie in its folder. What is no part of a pack is said, and not read. */
import { readdirSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import type { PackProblem } from '#shared/domain/pack/definition.ts';
import { findFile } from '../../runbooks/library/index.ts';
import { keyPattern, keyWords } from './shape-parts.ts';
import type { PackTexts } from './read-pack.ts';

const files: ReadonlySet<string> = new Set(['pack.yaml', 'people.yaml', 'calendar.yaml']);
const folders: Readonly<Record<string, string>> = { templates: '.md', cards: '.md', runbooks: '.yaml' };
/** More than any pack has: what a slip of the hand copied here is not read for minutes. */
const mostFiles = 500;

function entriesOf(folder: string): Dirent[] | string {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.')).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** @param name of the pack, as the folder is called */
export function readPackFolder(folder: string, name: string): PackTexts {
  const texts = new Map<string, string>();
  const problems: PackProblem[] = [];
  const say = (file: string, severity: PackProblem['severity'], rule: string, message: string): void => void problems.push({ file, line: 1, column: 1, severity, rule, message, fix: null });
  const take = (file: string): void => {
    if (texts.size >= mostFiles) return;
    const found = findFile(join(folder, file), null);
    if (found === null || found === 'same') return;
    if ('why' in found) say(file, 'error', 'unreadable', `It is not read: ${found.why}.`);
    else texts.set(file, found.text);
    if (texts.size === mostFiles) say(file, 'error', 'too-many', `A pack has at most ${mostFiles} files.`);
  };
  const stray = (file: string): void => say(file, 'warning', 'stray', `It is no part of a pack, and is not read. There are ${[...files].join(', ')}, and the folders ${Object.keys(folders).join(', ')}.`);
  const above = entriesOf(folder);
  if (typeof above === 'string') {
    say('pack.yaml', 'error', 'unreadable', `The folder ${folder} is not read: ${above}.`);
    return { name, texts, problems };
  }
  for (const entry of above) {
    const ending = entry.isDirectory() ? folders[entry.name] : undefined;
    if (files.has(entry.name)) take(entry.name);
    else if (ending === undefined) stray(entry.name);
    else {
      const within = entriesOf(join(folder, entry.name));
      if (typeof within === 'string') say(`${entry.name}/`, 'error', 'unreadable', `It is not read: ${within}.`);
      else for (const each of within) {
        const file = `${entry.name}/${each.name}`;
        if (!each.name.endsWith(ending)) say(file, 'warning', 'stray', `It is not read: files of ${entry.name} end in ${ending}.`);
        else if (!keyPattern.test(each.name.slice(0, -ending.length))) say(file, 'error', 'name', `Nothing can refer to it by that name. It has ${keyWords}, and ends in ${ending}.`);
        else take(file);
      }
    }
  }
  return { name, texts, problems };
}
