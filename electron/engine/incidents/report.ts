/** A report of an incident, for who was not there: what it was, how long, which promises were kept, who did what, and then all of it in order. */
import type { IncidentView } from '#shared/contract/incidents.ts';
import { clockWords, isSettled, stateWords, type Incident, type StoredIncidentEvent } from '#shared/domain/incident/incident.ts';
import { code, codeBlock, facts, heading, paragraph, said, type Block, type Words } from '../documents/blocks.ts';
import { htmlOf } from '../documents/html.ts';
import { markdownOf } from '../documents/markdown.ts';
import { plural, span, timesIn, type Times } from '../documents/times.ts';
import { eventWords } from './event-words.ts';

export interface IncidentReport {
  incident: Incident;
  view: IncidentView;
  /** As they are kept, with their chain. */
  events: readonly StoredIncidentEvent[];
  /** Where the chain is broken; null: nowhere. */
  broken: { seq: number; message: string } | null;
  appVersion: string;
  exportedAt: string;
  /** Of the zone data base; else that of this computer. */
  timeZone?: string | undefined;
}

const between = (from: string, to: string): string => span(Math.max(0, Date.parse(to) - Date.parse(from)));

/** When it was over, as far as it is: what counts as its end. */
const endOf = ({ incident, exportedAt }: IncidentReport): string => (isSettled(incident) ? (incident.states.findLast(({ state }) => state === 'resolved')?.at ?? exportedAt) : exportedAt);

/** How long each of them lasted, one after the other. */
function spansOf<Each extends { at: string }>(all: readonly Each[], end: string): { each: Each; took: string }[] {
  return all.flatMap((each, index) => {
    const next = all[index + 1]?.at ?? (Date.parse(end) > Date.parse(each.at) ? end : null);
    return next === null ? [] : [{ each, took: between(each.at, next) }];
  });
}

function promises({ incident, view }: IncidentReport, times: Times): Words[] {
  const clocks = view.clocks.filter(({ name }) => name !== 'update').map(({ title, state, dueAt, at }): Words => {
    const due = dueAt === null ? '' : `, due ${times.exact(dueAt)}`;
    if (state === 'kept' || state === 'missed') return [`${title}: ${state}${due}, done ${at === null ? '' : times.exact(at)}`];
    return [`${title}: ${state === 'not-needed' ? 'not needed any more' : state === 'stopped' ? 'its clock stands still' : 'still to be done'}${due}`];
  });
  const updates = incident.updates.map(({ at, dueAt, kept, to, text }, index): Words => [`Update ${index + 1}${to === '' ? '' : ' to '}`, ...(to === '' ? [] : [said(to)]), `: ${dueAt === null ? 'sent' : kept ? 'kept' : 'missed'}, sent ${times.exact(at)}${dueAt === null ? '' : `, due ${times.exact(dueAt)}`}: `, said(text)]);
  const passed = incident.passed.filter(({ clock }) => clock === 'update').map(({ dueAt }): Words => [`${clockWords.update}: passed at ${times.exact(dueAt)}`]);
  return [...clocks, ...updates, ...passed];
}

const instants = /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g;
/** A head and what there is to say, on one line, with its instants as people read them. */
const lineOf = ({ title, detail }: { title: string; detail: string }, times: Times): string => (detail === '' ? title : `${title}: ${detail}`).replaceAll(instants, (iso) => times.exact(iso));

export function reportBlocks(report: IncidentReport): Block[] {
  const { incident, view, events, broken, appVersion, exportedAt } = report;
  const times = timesIn(report.timeZone);
  const end = endOf(report);
  const entered = (state: Incident['state']): Words | null => {
    const at = incident.states.findLast((each) => each.state === state)?.at;
    return at === undefined ? null : [times.exact(at)];
  };
  const people: Words[] = [...Object.values(incident.roles).map(({ title, who }): Words => [said(title), ': ', said(who)]), ...incident.escalations.map(({ at, to, how, by }): Words => [`Escalated ${times.exact(at)} to `, said(to), ...(by === '' ? [] : [' by ', said(by)]), ...(how === '' ? [] : [': ', said(how)])])];
  const review = view.texts.filter(({ purpose }) => purpose === 'incident-report');
  const kept = promises(report, times);
  return [
    { kind: 'title', words: [`INC-${incident.number}: `, said(incident.title)], tone: isSettled(incident) ? 'ok' : 'critical', state: stateWords[incident.state] },
    ...(isSettled(incident) ? [] : [{ kind: 'banner' as const, tone: 'running' as const, words: ['It is not over.'] }]),
    ...(broken === null ? [] : [{ kind: 'banner' as const, tone: 'critical' as const, words: [`The log is not as it was written: ${broken.message}`] }]),
    facts(
      ['System', view.incident.systemName === null ? null : [said(view.incident.systemName)]],
      ['Severity', [said(incident.severity.title)]],
      ['What was seen', incident.seen === '' ? null : [said(incident.seen)]],
      ['Declared', [times.exact(incident.declaredAt)]],
      ['Acknowledged', incident.met.acknowledge === undefined ? null : [times.exact(incident.met.acknowledge.at)]],
      ['Mitigated', entered('mitigated')],
      ['Resolved', entered('resolved')],
      ['Closed', incident.endedAt === null ? null : [times.exact(incident.endedAt)]],
      ['How long', [between(incident.declaredAt, end)]],
      ['Hours of its clocks', incident.severity.hoursNote === null ? null : [said(incident.severity.hoursNote)]],
      ['Report', [`written by Pilothouse ${appVersion} at ${times.exact(exportedAt)}; times are of ${times.zone}`]],
    ),
    heading(2, 'How long it was of which severity'),
    { kind: 'list', items: spansOf(incident.severities, end).map(({ each, took }): Words => [said(each.severity.title), `: ${took}`, ...(each.reason === '' ? [] : [', because: ', said(each.reason)])]) },
    heading(2, 'How long it was in which state'),
    { kind: 'list', items: spansOf(incident.states, end).map(({ each, took }): Words => [`${stateWords[each.state]}: ${took}`]) },
    ...(incident.stops.some(({ kind }) => kind === 'paused') ? [paragraph('Its clocks stood still:'), { kind: 'list' as const, items: incident.stops.filter(({ kind }) => kind === 'paused').map(({ from, to, why }): Words => [`${times.exact(from)} to ${to === null ? 'now' : times.exact(to)}: `, said(why)]) }] : []),
    heading(2, 'What was promised'),
    kept.length === 0 ? paragraph('Nothing: its severity has no clocks.') : { kind: 'list', items: kept },
    heading(2, 'Who'),
    people.length === 0 ? paragraph('Nobody was given a role.') : { kind: 'list', items: people },
    heading(2, 'Evidence'),
    incident.links.length === 0 ? paragraph('Nothing was linked.') : { kind: 'list', items: incident.links.map(({ what, id, title }): Words => [`${what.slice(0, 1).toUpperCase()}${what.slice(1)} `, said(title), ', ', code(id)]) },
    ...review.flatMap(({ title, text, unknown }): Block[] => [heading(2, said(title)), codeBlock('To be completed', text), ...(unknown.length === 0 ? [] : [paragraph(`Nothing here stands for: ${unknown.join(', ')}.`)])]),
    heading(2, 'What happened'),
    { kind: 'list', items: view.timeline.toReversed().filter(({ linked }) => linked).map(({ at, actor, title, detail, corrected }): Words => [`${times.exact(at)}, `, said(actor), ': ', said(lineOf({ title, detail }, times)), ...(corrected === null ? [] : [' (corrected: ', said(corrected.text), ')'])]) },
    ...(view.leftOut === 0 ? [] : [paragraph(`${plural(view.leftOut, 'older entry is', 'older entries are')} left out of this list. The log that follows is whole.`)]),
    heading(2, 'The log'),
    paragraph(`${plural(events.length, 'entry', 'entries')}, as they were kept. Each has a hash that covers the one before it; the report as JSON has them whole.`),
    { kind: 'log', rows: events.map(({ seq, at, actor, event, hash }) => ({ seq, at, local: times.exact(at), actor, text: lineOf(eventWords(event), times), hash })) },
  ];
}

/** See `store/event-chain.ts`. */
const verify = [
  'The truth is in "events": numbered from 1 without gaps. "prevHash" is the "hash" of the one before, and 64 zeros of the first.',
  '"hash" is the SHA-256, in hex, of the event as JSON: its actor, at, commandId, event, prevHash and seq, the names of every object in the order of their code units, nothing between them, in UTF-8.',
  'What does not fit was changed, put in or taken out since. That shows changes by accident; whoever owns the file can write another chain.',
  'Where a secret was found in a text only later, [redacted] stands in its place, and the hash of that event is of what was kept.',
].join(' ');

const jsonOf = ({ view, events, broken, appVersion, exportedAt }: IncidentReport): string => `${JSON.stringify({ kind: 'pilothouse-incident', version: 1, exportedAt, appVersion, verify, broken, incident: view, events }, null, 2)}\n`;

const kinds = {
  markdown: { ending: 'md', mediaType: 'text/markdown', write: (report: IncidentReport) => markdownOf(reportBlocks(report)) },
  html: { ending: 'html', mediaType: 'text/html', write: (report: IncidentReport) => htmlOf(`INC-${report.incident.number}: report`, reportBlocks(report)) },
  json: { ending: 'json', mediaType: 'application/json', write: jsonOf },
} as const;

/** "INC-31-20261126T0204.md", in UTC. */
export function exportIncident(report: IncidentReport, format: keyof typeof kinds): { fileName: string; mediaType: string; content: string } {
  const { ending, mediaType, write } = kinds[format];
  return { fileName: `INC-${report.incident.number}-${report.incident.declaredAt.replaceAll(/[-:]/g, '').slice(0, 13)}.${ending}`, mediaType, content: write(report) };
}
