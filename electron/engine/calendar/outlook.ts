/** How the calendar stands at this moment: every occurrence with what became of it and what is wanted. */
import { localText } from '#shared/domain/calendar/local-time.ts';
import { nextAfter, occurrencesOf, type Occurrence } from '#shared/domain/calendar/entry.ts';
import { standingOf, wantsSomebody, type Mark, type Standing } from '#shared/domain/calendar/standing.ts';
import type { EngineContext } from '../engine-context.ts';
import { createCalendarRepository, type CalendarMark, type CalendarRepository } from '../store/calendar-repository.ts';
import { createSystemItemRepository } from '../store/system-item-repository.ts';
import { createEntries, type Entries, type EntryHere } from './entries.ts';
import { createEvidence, type Run } from './evidence.ts';

/** One occurrence, and what is known of it. */
export interface Seen {
  here: EntryHere;
  occurrence: Occurrence;
  standing: Standing;
  /** What was said of it; null: nothing. */
  mark: CalendarMark | null;
  /** What ran for it without being linked; null: nothing did, or something was said. */
  run: Run | null;
  /** When what was begun for it ended, in milliseconds since the epoch; null: it did not, or nothing was begun. */
  endedAt: number | null;
}

export interface Outlook {
  readonly entries: Entries;
  readonly repository: CalendarRepository;
  /** Those that begin from one instant to another, both included; in order. */
  between(systemId: string | null, from: number, to: number): Seen[];
  /** Those that began already and want somebody, oldest first. */
  open(systemId: string | null): Seen[];
  /** @throws store.not-found; calendar.invalid where the entry does not have this time */
  one(here: EntryHere, occurrence: Occurrence): Seen;
}

const dayMs = 86_400_000;
/** However far back an entry asks, further is not looked. */
const mostLookBackMs = 366 * dayMs;
const usualLookBackMs = 31 * dayMs;
/** Every zone's day is within this of any other's. */
const zonesMs = 2 * dayMs;

export function createOutlook(context: EngineContext): Outlook {
  const repository = createCalendarRepository(context.store);
  const entries = createEntries(context, createSystemItemRepository(context.store), repository);

  const nameOf = (systemId: string, key: string, local: string): string => `${systemId}/${key}/${local}`;
  const marksBetween = (systemId: string | null, from: number, to: number): ReadonlyMap<string, CalendarMark> => {
    const local = (at: number): string => localText(Math.floor(at / 60_000));
    return new Map(repository.marks(systemId, local(from - zonesMs), local(to + zonesMs)).map((mark) => [nameOf(mark.systemId, mark.key, mark.local), mark]));
  };

  /** For one answer. */
  const createSight = () => {
    const evidence = createEvidence(context);
    const now = context.ports.clock.now();
    return {
      now,
      see(here: EntryHere, occurrence: Occurrence, mark: CalendarMark | null, nextStart: number | null): Seen {
        const { work } = here.item.value;
        const linked = mark?.state === 'begun' ? evidence.ofMark(mark) : null;
        const run = mark === null && work.kind === 'procedure' && occurrence.start <= now ? evidence.ofProcedure(here.system, work.procedure, occurrence.start, nextStart ?? now + 1) : null;
        const said: Mark | null = linked !== null ? { state: 'begun', begun: linked } : mark !== null && mark.state !== 'begun' ? { state: mark.state } : run === null ? null : { state: 'begun', begun: run.begun };
        return { here, occurrence, mark, run, endedAt: linked?.endedAt ?? run?.at ?? null, standing: standingOf(here.entry, occurrence, said, nextStart, here.since, now) };
      },
    };
  };

  /** When the next one begins; one that lies ahead changes nothing, and is null as well. */
  const nextStart = (here: EntryHere, occurrence: Occurrence, next: Occurrence | undefined, now: number): number | null => {
    if (next !== undefined) return next.start;
    if (here.timing === null || here.timing.rule === null || occurrence.start > now) return null;
    return nextAfter(here.timing, null, occurrence.start)?.start ?? null;
  };

  const between = (systemId: string | null, from: number, to: number, ofEntry: (here: EntryHere) => { from: number; to: number } = () => ({ from, to })): Seen[] => {
    const sight = createSight();
    const marks = marksBetween(systemId, from, to);
    return entries
      .list(systemId)
      .flatMap((here) => {
        if (here.timing === null) return [];
        const span = ofEntry(here);
        const found = occurrencesOf(here.timing, here.entry.durationMs, span.from, span.to);
        return found.map((occurrence, index) => sight.see(here, occurrence, marks.get(nameOf(here.entry.systemId, here.entry.key, occurrence.local)) ?? null, nextStart(here, occurrence, found[index + 1], sight.now)));
      })
      .sort((one, other) => one.occurrence.start - other.occurrence.start);
  };

  return {
    entries,
    repository,
    between: (systemId, from, to) => between(systemId, from, to),
    open(systemId) {
      const now = context.ports.clock.now();
      const back = (here: EntryHere): number => Math.min(mostLookBackMs, here.entry.lookBackMs ?? usualLookBackMs);
      return between(systemId, now - mostLookBackMs, now, (here) => ({ from: Math.max(now - back(here), here.since - dayMs), to: now })).filter(({ standing }) => wantsSomebody(standing) || standing.state === 'running');
    },
    one(here, occurrence) {
      const sight = createSight();
      return sight.see(here, occurrence, repository.find(here.entry.systemId, here.entry.key, occurrence.local), nextStart(here, occurrence, undefined, sight.now));
    },
  };
}
