import type { Migration } from './index.ts';

/** What is needed to go on with a dump that a host makes by itself, however the engine that began it ended. */
export const detachedDumps: Migration = {
  number: 4,
  slug: 'detached-dumps',
  up(database) {
    database.exec(`
      CREATE TABLE detached_dumps (
        -- The operation that began it, which is also the name of the job on the host.
        operation_id TEXT PRIMARY KEY,
        database_id TEXT NOT NULL,
        host_id TEXT NOT NULL,
        -- Where it is brought to, below the folder of backups: ends in .partial.
        folder TEXT NOT NULL,
        -- 'wanted': a backup is to come of it. 'unwanted': the job is still to be taken off the host.
        state TEXT NOT NULL CHECK (state IN ('wanted', 'unwanted')),
        -- The operation that goes on with it, if any.
        continued_by TEXT,
        -- Identity, options, snapshot, what was read and counted in it, and who the host is.
        about_json TEXT NOT NULL,
        created_at INTEGER NOT NULL
      ) STRICT;
    `);
  },
};
