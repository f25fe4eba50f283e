/** What a decision makes of an item. Nothing is accepted that somebody has not looked at, or that is wrong. Pure. */
import type { GuideFlag, GuideItem } from '#shared/contract/guides.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { StoredGuideItem } from '../store/guide-repository.ts';
import { asItWas, asNote } from './as-note.ts';
import { textOfItem } from './pack-of.ts';

export const openFlags = ({ flags }: Pick<StoredGuideItem, 'flags'>): number => flags.filter(({ state }) => state === 'open').length;

interface Who {
  by: string;
  /** Milliseconds since the epoch. */
  at: number;
  /** What is wrong with a text of this item. */
  problems: (text: string) => GuideItem['problems'];
}

/** What a click would have written is there no more: somebody has put it right. */
const settled = (flags: readonly GuideFlag[], text: string): GuideFlag[] => flags.map((flag) => (flag.state === 'open' && flag.edit !== null && !text.includes(flag.edit.find) ? { ...flag, state: 'fixed' } : flag));

/** @throws guide.not-reviewed where it is to be accepted and is not looked at, or has errors */
export function afterDeciding(item: StoredGuideItem, { decision, text }: { decision: 'accept' | 'reject' | 'edit' | 'note' | 'reopen'; text: string | null }, { by, at, problems }: Who): StoredGuideItem {
  const decided = { decidedBy: by, decidedAt: at };
  if (decision === 'reject') return { ...item, decision: 'rejected', ...decided };
  if (decision === 'note' && text !== null && item.kind !== 'note') return { ...asNote(item, text), decision: 'edited', ...decided };
  if (decision === 'reopen') return { ...asItWas(item), decision: 'open', decidedBy: null, decidedAt: null };
  if (decision === 'edit') {
    const ownText = text === item.draftText ? null : text;
    const flags = settled(item.flags, text ?? '');
    const isDone = openFlags({ flags }) === 0 && problems(text ?? '').every(({ severity }) => severity !== 'error');
    return { ...item, ownText, flags, decision: isDone ? 'edited' : 'open', ...(isDone ? decided : { decidedBy: null, decidedAt: null }) };
  }
  const open = openFlags(item);
  if (open > 0) throw new PilothouseError('guide.not-reviewed', `"${item.title}" has ${open === 1 ? 'a flag' : `${open} flags`} that nobody has looked at.`, { hint: 'Look at each flagged line: write its fix, or keep it for a reason. Then accept.', details: { key: item.key, open } });
  const [error] = problems(textOfItem(item)).filter(({ severity }) => severity === 'error');
  if (error !== undefined) throw new PilothouseError('guide.not-reviewed', `"${item.title}" cannot be accepted as it is: line ${error.line}: ${error.message}`, { hint: 'Put it right in its text, or leave it out.', details: { key: item.key, line: error.line, rule: error.rule } });
  return { ...item, decision: item.ownText === null ? 'accepted' : 'edited', ...decided };
}

/** A placeholder that is meant as it stands is said to be so in the file itself. */
function withLiteral(text: string, { message }: GuideFlag): string {
  const placeholder = /^(.+?) looks like a placeholder/.exec(message)?.[1] ?? null;
  if (placeholder === null || !text.includes(placeholder) || text.includes(`# literal: ${placeholder}`)) return text;
  return `# literal: ${placeholder}\n${text}`;
}

/** @throws store.not-found; guide.changed where the fix cannot be written any more */
export function afterAcknowledging(item: StoredGuideItem, flagId: string, how: 'fix' | 'keep' | 'reopen', reason: string): StoredGuideItem {
  const flag = item.flags.find(({ id }) => id === flagId);
  if (flag === undefined) throw new PilothouseError('store.not-found', `"${item.title}" has no such flag.`, { hint: 'The guide may have been read anew meanwhile; open it again.' });
  const marked = (state: GuideFlag['state']): GuideFlag[] => item.flags.map((each) => (each.id === flagId ? { ...each, state, reason: state === 'kept' && reason !== '' ? reason : null } : each));
  // What was decided was decided about another text, or with another view of it.
  const reopened = { decision: 'open', decidedBy: null, decidedAt: null } as const;
  if (how === 'reopen') return { ...item, ...reopened, flags: marked('open') };
  const text = textOfItem(item);
  if (how === 'keep') {
    const kept = flag.class === 'placeholder' && item.kind === 'runbook' ? withLiteral(text, flag) : text;
    return kept === text ? { ...item, flags: marked('kept') } : { ...item, ...reopened, ownText: kept, flags: marked('kept') };
  }
  if (flag.edit === null) throw new PilothouseError('guide.changed', `For line ${flag.line} of the guide there is no fix that can be written by itself.`, { hint: flag.fix ?? 'Change the text of the item.' });
  if (!text.includes(flag.edit.find)) throw new PilothouseError('guide.changed', `The text of "${item.title}" does not say "${flag.edit.find}" any more: nothing was written.`, { hint: 'Look at the text, then keep it or change it.' });
  const at = text.indexOf(flag.edit.find);
  return { ...item, ...reopened, ownText: `${text.slice(0, at)}${flag.edit.replace}${text.slice(at + flag.edit.find.length)}`, flags: marked('fixed') };
}
