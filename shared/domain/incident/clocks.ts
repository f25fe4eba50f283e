/** The clocks of an incident as they stand: absolute deadlines, made of what happened. */
import { counted, deadline, type Span } from './hours.ts';
import { clockNames, isPaused, isSettled, type ClockName, type Incident } from './incident.ts';

export interface Clock {
  name: ClockName;
  /** Null: the severity of now has no such clock, but an earlier one had. */
  limitMs: number | null;
  /** From when it counts. ISO. */
  from: string;
  /** ISO; null where it stands still, or is done with before it had one. */
  dueAt: string | null;
  /** `kept`, `missed`: done with, in time or late. `not-needed`: it ended before anybody had to. */
  state: 'running' | 'stopped' | 'kept' | 'missed' | 'not-needed';
  /** When it was done with. ISO. */
  at: string | null;
  /** Of the time that counts, while it stands still. */
  leftMs: number | null;
}

const ms = (iso: string): number => Date.parse(iso);
const iso = (at: number): string => new Date(at).toISOString();

/** When clocks stood still. @param until an open one is taken to end then; null: it goes on */
export const stopsOf = ({ stops }: Pick<Incident, 'stops'>, until: string | null): Span[] => stops.map(({ from, to }) => [ms(from), to !== null ? ms(to) : until === null ? Infinity : ms(until)]);

const startOf = (incident: Incident, name: ClockName): string => (name === 'update' ? incident.updateFrom : incident.declaredAt);

/**
 * When a clock of the severity of now runs out. ISO.
 * @param until what stands still is taken to go on from then; null: it stands still
 * @returns null where there is no such clock, or where it stands still
 */
export function dueOf(incident: Incident, name: ClockName, until: string | null = null): string | null {
  const limit = incident.severity.clocks[name];
  if (limit === null) return null;
  const due = deadline(ms(startOf(incident, name)), limit, incident.severity.hours, stopsOf(incident, until));
  return due === null ? null : iso(due);
}

/** Whether nobody has to keep it any more. */
const isIdle = (incident: Incident, name: ClockName): boolean => isSettled(incident) || (name === 'escalate' && incident.state === 'mitigated');

function clockOf(incident: Incident, name: ClockName): Clock | null {
  const limitMs = incident.severity.clocks[name];
  const from = startOf(incident, name);
  const met = incident.met[name];
  if (met !== undefined) return limitMs === null && met.dueAt === null ? null : { name, limitMs, from, dueAt: met.dueAt, state: met.kept ? 'kept' : 'missed', at: met.at, leftMs: null };
  if (limitMs === null) return null;
  if (isIdle(incident, name)) return { name, limitMs, from, dueAt: null, state: 'not-needed', at: null, leftMs: null };
  if (isPaused(incident)) {
    const since = incident.stops.findLast(({ to }) => to === null)?.from ?? incident.lastAt;
    return { name, limitMs, from, dueAt: null, state: 'stopped', at: null, leftMs: limitMs - counted(ms(from), ms(since), incident.severity.hours, stopsOf(incident, null)) };
  }
  return { name, limitMs, from, dueAt: dueOf(incident, name), state: 'running', at: null, leftMs: null };
}

/** In the order in which people ask for them. */
export const clocksOf = (incident: Incident): Clock[] => clockNames.flatMap((name) => clockOf(incident, name) ?? []);

export interface Deadline {
  clock: ClockName;
  /** ISO. */
  dueAt: string;
}

/** What runs out if nobody does anything, the earliest first. */
export function deadlinesOf(incident: Incident): Deadline[] {
  return clocksOf(incident)
    .flatMap(({ name, dueAt, state }) => (state === 'running' && dueAt !== null ? [{ clock: name, dueAt }] : []))
    .toSorted((a, b) => ms(a.dueAt) - ms(b.dueAt));
}

/** Whether it was told of a deadline that it passed. */
export const wasTold = ({ passed }: Pick<Incident, 'passed'>, { clock, dueAt }: Deadline): boolean => passed.some((each) => each.clock === clock && each.dueAt === dueAt);

/** Deadlines that had passed before anybody here could keep them, as where an incident is declared late or becomes graver. */
export function passedAtOnce(incident: Incident): Deadline[] {
  return deadlinesOf(incident).filter((each) => ms(each.dueAt) <= ms(incident.lastAt) && !wasTold(incident, each));
}
