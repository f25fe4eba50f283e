import type { CommandRecord } from '#shared/contract/operations.ts';
import type { EngineContext } from '../engine-context.ts';

/**
 * Writes statements into the log of an operation that is over: whoever cleans up after it sends them on its behalf, and
 * nothing may be sent to a server that no history knows of. Undefined where the operation is not known any more.
 */
export function historyOf(context: Pick<EngineContext, 'log' | 'operations'>, operationId: string): ((record: CommandRecord) => void) | undefined {
  if (context.operations.find(operationId) === null) return undefined;
  return (record) => context.log.append(operationId, { kind: 'log', phase: null, level: 'info', text: record.text, command: record });
}
