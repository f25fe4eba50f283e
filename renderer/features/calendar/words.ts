/** States of the calendar in words and shapes. */
import { Check, Circle, CircleMinus, CircleSlash, Clock3, Lock, Pencil, RefreshCw, TriangleAlert, type LucideIcon } from 'lucide-react';
import type { CalendarOccurrence } from '#shared/contract/calendar.ts';
import { plural } from '../../components/format.ts';

export interface Look {
  icon: LucideIcon;
  word: string;
  tone: 'ok' | 'warn' | 'unknown' | 'skipped' | 'running' | 't2' | 't3';
}

export const clockLook: Look = { icon: RefreshCw, word: 'The clocks change', tone: 't2' };

export const late = ({ state, asks }: Pick<CalendarOccurrence, 'state' | 'asks'>): boolean => state === 'overdue' || asks;

/** How an occurrence is drawn: the worst that is to be said of it. */
export function lookOf(one: CalendarOccurrence): Look {
  if (late(one)) return { icon: TriangleAlert, word: one.asks ? 'Missed, an answer is wanted' : 'Overdue', tone: 'warn' };
  switch (one.state) {
    case 'done': return one.mark?.byRun === true ? { icon: Check, word: 'Done by a run', tone: 'ok' } : { icon: Pencil, word: 'Done by hand', tone: 't2' };
    case 'skipped': return { icon: CircleMinus, word: 'Left out', tone: 'skipped' };
    case 'running': return { icon: Clock3, word: 'Under way', tone: 'running' };
    case 'missed': return { icon: CircleSlash, word: 'Missed', tone: 't2' };
    case 'passed': return { icon: CircleSlash, word: 'Passed', tone: 't3' };
    default:
  }
  if (one.conflicts.length > 0) return { icon: TriangleAlert, word: 'Something does not go together', tone: 'warn' };
  if (one.waitsFor.length > 0) return { icon: Lock, word: 'Waits for another', tone: 't3' };
  return one.state === 'due' ? { icon: Circle, word: 'Due now', tone: 't2' } : { icon: Circle, word: one.state === 'notice' ? 'Coming soon' : 'Coming', tone: 't3' };
}

/** What stands below its title. */
export function detailOf(one: CalendarOccurrence): { text: string; tone: string } | null {
  if (one.blocked.length > 0) return { text: one.blocked.join(' '), tone: 'warn' };
  if (one.conflicts.length > 0 && !late(one)) return { text: one.conflicts.map(({ text }) => text).join('. '), tone: 'warn' };
  if (one.state === 'skipped') return { text: `Left out by ${one.mark?.by ?? 'somebody'}: “${one.mark?.reason ?? ''}”`, tone: 't3' };
  if (one.state === 'done' && one.mark?.byRun === false) return { text: `By hand, by ${one.mark.by}${one.mark.reason === null ? '' : `: “${one.mark.reason}”`}`, tone: 't3' };
  if (one.why !== null) return { text: one.why, tone: late(one) || one.state === 'due' ? 'warn' : 't3' };
  if (one.asks) return { text: 'Nobody did it. Say what becomes of it', tone: 'warn' };
  if (one.clockChange !== null) return { text: one.clockChange, tone: 't2' };
  return one.waitsFor.length > 0 && one.state !== 'done' ? { text: `Only after ${one.waitsFor.join(', and ')}`, tone: 't3' } : null;
}

/** "Two overdue, one collides." */
export function headline(open: readonly CalendarOccurrence[], coming: readonly CalendarOccurrence[]): string {
  const overdue = open.filter(late).length;
  const due = open.filter(({ state }) => state === 'due').length;
  // An entry that collides each week is one thing to put right.
  const collides = new Set(coming.filter(({ state, conflicts }) => (state === 'coming' || state === 'notice') && conflicts.length > 0).map(({ systemId, key }) => `${systemId}/${key}`)).size;
  const parts = [overdue > 0 ? `${plural(overdue, 'thing')} ${overdue === 1 ? 'is' : 'are'} overdue` : '', due > 0 ? `${due} due now` : '', collides > 0 ? `${collides} ${collides === 1 ? 'collides' : 'collide'} in the days to come` : ''].filter((part) => part !== '');
  if (parts.length > 0) return parts.join(', ');
  return coming.length === 0 ? 'Nothing is planned' : 'Nothing waits, and nothing collides';
}

export const honest = 'This computer reminds. Nothing runs by itself, and nobody is reminded while it is off or Pilothouse is closed.';
