import type { Migration } from './index.ts';

/**
 * The same private address is another machine behind another host. What was known by name and port alone stays known
 * there, and of every way by which a host of that name and port is reached now: nothing that was known becomes unknown.
 */
export const hostKeysByWay: Migration = {
  number: 3,
  slug: 'host-keys-by-way',
  up(database) {
    database.exec(`
      -- The host through which the machine is reached, by its id; '' where this computer reaches it. Kept when that host is
      -- removed: what was decided stays on record.
      ALTER TABLE host_keys ADD COLUMN via TEXT NOT NULL DEFAULT '';
      DROP INDEX host_keys_by_place;
      DROP INDEX host_keys_in_force;
      CREATE INDEX host_keys_by_place ON host_keys(host, port, via);
      CREATE UNIQUE INDEX host_keys_in_force ON host_keys(host, port, via, key, state) WHERE state <> 'replaced';
      CREATE INDEX host_keys_revoked ON host_keys(key) WHERE state = 'revoked';
    `);
    const hosts = database.prepare<[], { host: string; port: number; via: string }>('SELECT DISTINCT host, port, via_id AS via FROM hosts WHERE via_id IS NOT NULL').all();
    // Names of hosts are the same in capitals.
    const ways = [...new Set(hosts.map(({ host, port, via }) => JSON.stringify([host.toLowerCase(), port, via])))].map((way) => JSON.parse(way) as [string, number, string]);
    const keysOf = database.prepare<[string, number], { rowid: number }>("SELECT rowid FROM host_keys WHERE host = ? AND port = ? AND via = '' ORDER BY rowid");
    const copy = database.prepare('INSERT INTO host_keys (id, host, port, key_type, key, state, source, decided_by, decided_at, replaced_at, via) SELECT lower(hex(randomblob(16))), host, port, key_type, key, state, source, decided_by, decided_at, replaced_at, ? FROM host_keys WHERE rowid = ?');
    for (const [host, port, via] of ways) for (const { rowid } of keysOf.all(host, port)) copy.run(via, rowid);
  },
};
