/** What is lost with a database that is dropped: what its backup does not have. Pure. */
import type { Restore } from '#shared/contract/restores.ts';
import { wasTakenBack } from '#shared/domain/restored-copy.ts';
import { countInWords } from '../backup/words.ts';
import { changeWords, rowChanges, type CountedRows, type RowChange } from './exchange-plan.ts';
import { instantInWords } from './when.ts';

export interface Loss {
  consequence: string;
  /** Null: there is none. */
  wayBack: string | null;
}

export interface LossQuestion {
  restore: Restore;
  name: string;
  /** What the backup holds. */
  backup: CountedRows;
  /** What the database holds; null where it could not be counted for this plan. */
  now: CountedRows | null;
  /** Whether the backup is known, and nothing is known against it. */
  backupStands: boolean;
}

/** Counts are all there is: a row that was added hides behind one that was deleted, so that this is the least it can be. */
function added(changes: readonly RowChange[]): { rows: number; words: string } | null {
  const gained = changes.filter(({ change, lacking }) => change > 0 || lacking === 'before');
  if (gained.length === 0) return null;
  return { rows: gained.reduce((sum, { change }) => sum + change, 0), words: changeWords(gained) };
}

const unseen = 'changed, or added while as many were deleted';

/** A restored copy: whatever was written into it is nowhere else. */
export function lossWithCopy({ restore, name, backup, now, backupStands }: LossQuestion): Loss {
  const wasLive = wasTakenBack(restore);
  const since = wasLive ? 'while it was live' : 'since it was restored';
  if (!backupStands) return { consequence: `The backup that ${name} came from is damaged or not known any more: all that is in ${name} may exist only here, and is lost.`, wayBack: null };
  const again = `Restore the backup again. For what was written into ${name} ${since} there is none.`;
  if (now === null) return { consequence: `How much was written into ${name} ${since} could not be counted for this plan. All of it exists only here and is lost.`, wayBack: again };
  const gained = added(rowChanges(backup, now));
  if (gained !== null) return { consequence: `At least ${countInWords(gained.rows, 'row')} written into ${name} ${since} ${gained.rows === 1 ? 'exists' : 'exist'} only here and ${gained.rows === 1 ? 'is' : 'are'} lost: ${gained.words}. Rows that were ${unseen}, come on top of that.`, wayBack: again };
  if (wasLive || restore.state === 'kept') return { consequence: `No table of ${name} has more rows than the backup. Rows that were ${unseen}, ${since} exist only here and are lost.`, wayBack: again };
  return { consequence: `No table of ${name} has more rows than the backup, which stays and can be restored again.`, wayBack: 'Restore the backup again.' };
}

/** A database that a swap set aside. There is no way back to it. `ofItself`: whether the backup is one of this very database. */
export function lossWithSetAside({ restore, name, backup, now, backupStands }: LossQuestion, ofItself: boolean): Loss {
  const elsewhere = 'unless a later backup has them';
  const its = `the backup of ${instantInWords(restore.backupTakenAt)}`;
  if (now === null) return { consequence: `How many rows of ${name} are not in ${its} could not be counted for this plan. They are lost, ${elsewhere}.`, wayBack: null };
  const own = now.filter(({ kind }) => kind !== 'materialized-view');
  const all = `${countInWords(own.reduce((sum, { rows }) => sum + rows, 0), 'row')} in ${countInWords(own.length, 'table')}`;
  if (!ofItself || !backupStands) return { consequence: `${name} holds ${all}, and the backup that was restored ${ofItself ? 'is damaged or not known any more' : 'is one of another database'}. They are lost, unless another backup has them.`, wayBack: null };
  const gained = added(rowChanges(backup, now));
  if (gained === null) return { consequence: `No table of ${name} has more rows than ${its}. Rows that were ${unseen}, since then are lost, ${elsewhere}.`, wayBack: null };
  return { consequence: `At least ${countInWords(gained.rows, 'row')} of ${name} ${gained.rows === 1 ? 'is' : 'are'} not in ${its} and ${gained.rows === 1 ? 'is' : 'are'} lost, unless a later backup has ${gained.rows === 1 ? 'it' : 'them'}: ${gained.words}. Rows that were ${unseen}, come on top of that.`, wayBack: null };
}
