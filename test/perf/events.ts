import { rm } from 'node:fs/promises';
import { createCore, draft } from '#test/core.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import type { Benchmark } from './figure.ts';

const count = 100_000;

/** 100 000 events reach the file and a subscriber while another caller asks again and again. */
export const events: Benchmark = async () => {
  const root = await makeTemporaryFolder('bench-events');
  const core = createCore(root);
  try {
    core.runner.register({
      kind: 'health.check',
      plan: async () => draft(),
      run: async (_details, operation) => {
        for (let line = 0; line < count; line++) {
          operation.log('info', `pg_dump: dumping contents of table "public.orders_2026_${line % 12}", row ${line}`);
          if (line % 200 === 199) await new Promise((resolve) => setImmediate(resolve));
        }
        return { summary: 'Done.', result: {} };
      },
    });
    const plan = core.desk.issue('health.check', draft());
    const started = performance.now();
    const { operationId } = core.runner.run({ planId: plan.id, token: plan.token, caller: 'bench' });

    const delays: number[] = [];
    let following = true;
    const concurrent = (async () => {
      while (following) {
        const asked = performance.now();
        await new Promise((resolve) => setTimeout(resolve, 5));
        core.operations.list({ limit: 20 });
        delays.push(performance.now() - asked - 5);
      }
    })();

    let seen = 0;
    for await (const batch of core.log.follow(operationId, 0, new AbortController().signal)) seen += batch.events.length;
    const tookMs = performance.now() - started;
    following = false;
    await concurrent;
    await core.runner.finished(operationId);
    const worst = Math.max(...delays);
    return [
      { name: '100 000 events stored and followed', measured: seen === count + 1 ? `${(tookMs / 1000).toFixed(1)} s` : `${seen} seen`, bound: 'all of them', ok: seen === count + 1, how: `${Math.round(count / (tookMs / 1000))} events a second` },
      { name: 'delay of a concurrent call meanwhile, worst', measured: `${worst.toFixed(1)} ms`, bound: '<= 50 ms', ok: worst <= 50, how: `${delays.length} calls, median ${delays.toSorted((a, b) => a - b)[Math.floor(delays.length / 2)]?.toFixed(1)} ms` },
    ];
  } finally {
    core.store.close();
    await rm(root, { recursive: true, force: true });
  }
};
