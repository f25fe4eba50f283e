import { PilothouseError } from '#shared/domain/errors.ts';
import type { Database } from './database.ts';

/** Which host or database of a system has a role of its pack. */
export type RoleBinding = { hostId: string } | { databaseId: string };

/** What a system has of a pack. */
export interface Adoption {
  systemId: string;
  /** The name of its folder. */
  pack: string;
  version: string;
  title: string;
  /** By role. A role that nobody gave to anything is not there. */
  bindings: Readonly<Record<string, RoleBinding>>;
  /** By question. One that nobody answered is not there. */
  answers: Readonly<Record<string, string>>;
  /** What the answers propose for parameters of the pack's runbooks, by name. */
  params: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  adoptedAt: number;
  updatedAt: number;
}

interface AdoptionRow {
  system_id: string;
  pack: string;
  version: string;
  title: string;
  bindings_json: string;
  answers_json: string;
  adopted_at: number;
  updated_at: number;
}

/** The pack of each system, at most one. */
export interface AdoptionRepository {
  list(): Adoption[];
  find(systemId: string): Adoption | null;
  /** @throws store.not-found */
  get(systemId: string): Adoption;
  /** Writes the row, or writes it anew; when it was adopted stays. @param at milliseconds since the epoch */
  save(adoption: Omit<Adoption, 'adoptedAt' | 'updatedAt'>, at: number): Adoption;
}

function toAdoption(row: AdoptionRow): Adoption {
  const said = JSON.parse(row.answers_json) as Pick<Adoption, 'answers' | 'params'>;
  return {
    systemId: row.system_id,
    pack: row.pack,
    version: row.version,
    title: row.title,
    bindings: JSON.parse(row.bindings_json) as Record<string, RoleBinding>,
    answers: said.answers,
    params: said.params,
    adoptedAt: row.adopted_at,
    updatedAt: row.updated_at,
  };
}

export function createAdoptionRepository(database: Database): AdoptionRepository {
  const all = database.prepare<[], AdoptionRow>('SELECT * FROM adoptions ORDER BY adopted_at');
  const one = database.prepare<[string], AdoptionRow>('SELECT * FROM adoptions WHERE system_id = ?');
  const write = database.prepare(
    `INSERT INTO adoptions (system_id, pack, version, title, bindings_json, answers_json, adopted_at, updated_at) VALUES (@systemId, @pack, @version, @title, @bindings, @answers, @at, @at)
     ON CONFLICT (system_id) DO UPDATE SET pack = excluded.pack, version = excluded.version, title = excluded.title, bindings_json = excluded.bindings_json, answers_json = excluded.answers_json, updated_at = excluded.updated_at`,
  );
  const repository: AdoptionRepository = {
    list: () => all.all().map(toAdoption),
    find(systemId) {
      const row = one.get(systemId);
      return row === undefined ? null : toAdoption(row);
    },
    get(systemId) {
      const found = repository.find(systemId);
      if (found === null) throw new PilothouseError('store.not-found', 'This system has adopted no pack.', { hint: 'Adopt one first: pack list shows what there is.', details: { systemId } });
      return found;
    },
    save({ systemId, pack, version, title, bindings, answers, params }, at) {
      write.run({ systemId, pack, version, title, bindings: JSON.stringify(bindings), answers: JSON.stringify({ answers, params }), at });
      return repository.get(systemId);
    },
  };
  return repository;
}
