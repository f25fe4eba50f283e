import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { createScratchRepository } from '#engine/store/scratch-repository.ts';
import { processesMatching } from '#test/processes.ts';
import { sampleOf } from '#test/sample.ts';
import { rowsOf } from '#test/shop.ts';
import { waitFor } from '#test/wait-for.ts';
import type { EngineOrder } from './engine-process.ts';
import { setStage } from './stage.ts';

const stage = setStage();

/** Runs an order in an engine of its own until that kills itself, and then starts anew. */
async function killEngine(order: Omit<EngineOrder, 'root' | 'password'>): Promise<void> {
  stage.engine.context.store.pragma('wal_checkpoint(TRUNCATE)');
  await stage.engine.close();
  const child = spawn(process.execPath, [join(import.meta.dirname, 'engine-process.ts'), JSON.stringify({ ...order, root: stage.root, password: stage.server.password })], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const signal = await new Promise((resolve) => child.once('close', (_code, by) => resolve(by)));
  await stage.reopen();
  if (signal !== 'SIGKILL') throw new Error(`The engine was not killed at ${order.killAt}: ${said}`);
}

const databases = (name: string) => stage.server.query<{ datname: string; datallowconn: boolean }>('SELECT datname, datallowconn FROM pg_database WHERE starts_with(datname, $1) ORDER BY 1', [name]);
const advice = () => stage.engine.context.operations.list({ limit: 1 })[0]?.advice;
const slug = (point: string) => point.replaceAll(/\W/g, '_');

describe('after the engine was killed in the middle of a restore', () => {
  it.each(sampleOf(['scratch:recorded', 'rows', 'restore:database-made', 'scratch:created', 'restore:restored', 'restore:compared'], 2))('at %s, the next start leaves nothing of it', async (killAt) => {
    const name = `killed_${slug(killAt)}`;
    const { databaseId } = await stage.shop(name);
    if (killAt === 'rows') await stage.server.query('INSERT INTO customers (name) SELECT g::text FROM generate_series(1, 400000) g', [], { database: name });
    const { backup } = await stage.backup(databaseId);
    await killEngine({ databaseId, ask: { method: 'restore.plan', backupId: backup.id }, killAt });
    await waitFor('every pg_restore to be gone', () => processesMatching(`dbname='${name}__new'`).length === 0, { within: 5000 });
    await stage.engine.context.runner.recover();
    const [operation] = stage.engine.context.operations.list({ limit: 1 });
    const [restore] = (await stage.engine.call('restore.list', { limit: 1 })).restores;
    const dropped = stage.engine.events(operation?.id ?? '').some((event) => event.kind === 'log' && event.command?.text.startsWith(`DROP DATABASE IF EXISTS "${name}__new"`) === true);
    expect({ operation: operation?.state, restore: restore?.state, databases: await databases(name), left: createScratchRepository(stage.engine.context.store).list(), dropped }).toEqual({
      operation: 'interrupted', restore: 'failed', databases: [{ datname: name, datallowconn: true }], left: [], dropped: killAt !== 'scratch:recorded',
    });
  });

  it('a database that the server was still making does not appear afterwards', async () => {
    const { databaseId } = await stage.shop('unborn');
    const { backup } = await stage.backup(databaseId);
    const holder = new Client({ host: '127.0.0.1', port: stage.server.port, user: 'postgres', password: stage.server.password, database: 'postgres' });
    await holder.connect();
    try {
      await holder.query('BEGIN; LOCK TABLE pg_catalog.pg_database IN SHARE MODE');
      await killEngine({ databaseId, ask: { method: 'restore.plan', backupId: backup.id }, killAt: 'creating' });
      await stage.engine.context.runner.recover();
    } finally {
      await holder.query('COMMIT');
      await holder.end();
    }
    await waitFor('every CREATE DATABASE to be over', async () => (await stage.server.query("SELECT FROM pg_stat_activity WHERE query LIKE 'CREATE DATABASE \"unborn%' AND state = 'active' AND pid <> pg_backend_pid()")).length === 0);
    expect({ databases: (await databases('unborn')).map(({ datname }) => datname), left: createScratchRepository(stage.engine.context.store).list() }).toEqual({ databases: ['unborn'], left: [] });
  });

  it('once it was whole, the next start keeps it', async () => {
    const { databaseId } = await stage.shop('whole');
    const { backup } = await stage.backup(databaseId);
    await killEngine({ databaseId, ask: { method: 'restore.plan', backupId: backup.id }, killAt: 'restore:kept' });
    await stage.engine.context.runner.recover();
    const [restore] = (await stage.engine.call('restore.list', { limit: 1 })).restores;
    const [said] = await stage.server.query<{ marks: string }>("SELECT datconnlimit || ' ' || shobj_description(oid, 'pg_database') AS marks FROM pg_database WHERE datname = 'whole__new'");
    expect({ state: restore?.state, equal: restore?.equal, rows: await rowsOf(stage.server, 'whole__new', 'customers'), marks: said?.marks, unsettled: stage.room.unsettled() }).toEqual({ state: 'beside', equal: true, rows: 500, marks: expect.stringMatching(/^-1 Restored by Pilothouse from the backup of whole of /), unsettled: false });
  });

  it('a database of somebody else under the recorded name is left alone', async () => {
    const { databaseId } = await stage.shop('namesake');
    const { backup } = await stage.backup(databaseId);
    await killEngine({ databaseId, ask: { method: 'restore.plan', backupId: backup.id }, killAt: 'scratch:recorded' });
    await stage.server.query('CREATE DATABASE namesake__new');
    await stage.engine.context.runner.recover();
    expect((await databases('namesake')).map(({ datname }) => datname)).toEqual(['namesake', 'namesake__new']);
  });

  it('the next restore cleans up what the next start could not reach', async () => {
    const { databaseId } = await stage.shop('unreached');
    const { backup } = await stage.backup(databaseId);
    await killEngine({ databaseId, ask: { method: 'restore.plan', backupId: backup.id }, killAt: 'restore:compared' });
    stage.engine.unlock(databaseId, 'wrong');
    await stage.engine.context.runner.recover();
    const said = advice();
    stage.engine.unlock(databaseId, stage.server.password);
    await stage.engine.call('restore.plan', { backupId: backup.id });
    expect({ said: said?.includes('unreached__new may still be on the server'), databases: (await databases('unreached')).map(({ datname }) => datname) }).toEqual({ said: true, databases: ['unreached'] });
  });
});

const beforeTheRenames = ['exchange:recorded', 'exchange:copy-closed', 'exchange:live-closed', 'exchange:sessions-ended', 'exchange:first-renamed', 'exchange:before-commit'];
const afterTheRenames = ['exchange:renamed', 'exchange:opened-one'];

describe('after the engine was killed in the middle of a swap', () => {
  it.each(sampleOf(beforeTheRenames, 2))('at %s, both are as they were and open', async (killAt) => {
    const name = `swap_${slug(killAt)}`;
    const { databaseId } = await stage.shop(name);
    const { restoreId, into } = await stage.restoreBeside(databaseId);
    await killEngine({ databaseId, ask: { method: 'restore.planSwap', restoreId }, killAt });
    await stage.engine.context.runner.recover();
    const { restore } = await stage.engine.call('restore.get', { restoreId });
    expect({ state: restore.state, databases: await databases(name), advice: advice() }).toEqual({ state: 'beside', databases: [{ datname: name, datallowconn: true }, { datname: into, datallowconn: true }], advice: expect.stringContaining('were not exchanged') });
  });

  it.each(sampleOf(afterTheRenames, 1))('at %s, the names are exchanged and both are open', async (killAt) => {
    const name = `swap_${slug(killAt)}`;
    const { databaseId } = await stage.shop(name);
    const { restoreId } = await stage.restoreBeside(databaseId);
    await stage.server.query("INSERT INTO customers (name) VALUES ('late')", [], { database: name });
    await killEngine({ databaseId, ask: { method: 'restore.planSwap', restoreId }, killAt });
    await stage.engine.context.runner.recover();
    const { restore } = await stage.engine.call('restore.get', { restoreId });
    expect({ state: restore.state, databases: await databases(name), live: await rowsOf(stage.server, name, 'customers') }).toEqual({ state: 'swapped', databases: [{ datname: name, datallowconn: true }, { datname: restore.setAside, datallowconn: true }], live: 500 });
  });

  it('what the start could not open is opened once the password is there, however often it is asked, and history has it', async () => {
    const { databaseId } = await stage.shop('closed');
    const { restoreId } = await stage.restoreBeside(databaseId);
    await killEngine({ databaseId, ask: { method: 'restore.planSwap', restoreId }, killAt: 'exchange:live-closed' });
    const [{ id } = { id: '' }] = stage.engine.context.operations.list({ limit: 1 });
    stage.engine.unlock(databaseId, 'wrong');
    await stage.engine.context.runner.recover();
    await stage.room.sweep();
    const before = (await databases('closed')).map(({ datallowconn }) => datallowconn);
    stage.engine.unlock(databaseId, stage.server.password);
    await Promise.all([stage.room.sweep(), stage.room.sweep(), stage.engine.call('restore.planSwap', { restoreId })]);
    const told = stage.engine.events(id).some((event) => event.kind === 'log' && event.command?.text === 'ALTER DATABASE "closed" ALLOW_CONNECTIONS true');
    expect({ before, now: await databases('closed'), told, unsettled: stage.room.unsettled() }).toEqual({ before: [false, false], now: [{ datname: 'closed', datallowconn: true }, { datname: 'closed__new', datallowconn: true }], told: true, unsettled: false });
  });

  it('a swap that was half done can be undone, and planned again', async () => {
    const { databaseId } = await stage.shop('halfway');
    const { restoreId } = await stage.restoreBeside(databaseId);
    await killEngine({ databaseId, ask: { method: 'restore.planSwap', restoreId }, killAt: 'exchange:live-closed' });
    await stage.engine.context.runner.recover();
    await expect(stage.engine.call('restore.planUndo', { restoreId })).rejects.toMatchObject({ code: 'restore.undo-refused', message: expect.stringContaining('halfway is as it was, and accepts connections') });
    expect(await stage.engine.run((await stage.engine.call('restore.planSwap', { restoreId })).plan)).toMatchObject({ state: 'succeeded' });
  });
});

describe('after the engine was killed in the middle of an undo', () => {
  it.each(sampleOf([...beforeTheRenames.slice(2, 5), ...afterTheRenames], 2))('at %s, one of the two states stands, and the live name is open', async (killAt) => {
    const name = `undo_${slug(killAt)}`;
    const { databaseId } = await stage.shop(name);
    const { restoreId } = await stage.restoreBeside(databaseId);
    await stage.server.query("INSERT INTO customers (name) VALUES ('late')", [], { database: name });
    await stage.engine.run((await stage.engine.call('restore.planSwap', { restoreId })).plan);
    await killEngine({ databaseId, ask: { method: 'restore.planUndo', restoreId }, killAt });
    await stage.engine.context.runner.recover();
    const { restore } = await stage.engine.call('restore.get', { restoreId });
    const undone = afterTheRenames.includes(killAt);
    expect({ state: restore.state, live: await rowsOf(stage.server, name, 'customers'), open: (await databases(name)).every(({ datallowconn }) => datallowconn) }).toEqual({ state: undone ? 'undone' : 'swapped', live: undone ? 501 : 500, open: true });
  });
});
