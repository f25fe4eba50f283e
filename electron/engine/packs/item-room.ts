/** What systems consist of, as a person changes it. */
import { itemKinds, itemSchemas, type ItemKind, type ItemOf } from '#shared/contract/items.ts';
import type { itemMethods, ItemView } from '#shared/contract/packs.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { referencesOf, type ReferredTo } from '#shared/domain/pack/references.ts';
import type { Handlers } from '../dispatch/handlers.ts';
import type { EngineContext } from '../engine-context.ts';
import type { Topic } from '../operations/change-bus.ts';
import type { ItemSides, SystemItemRepository } from '../store/system-item-repository.ts';
import type { Written } from './backups-in-use.ts';
import { whyNotItem } from './item-words.ts';

interface Parts {
  context: Pick<EngineContext, 'store' | 'systems' | 'ports' | 'changes'>;
  items: SystemItemRepository;
  /** Of health checks. */
  checks: ReadonlySet<string>;
  /** What else of the system goes by its items, within the same transaction. */
  onWritten: (systemId: string, written: Written) => void;
}

/** Which screens show something that goes by a kind. */
const topics: Readonly<Partial<Record<ItemKind, readonly Topic[]>>> = { threshold: ['health'], endpoint: ['health'], service: ['health'], backup: ['backups'], calendar: ['calendar'], severity: ['incidents'], hours: ['incidents'], role: ['runbooks'], contact: ['runbooks'] };

const isKind = (to: ReferredTo): to is ItemKind => itemKinds.some((kind) => kind === to);
const listed = (names: readonly string[]): string => (names.length === 0 ? 'There are none.' : `There are: ${names.join(', ')}.`);

/** A key of a title: "sunday-maintenance", and with a number where that is taken. */
function keyOf(title: string, isTaken: (key: string) => boolean): string {
  const plain = title.normalize('NFKD').replaceAll(/\p{M}+/gu, '').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').slice(0, 55).replaceAll(/^-+|-+$/g, '');
  const first = plain === '' ? 'item' : plain;
  for (let number = 1; ; number++) {
    const key = number === 1 ? first : `${first}-${number}`;
    if (!isTaken(key)) return key;
  }
}

export function createItemRoom({ context, items, checks, onWritten }: Parts): { handlers: Handlers<keyof typeof itemMethods> } {
  const { store, systems, ports, changes } = context;

  const view = ({ kind, key, value, packValue, standing }: ItemSides): ItemView => ({ kind, key, title: value.title, value: { ...value }, packValue: packValue === null ? null : { ...packValue }, standing });
  const sideOf = (systemId: string, kind: ItemKind, key: string): ItemSides | undefined => items.sides(systemId).find((side) => side.kind === kind && side.key === key);
  const missing = (kind: ItemKind, key: string): PilothouseError => new PilothouseError('store.not-found', `There is no ${kind} ${key} in this system.`, { hint: 'It may have been removed meanwhile; look at the list again.', details: { kind, key } });

  /** In one transaction with what goes by it. */
  function write(systemId: string, kind: ItemKind, key: string, work: () => void): void {
    store.transaction(() => {
      const before = sideOf(systemId, kind, key)?.value ?? null;
      work();
      onWritten(systemId, new Map([[`${kind}/${key}`, before]]));
    })();
    changes.changed('items', ...(topics[kind] ?? []));
  }

  /** @throws contract.invalid-input, with the field and why in words */
  function requireGood(systemId: string, kind: ItemKind, key: string | null, fields: Record<string, unknown>): void {
    const why = whyNotItem(kind, fields);
    if (why !== null) throw new PilothouseError('contract.invalid-input', why.message, { hint: 'Put it right, and save again.', details: { kind, key, faults: why.faults } });
    for (const { path, to, name } of referencesOf(kind, fields)) {
      const known = to === 'check' ? [...checks] : isKind(to) ? items.list(systemId, to).map((item) => item.key) : null;
      if (known === null || known.includes(name) || (to === kind && name === key)) continue;
      const what = to === 'check' ? 'health check' : to;
      throw new PilothouseError('contract.invalid-input', `There is no ${what} "${name}".`, { hint: to === 'check' ? 'The catalogue of health has the checks that there are.' : listed(known), details: { kind, key, faults: [{ field: path.join('.'), message: `There is no ${what} "${name}".` }] } });
    }
  }

  /** @throws store.conflict where another item would name something that is not there */
  function refuseReferred(systemId: string, kind: ItemKind, key: string): void {
    const referring = items.sides(systemId).filter((side) => side.standing !== 'removed' && !(side.kind === kind && side.key === key) && referencesOf(side.kind, side.value).some(({ to, name }) => to === kind && name === key));
    const [first] = referring;
    if (first !== undefined) throw new PilothouseError('store.conflict', `The ${kind} ${key} is still named by the ${first.kind} "${first.value.title}"${referring.length > 1 ? ` and ${referring.length - 1} more` : ''}.`, { hint: 'Change that first, then remove this one.', details: { by: referring.map((side) => `${side.kind}/${side.key}`) } });
  }

  return {
    handlers: {
      'item.list': ({ systemId, kind, removed }) => {
        systems.get(systemId);
        return { items: items.sides(systemId).filter((side) => (kind === undefined || side.kind === kind) && (removed || side.standing !== 'removed')).map(view) };
      },
      'item.save': ({ systemId, kind, key, value }) => {
        systems.get(systemId);
        requireGood(systemId, kind, key, value);
        const parsed = itemSchemas[kind].parse(value) as ItemOf<ItemKind>;
        const taken = new Set(items.sides(systemId).flatMap((side) => (side.kind === kind ? [side.key] : [])));
        const name = key ?? keyOf(parsed.title, (each) => taken.has(each));
        write(systemId, kind, name, () => items.saveOwn(systemId, kind, name, parsed, ports.clock.now()));
        const side = sideOf(systemId, kind, name);
        if (side === undefined) throw missing(kind, name);
        return { item: view(side) };
      },
      'item.remove': ({ systemId, kind, key }) => {
        systems.get(systemId);
        items.get(systemId, kind, key);
        refuseReferred(systemId, kind, key);
        write(systemId, kind, key, () => items.remove(systemId, kind, key, ports.clock.now()));
        return {};
      },
      'item.reset': ({ systemId, kind, key }) => {
        systems.get(systemId);
        const side = sideOf(systemId, kind, key);
        if (side === undefined) throw missing(kind, key);
        if (side.packValue === null) throw new PilothouseError('store.not-found', `The ${kind} "${side.value.title}" was made here: no pack says anything else of it.`, { hint: 'Change it, or remove it.', details: { kind, key } });
        write(systemId, kind, key, () => items.saveOwn(systemId, kind, key, null, ports.clock.now()));
        return { item: view({ ...side, value: side.packValue, ownValue: null, standing: 'pack' }) };
      },
    },
  };
}
