/** A piece of a guide that is kept as it was written, to be read and never run. Any kind can become a note, and becomes again what it was. Pure. */
import type { GuideFlag, GuideItemKind } from '#shared/contract/guides.ts';
import type { StoredGuideItem } from '../store/guide-repository.ts';

const reason = 'It is kept as a note, and does not run.';

/** What the guide made of it: a key begins with that. */
export const kindAtFirst = ({ key }: Pick<StoredGuideItem, 'key'>): GuideItemKind => key.slice(0, key.indexOf('/')) as GuideItemKind;

/** Its lines as a page with front matter. @param guide its text, without its secrets */
export function noteText({ title, lines }: Pick<StoredGuideItem, 'title' | 'lines'>, guide: string): string {
  const all = guide.split('\n');
  return `---\ntitle: ${JSON.stringify(title.slice(0, 190))}\n---\n\n${lines.map(({ from, to }) => all.slice(from - 1, to).join('\n')).join('\n\n').trim()}\n`;
}

export function asNote(item: StoredGuideItem, text: string): StoredGuideItem {
  return { ...item, kind: 'note', ownText: text, flags: item.flags.map((flag): GuideFlag => (flag.state === 'open' ? { ...flag, state: 'kept', reason } : flag)) };
}

/** What was written over its draft before it became a note is not kept. */
export function asItWas(item: StoredGuideItem): StoredGuideItem {
  const kind = kindAtFirst(item);
  if (kind === item.kind) return item;
  return { ...item, kind, ownText: null, flags: item.flags.map((flag): GuideFlag => (flag.state === 'kept' && flag.reason === reason ? { ...flag, state: 'open', reason: null } : flag)) };
}
