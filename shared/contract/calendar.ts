/** The calendar: recurring work of systems, what is due, and what became of it. */
import { z } from 'zod';
import { conflictKinds } from '#shared/domain/calendar/conflicts.ts';
import { occurrenceStates } from '#shared/domain/calendar/standing.ts';
import { environment, id, instant, nothing } from './common.ts';
import { calendarItem, itemKey, localTime } from './items.ts';
import { command, query } from './method.ts';
import { runbookRef } from './runbooks.ts';

/** Names one time of an entry for good: its system, the entry, and the local time that its rule gives. */
const named = { systemId: id, key: itemKey, local: localTime };
export const occurrenceName = z.strictObject(named);
export type OccurrenceName = z.infer<typeof occurrenceName>;

export const calendarMark = z.object({
  state: z.enum(['begun', 'done', 'skipped']),
  /** By a run that ended well, or said by a person. */
  byRun: z.boolean(),
  /** Why it was skipped, or a note. */
  reason: z.string().nullable(),
  by: z.string(),
  at: instant,
  walkthroughId: id.nullable(),
  operationId: id.nullable(),
});
export type CalendarMark = z.infer<typeof calendarMark>;

export const calendarConflict = z.object({ kind: z.enum(conflictKinds), text: z.string(), other: occurrenceName.nullable() });
export type CalendarConflict = z.infer<typeof calendarConflict>;

export const calendarWork = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('runbook'), ref: runbookRef, /** Null: there is no such runbook here. */ title: z.string().nullable() }),
  z.object({ kind: z.literal('procedure'), procedure: z.enum(['health.check', 'backup.run']), title: z.string() }),
  z.object({ kind: z.literal('tasks'), tasks: z.array(z.string()) }),
]);
export type CalendarWork = z.infer<typeof calendarWork>;

export const calendarOccurrence = z.object({
  ...named,
  title: z.string(),
  systemName: z.string(),
  environment,
  startsAt: instant,
  /** When its window is over; null where it has none. */
  endsAt: instant.nullable(),
  /** From when on nothing new is begun in it. */
  cutoffAt: instant.nullable(),
  tz: z.string(),
  /** "−05:00", at its beginning. */
  offset: z.string(),
  /** What the change of the clocks does to it, in words; null where it does nothing. */
  clockChange: z.string().nullable(),
  state: z.enum(occurrenceStates),
  /** Nobody did it, and somebody has to say what becomes of it. */
  asks: z.boolean(),
  /** Why it stands so, in words. */
  why: z.string().nullable(),
  mark: calendarMark.nullable(),
  /** What has to be done before it, in words; empty where nothing has. */
  waitsFor: z.array(z.string()),
  /** Why it must not be begun now; empty where it may, and where it is not due yet. */
  blocked: z.array(z.string()),
  conflicts: z.array(calendarConflict),
  work: calendarWork,
  removes: z.boolean(),
  role: z.string().nullable(),
});
export type CalendarOccurrence = z.infer<typeof calendarOccurrence>;

export const calendarEntry = z.object({
  systemId: id,
  systemName: z.string(),
  environment,
  key: itemKey,
  item: calendarItem,
  standing: z.enum(['pack', 'changed', 'own', 'removed']),
  /** "Every week on Sunday at 02:00". */
  words: z.string(),
  /** What is wrong with its times, so that it never comes; null where nothing is. */
  problem: z.string().nullable(),
  nextAt: instant.nullable(),
  lastDoneAt: instant.nullable(),
});
export type CalendarEntry = z.infer<typeof calendarEntry>;

export const clockChange = z.object({
  /** The day of the wall: "2026-11-01". */
  date: z.string(),
  tz: z.string(),
  at: instant,
  /** "25 h". */
  length: z.string(),
  /** "EDT", "EST". */
  before: z.string(),
  after: z.string(),
  forward: z.boolean(),
});
export type ClockChange = z.infer<typeof clockChange>;

export const nextTime = z.object({ local: localTime, startsAt: instant, offset: z.string(), zone: z.string(), clockChange: z.string().nullable() });
export type NextTime = z.infer<typeof nextTime>;

/** Of a file of iCalendar: an event as it was understood. */
export const icsEvent = z.object({
  /** Names it within the file. */
  uid: z.string(),
  summary: z.string(),
  /** The entry that it would be; null where it cannot be one. */
  item: calendarItem.nullable(),
  /** The key under which it would be kept; an entry of this key is changed. */
  key: itemKey.nullable(),
  replaces: z.boolean(),
  words: z.string().nullable(),
  /** Why it is kept out; null where it is not. */
  problem: z.string().nullable(),
  /** What was understood otherwise, or is left out. */
  notes: z.array(z.string()),
  /** Times that it leaves out, which are kept as skipped. */
  skips: z.array(localTime),
});
export type IcsEvent = z.infer<typeof icsEvent>;

/** Of a file, in characters. */
const icsText = z.string().min(1).max(2_000_000);
const zoneName = z.string().trim().min(1).max(60);
const person = z.string().trim().min(1).max(200).optional();
const note = z.string().trim().max(2000);

export const calendarMethods = {
  'calendar.list': query(
    'What is in the calendar between two instants, and whatever still waits for somebody; of one system or of all.',
    z.strictObject({ systemId: id.optional(), from: instant, to: instant }),
    z.object({
      at: instant,
      occurrences: z.array(calendarOccurrence),
      /** Due, overdue, and missed with an answer wanted, however long ago; oldest first. */
      open: z.array(calendarOccurrence),
      /** In this span, and within a year from its beginning. */
      clockChanges: z.array(clockChange),
      /** Entries that never come, with why. */
      problems: z.array(z.object({ systemId: id, key: itemKey, title: z.string(), message: z.string() })),
    }),
  ),
  'calendar.entries': query('The entries of a calendar with their rules in words.', z.strictObject({ systemId: id.optional() }), z.object({ entries: z.array(calendarEntry) })),
  'calendar.preview': query(
    'What a rule says in words, and the next ten times, with what a change of the clocks does to them.',
    z.strictObject({ starts: z.string().max(40), rrule: z.string().max(500).nullable(), tz: z.string().max(60) }),
    z.object({ problem: z.object({ field: z.enum(['starts', 'rrule', 'tz']), message: z.string() }).nullable(), words: z.string().nullable(), next: z.array(nextTime), notes: z.array(z.string()) }),
  ),
  'calendar.save': command(
    'Adds an entry, or changes one.',
    z.strictObject({ systemId: id, /** Null: a new one, named by its title. */ key: itemKey.nullable(), item: calendarItem }),
    z.object({ key: itemKey }),
  ),
  'calendar.remove': command('Takes an entry out of the calendar. What was done of it stays in history.', z.strictObject({ systemId: id, key: itemKey }), nothing),
  'calendar.begin': query(
    'What beginning an occurrence means: the runbook, the procedure, or the tasks. Refused where something has to be there before.',
    z.strictObject({ ...named, /** Why it is begun outside its window. */ why: note.optional() }),
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('runbook'), ref: runbookRef }),
      z.object({ kind: z.literal('procedure'), procedure: z.enum(['health.check', 'backup.run']), databases: z.array(z.object({ id, label: z.string() })) }),
      z.object({ kind: z.literal('tasks'), tasks: z.array(z.string()) }),
    ]),
  ),
  'calendar.link': command(
    'Says that a walkthrough was begun for an occurrence: when it ends well, the occurrence is done.',
    z.strictObject({ ...named, walkthroughId: id, why: note.optional() }),
    nothing,
  ),
  'calendar.done': command('Says that an occurrence was done by hand.', z.strictObject({ ...named, note: note.default(''), by: person, /** When; left out: now. */ at: instant.optional() }), nothing),
  'calendar.skip': command('Leaves an occurrence out, with why.', z.strictObject({ ...named, reason: note.min(1, 'Say why it is left out'), by: person }), nothing),
  'calendar.undo': command('Takes back what was said of an occurrence.', z.strictObject(named), nothing),
  'calendar.export': query('The calendar as a file of iCalendar, for other programs.', z.strictObject({ systemId: id.optional() }), z.object({ fileName: z.string(), mediaType: z.string(), content: z.string(), entries: z.number().int() })),
  'calendar.readFile': query(
    'Reads a file of iCalendar and says of each event what it would be here. Changes nothing.',
    z.strictObject({ systemId: id, text: icsText, /** For times without a zone. */ tz: zoneName }),
    z.object({ events: z.array(icsEvent) }),
  ),
  'calendar.importFile': command(
    'Takes events of a file of iCalendar into the calendar of a system.',
    z.strictObject({ systemId: id, text: icsText, tz: zoneName, uids: z.array(z.string().max(1000)).min(1).max(2000) }),
    z.object({ keys: z.array(itemKey), skipped: z.number().int() }),
  ),
};
