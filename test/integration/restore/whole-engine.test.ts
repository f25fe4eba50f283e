import { expect, it, onTestFinished } from 'vitest';
import type { EngineClient } from '#shared/contract/index.ts';
import type { Operation, Plan } from '#shared/contract/operations.ts';
import { createEngine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom } from '#engine/ports.ts';
import { startPostgres } from '#test/postgres-server.ts';
import { databasesOf, makeShop, rowsOf } from '#test/shop.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

async function carryOut(client: EngineClient, plan: Plan): Promise<Operation> {
  const { operationId } = await client.call('operation.run', { planId: plan.id, token: plan.token, ...(plan.confirmName === null ? {} : { confirmName: plan.confirmName }) });
  for await (const _batch of client.follow('operation.follow', { operationId }));
  const { operation } = await client.call('operation.get', { operationId });
  if (!operation.state.startsWith('succeeded')) throw new Error(`${operation.title} ended ${operation.state}: ${operation.summary ?? ''}`);
  return operation;
}

it.each([13, 15] as const)('on Postgres %i, a backup is proved, restored beside, swapped in and taken back, with rows written meanwhile', async (major) => {
  const server = await startPostgres({ major });
  onTestFinished(() => server.stop());
  await makeShop(server, 'shop');
  const engine = await createEngine({ root: await temporaryFolder('engine'), ports: { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' } });
  onTestFinished(() => engine.close());
  const client = engine.client('test');

  const { system } = await client.call('system.add', { name: 'Shop', environment: 'production' });
  const connection = { host: server.host, port: server.port, database: 'shop', user: 'postgres', tls: { mode: 'disable' as const }, password: { source: 'ask' as const } };
  const { database } = await client.call('database.add', { systemId: system.id, connection, password: server.password });
  await client.call('database.unlock', { databaseId: database.id, password: server.password });

  const backup = await carryOut(client, (await client.call('backup.plan', { databaseId: database.id })).plan);
  const backupId = String(backup.result?.['backupId']);
  expect((await client.call('backup.get', { backupId })).backup.proof).toBe('L3');

  await server.query("INSERT INTO customers (name) VALUES ('late')", [], { database: 'shop' });
  const { plan, into } = await client.call('restore.plan', { backupId });
  const restoreId = String((await carryOut(client, plan)).result?.['restoreId']);
  expect((await client.call('restore.get', { restoreId })).compared.find(({ name }) => name === 'customers')).toMatchObject({ backup: 500, restored: 500, live: 501, equal: true });

  await carryOut(client, (await client.call('restore.planSwap', { restoreId })).plan);
  expect(await rowsOf(server, 'shop', 'customers')).toBe(500);
  await carryOut(client, (await client.call('restore.planUndo', { restoreId })).plan);
  expect(await rowsOf(server, 'shop', 'customers')).toBe(501);
  await carryOut(client, (await client.call('restore.planDrop', { restoreId, which: 'restored' })).plan);
  expect({ into, left: await databasesOf(server) }).toEqual({ into: 'shop__new', left: ['shop'] });
});
