/** Started by a test: an engine that begins a backup which a host makes, or goes on with one, and kills itself at a named point. */
import { systemClock } from '#engine/ports.ts';
import { openFarEngine, type FarPlace } from '#test/far-shop.ts';
import { begin, endOf } from '#test/run-to-end.ts';

interface Orders {
  root: string;
  place: Pick<FarPlace, 'sockets' | 'keyFiles' | 'bastion' | 'host'>;
  databaseId: string;
  at: string;
  /** The operation to go on with; null: a backup is begun. */
  continues: string | null;
}

const { root, place, databaseId, at, continues } = JSON.parse(process.argv[2] ?? '{}') as Orders;
const { client, engine } = await openFarEngine(place as FarPlace, root, {
  clock: systemClock,
  async checkpoint(name) {
    if (name === at) process.kill(process.pid, 'SIGKILL');
  },
});
const { plan } = continues === null ? await client.call('backup.plan', { databaseId, options: { format: 'directory', jobs: 2, compressLevel: 0, proof: 'L3' } }) : await client.call('backup.planContinue', { operationId: continues });
const operation = await endOf(client, await begin(client, plan));
process.stdout.write(`${operation.state}: ${operation.summary ?? ''}\n`);
await engine.close();
