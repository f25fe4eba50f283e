/** The calendar: what the contract asks of it, and what it does by itself as time passes. */
import type { calendarMethods } from '#shared/contract/calendar.ts';
import type { MethodOutput } from '#shared/contract/index.ts';
import { nextAfter, occurrencesOf, readTiming } from '#shared/domain/calendar/entry.ts';
import { minutesPerDay } from '#shared/domain/calendar/local-time.ts';
import { offsetWords, recurrenceWords } from '#shared/domain/calendar/words.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Handlers } from '../dispatch/handlers.ts';
import type { EngineContext } from '../engine-context.ts';
import { accountHere } from '../import/person.ts';
import { createSystemItemRepository } from '../store/system-item-repository.ts';
import { createActs } from './acts.ts';
import { clockChangeOf, clockChangesIn, createAnswers } from './answer.ts';
import { createFiles } from './files.ts';
import { freeKey } from './keys.ts';
import { nearZone } from './near-zone.ts';
import { createOutlook } from './outlook.ts';
import { remind } from './reminders.ts';
import { settle } from './settle.ts';
import { requireSound } from './sound.ts';
import { zoneNotes } from './zone-notes.ts';
import type { FindRunbook } from './work.ts';

export interface CalendarRoom {
  handlers: Handlers<keyof typeof calendarMethods>;
  /** Looks at what is due; also when this computer woke up. Never throws. */
  wake(): void;
  close(): void;
}

/** Milliseconds between two looks. */
const lookEveryMs = 15_000;
const mostDays = 400;
/** Clocks change twice a year where they do: the next change is always told. */
const clocksAheadMs = 366 * 86_400_000;
const previewed = 10;
/** Ten leap days are within this. */
const previewYears = [1, 15, 60];
const yearMs = 366 * minutesPerDay * 60_000;

const iso = (at: number): string => new Date(at).toISOString();

function preview({ starts, rrule, tz }: { starts: string; rrule: string | null; tz: string }): MethodOutput<'calendar.preview'> {
  const { timing, problem } = readTiming({ starts, rrule, tz }, nearZone);
  if (timing === null) return { problem, words: null, next: [], notes: [] };
  const { zone, rule, start } = timing;
  const from = zone.resolve(start).at;
  let found: ReturnType<typeof occurrencesOf> = [];
  for (const years of previewYears) if (found.length < previewed) found = occurrencesOf(timing, null, from, from + years * yearMs, previewed);
  const next = found.map(({ local, start: at, offset, kind }) => ({ local, startsAt: iso(at), offset: offsetWords(offset), zone: zone.abbreviationAt(at), clockChange: clockChangeOf(zone, local, at, kind) }));
  const notes = [...zoneNotes(zone, from), ...(next.length === 0 ? ['No day fits this rule.'] : next[0]?.local === starts ? [] : [`The first one is ${next[0]?.local.replace('T', ' ')}: the beginning does not fit the rule itself.`])];
  return { problem: null, words: recurrenceWords(rule, start), next, notes };
}

export function createCalendarRoom(context: EngineContext, options: { findRunbook: FindRunbook }): CalendarRoom {
  const { ports, changes, systems } = context;
  const outlook = createOutlook(context);
  const items = createSystemItemRepository(context.store);
  const { user, computer } = accountHere();
  const acts = createActs(context, outlook, options.findRunbook, `${user} on ${computer}`);
  const files = createFiles(context, outlook, items, `${user} on ${computer}`);
  const answers = () => createAnswers(context, outlook, options.findRunbook);

  let isClosed = false;
  const look = (): void => {
    if (isClosed) return;
    try {
      if (settle(context, outlook)) changes.changed('calendar');
      // A command line is there for a moment, and its owner looks at something else: nobody was told.
      if (ports.host !== 'cli') remind(context, outlook);
    } catch (error) {
      // The store may refuse at this moment; the next look finds the same.
      ports.logger.error({ error: String(error) }, 'The calendar could not be looked at.');
    }
  };
  const timer = setInterval(look, lookEveryMs).unref();

  return {
    wake: look,
    close() {
      isClosed = true;
      clearInterval(timer);
    },
    handlers: {
      'calendar.list': ({ systemId, from, to }) => {
        if (systemId !== undefined) systems.get(systemId);
        const [start, end] = [Date.parse(from), Date.parse(to)];
        if (end < start || end - start > mostDays * 86_400_000) throw new PilothouseError('calendar.invalid', `A calendar is shown for at most ${mostDays} days at once, from the earlier to the later one.`, { hint: 'Ask for a shorter span.' });
        const answer = answers();
        // What is done on another system may collide with it.
        const all = outlook.between(null, start, end);
        const conflicts = answer.conflicts(all);
        const mine = all.map((seen, index) => ({ seen, conflicts: conflicts[index] ?? [] })).filter(({ seen }) => systemId === undefined || seen.here.entry.systemId === systemId);
        const entries = outlook.entries.list(systemId ?? null);
        const zones = new Set(entries.flatMap(({ timing }) => (timing === null ? [] : [timing.zone])));
        return {
          at: iso(ports.clock.now()),
          occurrences: answer.occurrences(mine.map(({ seen }) => seen), mine.map((one) => one.conflicts)),
          open: answer.occurrences(outlook.open(systemId ?? null)),
          clockChanges: clockChangesIn(zones, start, Math.max(end, start + clocksAheadMs)),
          problems: entries.flatMap(({ entry, problem }) => (problem === null ? [] : [{ systemId: entry.systemId, key: entry.key, title: entry.title, message: problem }])),
        };
      },
      'calendar.entries': ({ systemId }) => {
        const now = ports.clock.now();
        const found = (systemId === undefined ? items.listAll('calendar') : items.list(systemId, 'calendar')).map(({ systemId: owner, key }) => outlook.entries.get(owner, key));
        return {
          entries: found.map(({ item, entry, system, timing, problem }) => {
            const next = timing === null || !item.value.enabled ? null : nextAfter(timing, null, now);
            const lastDone = outlook.repository.lastDone(entry.systemId, entry.key);
            return { systemId: entry.systemId, systemName: system.name, environment: system.environment, key: entry.key, item: item.value, standing: item.standing, words: timing === null ? '' : recurrenceWords(timing.rule, timing.start), problem, nextAt: next === null ? null : iso(next.start), lastDoneAt: lastDone === null ? null : iso(lastDone) };
          }),
        };
      },
      'calendar.preview': (input) => preview(input),
      'calendar.save': ({ systemId, key, item }) => {
        systems.get(systemId);
        requireSound(item);
        const name = key ?? freeKey(item.title, items.sides(systemId).filter(({ kind }) => kind === 'calendar').map((each) => each.key));
        if (key !== null) items.get(systemId, 'calendar', key);
        items.saveOwn(systemId, 'calendar', name, item, ports.clock.now());
        outlook.entries.know(systemId);
        changes.changed('items', 'calendar');
        return { key: name };
      },
      'calendar.remove': ({ systemId, key }) => {
        items.get(systemId, 'calendar', key);
        items.remove(systemId, 'calendar', key, ports.clock.now());
        changes.changed('items', 'calendar');
        return {};
      },
      'calendar.begin': (input) => acts.begin(input),
      'calendar.link': (input) => {
        acts.link(input);
        return {};
      },
      'calendar.done': (input) => {
        acts.done(input);
        return {};
      },
      'calendar.skip': (input) => {
        acts.skip(input);
        return {};
      },
      'calendar.undo': (input) => {
        acts.undo(input);
        return {};
      },
      'calendar.export': ({ systemId }) => files.write(systemId ?? null),
      'calendar.readFile': (input) => files.read(input),
      'calendar.importFile': (input) => files.take(input),
    },
  };
}
