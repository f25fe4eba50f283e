import { itemSchemas, type Item, type ItemKind, type ItemOf } from '#shared/contract/items.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Database } from './database.ts';

interface ItemRow {
  system_id: string;
  kind: ItemKind;
  key: string;
  pack_json: string | null;
  own_json: string | null;
  removed: number;
  place: number;
  changed_at: number;
}

/** An item with both its sides, for an update of a pack. */
export interface ItemSides<Kind extends ItemKind = ItemKind> extends Item<Kind> {
  /** As the pack has it; null: made here. */
  packValue: ItemOf<Kind> | null;
  /** As it was changed here; null: as the pack has it. */
  ownValue: ItemOf<Kind> | null;
}

/** What systems consist of, by kind and key, in the order of their pack; what was made here comes last, by key. */
export interface SystemItemRepository {
  /** Without what was removed here. */
  list<Kind extends ItemKind>(systemId: string, kind: Kind): Item<Kind>[];
  /** Of all systems. */
  listAll<Kind extends ItemKind>(kind: Kind): Item<Kind>[];
  find<Kind extends ItemKind>(systemId: string, kind: Kind, key: string): Item<Kind> | null;
  /** @throws store.not-found */
  get<Kind extends ItemKind>(systemId: string, kind: Kind, key: string): Item<Kind>;
  /** With what was removed here, for an update of the pack. */
  sides(systemId: string): ItemSides[];
  /** What a person says; null: as the pack has it again. @param at milliseconds since the epoch */
  saveOwn<Kind extends ItemKind>(systemId: string, kind: Kind, key: string, value: ItemOf<Kind> | null, at: number): void;
  /** What the pack says from now on; what a person said stays. */
  savePack<Kind extends ItemKind>(systemId: string, kind: Kind, key: string, value: ItemOf<Kind> | null, place: number, at: number): void;
  /** One of a pack is remembered as removed, so that an update does not bring it back; one made here is gone. */
  remove(systemId: string, kind: ItemKind, key: string, at: number): void;
}

const ownPlace = 1_000_000;

function read<Kind extends ItemKind>(kind: Kind, json: string): ItemOf<Kind> {
  return itemSchemas[kind].parse(JSON.parse(json)) as ItemOf<Kind>;
}

function standingOf({ pack_json, own_json, removed }: ItemRow): Item['standing'] {
  if (removed === 1) return 'removed';
  if (pack_json === null) return 'own';
  return own_json === null ? 'pack' : 'changed';
}

export function createSystemItemRepository(database: Database): SystemItemRepository {
  const ofKind = database.prepare<[string, string], ItemRow>('SELECT * FROM system_items WHERE system_id = ? AND kind = ? AND removed = 0 ORDER BY place, key');
  const ofKindAnywhere = database.prepare<[string], ItemRow>('SELECT * FROM system_items WHERE kind = ? AND removed = 0 ORDER BY system_id, place, key');
  const one = database.prepare<[string, string, string], ItemRow>('SELECT * FROM system_items WHERE system_id = ? AND kind = ? AND key = ?');
  const all = database.prepare<[string], ItemRow>('SELECT * FROM system_items WHERE system_id = ? ORDER BY kind, place, key');

  const toItem = <Kind extends ItemKind>(row: ItemRow, kind: Kind): Item<Kind> => ({ systemId: row.system_id, kind, key: row.key, value: read(kind, row.own_json ?? row.pack_json ?? ''), standing: standingOf(row) });

  const repository: SystemItemRepository = {
    list: (systemId, kind) => ofKind.all(systemId, kind).map((row) => toItem(row, kind)),
    listAll: (kind) => ofKindAnywhere.all(kind).map((row) => toItem(row, kind)),
    find(systemId, kind, key) {
      const row = one.get(systemId, kind, key);
      return row === undefined || row.removed === 1 ? null : toItem(row, kind);
    },
    get(systemId, kind, key) {
      const found = repository.find(systemId, kind, key);
      if (found === null) throw new PilothouseError('store.not-found', `There is no ${kind} ${key} in this system.`, { hint: 'It may have been removed meanwhile; look at the list again.' });
      return found;
    },
    sides: (systemId) =>
      all.all(systemId).map((row) => ({ ...toItem(row, row.kind), packValue: row.pack_json === null ? null : read(row.kind, row.pack_json), ownValue: row.own_json === null ? null : read(row.kind, row.own_json) })),
    saveOwn(systemId, kind, key, value, at) {
      if (value === null) {
        database.prepare('DELETE FROM system_items WHERE system_id = ? AND kind = ? AND key = ? AND pack_json IS NULL').run(systemId, kind, key);
        database.prepare('UPDATE system_items SET own_json = NULL, removed = 0, changed_at = ? WHERE system_id = ? AND kind = ? AND key = ?').run(at, systemId, kind, key);
        return;
      }
      database
        .prepare(
          `INSERT INTO system_items (system_id, kind, key, pack_json, own_json, removed, place, changed_at) VALUES (?, ?, ?, NULL, ?, 0, ${ownPlace}, ?)
           ON CONFLICT (system_id, kind, key) DO UPDATE SET own_json = excluded.own_json, removed = 0, changed_at = excluded.changed_at`,
        )
        .run(systemId, kind, key, JSON.stringify(itemSchemas[kind].parse(value)), at);
    },
    savePack(systemId, kind, key, value, place, at) {
      if (value === null) {
        database.prepare('DELETE FROM system_items WHERE system_id = ? AND kind = ? AND key = ? AND own_json IS NULL').run(systemId, kind, key);
        database.prepare(`UPDATE system_items SET pack_json = NULL, place = ${ownPlace}, changed_at = ? WHERE system_id = ? AND kind = ? AND key = ?`).run(at, systemId, kind, key);
        return;
      }
      database
        .prepare(
          `INSERT INTO system_items (system_id, kind, key, pack_json, own_json, removed, place, changed_at) VALUES (?, ?, ?, ?, NULL, 0, ?, ?)
           ON CONFLICT (system_id, kind, key) DO UPDATE SET pack_json = excluded.pack_json, place = excluded.place, changed_at = excluded.changed_at`,
        )
        .run(systemId, kind, key, JSON.stringify(itemSchemas[kind].parse(value)), place, at);
    },
    remove(systemId, kind, key, at) {
      database.prepare('DELETE FROM system_items WHERE system_id = ? AND kind = ? AND key = ? AND pack_json IS NULL').run(systemId, kind, key);
      database.prepare('UPDATE system_items SET removed = 1, own_json = NULL, changed_at = ? WHERE system_id = ? AND kind = ? AND key = ?').run(at, systemId, kind, key);
    },
  };
  return repository;
}
