/**
 * Started by a test: an engine that makes a backup, verifies or deletes one, and is killed. With `at` it kills itself
 * at that point; without, it says that it has started and goes on until the test kills it.
 */
import { backUp, engineOf } from '#test/backed-up-shop.ts';

interface Orders {
  root: string;
  server: { host: string; port: number; password: string };
  at: string | null;
  what: 'backup' | 'delete';
  backupId: string | null;
}

const orders = JSON.parse(process.argv[2] ?? '{}') as Orders;
const { engine, databaseId } = engineOf(orders.root, orders.server, 'shop', {
  async checkpoint(name) {
    if (name === orders.at) process.kill(process.pid, 'SIGKILL');
  },
});
engine.unlock(databaseId, orders.server.password);
process.stdout.write('started\n');
if (orders.what === 'backup') {
  await backUp(engine, databaseId, { compressLevel: 0 });
} else {
  const { plan } = await engine.call('backup.planDelete', { backupId: orders.backupId ?? '' });
  await engine.run(plan);
}
process.stdout.write('finished\n');
await engine.close();
