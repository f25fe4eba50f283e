import type { UnfinishedDump } from '#shared/contract/backups.ts';
import type { Operation } from '#shared/contract/operations.ts';
import { Tint } from '../../components/state.tsx';
import { UnfinishedFacts } from '../../components/unfinished.tsx';
import { useMethod } from '../../transport/use-method.ts';

/** The dump on a host that an interrupted backup can be gone on with; null where there is none, or where that cannot be read; undefined until it is known. */
export function useUnfinishedDump({ id, state }: Operation): UnfinishedDump | null | undefined {
  const { data, error } = useMethod('backup.unfinished', {}, { enabled: state === 'interrupted' });
  if (state === 'interrupted' && data === undefined && error === null) return undefined;
  return data?.dumps.find(({ operationId, continuedBy }) => operationId === id || continuedBy === id) ?? null;
}

/** What waits there, beside what is to be done about it. */
export function WaitingDump({ operation }: { operation: Operation }) {
  const dump = useUnfinishedDump(operation);
  return dump === null || dump === undefined ? null : <Tint kind="unknown"><UnfinishedFacts dump={dump} /></Tint>;
}
