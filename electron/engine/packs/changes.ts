/** What a pack, as it is now, makes of the items that a system has of it: looked at before anything is written, then written as it was chosen. */
import type { ItemKind, ItemOf } from '#shared/contract/items.ts';
import { updateOf, type Outcome } from '#shared/domain/pack/update.ts';
import type { ItemSides, SystemItemRepository } from '../store/system-item-repository.ts';
import { whyNotItem } from './item-words.ts';
import type { Made } from './made-items.ts';

export interface PlannedChange {
  kind: ItemKind;
  key: string;
  title: string;
  /** Of the pack; of what is gone from it, where it was. */
  place: number;
  /** What one has of one's own now. */
  own: ItemOf<ItemKind> | null;
  /** As it counted until now; null: it was not there. */
  before: ItemOf<ItemKind> | null;
  outcome: Outcome;
}

const nameOf = ({ kind, key }: { kind: ItemKind; key: string }): string => `${kind}/${key}`;

/**
 * @param sides all items of the system
 * @param isMeant of the name "kind/key"; items that are not meant stay as they are
 * @returns in the order of the pack; what is gone from it comes last
 */
export function plannedChanges(sides: readonly ItemSides[], made: Made, isMeant: (name: string) => boolean = () => true): PlannedChange[] {
  const before = new Map(sides.map((side) => [nameOf(side), side]));
  // What waits for an answer stays as it is, and so does what an answer is missing for.
  const left = new Set([...made.waiting, ...made.leftOut].map(nameOf));
  const stays = (name: string): boolean => left.has(name) || !isMeant(name);
  const sidesOf = (side: ItemSides | undefined) => ({ pack: side?.packValue ?? null, own: side?.ownValue ?? null, removed: side?.standing === 'removed' });
  const inPack = made.items.flatMap(({ kind, key, value, place }): PlannedChange[] => {
    const side = before.get(nameOf({ kind, key }));
    const outcome = stays(nameOf({ kind, key })) ? null : updateOf(sidesOf(side), value, (fields) => whyNotItem(kind, fields) === null);
    return outcome === null ? [] : [{ kind, key, title: value.title, place, own: side?.ownValue ?? null, before: side?.value ?? null, outcome }];
  });
  const there = new Set(made.items.map(nameOf));
  const gone = sides.flatMap((side, index): PlannedChange[] => {
    if (there.has(nameOf(side)) || stays(nameOf(side))) return [];
    const outcome = updateOf(sidesOf(side), null, () => true);
    return outcome === null ? [] : [{ kind: side.kind, key: side.key, title: side.value.title, place: made.items.length + index, own: side.ownValue, before: side.value, outcome }];
  });
  return [...inPack, ...gone];
}

/** Writes them, within a transaction of the caller. @param choose of the conflicts, by "kind/key" @param at milliseconds since the epoch */
export function writeChanges(items: SystemItemRepository, systemId: string, changes: readonly PlannedChange[], choose: (name: string) => 'mine' | 'theirs', at: number): void {
  for (const change of changes) {
    const { kind, key, place, own, outcome } = change;
    items.savePack(systemId, kind, key, outcome.pack as ItemOf<ItemKind> | null, place, at);
    const chosen = outcome.own[outcome.change === 'conflict' ? choose(nameOf(change)) : 'mine'] as ItemOf<ItemKind> | null;
    if (own !== null && chosen === null) items.saveOwn(systemId, kind, key, null, at);
    else if (chosen !== null) items.saveOwn(systemId, kind, key, chosen, at);
  }
}
