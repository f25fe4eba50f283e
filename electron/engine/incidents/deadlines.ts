/** Deadlines of incidents: instants in the local file, so that they outlive this process and this computer's sleep. */
import { clockWords, type Incident } from '#shared/domain/incident/incident.ts';
import type { EngineContext } from '../engine-context.ts';
import { timesIn } from '../documents/times.ts';
import type { DueRow } from '../store/incident-repository.ts';
import type { Incidents } from './incidents.ts';

/** Milliseconds between two looks. */
const lookEveryMs = 15_000;
/** What is seen by then was seen in time: the next look comes late where much is to be done. */
const inTimeMs = 45_000;
/** What passed longer ago than this is shown, and nobody is told any more as if it were new. */
export const staleAfterMs = 60 * 60_000;

export type Occasion = 'start' | 'meanwhile' | 'woke';

const whyAway: Record<Occasion, string> = { start: 'Pilothouse did not run', meanwhile: 'this computer was asleep, or its clock was set', woke: 'this computer was asleep' };

export interface Deadlines {
  /** Tells what has passed by now. Never throws; one that cannot be told keeps no other from it. */
  look(occasion: Occasion): void;
  stop(): void;
}

export function createDeadlines(context: Pick<EngineContext, 'ports' | 'scrubber'>, incidents: Incidents): Deadlines {
  const { ports, scrubber } = context;
  const { repository } = incidents;
  const notify = ({ id, number, title }: Incident, body: string): void => ports.notifier.notify(scrubber.scrub({ title: `INC-${number} ${title}`, body, place: `/incidents/${id}` }));

  const tell = (row: DueRow, now: number, occasion: Occasion): void => {
    const { incidentId, clock, kind, at } = row;
    const late = now - at;
    const incident = incidents.get(incidentId);
    if (kind === 'soon') {
      repository.markTold(row, late <= inTimeMs ? 'told' : 'stale', now);
      if (late <= inTimeMs) notify(incident, `${clockWords[clock]}: the time is over soon`);
      return;
    }
    const as = late <= inTimeMs ? 'in-time' : late <= staleAfterMs ? 'away' : 'stale';
    const why = as === 'in-time' ? '' : whyAway[occasion];
    incidents.tell(incidentId, { kind: 'clock-passed', clock, dueAt: new Date(at).toISOString(), as, why });
    if (as === 'in-time') notify(incident, `${clockWords[clock]}: the time is over`);
    if (as === 'away') notify(incident, `${clockWords[clock]}: passed at ${timesIn().clock(new Date(at).toISOString())} (${why})`);
  };

  /** @param only of this incident; null: of all */
  const lookAt = (occasion: Occasion, only: string | null): void => {
    const now = ports.clock.now();
    try {
      for (const row of repository.due(now)) {
        if (only !== null && row.incidentId !== only) continue;
        try {
          tell(row, now, occasion);
        } catch (error) {
          // The store may refuse at this moment; the next look finds the same.
          ports.logger.error({ incidentId: row.incidentId, error: String(error) }, 'A deadline of an incident could not be told.');
        }
      }
    } catch (error) {
      ports.logger.error({ error: String(error) }, 'Deadlines of incidents could not be looked at.');
    }
  };
  incidents.onBefore((incidentId) => lookAt('meanwhile', incidentId));
  const timer = setInterval(() => lookAt('meanwhile', null), lookEveryMs).unref();
  return { look: (occasion) => lookAt(occasion, null), stop: () => clearInterval(timer) };
}
