import type { Migration } from './index.ts';

/** Instants are INTEGER milliseconds since the epoch, in UTC. Columns named `…_json` hold JSON text. */
export const initial: Migration = {
  number: 1,
  slug: 'initial',
  up(database) {
    database.exec(`
      CREATE TABLE settings (
        key TEXT PRIMARY KEY,
        value_json TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE systems (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        environment TEXT NOT NULL,
        read_only INTEGER NOT NULL DEFAULT 0,
        policy_json TEXT NOT NULL,
        created_at INTEGER NOT NULL
      ) STRICT;

      CREATE TABLE databases (
        id TEXT PRIMARY KEY,
        system_id TEXT NOT NULL REFERENCES systems(id) ON DELETE CASCADE,
        label TEXT NOT NULL,
        connection_json TEXT NOT NULL,
        system_identifier TEXT,
        server_version TEXT,
        server_version_num INTEGER,
        size_bytes INTEGER,
        last_seen_at INTEGER,
        last_error_json TEXT,
        created_at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX databases_by_system ON databases(system_id);

      CREATE TABLE plans (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        plan_json TEXT NOT NULL,
        details_json TEXT NOT NULL,
        hash TEXT NOT NULL,
        token_hash TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        used_at INTEGER
      ) STRICT;

      -- system_id is no foreign key: history outlives the systems it tells of, so names are kept beside it.
      CREATE TABLE operations (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        system_id TEXT,
        system_name TEXT,
        environment TEXT,
        target TEXT NOT NULL,
        state TEXT NOT NULL,
        plan_id TEXT,
        plan_json TEXT,
        details_json TEXT,
        created_at INTEGER NOT NULL,
        started_at INTEGER,
        ended_at INTEGER,
        fraction REAL,
        phase TEXT,
        progress_text TEXT,
        left_ms INTEGER,
        last_seq INTEGER NOT NULL DEFAULT 0,
        warnings INTEGER NOT NULL DEFAULT 0,
        summary TEXT,
        error_json TEXT,
        result_json TEXT,
        requested_by TEXT NOT NULL,
        acknowledged INTEGER NOT NULL DEFAULT 0,
        advice TEXT,
        evidence INTEGER NOT NULL DEFAULT 0
      ) STRICT;
      CREATE INDEX operations_by_time ON operations(created_at DESC);
      CREATE INDEX operations_by_system ON operations(system_id, created_at DESC);
      CREATE INDEX operations_by_state ON operations(state);

      CREATE TABLE events (
        id INTEGER PRIMARY KEY,
        operation_id TEXT NOT NULL REFERENCES operations(id) ON DELETE CASCADE,
        seq INTEGER NOT NULL,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        level TEXT,
        body_json TEXT NOT NULL,
        UNIQUE (operation_id, seq)
      ) STRICT;
      CREATE INDEX events_by_time ON events(at);
      CREATE INDEX events_of_ends ON events(id) WHERE kind = 'result';

      -- Contentless: the text stands in events.body_json once; rows are deleted by rowid alone.
      CREATE VIRTUAL TABLE events_search USING fts5(text, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2 3');

      CREATE TABLE health_runs (
        id TEXT PRIMARY KEY,
        system_id TEXT NOT NULL,
        operation_id TEXT NOT NULL,
        started_at INTEGER NOT NULL,
        duration_ms INTEGER NOT NULL,
        status TEXT NOT NULL,
        counts_json TEXT NOT NULL,
        -- 0 where only some checks were asked for: such a run never stands for the whole system.
        complete INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX health_runs_by_system ON health_runs(system_id, started_at DESC);

      CREATE TABLE health_results (
        run_id TEXT NOT NULL REFERENCES health_runs(id) ON DELETE CASCADE,
        system_id TEXT NOT NULL,
        check_id TEXT NOT NULL,
        target_key TEXT NOT NULL,
        at INTEGER NOT NULL,
        status TEXT NOT NULL,
        value REAL,
        result_json TEXT NOT NULL,
        PRIMARY KEY (run_id, check_id, target_key)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX health_results_by_check ON health_results(system_id, check_id, target_key, at DESC);

      -- The last reading of each counter, for checks that need two.
      CREATE TABLE health_samples (
        check_id TEXT NOT NULL,
        target_key TEXT NOT NULL,
        at INTEGER NOT NULL,
        values_json TEXT NOT NULL,
        PRIMARY KEY (check_id, target_key)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE backup_plans (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        system_id TEXT NOT NULL REFERENCES systems(id) ON DELETE CASCADE,
        database_id TEXT NOT NULL REFERENCES databases(id) ON DELETE CASCADE,
        options_json TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        last_run_at INTEGER
      ) STRICT;

      -- A cache of the folders: a scan rebuilds it. No foreign keys, a backup outlives its system.
      CREATE TABLE backups (
        id TEXT PRIMARY KEY,
        path TEXT NOT NULL UNIQUE,
        system_id TEXT,
        system_name TEXT NOT NULL,
        environment TEXT,
        database_id TEXT,
        database_name TEXT NOT NULL,
        system_identifier TEXT NOT NULL,
        taken_at INTEGER NOT NULL,
        size_bytes INTEGER NOT NULL,
        proof TEXT,
        proven_at INTEGER,
        damaged TEXT,
        pinned INTEGER NOT NULL DEFAULT 0,
        summary_json TEXT NOT NULL
      ) STRICT;
      CREATE INDEX backups_by_database ON backups(database_id, taken_at DESC);
      CREATE INDEX backups_by_time ON backups(taken_at DESC);

      CREATE TABLE proofs (
        id TEXT PRIMARY KEY,
        backup_id TEXT NOT NULL,
        level TEXT NOT NULL,
        ok INTEGER NOT NULL,
        at INTEGER NOT NULL,
        record_json TEXT NOT NULL
      ) STRICT;
      CREATE INDEX proofs_by_backup ON proofs(backup_id, at DESC);

      CREATE TABLE restores (
        id TEXT PRIMARY KEY,
        operation_id TEXT NOT NULL,
        backup_id TEXT NOT NULL,
        system_id TEXT NOT NULL,
        database_id TEXT NOT NULL,
        into_name TEXT NOT NULL,
        state TEXT NOT NULL,
        started_at INTEGER NOT NULL,
        ended_at INTEGER,
        record_json TEXT NOT NULL,
        compared_json TEXT
      ) STRICT;
      CREATE INDEX restores_by_system ON restores(system_id, started_at DESC);

      -- Databases that we made and that must not stay: written before CREATE DATABASE is sent, removed after the drop.
      CREATE TABLE scratch_databases (
        id TEXT PRIMARY KEY,
        database_id TEXT NOT NULL,
        system_identifier TEXT NOT NULL,
        name TEXT NOT NULL,
        purpose TEXT NOT NULL,
        operation_id TEXT NOT NULL,
        created_at INTEGER NOT NULL
      ) STRICT;
    `);
  },
};
