import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { MethodName, StreamItem } from '#shared/contract/index.ts';
import { useConnection } from './engine-context.ts';

type Change = StreamItem<'changes.follow'>;
type Topic = Change['topics'][number];

/** Which answers a topic makes stale, by the first part of the method's name. */
const touched: Record<Topic, readonly string[]> = {
  systems: ['system', 'host', 'import', 'overview', 'practice'],
  operations: ['operation', 'overview', 'history'],
  health: ['health', 'overview', 'system'],
  backups: ['backup', 'files', 'overview', 'system', 'health'],
  restores: ['restore', 'overview'],
  runbooks: ['runbook', 'walkthrough', 'overview', 'calendar', 'incident'],
  items: ['pack', 'item', 'system', 'calendar', 'incident', 'overview'],
  calendar: ['calendar', 'overview'],
  incidents: ['incident', 'overview'],
  guides: ['guide', 'pack', 'runbook'],
  practice: ['practice', 'overview', 'system'],
  vault: ['vault'],
  settings: ['settings'],
  questions: ['host'],
};

/** Between two attempts to follow. */
const pauseMs = 200;

function area(method: unknown): string {
  return typeof method === 'string' ? ((method as MethodName).split('.')[0] ?? '') : '';
}

/** Reads again whatever the engine says has changed, and everything after the connection was lost. */
export function useChanges(onChange: (change: Change) => void): void {
  const connection = useConnection();
  const queries = useQueryClient();
  useEffect(() => {
    const leaving = new AbortController();
    const refresh = (topics: readonly Topic[]): void => {
      const areas = new Set(topics.flatMap((topic) => touched[topic]));
      void queries.invalidateQueries({ predicate: (query) => areas.has(area(query.queryKey[0])) });
    };
    const run = async (): Promise<void> => {
      while (!leaving.signal.aborted) {
        try {
          await connection.whenOpen(leaving.signal);
          if (connection.epoch() > 1) void queries.invalidateQueries();
          for await (const change of connection.client.follow('changes.follow', {}, { signal: leaving.signal })) {
            refresh(change.topics);
            onChange(change);
          }
        } catch {
          // Whatever ended it, it is followed again; what is on screen says by its own calls when something is wrong.
          if (leaving.signal.aborted || connection.state() === 'refused') return;
        }
        await new Promise((resolve) => window.setTimeout(resolve, pauseMs));
      }
    };
    void run();
    return () => leaving.abort();
  }, [connection, queries, onChange]);
}
