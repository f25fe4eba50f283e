/** What earlier operations left on servers, and is looked after until nothing is left of it. */
import { isPilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import { isFinished } from '#shared/domain/operation-state.ts';
import type { EngineContext } from '../engine-context.ts';
import { createRestoreRepository } from '../store/restore-repository.ts';
import { createScratchRepository } from '../store/scratch-repository.ts';
import { settleExchange } from './exchange.ts';
import { sweepScratch } from './scratch.ts';
import { unmarkKept } from './unmark-kept.ts';

export interface Leftovers {
  /**
   * Tries all that is left: databases that must not stay, exchanges of names that were not seen to be over, marks on
   * databases that stay. One look at a time: whoever asks during one gets another one after it. Never throws.
   */
  sweep(): Promise<void>;
  /**
   * Whether something is left that another look may settle. Where the server refused what was asked of it, and where
   * somebody else renamed a database, looking again and again would change nothing.
   */
  unsettled(): boolean;
}

/** Whether the same may go well a little later: the server is away, or the vault is locked. */
function mayPass(error: unknown): boolean {
  return isPilothouseError(error) && (error.retryable || error.code.startsWith('vault.'));
}

export function createLeftovers(context: EngineContext): Leftovers {
  const restores = createRestoreRepository(context.store);
  const scratches = createScratchRepository(context.store);
  /** Why each was not settled when it was last tried; `stuck` until somebody does something about it. */
  const reasons = new Map<string, { reason: string; stuck: boolean }>();
  const isOver = (operationId: string | undefined) => operationId === undefined || isFinished(context.operations.find(operationId)?.state ?? 'interrupted');

  const openExchanges = () => restores.withOpenExchange().filter(({ id }) => isOver(restores.internals(id).exchange?.operationId));
  const ids = () => [...scratches.list().filter(({ operationId }) => isOver(operationId)).map(({ id }) => id), ...openExchanges().map(({ id }) => id), ...restores.withMarks().map(({ id }) => id)];

  const remember = (id: string, about: { name: string; reason: string; stuck: boolean }): void => {
    if (reasons.get(id)?.reason !== about.reason) context.ports.logger.warn({ id, database: about.name, reason: about.reason }, 'What an earlier operation left on a server is not settled yet.');
    reasons.set(id, about);
  };
  const attempt = async (id: string, name: string, work: () => Promise<string | null>): Promise<void> => {
    try {
      const reason = await work();
      if (reason === null) reasons.delete(id);
      else remember(id, { name, reason, stuck: true });
    } catch (error) {
      remember(id, { name, reason: toErrorShape(error, '').message, stuck: !mayPass(error) });
    }
  };

  const sweepOnce = async (): Promise<void> => {
    try {
      const { dropped, left } = await sweepScratch(context);
      if (dropped.length > 0) context.changes.changed('restores');
      for (const { id, name, error } of left) await attempt(id, name, () => Promise.reject(error));
      for (const { id, into } of openExchanges()) await attempt(id, into, async () => ((await settleExchange(context, id)) === 'foreign' ? 'Somebody else renamed or dropped one of the two.' : null));
      // They change nothing but a comment and a limit: never while something else is done there.
      if (context.runner.active === 0) for (const { id, into } of restores.withMarks()) await attempt(id, into, () => unmarkKept(context, id).then(() => null));
    } catch (error) {
      context.ports.logger.error({ error: String(error) }, 'What earlier operations left on servers could not be looked at.');
    }
  };

  let current: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const sweep = (): Promise<void> => {
    if (current === null) return (current = sweepOnce().finally(() => (current = null)));
    return (next ??= current.then(() => {
      next = null;
      return sweep();
    }));
  };

  return { sweep, unsettled: () => ids().some((id) => reasons.get(id)?.stuck !== true) };
}
