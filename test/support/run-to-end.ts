/** Runs a plan of a whole engine, and waits for its end. */
import type { EngineClient } from '#shared/contract/index.ts';
import type { Operation, Plan } from '#shared/contract/operations.ts';
import { isFinished } from '#shared/domain/operation-state.ts';
import { waitFor } from './wait-for.ts';

/** Begins it, with its name confirmed. @returns the operation's id */
export async function begin(client: EngineClient, plan: Plan): Promise<string> {
  const { operationId } = await client.call('operation.run', { planId: plan.id, token: plan.token, ...(plan.confirmName === null ? {} : { confirmName: plan.confirmName }) });
  return operationId;
}

export async function endOf(client: EngineClient, operationId: string): Promise<Operation> {
  let operation: Operation | null = null;
  await waitFor('the operation to end', async () => {
    ({ operation } = await client.call('operation.get', { operationId }));
    return isFinished(operation.state);
  }, { within: 120_000 });
  return operation as unknown as Operation;
}

export const runToEnd = async (client: EngineClient, plan: Plan): Promise<Operation> => endOf(client, await begin(client, plan));
