import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { fromHere, systemPolicy } from '#shared/contract/systems.ts';
import { sortedByName } from '#shared/domain/natural-order.ts';
import { openDatabase, type Database } from '#engine/store/database.ts';
import { createHostRepository } from '#engine/store/host-repository.ts';
import { createSystemRepository } from '#engine/store/system-repository.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

test('names with numbers are in the order of their numbers, whatever their capitals, and equal ones as they were', () => {
  const items = ['web-10', 'Web-2', 'db-1', 'web-02', 'web-1', 'DB-1'].map((name, at) => ({ name, at }));
  expect(sortedByName(items, ({ name }) => name).map(({ name, at }) => `${name} ${at}`)).toEqual(['db-1 2', 'DB-1 5', 'web-1 4', 'Web-2 1', 'web-02 3', 'web-10 0']);
});

describe('the store tells in that order', () => {
  let store: Database;
  const names = ['web-10', 'web-2', 'Web-1'];
  const ordered = ['Web-1', 'web-2', 'web-10'];
  beforeEach(async () => {
    const root = await temporaryFolder('natural-order');
    store = openDatabase(root, root, 0);
    onTestFinished(() => void store.close());
    const systems = createSystemRepository(store);
    for (const name of names) systems.insert({ id: name, name, environment: 'staging', policy: systemPolicy.parse({}), at: 0 });
  });
  const signIn = { keys: [], agent: true, password: { source: 'none' as const } };

  test('of systems', () => {
    expect(createSystemRepository(store).list().map(({ name }) => name)).toEqual(ordered);
  });
  test('of hosts, of those behind one, and of databases behind it', () => {
    const hosts = createHostRepository(store);
    const systems = createSystemRepository(store);
    hosts.insert({ id: 'gate', systemId: 'web-2', label: 'a gate', connection: { host: 'gate', port: 22, user: 'ann', signIn, viaId: null }, at: 0 });
    for (const name of names) {
      hosts.insert({ id: name, systemId: 'web-2', label: name, connection: { host: name, port: 22, user: 'ann', signIn, viaId: 'gate' }, at: 0 });
      systems.insertDatabase({ id: `db-${name}`, systemId: 'web-2', label: name, connection: { ...fromHere, host: name, port: 5432, database: name, user: 'ann', tls: { mode: 'disable', ca: null }, password: { source: 'none' }, viaId: 'gate' }, at: 0 });
    }
    const labels = (items: readonly { label: string }[]) => items.map(({ label }) => label);
    expect([labels(hosts.list()), labels(hosts.list('web-2')), labels(hosts.behind('gate')), labels(hosts.databasesBehind('gate')), labels(systems.get('web-2').databases)]).toEqual([['a gate', ...ordered], ['a gate', ...ordered], ordered, ordered, ordered]);
  });
});
