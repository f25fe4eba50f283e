/** The files of a pack, of what was accepted of a guide. Pure. */
import { PilothouseError } from '#shared/domain/errors.ts';
import type { StoredGuide, StoredGuideItem } from '../store/guide-repository.ts';
import { readRunbook } from '../runbooks/format/index.ts';
import { indented, packHead, placeOf } from './check-item.ts';
import { noteCards } from './note-cards.ts';

export interface PackFiles {
  /** By path below the folder of the pack. */
  texts: Map<string, string>;
  /** File names of runbooks without their ending. */
  runbooks: { name: string; text: string }[];
}

export const textOfItem = (item: Pick<StoredGuideItem, 'draftText' | 'ownText'>): string => item.ownText ?? item.draftText;
export const keyOfItem = (key: string): string => key.slice(key.indexOf('/') + 1);

/** Front matter and text of a page. */
function bodyOf(text: string): string {
  return /^---\n[\s\S]*?\n---\n([\s\S]*)$/.exec(text)?.[1]?.trim() ?? text.trim();
}

function rolesOf(texts: readonly string[]): string {
  const roles: Record<'ssh' | 'postgres', Map<string, string>> = { ssh: new Map(), postgres: new Map() };
  for (const text of texts) for (const { name, kind, label } of readRunbook(text).runbook?.targets ?? []) if (kind !== 'http') roles[kind].set(name, label);
  const group = (name: string, found: ReadonlyMap<string, string>, why: string): string => (found.size === 0 ? '' : `${name}:\n${[...found].map(([role, title]) => `  ${role}: { title: ${JSON.stringify(title)}, needed: false${why} }\n`).join('')}`);
  return group('hosts', roles.ssh, ', why: "Runbooks of the guide run commands there"') + group('databases', roles.postgres, '');
}

/** @param items those that were accepted, in the order of the guide @throws pack.invalid where two runbooks have one id */
export function packOf(guide: Pick<StoredGuide, 'fileName' | 'title'>, items: readonly StoredGuideItem[], { name, title, version }: { name: string; title: string; version: string }): PackFiles {
  const texts = new Map<string, string>();
  const runbooks: PackFiles['runbooks'] = [];
  const groups = new Map<string, Map<string, string[]>>();
  const notes: string[] = [];
  for (const item of items) {
    const text = textOfItem(item);
    const key = keyOfItem(item.key);
    if (item.kind === 'runbook') {
      const file = readRunbook(text).runbook?.id ?? key;
      // One of them would stand in the place of the other, and nobody would see that it is gone.
      if (texts.has(`runbooks/${file}.yaml`)) throw new PilothouseError('pack.invalid', `Two runbooks of the guide have the id ${file}; one of them is "${item.title}". Nothing was written.`, { hint: 'Give one of them another id in its text, then publish.', details: { key: item.key, id: file } });
      runbooks.push({ name: file, text });
      texts.set(`runbooks/${file}.yaml`, text);
    } else if (item.kind === 'template' || item.kind === 'card') texts.set(`${item.kind}s/${key}.md`, text);
    else if (item.kind === 'note') notes.push(`## ${item.title}\n\n${bodyOf(text)}`);
    else {
      const { file, group } = placeOf[item.kind];
      const inFile = groups.get(file) ?? new Map<string, string[]>();
      groups.set(file, inFile.set(group, [...(inFile.get(group) ?? []), `  ${key}:\n${indented(text)}\n`]));
    }
  }
  const written = (file: string): string => [...(groups.get(file) ?? [])].map(([group, entries]) => `${group}:\n${entries.join('')}`).join('\n');
  const summary = `What the guide ${guide.fileName} says, as it was looked at and accepted.`;
  texts.set('pack.yaml', `${packHead(name, title, version, summary)}guide: { file: ${JSON.stringify(guide.fileName)}, title: ${JSON.stringify(guide.title)} }\n${rolesOf(runbooks.map(({ text }) => text))}${written('pack.yaml')}`);
  for (const file of ['people.yaml', 'calendar.yaml']) if (groups.has(file)) texts.set(file, written(file));
  for (const [index, card] of noteCards(notes).entries()) {
    const number = index === 0 ? '' : ` ${index + 1}`;
    let key = `about-the-guide${number.replace(' ', '-')}`;
    while (texts.has(`cards/${key}.md`)) key += '-2';
    texts.set(`cards/${key}.md`, `---\ntitle: ${JSON.stringify(`${`About ${guide.title}`.slice(0, 180)}${number}`)}\n---\n\n${card}\n`);
  }
  return { texts, runbooks };
}
