import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { EngineClient } from '#shared/contract/index.ts';
import { fromHere, type DatabaseConnection } from '#shared/contract/systems.ts';
import { Secret } from '#shared/domain/secret.ts';
import { createEngine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { createVault } from '#engine/vault/index.ts';
import { startEchoingServer } from '#test/echoing-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const passphrase = 'correct horse';
const password = 'canary-of-ann-22';
const ports: Ports = { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' };

let root: string;
let client: EngineClient;
let first: { port: number; received: string[] };
let second: { port: number; received: string[] };

const at = (port: number, source: 'vault' | 'ask' = 'vault'): DatabaseConnection => ({ host: '127.0.0.1', port, database: 'shop', user: 'ann', tls: { mode: 'disable', ca: null }, password: { source }, ...fromHere });
const add = async (connection: DatabaseConnection) => {
  const [known] = (await client.call('system.list', {})).systems;
  const systemId = known?.id ?? (await client.call('system.add', { name: 'Shop', environment: 'staging' })).system.id;
  return (await client.call('database.add', { systemId, connection, password })).database.id;
};

beforeEach(async () => {
  root = await temporaryFolder('passwords');
  // The engine's own vault would take half a second to open each time.
  await createVault({ folder: root, ports, scrubber: { register: () => {} }, cost: { N: 2 ** 14, r: 8, p: 1 } }).create(new Secret(passphrase));
  const engine = await createEngine({ root, ports });
  onTestFinished(() => engine.close());
  client = engine.client('test');
  await client.call('vault.unlock', { passphrase });
  [first, second] = await Promise.all([startEchoingServer(), startEchoingServer()]);
});

describe('a password that was typed for one server', () => {
  test('goes there', async () => {
    await add(at(first.port));
    await waitFor('the server to be told', () => first.received.includes(password));
  });
  test('never goes to another, though the vault was locked when the server was changed', async () => {
    const databaseId = await add(at(first.port));
    await client.call('vault.lock', {});
    await client.call('database.update', { databaseId, connection: at(second.port) });
    await client.call('vault.unlock', { passphrase });
    expect((await client.call('database.test', { databaseId })).error?.code).toBe('postgres.password-needed');
    expect(second.received).toEqual([]);
  });
  test('never goes to another role, either', async () => {
    const databaseId = await add(at(first.port));
    await client.call('vault.lock', {});
    await client.call('database.update', { databaseId, connection: { ...at(first.port), user: 'bob' } });
    await client.call('vault.unlock', { passphrase });
    expect((await client.call('database.test', { databaseId })).error?.code).toBe('postgres.password-needed');
  });
  test('never goes to another, though the vault could not be written when the server was changed', async () => {
    const databaseId = await add(at(first.port));
    const blocked = join(root, 'vault.json');
    const kept = readFileSync(blocked);
    rmSync(blocked);
    mkdirSync(join(blocked, 'in the way'), { recursive: true }); // Nothing can be renamed onto a folder.
    await client.call('database.update', { databaseId, connection: at(second.port) });
    expect(kept.includes(databaseId)).toBe(true);
    expect((await client.call('database.test', { databaseId })).error?.code).toBe('postgres.password-needed');
    expect(second.received).toEqual([]);
  });
  test('never goes to another, where it is kept only in memory', async () => {
    const databaseId = await add(at(first.port, 'ask'));
    await client.call('database.update', { databaseId, connection: at(second.port, 'ask') });
    expect((await client.call('database.test', { databaseId })).error).toMatchObject({ code: 'postgres.password-needed', details: { databaseId } });
    expect(second.received).toEqual([]);
  });
  test('leaves the vault when the database asks for it from now on', async () => {
    const databaseId = await add(at(first.port));
    await client.call('database.update', { databaseId, connection: at(first.port, 'ask') });
    expect((await client.call('vault.status', {})).records).toBe(0);
  });
});

describe('a server that repeats the password in its refusal', () => {
  test('puts it into no answer and no file', async () => {
    const databaseId = await add(at(first.port));
    const answers = [await client.call('database.test', { databaseId }), await client.call('database.test', { connection: at(first.port), password }), await client.call('system.list', {}), await client.call('overview.get', {})];
    expect(first.received.length).toBeGreaterThan(0);
    expect(answers[0]).toMatchObject({ error: { code: 'postgres.authentication', details: { serverMessage: 'password "[redacted]" is not right' } } });
    expect(JSON.stringify(answers)).not.toContain(password);
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    expect(files.filter((file) => readFileSync(file).includes(password))).toEqual([]);
  });
});

describe('a database that is reached in another way', () => {
  test('is looked at again, and what the old way met is forgotten', async () => {
    const databaseId = await add(at(first.port));
    const shown = async () => (await client.call('system.list', {})).systems[0]?.databases[0]?.lastError ?? null;
    await waitFor('the first look to be over', async () => (await shown()) !== null);
    const { database } = await client.call('database.update', { databaseId, connection: { ...at(second.port), user: 'bob' }, password });
    expect(database.lastError).toBeNull();
    await waitFor('the new server to be looked at', async () => (await shown())?.details['user'] === 'bob');
    expect(second.received).toEqual([password]);
  });
  test('is not half added when its password cannot be kept', async () => {
    const blocked = join(root, 'vault.json');
    rmSync(blocked);
    mkdirSync(join(blocked, 'in the way'), { recursive: true });
    await expect(add(at(first.port))).rejects.toMatchObject({ code: 'store.unwritable' });
    expect((await client.call('system.list', {})).systems[0]?.databases).toEqual([]);
  });
});
