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

/**
 * Ends a session, or only its statement. Bound to the session's start: the process id may belong to another one by
 * the time somebody presses the button.
 */
export function endSession(row: Row, how: 'terminate' | 'cancel', note: string): Fix {
  return {
    where: 'sql',
    do: `SELECT pg_${how}_backend(pid) FROM pg_stat_activity\nWHERE pid = ${amount(row.pid)} AND backend_start = ${literal(text(row.backend_start))};`,
    undo: null,
    note,
  };
}
