/** What a newer text of a guide makes of what was decided about the older one. Pure. */
import type { GuideFlag } from '#shared/contract/guides.ts';
import { withoutPlaces } from '#shared/domain/guide/secrets.ts';
import type { StoredGuideItem } from '../store/guide-repository.ts';
import { kindAtFirst } from './as-note.ts';
import type { ReadItem } from './read-guide.ts';

export interface Reimported {
  items: StoredGuideItem[];
  same: number;
  new: string[];
  changed: string[];
  gone: string[];
}

const fresh = (item: ReadItem, standing: StoredGuideItem['standing']): StoredGuideItem => ({ key: item.key, kind: item.kind, title: item.title, path: item.path, lines: item.lines, sourceHash: item.sourceHash, draftText: item.text, ownText: null, flags: item.flags, decision: 'open', decidedBy: null, decidedAt: null, standing });

export const imported = (items: readonly ReadItem[]): StoredGuideItem[] => items.map((item) => fresh(item, 'same'));

/** The same lines have the same flags, on other lines at most. */
function withStates(flags: readonly GuideFlag[], before: readonly GuideFlag[]): GuideFlag[] {
  const left = [...before];
  return flags.map((flag) => {
    const at = left.findIndex((each) => each.rule === flag.rule && each.column === flag.column);
    const [known] = at === -1 ? [] : left.splice(at, 1);
    return known === undefined ? flag : { ...flag, state: known.state, reason: known.reason };
  });
}

/** A text without what only says where in the guide it stands, and how it is told from others of its name. */
const plain = (text: string): string => withoutPlaces(text).replace(/^source:\n(?: {2}.*\n)+/m, '').replace(/^id: .*$/m, '');

/**
 * What was accepted is what was looked at. Of the same lines something else may be made, as where another part of the
 * guide, or this program, has changed: then the text that was accepted stays, and the new draft stands beside it.
 */
function acceptedText({ ownText, draftText, decision }: StoredGuideItem, { text }: ReadItem): string | null {
  if (ownText !== null || decision === 'open' || decision === 'rejected') return ownText;
  return plain(draftText) === plain(text) ? null : draftText;
}

/** A key beside those that are taken, for what is gone while something else has its name. */
function freeKey(key: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const tried = number === 1 ? key : `${key}-gone-${number}`;
    if (!taken.has(tried)) return tried;
  }
}

export function reimport(before: readonly StoredGuideItem[], items: readonly ReadItem[]): Reimported {
  // What was gone may be back, as where a wrong file was read in between: then it is what it was.
  const left = before.toSorted((a, b) => Number(a.standing === 'gone') - Number(b.standing === 'gone'));
  const take = (matches: (old: StoredGuideItem) => boolean): StoredGuideItem | null => {
    const at = left.findIndex(matches);
    return at === -1 ? null : (left.splice(at, 1)[0] ?? null);
  };
  const result: Reimported = { items: [], same: 0, new: [], changed: [], gone: [] };
  // What has not changed is found first, so that nothing else takes its place.
  const known = items.map((item) => take((old) => kindAtFirst(old) === item.kind && old.sourceHash === item.sourceHash));
  for (const [index, item] of items.entries()) {
    const old = known[index];
    if (old !== null && old !== undefined) {
      const flags = withStates(item.flags, old.flags);
      const open = flags.some(({ state }) => state === 'open');
      // A new rule of the book may have found something in what was accepted.
      const decision = open && old.decision !== 'rejected' ? 'open' : old.decision;
      result.items.push({ ...fresh(item, 'same'), kind: old.kind, flags, ownText: acceptedText({ ...old, decision }, item), decision, decidedBy: decision === 'open' ? null : old.decidedBy, decidedAt: decision === 'open' ? null : old.decidedAt });
      result.same += 1;
      continue;
    }
    const changed = take((each) => each.key === item.key) ?? take((each) => each.kind === item.kind && each.title === item.title && each.path.join('\n') === item.path.join('\n'));
    // What a person wrote is not lost: it stands beside the new draft until somebody decides.
    result.items.push({ ...fresh(item, changed === null ? 'new' : 'changed'), ownText: changed?.kind === item.kind ? changed.ownText : null });
    result[changed === null ? 'new' : 'changed'].push(item.key);
  }
  const keys = new Set(result.items.map(({ key }) => key));
  for (const old of left) {
    if (old.standing !== 'gone') result.gone.push(old.title);
    const key = freeKey(old.key, keys);
    keys.add(key);
    result.items.push({ ...old, key, standing: 'gone' });
  }
  return result;
}
