/** What is added to a system of a pack, on an engine as it is put together. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { HostConnection } from '#shared/contract/hosts.ts';
import { fromHere, type DatabaseConnection } from '#shared/contract/systems.ts';
import { createEngine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom } from '#engine/ports.ts';
import { goodAnswers } from '#test/packs/pack-stage.ts';
import { yardTexts } from '#test/packs/yard.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

/** The yard as an imported pack, adopted with nothing in it. */
async function adopted(changes: Readonly<Record<string, string>> = {}) {
  const root = await temporaryFolder('roles');
  for (const [file, text] of Object.entries({ ...yardTexts, ...changes })) {
    const path = join(root, 'packs', 'yard', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const engine = await createEngine({ root, ports: { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' } });
  onTestFinished(() => engine.close());
  const client = engine.client('test');
  const { systemId } = await client.call('pack.adopt', { pack: 'yard', system: { name: 'The yard', environment: 'staging' }, answers: goodAnswers });
  const standing = async () => {
    const { adoption } = await client.call('pack.standing', { systemId });
    return { open: adoption?.open.roles.map(({ name }) => name), held: adoption?.held.map(({ name, title, binding }) => [name, title, binding]) };
  };
  const addHost = async (name: string) => {
    const connection: HostConnection = { host: `${name}.example`, port: 22, user: 'admin', signIn: { keys: [], agent: true, password: { source: 'none' } }, viaId: null };
    return (await client.call('host.add', { systemId, label: name, connection })).host.id;
  };
  const addDatabase = async (name: string) => {
    const connection: DatabaseConnection = { host: '127.0.0.1', port: 1, database: name, user: 'postgres', tls: { mode: 'disable', ca: null }, password: { source: 'ask' }, ...fromHere };
    return (await client.call('database.add', { systemId, connection })).database.id;
  };
  return { client, systemId, standing, addHost, addDatabase };
}

test('the one role that waits for a host or a database is taken by the first that is added, with the backups that go by it', async () => {
  const { client, systemId, standing, addHost, addDatabase } = await adopted();
  expect(await standing()).toEqual({ open: ['web', 'db'], held: [] });
  const hostId = await addHost('machine');
  const databaseId = await addDatabase('anything');
  expect(await standing()).toEqual({ open: [], held: [['web', 'Web host', { hostId }], ['db', 'Database', { databaseId }]] });
  expect((await client.call('backup.listPlans', { systemId })).plans.map((plan) => plan.name)).toEqual(['Nightly dump']);
  // The role is given: what comes later takes nothing.
  await addHost('second');
  expect((await standing()).held?.[0]).toEqual(['web', 'Web host', { hostId }]);
});

test('where two roles wait nobody guesses which one is meant', async () => {
  const { standing, addHost } = await adopted({ 'pack.yaml': (yardTexts['pack.yaml'] ?? '').replace('spare: { title: Spare host }', 'spare: { title: Spare host, needed: true }') });
  await addHost('machine');
  expect(await standing()).toEqual({ open: ['web', 'spare', 'db'], held: [] });
});

test('of several that are imported at once none is taken for the one that is meant', async () => {
  const { client, systemId, standing } = await adopted();
  const source = { systemId, text: 'Host one two\n  HostName %h.example\n  User admin\n' };
  const { previewHash, hosts } = await client.call('import.previewSsh', source);
  await client.call('import.applySsh', { ...source, previewHash, items: hosts.map(({ id }) => id) });
  expect(await standing()).toEqual({ open: ['web', 'db'], held: [] });
});
