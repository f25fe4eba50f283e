/** Packs: what there is, what is wrong in one, and what a system has of one. */
import type { packMethods } from '#shared/contract/packs.ts';
import type { Handlers } from '../dispatch/handlers.ts';
import { allChecks } from '../health/limits.ts';
import { readPack } from './format/index.ts';

export interface PackRoom {
  handlers: Handlers<keyof typeof packMethods>;
}

const checkIds: ReadonlySet<string> = new Set(allChecks.map(({ about }) => about.id));

export function createPackRoom(): PackRoom {
  return {
    handlers: {
      'pack.check': ({ name, files }) => {
        const { pack, problems } = readPack({ name, texts: new Map(Object.entries(files)), problems: [] }, checkIds);
        return { problems, title: pack?.title ?? null, version: pack?.version ?? null };
      },
    },
  };
}
