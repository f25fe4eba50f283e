/** Whether an entry can be, beyond the form of its fields. */
import type { ItemOf } from '#shared/contract/items.ts';
import { readTiming } from '#shared/domain/calendar/entry.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { nearZone } from './near-zone.ts';

const fieldWords = { tz: 'the time zone', rrule: 'the recurrence', starts: 'the beginning' } as const;

/** Null: nothing is wrong with it. */
export function faultOf(item: ItemOf<'calendar'>): { field: string; message: string; hint: string } | null {
  const { problem } = readTiming(item, nearZone);
  if (problem !== null) return { ...problem, hint: `Change what stands in ${fieldWords[problem.field]}.` };
  if (item.cutoffMs === null || item.cutoffMs < (item.durationMs ?? 0)) return null;
  return { field: 'cutoffMs', message: 'The window has to be longer than the time before its end in which nothing is begun.', hint: 'Make the window longer, or that time shorter.' };
}

/** @throws calendar.invalid */
export function requireSound(item: ItemOf<'calendar'>): void {
  const fault = faultOf(item);
  if (fault !== null) throw new PilothouseError('calendar.invalid', fault.message, { hint: fault.hint, details: { field: fault.field } });
}
