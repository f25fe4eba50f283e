/** Which rows of events a search has to look at, so that it need not visit every place where a word occurs. */
import { createConditions, type Conditions } from './conditions.ts';
import type { Database } from './database.ts';
import type { HistoryFilter } from './history-repository.ts';

/** Ids of events, both included. */
export interface Span {
  first: number;
  last: number;
}

/** Of more operations than these a search finds enough on its way. */
const mostOperations = 2000;
/** Searches of the word index at most, each over a span of its own. */
const mostSpans = 64;

export function addOperationConditions(conditions: Conditions, filter: HistoryFilter): boolean {
  if (filter.systemId !== undefined) conditions.add('o.system_id = ?', filter.systemId);
  conditions.addOneOf('o.kind', filter.kinds);
  conditions.addOneOf('o.state', filter.states);
  return conditions.values.length > 0;
}

/** Newest first, none touching another; those that lie nearest are joined until there are few. */
export function joinSpans(spans: readonly Span[], most: number = mostSpans): Span[] {
  const ordered = spans.toSorted((a, b) => b.last - a.last);
  for (let gap = 1; ; gap *= 4) {
    const joined: Span[] = [];
    for (const span of ordered) {
      const newer = joined.at(-1);
      if (newer !== undefined && newer.first - span.last <= gap) newer.first = Math.min(newer.first, span.first);
      else joined.push({ ...span });
    }
    if (joined.length <= most) return joined;
  }
}

/** The rows of a span of time. Clocks jump, so both ends are looked up. */
function between(database: Database, since: number, until: number): Span {
  const row = database.prepare<[number, number], { first: number | null; last: number | null }>('SELECT min(id) AS first, max(id) AS last FROM events WHERE at >= ? AND at < ?').get(since, until);
  return { first: row?.first ?? 1, last: row?.last ?? 0 };
}

/** The rows that a search may find anything in, newest first; empty where the filter leaves nothing. */
export function spansOf(database: Database, filter: HistoryFilter): Span[] {
  const within = filter.since === undefined && filter.until === undefined ? { first: 0, last: Number.MAX_SAFE_INTEGER } : between(database, filter.since ?? 0, filter.until ?? Number.MAX_SAFE_INTEGER);
  const conditions = createConditions();
  if (!addOperationConditions(conditions, filter)) return [within];
  // The events of an operation are stored in their order, so its first and its last one bound them all.
  const end = (direction: 'ASC' | 'DESC') => `(SELECT e.id FROM events e WHERE e.operation_id = o.id ORDER BY e.seq ${direction} LIMIT 1)`;
  const found = database
    .prepare<(string | number)[], { first: number | null; last: number | null }>(`SELECT ${end('ASC')} AS first, ${end('DESC')} AS last FROM operations o ${conditions.where} LIMIT ${mostOperations + 1}`)
    .all(...conditions.values);
  if (found.length > mostOperations) return [within];
  return joinSpans(found.flatMap(({ first, last }) => (first === null || last === null ? [] : [{ first, last }])))
    .map(({ first, last }) => ({ first: Math.max(first, within.first), last: Math.min(last, within.last) }))
    .filter(({ first, last }) => first <= last);
}
