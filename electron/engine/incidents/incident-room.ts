/** Incidents: what the contract asks of them. */
import type { EngineClient } from '#shared/contract/index.ts';
import type { incidentMethods } from '#shared/contract/incidents.ts';
import type { Need } from '#shared/contract/systems.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { graverThan } from '#shared/domain/incident/severities.ts';
import type { Handlers } from '../dispatch/handlers.ts';
import type { EngineContext } from '../engine-context.ts';
import { accountHere } from '../import/person.ts';
import type { WalkedIncidents } from '../runbooks/runbook-room.ts';
import { createAdoptionRepository } from '../store/adoption-repository.ts';
import { createBackupRepository } from '../store/backup-repository.ts';
import { createIncidentRepository } from '../store/incident-repository.ts';
import { createSystemItemRepository } from '../store/system-item-repository.ts';
import { createWalkthroughRepository } from '../store/walkthrough-repository.ts';
import { deedOf, type ActSources } from './acts.ts';
import { createDeadlines } from './deadlines.ts';
import { createIncidents, foldStored, type Incidents } from './incidents.ts';
import { choicesOf, severitiesOf, severityOf } from './policy.ts';
import { exportIncident } from './report.ts';
import { compareIncidents, needOf, summaryOf } from './summary.ts';
import { systemOf, viewOf } from './view.ts';

export interface IncidentRoom extends WalkedIncidents {
  handlers: Handlers<keyof typeof incidentMethods>;
  /** Tells what has passed while nothing ran here. For the start. */
  start(): void;
  /** This computer woke up. */
  wake(): void;
  close(): void;
}

/** A clock that is a little ahead elsewhere makes no future. */
const aheadMs = 5 * 60_000;
const mostOpen = 500;

const backupTitles = (context: Pick<EngineContext, 'store'>) => {
  const backups = createBackupRepository(context.store);
  return (id: string): string | null => {
    const found = backups.find(id);
    return found === null ? null : `${found.systemName}/${found.database} of ${found.takenAt}`;
  };
};

/** What the overview says of incidents, the worst first. */
export function incidentNeeds(context: Pick<EngineContext, 'store' | 'systems' | 'ports'>): Need[] {
  const repository = createIncidentRepository(context.store);
  return repository
    .list({ open: true, limit: mostOpen })
    .flatMap(({ id }) => foldStored(id, repository.load(id)) ?? [])
    .map((incident) => summaryOf(incident, systemOf(context.systems, incident)))
    .toSorted(compareIncidents)
    .map((summary) => needOf(summary, context.ports.clock.now()));
}

/** @param options.ask the engine itself, for what it knows of runbooks @param options.appVersion of this program */
export function createIncidentRoom(context: EngineContext, options: { ask: () => EngineClient; appVersion: string }): IncidentRoom {
  const { ports, scrubber, systems } = context;
  const items = createSystemItemRepository(context.store);
  const incidents: Incidents = createIncidents(context);
  const { repository } = incidents;
  const deadlines = createDeadlines(context, incidents);
  const adoptions = createAdoptionRepository(context.store);
  const sources: ActSources = { context, items, walkthroughs: createWalkthroughRepository(context.store), ask: options.ask, backupTitle: backupTitles(context), packOf: (systemId) => adoptions.find(systemId)?.pack ?? null };
  const { user, computer } = accountHere();
  const actor = `${user} on ${computer}`;

  const declaredAt = (given: string | undefined): string => {
    const now = ports.clock.now();
    if (given !== undefined && Date.parse(given) > now + aheadMs) throw new PilothouseError('contract.invalid-input', `The incident cannot be declared for ${given}: that is still to come.`, { hint: 'Leave the time out for now, or give an earlier one.' });
    return given === undefined ? new Date(now).toISOString() : new Date(given).toISOString();
  };

  return {
    start: () => deadlines.look('start'),
    wake: () => deadlines.look('woke'),
    close: () => deadlines.stop(),
    require: (incidentId) => void incidents.get(incidentId),
    begun(incidentId, walkthroughId) {
      try {
        incidents.act(incidentId, { expectedSeq: incidents.get(incidentId).seq, commandId: `begun:${walkthroughId}`, actor }, (incident) => deedOf(sources, incident, { kind: 'link', what: 'walkthrough', id: walkthroughId }));
      } catch (error) {
        ports.logger.warn({ incidentId, walkthroughId, error: String(error) }, 'A walkthrough could not be linked to its incident.');
      }
    },
    handlers: {
      'incident.list': ({ systemId, open, before, limit }) => ({
        incidents: repository
          .list({ systemId, open, before: before === undefined ? undefined : Date.parse(before), limit })
          .map(({ id }) => incidents.get(id))
          .map((incident) => summaryOf(incident, systemOf(systems, incident)))
          .toSorted(compareIncidents),
      }),
      'incident.choices': ({ systemId }) => {
        if (systemId !== null) systems.get(systemId);
        return { severities: choicesOf(items, systemId) };
      },
      'incident.get': ({ incidentId }) => viewOf(sources, incidents.get(incidentId), repository.load(incidentId)),
      'incident.open': (input) => {
        const system = input.systemId === null ? null : systems.get(input.systemId);
        const named = severityOf(items, input.systemId, input.severity);
        const graver = input.unsure ? graverThan(severitiesOf(items, input.systemId), named) : named;
        const at = declaredAt(input.declaredAt);
        const severity = severityOf(items, input.systemId, graver.key);
        const incident = incidents.open({ commandId: input.commandId, actor }, (number) => ({
          kind: 'opened',
          number,
          title: input.title,
          system: system === null ? null : { id: system.id, name: system.name },
          severity,
          unsureOf: severity.key === named.key ? null : named.title,
          declaredAt: at,
          seen: input.seen,
        }));
        return { incidentId: incident.id, number: incident.number, severity: incident.severity.title };
      },
      'incident.act': ({ incidentId, expectedSeq, commandId, act }) => {
        const { outcome, incident } = incidents.act(incidentId, { expectedSeq, commandId, actor }, (current) => deedOf(sources, current, act));
        return { outcome, seq: incident.seq };
      },
      'incident.export': async ({ incidentId, format }) => {
        const incident = incidents.get(incidentId);
        const events = repository.load(incidentId);
        const view = await viewOf(sources, incident, events);
        // Stored without secrets; but some became known only later.
        return exportIncident({ incident: scrubber.scrub(incident), view: scrubber.scrub(view), events: scrubber.scrub(events), broken: repository.verifyChain(incidentId), appVersion: options.appVersion, exportedAt: new Date(ports.clock.now()).toISOString() }, format);
      },
    },
  };
}
