import type { Migration } from './index.ts';

/** What systems consist of, where it came from, what was done of their calendar, incidents, and guides that were imported. */
export const systemsAsData: Migration = {
  number: 7,
  slug: 'systems-as-data',
  up(database) {
    database.exec(`
      -- The pack that a system was made of, and what was answered to its questions.
      CREATE TABLE adoptions (
        system_id TEXT PRIMARY KEY REFERENCES systems(id) ON DELETE CASCADE,
        pack TEXT NOT NULL,
        version TEXT NOT NULL,
        title TEXT NOT NULL,
        -- Which host or database of the system has which role: {"web": {"hostId": "…"}}.
        bindings_json TEXT NOT NULL,
        -- By question, and what that proposes for parameters of its runbooks: {"answers": {}, "params": {}}.
        answers_json TEXT NOT NULL,
        adopted_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
      ) STRICT;

      -- One thing of a system: an endpoint, a threshold, a contact, an entry of the calendar and so on.
      CREATE TABLE system_items (
        system_id TEXT NOT NULL REFERENCES systems(id) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        -- As the pack has it, with what was answered put in; null: made here.
        pack_json TEXT,
        -- As a person changed it; null: as the pack has it.
        own_json TEXT,
        removed INTEGER NOT NULL DEFAULT 0,
        -- In which order the pack names them.
        place INTEGER NOT NULL,
        changed_at INTEGER NOT NULL,
        PRIMARY KEY (system_id, kind, key),
        CHECK (pack_json IS NOT NULL OR own_json IS NOT NULL)
      ) STRICT, WITHOUT ROWID;

      -- What became of one time of an entry. It is named by the local time that the rule gives, so that no clock makes it twice.
      CREATE TABLE calendar_marks (
        system_id TEXT NOT NULL REFERENCES systems(id) ON DELETE CASCADE,
        key TEXT NOT NULL,
        -- "2026-11-29T02:00".
        local TEXT NOT NULL,
        state TEXT NOT NULL,
        reason TEXT,
        by TEXT NOT NULL,
        walkthrough_id TEXT,
        operation_id TEXT,
        at INTEGER NOT NULL,
        PRIMARY KEY (system_id, key, local)
      ) STRICT, WITHOUT ROWID;
      -- Of what people were told, so that a restart does not tell them again.
      CREATE TABLE calendar_reminders (
        system_id TEXT NOT NULL REFERENCES systems(id) ON DELETE CASCADE,
        key TEXT NOT NULL,
        local TEXT NOT NULL,
        kind TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (system_id, key, local, kind)
      ) STRICT, WITHOUT ROWID;

      -- From when on an entry with these times is in the calendar: nobody is asked about what was before.
      CREATE TABLE calendar_since (
        system_id TEXT NOT NULL REFERENCES systems(id) ON DELETE CASCADE,
        key TEXT NOT NULL,
        times TEXT NOT NULL,
        since INTEGER NOT NULL,
        PRIMARY KEY (system_id, key)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE incident_events (
        id INTEGER PRIMARY KEY,
        incident_id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        at INTEGER NOT NULL,
        actor TEXT NOT NULL,
        command_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        event_json TEXT NOT NULL,
        prev_hash TEXT NOT NULL,
        hash TEXT NOT NULL,
        UNIQUE (incident_id, seq),
        UNIQUE (incident_id, command_id)
      ) STRICT;
      CREATE TRIGGER incident_events_stay BEFORE UPDATE ON incident_events BEGIN SELECT RAISE(ABORT, 'events of an incident do not change'); END;
      CREATE TRIGGER incident_events_last BEFORE DELETE ON incident_events BEGIN SELECT RAISE(ABORT, 'events of an incident are not removed'); END;
      -- Derived from the events.
      CREATE TABLE incidents (
        id TEXT PRIMARY KEY,
        number INTEGER NOT NULL UNIQUE,
        -- No foreign key: it outlives its system.
        system_id TEXT,
        title TEXT NOT NULL,
        severity TEXT NOT NULL,
        state TEXT NOT NULL,
        declared_at INTEGER NOT NULL,
        ended_at INTEGER,
        last_seq INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX incidents_by_time ON incidents(declared_at DESC);
      CREATE INDEX incidents_open ON incidents(declared_at) WHERE ended_at IS NULL;
      -- Absolute; made anew from the events. That one runs out soon ("update:soon") is told once, so that its row stays.
      CREATE TABLE incident_deadlines (
        incident_id TEXT NOT NULL,
        clock TEXT NOT NULL,
        due_at INTEGER NOT NULL,
        state TEXT NOT NULL,
        fired_at INTEGER,
        PRIMARY KEY (incident_id, clock, due_at)
      ) STRICT, WITHOUT ROWID;

      -- A guide that was read, and what was made of it until it has been looked at.
      CREATE TABLE guides (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        title TEXT NOT NULL,
        file_name TEXT NOT NULL,
        -- Without the secrets that were found in it.
        text TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        state TEXT NOT NULL,
        -- What was noticed about it as a whole, and what it has of what.
        problems_json TEXT NOT NULL,
        source_json TEXT NOT NULL,
        imported_at INTEGER NOT NULL,
        published_at INTEGER
      ) STRICT;
      CREATE TABLE guide_items (
        guide_id TEXT NOT NULL REFERENCES guides(id) ON DELETE CASCADE,
        key TEXT NOT NULL,
        place INTEGER NOT NULL,
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        -- The headings above it, and its lines: [{"from": 3, "to": 5}].
        path_json TEXT NOT NULL,
        lines_json TEXT NOT NULL,
        -- Of the lines that it was made of, so that a guide that changed shows what is new.
        source_hash TEXT NOT NULL,
        -- What was made of it, and what a person made of that.
        draft_text TEXT NOT NULL,
        own_text TEXT,
        flags_json TEXT NOT NULL,
        decision TEXT NOT NULL,
        decided_by TEXT,
        decided_at INTEGER,
        -- Since the guide was last read.
        standing TEXT NOT NULL,
        PRIMARY KEY (guide_id, key)
      ) STRICT, WITHOUT ROWID;
      -- Texts of imported runbooks that a person has looked at, by SHA-256.
      CREATE TABLE runbook_reviews (
        hash TEXT PRIMARY KEY CHECK (length(hash) = 64),
        ref TEXT NOT NULL,
        reviewed_by TEXT NOT NULL,
        reviewed_at INTEGER NOT NULL
      ) STRICT;
    `);
  },
};
