/** The entries of calendars, ready to be expanded. */
import type { Item } from '#shared/contract/items.ts';
import type { System } from '#shared/contract/systems.ts';
import { readTiming, type Entry, type Timing } from '#shared/domain/calendar/entry.ts';
import type { EngineContext } from '../engine-context.ts';
import type { CalendarRepository } from '../store/calendar-repository.ts';
import type { SystemItemRepository } from '../store/system-item-repository.ts';
import { nearZone } from './near-zone.ts';

export interface EntryHere {
  item: Item<'calendar'>;
  entry: Entry;
  system: System;
  /** Null: its times cannot be read, and `problem` says why. */
  timing: Timing | null;
  problem: string | null;
  /** From when on it is in this calendar, in milliseconds since the epoch. */
  since: number;
}

/** Rules are read once for as long as they stay the same. */
const mostKept = 5000;

export interface Entries {
  /** Of a system, or of all (null); without those that are switched off. */
  list(systemId: string | null): EntryHere[];
  /** Remembers that the entries of a system are in the calendar from now on, where that is not known yet. */
  know(systemId: string): void;
  /** Also one that is switched off. @throws store.not-found */
  get(systemId: string, key: string): EntryHere;
}

export function createEntries(context: Pick<EngineContext, 'systems' | 'ports'>, items: SystemItemRepository, calendar: CalendarRepository): Entries {
  const read = new Map<string, { timing: Timing | null; problem: string | null }>();
  const timingOf = (value: Item<'calendar'>['value']): { text: string; timing: Timing | null; problem: string | null } => {
    const text = `${value.starts} ${value.tz} ${value.rrule ?? 'once'}`;
    let known = read.get(text);
    if (known === undefined) {
      const { timing, problem } = readTiming(value, nearZone);
      known = { timing, problem: problem?.message ?? null };
      if (read.size >= mostKept) read.clear();
      read.set(text, known);
    }
    return { text, ...known };
  };
  const here = (item: Item<'calendar'>, system: System): EntryHere => {
    const { systemId, key, value } = item;
    const { text, timing, problem } = timingOf(value);
    const { title, starts, rrule, tz, durationMs, cutoffMs, noticeMs, missed, lookBackMs, after, removes } = value;
    return { item, system, timing, problem, since: calendar.since(systemId, key, text, context.ports.clock.now()), entry: { systemId, key, title, starts, rrule, tz, durationMs, cutoffMs, noticeMs, missed, lookBackMs, after, removes } };
  };
  const entries: Entries = {
    list(systemId) {
      const systems = new Map(context.systems.list().map((system) => [system.id, system]));
      return (systemId === null ? items.listAll('calendar') : items.list(systemId, 'calendar')).flatMap((item) => {
        const system = systems.get(item.systemId);
        return system === undefined || !item.value.enabled ? [] : [here(item, system)];
      });
    },
    know: (systemId) => void entries.list(systemId),
    get: (systemId, key) => here(items.get(systemId, 'calendar', key), context.systems.get(systemId)),
  };
  return entries;
}
