/** Packs: what there is, what is wrong in one, and what a system has of one. */
import type { itemMethods, PackCard, packMethods } from '#shared/contract/packs.ts';
import type { ItemKind } from '#shared/contract/items.ts';
import type { Handlers } from '../dispatch/handlers.ts';
import type { EngineContext } from '../engine-context.ts';
import { defaultPacksFolder } from '../runbooks/library/index.ts';
import { createAdoptionRepository, type RoleBinding } from '../store/adoption-repository.ts';
import { createSystemItemRepository } from '../store/system-item-repository.ts';
import { createAdopting } from './adopting.ts';
import { createBackupsInUse, type Written } from './backups-in-use.ts';
import { readPack } from './format/index.ts';
import { createItemRoom } from './item-room.ts';
import { knownChecks } from './known-checks.ts';
import { titleOfItem } from './made-items.ts';
import { openOf, questionForms } from './questions.ts';
import { createRoles, heldOf } from './roles.ts';
import { createShelf, type ShelvedPack } from './shelf.ts';
import { isNewer } from './versions.ts';

export interface PackRoom {
  /** Reads the runbooks of the packs, with room for other work in between, so that the first who asks for them does not wait. Never throws. */
  readAhead(signal: AbortSignal): Promise<void>;
  /** See `Adopting.give`. */
  give(systemId: string, added: RoleBinding): void;
  handlers: Handlers<keyof typeof packMethods | keyof typeof itemMethods>;
}

/** For any Postgres server and its host. */
const packForNew = 'postgres-server';
const instant = (at: number): string => new Date(at).toISOString();

/** @param options.packsFolder of the packs that ship, where those are not meant that come with Pilothouse */
export function createPackRoom(context: EngineContext, options: { packsFolder?: string } = {}): PackRoom {
  const { systems, home, store } = context;
  const shelf = createShelf({ shippedFolder: options.packsFolder ?? defaultPacksFolder(), importedFolder: home.packs, checks: knownChecks });
  const adoptions = createAdoptionRepository(store);
  const items = createSystemItemRepository(store);
  const roles = createRoles(context);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const backups = createBackupsInUse(store, items);
  const onWritten = (systemId: string, written: Written): void => backups.bring(systems.get(systemId), adoptions.find(systemId)?.bindings ?? {}, written, context.ports.clock.now());
  const adopting = createAdopting({ context, shelf, adoptions, items, roles, zone, onWritten });

  function cardOf({ pack, origin, warnings }: ShelvedPack): PackCard {
    const counts: Partial<Record<ItemKind, number>> = {};
    for (const { kind } of pack.items) counts[kind] = (counts[kind] ?? 0) + 1;
    const usedBy = adoptions.list().flatMap(({ systemId, pack: name, version }) => (name === pack.name ? [{ systemId, systemName: systems.get(systemId).name, version, isNewer: isNewer(pack.version, version) }] : []));
    const { name, title, version, summary, environment, guide } = pack;
    return { name, title, version, summary, origin, environment, guide, counts, runbooks: pack.runbooks.length, questions: pack.questions.length, warnings: warnings.length, usedBy };
  }

  return {
    readAhead: (signal) => shelf.readAhead(signal).catch((error: unknown) => context.ports.logger.warn({ error: String(error) }, 'The packs could not be read ahead.')),
    give: (systemId, added) => adopting.give(systemId, added),
    handlers: {
      ...createItemRoom({ context, items, checks: new Set(knownChecks.keys()), onWritten }).handlers,
      'pack.list': async (_input, { signal }) => {
        await shelf.readAhead(signal);
        const { packs, refused } = shelf.look();
        return { packs: packs.map(cardOf), refused, forNew: packs.some(({ pack }) => pack.name === packForNew) ? packForNew : null, folder: home.packs };
      },
      'pack.get': ({ pack: name }) => {
        const shelved = shelf.get(name);
        const { pack, warnings } = shelved;
        return {
          card: cardOf(shelved),
          hosts: pack.hosts.map(({ name: role, title, needed, why }) => ({ name: role, title, needed, why })),
          databases: pack.databases.map((role) => ({ ...role })),
          items: pack.items.map((item) => ({ kind: item.kind, key: item.key, title: titleOfItem(item), covers: Array.isArray(item.fields['covers']) ? item.fields['covers'].map(String) : [] })),
          runbooks: pack.runbooks.map((runbook) => ({ ref: `${pack.name}/${runbook.name}`, title: runbook.title })),
          warnings,
        };
      },
      'pack.check': ({ name, files }) => {
        const { pack, problems } = readPack({ name, texts: new Map(Object.entries(files)), problems: [] }, knownChecks);
        return { problems, title: pack?.title ?? null, version: pack?.version ?? null };
      },
      'pack.prepare': ({ pack: name, systemId }) => {
        const shelved = shelf.get(name);
        const { pack, hash } = shelved;
        const system = systemId === null ? null : systems.get(systemId);
        return { card: cardOf(shelved), roles: roles.forms(pack, systemId, {}), questions: questionForms(pack, {}, zone), hash, name: system?.name ?? pack.title, environment: system?.environment ?? pack.environment };
      },
      'pack.adopt': (input) => adopting.adopt(input),
      'pack.standing': ({ systemId }) => {
        systems.get(systemId);
        const adoption = adoptions.find(systemId);
        if (adoption === null) return { adoption: null };
        const { pack, title, version, bindings, answers, adoptedAt, updatedAt } = adoption;
        const row = { pack, title, version, adoptedAt: instant(adoptedAt), updatedAt: instant(updatedAt), bindings: { ...bindings }, answers: { ...answers } };
        const shelved = shelf.find(pack);
        if (shelved === null) {
          const refused = shelf.look().refused.find(({ name }) => name === pack);
          return { adoption: { ...row, open: { questions: [], roles: [] }, held: [], available: null, trouble: refused === undefined ? `There is no pack ${pack} any more. What was adopted of it stays as it is.` : `The pack ${pack} cannot be used, and what was adopted of it stays as it is. ${refused.message}` } };
        }
        const said = adopting.fitting(shelved.pack, adoption);
        return { adoption: { ...row, open: openOf(shelved.pack, said.answers, new Set(Object.keys(said.bindings))), held: heldOf(shelved.pack, said.bindings), available: { version: shelved.pack.version, isNewer: isNewer(shelved.pack.version, version) }, trouble: null } };
      },
      'pack.reopen': ({ systemId }) => {
        systems.get(systemId);
        const adoption = adoptions.get(systemId);
        const shelved = shelf.get(adoption.pack);
        const said = adopting.fitting(shelved.pack, adoption);
        return { card: cardOf(shelved), roles: roles.forms(shelved.pack, systemId, said.bindings), questions: questionForms(shelved.pack, said.answers, zone), hash: shelved.hash };
      },
      'pack.answer': (input) => adopting.answer(input),
      'pack.preview': ({ systemId }) => adopting.preview(systemId),
      'pack.update': (input) => adopting.update(input),
    },
  };
}
