/** What the contract asks about restores. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { restoreMethods } from '#shared/contract/restores.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Handlers } from '../dispatch/handlers.ts';
import type { EngineContext } from '../engine-context.ts';
import { createRestoreRepository } from '../store/restore-repository.ts';
import { createLeftovers, type Leftovers } from './leftovers.ts';
import { createRestoreBeside } from './restore-beside.ts';
import { leftoverOf } from './drop-leftover.ts';
import { createRestoreDrop } from './restore-drop.ts';
import { createRestoreSwap } from './restore-swap.ts';
import { createRestoreUndo } from './restore-undo.ts';
import { listFilePattern } from './run-pg-restore.ts';

export interface RestoreRoom extends Leftovers {
  handlers: Handlers<keyof typeof restoreMethods>;
}

/** Lists for pg_restore that a dead engine left behind. Nothing of ours runs yet when the room is made. */
function removeListFiles(root: string): void {
  for (const name of readdirSync(root)) if (listFilePattern.test(name)) rmSync(join(root, name), { force: true });
}

export function createRestoreRoom(context: EngineContext): RestoreRoom {
  const { runner, store, changes } = context;
  const restores = createRestoreRepository(store);
  const beside = runner.register(createRestoreBeside(context));
  const swap = runner.register(createRestoreSwap(context));
  const undo = runner.register(createRestoreUndo(context));
  const drop = runner.register(createRestoreDrop(context));
  removeListFiles(context.home.root);

  return {
    handlers: {
      'restore.plan': async (input) => {
        const plan = await beside.plan(input);
        return { plan, into: plan.targets[0]?.identity?.database ?? '' };
      },
      'restore.list': (filter) => ({ restores: restores.list(filter) }),
      'restore.get': ({ restoreId }) => {
        const restore = restores.get(restoreId);
        return { restore, leftBehind: leftoverOf(context, restore)?.name ?? null, ...restores.compared(restoreId) };
      },
      'restore.planSwap': async (input) => ({ plan: await swap.plan(input) }),
      'restore.planUndo': async (input) => ({ plan: await undo.plan(input) }),
      'restore.planDrop': async (input) => ({ plan: await drop.plan(input) }),
      'restore.keep': ({ restoreId }) => {
        const { state, into } = restores.get(restoreId);
        if (state !== 'beside' && state !== 'undone' && state !== 'kept') {
          throw new PilothouseError('store.conflict', `There is no copy to keep: the restore into ${into} is ${state}.`, { hint: state === 'swapped' ? 'The copy is live now. Undo the swap first.' : 'Look at the restore again.' });
        }
        const restore = restores.update(restoreId, { state: 'kept' });
        changes.changed('restores');
        return { restore };
      },
    },
    ...createLeftovers(context),
  };
}
