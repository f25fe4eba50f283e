import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { backUp, backupFoldersIn, createShop, engineOf, leftAfterFiveSeconds, leftOnServer } from '#test/backed-up-shop.ts';
import type { TestEngine } from '#test/engine-parts.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { processesMatching } from '#test/processes.ts';
import { startProxy } from '#test/proxy.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ major: 15 });
  await createShop(server, 'shop', { orders: 60_000 });
});
afterAll(() => server.stop());

interface Killed {
  /** What it said before it was killed. */
  said: string;
  signal: NodeJS.Signals | null;
}

/** Runs an engine of its own until it is dead. `kill` is given what kills it; without, it kills itself at a point. */
function runUntilDead(orders: Record<string, unknown>, kill?: (child: { pid: number }) => Promise<void>): Promise<Killed> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'engine-to-kill.ts'), JSON.stringify(orders)], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', reject);
    child.once('close', (_status, signal) => resolve({ said, signal }));
    kill?.({ pid: child.pid as number }).catch(reject);
  });
}

/** The next start: what was interrupted is recovered. */
async function startAgain(root: string): Promise<{ engine: TestEngine; databaseId: string; advice: string | null; state: string | undefined }> {
  const { engine, databaseId } = engineOf(root, server, 'shop');
  onTestFinished(() => engine.close());
  engine.unlock(databaseId, server.password);
  const { connection } = engine.context.systems.getDatabase(databaseId);
  // Where the line went through a proxy that is gone now, the server itself is what it leads to.
  engine.context.systems.updateDatabase(databaseId, { connection: { ...connection, port: server.port } });
  await engine.context.runner.recover();
  const [operation] = engine.context.operations.list({ limit: 1 });
  return { engine, databaseId, advice: operation?.advice ?? null, state: operation?.state };
}

const catalogue = async (engine: TestEngine) => (await engine.call('backup.list', {})).backups;
const address = () => ({ host: server.host, port: server.port, password: server.password });

describe('an engine that is killed', () => {
  test('mid-dump takes pg_dump with it, and the next start sweeps the rest', async () => {
    const root = await temporaryFolder('killed');
    const proxy = await startProxy(server.port);
    onTestFinished(() => proxy.close());
    const { signal } = await runUntilDead({ root, server: { ...address(), port: proxy.port }, at: null, what: 'backup', backupId: null }, async ({ pid }) => {
      await waitFor('rows to flow', () => proxy.bytesFromServer > 2_000_000, { every: 1 });
      proxy.stall();
      expect(processesMatching(root).some(({ commandLine }) => commandLine.includes('pg_dump --format'))).toBe(true);
      process.kill(pid, 'SIGKILL');
    });
    expect(signal).toBe('SIGKILL');
    await waitFor('pg_dump to be dead', () => processesMatching(root).every(({ commandLine }) => !commandLine.includes('pg_dump')), { within: 5000 });
    proxy.resume();
    expect(backupFoldersIn(root).some((folder) => folder.endsWith('.partial'))).toBe(true);
    const { engine, advice, state } = await startAgain(root);
    expect([state, advice]).toEqual(['interrupted', 'What was half written was removed. No backup came of it. Back up again.']);
    expect(await leftAfterFiveSeconds(root, server)).toEqual([]);
    expect([backupFoldersIn(root), await catalogue(engine)]).toEqual([[], []]);
  });

  test.each(['backup:snapshot', 'backup:dumped', 'backup:before-rename'])('at %s leaves nothing after the next start', async (at) => {
    const root = await temporaryFolder('killed');
    expect((await runUntilDead({ root, server: address(), at, what: 'backup', backupId: null })).signal).toBe('SIGKILL');
    const { engine, state } = await startAgain(root);
    expect(state).toBe('interrupted');
    expect(await leftAfterFiveSeconds(root, server)).toEqual([]);
    expect([backupFoldersIn(root), await catalogue(engine)]).toEqual([[], []]);
  });

  test('between the name of a backup and its row in the catalogue loses neither', async () => {
    const root = await temporaryFolder('killed');
    await runUntilDead({ root, server: address(), at: 'backup:renamed', what: 'backup', backupId: null });
    const { engine, advice } = await startAgain(root);
    expect(await catalogue(engine)).toMatchObject([{ proof: null, damaged: null, rows: 61_701 }]);
    expect(advice).toContain('The backup itself was finished');
  });

  test.each([
    ['proof:L1', 'L0'],
    ['scratch:recorded', 'L2'],
    ['scratch:created', 'L2'],
    ['proof:database-made', 'L2'],
    ['proof:restored', 'L2'],
    ['proof:compared', 'L2'],
  ])('mid-proof at %s keeps the backup at %s and drops what it made', async (at, proof) => {
    const root = await temporaryFolder('killed');
    expect((await runUntilDead({ root, server: address(), at, what: 'backup', backupId: null })).signal).toBe('SIGKILL');
    const { engine, state } = await startAgain(root);
    expect(state).toBe('interrupted');
    expect(await catalogue(engine)).toMatchObject([{ proof, damaged: null }]);
    expect(await leftAfterFiveSeconds(root, server)).toEqual([]);
    expect(await leftOnServer(server)).toEqual([]);
  });

  test('while it deletes a backup has it deleted at the next start', async () => {
    const root = await temporaryFolder('killed');
    const first = engineOf(root, server, 'shop');
    await backUp(first.engine, first.databaseId, { proof: 'L0' });
    const [backup] = await catalogue(first.engine);
    await backUp(first.engine, first.databaseId, { proof: 'L0' });
    await first.engine.close();
    expect((await runUntilDead({ root, server: address(), at: 'delete:renamed', what: 'delete', backupId: backup?.id })).signal).toBe('SIGKILL');
    const { engine, advice } = await startAgain(root);
    expect([backupFoldersIn(root).length, (await catalogue(engine)).map(({ id }) => id === backup?.id)]).toEqual([1, [false]]);
    expect(advice).toContain('The backup is deleted.');
  });
});
