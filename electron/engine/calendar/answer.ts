/** Occurrences as the contract tells them: with what they wait for, what holds them back, and what they collide with. */
import type { CalendarMark as MarkOut, CalendarOccurrence, ClockChange } from '#shared/contract/calendar.ts';
import type { Host } from '#shared/contract/hosts.ts';
import { conflictsOf, type Conflict, type Planned } from '#shared/domain/calendar/conflicts.ts';
import { blocksOf } from '#shared/domain/calendar/depends.ts';
import { dayOfOccurrence } from '#shared/domain/calendar/entry.ts';
import { dateText, timeText } from '#shared/domain/calendar/local-time.ts';
import { clockChangeWords, durationWords, hoursWords, offsetWords } from '#shared/domain/calendar/words.ts';
import { dayAt, dayLength, type Zone } from '#shared/domain/calendar/zone.ts';
import type { EngineContext } from '../engine-context.ts';
import { createSystemInUse } from '../health/system-in-use.ts';
import { createAdoptionRepository } from '../store/adoption-repository.ts';
import { createBackupRepository } from '../store/backup-repository.ts';
import { byRun, isByRun } from '../store/calendar-repository.ts';
import { createHostRepository } from '../store/host-repository.ts';
import { copiesOf } from './copies.ts';
import type { EntryHere } from './entries.ts';
import type { Outlook, Seen } from './outlook.ts';
import { createWorks, type FindRunbook } from './work.ts';

const iso = (at: number): string => new Date(at).toISOString();
const hourMs = 3_600_000;

/** Where a system works: machines by address, clusters by their identifier; with what people call them. */
function placesOf({ system }: EntryHere, hosts: readonly Host[]): ReadonlyMap<string, string> {
  return new Map([
    ...hosts.filter(({ systemId }) => systemId === system.id).map(({ connection, label }) => [`host ${connection.host}:${connection.port}`, label] as const),
    ...system.databases.map(({ systemIdentifier, connection, label }) => [`database ${systemIdentifier ?? `${connection.host}:${connection.port}`}`, label] as const),
  ]);
}

/** What a change of the clocks does to an occurrence, in words. */
export function clockChangeOf(zone: Zone, local: string, start: number, kind: 'plain' | 'gap' | 'overlap'): string | null {
  return clockChangeWords(local, kind, dayLength(zone, dayOfOccurrence({ local })), timeText(zone.localAt(start)));
}

export function clockChangesIn(zones: Iterable<Zone>, from: number, to: number): ClockChange[] {
  return [...zones]
    .flatMap((zone) => zone.changes(from, to).map(({ at, before, after }) => ({ date: dateText(dayAt(zone, at)), tz: zone.name, at: iso(at), length: hoursWords(dayLength(zone, dayAt(zone, at))), before: zone.abbreviationAt(at - 1), after: zone.abbreviationAt(at), forward: after > before })))
    .sort((one, other) => one.at.localeCompare(other.at));
}

function markOut({ mark, run, endedAt, standing }: Seen): MarkOut | null {
  if (mark === null) return run === null ? null : { state: standing.state === 'done' ? 'done' : 'begun', byRun: true, reason: null, by: byRun, at: iso(run.at), walkthroughId: null, operationId: run.operationId };
  const { state, reason, by, walkthroughId, operationId, at } = mark;
  const isDone = state === 'begun' && standing.state === 'done';
  return { state: isDone ? 'done' : state, byRun: walkthroughId !== null || operationId !== null || isByRun(mark), reason, by, at: iso(isDone ? (endedAt ?? at) : at), walkthroughId, operationId };
}

export interface Answers {
  /** @param conflicts by place in `seen`; left out: none is looked for */
  occurrences(seen: readonly Seen[], conflicts?: readonly Conflict[][]): CalendarOccurrence[];
  /** What does not go together, by place in `seen`, which is in order. */
  conflicts(seen: readonly Seen[]): Conflict[][];
  /** Why an entry must not be begun now. */
  blocks(here: EntryHere): string[];
}

/** For one answer: what it reads, it reads once. */
export function createAnswers(context: EngineContext, outlook: Outlook, findRunbook: FindRunbook): Answers {
  const now = context.ports.clock.now();
  const backups = createBackupRepository(context.store);
  const inUse = createSystemInUse(context.store);
  const hosts = createHostRepository(context.store).list();
  const works = createWorks(createAdoptionRepository(context.store), findRunbook);
  const titles = new Map(outlook.entries.list(null).map(({ entry }) => [`${entry.systemId}/${entry.key}`, entry.title]));
  const titleOf = (systemId: string, key: string): string | null => titles.get(`${systemId}/${key}`) ?? null;
  const blocked = new Map<EntryHere, string[]>();
  const places = new Map<string, ReadonlyMap<string, string>>();

  const blocks = (here: EntryHere): string[] => {
    const known = blocked.get(here);
    if (known !== undefined) return known;
    const { systemId } = here.entry;
    const found = blocksOf(here.entry, { title: (key) => titleOf(systemId, key), doneAt: (key) => outlook.repository.lastDone(systemId, key), copies: copiesOf(here.system, backups, now), copyWithinMs: inUse(here.system).policy.backupAgeHours.critical * hourMs }, now);
    blocked.set(here, found);
    return found;
  };
  const waitsFor = ({ entry }: EntryHere): string[] => entry.after.map(({ key, withinMs, needs }) => (needs === 'done' ? `"${titleOf(entry.systemId, key) ?? key}", done within ${durationWords(withinMs)} before` : `a copy that was restored and counted within ${durationWords(withinMs)} before`));
  const placesHere = (here: EntryHere): ReadonlyMap<string, string> => {
    const known = places.get(here.system.id) ?? placesOf(here, hosts);
    places.set(here.system.id, known);
    return known;
  };
  const planned = ({ here, occurrence }: Seen): Planned => {
    const { estimateMs, reads, without } = works(here);
    return { entry: here.entry, occurrence, places: placesHere(here), estimateMs, reads, without };
  };

  return {
    blocks,
    conflicts: (seen) => conflictsOf(seen.map(planned), (systemId, key) => titles.has(`${systemId}/${key}`)),
    occurrences: (seen, conflicts) =>
      seen.flatMap((one, index) => {
        const { here, occurrence, standing } = one;
        const { entry, item, system, timing } = here;
        if (timing === null) return [];
        const { local, start, end, offset, kind } = occurrence;
        const isOpen = standing.state === 'due' || standing.state === 'overdue' || standing.asks;
        return {
          systemId: entry.systemId,
          key: entry.key,
          local,
          title: entry.title,
          systemName: system.name,
          environment: system.environment,
          startsAt: iso(start),
          endsAt: end > start ? iso(end) : null,
          cutoffAt: end > start && entry.cutoffMs !== null ? iso(end - entry.cutoffMs) : null,
          tz: entry.tz,
          offset: offsetWords(offset),
          clockChange: clockChangeOf(timing.zone, local, start, kind),
          ...standing,
          mark: markOut(one),
          waitsFor: waitsFor(here),
          blocked: isOpen ? blocks(here) : [],
          conflicts: standing.state === 'done' || standing.state === 'skipped' ? [] : (conflicts?.[index] ?? []),
          work: works(here).work,
          removes: entry.removes,
          role: item.value.role,
        };
      }),
  };
}
