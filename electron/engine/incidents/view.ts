/** All that the screen of an incident shows. */
import type { IncidentClock, IncidentView } from '#shared/contract/incidents.ts';
import type { System } from '#shared/contract/systems.ts';
import { clocksOf } from '#shared/domain/incident/clocks.ts';
import { possible } from '#shared/domain/incident/decide.ts';
import { fill } from '#shared/domain/incident/fill.ts';
import { clockWords, type Incident, type StoredIncidentEvent } from '#shared/domain/incident/incident.ts';
import { isOver } from '#shared/domain/runbook/walkthrough.ts';
import { timesIn } from '../documents/times.ts';
import { stateTextOf } from '../runbooks/desk/summary.ts';
import type { SystemItemRepository } from '../store/system-item-repository.ts';
import type { SystemRepository } from '../store/system-repository.ts';
import { choicesOf, peopleOf, templatesOf } from './policy.ts';
import { summaryOf } from './summary.ts';
import { timelineOf, type TimelineSources } from './timeline.ts';
import { valuesOf } from './values.ts';

export interface ViewSources extends TimelineSources {
  items: Pick<SystemItemRepository, 'list' | 'find'>;
  /** The pack that a system has; null: none. */
  packOf(systemId: string): string | null;
}

export function clockViews(incident: Incident): IncidentClock[] {
  return clocksOf(incident).map((clock) => {
    const told = incident.passed.find((each) => each.clock === clock.name && each.dueAt === clock.dueAt);
    return { ...clock, title: clockWords[clock.name], passed: told === undefined ? null : { at: told.at, as: told.as } };
  });
}

/** The runbook of its severity, as it is found in the library: of a pack, or of one's own. */
async function runbookOf({ ask, packOf }: ViewSources, incident: Incident, systemId: string | null): Promise<IncidentView['runbook']> {
  const wanted = incident.severity.runbook;
  if (wanted === null) return null;
  const { runbooks } = await ask().call('runbook.list', systemId === null ? {} : { systemId });
  const found = runbooks.filter(({ ref, id }) => ref.endsWith(`/${wanted}`) || id === wanted);
  const pack = systemId === null ? null : packOf(systemId);
  const best = found.find(({ ref }) => ref.startsWith('own/')) ?? found.find(({ ref }) => ref === `${pack}/${wanted}`) ?? found[0];
  return best === undefined ? { ref: null, title: wanted } : { ref: best.ref, title: best.title };
}

/** The system of an incident that is still here. */
export const systemOf = (systems: Pick<SystemRepository, 'find'>, { system }: Pick<Incident, 'system'>): System | null => (system === null ? null : systems.find(system.id));

export async function viewOf(sources: ViewSources, incident: Incident, events: readonly StoredIncidentEvent[]): Promise<IncidentView> {
  const { context, items, walkthroughs } = sources;
  const system = systemOf(context.systems, incident);
  const systemId = system?.id ?? null;
  const { entries, leftOut } = await timelineOf(sources, incident, events);
  const values = valuesOf(incident, events, system?.name ?? incident.system?.name ?? null, new Date(context.ports.clock.now()).toISOString(), timesIn());
  const stop = incident.stops.findLast(({ to, kind }) => to === null && kind === 'paused');
  return {
    incident: summaryOf(incident, system),
    seen: incident.seen,
    unsureOf: incident.unsureOf,
    hours: incident.severity.hoursNote,
    clocks: clockViews(incident),
    paused: stop === undefined ? null : { since: stop.from, why: stop.why },
    severities: incident.severities.map(({ at, severity, reason, actor }) => ({ at, key: severity.key, title: severity.title, reason, actor })),
    states: [...incident.states],
    people: peopleOf(items, incident, systemId),
    timeline: entries,
    leftOut,
    texts: templatesOf(items, systemId).map(({ key, title, purpose, text }) => ({ key, title, purpose, ...fill(text, values) })),
    runbook: await runbookOf(sources, incident, systemId),
    walkthroughs: incident.links.flatMap(({ what, id }) => {
      if (what !== 'walkthrough') return [];
      const row = walkthroughs.row(id);
      return [{ id, title: row.title, stateText: stateTextOf(row), over: isOver(row.state) }];
    }),
    choices: choicesOf(items, systemId),
    can: possible(incident),
  };
}
