/**
 * Started by a test: opens a data folder, runs one plan about restores, and kills itself with SIGKILL at a named point,
 * as a crash of the engine would.
 */
import { createRestoreRoom } from '#engine/restore/restore-room.ts';
import { createTestEngine } from '#test/engine-parts.ts';
import { waitFor } from '#test/wait-for.ts';

export interface EngineOrder {
  root: string;
  databaseId: string;
  password: string;
  ask: { method: 'restore.plan'; backupId: string } | { method: 'restore.planSwap' | 'restore.planUndo'; restoreId: string } | { method: 'restore.planDrop'; restoreId: string; which: 'restored' | 'set-aside' };
  /** A checkpoint; or `rows`: while pg_restore fills the first table; or `creating`: while the server makes the database. */
  killAt: string;
}

const order = JSON.parse(process.argv[2] ?? '') as EngineOrder;
const die = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
};
const engine = createTestEngine({ root: order.root, ports: { checkpoint: async (name) => (name === order.killAt ? die() : undefined) }, rooms: [createRestoreRoom] });
engine.unlock(order.databaseId, order.password);
const { method, ...input } = order.ask;
const { plan } = await engine.call(method, input);
const operationId = engine.start(plan);
if (order.killAt === 'rows') {
  await waitFor('rows to be restored', () => engine.events(operationId).some((event) => event.kind === 'log' && event.text.startsWith('Restoring the rows of ')), { every: 5 });
  await die();
}
if (order.killAt === 'creating') {
  const session = await engine.context.postgres.connect(engine.context.targetOf(order.databaseId), { applicationName: 'pilothouse watch', database: 'postgres' });
  await waitFor('CREATE DATABASE to wait', async () => (await session.query("SELECT FROM pg_stat_activity WHERE query LIKE 'CREATE DATABASE%' AND wait_event_type = 'Lock'")).rowCount > 0, { every: 20 });
  await die();
}
const { state, summary } = await engine.context.runner.finished(operationId);
process.stderr.write(`The operation ended ${state} before ${order.killAt}: ${summary ?? ''}\n`);
process.exitCode = 1;
