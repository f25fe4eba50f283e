/** Search over everything that ran, and the same as a document. */
import type { historyMethods } from '#shared/contract/history.ts';
import type { MethodInput } from '#shared/contract/index.ts';
import type { Handlers } from '../dispatch/handlers.ts';
import type { EngineContext } from '../engine-context.ts';
import { createHistoryRepository, type HistoryFilter } from '../store/history-repository.ts';

const exportLimit = 20_000;

function toFilter(input: Omit<MethodInput<'history.search'>, 'limit' | 'cursor'>): HistoryFilter {
  return { text: input.text, systemId: input.systemId, kinds: input.kinds, states: input.states, since: input.since === undefined ? undefined : Date.parse(input.since), until: input.until === undefined ? undefined : Date.parse(input.until) };
}

export function createHistoryRoom(context: EngineContext): { handlers: Handlers<keyof typeof historyMethods> } {
  const history = createHistoryRepository(context.store);
  return {
    handlers: {
      'history.search': ({ limit, cursor, ...rest }) => {
        const started = performance.now();
        const filter = toFilter(rest);
        context.log.flush();
        const before = cursor === undefined || !/^\d+$/.test(cursor) ? null : Number(cursor);
        const { hits, hasMore } = history.search(filter, limit, before);
        const { total, exact } = history.count(filter);
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
      'history.export': ({ format, ...rest }) => {
        context.log.flush();
        const { hits } = history.search(toFilter(rest), exportLimit, null);
        const stamp = new Date(context.ports.clock.now()).toISOString().slice(0, 10);
        // Stored without secrets; but what was searched for was just typed, and some secrets became known only later.
        const search = context.scrubber.scrub(rest.text);
        const events = context.scrubber.scrub(hits.map((hit) => ({ at: hit.at, operation: hit.operation.title, state: hit.operation.state, target: hit.operation.target, kind: hit.kind, text: hit.text.replaceAll(/[\u0002\u0003]/g, '') })));
        const content =
          format === 'json'
            ? `${JSON.stringify({ exportedAt: new Date(context.ports.clock.now()).toISOString(), search, events }, null, 2)}\n`
            : [`# Pilothouse history`, '', `Search: ${search === '' ? '(everything)' : `\`${search}\``}, ${events.length} events, newest first, times in UTC.`, '', ...events.map((event) => `- ${event.at} **${event.operation}** (${event.state}, ${event.target}) ${event.kind}: ${event.text.replaceAll('\n', ' ')}`), ''].join('\n');
        return { fileName: `pilothouse-history-${stamp}.${format === 'json' ? 'json' : 'md'}`, mediaType: format === 'json' ? 'application/json' : 'text/markdown', content, events: events.length };
      },
    },
  };
}
