import type { Migration } from './index.ts';

export const hosts: Migration = {
  number: 2,
  slug: 'hosts',
  up(database) {
    database.exec(`
      CREATE TABLE hosts (
        id TEXT PRIMARY KEY,
        system_id TEXT NOT NULL REFERENCES systems(id) ON DELETE CASCADE,
        label TEXT NOT NULL,
        host TEXT NOT NULL,
        port INTEGER NOT NULL,
        user TEXT NOT NULL,
        sign_in_json TEXT NOT NULL,
        -- No action: looked at when the statement ends, so that a system goes with hosts that are reached through each other.
        via_id TEXT REFERENCES hosts(id),
        platform TEXT,
        last_seen_at INTEGER,
        last_error_json TEXT,
        created_at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX hosts_by_system ON hosts(system_id);
      CREATE INDEX hosts_by_way ON hosts(via_id);

      -- By name (in lower case) and port, not by host: two hosts here may be one machine, and a host that is added again
      -- is the one that was known.
      CREATE TABLE host_keys (
        id TEXT PRIMARY KEY,
        host TEXT NOT NULL,
        port INTEGER NOT NULL,
        key_type TEXT NOT NULL,
        key TEXT NOT NULL,
        -- trusted, revoked or replaced
        state TEXT NOT NULL,
        source TEXT NOT NULL,
        decided_by TEXT NOT NULL,
        decided_at INTEGER NOT NULL,
        replaced_at INTEGER
      ) STRICT;
      CREATE INDEX host_keys_by_place ON host_keys(host, port);
      CREATE UNIQUE INDEX host_keys_in_force ON host_keys(host, port, key, state) WHERE state <> 'replaced';
    `);
  },
};
