import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { StreamItem } from '#shared/contract/index.ts';
import { createEngine, type Engine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom } from '#engine/ports.ts';
import { fingerprintOf } from '#engine/ssh/host-key.ts';
import { reachedBy } from '#test/far-shop.ts';
import { descendantsOf } from '#test/processes.ts';
import { authorize, makeKey, startSshServer, whyNoSshServer } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

let engine: Engine;
beforeEach(async () => {
  engine = await createEngine({ root: await temporaryFolder('power'), ports: { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' } });
  onTestFinished(() => engine.close());
});

test('a connection that nobody uses ends when this computer wakes', async (context) => {
  const missing = whyNoSshServer();
  if (missing !== null) return context.skip(missing);
  const server = await startSshServer();
  onTestFinished(() => server.stop());
  const folder = await temporaryFolder('power-key');
  const key = makeKey(folder);
  authorize(server, key);
  const keyFile = join(folder, 'key');
  writeFileSync(keyFile, key.privateKey, { mode: 0o600 });
  const client = engine.client('test');
  const { system } = await client.call('system.add', { name: 'Shop', environment: 'staging' });
  const { host } = await client.call('host.add', { systemId: system.id, label: 'web', connection: reachedBy(server, keyFile) });
  for (const known of server.knownKeys) await client.call('host.trustKey', { machine: { hostId: host.id }, keyType: known.type, key: known.key, fingerprint: fingerprintOf(known) });
  expect(await client.call('host.test', { hostId: host.id })).toMatchObject({ ok: true });
  const sessions = (): number => descendantsOf(server.pid).length;
  engine.power('suspend');
  expect(sessions()).toBeGreaterThan(0);
  engine.power('resume');
  await waitFor('the session there to end', () => sessions() === 0);
});

test('whoever looks at the console looks again when this computer wakes', async () => {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const seen: StreamItem<'changes.follow'>['topics'] = [];
  const following = (async () => {
    for await (const { topics } of engine.client('test').follow('changes.follow', {}, { signal: leaving.signal })) seen.push(...topics);
  })().catch((error: unknown) => expect(leaving.signal.aborted, String(error)).toBe(true));
  await waitFor('the screens to be told', () => {
    // It counts for whoever follows by then.
    engine.power('resume');
    return ['systems', 'health', 'backups', 'vault'].every((topic) => seen.some((each) => each === topic));
  });
  leaving.abort();
  await following;
});
