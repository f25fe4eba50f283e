import { useInfiniteQuery, type UseInfiniteQueryResult } from '@tanstack/react-query';
import type { Backup } from '#shared/contract/backups.ts';
import type { MethodOutput } from '#shared/contract/index.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { useEngine } from '../../transport/engine-context.ts';

type Part = MethodOutput<'backup.list'>;

export interface Copies {
  query: UseInfiniteQueryResult<{ pages: Part[] }, ErrorShape>;
  /** Those that were read so far, newest first. */
  backups: readonly Backup[];
  /** How many there are, read or not. */
  total: number;
  scannedAt: string | null;
}

const partSize = 200;

/** The catalogue of a system, part by part; null: the copies that belong to no system here. */
export function useCopies(systemId: string | null): Copies {
  const engine = useEngine();
  const query = useInfiniteQuery<Part, ErrorShape, { pages: Part[] }, unknown[], string | null>({
    queryKey: ['backup.list', { systemId, limit: partSize }],
    queryFn: ({ pageParam, signal }) => engine.call('backup.list', { systemId, limit: partSize, ...(pageParam === null ? {} : { cursor: pageParam }) }, { signal }),
    initialPageParam: null,
    getNextPageParam: (last) => last.nextCursor,
    staleTime: 30_000,
  });
  const pages = query.data?.pages ?? [];
  return { query, backups: pages.flatMap((page) => page.backups), total: pages.at(-1)?.total ?? 0, scannedAt: pages[0]?.scannedAt ?? null };
}
