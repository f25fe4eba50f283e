import { keepPreviousData, useQuery, useQueryClient, type UseMutationResult, type UseQueryResult } from '@tanstack/react-query';
import type { MethodArgument, MethodName, MethodOutput } from '#shared/contract/index.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { isPilothouseError } from '#shared/domain/errors.ts';
import { useEngine } from './engine-context.ts';
import { useSubmission } from './use-submission.ts';

export interface QueryOptions {
  /** False: not asked yet. */
  enabled?: boolean;
  /** Milliseconds for which an answer is taken as fresh; topics make it stale sooner. */
  freshMs?: number;
  /** Asks again after so many milliseconds: for what grows old by the clock alone, of which no change tells. */
  againMs?: number;
  /** Keeps what was shown for the previous input until the new answer is there. */
  keepPrevious?: boolean;
}

export type MethodQuery<Name extends MethodName> = UseQueryResult<MethodOutput<Name>, ErrorShape>;

/** Asks a query of the contract and keeps the last answer, also when a later call fails. */
export function useMethod<Name extends MethodName>(method: Name, input: MethodArgument<Name>, options: QueryOptions = {}): MethodQuery<Name> {
  const engine = useEngine();
  return useQuery<MethodOutput<Name>, ErrorShape>({
    queryKey: [method, input],
    queryFn: ({ signal }) => engine.call(method, input, { signal }),
    enabled: options.enabled ?? true,
    staleTime: options.freshMs ?? 30_000,
    refetchInterval: options.againMs ?? false,
    ...(options.keepPrevious ? { placeholderData: keepPreviousData } : {}),
  });
}

/** Runs a command of the contract; afterwards everything that is on screen is read again. */
export function useCommand<Name extends MethodName>(method: Name): UseMutationResult<MethodOutput<Name>, ErrorShape, MethodArgument<Name>> {
  const engine = useEngine();
  const queries = useQueryClient();
  return useSubmission<MethodOutput<Name>, MethodArgument<Name>>({
    mutationFn: (input) => engine.call(method, input),
    // Not waited for: what the caller does next must not depend on whether it is still on screen after the reading.
    onSuccess: () => void queries.invalidateQueries(),
  });
}

/** Whether asking once more by itself may help. */
export function mayRetry(failures: number, error: unknown): boolean {
  return failures < 2 && isPilothouseError(error) && error.retryable && error.code !== 'contract.disconnected';
}
