import type { Migration } from './index.ts';

export const fileSets: Migration = {
  number: 5,
  slug: 'file-sets',
  up(database) {
    database.exec(`
      CREATE TABLE file_sets (
        id TEXT PRIMARY KEY,
        system_id TEXT NOT NULL REFERENCES systems(id) ON DELETE CASCADE,
        host_id TEXT NOT NULL REFERENCES hosts(id) ON DELETE CASCADE,
        name TEXT NOT NULL COLLATE NOCASE,
        paths_json TEXT NOT NULL,
        exclude_json TEXT NOT NULL,
        access_json TEXT NOT NULL,
        one_file_system INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        last_run_at INTEGER,
        UNIQUE (system_id, name)
      ) STRICT;
      CREATE INDEX file_sets_by_host ON file_sets(host_id);

      -- A cache of the folders. What a copy was made of may be gone: nothing here refers to it.
      CREATE TABLE file_backups (
        id TEXT PRIMARY KEY,
        path TEXT NOT NULL UNIQUE,
        set_id TEXT NOT NULL,
        system_id TEXT,
        taken_at INTEGER NOT NULL,
        size_bytes INTEGER NOT NULL,
        proof TEXT,
        proven_at INTEGER,
        damaged TEXT,
        -- Whether an operation of this data folder made it; every other one was found among the folders.
        made_here INTEGER NOT NULL DEFAULT 0,
        -- SHA-256 of the manifest as it was when it was written
        manifest_sha256 TEXT NOT NULL,
        summary_json TEXT NOT NULL
      ) STRICT;
      CREATE INDEX file_backups_by_set ON file_backups(set_id, taken_at DESC);
      CREATE INDEX file_backups_by_time ON file_backups(taken_at DESC);

      CREATE TABLE file_proofs (
        id TEXT PRIMARY KEY,
        backup_id TEXT NOT NULL,
        record_json TEXT NOT NULL
      ) STRICT;
      CREATE INDEX file_proofs_by_backup ON file_proofs(backup_id);
    `);
  },
};
