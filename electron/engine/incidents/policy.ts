/** What a system says of incidents: severities, roles, people, texts. Where it says nothing, what is built in. */
import type { IncidentView, SeverityChoice } from '#shared/contract/incidents.ts';
import type { ItemOf } from '#shared/contract/items.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { findZone } from '#shared/domain/calendar/zone.ts';
import type { Hours, Incident, Severity } from '#shared/domain/incident/incident.ts';
import { builtInSeverities, byRank } from '#shared/domain/incident/severities.ts';
import type { SystemItemRepository } from '../store/system-item-repository.ts';

type Items = Pick<SystemItemRepository, 'list' | 'find'>;
type Role = IncidentView['people']['roles'][number];
export type Template = { key: string } & Pick<ItemOf<'template'>, 'title' | 'purpose' | 'text'>;

/** Of a small shop: one person may have all of them. */
const builtInRoles: readonly Pick<Role, 'key' | 'title' | 'duties'>[] = [
  { key: 'lead', title: 'Leads', duties: ['Decides what is done next', 'Knows what was promised to whom'] },
  { key: 'works', title: 'Works on it', duties: ['Finds the cause', 'Says what was changed'] },
  { key: 'tells', title: 'Tells people', duties: ['Sends the updates', 'Writes down what happened'] },
];

const statusText = ['{{ severity }}: {{ title }}', 'System: {{ system }}', 'State: {{ state }}, since {{ started }} ({{ duration }})', 'What is known: {{ last_note }}', 'Next word by {{ next_update }}'].join('\n');
const reportText = ['What happened: {{ title }}, {{ severity }}, from {{ started }} to {{ resolved }}.', 'What was seen: {{ seen }}', 'Who led: {{ lead }}', '', 'Cause:', 'What made it worse, what made it better:', 'What is changed so that it does not come back, by whom, until when:'].join('\n');
const builtInTemplates: readonly Template[] = [
  { key: 'status-update', title: 'Update', purpose: 'status-update', text: statusText },
  { key: 'incident-report', title: 'Post-incident review', purpose: 'incident-report', text: reportText },
];

interface HoursFound {
  hours: Hours | null;
  note: string | null;
}

function hoursOf(items: Items, systemId: string, key: string | null): HoursFound {
  if (key === null) return { hours: null, note: null };
  const found = items.find(systemId, 'hours', key);
  if (found === null) return { hours: null, note: `The hours ${key} are not there any more: its clocks go all the time.` };
  const { title, tz, spans } = found.value;
  if (findZone(tz) === null) return { hours: null, note: `The hours "${title}" name a zone that does not exist, ${tz}: its clocks go all the time.` };
  return { hours: { title, tz, spans }, note: `Its clocks go in these hours only: ${title}, ${tz}. Holidays are not known here.` };
}

/** The gravest first. */
export function severitiesOf(items: Items, systemId: string | null): (Severity & Pick<SeverityChoice, 'examples' | 'text' | 'builtIn'>)[] {
  const own = systemId === null ? [] : items.list(systemId, 'severity');
  if (systemId === null || own.length === 0) return builtInSeverities.map((severity) => ({ ...severity, examples: [], text: '', builtIn: true }));
  return byRank(
    own.map(({ key, value }) => {
      const { title, rank, tone, clocks, runbook, examples, text } = value;
      const { hours, note } = hoursOf(items, systemId, value.hours);
      return { key, title, rank, tone, clocks, hours, hoursNote: note, runbook, examples, text, builtIn: false };
    }),
  );
}

export const choicesOf = (items: Items, systemId: string | null): SeverityChoice[] => severitiesOf(items, systemId).map(({ key, title, rank, tone, examples, text, clocks, hoursNote, builtIn }) => ({ key, title, rank, tone, examples, text, clocks, hours: hoursNote, builtIn }));

/**
 * As it is given to an incident.
 * @throws store.not-found
 */
export function severityOf(items: Items, systemId: string | null, key: string): Severity {
  const all = severitiesOf(items, systemId);
  const found = all.find((each) => each.key === key);
  if (found === undefined) throw new PilothouseError('store.not-found', `There is no severity ${key} here.`, { hint: `One of: ${all.map((each) => each.key).join(', ')}.` });
  const { examples: _examples, text: _text, builtIn: _builtIn, ...severity } = found;
  return severity;
}

/** Roles that are given to somebody in an incident. */
export function rolesOf(items: Items, systemId: string | null): Omit<Role, 'who'>[] {
  const own = systemId === null ? [] : items.list(systemId, 'role').filter(({ value }) => value.incident);
  if (systemId === null || own.length === 0) return builtInRoles.map((role) => ({ ...role, duties: [...role.duties], proposed: null }));
  return own.map(({ key, value }) => ({ key, title: value.title, duties: value.duties, proposed: value.contact === null ? null : (items.find(systemId, 'contact', value.contact)?.value.title ?? null) }));
}

export function peopleOf(items: Items, incident: Incident, systemId: string | null): IncidentView['people'] {
  const roles = rolesOf(items, systemId).map((role) => ({ ...role, who: incident.roles[role.key]?.who ?? null }));
  // Who has a role that the system does not name any more has it still.
  const others = Object.entries(incident.roles).flatMap(([key, { title, who }]) => (roles.some((role) => role.key === key) ? [] : [{ key, title, duties: [], proposed: null, who }]));
  if (systemId === null) return { roles: [...roles, ...others], tiers: [], contacts: [], channels: [] };
  return {
    roles: [...roles, ...others],
    tiers: items
      .list(systemId, 'tier')
      .toSorted((a, b) => a.value.rank - b.value.rank)
      .map(({ key, value }) => ({ key, title: value.title, rank: value.rank, escalateWhen: value.escalateWhen, respondsMs: value.responds[incident.severity.key] ?? null, next: value.next })),
    contacts: items.list(systemId, 'contact').map(({ key, value }) => ({ key, title: value.title, about: value.about, email: value.email, phone: value.phone, url: value.url, afterMs: value.afterMs, outside: value.outside })),
    channels: items.list(systemId, 'channel').map(({ key, value }) => ({ key, title: value.title, address: value.address, usedFor: value.usedFor, outside: value.outside })),
  };
}

/** Texts that are filled from an incident; where the system has none of a purpose, what is built in. */
export function templatesOf(items: Items, systemId: string | null): Template[] {
  const own = systemId === null ? [] : items.list(systemId, 'template').filter(({ value }) => value.purpose === 'status-update' || value.purpose === 'notice' || value.purpose === 'incident-report');
  return [...own.map(({ key, value }) => ({ key, title: value.title, purpose: value.purpose, text: value.text })), ...builtInTemplates.filter(({ purpose }) => !own.some(({ value }) => value.purpose === purpose))];
}
