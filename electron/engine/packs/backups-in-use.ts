/**
 * The backups that a system says it needs, as backup plans and file sets: made where the role is given to something,
 * so that they can be run. How many copies are kept stands in the item until plans have a retention of their own.
 */
import { createHash } from 'node:crypto';
import { backupOptions } from '#shared/contract/backups.ts';
import type { Item, ItemKind, ItemOf } from '#shared/contract/items.ts';
import { alike } from '#shared/domain/pack/update.ts';
import type { Database } from '../store/database.ts';
import type { RoleBinding } from '../store/adoption-repository.ts';
import { createBackupPlanRepository } from '../store/backup-plan-repository.ts';
import { createFileSetRepository } from '../store/file-set-repository.ts';
import type { SystemItemRepository } from '../store/system-item-repository.ts';

const longestName = 80;

/** The same for an item each time, so that it is found again. */
const idOf = (systemId: string, key: string): string => `item-${createHash('sha256').update(`${systemId}/${key}`).digest('hex').slice(0, 32)}`;

/** The title, or the first name after it that is free. */
function freeName(title: string, system: string, isTaken: (name: string) => boolean): string {
  const cut = (name: string, ending = ''): string => `${name.slice(0, longestName - ending.length).trim()}${ending}`;
  const first = [cut(title), cut(`${title} of ${system}`)].find((name) => !isTaken(name));
  if (first !== undefined) return first;
  for (let number = 2; ; number++) {
    const name = cut(`${title} of ${system}`, ` ${number}`);
    if (!isTaken(name)) return name;
  }
}

/** What of the items of a system was written, as "kind/key", with what it said before; null: it was not there. */
export type Written = ReadonlyMap<string, ItemOf<ItemKind> | null>;

/** What counts from now on: what a person made of it otherwise stays. */
const followed = <Value>(here: Value, before: Value | undefined, now: Value): Value => (before === undefined || alike(here, before) ? now : here);

export interface BackupsInUse {
  /**
   * Brings plans and sets to what the items say. A plan that is there is changed only where its item was written, or
   * its role was given to something else; what a person made of it otherwise stays.
   * @param at milliseconds since the epoch
   */
  bring(system: { id: string; name: string }, bindings: Readonly<Record<string, RoleBinding>>, written: Written, at: number): void;
}

export function createBackupsInUse(store: Database, items: SystemItemRepository): BackupsInUse {
  const plans = createBackupPlanRepository(store);
  const sets = createFileSetRepository(store);

  function bringPlan(system: { id: string; name: string }, { key, value }: Item<'backup'>, databaseId: string, isWritten: boolean, before: ItemOf<'backup'> | null, at: number): void {
    const id = idOf(system.id, key);
    const there = plans.list(system.id).find((plan) => plan.id === id);
    if (there === undefined) {
      const name = freeName(value.title, system.name, (each) => plans.findByName(each) !== null);
      plans.save({ newId: id, name, systemId: system.id, databaseId, options: backupOptions.parse({ proof: value.proof }), at });
    } else if (isWritten || there.databaseId !== databaseId) {
      plans.save({ id, name: there.name, systemId: system.id, databaseId, options: isWritten ? { ...there.options, proof: followed(there.options.proof, before?.proof, value.proof) } : there.options, at });
    }
  }

  function bringSet(system: { id: string; name: string }, { key, value: { title, files } }: Item<'backup'>, hostId: string, isWritten: boolean, before: ItemOf<'backup'> | null, at: number): void {
    if (files === null) return;
    const id = idOf(system.id, key);
    const there = sets.find(id);
    if (there !== null && !isWritten && there.hostId === hostId) return;
    // A set is of one host for good: what its copies say of it is theirs.
    if (there !== null && there.hostId !== hostId) sets.remove(id);
    const name = there?.name ?? freeName(title, system.name, (each) => sets.list(system.id).some((set) => set.name.toLowerCase() === each.toLowerCase()));
    sets.save({ id, systemId: system.id, hostId, name, paths: there === null ? files.paths : followed(there.paths, before?.files?.paths, files.paths), exclude: there === null ? files.exclude : followed(there.exclude, before?.files?.exclude, files.exclude), access: there?.access ?? { kind: 'plain' }, oneFileSystem: there?.oneFileSystem ?? true }, at);
  }

  return {
    bring(system, bindings, written, at) {
      const there = items.list(system.id, 'backup');
      for (const item of there) {
        const { key, value } = item;
        const bound = bindings[value.database ?? value.files?.host ?? ''];
        const isWritten = written.has(`backup/${key}`);
        const before = (written.get(`backup/${key}`) ?? null) as ItemOf<'backup'> | null;
        if (bound === undefined) continue;
        if ('databaseId' in bound && value.database !== null) bringPlan(system, item, bound.databaseId, isWritten, before, at);
        if ('hostId' in bound && value.files !== null) bringSet(system, item, bound.hostId, isWritten, before, at);
      }
      for (const name of written.keys()) {
        const [kind, key = ''] = name.split('/');
        if (kind !== 'backup' || there.some((item) => item.key === key)) continue;
        plans.remove(idOf(system.id, key));
        sets.remove(idOf(system.id, key));
      }
    },
  };
}
