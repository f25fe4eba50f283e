/** Started by a test: a whole engine that carries out an order on a far database, and kills itself at a point of it. */
import type { FarPlace } from '#test/far-shop.ts';
import { openFarEngine } from '#test/far-shop.ts';
import { endOf } from '#test/run-to-end.ts';
import { beginOrder, type FarOrder } from './orders.ts';

const { place, root, order, at } = JSON.parse(process.argv[2] ?? '{}') as { place: FarPlace; root: string; order: FarOrder; at: string };
const far = await openFarEngine(place, root, {
  checkpoint(name) {
    if (name !== at) return Promise.resolve();
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => {});
  },
});
const operation = await endOf(far.client, await beginOrder(far, order));
process.stderr.write(`It ended ${operation.state} before ${at}: ${operation.error?.message ?? ''}\n`);
await far.engine.close();
