/** How well a database is backed up: one judgement, so that no two screens say different things of the same copies. */
import { isAhead } from './clock-skew.ts';
import { judge, type HealthState, type Threshold } from './health-state.ts';

const hourMs = 3_600_000;

interface Copy {
  id: string;
  takenAt: string;
  damaged: string | null;
}

/** The copies that count as a database's own; `newestProven` was restored and counted, and not found damaged since. */
export interface NewestCopies<Kind extends Copy = Copy> {
  newest: Kind | null;
  newestProven: Kind | null;
}

export interface BackupStanding {
  state: Extract<HealthState, 'critical' | 'unknown' | 'warn' | 'ok'>;
  /** What decides it: no copy at all, a newest one that is damaged, none that is proven, a newest proven one that is dated ahead of the clock, or its age. */
  because: 'none' | 'damaged' | 'unproven' | 'ahead' | 'age';
  /** Hours since the newest proven copy was taken; null where there is none, or where nobody knows because a clock was set. */
  provenHours: number | null;
}

/** @param limits in hours @param now in milliseconds since the epoch */
export function backupStanding({ newest, newestProven }: NewestCopies, limits: Threshold, now: number): BackupStanding {
  const ahead = newestProven !== null && isAhead(newestProven.takenAt, now);
  const provenHours = newestProven === null || ahead ? null : Math.max(0, (now - Date.parse(newestProven.takenAt)) / hourMs);
  if (newest === null) return { state: 'critical', because: 'none', provenHours };
  if (newest.damaged !== null) return { state: 'critical', because: 'damaged', provenHours };
  if (ahead) return { state: 'unknown', because: 'ahead', provenHours };
  if (provenHours === null) return { state: 'critical', because: 'unproven', provenHours };
  return { state: judge(provenHours, limits), because: 'age', provenHours };
}
