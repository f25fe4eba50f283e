import { expect, test } from 'vitest';
import { failingOn, wayTo } from '#shared/domain/host-way.ts';

const machine = (id: string, viaId: string | null, lastError: string | null = null) => ({ id, connection: { viaId }, lastError });

test('the way to a host is every machine on it in the order of connecting, itself last', () => {
  const hosts = [machine('db', 'gate'), machine('gate', 'door'), machine('door', null), machine('other', null)];
  expect([wayTo(hosts, 'db').map(({ id }) => id), wayTo(hosts, 'nothing'), wayTo(hosts, null)]).toEqual([['door', 'gate', 'db'], [], []]);
});

test('the first machine that fails keeps one from all behind it', () => {
  const hosts = [machine('db', 'gate', 'refused'), machine('gate', null, 'away'), machine('near', null)];
  expect([failingOn(wayTo(hosts, 'db'))?.id, failingOn(wayTo(hosts, 'near'))]).toEqual(['gate', null]);
});
