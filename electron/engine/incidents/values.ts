/** What prepared texts may name: everything that the log of an incident knows, in words. */
import { clocksOf, dueOf } from '#shared/domain/incident/clocks.ts';
import { clockWords, isSettled, stateWords, type Incident, type StoredIncidentEvent } from '#shared/domain/incident/incident.ts';
import { span, type Times } from '../documents/times.ts';

/** Where nobody knows, or nothing is said yet. */
const open = '…';

/** @param now ISO */
export function valuesOf(incident: Incident, events: readonly StoredIncidentEvent[], systemName: string | null, now: string, times: Times): Record<string, string> {
  // To people, without the seconds.
  const short = (text: string): string => text.replaceAll(/\b(\d\d:\d\d):\d\d\b/g, '$1');
  const at = (iso: string | null | undefined): string => (iso === null || iso === undefined ? open : short(times.exact(iso)));
  const entered = (state: Incident['state']): string | undefined => incident.states.findLast((each) => each.state === state)?.at;
  const ended = entered('resolved') ?? null;
  const isOver = isSettled(incident);
  // What is promised with a text that is sent now.
  const next = isOver ? null : dueOf({ ...incident, updateFrom: now }, 'update');
  const notes = events.flatMap(({ event }) => (event.kind === 'noted' ? [event.text] : []));
  const clocks = clocksOf(incident);
  return {
    number: `INC-${incident.number}`,
    id: `INC-${incident.number}`,
    title: incident.title,
    severity: incident.severity.title,
    state: stateWords[incident.state],
    status: stateWords[incident.state],
    system: systemName ?? open,
    seen: incident.seen === '' ? open : incident.seen,
    description: incident.seen === '' ? incident.title : incident.seen,
    started: at(incident.declaredAt),
    declared: at(incident.declaredAt),
    detected: at(incident.declaredAt),
    acknowledged: at(incident.met.acknowledge?.at),
    responded: at(incident.met.respond?.at),
    mitigated: at(entered('mitigated')),
    resolved: isOver ? at(ended) : open,
    closed: at(incident.endedAt),
    now: at(now),
    date: times.day(now),
    time: short(times.clock(now)),
    duration: span(Math.max(0, Date.parse((isOver ? ended : null) ?? now) - Date.parse(incident.declaredAt))),
    next_update: at(next),
    last_update: incident.updates.at(-1)?.text ?? open,
    updates: String(incident.updates.length),
    last_note: notes.at(-1) ?? (incident.seen === '' ? open : incident.seen),
    notes: notes.length === 0 ? open : notes.map((text) => `- ${text}`).join('\n'),
    lead: incident.roles['lead']?.who ?? Object.values(incident.roles)[0]?.who ?? open,
    roles: Object.values(incident.roles).map(({ title, who }) => `${title}: ${who}`).join('; ') || open,
    escalated_to: incident.escalations.at(-1)?.to ?? open,
    kept: clocks.filter(({ state }) => state === 'kept').map(({ name }) => clockWords[name]).join(', ') || open,
    missed: clocks.filter(({ state }) => state === 'missed').map(({ name }) => clockWords[name]).join(', ') || open,
  };
}
