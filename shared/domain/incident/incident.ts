/** What an incident is made of: its severity, its events, its states. Pure; how they follow from each other is in `decide.ts`, `evolve.ts` and `clocks.ts`. */

export const incidentStates = ['detected', 'acknowledged', 'investigating', 'mitigated', 'resolved', 'closed', 'reopened'] as const;
export type IncidentState = (typeof incidentStates)[number];

export const clockNames = ['acknowledge', 'respond', 'update', 'escalate', 'resolve'] as const;
export type ClockName = (typeof clockNames)[number];
export const linkKinds = ['operation', 'walkthrough', 'backup'] as const;
export type LinkKind = (typeof linkKinds)[number];

export type Weekday = 'MO' | 'TU' | 'WE' | 'TH' | 'FR' | 'SA' | 'SU';

/** Hours in which clocks go. */
export interface Hours {
  title: string;
  /** IANA. */
  tz: string;
  /** "09:00", on the clock of that zone. What ends at or before its beginning ends on the next day; "23:59" is the end of the day. */
  spans: readonly { days: readonly Weekday[]; from: string; to: string }[];
}

/** As it is when it is given to an incident: what becomes of it in the system later changes no incident. */
export interface Severity {
  key: string;
  title: string;
  /** 1 is the gravest. */
  rank: number;
  tone: 'critical' | 'warn' | 'info';
  /** Milliseconds; null: no such clock. */
  clocks: Readonly<Record<ClockName, number | null>>;
  /** Null: clocks go all the time. */
  hours: Hours | null;
  /** What to know about its hours, in words; null: nothing. */
  hoursNote: string | null;
  /** The runbook that one begins with; null: none is named. */
  runbook: string | null;
}

/** How a deadline passed: while somebody could be told, while nobody could, so long ago that it is only shown, or before it was known here. */
export const passedWays = ['in-time', 'away', 'stale', 'at-once'] as const;
export type PassedWay = (typeof passedWays)[number];

/** The truth of an incident, in this order. */
export type IncidentEvent =
  | { kind: 'opened'; number: number; title: string; system: { id: string; name: string } | null; severity: Severity; /** The lower one that somebody named without being sure; null: they were. */ unsureOf: string | null; declaredAt: string; seen: string }
  | { kind: 'acknowledged'; by: string }
  | { kind: 'responded'; by: string; text: string }
  /** `who` empty: nobody any more. */
  | { kind: 'assigned'; role: string; title: string; who: string; contact: string | null }
  | { kind: 'noted'; text: string }
  | { kind: 'updated'; text: string; /** The key of a channel; null: another way. */ channel: string | null; to: string }
  | { kind: 'severity-changed'; severity: Severity; reason: string }
  | { kind: 'escalated'; to: string; tier: string | null; contact: string | null; how: string; by: string }
  | { kind: 'mitigated'; text: string }
  | { kind: 'resolved'; text: string }
  | { kind: 'closed'; text: string }
  | { kind: 'reopened'; reason: string }
  | { kind: 'paused'; reason: string }
  | { kind: 'resumed'; reason: string }
  | { kind: 'linked'; what: LinkKind; id: string; title: string }
  /** What an earlier entry should have said: that one stays as it was. */
  | { kind: 'corrected'; seq: number; text: string }
  /** A deadline passed. `at` of the event is when it was seen. */
  | { kind: 'clock-passed'; clock: ClockName; dueAt: string; as: PassedWay; why: string };

export interface StoredIncidentEvent {
  seq: number;
  /** ISO. */
  at: string;
  actor: string;
  commandId: string;
  event: IncidentEvent;
  prevHash: string;
  hash: string;
}

/** Instants are ISO, in UTC. */
export interface Incident {
  id: string;
  number: number;
  /** Of the last event, and of the last that a person made. */
  seq: number;
  personSeq: number;
  title: string;
  system: { id: string; name: string } | null;
  state: IncidentState;
  /** Each with when it began; the first began when the incident was declared. */
  states: readonly { at: string; state: IncidentState }[];
  severity: Severity;
  severities: readonly { at: string; severity: Severity; reason: string; actor: string }[];
  unsureOf: string | null;
  declaredAt: string;
  seen: string;
  /** By role. */
  roles: Readonly<Record<string, { title: string; who: string; contact: string | null }>>;
  /** Clocks that are done with, judged by the limits that held at that time. */
  met: Readonly<Partial<Record<ClockName, { at: string; dueAt: string | null; kept: boolean }>>>;
  updates: readonly { at: string; dueAt: string | null; kept: boolean; text: string; to: string }[];
  /** From when the next update counts. */
  updateFrom: string;
  /** When clocks stood still; `to` null: they do. */
  stops: readonly { from: string; to: string | null; why: string; kind: 'paused' | 'resolved' }[];
  passed: readonly { clock: ClockName; dueAt: string; at: string; as: PassedWay }[];
  escalations: readonly { at: string; to: string; how: string; by: string }[];
  links: readonly { what: LinkKind; id: string; title: string; at: string }[];
  /** `seq` of the correction, and of what it corrects. */
  corrections: readonly { seq: number; of: number; text: string; at: string; actor: string }[];
  /** When it was closed. */
  endedAt: string | null;
  lastAt: string;
}

/** Who the engine is in the log. */
export const engineActor = 'engine';
/** That a deadline passed is said by the engine, whoever did something at that moment. */
export const actorOf = (event: IncidentEvent, actor: string): string => (event.kind === 'clock-passed' ? engineActor : actor);

export const isOpen = ({ state }: Pick<Incident, 'state'>): boolean => state !== 'closed';
/** Nothing of it runs any more. */
export const isSettled = ({ state }: Pick<Incident, 'state'>): boolean => state === 'resolved' || state === 'closed';
export const isPaused = ({ stops }: Pick<Incident, 'stops'>): boolean => stops.some(({ kind, to }) => kind === 'paused' && to === null);

export const stateWords: Readonly<Record<IncidentState, string>> = { detected: 'Detected', acknowledged: 'Acknowledged', investigating: 'Investigating', mitigated: 'Mitigated', resolved: 'Resolved', closed: 'Closed', reopened: 'Reopened' };
export const clockWords: Readonly<Record<ClockName, string>> = { acknowledge: 'Acknowledge', respond: 'Respond', update: 'Next update', escalate: 'Escalate', resolve: 'Resolve' };
