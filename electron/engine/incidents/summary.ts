/** An incident in one line, for lists and for the overview. */
import type { IncidentSummary } from '#shared/contract/incidents.ts';
import type { Need, System } from '#shared/contract/systems.ts';
import { deadlinesOf } from '#shared/domain/incident/clocks.ts';
import { clockWords, isPaused, isSettled, stateWords, type Incident } from '#shared/domain/incident/incident.ts';

export function summaryOf(incident: Incident, system: Pick<System, 'name' | 'environment'> | null): IncidentSummary {
  const { id, number, title, state, severity, declaredAt, endedAt, seq } = incident;
  const [next] = deadlinesOf(incident);
  return {
    id,
    number,
    title,
    systemId: incident.system?.id ?? null,
    systemName: system?.name ?? incident.system?.name ?? null,
    environment: system?.environment ?? null,
    state,
    severity: { key: severity.key, title: severity.title, rank: severity.rank, tone: severity.tone },
    paused: isPaused(incident),
    declaredAt,
    endedAt,
    next: next === undefined ? null : { clock: next.clock, title: clockWords[next.clock], dueAt: next.dueAt },
    seq,
  };
}

/** Those that are open first, the gravest of them before, then what runs out first; the others the newest first. */
export function compareIncidents(a: IncidentSummary, b: IncidentSummary): number {
  const isOver = ({ state }: IncidentSummary): number => Number(isSettled({ state }));
  if (isOver(a) !== isOver(b)) return isOver(a) - isOver(b);
  const newest = Date.parse(b.declaredAt) - Date.parse(a.declaredAt) || b.number - a.number;
  if (isOver(a) === 1) return newest;
  return a.severity.rank - b.severity.rank || Date.parse(a.next?.dueAt ?? '9999-01-01T00:00:00Z') - Date.parse(b.next?.dueAt ?? '9999-01-01T00:00:00Z') || newest;
}

/** What of an open incident waits for a person. @param now milliseconds since the epoch */
export function needOf(incident: IncidentSummary, now: number): Need {
  const { id, number, title, severity, state, next, paused } = incident;
  const isOver = isSettled(incident);
  const late = next !== null && Date.parse(next.dueAt) <= now;
  const clock = paused ? 'its clocks stand still' : next === null ? '' : `${next.title.toLowerCase()} ${late ? 'was due' : 'is due'} ${next.dueAt}`;
  const told = [severity.title, stateWords[state].toLowerCase(), clock].filter((part) => part !== '').join(', ');
  return {
    state: !isOver && (late || severity.tone === 'critical') ? 'critical' : 'warn',
    text: `INC-${number} ${title}: ${told}`,
    systemId: incident.systemId,
    systemName: incident.systemName,
    environment: incident.environment,
    since: incident.declaredAt,
    more: 0,
    action: { label: isOver ? 'Close incident' : 'Open incident', kind: 'open-incident', id },
  };
}
