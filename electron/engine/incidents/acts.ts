/** What a person asked for, with everything in it that it names, as a deed of the incident. */
import type { IncidentAct } from '#shared/contract/incidents.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Deed } from '#shared/domain/incident/decide.ts';
import type { Incident, LinkKind } from '#shared/domain/incident/incident.ts';
import { rolesOf, severityOf } from './policy.ts';
import { systemOf, type ViewSources } from './view.ts';

export interface ActSources extends ViewSources {
  /** @returns null where there is no such backup */
  backupTitle(id: string): string | null;
}

const missing = (what: string): PilothouseError => new PilothouseError('store.not-found', `There is no ${what} here.`, { hint: 'It may have been removed meanwhile; read the incident again.' });

function linkTitle({ context, walkthroughs, backupTitle }: ActSources, what: LinkKind, id: string): string {
  if (what === 'operation') return context.operations.get(id).title;
  if (what === 'walkthrough') return walkthroughs.row(id).title;
  const title = backupTitle(id);
  if (title === null) throw missing(`backup ${id}`);
  return title;
}

/** @throws store.not-found, operation.not-found, contract.invalid */
export function deedOf(sources: ActSources, incident: Incident, act: IncidentAct): Deed {
  const { context, items } = sources;
  const systemId = systemOf(context.systems, incident)?.id ?? null;
  const named = <Kind extends 'tier' | 'contact' | 'channel'>(kind: Kind, key: string | null): string | null => {
    if (key === null) return null;
    const found = systemId === null ? null : items.find(systemId, kind, key);
    if (found === null) throw missing(`${kind} ${key}`);
    return found.value.title;
  };
  switch (act.kind) {
    case 'acknowledge':
      return { kind: 'acknowledged', by: act.by };
    case 'respond':
      return { kind: 'responded', by: act.by, text: act.text };
    case 'assign': {
      const title = rolesOf(items, systemId).find(({ key }) => key === act.role)?.title ?? incident.roles[act.role]?.title;
      if (title === undefined) throw missing(`role ${act.role}`);
      return { kind: 'assigned', role: act.role, title, who: act.who === '' ? (named('contact', act.contact) ?? '') : act.who, contact: act.contact };
    }
    case 'note':
      return { kind: 'noted', text: act.text };
    case 'update':
      return { kind: 'updated', text: act.text, channel: act.channel, to: act.to === '' ? (named('channel', act.channel) ?? '') : act.to };
    case 'severity':
      return { kind: 'severity-changed', severity: severityOf(items, systemId, act.severity), reason: act.reason };
    case 'escalate': {
      const to = [act.to, named('tier', act.tier), named('contact', act.contact)].filter((part) => part !== null && part !== '').join(', ');
      if (to === '') throw new PilothouseError('contract.invalid-input', 'It is not said to whom it is escalated.', { hint: 'Name a tier, a contact, or whoever it is.' });
      return { kind: 'escalated', to, tier: act.tier, contact: act.contact, how: act.how, by: act.by };
    }
    case 'mitigate':
      return { kind: 'mitigated', text: act.text };
    case 'resolve':
      return { kind: 'resolved', text: act.text };
    case 'close':
      return { kind: 'closed', text: act.text };
    case 'reopen':
      return { kind: 'reopened', reason: act.reason };
    case 'pause':
      return { kind: 'paused', reason: act.reason };
    case 'resume':
      return { kind: 'resumed', reason: act.reason };
    case 'link':
      return { kind: 'linked', what: act.what, id: act.id, title: linkTitle(sources, act.what, act.id) };
    case 'correct':
      return { kind: 'corrected', seq: act.seq, text: act.text };
  }
}
