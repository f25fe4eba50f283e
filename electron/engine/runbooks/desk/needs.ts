/** Walkthroughs that wait for a person, for the overview. */
import type { RunSummary } from '#shared/contract/runbooks.ts';
import type { Need, System } from '#shared/contract/systems.ts';
import { compareHealth, type HealthState } from '#shared/domain/health-state.ts';

/** A rehearsal waits for nobody, and what another walkthrough has called is told by that one. */
export function needOf(run: RunSummary, system: Pick<System, 'name' | 'environment'> | null): Need | null {
  if (run.mode === 'rehearsal' || run.parentId !== null) return null;
  const states: Partial<Record<RunSummary['state'], { state: HealthState; label: string }>> = {
    unknown: { state: 'unknown', label: 'Find out' },
    blocked: { state: 'critical', label: 'See what failed' },
    waiting: { state: 'warn', label: 'Continue' },
    'rolling-back': { state: 'warn', label: 'Continue' },
    paused: { state: 'warn', label: 'Open' },
    running: { state: 'warn', label: 'Continue' },
  };
  const told = states[run.state];
  if (told === undefined) return null;
  return { state: told.state, text: `${run.title}: ${run.stateText}`, systemId: run.systemId, systemName: system?.name ?? null, environment: system?.environment ?? null, since: run.startedAt, more: 0, action: { label: told.label, kind: 'open-walkthrough', id: run.id } };
}

export function needsOf(runs: readonly RunSummary[], systems: readonly System[]): Need[] {
  return runs.flatMap((run) => needOf(run, systems.find(({ id }) => id === run.systemId) ?? null) ?? []).toSorted((a, b) => compareHealth(a.state, b.state));
}
