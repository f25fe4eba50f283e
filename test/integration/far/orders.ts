/** What is done to a far database while something goes wrong, in an engine of the test or in one that is killed. */
import type { Operation } from '#shared/contract/operations.ts';
import { addFarDatabase, bySocket, type FarEngine, type FarPlace } from '#test/far-shop.ts';
import { begin, runToEnd } from '#test/run-to-end.ts';

/** Whose pg_dump and pg_restore work. */
export type Tools = 'here' | 'host';

/** The place as it crosses to another process. */
export type PlaceFacts = Pick<FarPlace, 'sockets' | 'keyFiles'> & { postgres: Pick<FarPlace['postgres'], 'port' | 'password'>; bastion: Pick<FarPlace['bastion'], 'port' | 'user' | 'knownKeys'>; host: Pick<FarPlace['host'], 'port' | 'user' | 'knownKeys'> };

export interface FarOrder {
  what: 'backup' | 'restore' | 'swap' | 'undo';
  databaseId: string;
  backupId?: string;
  restoreId?: string;
}

export const addShop = (far: FarEngine, place: FarPlace, database: string, tools: Tools): Promise<string> =>
  addFarDatabase(far, place, database, { ...bySocket(place), ...(tools === 'host' ? { tools: { where: 'host', access: { kind: 'plain' }, connect: null } } : {}) });

async function planOf({ client }: FarEngine, order: FarOrder) {
  const { databaseId, backupId = '', restoreId = '' } = order;
  switch (order.what) {
    case 'backup':
      return (await client.call('backup.plan', { databaseId, options: { format: 'custom', jobs: 1, proof: 'L3' } })).plan;
    case 'restore':
      return (await client.call('restore.plan', { backupId, databaseId })).plan;
    case 'swap':
      return (await client.call('restore.planSwap', { restoreId })).plan;
    case 'undo':
      return (await client.call('restore.planUndo', { restoreId })).plan;
  }
}

/** @returns the id of the operation */
export const beginOrder = async (far: FarEngine, order: FarOrder): Promise<string> => begin(far.client, await planOf(far, order));
export const runOrder = async (far: FarEngine, order: FarOrder): Promise<Operation> => runToEnd(far.client, await planOf(far, order));

/** Does what has to be done before: a backup to restore, a restored copy to swap in, a swap to take back. */
export async function prepareOrder(far: FarEngine, what: FarOrder['what'], databaseId: string): Promise<FarOrder> {
  const must = (operation: Operation): Operation => {
    if (operation.state !== 'succeeded') throw new Error(`${operation.title}: ${operation.error?.message ?? operation.state}`);
    return operation;
  };
  const order: FarOrder = { what, databaseId };
  if (what === 'backup') return order;
  order.backupId = String(must(await runOrder(far, { what: 'backup', databaseId })).result?.['backupId']);
  if (what === 'restore') return order;
  order.restoreId = String(must(await runOrder(far, { ...order, what: 'restore' })).result?.['restoreId']);
  if (what === 'undo') must(await runOrder(far, { ...order, what: 'swap' }));
  return order;
}

/** Where each of them may be met. */
export const points: Record<FarOrder['what'], readonly string[]> = {
  backup: ['backup:snapshot', 'backup:dumped', 'backup:before-rename', 'backup:renamed', 'proof:L0', 'proof:L1', 'proof:L2', 'proof:L3', 'scratch:recorded', 'scratch:created', 'proof:database-made', 'proof:restored', 'proof:compared'],
  restore: ['scratch:recorded', 'scratch:created', 'restore:database-made', 'restore:restored', 'restore:compared', 'restore:kept'],
  swap: ['exchange:recorded', 'exchange:live-closed', 'exchange:copy-closed', 'exchange:sessions-ended', 'exchange:first-renamed', 'exchange:before-commit', 'exchange:renamed', 'exchange:opened-one'],
  undo: ['exchange:recorded', 'exchange:live-closed', 'exchange:copy-closed', 'exchange:sessions-ended', 'exchange:first-renamed', 'exchange:before-commit', 'exchange:renamed', 'exchange:opened-one'],
};
