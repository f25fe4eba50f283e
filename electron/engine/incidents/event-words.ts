/** One entry of the log of an incident in words: a head, and what there is to say about it. */
import { clockWords, type IncidentEvent, type LinkKind } from '#shared/domain/incident/incident.ts';
import type { IncidentEntry } from '#shared/contract/incidents.ts';

export type EventWords = Pick<IncidentEntry, 'title' | 'detail' | 'group' | 'tone'>;

const words = (title: string, detail = '', tone: IncidentEntry['tone'] = 'plain', group: IncidentEntry['group'] = 'incident'): EventWords => ({ title, detail, tone, group });
const by = (name: string): string => (name === '' ? '' : ` by ${name}`);
const linked: Readonly<Record<LinkKind, string>> = { operation: 'Operation', walkthrough: 'Walkthrough', backup: 'Backup' };

function passedWords({ clock, dueAt, as, why }: Extract<IncidentEvent, { kind: 'clock-passed' }>): EventWords {
  const name = clockWords[clock];
  switch (as) {
    case 'in-time':
      return words(`${name}: the time is over`, `It was due at ${dueAt}.`, 'warn', 'clock');
    case 'at-once':
      return words(`${name}: the time was over already`, `It was due at ${dueAt}, before that was known here.`, 'warn', 'clock');
    default:
      return words(`${name}: passed at ${dueAt} (${why})`, as === 'stale' ? 'That is long ago: nobody was told as if it were new.' : '', 'warn', 'clock');
  }
}

export function eventWords(event: IncidentEvent): EventWords {
  switch (event.kind) {
    case 'opened':
      return words(`Declared ${event.severity.title}`, [event.seen, event.unsureOf === null ? '' : `Not sure, so graver than ${event.unsureOf}.`].filter((part) => part !== '').join(' '), event.severity.tone === 'critical' ? 'critical' : 'warn');
    case 'acknowledged':
      return words(`Acknowledged${by(event.by)}`, '', 'ok');
    case 'responded':
      return words(`Work has begun${by(event.by)}`, event.text, 'ok');
    case 'assigned':
      return event.who === '' ? words(`${event.title}: nobody any more`) : words(`${event.title}: ${event.who}`);
    case 'noted':
      return words('Note', event.text, 'plain', 'note');
    case 'updated':
      return words(`Update${event.to === '' ? '' : ` to ${event.to}`}`, event.text, 'plain', 'note');
    case 'severity-changed':
      return words(`Severity is ${event.severity.title} now`, event.reason, event.severity.tone === 'critical' ? 'critical' : 'warn');
    case 'escalated':
      return words(`Escalated to ${event.to}${by(event.by)}`, event.how);
    case 'mitigated':
      return words('Mitigated', event.text, 'ok');
    case 'resolved':
      return words('Resolved', event.text, 'ok');
    case 'closed':
      return words('Closed', event.text, 'ok');
    case 'reopened':
      return words('Reopened', event.reason, 'warn');
    case 'paused':
      return words('Clocks stand still', event.reason, 'skipped', 'clock');
    case 'resumed':
      return words('Clocks go on', event.reason, 'plain', 'clock');
    case 'linked':
      return words(`${linked[event.what]} linked`, event.title);
    case 'corrected':
      return words(`Entry ${event.seq} corrected`, event.text, 'plain', 'note');
    case 'clock-passed':
      return passedWords(event);
  }
}
