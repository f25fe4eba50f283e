/** Backups by the programs of the host: streamed here, proved, restored, and stopped at any moment. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { DatabaseConnection } from '#shared/contract/systems.ts';
import { fingerprintOf } from '#engine/ssh/host-key.ts';
import { addFarDatabase, bySocket, createFarShop, lockTable, reachedBy } from '#test/far-shop.ts';
import { setFarEngine, setFarPlace } from '#test/far-stage.ts';
import { startPostgres } from '#test/postgres-server.ts';
import { processesMatching } from '#test/processes.ts';
import { recordingProgram } from '#test/recording-program.ts';
import { begin, endOf, runToEnd } from '#test/run-to-end.ts';
import { authorize, cutConnections, startSshServer, whyNoSshServer } from '#test/ssh-server.ts';
import { unprivilegedUser } from '#test/unprivileged-user.ts';
import { waitFor } from '#test/wait-for.ts';

const place = setFarPlace();
const far = setFarEngine(place);

const ofHost: DatabaseConnection['tools'] = { where: 'host', access: { kind: 'plain' }, connect: null };
/** Unfinished backups here; private folders and jobs there. */
const leftHere = (): string[] => (existsSync(far.engine.home.backups) ? readdirSync(far.engine.home.backups, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.partial')) : []);
const leftThere = (): string[] => [...readdirSync('/dev/shm'), ...readdirSync(join(place.host.folder, 'home'))].filter((name) => name.startsWith('.pilothouse'));
const backUp = async (databaseId: string, options: Record<string, unknown> = {}) => {
  const { plan } = await far.client.call('backup.plan', { databaseId, options: { format: 'custom', jobs: 1, ...options } });
  return { plan, operation: await runToEnd(far.client, plan) };
};

describe('by the programs of the host', () => {
  test.each([['by its port, with a password', {}], ['by its socket', 'socket']] as const)('a database reached %s is streamed here, restored and counted', async (_way, changes) => {
    const databaseId = await addFarDatabase(far, place, 'shop', { ...(changes === 'socket' ? bySocket(place) : {}), tools: ofHost });
    const { plan, operation } = await backUp(databaseId);
    expect([operation.state, operation.error, operation.result?.['proof'], plan.steps.find(({ id }) => id === 'dump')?.detail?.startsWith('db-1: ')]).toEqual(['succeeded', null, 'L3', true]);
    const { backups } = await far.client.call('backup.list', {});
    expect(readFileSync(join(backups[0]?.path ?? '', 'globals.sql'), 'utf8')).toContain('CREATE ROLE');
  });
});

test('what the account of the host has in its environment leads its programs to no other server', async () => {
  const profile = join(place.host.folder, 'home', '.bashrc');
  writeFileSync(profile, 'export PGHOSTADDR=127.0.0.77 PGPASSWORD=another PGSSLCRLDIR=/nowhere PGDATABASE=other\n');
  onTestFinished(() => rmSync(profile));
  const databaseId = await addFarDatabase(far, place, 'shop', { tools: ofHost });
  const { operation } = await backUp(databaseId, { proof: 'L1' });
  expect([operation.state, operation.error]).toEqual(['succeeded', null]);
});

describe('the programs of the host are reached', () => {
  const programs = () => join(place.host.folder, 'programs');
  beforeAll(() => void (whyNoSshServer() === null && writeFileSync(join(place.host.folder, 'home', '.bashrc'), `export PATH="${programs()}:$PATH"\n`)));

  test.each([
    ['in a container', 'docker', 3, { kind: 'docker', container: 'shop-db-1' }, ['exec', '-i', 'shop-db-1']],
    ['in a pod', 'kubectl', 5, { kind: 'kubectl', namespace: 'shop', pod: 'db-0', container: null }, ['exec', '-i', '-n', 'shop', 'db-0', '--']],
    ['in a container of a pod', 'kubectl', 7, { kind: 'kubectl', namespace: null, pod: 'db-0', container: 'postgres' }, ['exec', '-i', 'db-0', '-c', 'postgres', '--']],
  ] as const)('%s (a stand-in that records how it was called)', async (_name, program, _skips, access, prefix) => {
    const recorded = recordingProgram(programs(), program, prefix.length);
    const databaseId = await addFarDatabase(far, place, 'shop', { tools: { where: 'host', access, connect: { host: place.sockets, port: place.postgres.port, user: 'postgres' } } });
    const { operation } = await backUp(databaseId, { proof: 'L2' });
    expect([operation.state, operation.error]).toEqual(['succeeded', null]);
    expect(recorded.calls().length).toBeGreaterThan(2);
    expect(recorded.calls().every((call) => JSON.stringify(call.slice(0, prefix.length)) === JSON.stringify(prefix) && call[prefix.length] === '/bin/sh')).toBe(true);
  });
  test('as another account by sudo, for which its own socket needs no password', async (context) => {
    const account = unprivilegedUser();
    if (account === null) return context.skip('these tests run as root, who may become the account of the server');
    const databaseId = await addFarDatabase(far, place, 'shop', { tools: { where: 'host', access: { kind: 'sudo', user: account.name }, connect: { host: place.sockets, port: place.postgres.port, user: 'postgres' } } });
    const { operation, plan } = await backUp(databaseId, { proof: 'L2' });
    expect([operation.state, operation.error, plan.steps.find(({ id }) => id === 'dump')?.detail?.startsWith(`db-1 as ${account.name}: sudo -n -u ${account.name} `)]).toEqual(['succeeded', null, true]);
  });
  test('where the host is another one from now on they are looked for there', async () => {
    const [before, after] = [recordingProgram(programs(), 'docker', 3), await startSshServer()] as const;
    onTestFinished(() => after.stop());
    const there = join(after.folder, 'programs');
    writeFileSync(join(after.folder, 'home', '.bashrc'), `export PATH="${there}:$PATH"\n`);
    authorize(after, { privateKey: '', publicKey: execFileSync('ssh-keygen', ['-y', '-f', place.keyFiles.host], { encoding: 'utf8' }).trim() });
    const asked = recordingProgram(there, 'docker', 3);
    const databaseId = await addFarDatabase(far, place, 'shop', { tools: { where: 'host', access: { kind: 'docker', container: 'shop-db-1' }, connect: { host: place.sockets, port: place.postgres.port, user: 'postgres' } } });
    await far.client.call('backup.plan', { databaseId, options: { format: 'custom' } });
    const calls = [before.calls().length, asked.calls().length];
    await far.client.call('host.update', { hostId: far.hostId, connection: reachedBy(after, place.keyFiles.host, far.bastionId) });
    const [key] = after.knownKeys;
    await far.client.call('host.trustKey', { machine: { hostId: far.hostId }, keyType: key?.type ?? '', key: key?.key ?? '', fingerprint: fingerprintOf(key ?? { type: '', key: '' }) });
    // What was typed for the one before is not told to another.
    await far.client.call('database.unlock', { databaseId, password: place.postgres.password });
    await far.client.call('backup.plan', { databaseId, options: { format: 'custom' } });
    // The look that follows on adding the database may look for them as well.
    expect([(calls[0] ?? 0) > 0, calls[1], asked.calls().length > 0]).toEqual([true, 0, true]);
  });
  test('or that they are not is said with the cure', async () => {
    rmSync(programs(), { recursive: true, force: true });
    const databaseId = await addFarDatabase(far, place, 'shop', { tools: { where: 'host', access: { kind: 'docker', container: 'shop-db-1' }, connect: null } });
    const tested = await far.client.call('database.test', { databaseId });
    expect([tested.ok, tested.tools?.error]).toMatchObject([true, { code: 'postgres.tool-missing', message: expect.stringContaining('the container shop-db-1 on db-1') as string, hint: expect.stringContaining('docker ps') as string }]);
    const { plan } = await far.client.call('backup.plan', { databaseId, options: { format: 'custom' } });
    expect([plan.runnable, plan.findings.some(({ state, title }) => state === 'critical' && title.includes('shop-db-1'))]).toEqual([false, true]);
  });
});

describe('what is backed up by the programs of the host', () => {
  const dumpProcesses = () => processesMatching('pg_dump').filter(({ commandLine }) => commandLine.includes(String(place.postgres.port)));

  test('is cancelled on both sides', async () => {
    const databaseId = await addFarDatabase(far, place, 'shop', { tools: ofHost });
    const { plan } = await far.client.call('backup.plan', { databaseId, options: { format: 'custom', proof: 'L1' } });
    const lock = await lockTable(place, 'shop', 'orders');
    onTestFinished(() => lock.release());
    const operationId = await begin(far.client, plan);
    await waitFor('the dump to begin there', () => dumpProcesses().length > 0);
    await far.client.call('operation.cancel', { operationId });
    const operation = await endOf(far.client, operationId);
    expect([operation.state, dumpProcesses(), leftHere(), leftThere()]).toEqual(['cancelled', [], [], []]);
  });
  test('is not there when the host was lost meanwhile', async () => {
    const databaseId = await addFarDatabase(far, place, 'shop', { tools: ofHost });
    const { plan } = await far.client.call('backup.plan', { databaseId, options: { format: 'custom', proof: 'L1' } });
    const lock = await lockTable(place, 'shop', 'orders');
    onTestFinished(() => lock.release());
    const operationId = await begin(far.client, plan);
    await waitFor('the dump to begin there', () => dumpProcesses().length > 0);
    cutConnections(place.host);
    const operation = await endOf(far.client, operationId);
    expect([operation.state, operation.error?.code.endsWith('connection-lost'), leftHere()]).toEqual(['failed', true, []]);
    expect(operation.error?.hint).toBe('Check the line and the server, then back up again. What was written of this one was removed. What worked for it on db-1 ends with the line.');
    await waitFor('nothing to be left there', () => dumpProcesses().length === 0 && leftThere().length === 0);
  });
  test('is refused where they meet another cluster than we do', async () => {
    const other = await startPostgres({ major: 15, ownIdentity: true, hba: ['host all all 127.0.0.1/32 trust'] });
    onTestFinished(() => other.stop());
    await other.query('CREATE DATABASE shop');
    const databaseId = await addFarDatabase(far, place, 'shop', { tools: { where: 'host', access: { kind: 'plain' }, connect: { host: '127.0.0.1', port: other.port, user: 'postgres' } } });
    const { operation } = await backUp(databaseId, { proof: 'L1' });
    expect([operation.state, operation.error?.code, leftHere(), (await far.client.call('backup.list', {})).backups]).toEqual(['failed', 'backup.dump-failed', [], []]);
  });
  test('can be restored beside on its server, swapped in and taken back', async () => {
    await createFarShop(place, 'live');
    const databaseId = await addFarDatabase(far, place, 'live', { tools: ofHost });
    await backUp(databaseId);
    const [backup] = (await far.client.call('backup.list', {})).backups;
    await place.postgres.query('DELETE FROM orders', [], { database: 'live' });
    const { plan } = await far.client.call('restore.plan', { backupId: backup?.id ?? '', databaseId, jobs: 2 });
    const restored = await runToEnd(far.client, plan);
    expect([restored.state, restored.error]).toEqual(['succeeded', null]);
    const restoreId = String(restored.result?.['restoreId']);
    const swapped = await runToEnd(far.client, (await far.client.call('restore.planSwap', { restoreId })).plan);
    expect([swapped.state, swapped.error]).toEqual(['succeeded', null]);
    expect(await place.postgres.query('SELECT count(*)::int AS orders FROM orders', [], { database: 'live' })).toEqual([{ orders: 3000 }]);
    const undone = await runToEnd(far.client, (await far.client.call('restore.planUndo', { restoreId })).plan);
    expect([undone.state, await place.postgres.query('SELECT count(*)::int AS orders FROM orders', [], { database: 'live' })]).toEqual(['succeeded', [{ orders: 0 }]]);
  });
  test('is proved on another server that is managed here', async () => {
    const spare = await startPostgres({ major: 15, ownIdentity: true });
    onTestFinished(() => spare.stop());
    const databaseId = await addFarDatabase(far, place, 'shop', { tools: ofHost });
    await backUp(databaseId, { proof: 'L1' });
    const [backup] = (await far.client.call('backup.list', {})).backups;
    const { database } = await far.client.call('database.add', { systemId: far.systemId, connection: { host: '127.0.0.1', port: spare.port, database: 'postgres', user: 'postgres', tls: { mode: 'disable' }, password: { source: 'ask' } }, password: spare.password });
    const { plan } = await far.client.call('backup.planVerify', { backupId: backup?.id ?? '', level: 'L3', databaseId: database.id });
    const verified = await runToEnd(far.client, plan);
    expect([verified.state, verified.error, (await far.client.call('backup.get', { backupId: backup?.id ?? '' })).proofs.find(({ level }) => level === 'L3')?.where]).toEqual(['succeeded', null, `postgres on 127.0.0.1:${spare.port}`]);
    expect(await spare.query("SELECT datname FROM pg_database WHERE datname LIKE 'pilothouse%'")).toEqual([]);
  });
});
