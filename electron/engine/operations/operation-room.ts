/** What the contract asks of operations, apart from running them. */
import type { operationMethods } from '#shared/contract/operations.ts';
import type { Handlers, StreamHandlers } from '../dispatch/handlers.ts';
import type { EngineContext } from '../engine-context.ts';

export function createOperationRoom(context: Pick<EngineContext, 'runner' | 'operations' | 'log' | 'changes'>): { handlers: Handlers<keyof typeof operationMethods>; streamHandlers: StreamHandlers } {
  const { runner, operations, log, changes } = context;
  return {
    handlers: {
      'operation.run': (input, call) => runner.run({ ...input, caller: call.caller }),
      'operation.cancel': ({ operationId }) => ({ state: runner.cancel(operationId) }),
      'operation.acknowledge': ({ operationId }) => {
        operations.get(operationId);
        operations.update(operationId, { acknowledged: true });
        changes.changed('operations');
        return {};
      },
      'operation.answer': ({ operationId, promptId, choice }) => {
        runner.answer(operationId, promptId, choice);
        return {};
      },
      'operation.get': ({ operationId }) => {
        const operation = operations.get(operationId);
        return { operation, plan: operations.planOf(operationId).plan };
      },
      'operation.list': ({ systemId, active, kinds, before, limit }) => ({ operations: operations.list({ systemId, active, kinds, before: before === undefined ? undefined : Date.parse(before), limit }) }),
      'operation.events': ({ operationId, afterSeq, limit }) => {
        log.flush();
        const operation = operations.get(operationId);
        return { events: operations.events(operationId, afterSeq, limit), lastSeq: operation.lastSeq };
      },
    },
    streamHandlers: {
      'operation.follow': ({ operationId, afterSeq }, call) => log.follow(operationId, afterSeq, call.signal),
      'changes.follow': (_input, call) => changes.follow(call.signal),
    },
  };
}
