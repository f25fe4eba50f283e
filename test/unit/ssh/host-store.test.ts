/** What is stored of hosts and of their keys, and what the store refuses. */
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { HostConnection } from '#shared/contract/hosts.ts';
import { systemPolicy } from '#shared/contract/systems.ts';
import { openDatabase } from '#engine/store/database.ts';
import { createHostKeyRepository, type HostKeyRepository } from '#engine/store/host-key-repository.ts';
import { createHostRepository, type HostRepository } from '#engine/store/host-repository.ts';
import { createSystemRepository } from '#engine/store/system-repository.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const now = Date.UTC(2026, 10, 26);
let hosts: HostRepository;
let keys: HostKeyRepository;
let forgetSystem: () => void;

const reached = (viaId: string | null, changes: Partial<HostConnection> = {}): HostConnection => ({ host: 'web.example', port: 22, user: 'ann', signIn: { keys: [], agent: true, password: { source: 'none' } }, viaId, ...changes });
const add = (id: string, viaId: string | null = null): string => hosts.insert({ id, systemId: 'shop', label: id, connection: reached(viaId), at: now }).id;

beforeEach(async () => {
  const root = await temporaryFolder('hosts');
  const store = openDatabase(root, root, now);
  onTestFinished(() => void store.close());
  const systems = createSystemRepository(store);
  systems.insert({ id: 'shop', name: 'Shop', environment: 'production', policy: systemPolicy.parse({}), at: now });
  forgetSystem = () => systems.remove('shop');
  hosts = createHostRepository(store);
  keys = createHostKeyRepository(store);
});

describe('the way to a host', () => {
  test('is every machine on it, in the order of connecting', () => {
    add('gate');
    add('bastion', 'gate');
    add('db', 'bastion');
    expect(hosts.wayTo(hosts.get('db').connection, 'db').map(({ id }) => id)).toEqual(['gate', 'bastion']);
  });
  test('does not lead through itself', () => {
    add('gate');
    expect(() => hosts.update('gate', { connection: reached('gate') })).toThrow(expect.objectContaining({ code: 'store.conflict' }));
  });
  test('does not lead in a circle, which is named', () => {
    add('gate');
    add('bastion', 'gate');
    add('db', 'bastion');
    expect(() => hosts.update('gate', { connection: reached('db') })).toThrow(expect.objectContaining({ code: 'store.conflict', message: expect.stringContaining('gate, bastion, db') as string }));
    expect(hosts.get('gate').connection.viaId).toBeNull();
  });
  test('does not lead through what is not there', () => {
    expect(() => add('db', 'nothing')).toThrow(expect.objectContaining({ code: 'store.not-found' }));
  });
});

describe('a host', () => {
  test('that others are reached through is not removed, and those are named', () => {
    add('gate');
    add('bastion', 'gate');
    add('db', 'bastion');
    expect(() => hosts.remove('gate')).toThrow(expect.objectContaining({ code: 'store.conflict', message: 'gate is the way to bastion, db.', details: { ids: ['bastion', 'db'] } }));
  });
  test('goes with its system, whoever is reached through whom', () => {
    add('gate');
    add('db', 'gate');
    forgetSystem();
    expect(hosts.list()).toEqual([]);
  });
  test('that is reached in another way has no failure of the old one', () => {
    add('gate');
    hosts.recordFailure('gate', { code: 'ssh.refused', message: 'No.', retryable: true, details: {}, correlationId: '' });
    expect(hosts.update('gate', { label: 'door' }).lastError).not.toBeNull();
    expect(hosts.update('gate', { connection: reached(null, { port: 2222 }) }).lastError).toBeNull();
  });
});

describe('the key of a machine', () => {
  const key = (text: string, changes: object = {}) => ({ id: `${text}-${Math.random()}`, host: 'web.example', port: 22, type: 'ssh-ed25519', key: text, state: 'trusted' as const, source: 'compared' as const, by: 'cli', at: now, ...changes });
  test('is known by its name, whatever its capitals', () => {
    keys.insert(key('AAAA', { host: 'Web.Example' }));
    expect(keys.known({ host: 'WEB.example', port: 22 })).toEqual([{ type: 'ssh-ed25519', key: 'AAAA', revoked: false }]);
  });
  test('is not that of another port', () => {
    keys.insert(key('AAAA'));
    expect(keys.known({ host: 'web.example', port: 2222 })).toEqual([]);
  });
  test('that was replaced is known no more, and is still told', () => {
    keys.insert(key('AAAA'));
    keys.replace(key('BBBB', { at: now + 1000 }));
    expect([keys.known({ host: 'web.example', port: 22 }).map((each) => each.key), keys.list({ host: 'web.example', port: 22 }).map((each) => [each.key, each.state, each.replacedAt])]).toEqual([['BBBB'], [['BBBB', 'trusted', null], ['AAAA', 'replaced', '2026-11-26T00:00:01.000Z']]]);
  });
  test('that was revoked stays so when another is replaced', () => {
    keys.insert(key('AAAA', { state: 'revoked' }));
    keys.insert(key('BBBB'));
    keys.replace(key('CCCC'));
    expect(keys.known({ host: 'web.example', port: 22 }).filter((each) => each.revoked).map((each) => each.key)).toEqual(['AAAA']);
  });
  test('is not that of another machine with the same name behind another host', () => {
    keys.insert(key('AAAA', { viaId: 'gate' }));
    keys.insert(key('BBBB', { viaId: 'door' }));
    expect([null, 'gate', 'door'].map((viaId) => keys.known({ host: 'web.example', port: 22, viaId }).map((each) => each.key))).toEqual([[], ['AAAA'], ['BBBB']]);
  });
  test('that was revoked is so by every way and of every machine, and trusted nowhere', () => {
    keys.insert(key('AAAA', { viaId: 'gate' }));
    keys.insert(key('AAAA', { host: 'db.example' }));
    keys.revoke(key('AAAA', { state: 'revoked', at: now + 1000 }));
    const places = [{ host: 'web.example', port: 22, viaId: 'gate' }, { host: 'db.example', port: 22 }, { host: 'other.example', port: 2222 }];
    expect(places.map((place) => keys.known(place))).toEqual(places.map(() => [{ type: 'ssh-ed25519', key: 'AAAA', revoked: true }]));
  });
  test('is carried to another way, unless something is known there', () => {
    keys.insert(key('AAAA'));
    keys.insert(key('BBBB', { viaId: 'door' }));
    for (const viaId of ['gate', 'door']) keys.carry({ host: 'web.example', port: 22 }, { host: 'web.example', port: 22, viaId }, () => `${viaId}-1`);
    expect(['gate', 'door'].map((viaId) => keys.known({ host: 'web.example', port: 22, viaId }).map((each) => each.key))).toEqual([['AAAA'], ['BBBB']]);
  });
});
