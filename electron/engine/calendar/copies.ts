/** Whether copies of a system were restored and counted, for what removes something. */
import type { System } from '#shared/contract/systems.ts';
import type { Copies } from '#shared/domain/calendar/depends.ts';
import { isAhead } from '#shared/domain/clock-skew.ts';
import type { BackupRepository } from '../store/backup-repository.ts';

/** Each database has to have one: which of them a removal is about, nobody says. */
export function copiesOf({ databases }: Pick<System, 'databases'>, backups: Pick<BackupRepository, 'newestProvenOf'>, now: number): Copies {
  if (databases.length === 0) return { provenAt: null, why: 'This system has no database here, so no copy of it was ever restored and counted.' };
  let oldest = Number.POSITIVE_INFINITY;
  for (const { id, label } of databases) {
    const proven = backups.newestProvenOf(id);
    if (proven === null) return { provenAt: null, why: `No copy of ${label} was ever restored and counted.` };
    if (isAhead(proven.takenAt, now)) return { provenAt: null, why: `How old the newest proven copy of ${label} is, nobody knows: it is dated ahead of this computer's clock.` };
    oldest = Math.min(oldest, Date.parse(proven.takenAt));
  }
  return { provenAt: oldest, why: '' };
}
