/** How well a database is backed up: one judgement, so that no two screens say different things of the same copies. */
import { judge, type HealthState } from './health-state.ts';

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
  state: Extract<HealthState, 'critical' | 'warn' | 'ok'>;
  /** What decides it: no copy at all, a newest one that is damaged, none that is proven, or the age of the newest proven. */
  because: 'none' | 'damaged' | 'unproven' | 'age';
  /** Hours since the newest proven copy was taken; null where there is none. */
  provenHours: number | null;
}

/** @param limits in hours @param now in milliseconds since the epoch */
export function backupStanding({ newest, newestProven }: NewestCopies, limits: { warn: number; critical: number }, now: number): BackupStanding {
  const provenHours = newestProven === null ? null : (now - Date.parse(newestProven.takenAt)) / hourMs;
  if (newest === null) return { state: 'critical', because: 'none', provenHours };
  if (newest.damaged !== null) return { state: 'critical', because: 'damaged', provenHours };
  if (provenHours === null) return { state: 'critical', because: 'unproven', provenHours };
  return { state: judge(provenHours, limits), because: 'age', provenHours };
}
