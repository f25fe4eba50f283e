import { describe, expect, it } from 'vitest';
import { databasesOf } from '#test/shop.ts';
import { setStage } from './stage.ts';

const stage = setStage();

const swapped = (name: string) => stage.swapped(name);
const get = async (restoreId: string) => (await stage.engine.call('restore.get', { restoreId })).restore;
const states = async (restoreId: string) => (await get(restoreId)).state;

describe('dropping', () => {
  it('drops the copy, after its name was typed', async () => {
    const { databaseId } = await stage.shop('spare');
    const { restoreId } = await stage.restoreBeside(databaseId);
    const { plan } = await stage.engine.call('restore.planDrop', { restoreId, which: 'restored' });
    await stage.engine.run(plan);
    expect({ confirm: plan.confirmName, irreversible: plan.irreversible, state: await states(restoreId), left: (await databasesOf(stage.server)).filter((name) => name.startsWith('spare')) }).toEqual({ confirm: 'spare__new', irreversible: true, state: 'dropped', left: ['spare'] });
  });

  it('says how many rows exist only in a copy that was live, and that they do not come back', async () => {
    const { restoreId } = await swapped('lossy');
    await stage.server.query("INSERT INTO customers (name) SELECT g::text FROM generate_series(1, 7) g", [], { database: 'lossy' });
    await stage.engine.run((await stage.engine.call('restore.planUndo', { restoreId })).plan);
    const { plan } = await stage.engine.call('restore.planDrop', { restoreId, which: 'restored' });
    expect({ consequences: plan.consequences, wayBack: plan.wayBack }).toEqual({
      consequences: expect.arrayContaining([expect.stringContaining('At least 7 rows written into lossy__new while it was live exist only here and are lost: public.customers +7.')]),
      wayBack: 'Restore the backup again. For what was written into lossy__new while it was live there is none.',
    });
  });

  it('still knows after the drop that a copy was live once', async () => {
    const { restoreId } = await swapped('remembered');
    await stage.engine.run((await stage.engine.call('restore.planUndo', { restoreId })).plan);
    await stage.engine.run((await stage.engine.call('restore.planDrop', { restoreId, which: 'restored' })).plan);
    expect(await get(restoreId)).toMatchObject({ state: 'dropped', undoneAt: expect.any(String) });
  });

  it('says how many rows of what was set aside the backup does not have', async () => {
    const { restoreId } = await swapped('asided');
    const { plan } = await stage.engine.call('restore.planDrop', { restoreId, which: 'set-aside' });
    expect({ consequences: plan.consequences.join('\n'), wayBack: plan.wayBack }).toEqual({ consequences: expect.stringMatching(/At least 1 row of asided__old_\d{8}_\d{4} is not in the backup of .* and is lost/), wayBack: null });
  });

  it('drops what was set aside, and then there is no undo', async () => {
    const { restoreId } = await swapped('settled');
    await stage.engine.run((await stage.engine.call('restore.planDrop', { restoreId, which: 'set-aside' })).plan);
    expect(await databasesOf(stage.server).then((names) => names.filter((name) => name.startsWith('settled')))).toEqual(['settled']);
    await expect(stage.engine.call('restore.planUndo', { restoreId })).rejects.toMatchObject({ code: 'restore.undo-refused' });
  });

  it('never drops a copy that is live', async () => {
    const { restoreId } = await swapped('precious');
    await expect(stage.engine.call('restore.planDrop', { restoreId, which: 'restored' })).rejects.toMatchObject({ code: 'restore.preflight' });
  });

  it('never drops a database that somebody renamed into its place', async () => {
    const { databaseId } = await stage.shop('decoy');
    const { restoreId } = await stage.restoreBeside(databaseId);
    const { plan } = await stage.engine.call('restore.planDrop', { restoreId, which: 'restored' });
    await stage.server.query('ALTER DATABASE decoy__new RENAME TO decoy_moved');
    await stage.server.query('CREATE DATABASE decoy__new');
    const operation = await stage.engine.run(plan);
    expect({ operation, left: (await databasesOf(stage.server)).filter((name) => name.startsWith('decoy')) }).toMatchObject({ operation: { state: 'failed', error: { code: 'postgres.wrong-identity' } }, left: ['decoy', 'decoy__new', 'decoy_moved'] });
  });

  it('never drops a database that is managed', async () => {
    const { databaseId, systemId } = await stage.shop('adopted');
    const { restoreId } = await stage.restoreBeside(databaseId);
    stage.engine.addDatabase({ name: systemId, server: stage.server, database: 'adopted__new', systemIdentifier: stage.engine.context.systems.getDatabase(databaseId).systemIdentifier });
    await expect(stage.engine.call('restore.planDrop', { restoreId, which: 'restored' })).rejects.toMatchObject({ code: 'restore.preflight', message: expect.stringContaining('managed') });
  });

  it('is not needed: a copy can be kept for good', async () => {
    const { databaseId } = await stage.shop('kept');
    const { restoreId } = await stage.restoreBeside(databaseId);
    expect((await stage.engine.call('restore.keep', { restoreId })).restore.state).toBe('kept');
  });
});
