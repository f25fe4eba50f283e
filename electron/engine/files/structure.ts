/** What is wrong with the entries of an archive taken together: nothing may be written through or over another. */
import type { EntryInManifest } from './manifest.ts';
import { entryKey, entryTarget } from './manifest.ts';
import { above, keyOf, nameOf, whyUnsafe } from './tar-names.ts';

/** One sentence for each; none where every entry stays in the folder that it is brought into. */
export function whyUnsafeTogether(entries: readonly EntryInManifest[]): string[] {
  const kinds = new Map<string, EntryInManifest['type']>();
  const problems: string[] = [];
  for (const entry of entries) {
    const key = entryKey(entry);
    const why = whyUnsafe(nameOf(key));
    const before = kinds.get(key);
    const through = above(key).find((each) => (kinds.get(each) ?? 'folder') !== 'folder');
    if (why !== null) problems.push(`${entry.path}: ${why}`);
    else if (before !== undefined && !(before === 'folder' && entry.type === 'folder')) problems.push(`${entry.path} is in it twice`);
    else if (through !== undefined) problems.push(`${entry.path} lies below something that is no folder`);
    else if (entry.type === 'hard-link') {
      const target = entryTarget(entry);
      const first = target === null ? undefined : kinds.get(keyOf(target));
      if (first !== 'file' && first !== 'hard-link') problems.push(`${entry.path} is a second name of a file that is not in it`);
    }
    kinds.set(key, entry.type);
  }
  return problems;
}

/** Second names whose first one is not among the chosen. */
export function missingFirstNames(entries: readonly EntryInManifest[], isChosen: (key: string) => boolean): EntryInManifest[] {
  return entries.filter((entry) => {
    const target = entry.type === 'hard-link' && isChosen(entryKey(entry)) ? entryTarget(entry) : null;
    return target !== null && !isChosen(keyOf(target));
  });
}
