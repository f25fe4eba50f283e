/** Search over everything that ran, and the same as a document. */
import type { historyMethods } from '#shared/contract/history.ts';
import type { MethodInput } from '#shared/contract/index.ts';
import type { Handlers } from '../dispatch/handlers.ts';
import type { EngineContext } from '../engine-context.ts';
import { createHistoryRepository, type HistoryFilter, type HistoryRepository } from '../store/history-repository.ts';
import { jsonDocument, markdownDocument, toEntry, type HistoryEntry } from './document.ts';

/** Of one document: what a browser and an editor still open, and what a person still reads. */
const mostEvents = 20_000;
const mostCharacters = 32 * 1024 * 1024;
/** Events read at once, so that other calls are served in between. */
const sliceSize = 250;

function toFilter(input: Omit<MethodInput<'history.search'>, 'limit' | 'cursor'>): HistoryFilter {
  return { text: input.text, systemId: input.systemId, kinds: input.kinds, states: input.states, since: input.since === undefined ? undefined : Date.parse(input.since), until: input.until === undefined ? undefined : Date.parse(input.until) };
}

const rowOf = (cursor: string | undefined): number | null => (cursor === undefined ? null : Number(cursor));

/** Reads newest first, from a row on, until that is all or as much as a document takes. */
async function collect(history: HistoryRepository, filter: HistoryFilter, options: { most: number; beforeRow: number | null; scrub: <T>(value: T) => T; signal: AbortSignal }): Promise<{ entries: HistoryEntry[]; lastRow: number | null }> {
  const entries: HistoryEntry[] = [];
  let before = options.beforeRow;
  let characters = 0;
  for (;;) {
    const slice = history.records(filter, sliceSize, before);
    for (const record of slice) {
      // There is more, and it does not fit: the caller is told where it begins.
      if (entries.length >= options.most || characters >= mostCharacters) return { entries, lastRow: before };
      // Stored without secrets; but some became known only later.
      const entry = options.scrub(toEntry(record));
      entries.push(entry);
      characters += entry.text.length + (entry.command === null ? 0 : entry.command.text.length + (entry.command.output?.length ?? 0));
      before = record.row;
    }
    if (slice.length < sliceSize) return { entries, lastRow: null };
    await new Promise((resolve) => setImmediate(resolve));
    options.signal.throwIfAborted();
  }
}

/** @param most events of one document; tests have fewer */
export function createHistoryRoom(context: Pick<EngineContext, 'store' | 'log' | 'scrubber' | 'ports'>, most: number = mostEvents): { handlers: Handlers<keyof typeof historyMethods> } {
  const history = createHistoryRepository(context.store);
  return {
    handlers: {
      'history.search': ({ limit, cursor, ...rest }) => {
        const started = performance.now();
        const filter = toFilter(rest);
        context.log.flush();
        const { hits, hasMore } = history.search(filter, limit, rowOf(cursor));
        // What ends on its first page is counted already, and need not be looked for again.
        const { total, exact } = cursor === undefined && !hasMore ? { total: hits.length, exact: true } : history.count(filter);
        const { events, oldestAt } = history.size();
        return {
          hits: hits.map(({ row: _row, ...hit }) => hit),
          total,
          totalIsExact: exact,
          events,
          oldestAt: oldestAt === null ? null : new Date(oldestAt).toISOString(),
          tookMs: performance.now() - started,
          nextCursor: hasMore ? String(hits.at(-1)?.row ?? '') : null,
        };
      },
      'history.export': async ({ format, cursor, ...rest }, { signal }) => {
        context.log.flush();
        const { entries, lastRow } = await collect(history, toFilter(rest), { most, beforeRow: rowOf(cursor), scrub: (value) => context.scrubber.scrub(value), signal });
        const exportedAt = new Date(context.ports.clock.now()).toISOString();
        const nextCursor = lastRow === null ? null : String(lastRow);
        // What was searched for was just typed, and may be a secret.
        const document = { exportedAt, search: context.scrubber.scrub(rest.text), entries, nextCursor };
        const name = `pilothouse-history-${exportedAt.slice(0, 10)}${cursor === undefined ? '' : `-before-event-${cursor}`}`;
        return format === 'json'
          ? { fileName: `${name}.json`, mediaType: 'application/json', content: jsonDocument(document), events: entries.length, nextCursor }
          : { fileName: `${name}.md`, mediaType: 'text/markdown', content: markdownDocument(document), events: entries.length, nextCursor };
      },
    },
  };
}
