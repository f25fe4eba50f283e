/** What is said of incidents on their screens. */
import type { IncidentClock, IncidentSummary, IncidentView } from '#shared/contract/incidents.ts';
import type { ClockName } from '#shared/domain/incident/incident.ts';
import { age, clockTime, localTime, mailHref, span } from '../../components/format.ts';
import type { Tone } from '../../components/words.ts';

/** The colour of a severity; there is always its title beside it. */
export const severityTones: Record<IncidentSummary['severity']['tone'], Tone> = { critical: 'critical', warn: 'warn', info: 'skipped' };

/** The order in which an incident goes on; "Reopened" takes the place of the state that it is in. */
export const track = ['detected', 'acknowledged', 'investigating', 'mitigated', 'resolved', 'closed'] as const;

export type ClockTone = 'ok' | 'warn' | 'critical' | 'plain';

export interface ClockWords {
  tone: ClockTone;
  /** "12 min left". */
  left: string;
  /** "due 14:44, every 30 min". */
  about: string;
  /** How much of it is used, from 0 to 1; null where there is nothing to show. */
  used: number | null;
}

const quarter = 0.75;
const whole = (ms: number): string => age(Math.max(0, ms));
const unless: Partial<Record<ClockName, string>> = { escalate: ', unless mitigated' };

/** @param now milliseconds since the epoch */
export function clockWords({ name, limitMs, from, dueAt, state, at, leftMs }: IncidentClock, now: number): ClockWords {
  const limit = limitMs === null ? '' : name === 'update' ? `, every ${span(limitMs)}` : `, limit ${span(limitMs)}`;
  const took = at === null ? '' : whole(Date.parse(at) - Date.parse(from));
  switch (state) {
    case 'kept':
      return { tone: 'ok', left: took, about: `met ${at === null ? '' : localTime(at)}${limit}`, used: share(from, dueAt, at === null ? now : Date.parse(at)) };
    case 'missed':
      return { tone: 'critical', left: took, about: `missed: was due ${dueAt === null ? '' : localTime(dueAt)}`, used: 1 };
    case 'not-needed':
      return { tone: 'plain', left: 'Not needed', about: 'any more', used: null };
    case 'stopped':
      return { tone: 'plain', left: 'Stands still', about: `${leftMs === null || leftMs < 0 ? 'none' : whole(leftMs)} left${limit}`, used: null };
    case 'running': {
      if (dueAt === null) return { tone: 'plain', left: 'No end in sight', about: limit.slice(2), used: null };
      const rest = Date.parse(dueAt) - now;
      const used = share(from, dueAt, now);
      if (rest <= 0) return { tone: 'critical', left: `${whole(-rest)} over`, about: `was due ${localTime(dueAt)}${limit}`, used: 1 };
      return { tone: (used ?? 0) >= quarter ? 'warn' : 'plain', left: `${whole(rest)} left`, about: `due ${localTime(dueAt)}${limit}${unless[name] ?? ''}`, used };
    }
  }
}

function share(from: string, dueAt: string | null, now: number): number | null {
  if (dueAt === null) return null;
  const all = Date.parse(dueAt) - Date.parse(from);
  return all <= 0 ? 1 : Math.min(1, Math.max(0, (now - Date.parse(from)) / all));
}

/** "acknowledge is due 14:44", "next update was due 14:44, 5 min ago". */
export function nextWords(next: IncidentSummary['next'], now: number): string {
  if (next === null) return '';
  const rest = Date.parse(next.dueAt) - now;
  return rest > 0 ? `${next.title} in ${age(rest)}` : `${next.title} was due ${clockTime(next.dueAt)}, ${age(-rest)} ago`;
}

export const isLate = (next: IncidentSummary['next'], now: number): boolean => next !== null && Date.parse(next.dueAt) <= now;

/** A letter that somebody else's program opens, with the text in it. */
export function mailTo(address: string, subject: string, body: string): string {
  return `${mailHref(address)}?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(body)}`;
}

/** What may be sent to people, the updates first; a report is written when it is over. */
export const updateTexts = ({ texts }: Pick<IncidentView, 'texts'>): IncidentView['texts'] => texts.filter(({ purpose }) => purpose !== 'incident-report').toSorted((a, b) => Number(a.purpose !== 'status-update') - Number(b.purpose !== 'status-update'));

/** The one that is proposed: what a system calls its update, else the first. */
export function updateText(view: Pick<IncidentView, 'texts'>): IncidentView['texts'][number] | null {
  const texts = updateTexts(view);
  return texts.find(({ key }) => key === 'status-update') ?? texts[0] ?? null;
}
