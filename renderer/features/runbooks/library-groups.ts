/** What the library shows, and under which heading. Pure. */
import type { RunbookCard, RunSummary } from '#shared/contract/runbooks.ts';
import { isDue, wasWalked } from './words.ts';

export const filters = ['all', 'due', 'never', 'destructive', 'errors'] as const;
export type Filter = (typeof filters)[number];
export const filterWords: Record<Filter, string> = { all: 'All', due: 'Review due', never: 'Never run', destructive: 'Destructive', errors: 'With errors' };

const fits: Record<Filter, (card: RunbookCard) => boolean> = {
  all: () => true,
  due: isDue,
  never: (card) => !wasWalked(card),
  destructive: ({ risk }) => risk === 'destructive',
  errors: ({ errors }) => errors > 0,
};

export function filtered(cards: readonly RunbookCard[], filter: Filter): RunbookCard[] {
  return cards.filter(fits[filter]);
}

export interface Row {
  card: RunbookCard;
  /** The walkthrough that this row continues; null: it starts one. */
  run: RunSummary | null;
}

export interface Group {
  id: string;
  title: string;
  /** In which order they stand. */
  order: string;
  rows: Row[];
}

const trouble = new Set(['incident', 'p1', 'p2', 'emergency']);
const routine = new Set(['routine', 'maintenance', 'daily', 'weekly', 'monthly', 'backup', 'check', 'update']);
/** What is done after trouble, and drilled without: what says that it is routine is. */
const rescue = new Set(['recovery', 'restore']);

const tagged = (card: RunbookCard, words: ReadonlySet<string>): boolean => card.tags.some((tag) => words.has(tag.toLowerCase()));

const byUse = (a: Row, b: Row): number => b.card.runs - a.card.runs || a.card.title.localeCompare(b.card.title);

/** Review that is due first, then the next due. */
function byReview(a: Row, b: Row): number {
  return Number(isDue(b.card)) - Number(isDue(a.card)) || (a.card.reviewDueAt ?? '9').localeCompare(b.card.reviewDueAt ?? '9') || a.card.title.localeCompare(b.card.title);
}

/** What is in progress stands first and nowhere else. */
export function grouped(cards: readonly RunbookCard[]): Group[] {
  const going = cards.filter(({ inProgress }) => inProgress.length > 0);
  const resting = cards.filter(({ inProgress }) => inProgress.length === 0).map((card): Row => ({ card, run: null }));
  const breaks = (card: RunbookCard): boolean => tagged(card, trouble) || (tagged(card, rescue) && !tagged(card, routine));
  const incident = resting.filter(({ card }) => breaks(card));
  const rest = resting.filter(({ card }) => !breaks(card));
  const own = rest.filter(({ card }) => card.origin === 'own' && !tagged(card, routine));
  const regular = rest.filter(({ card }) => card.origin !== 'own' || tagged(card, routine));
  const groups: Group[] = [
    { id: 'progress', title: 'In progress', order: 'begun last first', rows: going.flatMap((card) => card.inProgress.map((run): Row => ({ card, run }))).sort((a, b) => (b.run?.startedAt ?? '').localeCompare(a.run?.startedAt ?? '')) },
    { id: 'breaks', title: 'When something breaks', order: 'most used first', rows: incident.sort(byUse) },
    { id: 'regular', title: 'Regular work', order: 'next review first', rows: regular.sort(byReview) },
    { id: 'own', title: 'Own', order: 'most used first', rows: own.sort(byUse) },
  ];
  return groups.filter(({ rows }) => rows.length > 0);
}
