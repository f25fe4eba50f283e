/** Whether sequences are past what stands in the columns that they feed. */
import type { PostgresSession } from '../postgres/types.ts';
import { quoteQualified, quoteIdentifier } from './identifiers.ts';

interface OwnedSequence {
  schema: string;
  name: string;
  table_schema: string;
  table: string;
  column: string;
  descending: boolean;
}

/**
 * Sequences that belong to a column of whole numbers (serial, identity), but for those that begin anew at their end:
 * these may stand anywhere. Source: pg_depend, deptype a (serial) and i (identity).
 */
const ownedSql = `
  SELECT sn.nspname AS schema, s.relname AS name, tn.nspname AS table_schema, t.relname AS "table", a.attname AS "column", q.seqincrement < 0 AS descending
  FROM pg_catalog.pg_depend d
  JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
  JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
  JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid
  JOIN pg_catalog.pg_class t ON t.oid = d.refobjid AND t.relkind IN ('r', 'p')
  JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
    AND NOT q.seqcycle AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
    AND sn.nspname !~ '^pg_' AND sn.nspname <> 'information_schema'
  ORDER BY sn.nspname, s.relname`;

/** Of one sequence: where it stands and how far its column reaches, as text; no row where it is past it. */
function behindSql({ schema, name, table_schema, table, column, descending }: OwnedSequence): string {
  const reach = `SELECT ${descending ? 'min' : 'max'}(${quoteIdentifier(column)}) AS value FROM ${quoteQualified(table_schema, table)}`;
  return `SELECT s.last_value::text AS stands, r.value::text AS reaches FROM ${quoteQualified(schema, name)} s, (${reach}) r WHERE s.last_value ${descending ? '>' : '<'} r.value`;
}

export interface SequenceReach {
  /** Sequences that were looked at. */
  total: number;
  /** Those whose next values stand in their column already, in words. */
  behind: string[];
}

/**
 * Looks in the database of a session, which reads the columns: at once where they are indexed, as keys are.
 * @throws postgres.*; the signal's reason when it aborts
 */
export async function readSequenceReach(session: PostgresSession, signal: AbortSignal): Promise<SequenceReach> {
  await session.query(`SELECT pg_catalog.set_config('row_security', 'off', false), pg_catalog.set_config('search_path', '', false)`);
  const { rows } = await session.query<Record<keyof OwnedSequence, unknown>>(ownedSql);
  const sequences = rows as unknown as OwnedSequence[];
  const behind: string[] = [];
  for (const sequence of sequences) {
    signal.throwIfAborted();
    const found = await session.query<{ stands: string; reaches: string }>(behindSql(sequence));
    for (const { stands, reaches } of found.rows) behind.push(`${sequence.schema}.${sequence.name} stands at ${stands}, and ${sequence.table_schema}.${sequence.table}.${sequence.column} reaches ${reaches}`);
  }
  return { total: sequences.length, behind };
}
