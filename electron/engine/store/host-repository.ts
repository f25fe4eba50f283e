import { isDeepStrictEqual } from 'node:util';
import { hostSignIn, type Host, type HostConnection } from '#shared/contract/hosts.ts';
import { PilothouseError, type ErrorShape } from '#shared/domain/errors.ts';
import { sortedByName } from '#shared/domain/natural-order.ts';
import type { Database } from './database.ts';

interface HostRow {
  id: string;
  system_id: string;
  label: string;
  host: string;
  port: number;
  user: string;
  sign_in_json: string;
  via_id: string | null;
  platform: string | null;
  last_seen_at: number | null;
  last_error_json: string | null;
}

export interface HostRepository {
  /** By name. */
  list(systemId?: string): Host[];
  find(hostId: string): Host | null;
  /** @throws store.not-found */
  get(hostId: string): Host;
  /** The hosts that are reached through this one, each by itself or through others. */
  behind(hostId: string): Host[];
  /**
   * Every host on the way to a connection, in the order of connecting.
   * @throws store.not-found; store.conflict where the way leads through the host itself
   */
  wayTo(connection: Pick<HostConnection, 'viaId'>, hostId: string | null): Host[];
  /** @throws store.not-found where the host on the way is gone */
  insert(host: { id: string; systemId: string; label: string; connection: HostConnection; at: number }): Host;
  /** @throws store.not-found; store.conflict where it would be reached through itself */
  update(hostId: string, changes: { label?: string | undefined; connection?: HostConnection | undefined }): Host;
  /** The databases that are reached through this host itself. */
  databasesBehind(hostId: string): { id: string; systemId: string; label: string }[];
  /** @throws store.not-found; store.conflict where hosts or databases are reached through it */
  remove(hostId: string): void;
  recordSighting(hostId: string, platform: string | null, at: number): void;
  recordFailure(hostId: string, error: ErrorShape): void;
}

function toHost(row: HostRow): Host {
  return {
    id: row.id,
    systemId: row.system_id,
    label: row.label,
    connection: { host: row.host, port: row.port, user: row.user, signIn: hostSignIn.parse(JSON.parse(row.sign_in_json)), viaId: row.via_id },
    platform: row.platform,
    lastSeenAt: row.last_seen_at === null ? null : new Date(row.last_seen_at).toISOString(),
    lastError: row.last_error_json === null ? null : (JSON.parse(row.last_error_json) as ErrorShape),
  };
}

export function createHostRepository(database: Database): HostRepository {
  const all = database.prepare<[], HostRow>('SELECT * FROM hosts ORDER BY created_at');
  const ofSystem = database.prepare<[string], HostRow>('SELECT * FROM hosts WHERE system_id = ? ORDER BY created_at');
  const one = database.prepare<[string], HostRow>('SELECT * FROM hosts WHERE id = ?');
  const throughIt = database.prepare<[string], HostRow>(
    `WITH RECURSIVE behind(id) AS (SELECT id FROM hosts WHERE via_id = ? UNION SELECT hosts.id FROM hosts JOIN behind ON hosts.via_id = behind.id)
     SELECT hosts.* FROM hosts JOIN behind USING (id) ORDER BY created_at`,
  );

  const databasesThroughIt = database.prepare<[string], { id: string; systemId: string; label: string }>("SELECT id, system_id AS systemId, label FROM databases WHERE json_extract(connection_json, '$.viaId') = ? ORDER BY created_at");

  const named = <T extends { label: string }>(rows: readonly T[]): T[] => sortedByName(rows, ({ label }) => label);

  const repository: HostRepository = {
    list: (systemId) => named(systemId === undefined ? all.all() : ofSystem.all(systemId)).map(toHost),
    find(hostId) {
      const row = one.get(hostId);
      return row === undefined ? null : toHost(row);
    },
    get(hostId) {
      const found = repository.find(hostId);
      if (found === null) throw new PilothouseError('store.not-found', `There is no host ${hostId}.`, { hint: 'It may have been removed meanwhile; look at the list again.' });
      return found;
    },
    databasesBehind: (hostId) => named(databasesThroughIt.all(hostId)),
    behind: (hostId) => named(throughIt.all(hostId)).map(toHost),
    wayTo({ viaId }, hostId) {
      const way: Host[] = [];
      for (let next = viaId; next !== null; ) {
        const before = repository.get(next);
        const goesRound = next === hostId || way.some(({ id }) => id === next);
        way.unshift(before);
        if (goesRound) {
          throw new PilothouseError('store.conflict', `${before.label} would be reached through itself: by way of ${way.map(({ label }) => label).join(', ')}.`, { hint: 'Choose a host on the way that is not reached through this one.', details: { hostIds: way.map(({ id }) => id) } });
        }
        next = before.connection.viaId;
      }
      return way;
    },
    insert({ id, systemId, label, connection, at }) {
      repository.wayTo(connection, id);
      const { host, port, user, signIn, viaId } = connection;
      database
        .prepare('INSERT INTO hosts (id, system_id, label, host, port, user, sign_in_json, via_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
        .run(id, systemId, label, host, port, user, JSON.stringify(signIn), viaId, at);
      return repository.get(id);
    },
    update(hostId, changes) {
      const current = repository.get(hostId);
      const connection = changes.connection ?? current.connection;
      repository.wayTo(connection, hostId);
      const { host, port, user, signIn, viaId } = connection;
      // What was met on the old way says nothing about a new one.
      const forget = isDeepStrictEqual(connection, current.connection) ? '' : ', last_error_json = NULL';
      database
        .prepare(`UPDATE hosts SET label = ?, host = ?, port = ?, user = ?, sign_in_json = ?, via_id = ?${forget} WHERE id = ?`)
        .run(changes.label || current.label, host, port, user, JSON.stringify(signIn), viaId, hostId);
      return repository.get(hostId);
    },
    remove(hostId) {
      const { label } = repository.get(hostId);
      const behind = [...repository.behind(hostId), ...repository.databasesBehind(hostId)];
      if (behind.length > 0) {
        throw new PilothouseError('store.conflict', `${label} is the way to ${behind.map((each) => each.label).join(', ')}.`, { hint: 'Remove those first, or let them be reached in another way.', details: { ids: behind.map(({ id }) => id) } });
      }
      database.prepare('DELETE FROM hosts WHERE id = ?').run(hostId);
    },
    recordSighting: (hostId, platform, at) => void database.prepare('UPDATE hosts SET platform = coalesce(?, platform), last_seen_at = ?, last_error_json = NULL WHERE id = ?').run(platform, at, hostId),
    recordFailure: (hostId, error) => void database.prepare('UPDATE hosts SET last_error_json = ? WHERE id = ?').run(JSON.stringify(error), hostId),
  };
  return repository;
}
