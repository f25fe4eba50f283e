import type { Operation, OperationEvent, Plan, ProcedureKind } from '#shared/contract/operations.ts';
import type { Environment } from '#shared/domain/environment.ts';
import { PilothouseError, type ErrorShape } from '#shared/domain/errors.ts';
import type { OperationState } from '#shared/domain/operation-state.ts';
import { createConditions } from './conditions.ts';
import type { Database } from './database.ts';

interface OperationRow {
  id: string;
  kind: ProcedureKind;
  title: string;
  system_id: string | null;
  system_name: string | null;
  environment: Environment | null;
  target: string;
  state: OperationState;
  plan_json: string | null;
  details_json: string | null;
  created_at: number;
  started_at: number | null;
  ended_at: number | null;
  fraction: number | null;
  phase: string | null;
  progress_text: string | null;
  left_ms: number | null;
  last_seq: number;
  warnings: number;
  summary: string | null;
  error_json: string | null;
  result_json: string | null;
  requested_by: string;
  acknowledged: number;
  advice: string | null;
}

export interface NewOperation {
  id: string;
  kind: ProcedureKind;
  title: string;
  system: { id: string; name: string; environment: Environment } | null;
  target: string;
  planId: string;
  plan: Omit<Plan, 'token'>;
  details: unknown;
  createdAt: number;
  requestedBy: string;
}

export interface OperationChanges {
  state?: OperationState;
  startedAt?: number;
  endedAt?: number;
  fraction?: number | null;
  phase?: string | null;
  progressText?: string | null;
  leftMs?: number | null;
  warnings?: number;
  summary?: string;
  error?: ErrorShape;
  result?: Record<string, unknown>;
  acknowledged?: boolean;
  advice?: string;
}

export interface OperationRepository {
  insert(operation: NewOperation): void;
  update(operationId: string, changes: OperationChanges): void;
  find(operationId: string): Operation | null;
  /** @throws operation.not-found */
  get(operationId: string): Operation;
  planOf(operationId: string): { plan: Omit<Plan, 'token'> | null; details: unknown };
  list(filter: { systemId?: string | undefined; active?: boolean | undefined; states?: readonly OperationState[] | undefined; acknowledged?: boolean | undefined; kinds?: readonly ProcedureKind[] | undefined; before?: number | undefined; limit: number }): Operation[];
  /** The newest that another operation has asked for; null where it asked for none. */
  requestedBy(operationId: string): Operation | null;
  /** Those that a crash interrupted and that are not done with: nothing was said of them yet, or nobody has read it. */
  listInterrupted(): Operation[];
  /** Stores events in one transaction, in order, and indexes what people search. */
  appendEvents(events: readonly OperationEvent[]): void;
  events(operationId: string, afterSeq: number, limit: number): OperationEvent[];
  /** Whether this operation's events are evidence and never age out. */
  markEvidence(operationId: string): void;
}

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
const json = <T>(text: string | null): T | null => (text === null ? null : (JSON.parse(text) as T));

function toOperation(row: OperationRow): Operation {
  return {
    id: row.id,
    kind: row.kind,
    title: row.title,
    systemId: row.system_id,
    systemName: row.system_name,
    environment: row.environment,
    target: row.target,
    state: row.state,
    createdAt: new Date(row.created_at).toISOString(),
    startedAt: iso(row.started_at),
    endedAt: iso(row.ended_at),
    fraction: row.fraction,
    phase: row.phase,
    progressText: row.progress_text,
    leftMs: row.left_ms,
    lastSeq: row.last_seq,
    warnings: row.warnings,
    summary: row.summary,
    error: json<ErrorShape>(row.error_json),
    result: json<Record<string, unknown>>(row.result_json),
    requestedBy: row.requested_by,
    acknowledged: row.acknowledged === 1,
    advice: row.advice,
  };
}

/** What of an event people search: words and commands, not figures of progress. The end is found by what it was, too. */
export function searchText(event: OperationEvent, about: { title: string; target: string }): string | null {
  switch (event.kind) {
    case 'progress':
      return null;
    case 'phase':
      return event.detail === undefined ? event.title : `${event.title} ${event.detail}`;
    case 'log':
      return event.command === undefined ? event.text : `${event.text}\n${event.command.text}\n${event.command.target}\n${event.command.output ?? ''}`;
    case 'prompt':
      return event.question;
    case 'result':
      return `${about.title}, ${about.target}: ${event.summary}${event.error === null ? '' : `\n${event.error.code} ${event.error.message} ${event.error.hint ?? ''}`}`;
  }
}

const columns: Record<keyof OperationChanges, string> = {
  state: 'state',
  startedAt: 'started_at',
  endedAt: 'ended_at',
  fraction: 'fraction',
  phase: 'phase',
  progressText: 'progress_text',
  leftMs: 'left_ms',
  warnings: 'warnings',
  summary: 'summary',
  error: 'error_json',
  result: 'result_json',
  acknowledged: 'acknowledged',
  advice: 'advice',
};

function toColumn(key: keyof OperationChanges, value: unknown): unknown {
  if (key === 'error' || key === 'result') return JSON.stringify(value);
  if (key === 'acknowledged') return value === true ? 1 : 0;
  if (key === 'leftMs' && typeof value === 'number') return Math.round(value);
  return value;
}

export function createOperationRepository(database: Database): OperationRepository {
  const selectOne = database.prepare<[string], OperationRow>('SELECT * FROM operations WHERE id = ?');
  const insertEvent = database.prepare('INSERT INTO events (operation_id, seq, at, kind, level, body_json) VALUES (?, ?, ?, ?, ?, ?)');
  const insertSearch = database.prepare('INSERT INTO events_search (rowid, text) VALUES (?, ?)');
  const selectAbout = database.prepare<[string], { title: string; target: string }>('SELECT title, target FROM operations WHERE id = ?');
  const setLastSeq = database.prepare('UPDATE operations SET last_seq = max(last_seq, ?) WHERE id = ?');
  const selectEvents = database.prepare<[string, number, number], { seq: number; at: number; body_json: string }>('SELECT seq, at, body_json FROM events WHERE operation_id = ? AND seq > ? ORDER BY seq LIMIT ?');

  const append = database.transaction((events: readonly OperationEvent[]) => {
    const last = new Map<string, number>();
    for (const event of events) {
      const { operationId, seq, at, ...body } = event;
      const level = event.kind === 'log' ? event.level : null;
      const { lastInsertRowid } = insertEvent.run(operationId, seq, Date.parse(at), event.kind, level, JSON.stringify(body));
      const about = event.kind === 'result' ? selectAbout.get(operationId) : undefined;
      const text = searchText(event, about ?? { title: '', target: '' });
      if (text !== null) insertSearch.run(lastInsertRowid, text);
      last.set(operationId, seq);
    }
    for (const [operationId, seq] of last) setLastSeq.run(seq, operationId);
  });

  const repository: OperationRepository = {
    insert: (operation) =>
      void database
        .prepare(
          `INSERT INTO operations (id, kind, title, system_id, system_name, environment, target, state, plan_id, plan_json, details_json, created_at, requested_by)
           VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?)`,
        )
        .run(operation.id, operation.kind, operation.title, operation.system?.id ?? null, operation.system?.name ?? null, operation.system?.environment ?? null, operation.target, operation.planId, JSON.stringify(operation.plan), JSON.stringify(operation.details), operation.createdAt, operation.requestedBy),
    update(operationId, changes) {
      const keys = (Object.keys(changes) as (keyof OperationChanges)[]).filter((key) => changes[key] !== undefined);
      if (keys.length === 0) return;
      database.prepare(`UPDATE operations SET ${keys.map((key) => `${columns[key]} = ?`).join(', ')} WHERE id = ?`).run(...keys.map((key) => toColumn(key, changes[key])), operationId);
    },
    find(operationId) {
      const row = selectOne.get(operationId);
      return row === undefined ? null : toOperation(row);
    },
    get(operationId) {
      const found = repository.find(operationId);
      if (found === null) throw new PilothouseError('operation.not-found', `There is no operation ${operationId}.`, { hint: 'Old operations age out of history; look at the list again.' });
      return found;
    },
    requestedBy(operationId) {
      const row = database.prepare<[string], OperationRow>('SELECT * FROM operations WHERE requested_by = ? ORDER BY created_at DESC, rowid DESC LIMIT 1').get(operationId);
      return row === undefined ? null : toOperation(row);
    },
    planOf(operationId) {
      const row = selectOne.get(operationId);
      return { plan: json(row?.plan_json ?? null), details: json(row?.details_json ?? null) };
    },
    list(filter) {
      const conditions = createConditions();
      if (filter.systemId !== undefined) conditions.add('system_id = ?', filter.systemId);
      if (filter.active !== undefined) conditions.add(`state ${filter.active ? '' : 'NOT '}IN ('queued', 'running', 'waiting', 'cancelling')`);
      conditions.addOneOf('state', filter.states);
      if (filter.acknowledged !== undefined) conditions.add('acknowledged = ?', filter.acknowledged ? 1 : 0);
      conditions.addOneOf('kind', filter.kinds);
      if (filter.before !== undefined) conditions.add('created_at < ?', filter.before);
      return database
        .prepare<(string | number)[], OperationRow>(`SELECT * FROM operations ${conditions.where} ORDER BY created_at DESC, rowid DESC LIMIT ?`)
        .all(...conditions.values, filter.limit)
        .map(toOperation);
    },
    listInterrupted: () => database.prepare<[], OperationRow>("SELECT * FROM operations WHERE state = 'interrupted' AND (advice IS NULL OR acknowledged = 0) ORDER BY created_at").all().map(toOperation),
    appendEvents: (events) => append(events),
    events: (operationId, afterSeq, limit) =>
      selectEvents.all(operationId, afterSeq, limit).map((row) => ({ operationId, seq: row.seq, at: new Date(row.at).toISOString(), ...(JSON.parse(row.body_json) as object) }) as OperationEvent),
    markEvidence: (operationId) => void database.prepare('UPDATE operations SET evidence = 1 WHERE id = ?').run(operationId),
  };
  return repository;
}
