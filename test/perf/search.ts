import { rm } from 'node:fs/promises';
import { createHistoryRepository } from '#engine/store/history-repository.ts';
import { createCore, draft } from '#test/core.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import type { OperationEvent } from '#shared/contract/operations.ts';
import { median, percentile, type Benchmark } from './figure.ts';

const total = 1_000_000;
const perOperation = 2000;
const tables = ['customers', 'orders', 'order_items', 'payments', 'shipments', 'job_sites', 'session_logs', 'price_list', 'audit_log', 'stock'];
const verbs = ['dumping contents of', 'reading policies of', 'finished item', 'waiting for a lock on', 'creating index on', 'analyzing', 'vacuuming'];

/** Search as a person types it, over a million events. */
export const search: Benchmark = async () => {
  const root = await makeTemporaryFolder('bench-search');
  const core = createCore(root);
  try {
    core.store.pragma('synchronous = OFF'); // Only for filling; reading does not change with it.
    for (let from = 0; from < total; from += perOperation) {
      const plan = core.desk.issue('health.check', draft());
      const operationId = `op-${from}`;
      core.operations.insert({ id: operationId, kind: from % 3 === 0 ? 'backup.run' : 'health.check', title: 'Back up shop', system: { id: from === perOperation * 7 ? 's-rare' : `s-${from % 7}`, name: 'Shop', environment: 'production' }, target: 'shop', planId: plan.id, plan, details: {}, createdAt: from, requestedBy: 'bench' });
      const events = Array.from({ length: perOperation }, (_value, index): OperationEvent => {
        const number = from + index;
        return { operationId, seq: index + 1, at: new Date(1_700_000_000_000 + number * 1000).toISOString(), kind: 'log', phase: 'dump', level: 'info', text: `pg_dump: ${verbs[number % verbs.length]} "public.${tables[number % tables.length]}" batch ${number} ${number === 123_456 ? 'needle' : ''}` };
      });
      core.operations.appendEvents(events);
    }
    const history = createHistoryRepository(core.store);
    const ask = (text: string, more: object = {}) => {
      const started = performance.now();
      history.search({ text, ...more }, 50, null);
      history.count({ text, ...more });
      history.size();
      return performance.now() - started;
    };
    const searches: [string, object?][] = [['needle'], ['job_sites'], ['pg'], ['waiting lock job'], ['"lock on"'], ['batch 1234'], ['p'], ['nothing-like-it'], ['stock', { systemId: 's-3' }], ['orders', { kinds: ['backup.run'] }], ['pg', { systemId: 's-rare' }], ['pg', { systemId: 's-none' }], ['orders', { since: 1_700_000_000_000, until: 1_700_050_000_000 }], ['']];
    const times = searches.flatMap(([text, more]) => Array.from({ length: 3 }, () => ({ text: `${text}${more === undefined ? '' : ` ${Object.keys(more).join('+')}`}`, ms: ask(text, more) })));
    const slowest = times.toSorted((a, b) => b.ms - a.ms)[0];
    const all = times.map((time) => time.ms);
    return [{ name: 'search over a million events, 95th percentile', measured: `${percentile(all, 0.95).toFixed(0)} ms`, bound: '< 100 ms', ok: percentile(all, 0.95) < 100, how: `${searches.length} searches three times, median ${median(all).toFixed(1)} ms, slowest ${slowest?.ms.toFixed(0)} ms for "${slowest?.text}"` }];
  } finally {
    core.store.close();
    await rm(root, { recursive: true, force: true });
  }
};
