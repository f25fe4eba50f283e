/** Secrets that are easy to find, through everything that stands; then every place where they must not be is searched. */
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createClient } from '#shared/contract/client.ts';
import type { EngineClient } from '#shared/contract/index.ts';
import type { Operation, Plan } from '#shared/contract/operations.ts';
import { command } from '#test/command-line.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { startConsole } from '#test/processes-of-ours.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { browserHeaders } from '#test/transports.ts';

const canaries: Record<string, string> = {
  'the password of the database': `canary-pass'wörd" %41&-${process.pid}`,
  'a wrong password': 'canary-wrong-password-77',
  'a password in a pasted address': 'canary-pasted-password-88',
  'the passphrase': 'canary passphrase one of the vault',
  'the new passphrase': 'canary passphrase two of the vault',
  'a wrong passphrase': 'canary passphrase that is wrong',
};
const secret = (name: string): string => canaries[name] ?? '';

/** The ways a secret may be written that nobody would call encrypted. */
function formsOf(value: string): string[] {
  return [value, encodeURIComponent(value), Buffer.from(value).toString('base64').replace(/=+$/, ''), Buffer.from(value).toString('hex'), JSON.stringify(value).slice(1, -1), value.replaceAll("'", "''")];
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** What a file of another engine holds, which may be removing it just now. */
function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

/** Adds the command lines and environments of every process but this one, which holds the canaries in its source. */
function lookAtProcesses(seen: Set<string>): void {
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    for (const file of ['cmdline', 'environ']) {
      try {
        seen.add(readFileSync(`/proc/${pid}/${file}`, 'utf8'));
      } catch {
        continue; // It ended meanwhile, or is not ours to read.
      }
    }
  }
}

let home: string;
let server: PostgresServer;
const wire: string[] = [];
const processes = new Set<string>();
let said = '';
let address: URL;
/** Files of the person's own, outside the data folder, that hold secrets on purpose. */
let files: string;
/** Whether a password got through, by where it came from. */
const ways: Record<string, boolean> = {};
const operations: Operation[] = [];

async function openClient(link: URL): Promise<EngineClient & { close(): void }> {
  const response = await fetch(new URL('/api/session', link), { method: 'POST', headers: browserHeaders(link.origin), body: JSON.stringify({ token: link.hash.slice('#token='.length) }) });
  const { session } = (await response.json()) as { session: string };
  canaries['the session'] = session;
  canaries['the one-time token'] = link.hash.slice('#token='.length);
  const socket = new WebSocket(`ws://${link.host}/api/socket`, { origin: link.origin });
  await once(socket, 'open');
  socket.send(JSON.stringify({ session }));
  return createClient({
    send: (text) => socket.send(text),
    onMessage: (listener) =>
      void socket.on('message', (data) => {
        const text = (data as Buffer).toString('utf8');
        wire.push(text);
        listener(text);
      }),
    onClose: (listener) => void socket.on('close', listener),
    close: () => socket.close(),
  });
}

function ownFile(name: string, text: string): string {
  const file = join(files, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

/** Everything that can be done, by one person. */
async function useEverything(client: EngineClient): Promise<void> {
  const run = async (plan: Plan): Promise<Operation> => {
    const { operationId } = await client.call('operation.run', { planId: plan.id, token: plan.token, ...(plan.confirmName === null ? {} : { confirmName: plan.confirmName }) });
    for await (const item of client.follow('operation.follow', { operationId })) void item;
    return (await client.call('operation.get', { operationId })).operation;
  };
  const mayFail = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

  await client.call('vault.create', { passphrase: secret('the passphrase') });
  const { system } = await client.call('system.add', { name: 'Shop', environment: 'staging' });
  const connection = { host: '127.0.0.1', port: server.port, database: 'shop', user: 'ann', tls: { mode: 'prefer' as const }, password: { source: 'vault' as const } };
  await mayFail(client.call('database.test', { connection, password: secret('a wrong password') }));
  await mayFail(client.call('database.parseUrl', { text: `postgres://ann:${secret('a password in a pasted address')}@127.0.0.1/shop?sslmode=prefer&nonsense=1` }));
  await mayFail(client.call('database.parseUrl', { text: `postgres://ann:${secret('a password in a pasted address')}@[broken/shop` }));
  const { database } = await client.call('database.add', { systemId: system.id, connection, password: secret('the password of the database') });
  await client.call('database.test', { databaseId: database.id });
  const { system: other } = await client.call('system.add', { name: 'Other ways', environment: 'development' });
  for (const password of [{ source: 'ask' as const }, { source: 'passfile' as const, path: ownFile('passfile', `127.0.0.1:*:*:ann:${secret('the password of the database').replace(/[:\\]/g, '\\$&')}\n`) }]) {
    const added = await client.call('database.add', { systemId: other.id, label: password.source, connection: { ...connection, password }, ...(password.source === 'ask' ? { password: secret('the password of the database') } : {}) });
    ways[password.source] = (await client.call('database.test', { databaseId: added.database.id })).ok;
  }
  await client.call('vault.lock', {});
  await mayFail(client.call('database.test', { databaseId: database.id }));
  await mayFail(client.call('vault.unlock', { passphrase: secret('a wrong passphrase') }));
  await client.call('vault.unlock', { passphrase: secret('the passphrase') });
  await client.call('vault.changePassphrase', { current: secret('the passphrase'), next: secret('the new passphrase') });

  operations.push(await run((await client.call('health.plan', { systemId: system.id })).plan));
  const backup = await run((await client.call('backup.plan', { databaseId: database.id, options: { proof: 'L3' } })).plan);
  operations.push(backup);
  const backupId = String(backup.result?.['backupId']);
  operations.push(await run((await client.call('backup.planVerify', { backupId, level: 'L3' })).plan));
  const restored = await run((await client.call('restore.plan', { backupId })).plan);
  operations.push(restored);
  const restoreId = String(restored.result?.['restoreId']);
  operations.push(await run((await client.call('restore.planSwap', { restoreId })).plan));
  operations.push(await run((await client.call('restore.planUndo', { restoreId })).plan));
  operations.push(await run((await client.call('restore.planDrop', { restoreId, which: 'restored' })).plan));

  for (const text of ['canary', secret('the password of the database'), '']) {
    await mayFail(client.call('history.search', { text }));
    await mayFail(client.call('history.export', { text, format: 'json' }));
    await mayFail(client.call('history.export', { text, format: 'markdown' }));
  }
  for (const method of ['overview.get', 'system.list', 'operation.list', 'backup.list', 'restore.list', 'settings.get', 'vault.status', 'app.about', 'backup.scan', 'store.backup', 'store.export', 'store.planCompact'] as const) await client.call(method, {});
}

beforeAll(async () => {
  home = await makeTemporaryFolder('canaries');
  files = await makeTemporaryFolder('canaries-files');
  server = await startPostgres({ major: 15 });
  await server.query('CREATE DATABASE shop');
  await server.query('CREATE TABLE orders AS SELECT n AS id FROM generate_series(1, 2000) AS n', [], { database: 'shop' });
  await server.query(`CREATE ROLE ann SUPERUSER LOGIN PASSWORD '${secret('the password of the database').replaceAll("'", "''")}'`);
  // From now on the server writes down every statement that we send.
  await server.query(`ALTER SYSTEM SET log_statement = 'all'`);
  await server.query('SELECT pg_reload_conf()');
  const console = await startConsole(home, [], { stays: true });
  address = console.link;
  const watching = setInterval(() => lookAtProcesses(processes), 40);
  const client = await openClient(console.link);
  await useEverything(client);
  client.close();
  clearInterval(watching);
  console.child.kill('SIGTERM');
  await console.ended;
  said = `${console.output().stdout}${console.output().stderr}`;
  const listed = await command(['--home', home, '--json', 'operation', 'list']);
  said += listed.stdout + listed.stderr;
  for (const [name, args] of [
    ['--password-file', ['--password-file', ownFile('password', secret('the password of the database')), 'database', 'test', 'ask']],
    ['--passphrase-file', ['--passphrase-file', ownFile('passphrase', secret('the new passphrase')), 'database', 'test', 'Shop/shop']],
  ] as const) {
    const tried = await command(['--home', home, '--json', ...args]);
    ways[name] = tried.status === 0;
    said += tried.stdout + tried.stderr;
  }
});
afterAll(async () => {
  await server.stop();
  rmSync(files, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
});

/** Where each canary is found, in words. The one answer of the exchange that hands the session out is no frame. */
function found(texts: Iterable<string | Buffer>, names: readonly string[] = Object.keys(canaries)): string[] {
  const all = [...texts];
  return names.filter((name) => formsOf(secret(name)).some((form) => all.some((text) => text.includes(form))));
}

describe('after everything that can be done', () => {
  test('all of it had been done', () => {
    expect(operations.map((operation) => [operation.kind, operation.state.startsWith('succeeded')])).toEqual([
      ['health.check', true],
      ['backup.run', true],
      ['backup.verify', true],
      ['restore.beside', true],
      ['restore.swap', true],
      ['restore.undo', true],
      ['restore.drop', true],
    ]);
  });
  test('passwords had come from everywhere they may come from', () => {
    expect(ways).toEqual({ ask: true, passfile: true, '--password-file': true, '--passphrase-file': true });
  });
  test('no secret is in what the server wrote down of us', async () => {
    const log = await server.readLog();
    expect(log).toContain('pilothouse');
    expect(found([log])).toEqual([]);
  });
  test('the console stood on this computer alone, at a port that nobody could know before', () => {
    const [from = 0, to = 0] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/).map(Number);
    expect([address.hostname, Number(address.port) >= from && Number(address.port) <= to]).toEqual(['127.0.0.1', true]);
  });
  test('no secret crossed the wire towards the window', () => {
    expect(found(wire)).toEqual([]);
  });
  test('no secret is in any file of the data folder, the local file and its log included', () => {
    expect(filesBelow(home).filter((file) => found([readFileSync(file)]).length > 0)).toEqual([]);
  });
  test('no secret is in the memory file system, where passfiles live while they are needed', () => {
    const uid = process.getuid?.() ?? 0;
    // Folders of other tests may be there too; the data folder of this one was looked at above.
    const ours = ['/dev/shm', process.env['XDG_RUNTIME_DIR'] ?? '/dev/shm'].flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.startsWith(`pilothouse-${uid}-`))
        .flatMap((name) => filesBelow(join(folder, name))),
    );
    expect(ours.filter((file) => found([contentOf(file)]).length > 0)).toEqual([]);
  });
  test('no secret was on a command line or in an environment at any time', () => {
    expect(found(processes)).toEqual([]);
  });
  test('processes were looked at while the tools ran', () => {
    expect([...processes].some((text) => text.includes('pg_dump'))).toBe(true);
  });
  test('nothing that was said to people holds a secret, but the address that was printed', () => {
    expect(found([said], Object.keys(canaries).filter((name) => name !== 'the one-time token'))).toEqual([]);
  });
  test('whoever searches for the canaries finds them where they are', () => {
    expect(found([`"password":"${secret('the password of the database')}"`])).toEqual(['the password of the database']);
  });
});
