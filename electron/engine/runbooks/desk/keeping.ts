/** What came of a step is written down, also where the disk takes no more for a while: an end that was not kept was not seen by anybody. */
import { setTimeout as pause } from 'node:timers/promises';
import { isPilothouseError } from '#shared/domain/errors.ts';
import type { WalkthroughEvent } from '#shared/domain/runbook/walkthrough.ts';
import type { RunningOperation } from '../../operations/procedure.ts';
import { explainStoreError } from '../../store/database.ts';
import type { Walks } from './walks.ts';

const againMs = 1000;

/** Whether the store may take it later: the disk is full, or somebody else holds the file. */
const mayTakeItLater = (error: unknown): boolean => {
  const explained = explainStoreError(error);
  return isPilothouseError(explained) && (explained.code === 'store.disk-full' || explained.code === 'store.locked');
};

/**
 * Does what writes, again and again while the store refuses. Where Pilothouse is being closed it is given up: the next
 * start says that nobody knows, and finds out.
 * @throws what `write` throws otherwise
 */
export async function untilKept<T>(write: () => T, operation: Pick<RunningOperation, 'isLeaving' | 'log'>): Promise<T> {
  for (let told = false; ; ) {
    try {
      return write();
    } catch (error) {
      if (!mayTakeItLater(error) || operation.isLeaving) throw error;
      if (!told) operation.log('warn', 'What came of it cannot be written down yet: the disk is full, or the local file is held by another program. It is tried again.');
      told = true;
      await pause(againMs);
    }
  }
}

/** `Walks.tell`, until it is kept. */
export async function tellUntilKept(walks: Pick<Walks, 'tell'>, walkthroughId: string, events: readonly WalkthroughEvent[], operation: Pick<RunningOperation, 'isLeaving' | 'log'>): Promise<void> {
  await untilKept(() => walks.tell(walkthroughId, events), operation);
}
