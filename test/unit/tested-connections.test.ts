import { expect, test } from 'vitest';
import { fromHere, type DatabaseConnection } from '#shared/contract/systems.ts';
import { createTestedConnections } from '#engine/systems/tested-connections.ts';

const shop: DatabaseConnection = { host: '127.0.0.1', port: 5432, database: 'shop', user: 'ann', tls: { mode: 'disable', ca: null }, password: { source: 'vault' }, ...fromHere };
const sighting = { systemIdentifier: '7300000000000000000', serverVersion: '15.19', serverVersionNum: 150_019, sizeBytes: null };
const minute = 60_000;

test.each([
  ['is known when it is added', shop, ['gate'], 9 * minute, { sighting, at: 0 }],
  ['says nothing of another database', { ...shop, database: 'site' }, ['gate'], 0, null],
  ['says nothing of the same over another way', shop, ['other gate'], 0, null],
  ['says nothing any more when it was long ago', shop, ['gate'], 11 * minute, null],
])('what a test of a connection has met %s', (_what, connection, way, later, expected) => {
  let now = 0;
  const tested = createTestedConnections({ now: () => now });
  tested.keep({ connection: shop, way: ['gate'], sighting });
  now = later;
  const found = tested.find(connection, way);
  expect(found === null ? null : { sighting: found.sighting, at: found.at }).toEqual(expected);
});
