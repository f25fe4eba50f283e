/** What a person does in an incident, as events; or why it cannot be done now. Pure. */
import { PilothouseError } from '../errors.ts';
import { isPaused, isSettled, stateWords, type Incident, type IncidentEvent } from './incident.ts';

/** An event without what only the engine says. */
export type Deed = Exclude<IncidentEvent, { kind: 'opened' | 'clock-passed' }>;
export type DeedKind = Deed['kind'];
export const deedKinds = ['acknowledged', 'responded', 'assigned', 'noted', 'updated', 'severity-changed', 'escalated', 'mitigated', 'resolved', 'closed', 'reopened', 'paused', 'resumed', 'linked', 'corrected'] as const satisfies readonly DeedKind[];

/** Why something of a kind cannot be done now, in words; null: it can. */
export function refusal(incident: Incident, kind: DeedKind): string | null {
  const { state } = incident;
  const word = stateWords[state].toLowerCase();
  const settled = isSettled(incident) ? `It is ${word}.` : null;
  switch (kind) {
    case 'noted':
    case 'linked':
    case 'corrected':
      return null;
    case 'acknowledged':
      return settled ?? (state === 'detected' || state === 'reopened' ? null : 'It was acknowledged already.');
    case 'responded':
      return settled ?? (state === 'investigating' ? 'Somebody works on it already.' : null);
    case 'assigned':
    case 'updated':
      return state === 'closed' ? 'It is closed.' : null;
    case 'severity-changed':
    case 'escalated':
      return settled;
    case 'mitigated':
      return settled ?? (state === 'mitigated' ? 'It is mitigated already.' : null);
    case 'resolved':
      return settled;
    case 'closed':
      return state === 'resolved' ? null : state === 'closed' ? 'It is closed already.' : 'It is not resolved yet.';
    case 'reopened':
      return isSettled(incident) ? null : 'It is open.';
    case 'paused':
      return settled ?? (isPaused(incident) ? 'Its clocks stand still already.' : null);
    case 'resumed':
      return isPaused(incident) ? null : 'Its clocks do not stand still.';
  }
}

/** What can be done now. */
export const possible = (incident: Incident): DeedKind[] => deedKinds.filter((kind) => refusal(incident, kind) === null);

const notNow = (incident: Incident, why: string): PilothouseError => new PilothouseError('incident.not-now', `INC-${incident.number}, "${incident.title}": ${why}`, { hint: 'Read it again: somebody may have been faster.' });

/**
 * The events of what a person does.
 * @throws incident.not-now
 */
export function decide(incident: Incident, deed: Deed): IncidentEvent[] {
  const why = refusal(incident, deed.kind);
  if (why !== null) throw notNow(incident, why);
  if (deed.kind === 'severity-changed' && deed.severity.key === incident.severity.key) throw notNow(incident, `It is ${incident.severity.title} already.`);
  if (deed.kind === 'assigned' && deed.who === '' && incident.roles[deed.role] === undefined) throw notNow(incident, `Nobody has the role ${deed.title}.`);
  if (deed.kind === 'linked' && incident.links.some(({ what, id }) => what === deed.what && id === deed.id)) throw notNow(incident, `"${deed.title}" is linked already.`);
  if (deed.kind === 'corrected' && (deed.seq > incident.seq || deed.seq < 1)) throw notNow(incident, `It has no entry ${deed.seq}.`);
  if (deed.kind === 'corrected' && incident.corrections.some(({ seq }) => seq === deed.seq)) throw notNow(incident, `Entry ${deed.seq} is a correction itself: correct the entry that it is about.`);
  return [deed];
}
