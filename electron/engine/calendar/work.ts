/** What the work of an entry is, here. */
import type { CalendarWork } from '#shared/contract/calendar.ts';
import type { RunbookFacts } from '../runbooks/runbook-room.ts';
import type { AdoptionRepository } from '../store/adoption-repository.ts';
import type { EntryHere } from './entries.ts';

export type FindRunbook = (ref: string) => RunbookFacts | null;

const procedureTitles = { 'health.check': 'Health check', 'backup.run': 'Back up each database' } as const;

/** A name without its pack is of the pack that the system was made of, else one's own. */
export function refOf(runbook: string, pack: string | null): string {
  return runbook.includes('/') ? runbook : `${pack ?? 'own'}/${runbook}`;
}

export interface WorkHere {
  work: CalendarWork;
  estimateMs: number | null;
  /** It only looks. */
  reads: boolean;
  /** Why there is nothing to run in it; null where there is. */
  without: string | null;
}

/** For one answer: each runbook is looked for once. */
export function createWorks(adoptions: Pick<AdoptionRepository, 'find'>, findRunbook: FindRunbook): (here: EntryHere) => WorkHere {
  const packs = new Map<string, string | null>();
  const runbooks = new Map<string, RunbookFacts | null>();
  const once = <Value>(known: Map<string, Value>, name: string, read: () => Value): Value => {
    if (!known.has(name)) known.set(name, read());
    return known.get(name) as Value;
  };
  return ({ item, system }) => {
    const { work } = item.value;
    if (work.kind === 'tasks') return { work: { kind: 'tasks', tasks: [...work.tasks] }, estimateMs: null, reads: false, without: null };
    if (work.kind === 'procedure') {
      const nothing = work.procedure === 'backup.run' && system.databases.length === 0 ? 'There is no database in this system to back up' : null;
      return { work: { kind: 'procedure', procedure: work.procedure, title: procedureTitles[work.procedure] }, estimateMs: null, reads: work.procedure === 'health.check', without: nothing };
    }
    const ref = refOf(work.runbook, once(packs, system.id, () => adoptions.find(system.id)?.pack ?? null));
    const found = once(runbooks, ref, () => findRunbook(ref));
    const without = found === null ? `There is no runbook ${ref}` : found.broken ? `The runbook "${found.title}" has errors and cannot be started` : null;
    return { work: { kind: 'runbook', ref, title: found?.title ?? null }, estimateMs: found?.estimateMs ?? null, reads: found?.reads ?? false, without };
  };
}
