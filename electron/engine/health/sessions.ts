/** Sessions as evidence, and how to end one, for the checks of activity. */
import type { Fix } from '#shared/contract/common.ts';
import type { Row } from './check.ts';
import { duration } from './figures.ts';
import { amount, evidence, text } from './findings.ts';
import { literal, shownQuery } from './sql-text.ts';

/** The columns that `sessionEvidence` and `endSession` read. */
export const sessionColumns = 'a.pid, a.datname, a.usename, a.application_name, a.client_addr::text AS client_addr, a.state, a.backend_start::text AS backend_start, a.query';

/** @param seconds the column of the time that matters, in seconds */
export function sessionEvidence(rows: readonly Row[], seconds: string, total: number) {
  return evidence(
    rows,
    {
      for: (row) => duration(amount(row[seconds])),
      pid: (row) => amount(row.pid),
      database: (row) => text(row.datname),
      role: (row) => text(row.usename),
      application: (row) => text(row.application_name),
      client: (row) => text(row.client_addr) || 'local',
      state: (row) => text(row.state),
      statement: (row) => shownQuery(text(row.query)),
    },
    total,
  );
}

/** Whether a session is Pilothouse's own: all of them are called so. */
export const isOurs = (row: Row) => text(row.application_name).startsWith('pilothouse');

/** Ending one of our own sessions from outside would break the backup or restore that it belongs to. */
function cancelOurs(row: Row): Fix {
  return {
    where: 'console',
    do: 'Cancel the operation in Pilothouse instead',
    undo: null,
    note: `The session (pid ${amount(row.pid)}, ${text(row.application_name)}) is Pilothouse's own. It ends with its operation: by itself when that is done, or when it is cancelled, which cleans up behind it. Only where no Pilothouse runs that operation any more, on any computer, is it one to end by hand.`,
  };
}

/**
 * Ends a session, or only its statement. Bound to the session's start: the process id may belong to another one by
 * the time somebody presses the button.
 */
export function endSession(row: Row, how: 'terminate' | 'cancel', note: string): Fix {
  if (isOurs(row)) return cancelOurs(row);
  return {
    where: 'sql',
    do: `SELECT pg_${how}_backend(pid) FROM pg_stat_activity\nWHERE pid = ${amount(row.pid)} AND backend_start = ${literal(text(row.backend_start))};`,
    undo: null,
    note,
  };
}
