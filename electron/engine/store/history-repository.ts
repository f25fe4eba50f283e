/** Full-text search over everything that ran. */
import type { OperationEvent, ProcedureKind } from '#shared/contract/operations.ts';
import type { HistoryHit } from '#shared/contract/history.ts';
import type { OperationState } from '#shared/domain/operation-state.ts';
import type { Environment } from '#shared/domain/environment.ts';
import { createConditions } from './conditions.ts';
import type { Database } from './database.ts';
import { addOperationConditions, spansOf, type Span } from './history-spans.ts';
import { searchText } from './operation-repository.ts';

export interface HistoryFilter {
  text: string;
  systemId?: string | undefined;
  kinds?: readonly ProcedureKind[] | undefined;
  states?: readonly OperationState[] | undefined;
  since?: number | undefined;
  until?: number | undefined;
}

/** An event as it was stored, and what it belongs to. */
export interface HistoryRecord {
  row: number;
  event: OperationEvent;
  operation: { title: string; state: OperationState; target: string };
}

export interface HistoryRepository {
  /** Newest first, from `beforeRow` on. Without a text: how each operation ended, not every line of each. */
  search(filter: HistoryFilter, limit: number, beforeRow: number | null): { hits: (HistoryHit & { row: number })[]; hasMore: boolean };
  /** The same, whole. Without a text: everything but figures of progress. */
  records(filter: HistoryFilter, limit: number, beforeRow: number | null): HistoryRecord[];
  /** How many match, counted up to `countLimit`. */
  count(filter: HistoryFilter): { total: number; exact: boolean };
  size(): { events: number; oldestAt: number | null };
}

interface HitRow {
  id: number;
  operation_id: string;
  seq: number;
  at: number;
  kind: string;
  level: string | null;
  body_json: string;
  title: string;
  operation_kind: ProcedureKind;
  state: OperationState;
  target: string;
  system_name: string | null;
  environment: Environment | null;
  started_at: number | null;
}

const countLimit = 1000;
const snippetLength = 240;
/** A single letter begins half of all words: that is no search, and a slow one. */
const shortestBeginning = 2;

/** Words as people type them: all must occur, the last may be the beginning of one, "quoted words" stand together. */
export function toMatchExpression(text: string): string | null {
  const terms: string[] = [];
  for (const match of text.matchAll(/"([^"]*)"|(\S+)/g)) {
    const phrase = match[1];
    const word = match[2];
    const raw = phrase ?? word ?? '';
    if (!/[\p{L}\p{N}]/u.test(raw)) continue;
    const quoted = `"${raw.replaceAll('"', '""')}"`;
    const isLast = match.index + match[0].length >= text.trimEnd().length;
    const isBeginning = phrase === undefined && isLast && !/\s$/.test(text) && [...raw].length >= shortestBeginning;
    terms.push(isBeginning ? `${quoted}*` : quoted);
  }
  return terms.length === 0 ? null : terms.join(' AND ');
}

const wordsOf = (text: string) =>
  [...text.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => (match[1] ?? match[2] ?? '').trim()).filter((word) => /[\p{L}\p{N}]/u.test(word));

/** The text around the first match, matches between U+0002 and U+0003. */
export function snippetOf(text: string, search: string): string {
  // Punctuation separates words for the index, so it may stand differently in the text: job_sites finds "job sites".
  const words = wordsOf(search).map((word) => (word.match(/[\p{L}\p{N}]+/gu) ?? []).join('[^\\p{L}\\p{N}]+'));
  if (words.length === 0) return text.slice(0, snippetLength);
  const pattern = new RegExp(words.join('|'), 'giu');
  const first = text.search(pattern);
  const from = first <= 80 ? 0 : first - 80;
  const cut = text.slice(from, from + snippetLength);
  const marked = cut.replaceAll(pattern, (found) => `\u0002${found}\u0003`);
  return `${from > 0 ? '… ' : ''}${marked}${from + snippetLength < text.length ? ' …' : ''}`;
}

export function createHistoryRepository(database: Database): HistoryRepository {
  const build = (filter: HistoryFilter, { first, last }: Span, withoutText: string) => {
    const match = toMatchExpression(filter.text);
    const row = match === null ? 'e.id' : 's.rowid';
    const conditions = createConditions();
    const ofSome = addOperationConditions(conditions, filter);
    if (match === null) conditions.add(filter.text.trim() === '' ? withoutText : 'FALSE'); // Signs alone are in no text.
    else conditions.add('events_search MATCH ?', match);
    conditions.add(`${row} BETWEEN ? AND ?`, first, last);
    if (filter.since !== undefined) conditions.add('e.at >= ?', filter.since);
    if (filter.until !== undefined) conditions.add('e.at < ?', filter.until);
    // CROSS JOIN keeps SQLite on the order of the index, newest first, so that LIMIT stops early.
    const full = `${match === null ? 'events e' : 'events_search s CROSS JOIN events e ON e.id = s.rowid'} CROSS JOIN operations o ON o.id = e.operation_id`;
    const isLean = match !== null && !ofSome && filter.since === undefined && filter.until === undefined;
    return { full, lean: isLean ? 'events_search s' : full, where: conditions.where, values: conditions.values, row };
  };

  /** One line for each thing that ran. */
  const ends = "e.kind = 'result'";
  const allButProgress = "e.kind <> 'progress'";

  const read = (filter: HistoryFilter, beforeRow: number | null, withoutText: string, limit: number): HitRow[] => {
    const hits: HitRow[] = [];
    for (const span of spansOf(database, filter)) {
      if (hits.length >= limit) break;
      const { full, where, values, row } = build(filter, { first: span.first, last: beforeRow === null ? span.last : Math.min(span.last, beforeRow - 1) }, withoutText);
      const found = database
        .prepare<(string | number)[], HitRow>(
          `SELECT e.id, e.operation_id, e.seq, e.at, e.kind, e.level, e.body_json, o.title, o.kind AS operation_kind, o.state, o.target, o.system_name, o.environment, o.started_at
           FROM ${full} ${where} ORDER BY ${row} DESC LIMIT ?`,
        )
        .all(...values, limit - hits.length);
      hits.push(...found);
    }
    return hits;
  };
  const eventOf = (hit: HitRow) => ({ operationId: hit.operation_id, seq: hit.seq, at: new Date(hit.at).toISOString(), ...(JSON.parse(hit.body_json) as object) }) as OperationEvent;

  return {
    records: (filter, limit, beforeRow) => read(filter, beforeRow, allButProgress, limit).map((hit) => ({ row: hit.id, event: eventOf(hit), operation: { title: hit.title, state: hit.state, target: hit.target } })),
    search(filter, limit, beforeRow) {
      const rows = read(filter, beforeRow, ends, limit + 1);
      const hits = rows.slice(0, limit).map((hit) => {
        const event = eventOf(hit);
        return {
          row: hit.id,
          operationId: hit.operation_id,
          seq: hit.seq,
          at: event.at,
          kind: hit.kind,
          level: hit.level,
          // The title stands beside it: it is part of the text only where it may have been what was searched for.
          text: filter.text.trim() === '' && event.kind === 'result' ? event.summary : snippetOf(searchText(event, hit) ?? '', filter.text),
          operation: { title: hit.title, kind: hit.operation_kind, state: hit.state, target: hit.target, systemName: hit.system_name, environment: hit.environment, startedAt: hit.started_at === null ? null : new Date(hit.started_at).toISOString() },
        };
      });
      return { hits, hasMore: rows.length > limit };
    },
    count(filter) {
      let total = 0;
      for (const span of spansOf(database, filter)) {
        const { lean, where, values } = build(filter, span, ends);
        total += database.prepare<(string | number)[], { total: number }>(`SELECT count(*) AS total FROM (SELECT 1 FROM ${lean} ${where} LIMIT ?)`).get(...values, countLimit + 1 - total)?.total ?? 0;
        if (total > countLimit) break;
      }
      return { total: Math.min(total, countLimit), exact: total <= countLimit };
    },
    size() {
      const row = database.prepare<[], { events: number; oldest: number | null }>('SELECT (SELECT count(*) FROM events) AS events, (SELECT min(at) FROM events) AS oldest').get();
      return { events: row?.events ?? 0, oldestAt: row?.oldest ?? null };
    },
  };
}
