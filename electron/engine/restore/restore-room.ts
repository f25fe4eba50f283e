/** What the contract asks about restores. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { restoreMethods } from '#shared/contract/restores.ts';
import { PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import type { Handlers } from '../dispatch/handlers.ts';
import type { EngineContext } from '../engine-context.ts';
import { createRestoreRepository } from '../store/restore-repository.ts';
import { settleExchange } from './exchange.ts';
import { createRestoreBeside } from './restore-beside.ts';
import { createRestoreDrop } from './restore-drop.ts';
import { createRestoreSwap } from './restore-swap.ts';
import { createRestoreUndo } from './restore-undo.ts';
import { listFilePattern } from './run-pg-restore.ts';
import { hasScratchLeft, sweepScratch } from './scratch.ts';

export interface RestoreRoom {
  handlers: Handlers<keyof typeof restoreMethods>;
  /**
   * What earlier starts could not clean up because a server could not be reached: databases that must not stay, and
   * exchanges of names that were not seen to be over. For after the recovery of operations. Never throws.
   */
  sweep(): Promise<void>;
  /** Whether there is something left for a sweep. */
  unsettled(): boolean;
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
      'restore.list': ({ systemId, limit }) => ({ restores: restores.list({ systemId, limit }) }),
      'restore.get': ({ restoreId }) => ({ restore: restores.get(restoreId), ...restores.compared(restoreId) }),
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
    async sweep() {
      await sweepScratch(context);
      for (const { id, into } of restores.withOpenExchange()) {
        try {
          await settleExchange(context, id);
        } catch (error) {
          context.ports.logger.warn({ restoreId: id, into, reason: toErrorShape(error, '').message }, 'An exchange of names is not known to be over yet.');
        }
      }
    },
    unsettled: () => restores.withOpenExchange().length > 0 || hasScratchLeft(context),
  };
}
