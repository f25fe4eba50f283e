/** The calendar as a file of iCalendar, and files of others as entries. */
import type { IcsEvent } from '#shared/contract/calendar.ts';
import type { MethodInput, MethodOutput } from '#shared/contract/index.ts';
import { calendarItem, itemKey, type ItemOf } from '#shared/contract/items.ts';
import { uidOf, writeCalendar } from '#shared/domain/calendar/ics/write.ts';
import { readCalendar, type ReadEvent } from '#shared/domain/calendar/ics/read.ts';
import { readTiming } from '#shared/domain/calendar/entry.ts';
import { recurrenceWords } from '#shared/domain/calendar/words.ts';
import { findZone } from '#shared/domain/calendar/zone.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { EngineContext } from '../engine-context.ts';
import type { SystemItemRepository } from '../store/system-item-repository.ts';
import { freeKey } from './keys.ts';
import { nearZone } from './near-zone.ts';
import type { Outlook } from './outlook.ts';
import { faultOf } from './sound.ts';

/** What a file of ours carries beyond what iCalendar has. */
const carried = ['cutoffMs', 'missed', 'lookBackMs', 'work', 'after', 'role', 'removes', 'source', 'covers'] as const;

export interface CalendarFiles {
  write(systemId: string | null): MethodOutput<'calendar.export'>;
  /** @throws calendar.invalid where it is no such file, or there is no such zone */
  read(input: MethodInput<'calendar.readFile'>): MethodOutput<'calendar.readFile'>;
  take(input: MethodInput<'calendar.importFile'>): MethodOutput<'calendar.importFile'>;
}

interface OwnFields {
  key: string | null;
  fields: Record<string, unknown>;
}

/** What this console wrote of an event, where it can be read. */
function ownOf({ own }: ReadEvent): OwnFields | null {
  if (own === null) return null;
  try {
    const parsed = JSON.parse(own) as Record<string, unknown> | null;
    if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) return null;
    const key = itemKey.safeParse(parsed['key']);
    return { key: key.success ? key.data : null, fields: Object.fromEntries(carried.flatMap((name) => (Object.hasOwn(parsed, name) ? [[name, parsed[name]]] : []))) };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** @param operator who leaves out what a file leaves out */
export function createFiles(context: EngineContext, outlook: Outlook, items: SystemItemRepository, operator: string): CalendarFiles {
  /** @param before the entry that it changes; null: it is a new one */
  const itemOf = (event: ReadEvent, own: OwnFields | null, before: ItemOf<'calendar'> | null): { item: ItemOf<'calendar'> | null; problem: string | null; notes: string[] } => {
    const { draft, notes } = event;
    if (draft === null) return { item: null, problem: event.problem, notes };
    const sound = (item: ItemOf<'calendar'>, said: readonly string[] = []): ReturnType<typeof itemOf> => {
      const fault = faultOf(item);
      return fault === null ? { item, problem: null, notes: [...notes, ...said] } : { item: null, problem: fault.message, notes };
    };
    // What other programs know nothing of is no less true for that: above all what has to be there before something is removed.
    const plain = { ...(before ?? { work: { kind: 'tasks', tasks: [draft.title] } }), ...draft };
    if (own !== null) {
      const whole = calendarItem.safeParse({ ...plain, ...own.fields });
      if (whole.success) return sound(whole.data);
    }
    const parsed = calendarItem.safeParse(plain);
    if (!parsed.success) return { item: null, problem: `It cannot be an entry: ${parsed.error.issues[0]?.message ?? 'something in it is not allowed'}.`, notes };
    if (before !== null) return sound(parsed.data, ['Its work, and what it waits for, stay as they are here.']);
    return sound(parsed.data, event.own === null ? [] : ['What this console wrote of its work cannot be read: it is a task.']);
  };

  const read = ({ systemId, text, tz }: MethodInput<'calendar.readFile'>): IcsEvent[] => {
    context.systems.get(systemId);
    if (findZone(tz) === null) {
      const near = nearZone(tz);
      throw new PilothouseError('calendar.invalid', `There is no time zone ${tz}.`, { hint: near === null ? 'Write one as Europe/Berlin, America/New_York or UTC.' : `Did you mean ${near}?` });
    }
    const events = readCalendar(text, tz);
    if (events === null) throw new PilothouseError('calendar.invalid', 'This is no file of iCalendar: it has no BEGIN:VCALENDAR.', { hint: 'Export the calendar as .ics, and choose that file.' });
    /** One that came here before, from this file or from this console, is changed and does not come twice. */
    const keyHere = ({ uid, draft }: ReadEvent, there: ReadonlyMap<string, ItemOf<'calendar'>>): string | null => {
      const ofConsole = [...there.keys()].find((each) => uidOf({ systemId, key: each }) === uid);
      const alike = draft === null ? undefined : [...there].find(([, value]) => value.title === draft.title && value.starts === draft.starts && value.tz === draft.tz && value.rrule === draft.rrule)?.[0];
      return ofConsole ?? alike ?? null;
    };
    const here = new Map(items.sides(systemId).filter(({ kind }) => kind === 'calendar').map((side) => [side.key, side.value as ItemOf<'calendar'>]));
    const taken = new Set(here.keys());
    return events.map((event) => {
      const own = ownOf(event);
      const key = own?.key ?? null;
      const again = keyHere(event, here);
      const { item, problem, notes } = itemOf(event, own, (again === null ? null : here.get(again)) ?? null);
      if (item === null) return { uid: event.uid, summary: event.summary, item: null, key: null, replaces: false, words: null, problem, notes, skips: [] };
      const { timing } = readTiming(item, nearZone);
      const name = again ?? freeKey(key ?? item.title, taken);
      taken.add(name);
      return { uid: event.uid, summary: event.summary, item, key: name, replaces: again !== null, words: timing === null ? null : recurrenceWords(timing.rule, timing.start), problem: null, notes, skips: event.skips };
    });
  };

  return {
    read: (input) => ({ events: read(input) }),
    write(systemId) {
      const entries = outlook.entries.list(systemId).flatMap(({ entry, timing, item, system }) => {
        if (timing === null) return [];
        const skips = outlook.repository.marks(entry.systemId, '0000', '9999').filter(({ key, state }) => key === entry.key && state === 'skipped').map(({ local }) => local);
        const own = JSON.stringify({ key: entry.key, ...Object.fromEntries(carried.map((name) => [name, item.value[name]])) });
        return [{ entry, timing, text: item.value.text, category: system.name, skips, own }];
      });
      const system = systemId === null ? null : context.systems.get(systemId);
      const name = (system?.name ?? 'all systems').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '') || 'system';
      return { fileName: `calendar-${name}.ics`, mediaType: 'text/calendar', content: context.scrubber.scrub(writeCalendar(entries, context.ports.clock.now())), entries: entries.length };
    },
    take({ uids, ...input }) {
      const wanted = new Set(uids);
      const events = read(input).filter(({ uid }) => wanted.has(uid));
      const out = events.find(({ problem }) => problem !== null);
      if (out !== undefined) throw new PilothouseError('calendar.invalid', `"${out.summary}" cannot be taken in: ${out.problem}`, { hint: 'Leave it out, and import the others.' });
      if (events.length < wanted.size) throw new PilothouseError('calendar.invalid', `${wanted.size - events.length} of the chosen events are not in this file.`, { hint: 'Read the file again.' });
      const now = context.ports.clock.now();
      let skipped = 0;
      context.store.transaction(() => {
        for (const { item, key, skips } of events) {
          if (item === null || key === null) continue;
          items.saveOwn(input.systemId, 'calendar', key, item, now);
          for (const local of skips) {
            if (outlook.repository.find(input.systemId, key, local) !== null) continue;
            outlook.repository.mark({ systemId: input.systemId, key, local, state: 'skipped', reason: 'Left out in the imported calendar', by: operator, walkthroughId: null, operationId: null, at: now });
            skipped += 1;
          }
        }
        outlook.entries.know(input.systemId);
      })();
      context.changes.changed('items', 'calendar');
      return { keys: events.flatMap(({ key }) => (key === null ? [] : [key])), skipped };
    },
  };
}
