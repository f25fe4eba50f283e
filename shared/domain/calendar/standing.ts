/** How an occurrence stands: what was done of it, and what is wanted now. */
import type { Entry, Occurrence } from './entry.ts';

export const occurrenceStates = ['coming', 'notice', 'due', 'overdue', 'running', 'done', 'skipped', 'missed', 'passed'] as const;
export type OccurrenceState = (typeof occurrenceStates)[number];

/** What is known of the walkthrough or operation that was begun for an occurrence. */
export interface Begun {
  outcome: 'under-way' | 'well' | 'not-well';
  /** In words, where it did not end well, or what a look found. */
  why: string | null;
}

export type Mark = { state: 'done' | 'skipped' } | { state: 'begun'; begun: Begun };

export interface Standing {
  state: OccurrenceState;
  /** Nobody did it, and somebody has to say what becomes of it. */
  asks: boolean;
  /** Why it is as it is; null where the state says it all. */
  why: string | null;
}

/** However short its window is, it is not called overdue before. */
const dueAtLeastMs = 3_600_000;
/** How far back one that was missed is asked for where its entry does not say. */
const usualLookBackMs = 31 * 86_400_000;

/** From when on it is late. */
export const lateFrom = ({ start, end }: Pick<Occurrence, 'start' | 'end'>): number => Math.max(end, start + dueAtLeastMs);

/**
 * @param nextStart when the next one of the same entry begins; null: there is none
 * @param since from when on the entry is in this calendar: nobody is asked about what was before
 */
export function standingOf(entry: Pick<Entry, 'missed' | 'noticeMs' | 'lookBackMs'>, occurrence: Occurrence, mark: Mark | null, nextStart: number | null, since: number, now: number): Standing {
  if (mark?.state === 'done' || mark?.state === 'skipped') return { state: mark.state, asks: false, why: null };
  if (mark?.state === 'begun' && mark.begun.outcome === 'under-way') return { state: 'running', asks: false, why: null };
  if (mark?.state === 'begun' && mark.begun.outcome === 'well') return { state: 'done', asks: false, why: mark.begun.why };
  const why = mark?.state === 'begun' ? mark.begun.why : null;
  const { start } = occurrence;
  if (now < start) return { state: entry.noticeMs !== null && now >= start - entry.noticeMs ? 'notice' : 'coming', asks: false, why };
  // What was begun here was known here.
  if (lateFrom(occurrence) < since && mark === null) return { state: 'passed', asks: false, why: 'Before it was in this calendar' };
  if (now < lateFrom(occurrence) && (nextStart === null || now < nextStart)) return { state: 'due', asks: false, why };
  if (entry.missed === 'skip') return { state: 'passed', asks: false, why: why ?? 'Nobody did it, and it is not made up for' };
  const isWithin = now - start <= (entry.lookBackMs ?? usualLookBackMs);
  if (entry.missed === 'ask') return { state: 'missed', asks: isWithin, why: why ?? (isWithin ? null : 'Longer ago than it is asked for') };
  if (nextStart !== null && now >= nextStart) return { state: 'missed', asks: false, why: why ?? 'The next one took its place' };
  return isWithin ? { state: 'overdue', asks: false, why } : { state: 'missed', asks: false, why: why ?? 'Longer ago than it is made up for' };
}

/** Whether somebody is waited for. */
export const wantsSomebody = ({ state, asks }: Pick<Standing, 'state' | 'asks'>): boolean => state === 'due' || state === 'overdue' || asks;
