import type { Migration } from './index.ts';

/** Walkthroughs of runbooks. Their events are the truth; what is read quickly is derived from them and can be made anew. */
export const walkthroughs: Migration = {
  number: 6,
  slug: 'walkthroughs',
  up(database) {
    database.exec(`
      -- The text of a runbook as it was when it was walked, by its SHA-256.
      CREATE TABLE runbook_definitions (
        hash TEXT PRIMARY KEY CHECK (length(hash) = 64),
        runbook_id TEXT NOT NULL,
        version TEXT NOT NULL,
        text TEXT NOT NULL,
        -- The file of the library that last held it.
        ref TEXT,
        kept_at INTEGER NOT NULL
      ) STRICT;
      CREATE TRIGGER runbook_definitions_stay BEFORE UPDATE OF hash, runbook_id, version, text ON runbook_definitions BEGIN SELECT RAISE(ABORT, 'a runbook that was walked does not change'); END;
      CREATE TRIGGER runbook_definitions_last BEFORE DELETE ON runbook_definitions BEGIN SELECT RAISE(ABORT, 'a runbook that was walked is not removed'); END;

      CREATE TABLE walkthrough_events (
        id INTEGER PRIMARY KEY,
        walkthrough_id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        at INTEGER NOT NULL,
        mono_ms INTEGER NOT NULL,
        actor TEXT NOT NULL,
        command_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        event_json TEXT NOT NULL,
        prev_hash TEXT NOT NULL,
        hash TEXT NOT NULL,
        UNIQUE (walkthrough_id, seq),
        UNIQUE (walkthrough_id, command_id)
      ) STRICT;
      CREATE TRIGGER walkthrough_events_stay BEFORE UPDATE ON walkthrough_events BEGIN SELECT RAISE(ABORT, 'events of a walkthrough do not change'); END;
      CREATE TRIGGER walkthrough_events_last BEFORE DELETE ON walkthrough_events BEGIN SELECT RAISE(ABORT, 'events of a walkthrough are not removed'); END;

      -- The rest is derived from the events, but for the evidence.
      CREATE TABLE walkthroughs (
        id TEXT PRIMARY KEY,
        definition_hash TEXT NOT NULL REFERENCES runbook_definitions(hash),
        runbook_id TEXT NOT NULL,
        version TEXT NOT NULL,
        title TEXT NOT NULL,
        mode TEXT NOT NULL,
        state TEXT NOT NULL,
        state_reason TEXT,
        summary TEXT,
        -- No foreign key: what was walked outlives the system that it was walked for.
        system_id TEXT,
        operator TEXT NOT NULL,
        parent_id TEXT,
        parent_key TEXT,
        continues_id TEXT,
        current_key TEXT,
        current_title TEXT,
        current_number INTEGER,
        steps INTEGER NOT NULL,
        done INTEGER NOT NULL,
        skipped INTEGER NOT NULL,
        failed INTEGER NOT NULL,
        unknown INTEGER NOT NULL,
        started_at INTEGER NOT NULL,
        ended_at INTEGER,
        paused_at INTEGER,
        paused_ms INTEGER NOT NULL,
        last_seq INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX walkthroughs_by_time ON walkthroughs(started_at DESC);
      CREATE INDEX walkthroughs_by_system ON walkthroughs(system_id, started_at DESC);
      CREATE INDEX walkthroughs_by_runbook ON walkthroughs(runbook_id, started_at DESC);
      CREATE INDEX walkthroughs_by_parent ON walkthroughs(parent_id) WHERE parent_id IS NOT NULL;
      CREATE INDEX walkthroughs_active ON walkthroughs(started_at) WHERE ended_at IS NULL;

      CREATE TABLE walkthrough_steps (
        walkthrough_id TEXT NOT NULL,
        key TEXT NOT NULL,
        step_id TEXT NOT NULL,
        -- 1 for what takes a step back.
        is_undo INTEGER NOT NULL,
        state TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        started_at INTEGER,
        ended_at INTEGER,
        duration_ms INTEGER,
        reason TEXT,
        -- How often it ended so, over all attempts.
        failures INTEGER NOT NULL,
        unknowns INTEGER NOT NULL,
        PRIMARY KEY (walkthrough_id, key)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE walkthrough_timers (
        timer_id TEXT PRIMARY KEY,
        walkthrough_id TEXT NOT NULL,
        key TEXT NOT NULL,
        due_at INTEGER NOT NULL,
        state TEXT NOT NULL
      ) STRICT;
      CREATE INDEX walkthrough_timers_armed ON walkthrough_timers(due_at) WHERE state = 'armed';

      -- What a step's operation has begun is found by it.
      CREATE INDEX operations_by_requester ON operations(requested_by);

      -- Outputs, pasted texts and pictures. Their hashes are in the events. They never age out.
      CREATE TABLE walkthrough_evidence (
        id TEXT PRIMARY KEY,
        walkthrough_id TEXT NOT NULL,
        name TEXT NOT NULL,
        media TEXT NOT NULL,
        data BLOB NOT NULL,
        sha256 TEXT NOT NULL,
        kept_at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX walkthrough_evidence_by_walkthrough ON walkthrough_evidence(walkthrough_id);
      CREATE TRIGGER walkthrough_evidence_stays BEFORE UPDATE ON walkthrough_evidence BEGIN SELECT RAISE(ABORT, 'evidence does not change'); END;
      CREATE TRIGGER walkthrough_evidence_last BEFORE DELETE ON walkthrough_evidence BEGIN SELECT RAISE(ABORT, 'evidence is not removed'); END;
    `);
  },
};
