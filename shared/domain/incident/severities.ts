/** Severities where a system has none of its own, and which one is taken by whoever is not sure. */
import type { ClockName, Severity } from './incident.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const clocks = (acknowledge: number, respond: number, update: number, escalate: number | null, resolve: number): Record<ClockName, number | null> => ({ acknowledge, respond, update, escalate, resolve });
const built = (rank: number, title: string, tone: Severity['tone'], limits: Severity['clocks']): Severity => ({ key: `p${rank}`, title: `P${rank}: ${title}`, rank, tone, clocks: limits, hours: null, hoursNote: null, runbook: null });

/** Of the generic kind. */
export const builtInSeverities: readonly Severity[] = [
  built(1, 'down, or data at risk', 'critical', clocks(15 * minute, 15 * minute, 30 * minute, hour, 4 * hour)),
  built(2, 'badly impaired', 'warn', clocks(30 * minute, hour, hour, 4 * hour, 8 * hour)),
  built(3, 'a part does not work', 'info', clocks(4 * hour, 8 * hour, day, null, 3 * day)),
  built(4, 'a blemish or a question', 'info', clocks(day, 3 * day, 7 * day, null, 14 * day)),
];

export const byRank = <Each extends Pick<Severity, 'rank' | 'title'>>(severities: readonly Each[]): Each[] => severities.toSorted((a, b) => a.rank - b.rank || (a.title < b.title ? -1 : 1));

/** The next graver one; of the gravest itself. Whoever is not sure takes the higher. */
export function graverThan<Each extends Pick<Severity, 'rank' | 'title' | 'key'>>(severities: readonly Each[], chosen: Each): Each {
  return byRank(severities).findLast(({ rank }) => rank < chosen.rank) ?? chosen;
}
