import type { RunbookCard } from '#shared/contract/runbooks.ts';

/** What is for a system of this pack: its runbooks, one's own, and whatever is in progress. */
export function ofPack(cards: readonly RunbookCard[], pack: string): RunbookCard[] {
  return cards.filter(({ ref, origin, inProgress }) => ref.startsWith(`${pack}/`) || origin === 'own' || inProgress.length > 0);
}
