/** How an exchange of names is judged when the server cannot be asked at the moment, or answers as a standby. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { PilothouseError } from '#shared/domain/errors.ts';
import { settleExchange } from '#engine/restore/exchange.ts';
import { dropScratch } from '#engine/restore/scratch.ts';
import { createRestoreRepository } from '#engine/store/restore-repository.ts';
import { createScratchRepository } from '#engine/store/scratch-repository.ts';
import { startPostgres } from '#test/postgres-server.ts';
import { rowsOf } from '#test/shop.ts';
import { setStage } from './stage.ts';

const stage = setStage();
const get = async (restoreId: string) => (await stage.engine.call('restore.get', { restoreId })).restore;

/** From the moment the renames are committed, the server is out of reach for so many attempts to look at it. */
async function swapUnseen(name: string, options: { attempts: number; cancelled?: boolean }) {
  const { databaseId } = await stage.shop(name);
  const { restoreId } = await stage.restoreBeside(databaseId);
  let operationId = '';
  let unreachable = 0;
  await stage.reopen({
    checkpoint: async (reached) => {
      if (reached !== 'exchange:renamed') return;
      unreachable = options.attempts;
      if (options.cancelled === true) stage.engine.context.runner.cancel(operationId);
    },
  });
  const { postgres } = stage.engine.context;
  const { connect } = postgres;
  postgres.connect = async (target, connectOptions) => {
    if (unreachable > 0 && connectOptions.applicationName.startsWith('pilothouse swap')) {
      unreachable -= 1;
      throw new PilothouseError('postgres.unreachable', 'The server cannot be reached.', { hint: 'Try again.', retryable: true });
    }
    return connect(target, connectOptions);
  };
  operationId = stage.engine.start((await stage.engine.call('restore.planSwap', { restoreId })).plan);
  const operation = await stage.engine.context.runner.finished(operationId);
  await stage.reopen();
  return { restoreId, operation, live: await rowsOf(stage.server, name, 'customers') };
}

describe('a swap whose end cannot be seen at once', () => {
  it('is looked at again until the server answers, and is the success that it was', async () => {
    const { restoreId, operation } = await swapUnseen('glance', { attempts: 3 });
    expect([operation.state, operation.error, (await get(restoreId)).state]).toEqual(['succeeded', null, 'swapped']);
  });

  it('is never called taken back or cancelled where it turns out to be done', async () => {
    const { restoreId, operation } = await swapUnseen('blind', { attempts: 4, cancelled: true });
    expect({ state: operation.state, summary: operation.summary, ofTheCopy: operation.summary?.includes('has been given'), restore: await get(restoreId) }).toMatchObject({
      state: 'failed',
      ofTheCopy: false,
      summary: expect.stringMatching(/Left behind: the exchange of blind and blind__new.*is done: blind is the restored copy now.*Undo takes it back/) as string,
      restore: { state: 'swapped', setAside: expect.stringContaining('blind__old_') as string },
    });
  });
});

it('a swap that ends before the names are exchanged says what its copy was given', async () => {
  const { databaseId } = await stage.shop('given');
  const { restoreId } = await stage.restoreBeside(databaseId);
  let operationId = '';
  await stage.reopen({ checkpoint: async (reached) => void (reached === 'exchange:recorded' && stage.engine.context.runner.cancel(operationId)) });
  operationId = stage.engine.start((await stage.engine.call('restore.planSwap', { restoreId })).plan);
  const { state, summary } = await stage.engine.context.runner.finished(operationId);
  await stage.reopen();
  expect([state, summary]).toEqual(['cancelled', 'Cancelled. given__new has been given the owner, settings, grants, connection limit and comment of given; its rows were not touched.']);
});

it('what a crash left is not judged on a standby, which may not have replayed it', async () => {
  const { databaseId } = await stage.shop('behind');
  const { restoreId } = await stage.restoreBeside(databaseId);
  const { context } = stage.engine;
  const oidOf = async (name: string) => (await stage.server.query<{ oid: string }>('SELECT oid::text AS oid FROM pg_database WHERE datname = $1', [name]))[0]?.oid ?? '';
  const restores = createRestoreRepository(context.store);
  const operationId = context.operations.list({ limit: 1 })[0]?.id ?? '';
  restores.update(restoreId, {}, {
    exchange: { operationId, direction: 'swap', liveName: 'behind', outgoing: { oid: await oidOf('behind'), nameAfter: 'behind__old', allowedConnections: true }, incoming: { oid: await oidOf('behind__new'), nameBefore: 'behind__new', allowedConnections: true } },
  });
  const scratches = createScratchRepository(context.store);
  const { connection, systemIdentifier } = context.systems.getDatabase(databaseId);
  scratches.insert({ id: 'a-scratch', databaseId, systemIdentifier: systemIdentifier ?? '', name: 'behind__new2', purpose: 'restore', operationId, createdAt: 0 });
  const standby = await startPostgres({ major: 15, standbyOf: stage.server });
  onTestFinished(() => standby.stop());
  context.systems.updateDatabase(databaseId, { connection: { ...connection, port: standby.port } });
  const refused = { code: 'postgres.not-accepting', retryable: true };
  await expect(settleExchange(context, restoreId)).rejects.toMatchObject(refused);
  await expect(dropScratch(context, 'a-scratch')).rejects.toMatchObject(refused);
  const kept = [restores.internals(restoreId).exchange?.liveName, scratches.find('a-scratch')?.name];
  context.systems.updateDatabase(databaseId, { connection });
  expect([...kept, await settleExchange(context, restoreId), await dropScratch(context, 'a-scratch')]).toEqual(['behind', 'behind__new2', 'before', 'was-gone']);
});
