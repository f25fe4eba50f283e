/** An incident for tests, done to step by step, without a store. */
import { passedAtOnce } from '#shared/domain/incident/clocks.ts';
import { decide, type Deed } from '#shared/domain/incident/decide.ts';
import { evolve } from '#shared/domain/incident/evolve.ts';
import { actorOf, type Hours, type Incident, type IncidentEvent, type Severity } from '#shared/domain/incident/incident.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const start = Date.parse('2026-03-02T12:00:00.000Z');

export function severity(key: string, changes: Partial<Severity> = {}): Severity {
  return { key, title: key.toUpperCase(), rank: Number(key.slice(1)), tone: 'critical', clocks: { acknowledge: 15 * minute, respond: 30 * minute, update: 30 * minute, escalate: hour, resolve: 4 * hour }, hours: null, hoursNote: null, runbook: null, ...changes };
}
export const office: Hours = { title: 'Office hours', tz: 'America/New_York', spans: [{ days: ['MO', 'TU', 'WE', 'TH', 'FR'], from: '09:00', to: '17:00' }] };

export interface Told {
  incident: Incident;
  events: IncidentEvent[];
}

const iso = (at: number): string => new Date(at).toISOString();

/** Adds events at an instant, with what follows at once. */
export function add(told: Told | null, at: number, events: readonly IncidentEvent[], actor = 'ann'): Told {
  let incident = told?.incident ?? null;
  const all = [...(told?.events ?? [])];
  const take = (event: IncidentEvent): void => {
    all.push(event);
    incident = evolve(incident, { id: 'i', seq: all.length, at: iso(at), actor: actorOf(event, actor), event });
  };
  for (const event of events) take(event);
  for (const { clock, dueAt } of incident === null ? [] : passedAtOnce(incident)) take({ kind: 'clock-passed', clock, dueAt, as: 'at-once', why: '' });
  if (incident === null) throw new Error('Nothing happened.');
  return { incident, events: all };
}

export const opened = (changes: Partial<Extract<IncidentEvent, { kind: 'opened' }>> = {}, at = start): Told =>
  add(null, at, [{ kind: 'opened', number: 1, title: 'Down', system: null, severity: severity('p1'), unsureOf: null, declaredAt: iso(at), seen: '', ...changes }]);

export const act = (told: Told, at: number, deed: Deed): Told => add(told, at, decide(told.incident, deed));
