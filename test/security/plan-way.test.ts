/** A plan of files is for the machine that it was made with: by its address, its account, its way, and every key on it. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Plan } from '#shared/contract/operations.ts';
import { systemPolicy } from '#shared/contract/systems.ts';
import { createFilesRoom } from '#engine/files/files-room.ts';
import type { Ports } from '#engine/ports.ts';
import { connectChain } from '#engine/ssh/chain.ts';
import { fingerprintOf } from '#engine/ssh/host-key.ts';
import { createHostRepository } from '#engine/store/host-repository.ts';
import { createTestEngine } from '#test/engine-parts.ts';
import { reachedBy } from '#test/far-shop.ts';
import { openFilesEngine, startFilesHost, whyNoFilesHost, type FilesEngine, type FilesHost } from '#test/files-host.ts';
import { freePort } from '#test/free-port.ts';
import { begin, endOf, runToEnd } from '#test/run-to-end.ts';
import { authorize, makeKey, startSshServer, type SshServer } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const missing = whyNoFilesHost();
let host: FilesHost;
let jump: SshServer;
let jumpKey: string;
let tree: string;
beforeAll(async () => {
  if (missing !== null) return;
  [host, jump] = await Promise.all([startFilesHost(), startSshServer()]);
  const key = makeKey(jump.folder);
  authorize(jump, key);
  jumpKey = join(jump.folder, 'ours');
  writeFileSync(jumpKey, key.privateKey, { mode: 0o600 });
  tree = join(host.ground, 'tree');
  mkdirSync(tree);
  writeFileSync(join(tree, 'a.conf'), 'a\n');
});
afterAll(() => Promise.all([host?.stop(), jump?.stop()]));

let at: FilesEngine;
let gate: string;
/** The host behind a bastion, with a copy of its files. */
async function open(ports: Partial<Ports> = {}): Promise<void> {
  at = await openFilesEngine(host, await temporaryFolder('plan-way'), ports);
  onTestFinished(() => at.engine.close());
  gate = (await at.client.call('host.add', { systemId: at.systemId, label: 'gate', connection: reachedBy(jump, jumpKey) })).host.id;
  for (const key of jump.knownKeys) await at.client.call('host.trustKey', { machine: { hostId: gate }, keyType: key.type, key: key.key, fingerprint: fingerprintOf(key) });
  await at.client.call('host.update', { hostId: at.hostId, connection: reachedBy(host.server, host.keyFile, gate) });
}
beforeEach((context) => {
  if (missing !== null) context.skip(missing);
});

/** A plan that reads files of the host, and one that writes some there. */
async function plans(): Promise<[Plan, Plan]> {
  const set = await at.add({ paths: [tree] });
  const { operation } = await at.backUp(set, 'L0');
  return [(await at.client.call('files.plan', { setId: set.id })).plan, (await at.client.call('files.planRestore', { backupId: operation.id, to: 'host' })).plan];
}
const codesOf = (made: readonly Plan[]): Promise<unknown[]> => Promise.all(made.map((plan) => begin(at.client, plan).catch((error: unknown) => (error as { code: string }).code)));
async function newKey(): Promise<{ keyType: string; key: string; fingerprint: string }> {
  const [type = '', key = ''] = makeKey(await temporaryFolder('keys')).publicKey.split(' ');
  return { keyType: type, key, fingerprint: fingerprintOf({ type, key }) };
}
const known = ({ knownKeys: [key] }: SshServer) => ({ keyType: key?.type ?? '', key: key?.key ?? '', fingerprint: fingerprintOf(key ?? { type: '', key: '' }) });

describe('a plan of files is refused as changed when, since then,', () => {
  const ofHost = () => reachedBy(host.server, host.keyFile, gate);
  test.each<[string, () => Promise<unknown>]>([
    ['its host has another port', async () => at.client.call('host.update', { hostId: at.hostId, connection: { ...ofHost(), port: await freePort() } })],
    ['its host is signed in to as another', () => at.client.call('host.update', { hostId: at.hostId, connection: { ...ofHost(), user: 'somebody' } })],
    ['its host is reached by another way', () => at.client.call('host.update', { hostId: at.hostId, connection: { ...ofHost(), viaId: null } })],
    ['a machine on its way has another port', async () => at.client.call('host.update', { hostId: gate, connection: { ...reachedBy(jump, jumpKey), port: await freePort() } })],
    ['the key of its host was replaced', async () => at.client.call('host.replaceKey', { machine: { hostId: at.hostId }, ...(await newKey()), confirmName: 'web-1' })],
    ['the key of a machine on its way was replaced', async () => at.client.call('host.replaceKey', { machine: { hostId: gate }, ...(await newKey()), confirmName: 'gate' })],
    ['the key of a machine on its way was revoked', () => at.client.call('host.revokeKey', { machine: { hostId: gate }, ...known(jump), confirmName: 'gate' })],
    ['its host was forgotten', () => at.client.call('host.remove', { hostId: at.hostId, confirmName: 'web-1' })],
  ])('%s', async (_what, change) => {
    await open();
    const made = await plans();
    await change();
    expect(await codesOf(made)).toEqual(['operation.plan-changed', 'operation.plan-changed']);
  });
  test('and not when a key was revoked that is of no machine on its way', async () => {
    await open();
    const made = await plans();
    await at.client.call('host.revokeKey', { machine: { host: 'other.example', port: 22 }, ...(await newKey()), confirmName: 'other.example' });
    expect([(await runToEnd(at.client, made[0])).state, (await runToEnd(at.client, made[1])).state]).toEqual(['succeeded', 'succeeded']);
  });
});

test('a host is neither led elsewhere nor forgotten while its files are read', async () => {
  const looked = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  onTestFinished(() => goOn.resolve());
  await open({
    async checkpoint(name) {
      if (name !== 'files:looked') return;
      looked.resolve();
      await goOn.promise;
    },
  });
  const set = await at.add({ paths: [tree] });
  const operationId = await begin(at.client, (await at.client.call('files.plan', { setId: set.id, options: { proof: 'L0' } })).plan);
  await looked.promise;
  const elsewhere = { ...reachedBy(host.server, host.keyFile, gate), user: 'somebody' };
  const busy = { code: 'operation.busy', details: { operationId } };
  await expect(at.client.call('host.update', { hostId: at.hostId, connection: elsewhere })).rejects.toMatchObject(busy);
  await expect(at.client.call('host.update', { hostId: gate, connection: { ...reachedBy(jump, jumpKey), user: 'somebody' } })).rejects.toMatchObject(busy);
  await expect(at.client.call('host.remove', { hostId: at.hostId, confirmName: 'web-1' })).rejects.toMatchObject(busy);
  await expect(at.client.call('system.remove', { systemId: at.systemId, confirmName: 'Far' })).rejects.toMatchObject(busy);
  goOn.resolve();
  expect((await endOf(at.client, operationId)).state).toBe('succeeded');
  await at.client.call('host.update', { hostId: at.hostId, connection: elsewhere });
});

test('a machine that shows another key than when it was planned, though it is trusted, is not read', async () => {
  const other = await startFilesHost();
  onTestFinished(() => other.stop());
  let server = host.server;
  const parts = createTestEngine({ root: await temporaryFolder('shown'), rooms: [(context) => createFilesRoom(context, { sudoPassword: async () => null })], connectHost: () => connectChain([server.hop()]) });
  const { context } = parts;
  onTestFinished(async () => {
    await context.hosts.close();
    await parts.close();
  });
  context.systems.insert({ id: 'shop', name: 'Shop', environment: 'development', policy: systemPolicy.parse({}), at: 0 });
  const { id: hostId } = createHostRepository(context.store).insert({ id: 'web', systemId: 'shop', label: 'web-1', connection: reachedBy(server, host.keyFile), at: 0 });
  const { set } = await parts.call('files.add', { hostId, name: 'configuration', paths: [tree] });
  const { plan } = await parts.call('files.plan', { setId: set.id });
  server = other.server;
  context.hosts.forget(hostId);
  expect((await parts.run(plan)).error?.code).toBe('ssh.host-key-changed');
});

test('what a folder that was brought here says of where it is from takes no protection from a host of production', async () => {
  await open();
  await at.client.call('system.update', { systemId: at.systemId, environment: 'production' });
  const { backup } = await at.backUp(await at.add({ paths: [tree] }), 'L0');
  const forged = join(dirname(backup?.path ?? ''), '2026-01-01T00-00-00Z');
  cpSync(backup?.path ?? '', forged, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(forged, 'manifest.json'), 'utf8')) as { id: string; system: { id: string; environment: string } };
  writeFileSync(join(forged, 'manifest.json'), JSON.stringify({ ...manifest, id: 'forged', system: { ...manifest.system, id: 'no-system-of-ours', environment: 'development' } }));
  for (const name of readdirSync(forged)) if (name === 'proofs.json') rmSync(join(forged, name));
  await at.client.call('files.scan', {});
  const { plan } = await at.client.call('files.planRestore', { backupId: 'forged', to: 'host' });
  expect([plan.runnable, plan.systemId, plan.environment, plan.confirmName]).toEqual([true, at.systemId, 'production', 'web-1']);
});
