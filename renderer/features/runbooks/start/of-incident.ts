/** What a runbook that is begun for an incident asks, and the incident knows. Pure. */
import type { IncidentView } from '#shared/contract/incidents.ts';
import type { Param } from './values.ts';

/** Proposed, and changed by whoever knows better; by the names that runbooks of packs give to them. */
function known({ incident, people }: IncidentView): Readonly<Record<string, string | null>> {
  const lead = people.roles.find(({ key }) => key === 'lead') ?? people.roles[0];
  return { incident: `INC-${incident.number}`, declared_at: incident.declaredAt, commander: lead?.who ?? lead?.proposed ?? null };
}

export function withIncident<Asked extends Param>(params: readonly Asked[], view: IncidentView | undefined): Asked[] {
  if (view === undefined) return [...params];
  const values = known(view);
  return params.map((param) => {
    const value = Object.hasOwn(values, param.name) ? values[param.name] : null;
    return value === null || value === undefined || (param.proposed ?? null) !== null ? param : { ...param, proposed: value };
  });
}
