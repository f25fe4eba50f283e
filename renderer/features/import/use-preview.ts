/** What would be imported, read again whenever the files or what is here may have changed. */
import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import type { MethodOutput } from '#shared/contract/index.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { useEngine } from '../../transport/engine-context.ts';

/** Where it is read from. */
export interface Source {
  /** The usual files of this account, files that were named, or text that was pasted. */
  from: 'usual' | 'files' | 'text';
  /** By the contract's fields. */
  paths: Readonly<Record<string, string>>;
  text: string;
  /** Counts up each time that something is to be read: the text itself, which may hold passwords, is no name for what is remembered. */
  turn: number;
}

export const usualFiles: Source = { from: 'usual', paths: {}, text: '', turn: 0 };

/** The source in the contract's own fields. */
export function fieldsOf({ from, paths, text }: Source): Record<string, string> {
  if (from === 'usual') return {};
  return from === 'text' ? { text } : { ...paths };
}

/** Reads everything again once something was imported. An answer that is on its way still may be from before that. */
export function useReadAgain(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await queries.cancelQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith('import.') });
    await queries.invalidateQueries();
  };
}

export type HostsPreview = MethodOutput<'import.previewSsh'>;
export type DatabasesPreview = MethodOutput<'import.previewDatabases'>;

/** @param source null: nothing is to be read yet. @param systemId of the system that is imported into; null: it is not there yet */
export function useHostsPreview(source: Source | null, systemId: string | null): UseQueryResult<HostsPreview, ErrorShape> {
  const engine = useEngine();
  return useQuery<HostsPreview, ErrorShape>({
    queryKey: ['import.previewSsh', source?.turn, systemId],
    queryFn: ({ signal }) => engine.call('import.previewSsh', { ...fieldsOf(source ?? usualFiles), ...(systemId === null ? {} : { systemId }) }, { signal }),
    enabled: source !== null,
    // Another system or way is another answer about the same source: what was chosen stays meanwhile.
    placeholderData: (shown, before) => (before?.queryKey[1] === source?.turn ? shown : undefined),
    gcTime: 0,
    staleTime: 2000,
  });
}

/** @param viaId the host through which they are reached */
export function useDatabasesPreview(source: Source | null, systemId: string | null, viaId: string | null): UseQueryResult<DatabasesPreview, ErrorShape> {
  const engine = useEngine();
  return useQuery<DatabasesPreview, ErrorShape>({
    queryKey: ['import.previewDatabases', source?.turn, systemId, viaId],
    queryFn: ({ signal }) => engine.call('import.previewDatabases', { ...fieldsOf(source ?? usualFiles), viaId, ...(systemId === null ? {} : { systemId }) }, { signal }),
    enabled: source !== null,
    // Another system or way is another answer about the same source: what was chosen stays meanwhile.
    placeholderData: (shown, before) => (before?.queryKey[1] === source?.turn ? shown : undefined),
    gcTime: 0,
    staleTime: 2000,
  });
}
