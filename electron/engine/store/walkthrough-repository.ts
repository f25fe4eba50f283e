import { createHash } from 'node:crypto';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { StepState, StoredEvent, Walkthrough, WalkthroughEvent } from '#shared/domain/runbook/walkthrough.ts';
import { createConditions } from './conditions.ts';
import type { Database } from './database.ts';
import { breakIn, canonicalJson, chainStart, hashOfEvent } from './event-chain.ts';
import { createProjector, toWalkthroughRow, type WalkthroughColumns, type WalkthroughRow } from './walkthrough-projections.ts';
import { createWalkthroughFigures, type WalkthroughFigures } from './walkthrough-figures.ts';

export interface Definition {
  /** SHA-256 of the text, in hex. */
  hash: string;
  runbookId: string;
  version: string;
  text: string;
  /** The file of the library that holds it. */
  ref: string | null;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Events of one command, and what they lead to. */
export interface Appended {
  /** The number of the last event that was known when they were made; 0: they begin a walkthrough. */
  expectedSeq: number;
  commandId: string;
  actor: string;
  /** ISO. */
  at: string;
  monoMs: number;
  events: readonly WalkthroughEvent[];
  /** The state after all of them. */
  after: Walkthrough;
  /** Of the slot that is to be done then; null where it is over. */
  currentTitle: string | null;
}

export interface Evidence {
  id: string;
  name: string;
  media: string;
  data: Buffer;
  /** In hex. */
  sha256: string;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Walkthroughs: their events, which only ever grow, and what is derived from them. Nothing here ages out. */
export interface WalkthroughRepository extends WalkthroughFigures {
  /** Keeps a text, once; where it is kept already, only where it lies is. */
  putDefinition(definition: Definition): void;
  /** @throws store.not-found */
  definition(hash: string): string;
  /**
   * All of it in one transaction, or none. `duplicate`: a command of this id was kept already. `stale`: there are events
   * that were not known when these were made.
   */
  append(walkthroughId: string, appended: Appended): 'done' | 'duplicate' | 'stale';
  hasCommand(walkthroughId: string, commandId: string): boolean;
  /** In order; empty where there is no such walkthrough. */
  load(walkthroughId: string, afterSeq?: number): StoredEvent[];
  /** The first event that is not as it was written; null where all are. */
  verifyChain(walkthroughId: string): { seq: number; message: string } | null;
  /** Makes all that is derived anew. @param fold the state after these events, and the title of its current slot */
  rebuildProjections(fold: (walkthroughId: string, events: readonly StoredEvent[]) => { after: Walkthrough; currentTitle: string | null }): void;
  /** @throws store.not-found */
  row(walkthroughId: string): WalkthroughRow;
  /** Newest first. `before` in milliseconds since the epoch. `topLevel`: without those that another one called. */
  list(filter: { systemId?: string | undefined; runbookId?: string | undefined; active?: boolean | undefined; before?: number | undefined; topLevel?: boolean | undefined; limit: number }): WalkthroughRow[];
  /** All that are not over, oldest first. */
  activeIds(): string[];
  /** Those that are not over and whose step that is to be done now is in this state, oldest first. */
  standingAt(state: StepState): string[];
  /** Called by this one, in order. */
  childrenOf(walkthroughId: string): string[];
  /** Timers that are due at `now`, in milliseconds since the epoch, earliest first. */
  dueTimers(now: number): { walkthroughId: string; key: string; timerId: string; dueAt: number }[];
  /** The id of what was kept. */
  putEvidence(walkthroughId: string, evidence: Omit<Evidence, 'sha256'>): string;
  evidence(walkthroughId: string, evidenceId: string): Evidence | null;
}

interface EventRow {
  seq: number;
  at: number;
  mono_ms: number;
  actor: string;
  command_id: string;
  event_json: string;
  prev_hash: string;
  hash: string;
}

const toEvent = (row: EventRow): StoredEvent => ({
  seq: row.seq,
  at: new Date(row.at).toISOString(),
  monoMs: row.mono_ms,
  actor: row.actor,
  commandId: row.command_id,
  event: JSON.parse(row.event_json) as WalkthroughEvent,
  prevHash: row.prev_hash,
  hash: row.hash,
});

const rows = 'SELECT w.*, d.ref FROM walkthroughs w JOIN runbook_definitions d ON d.hash = w.definition_hash';

export function createWalkthroughRepository(database: Database): WalkthroughRepository {
  const projector = createProjector(database);
  const putDefinition = database.prepare(
    `INSERT INTO runbook_definitions (hash, runbook_id, version, text, ref, kept_at) VALUES (@hash, @runbookId, @version, @text, @ref, @at)
     ON CONFLICT (hash) DO UPDATE SET ref = excluded.ref`,
  );
  const selectDefinition = database.prepare<[string], string>('SELECT text FROM runbook_definitions WHERE hash = ?').pluck();
  const selectLast = database.prepare<[string], { seq: number; hash: string }>('SELECT seq, hash FROM walkthrough_events WHERE walkthrough_id = ? ORDER BY seq DESC LIMIT 1');
  const selectCommand = database.prepare<[string, string], number>('SELECT 1 FROM walkthrough_events WHERE walkthrough_id = ? AND command_id = ?').pluck();
  const insertEvent = database.prepare('INSERT INTO walkthrough_events (walkthrough_id, seq, at, mono_ms, actor, command_id, kind, event_json, prev_hash, hash) VALUES (@walkthroughId, @seq, @atMs, @monoMs, @actor, @commandId, @kind, @json, @prevHash, @hash)');
  const selectEvents = database.prepare<[string, number], EventRow>('SELECT seq, at, mono_ms, actor, command_id, event_json, prev_hash, hash FROM walkthrough_events WHERE walkthrough_id = ? AND seq > ? ORDER BY seq');
  const selectIds = database.prepare<[], string>('SELECT walkthrough_id FROM walkthrough_events WHERE seq = 1 ORDER BY id').pluck();
  const selectRow = database.prepare<[string], WalkthroughColumns>(`${rows} WHERE w.id = ?`);
  const selectActive = database.prepare<[], string>('SELECT id FROM walkthroughs WHERE ended_at IS NULL ORDER BY started_at, rowid').pluck();
  const selectStanding = database.prepare<[string], string>('SELECT w.id FROM walkthroughs w JOIN walkthrough_steps s ON s.walkthrough_id = w.id AND s.key = w.current_key WHERE w.ended_at IS NULL AND s.state = ? ORDER BY w.started_at, w.rowid').pluck();
  const selectChildren = database.prepare<[string], string>('SELECT id FROM walkthroughs WHERE parent_id = ? ORDER BY started_at, rowid').pluck();
  const selectDue = database.prepare<[number], { walkthroughId: string; key: string; timerId: string; dueAt: number }>("SELECT walkthrough_id AS walkthroughId, key, timer_id AS timerId, due_at AS dueAt FROM walkthrough_timers WHERE state = 'armed' AND due_at <= ? ORDER BY due_at");
  const insertEvidence = database.prepare('INSERT INTO walkthrough_evidence (id, walkthrough_id, name, media, data, sha256, kept_at) VALUES (?, ?, ?, ?, ?, ?, ?)');
  const selectEvidence = database.prepare<[string, string], Evidence>('SELECT id, name, media, data, sha256, kept_at AS at FROM walkthrough_evidence WHERE walkthrough_id = ? AND id = ?');

  const hasCommand = (walkthroughId: string, commandId: string): boolean => selectCommand.get(walkthroughId, commandId) !== undefined;

  const append = database.transaction((walkthroughId: string, { expectedSeq, commandId, actor, at, monoMs, events, after, currentTitle }: Appended): 'done' | 'duplicate' | 'stale' => {
    if (hasCommand(walkthroughId, commandId)) return 'duplicate';
    const last = selectLast.get(walkthroughId) ?? { seq: 0, hash: chainStart };
    if (last.seq !== expectedSeq) return 'stale';
    const atMs = Date.parse(at);
    let prevHash = last.hash;
    for (const [index, event] of events.entries()) {
      const stored = { seq: last.seq + 1 + index, at: new Date(atMs).toISOString(), monoMs, actor, commandId: index === 0 ? commandId : `${commandId}:${index}`, event, prevHash };
      const hash = hashOfEvent(stored);
      insertEvent.run({ ...stored, walkthroughId, atMs, kind: event.kind, json: canonicalJson(event), hash });
      prevHash = hash;
    }
    projector.project({ added: events.map((event) => ({ at: atMs, event })), after, currentTitle });
    return 'done';
  });

  const repository: WalkthroughRepository = {
    ...createWalkthroughFigures(database),
    putDefinition: (definition) => void putDefinition.run(definition),
    definition(hash) {
      const text = selectDefinition.get(hash);
      if (text === undefined) throw new PilothouseError('store.not-found', `The text of the runbook ${hash} is not kept here.`, { hint: 'It is kept from the first walkthrough of it on.' });
      return text;
    },
    append: (walkthroughId, appended) => append.immediate(walkthroughId, appended),
    hasCommand,
    load: (walkthroughId, afterSeq = 0) => selectEvents.all(walkthroughId, afterSeq).map(toEvent),
    verifyChain: (walkthroughId) => breakIn(repository.load(walkthroughId)),
    rebuildProjections(fold) {
      database
        .transaction(() => {
          projector.clear();
          for (const walkthroughId of selectIds.all()) {
            const events = repository.load(walkthroughId);
            projector.project({ added: events.map(({ at, event }) => ({ at: Date.parse(at), event })), ...fold(walkthroughId, events) });
          }
        })
        .immediate();
    },
    row(walkthroughId) {
      const row = selectRow.get(walkthroughId);
      if (row === undefined) throw new PilothouseError('store.not-found', `There is no walkthrough ${walkthroughId}.`, { hint: 'Look at the list of walkthroughs.' });
      return toWalkthroughRow(row);
    },
    list({ systemId, runbookId, active, before, topLevel, limit }) {
      const conditions = createConditions();
      if (systemId !== undefined) conditions.add('w.system_id = ?', systemId);
      if (runbookId !== undefined) conditions.add('w.runbook_id = ?', runbookId);
      if (active !== undefined) conditions.add(`w.ended_at IS ${active ? '' : 'NOT '}NULL`);
      if (before !== undefined) conditions.add('w.started_at < ?', before);
      if (topLevel === true) conditions.add('w.parent_id IS NULL');
      return database
        .prepare<(string | number)[], WalkthroughColumns>(`${rows} ${conditions.where} ORDER BY w.started_at DESC, w.rowid DESC LIMIT ?`)
        .all(...conditions.values, limit)
        .map(toWalkthroughRow);
    },
    activeIds: () => selectActive.all(),
    standingAt: (state) => selectStanding.all(state),
    childrenOf: (walkthroughId) => selectChildren.all(walkthroughId),
    dueTimers: (now) => selectDue.all(now),
    putEvidence(walkthroughId, { id, name, media, data, at }) {
      insertEvidence.run(id, walkthroughId, name, media, data, createHash('sha256').update(data).digest('hex'), at);
      return id;
    },
    evidence: (walkthroughId, evidenceId) => selectEvidence.get(walkthroughId, evidenceId) ?? null,
  };
  return repository;
}
export type { WalkthroughRow } from './walkthrough-projections.ts';
