import type { Database } from './database.ts';

export type CalendarMarkState = 'begun' | 'done' | 'skipped';

/** What became of one time of an entry. */
export interface CalendarMark {
  systemId: string;
  key: string;
  /** "2026-11-29T02:00". */
  local: string;
  state: CalendarMarkState;
  /** Why it was skipped, or a note; of one that was begun why it was allowed to be. */
  reason: string | null;
  by: string;
  walkthroughId: string | null;
  operationId: string | null;
  /** When it was done, skipped or begun, in milliseconds since the epoch. */
  at: number;
}

/** Who it is by where a run is all there is: nobody said it. */
export const byRun = 'run';
export const isByRun = ({ by, walkthroughId }: Pick<CalendarMark, 'by' | 'walkthroughId'>): boolean => by === byRun && walkthroughId === null;

export type ReminderKind = 'notice' | 'due' | 'overdue';

export interface CalendarRepository {
  find(systemId: string, key: string, local: string): CalendarMark | null;
  /** Of a system, or of all (null); whose local time lies between these, both included. */
  marks(systemId: string | null, fromLocal: string, toLocal: string): CalendarMark[];
  /** What was begun and has not been settled yet. */
  begun(): CalendarMark[];
  /** In place of what was. */
  mark(mark: CalendarMark): void;
  /** Whether there was one. */
  unmark(systemId: string, key: string, local: string): boolean;
  /** When an entry was done last, in milliseconds since the epoch; null: never. */
  lastDone(systemId: string, key: string): number | null;
  /**
   * From when on an entry with these times is in the calendar, in milliseconds since the epoch; one that is not known
   * with them is from now on, as is one that is said to be only later.
   */
  since(systemId: string, key: string, times: string, now: number): number;
  /** Whether people were told, and remembers that they were: once for each kind. */
  remind(systemId: string, key: string, local: string, kind: ReminderKind, at: number): boolean;
  isReminded(systemId: string, key: string, local: string, kind: ReminderKind): boolean;
  /** Forgets what people were told before this instant. */
  forgetReminders(before: number): void;
}

interface MarkRow {
  system_id: string;
  key: string;
  local: string;
  state: CalendarMarkState;
  reason: string | null;
  by: string;
  walkthrough_id: string | null;
  operation_id: string | null;
  at: number;
}

const toMark = (row: MarkRow): CalendarMark => ({ systemId: row.system_id, key: row.key, local: row.local, state: row.state, reason: row.reason, by: row.by, walkthroughId: row.walkthrough_id, operationId: row.operation_id, at: row.at });

export function createCalendarRepository(database: Database): CalendarRepository {
  const one = database.prepare<[string, string, string], MarkRow>('SELECT * FROM calendar_marks WHERE system_id = ? AND key = ? AND local = ?');
  const ofSystem = database.prepare<[string, string, string], MarkRow>('SELECT * FROM calendar_marks WHERE system_id = ? AND local BETWEEN ? AND ?');
  const ofAll = database.prepare<[string, string], MarkRow>('SELECT * FROM calendar_marks WHERE local BETWEEN ? AND ?');
  const begun = database.prepare<[], MarkRow>("SELECT * FROM calendar_marks WHERE state = 'begun'");
  const put = database.prepare('INSERT OR REPLACE INTO calendar_marks (system_id, key, local, state, reason, by, walkthrough_id, operation_id, at) VALUES (@systemId, @key, @local, @state, @reason, @by, @walkthroughId, @operationId, @at)');
  const take = database.prepare('DELETE FROM calendar_marks WHERE system_id = ? AND key = ? AND local = ?');
  const lastDone = database.prepare<[string, string], number | null>("SELECT max(at) FROM calendar_marks WHERE system_id = ? AND key = ? AND state = 'done'").pluck();
  const since = database.prepare<[string, string, string], number>('SELECT since FROM calendar_since WHERE system_id = ? AND key = ? AND times = ?').pluck();
  const putSince = database.prepare('INSERT OR REPLACE INTO calendar_since (system_id, key, times, since) VALUES (?, ?, ?, ?)');
  const reminded = database.prepare<[string, string, string, string], number>('SELECT 1 FROM calendar_reminders WHERE system_id = ? AND key = ? AND local = ? AND kind = ?').pluck();
  const putReminder = database.prepare('INSERT OR IGNORE INTO calendar_reminders (system_id, key, local, kind, at) VALUES (?, ?, ?, ?, ?)');
  const forget = database.prepare('DELETE FROM calendar_reminders WHERE at < ?');

  return {
    find(systemId, key, local) {
      const row = one.get(systemId, key, local);
      return row === undefined ? null : toMark(row);
    },
    marks: (systemId, fromLocal, toLocal) => (systemId === null ? ofAll.all(fromLocal, toLocal) : ofSystem.all(systemId, fromLocal, toLocal)).map(toMark),
    begun: () => begun.all().map(toMark),
    mark: (mark) => void put.run(mark),
    unmark: (systemId, key, local) => take.run(systemId, key, local).changes > 0,
    lastDone: (systemId, key) => lastDone.get(systemId, key) ?? null,
    since(systemId, key, times, now) {
      const known = since.get(systemId, key, times);
      // One that lies ahead was remembered by a clock that was wrong: by it all that is due until then would have passed.
      if (known !== undefined && known <= now) return known;
      putSince.run(systemId, key, times, now);
      return now;
    },
    remind: (systemId, key, local, kind, at) => putReminder.run(systemId, key, local, kind, at).changes === 0,
    isReminded: (systemId, key, local, kind) => reminded.get(systemId, key, local, kind) !== undefined,
    forgetReminders: (before) => void forget.run(before),
  };
}
