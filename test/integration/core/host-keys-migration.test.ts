/** Files of earlier formats with something in them: what was decided about keys stays decided. */
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { systemPolicy } from '#shared/contract/systems.ts';
import { openDatabase, type Database } from '#engine/store/database.ts';
import { createHostKeyRepository, type HostPlace } from '#engine/store/host-key-repository.ts';
import { createHostRepository } from '#engine/store/host-repository.ts';
import { migrations } from '#engine/store/migrations/index.ts';
import { createSystemRepository } from '#engine/store/system-repository.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const now = Date.UTC(2026, 10, 26);
let root: string;
beforeEach(async () => {
  root = await temporaryFolder('migration');
});

/** Fills a file of the format of this number, as it was written then. */
function fill(number: number, write: (database: Database) => void): void {
  const database = openDatabase(root, root, now, migrations.slice(0, number));
  database.prepare("INSERT INTO systems (id, name, environment, policy_json, created_at) VALUES ('shop', 'Shop', 'production', ?, ?)").run(JSON.stringify(systemPolicy.parse({})), now);
  write(database);
  database.close();
}
function open(): Database {
  const database = openDatabase(root, root, now);
  onTestFinished(() => void (database.open && database.close()));
  return database;
}

const addHost = (database: Database, id: string, host: string, viaId: string | null): void =>
  void database.prepare("INSERT INTO hosts (id, system_id, label, host, port, user, sign_in_json, via_id, created_at) VALUES (?, 'shop', ?, ?, 22, 'ann', ?, ?, ?)").run(id, id, host, JSON.stringify({ keys: [], agent: true, password: { source: 'none' } }), viaId, now);
const addKey = (database: Database, host: string, key: string, state: string, at = now): void =>
  void database.prepare("INSERT INTO host_keys (id, host, port, key_type, key, state, source, decided_by, decided_at) VALUES (?, ?, 22, 'ssh-ed25519', ?, ?, 'compared', 'cli', ?)").run(`${host}-${key}-${state}`, host, key, state, at);

test('a file of before there were hosts is opened with what is in it', () => {
  fill(1, () => {});
  const database = open();
  expect([createSystemRepository(database).list().map(({ name }) => name), createHostRepository(database).list(), database.pragma('user_version', { simple: true })]).toEqual([['Shop'], [], migrations.length]);
});

describe('a key that was known by name and port alone', () => {
  beforeEach(() => {
    fill(2, (database) => {
      addHost(database, 'gate', 'gate.example', null);
      addHost(database, 'door', 'door.example', null);
      addHost(database, 'behind-gate', '10.0.0.5', 'gate');
      addHost(database, 'behind-door', '10.0.0.5', 'door');
      addHost(database, 'twice', 'Web.Example', 'gate');
      addKey(database, 'gate.example', 'GATE', 'trusted');
      addKey(database, '10.0.0.5', 'OLD', 'replaced', now - 2000);
      addKey(database, '10.0.0.5', 'FIVE', 'trusted', now - 1000);
      addKey(database, '10.0.0.5', 'BAD', 'revoked');
      addKey(database, 'web.example', 'WEB', 'trusted');
      addKey(database, 'nobody.example', 'GONE', 'trusted');
    });
  });
  const known = (place: Omit<HostPlace, 'port'>) => createHostKeyRepository(open()).known({ ...place, port: 22 }).filter(({ revoked }) => !revoked).map(({ key }) => key);

  test.each([
    ['of a host that is reached from here', { host: 'gate.example' }, ['GATE']],
    ['of a host behind one', { host: '10.0.0.5', viaId: 'gate' }, ['FIVE']],
    ['of another host behind another one, so that it has to be replaced, and is not taken on trust', { host: '10.0.0.5', viaId: 'door' }, ['FIVE']],
    ['of a name in capitals', { host: 'web.example', viaId: 'gate' }, ['WEB']],
    ['from here too, where no host is reached so now', { host: '10.0.0.5' }, ['FIVE']],
    ['of a machine that is no host here any more', { host: 'nobody.example' }, ['GONE']],
  ])('is known %s', (_what, place, keys) => {
    expect(known(place)).toEqual(keys);
  });
  test('keeps its history by each way', () => {
    expect(createHostKeyRepository(open()).list({ host: '10.0.0.5', port: 22, viaId: 'door' }).map(({ key, state }) => `${key} ${state}`)).toEqual(['BAD revoked', 'FIVE trusted', 'OLD replaced']);
  });
  test('is revoked everywhere, where it was revoked', () => {
    expect(createHostKeyRepository(open()).known({ host: 'new.example', port: 22 })).toEqual([{ type: 'ssh-ed25519', key: 'BAD', revoked: true }]);
  });
});
