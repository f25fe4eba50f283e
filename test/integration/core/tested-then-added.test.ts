import { expect, onTestFinished, test } from 'vitest';
import { fromHere } from '#shared/contract/systems.ts';
import { createEngine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom } from '#engine/ports.ts';
import { startPostgres } from '#test/postgres-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

test('a database that was just tested and is added then was reached, and never stands there as if nobody had', async () => {
  const server = await startPostgres({ major: 18 });
  onTestFinished(() => server.stop());
  const engine = await createEngine({ root: await temporaryFolder('tested'), ports: { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' } });
  onTestFinished(() => engine.close());
  const client = engine.client('test');
  const { system } = await client.call('system.add', { name: 'Shop', environment: 'staging' });
  const connection = { host: server.host, port: server.port, database: 'postgres', user: 'postgres', tls: { mode: 'disable' as const, ca: null }, password: { source: 'ask' as const }, ...fromHere };
  const found = await client.call('database.test', { connection, password: server.password });
  const { database } = await client.call('database.add', { systemId: system.id, connection, password: server.password });
  expect([found.ok, database]).toMatchObject([true, { systemIdentifier: found.server?.systemIdentifier, serverVersion: found.server?.version, lastSeenAt: expect.any(String) as string, lastError: null }]);
});
