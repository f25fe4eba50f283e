/** From the first start to a proven copy of a remote database: twenty hosts behind a bastion are imported, a database behind one of them, and it is backed up. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createEngine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom } from '#engine/ports.ts';
import { startPostgres } from '#test/postgres-server.ts';
import { makeShop, shopRows } from '#test/shop.ts';
import { authorize, makeKey, startSshServer, whyNoSshServer } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const missing = whyNoSshServer();

test.skipIf(missing !== null)('twenty hosts in ~/.ssh/config behind a bastion lead to a proven backup of a remote database', async () => {
  const [bastion, target, server] = await Promise.all([startSshServer({ hostKeys: ['ecdsa'] }), startSshServer(), startPostgres({ major: 15 })]);
  onTestFinished(async () => void (await Promise.all([bastion.stop(), target.stop(), server.stop()])));
  await makeShop(server, 'shop');

  // What the person has: a key, a configuration, hashed known hosts, a password file and a service.
  const home = await temporaryFolder('five-minutes-home');
  vi.stubEnv('HOME', home);
  vi.stubEnv('SSH_AUTH_SOCK', undefined);
  const key = makeKey(home);
  for (const machine of [bastion, target]) authorize(machine, key);
  mkdirSync(join(home, '.ssh'));
  const ssh = (name: string): string => join(home, '.ssh', name);
  writeFileSync(ssh('id_ed25519'), key.privateKey, { mode: 0o600 });
  writeFileSync(ssh('config'), `Host bastion\n  HostName 127.0.0.1\n  Port ${bastion.port}\nHost db-*\n  ProxyJump bastion\n  User ${target.user}\nHost db-1\n  HostName localhost\n  Port ${target.port}\n${Array.from({ length: 19 }, (_each, index) => `Host db-${index + 2}\n  HostName db-${index + 2}.internal\n`).join('')}`);
  writeFileSync(ssh('known_hosts'), `[127.0.0.1]:${bastion.port} ${bastion.knownKeys[0]?.type} ${bastion.knownKeys[0]?.key}\n[localhost]:${target.port} ${target.knownKeys[0]?.type} ${target.knownKeys[0]?.key}\n`);
  execFileSync('ssh-keygen', ['-H', '-f', ssh('known_hosts')], { stdio: 'ignore' });
  writeFileSync(join(home, '.pgpass'), `127.0.0.1:${server.port}:shop:postgres:${server.password}\n`, { mode: 0o600 });
  writeFileSync(join(home, '.pg_service.conf'), `[shop]\nhost=127.0.0.1\nport=${server.port}\ndbname=shop\nuser=postgres\nsslmode=disable\n`);

  const began = performance.now();
  const engine = await createEngine({ root: await temporaryFolder('five-minutes'), ports: { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' } });
  onTestFinished(() => engine.close());
  const client = engine.client('console');
  const hosts = await client.call('import.previewSsh', {});
  const { system } = await client.call('system.add', { name: 'Shop', environment: 'production' });
  const imported = await client.call('import.applySsh', { systemId: system.id, items: hosts.hosts.map(({ id }) => id), previewHash: hosts.previewHash });
  const viaId = imported.added.find(({ label }) => label === 'db-1')?.id ?? '';
  const databases = await client.call('import.previewDatabases', { systemId: system.id, viaId });
  const { added } = await client.call('import.applyDatabases', { systemId: system.id, viaId, items: databases.databases.filter(({ state }) => state === 'new').map(({ id }) => id), previewHash: databases.previewHash });
  const { plan } = await client.call('backup.plan', { databaseId: added[0]?.id ?? '' });
  const { operationId } = await client.call('operation.run', { planId: plan.id, token: plan.token, ...(plan.confirmName === null ? {} : { confirmName: plan.confirmName }) });
  for await (const _batch of client.follow('operation.follow', { operationId }));
  const { operation } = await client.call('operation.get', { operationId });
  const { backup } = await client.call('backup.get', { backupId: String(operation.result?.['backupId']) });

  expect([imported.added.length, added.map(({ label, connection }) => `${label} ${connection.password.source}`), backup.proof, backup.rows]).toEqual([21, ['shop passfile'], 'L3', shopRows]);
  expect(performance.now() - began).toBeLessThan(60_000);
});
