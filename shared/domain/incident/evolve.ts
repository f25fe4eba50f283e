/** How the state of an incident follows from its events. Pure and total: what was kept is folded, whatever it is. */
import { dueOf } from './clocks.ts';
import { engineActor, type ClockName, type Incident, type IncidentEvent, type IncidentState } from './incident.ts';

export interface Happened {
  id: string;
  seq: number;
  /** ISO. */
  at: string;
  actor: string;
  event: IncidentEvent;
}

function begin({ id, seq, at, actor }: Happened, event: Extract<IncidentEvent, { kind: 'opened' }>): Incident {
  return {
    id,
    number: event.number,
    seq,
    personSeq: seq,
    title: event.title,
    system: event.system,
    state: 'detected',
    states: [{ at: event.declaredAt, state: 'detected' }],
    severity: event.severity,
    severities: [{ at: event.declaredAt, severity: event.severity, reason: '', actor }],
    unsureOf: event.unsureOf,
    declaredAt: event.declaredAt,
    seen: event.seen,
    roles: {},
    met: {},
    updates: [],
    updateFrom: event.declaredAt,
    stops: [],
    passed: [],
    escalations: [],
    links: [],
    corrections: [],
    endedAt: null,
    lastAt: at,
  };
}

/** Judged by the limit that holds now; what stands still does so until now. */
function meet(incident: Incident, at: string, ...names: ClockName[]): Incident['met'] {
  const met = { ...incident.met };
  for (const name of names) {
    if (met[name] !== undefined) continue;
    const dueAt = dueOf(incident, name, at);
    met[name] = { at, dueAt, kept: dueAt === null || Date.parse(at) <= Date.parse(dueAt) };
  }
  return met;
}

const enter = (incident: Incident, state: IncidentState, at: string): Pick<Incident, 'state' | 'states'> => (incident.state === state ? { state, states: incident.states } : { state, states: [...incident.states, { at, state }] });
const goOn = ({ stops }: Incident, at: string): Incident['stops'] => stops.map((stop) => (stop.to === null ? { ...stop, to: at } : stop));

function change(incident: Incident, { seq, at, actor, event }: Happened): Partial<Incident> {
  switch (event.kind) {
    case 'opened':
      return {};
    case 'acknowledged':
      return { ...(incident.state === 'detected' || incident.state === 'reopened' ? enter(incident, 'acknowledged', at) : {}), met: meet(incident, at, 'acknowledge') };
    case 'responded':
      return { ...enter(incident, 'investigating', at), met: meet(incident, at, 'acknowledge', 'respond') };
    case 'assigned': {
      const { [event.role]: _before, ...others } = incident.roles;
      return { roles: event.who === '' ? others : { ...others, [event.role]: { title: event.title, who: event.who, contact: event.contact } } };
    }
    case 'noted':
      return {};
    case 'updated': {
      const dueAt = dueOf(incident, 'update', at);
      return { updates: [...incident.updates, { at, dueAt, kept: dueAt === null || Date.parse(at) <= Date.parse(dueAt), text: event.text, to: event.to }], updateFrom: at };
    }
    case 'severity-changed':
      return { severity: event.severity, severities: [...incident.severities, { at, severity: event.severity, reason: event.reason, actor }] };
    case 'escalated':
      return { escalations: [...incident.escalations, { at, to: event.to, how: event.how, by: event.by }], met: meet(incident, at, 'escalate') };
    case 'mitigated':
      return { ...enter(incident, 'mitigated', at), met: meet(incident, at, 'acknowledge', 'respond') };
    case 'resolved':
      return { ...enter(incident, 'resolved', at), met: meet(incident, at, 'acknowledge', 'respond', 'resolve'), stops: [...goOn(incident, at), { from: at, to: null, why: 'It was resolved.', kind: 'resolved' }] };
    case 'closed':
      return { ...enter(incident, 'closed', at), endedAt: at };
    case 'reopened': {
      const { resolve: _resolve, ...met } = incident.met;
      // Whoever was promised words while it was over has them from now on.
      return { ...enter(incident, 'reopened', at), met, stops: goOn(incident, at), updateFrom: at, endedAt: null };
    }
    case 'paused':
      return { stops: [...incident.stops, { from: at, to: null, why: event.reason, kind: 'paused' }] };
    case 'resumed':
      return { stops: goOn(incident, at) };
    case 'linked':
      return { links: incident.links.some(({ what, id }) => what === event.what && id === event.id) ? incident.links : [...incident.links, { what: event.what, id: event.id, title: event.title, at }] };
    case 'corrected':
      return { corrections: [...incident.corrections, { seq, of: event.seq, text: event.text, at, actor }] };
    case 'clock-passed':
      return { passed: [...incident.passed, { clock: event.clock, dueAt: event.dueAt, at, as: event.as }] };
  }
}

/** @param incident null before the first event */
export function evolve(incident: Incident | null, happened: Happened): Incident {
  const { event, seq, at, actor } = happened;
  if (incident === null) {
    if (event.kind !== 'opened') throw new Error(`An incident begins with being opened, not with: ${event.kind}.`);
    return begin(happened, event);
  }
  return { ...incident, ...change(incident, happened), seq, personSeq: actor === engineActor ? incident.personSeq : seq, lastAt: at };
}

/** @returns null where there are no events */
export const fold = (events: readonly Happened[]): Incident | null => events.reduce<Incident | null>((incident, happened) => evolve(incident, happened), null);
