/** What a newer text of a guide makes of what was decided about the older one. Pure. */
import type { GuideFlag } from '#shared/contract/guides.ts';
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

export function reimport(before: readonly StoredGuideItem[], items: readonly ReadItem[]): Reimported {
  const left = before.filter(({ standing }) => standing !== 'gone');
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
      result.items.push({ ...fresh(item, 'same'), kind: old.kind, flags, ownText: old.ownText, decision, decidedBy: decision === 'open' ? null : old.decidedBy, decidedAt: decision === 'open' ? null : old.decidedAt });
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
    result.gone.push(old.title);
    if (!keys.has(old.key)) result.items.push({ ...old, standing: 'gone' });
  }
  return result;
}
