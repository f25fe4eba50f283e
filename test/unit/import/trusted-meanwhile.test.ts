/** What was decided about the key of a host between the look at an import and the import itself. */
import { expect, onTestFinished, test } from 'vitest';
import { systemPolicy } from '#shared/contract/systems.ts';
import { applyHosts } from '#engine/import/apply-hosts.ts';
import type { HostItem } from '#engine/import/compare-hosts.ts';
import { silentLogger, systemClock, systemRandom } from '#engine/ports.ts';
import { openDatabase } from '#engine/store/database.ts';
import { createHostKeyRepository } from '#engine/store/host-key-repository.ts';
import { createHostRepository } from '#engine/store/host-repository.ts';
import { createOperationRepository } from '#engine/store/operation-repository.ts';
import { createSystemRepository } from '#engine/store/system-repository.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const place = { host: 'web.example', port: 22, viaId: null };
const found = (key: string) => ({ type: 'ssh-ed25519', key, fingerprint: `SHA256:${key}`, file: 'known_hosts', line: 1, state: 'new' as const, reason: null });

/** @param decided what a person decided of a key meanwhile. @returns whom one takes for the host after that, and what was left out */
async function importAfter(decided: { key: string; state: 'trusted' | 'revoked' } | null, keys: string[]): Promise<{ trusted: string[]; skipped: string[] }> {
  const root = await temporaryFolder('meanwhile');
  const store = openDatabase(root, root, 0);
  onTestFinished(() => void store.close());
  createSystemRepository(store).insert({ id: 'shop', name: 'Shop', environment: 'production', policy: systemPolicy.parse({}), at: 0 });
  const hostKeys = createHostKeyRepository(store);
  if (decided !== null) hostKeys[decided.state === 'trusted' ? 'insert' : 'revoke']({ ...place, ...decided, id: 'k', type: 'ssh-ed25519', source: 'compared', by: 'ann', at: 0 });
  const connection = { host: place.host, port: place.port, user: 'ann', signIn: { keys: [], agent: true, password: { source: 'none' as const } } };
  const item = { shown: { id: 'web', label: 'web', state: 'new', reasons: [] }, connection, via: null, here: null, keys: keys.map(found) } as unknown as HostItem;
  const { answer } = applyHosts('shop', [item], [item], 'ann', { ports: { random: systemRandom, clock: systemClock, logger: silentLogger }, hosts: createHostRepository(store), hostKeys, operations: createOperationRepository(store), transaction: (work) => store.transaction(work)() });
  return { trusted: hostKeys.trusted(place).map(({ key }) => key).sort(), skipped: answer.skipped.map(({ reason }) => reason) };
}

test('another key that was trusted meanwhile stays the only one', async () => {
  expect(await importAfter({ key: 'AAAA', state: 'trusted' }, ['BBBB'])).toEqual({ trusted: ['AAAA'], skipped: ['Another key was trusted here meanwhile. It is replaced only by a person who has compared both.'] });
});
test('a key that was revoked meanwhile is not trusted', async () => {
  expect(await importAfter({ key: 'BBBB', state: 'revoked' }, ['BBBB'])).toEqual({ trusted: [], skipped: ['It was revoked here meanwhile.'] });
});
test('all keys of a host of which nothing was decided are taken', async () => {
  expect(await importAfter(null, ['AAAA', 'BBBB'])).toEqual({ trusted: ['AAAA', 'BBBB'], skipped: [] });
});
