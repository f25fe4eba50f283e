/** What was decided about the keys of machines, by the name and port that they are connected to by. */
import type { DecidedHostKey } from '#shared/contract/hosts.ts';
import type { HostKey, KnownHostKey } from '#shared/domain/host-trust.ts';
import type { Database } from './database.ts';

/** A machine as one connects to it. */
export interface HostPlace {
  host: string;
  port: number;
}

interface KeyRow {
  key_type: string;
  key: string;
  state: DecidedHostKey['state'];
  source: DecidedHostKey['source'];
  decided_by: string;
  decided_at: number;
  replaced_at: number | null;
}

/** Without its fingerprint, which is worked out from the key where it is shown. */
export type StoredHostKey = Omit<DecidedHostKey, 'fingerprint'>;

export interface NewHostKey extends HostPlace, HostKey {
  id: string;
  state: 'trusted' | 'revoked';
  source: DecidedHostKey['source'];
  by: string;
  at: number;
}

export interface HostKeyRepository {
  /** What a connection is judged by. */
  known(place: HostPlace): KnownHostKey[];
  /** Everything that was decided, the newest first. */
  list(place: HostPlace): StoredHostKey[];
  insert(key: NewHostKey): void;
  /** Trusts this key and none of those that were trusted before. */
  replace(key: NewHostKey): void;
}

/** Names of hosts are the same in capitals. */
const folded = (host: string): string => host.toLowerCase();

export function createHostKeyRepository(database: Database): HostKeyRepository {
  const ofPlace = database.prepare<[string, number], KeyRow>('SELECT * FROM host_keys WHERE host = ? AND port = ? ORDER BY decided_at DESC, rowid DESC');
  const repository: HostKeyRepository = {
    known: (place) => repository.list(place).filter(({ state }) => state !== 'replaced').map(({ type, key, state }) => ({ type, key, revoked: state === 'revoked' })),
    list: ({ host, port }) =>
      ofPlace.all(folded(host), port).map((row) => ({
        type: row.key_type,
        key: row.key,
        state: row.state,
        source: row.source,
        decidedBy: row.decided_by,
        decidedAt: new Date(row.decided_at).toISOString(),
        replacedAt: row.replaced_at === null ? null : new Date(row.replaced_at).toISOString(),
      })),
    insert: ({ id, host, port, type, key, state, source, by, at }) =>
      void database
        .prepare('INSERT INTO host_keys (id, host, port, key_type, key, state, source, decided_by, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
        .run(id, folded(host), port, type, key, state, source, by, at),
    replace: (key) =>
      database.transaction(() => {
        database.prepare("UPDATE host_keys SET state = 'replaced', replaced_at = ? WHERE host = ? AND port = ? AND state = 'trusted'").run(key.at, folded(key.host), key.port);
        repository.insert(key);
      })(),
  };
  return repository;
}
