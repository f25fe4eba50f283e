/** Started by a test: an engine that walks a runbook and kills itself at the n-th point, or says how many there are. */
import { systemClock } from '#engine/ports.ts';
import { openFarEngine, type FarPlace } from '#test/far-shop.ts';
import { refOf, walkToEnd } from '#test/runbook-to-kill.ts';

interface Orders {
  root: string;
  place: Pick<FarPlace, 'sockets' | 'keyFiles' | 'bastion' | 'host'>;
  databaseId: string;
  folder: string;
  rollsBack: boolean;
  /** Counts from 1; 0: it is not killed. */
  at: number;
}

const { root, place, databaseId, folder, rollsBack, at } = JSON.parse(process.argv[2] ?? '{}') as Orders;
const points: string[] = [];
const { client, engine, systemId, hostId } = await openFarEngine(place as FarPlace, root, {
  clock: systemClock,
  // Not async: a point in the middle of something that is done at once is one too.
  checkpoint(name) {
    if (!name.startsWith('walkthrough:')) return Promise.resolve();
    points.push(name);
    if (points.length === at) process.kill(process.pid, 'SIGKILL');
    return Promise.resolve();
  },
});
const ref = refOf(rollsBack);
const { card } = await client.call('runbook.prepare', { ref, systemId });
const { walkthroughId } = await client.call('walkthrough.start', { ref, hash: card.hash, systemId, mode: 'live', bindings: { web: { hostId }, db: { databaseId } }, values: { folder } });
const view = await walkToEnd(client, walkthroughId, () => {
  throw new Error('Nothing is unknown where nothing was killed.');
});
await engine.close();
process.stdout.write(JSON.stringify({ points, state: view.run.state }));
