/** What was decided about the keys of machines, by the name, the port and the way that they are connected to by. */
import type { DecidedHostKey } from '#shared/contract/hosts.ts';
import type { HostKey, KnownHostKey } from '#shared/domain/host-trust.ts';
import type { Database } from './database.ts';

/** A machine as one connects to it: behind another host, the same name and port is another machine. */
export interface HostPlace {
  host: string;
  port: number;
  /** The host through which it is reached, by its id. Null or left out: this computer reaches it. */
  viaId?: string | null | undefined;
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
  /** Whom one takes for this very machine. */
  trusted(place: HostPlace): HostKey[];
  /** What a connection is judged by: a key that was revoked anywhere is revoked everywhere. */
  known(place: HostPlace): KnownHostKey[];
  /** Everything that was decided, the newest first. */
  list(place: HostPlace): StoredHostKey[];
  insert(key: NewHostKey): void;
  /** Trusts this key and none of those that were trusted before. */
  replace(key: NewHostKey): void;
  /** Trusts this key nowhere any more. */
  revoke(key: NewHostKey): void;
  /** What is trusted by one way is what has to be shown by another, unless something is known of that one. */
  carry(from: HostPlace, to: HostPlace, newId: () => string): void;
  /** Takes out the keys that were made here, for machines of ours that are gone. */
  forgetGenerated(): void;
}

/** Names of hosts are the same in capitals. */
const folded = ({ host, port, viaId }: HostPlace): [string, number, string] => [host.toLowerCase(), port, viaId ?? ''];

export function createHostKeyRepository(database: Database): HostKeyRepository {
  const ofPlace = database.prepare<[string, number, string], KeyRow>('SELECT * FROM host_keys WHERE host = ? AND port = ? AND via = ? ORDER BY decided_at DESC, rowid DESC');
  const revoked = database.prepare<[], HostKey>("SELECT DISTINCT key_type AS type, key FROM host_keys WHERE state = 'revoked'");
  const repository: HostKeyRepository = {
    trusted: (place) => repository.list(place).filter(({ state }) => state === 'trusted').map(({ type, key }) => ({ type, key })),
    known: (place) => [
      ...repository.trusted(place).map((key) => ({ ...key, revoked: false })),
      ...revoked.all().map((key) => ({ ...key, revoked: true })),
    ],
    list: (place) =>
      ofPlace.all(...folded(place)).map((row) => ({
        type: row.key_type,
        key: row.key,
        state: row.state,
        source: row.source,
        decidedBy: row.decided_by,
        decidedAt: new Date(row.decided_at).toISOString(),
        replacedAt: row.replaced_at === null ? null : new Date(row.replaced_at).toISOString(),
      })),
    insert: ({ id, type, key, state, source, by, at, ...place }) =>
      void database
        .prepare('INSERT INTO host_keys (id, host, port, via, key_type, key, state, source, decided_by, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
        .run(id, ...folded(place), type, key, state, source, by, at),
    replace: (key) =>
      database.transaction(() => {
        database.prepare("UPDATE host_keys SET state = 'replaced', replaced_at = ? WHERE host = ? AND port = ? AND via = ? AND state = 'trusted'").run(key.at, ...folded(key));
        repository.insert(key);
      })(),
    revoke: (key) =>
      database.transaction(() => {
        database.prepare("UPDATE host_keys SET state = 'replaced', replaced_at = ? WHERE key = ? AND state = 'trusted'").run(key.at, key.key);
        repository.insert(key);
      })(),
    carry: (from, to, newId) =>
      database.transaction(() => {
        if (repository.list(to).some(({ state }) => state === 'trusted')) return;
        for (const { type, key, state, source, decidedBy, decidedAt } of repository.list(from).reverse()) {
          if (state === 'trusted') repository.insert({ ...to, id: newId(), type, key, state, source, by: decidedBy, at: Date.parse(decidedAt) });
        }
      })(),
    forgetGenerated: () => void database.prepare("DELETE FROM host_keys WHERE source = 'generated'").run(),
  };
  return repository;
}
