/** Watches whom a dump keeps waiting: everybody may read and write beside it, and nobody change the structure of a table. */
import { toErrorShape } from '#shared/domain/errors.ts';
import type { RunningOperation } from '../operations/procedure.ts';
import type { PostgresService, PostgresSession, PostgresTarget } from '../postgres/types.ts';

/** How often it is looked, in milliseconds. */
const lookEveryMs = 3000;
const limits = { statementTimeoutMs: 2000, lockTimeoutMs: 500 };

/**
 * Everybody who waits for a lock in this database, for whom, and which sessions are those of a dump. That somebody waits
 * every role may know from pg_locks; the statements of others, and in pg_stat_activity what they wait for, only members
 * of pg_read_all_stats. Source: "System Information Functions", pg_blocking_pids.
 */
const waitingSql = `
  SELECT a.pid, coalesce(a.usename, 'somebody') AS who, a.application_name AS program, left(a.query, 120) AS statement, coalesce(a.query_start::text, '') AS since,
    pg_catalog.pg_blocking_pids(a.pid) AS blockers,
    ARRAY(SELECT b.pid FROM pg_catalog.pg_stat_activity b WHERE b.application_name IN ('pilothouse dump', 'pilothouse backup')) AS ours
  FROM pg_catalog.pg_stat_activity a
  WHERE a.datname = pg_catalog.current_database() AND a.pid IN (SELECT l.pid FROM pg_catalog.pg_locks l WHERE NOT l.granted) AND a.application_name NOT LIKE 'pilothouse %'`;

export interface Waiting {
  pid: number;
  who: string;
  program: string;
  statement: string;
  /** When the statement began. */
  since: string;
  blockers: number[];
}

/** Those who wait for a session of a dump, or for somebody who does. Pure. */
export function waitingBehind(waiting: readonly Waiting[], dump: readonly number[]): Waiting[] {
  const behind = new Set(dump);
  for (let before = -1; before !== behind.size; ) {
    before = behind.size;
    for (const { pid, blockers } of waiting) if (blockers.some((blocker) => behind.has(blocker))) behind.add(pid);
  }
  return waiting.filter(({ pid }) => behind.has(pid));
}

/**
 * Looks from now on until `stop`, in a session of its own, and warns once of each statement that has to wait. What it
 * cannot see it says, and no backup fails because of it.
 */
export function watchLocks(options: { postgres: Pick<PostgresService, 'connect'>; target: PostgresTarget; operation: Pick<RunningOperation, 'signal' | 'warn' | 'log'>; everyMs?: number }): { stop(): Promise<void> } {
  const { postgres, target, operation, everyMs = lookEveryMs } = options;
  const stopping = new AbortController();
  const signal = AbortSignal.any([operation.signal, stopping.signal]);
  const told = new Set<string>();
  let session: PostgresSession | null = null;
  let looking: Promise<void> | null = null;

  const look = async (): Promise<void> => {
    session ??= await postgres.connect(target, { applicationName: 'pilothouse watch', signal, statementTimeoutMs: limits.statementTimeoutMs });
    const { rows } = await session.readOnly<Record<keyof Waiting | 'ours', unknown>>(waitingSql, limits);
    const waiting = rows as unknown as (Waiting & { ours: number[] })[];
    for (const { pid, who, program, statement, since } of waitingBehind(waiting, waiting[0]?.ours ?? [])) {
      const key = `${pid} ${since}`;
      if (told.has(key)) continue;
      told.add(key);
      operation.warn(`${who}${program === '' ? '' : ` (${program})`}, process ${pid} on ${target.label}, has to wait until the dump is over, and others may wait behind it: ${statement}`);
    }
  };
  const timer = setInterval(() => {
    looking ??= look()
      .catch((error: unknown) => {
        clearInterval(timer);
        if (!signal.aborted) operation.log('info', `Whom the dump keeps waiting is not watched any more: ${toErrorShape(error, '').message}`);
      })
      // A log that takes no more (a full disk) is told of by the dump itself, which writes to it all the time.
      .catch(() => undefined)
      .finally(() => {
        looking = null;
      });
  }, everyMs);

  return {
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await looking;
      await session?.close();
    },
  };
}
