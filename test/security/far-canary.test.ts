/** The password of a database for which the programs of a host work: where it is meanwhile there, and where it never is. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { addFarDatabase, createFarShop, lockTable, openFarEngine, startFarPlace } from '#test/far-shop.ts';
import { begin, endOf } from '#test/run-to-end.ts';
import { whyNoSshServer } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const canary = 'canary-of-the-far-database-4711';

/** Every command line and environment on this machine, which is that of the host as well. */
const processes = (): string =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => ['cmdline', 'environ'].map((file) => {
      try {
        return readFileSync(join('/proc', pid, file), 'latin1');
      } catch {
        // It ended, or is the kernel's.
        return '';
      }
    }))
    .join('\n');

const everythingIn = (folder: string): string => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')).join('\n');
/** Folders in memory that hold our password: dumps of other tests have theirs there at the same time. */
const privateFolders = (): string[] =>
  readdirSync('/dev/shm')
    .filter((name) => name.startsWith('.pilothouse-'))
    .map((name) => join('/dev/shm', name))
    .filter((folder) => {
      try {
        return readdirSync(folder).some((name) => readFileSync(join(folder, name), 'latin1').includes(canary));
      } catch {
        return false; // Another test's, which was just removed.
      }
    });

test.skipIf(whyNoSshServer() !== null || process.platform !== 'linux')('the password of a far database is in a file of its account alone while the dump works there, and nowhere else', async () => {
  const place = await startFarPlace();
  onTestFinished(() => place.stop());
  await createFarShop(place, 'shop');
  await place.postgres.query(`CREATE ROLE keeper LOGIN SUPERUSER PASSWORD '${canary}'`);
  const root = await temporaryFolder('far-canary');
  const far = await openFarEngine(place, root);
  onTestFinished(() => far.engine.close());
  const databaseId = await addFarDatabase(far, { ...place, postgres: { ...place.postgres, password: canary } }, 'shop', { user: 'keeper', tools: { where: 'host', access: { kind: 'plain' }, connect: null } });
  const { plan } = await far.client.call('backup.plan', { databaseId, options: { format: 'custom', jobs: 1, proof: 'L3' } });
  const lock = await lockTable(place, 'shop', 'orders');
  const operationId = await begin(far.client, plan);
  await waitFor('the dump to wait', async () => (await place.postgres.query("SELECT FROM pg_stat_activity WHERE application_name = 'pilothouse dump' AND wait_event_type = 'Lock'")).length > 0);

  // Roles are dumped beside the tables, by a program of its own with a file of its own: that one may still be there.
  await waitFor('the roles to be dumped', () => privateFolders().length === 1);
  const [folder = ''] = privateFolders();
  expect([statSync(folder).mode & 0o777, readdirSync(folder), statSync(join(folder, 'pgpass')).mode & 0o777]).toEqual([0o700, ['pgpass'], 0o600]);
  expect(processes().includes(canary)).toBe(false);
  await lock.release();
  expect((await endOf(far.client, operationId)).state).toBe('succeeded');
  expect([existsSync(folder), privateFolders()]).toEqual([false, []]);
  const events: string[] = [];
  for await (const batch of far.client.follow('operation.follow', { operationId, afterSeq: 0 })) events.push(JSON.stringify(batch));
  expect(events.join('').includes(canary)).toBe(false);
  expect(JSON.stringify(await far.client.call('history.search', { text: canary })).includes(`"${canary}`)).toBe(false);
  expect(everythingIn(root).includes(canary)).toBe(false);
});
