/** Databases as they are imported, on a whole engine: their passwords go where they belong, and nowhere else. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { EngineClient, MethodArgument } from '#shared/contract/index.ts';
import { Secret } from '#shared/domain/secret.ts';
import { createEngine } from '#engine/create-engine.ts';
import { silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { createVault } from '#engine/vault/index.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const canary = 'canary-of-an-import-83';
const passphrase = 'the passphrase of a test';
let home: string;
let root: string;
let client: EngineClient;
let systemId: string;
let logged: string[];

const line = (fields: Record<string, unknown>, message: string): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
const ports = (): Ports => ({ clock: systemClock, random: systemRandom, logger: { info: line, warn: line, error: line }, keyWrapping: null, notifier: silentNotifier, host: 'test' });

beforeEach(async () => {
  logged = [];
  home = await temporaryFolder('import-databases-home');
  root = await temporaryFolder('import-databases');
  vi.stubEnv('HOME', home);
  await createVault({ folder: root, ports: ports(), scrubber: { register: () => {} }, cost: { N: 2 ** 14, r: 8, p: 1 } }).create(new Secret(passphrase));
  const engine = await createEngine({ root, ports: ports() });
  onTestFinished(() => engine.close());
  client = engine.client('console');
  systemId = (await client.call('system.add', { name: 'Shop', environment: 'staging' })).system.id;
});

type Source = Omit<MethodArgument<'import.previewDatabases'>, 'systemId'>;
const preview = (source: Source = {}) => client.call('import.previewDatabases', { systemId, ...source });
async function take(source: Source, more: { passwordsTo?: 'vault' | 'ask' } = {}) {
  const shown = await preview(source);
  return client.call('import.applyDatabases', { systemId, ...source, ...more, previewHash: shown.previewHash, items: shown.databases.filter(({ state }) => state === 'new').map(({ id }) => id) });
}
const databases = async () => (await client.call('system.get', { systemId })).system.databases;
const url = `postgres://ann:${canary}@127.0.0.1:1/shop`;

/** Everything that is written in the data folder. */
function everythingWritten(folder = root): string {
  return readdirSync(folder).map((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return everythingWritten(path);
    return statSync(path).isFile() ? readFileSync(path, 'latin1') : '';
  }).join('\n');
}

describe('a password that stands in a pasted address', () => {
  test('goes into the open vault, and a test sends it', async () => {
    await client.call('vault.unlock', { passphrase });
    const { added } = await take({ text: url }, { passwordsTo: 'vault' });
    expect(added[0]?.connection.password).toEqual({ source: 'vault' });
    // Nobody answers there: had the password not been found, that would have been said first.
    expect((await client.call('database.test', { databaseId: added[0]?.id ?? '' })).error?.code).toBe('postgres.refused');
  });
  test('is kept in memory where it is to be asked for', async () => {
    const { added } = await take({ text: url }, { passwordsTo: 'ask' });
    expect([added[0]?.connection.password, (await client.call('database.test', { databaseId: added[0]?.id ?? '' })).error?.code]).toEqual([{ source: 'ask' }, 'postgres.refused']);
  });
  test('adds nothing where the vault is locked', async () => {
    await expect(take({ text: url }, { passwordsTo: 'vault' })).rejects.toMatchObject({ code: 'vault.locked' });
    expect(await databases()).toEqual([]);
  });
  test('adds nothing where the vault cannot be written', async () => {
    await client.call('vault.unlock', { passphrase });
    // What is to be written over is a folder with something in it, which nobody can write over: not root either.
    rmSync(join(root, 'vault.json'));
    mkdirSync(join(root, 'vault.json', 'something'), { recursive: true });
    await expect(take({ text: `${url}\npostgres://bob@127.0.0.1:1/stock` }, { passwordsTo: 'vault' })).rejects.toThrow();
    expect(await databases()).toEqual([]);
  });
  test('is in no answer, in no log, in no file and in no history', async () => {
    await client.call('vault.unlock', { passphrase });
    writeFileSync(join(home, '.pgpass'), `db:5432:stock:bob:${canary}\n`, { mode: 0o600 });
    writeFileSync(join(home, '.pg_service.conf'), `[service]\nhost=127.0.0.1\nport=1\nuser=eve\npassword=${canary}\n`);
    const answers = [await preview(), await preview({ text: `${url}\n${canary}\nmysql://x:${canary}@y` }), await take({}, { passwordsTo: 'vault' }), await take({ text: url })];
    const refused = await client.call('import.applyDatabases', { systemId, text: url, items: [canary], previewHash: '0'.repeat(64) }).catch((error: unknown) => error);
    for (const { id } of await databases()) answers.push((await client.call('database.test', { databaseId: id })) as never);
    const history = await client.call('history.search', { text: 'canary' });
    expect([JSON.stringify([answers, refused, history]), logged.join('\n'), everythingWritten()].map((text) => text.includes(canary))).toEqual([false, false, false]);
    expect(await databases()).toHaveLength(3);
  });
});

describe('nothing is added', () => {
  test('where the file changed since it was shown, be it in a password only', async () => {
    const passfile = join(home, 'passfile');
    writeFileSync(passfile, 'db:5432:shop:ann:one\n', { mode: 0o600 });
    const { previewHash, databases: shown } = await preview({ passfilePath: passfile });
    writeFileSync(passfile, 'db:5432:shop:ann:two\n', { mode: 0o600 });
    await expect(client.call('import.applyDatabases', { systemId, passfilePath: passfile, previewHash, items: shown.map(({ id }) => id) })).rejects.toMatchObject({ code: 'operation.plan-changed' });
    expect(await databases()).toEqual([]);
  });
  test('of what is here already, or is no database', async () => {
    const text = 'postgres://ann@db/shop';
    await take({ text });
    const again = await preview({ text });
    expect(again.databases.map(({ state }) => state)).toEqual(['known']);
    await expect(client.call('import.applyDatabases', { systemId, text, previewHash: again.previewHash, items: ['text:1'] })).rejects.toMatchObject({ code: 'contract.invalid-input', message: expect.stringContaining('It is here as shop') as string });
  });
  test('through a host that is gone', async () => {
    await expect(preview({ text: url, viaId: 'nobody' })).rejects.toMatchObject({ code: 'store.not-found' });
  });
});

test('a database is reached through the host that was chosen, and is another one than that which is reached directly', async () => {
  const { host } = await client.call('host.add', { systemId, label: 'gate', connection: { host: 'gate', port: 22, user: 'ann', signIn: { keys: [], agent: true, password: { source: 'none' } }, viaId: null } });
  const text = 'postgres://ann@localhost/shop';
  await take({ text });
  const { added } = await take({ text, viaId: host.id });
  expect([added[0]?.connection.viaId, (await databases()).length]).toEqual([host.id, 2]);
});
