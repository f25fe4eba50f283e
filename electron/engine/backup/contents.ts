/** Counts what a database holds: in the snapshot a dump is made from, and in what was restored from it. */
import type { TableCount } from '#shared/contract/backups.ts';
import { isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import type { PostgresSession } from '../postgres/types.ts';
import { quoteIdentifier, quoteQualified } from './identifiers.ts';
import type { DatabaseContents, SequenceValue } from './manifest.ts';

export interface ContentsOptions {
  signal?: AbortSignal | undefined;
  /** Called after each table with its rows. */
  onTable?: ((table: TableCount, rows: number) => void) | undefined;
}

/** A table whose rows pg_dump writes, or a materialised view. */
export interface CountedTable {
  schema: string;
  name: string;
  kind: TableCount['kind'];
  populated: boolean;
  /** Of an extension's configuration table: the `WHERE …` it was registered with. */
  condition: string;
}

/** pg_dump's rule for what is the user's: neither Postgres's own schemas nor temporary ones. */
const userSchema = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;

/**
 * What pg_dump dumps the rows of: ordinary tables and leaves of partitioned ones, logged or not (on a standby unlogged
 * ones cannot be read), no foreign and no temporary tables; of an extension's tables only those it registered with
 * pg_extension_config_dump. Materialised views come as their definition, but are counted.
 * Source: selectDumpableTable, makeTableDataInfo and processExtensionTables of pg_dump.c, 13 to 18.
 */
const tablesSql = `
  WITH configuration AS (
    SELECT k.oid, k.condition FROM pg_catalog.pg_extension x, LATERAL unnest(x.extconfig, x.extcondition) AS k(oid, condition)
  )
  SELECT n.nspname AS schema, c.relname AS name, c.relispopulated AS populated, coalesce(k.condition, '') AS condition,
    CASE WHEN c.relkind = 'm' THEN 'materialized-view' WHEN c.relispartition THEN 'partition' ELSE 'table' END AS kind
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN configuration k ON k.oid = c.oid
  WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND ${userSchema}
    AND NOT (c.relpersistence = 'u' AND pg_catalog.pg_is_in_recovery())
    AND (k.oid IS NOT NULL OR NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))
  ORDER BY n.nspname, c.relname`;

const sequencesSql = `
  SELECT n.nspname AS schema, c.relname AS name
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND ${userSchema}
    AND NOT (c.relpersistence = 'u' AND pg_catalog.pg_is_in_recovery())
    AND (NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
      OR EXISTS (SELECT FROM pg_catalog.pg_extension x WHERE c.oid = ANY (x.extconfig)))
  ORDER BY n.nspname, c.relname`;

/**
 * Checks, foreign keys, primary keys, unique and exclusion constraints of user tables and domains. Clones on
 * partitions hang on their parent's and differ between majors, NOT NULL is a constraint only from 18 on: neither is
 * counted.
 */
const constraintsSql = `
  SELECT count(*)::int AS total, count(*) FILTER (WHERE k.convalidated)::int AS valid
  FROM pg_catalog.pg_constraint k
  JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace
  WHERE k.contype IN ('c', 'f', 'p', 'u', 'x') AND k.conparentid = 0 AND ${userSchema}
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype = 'e'
      AND ((d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = k.conrelid) OR (d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = k.contypid)))`;

/**
 * What counting needs of its session. Workers pay only where a table is large: to start them for a small one takes
 * longer than to count it.
 */
const sessionSql = `SELECT pg_catalog.set_config('row_security', 'off', false), pg_catalog.set_config('search_path', '', false),
  pg_catalog.set_config('min_parallel_table_scan_size', '1GB', false), pg_catalog.set_config('min_parallel_index_scan_size', '256MB', false)`;

/** Sequences read in one statement. */
const sequencesAtOnce = 50;

/** The tables whose rows a dump of this database holds, and its materialised views. */
export async function listCountedTables(session: PostgresSession): Promise<CountedTable[]> {
  const { rows } = await session.query<Record<keyof CountedTable, unknown>>(tablesSql);
  return rows as unknown as CountedTable[];
}

/** @throws postgres.privilege naming the table and the grant that is missing */
function explain(error: unknown, table: { schema: string; name: string }, session: PostgresSession): unknown {
  if (!isPilothouseError(error) || error.details['sqlState'] !== '42501') return error;
  const name = quoteQualified(table.schema, table.name);
  const user = quoteIdentifier(session.server.user);
  const rowSecurity = /row-level security/.test(error.message);
  return new PilothouseError(
    'postgres.privilege',
    rowSecurity ? `Row security would hide rows of ${table.schema}.${table.name} from ${session.server.user}, so its rows cannot be counted or dumped.` : `${session.server.user} may not read ${table.schema}.${table.name} in ${session.server.database}.`,
    {
      hint: rowSecurity ? `As a superuser: ALTER ROLE ${user} BYPASSRLS; or back up as the owner of the table.` : `As the owner of it: GRANT USAGE ON SCHEMA ${quoteIdentifier(table.schema)} TO ${user}; GRANT SELECT ON ${name} TO ${user};${session.server.major >= 14 ? ` or, for all of them: GRANT pg_read_all_data TO ${user};` : ''}`,
      details: { sqlState: '42501', schema: table.schema, table: table.name },
      cause: error,
    },
  );
}

async function countTable(session: PostgresSession, table: CountedTable): Promise<TableCount> {
  const { schema, name, kind } = table;
  if (kind === 'materialized-view' && !table.populated) return { schema, name, kind, rows: 0, populated: false };
  try {
    const { rows } = await session.query<{ rows: string }>(`SELECT count(*)::text AS rows FROM ONLY ${quoteQualified(schema, name)} ${table.condition}`.trimEnd());
    return { schema, name, kind, rows: Number(rows[0]?.rows) };
  } catch (error) {
    throw explain(error, table, session);
  }
}

async function readSequences(session: PostgresSession, signal: AbortSignal | undefined): Promise<SequenceValue[]> {
  const { rows: sequences } = await session.query<{ schema: string; name: string }>(sequencesSql);
  const values: SequenceValue[] = [];
  for (let from = 0; from < sequences.length; from += sequencesAtOnce) {
    signal?.throwIfAborted();
    const slice = sequences.slice(from, from + sequencesAtOnce);
    const sql = slice.map((sequence, at) => `SELECT ${at} AS at, last_value::text AS value, is_called FROM ${quoteQualified(sequence.schema, sequence.name)}`).join(' UNION ALL ');
    try {
      const { rows } = await session.query<{ at: number; value: string; is_called: boolean }>(`${sql} ORDER BY at`);
      for (const row of rows) {
        const sequence = slice[row.at];
        if (sequence !== undefined) values.push({ ...sequence, lastValue: row.value, isCalled: row.is_called });
      }
    } catch (error) {
      throw explain(error, slice[0] ?? { schema: '', name: 'the sequences' }, session);
    }
  }
  return values;
}

/**
 * Counts exactly what a database holds, in the session's current transaction. In a REPEATABLE READ transaction that is
 * one snapshot, the same that a dump is made from; sequences alone ignore snapshots, so for a backup their values are
 * taken from the archive instead.
 *
 * Row security is switched off, so that hidden rows are an error and never a short count. Leaves `search_path` empty,
 * `row_security` off and parallel scans to large tables in the session.
 *
 * Materialised views are counted as they are stored. A restore fills them anew from the restored tables, so one that
 * was stale, or whose query depends on the time, may rightly come back with another number of rows: whoever compares
 * must say so and not call it a difference. Their tables are what is held to the number.
 *
 * @throws postgres.privilege with the grant that is missing; the signal's reason when it aborts
 */
export async function readContents(session: PostgresSession, options: ContentsOptions = {}): Promise<DatabaseContents> {
  const { signal, onTable } = options;
  signal?.throwIfAborted();
  await session.query(sessionSql);
  const tables: TableCount[] = [];
  for (const table of await listCountedTables(session)) {
    signal?.throwIfAborted();
    const counted = await countTable(session, table);
    tables.push(counted);
    onTable?.(counted, counted.rows);
  }
  const sequences = await readSequences(session, signal);
  const { rows: objects } = await session.query<{ count: number }>('SELECT count(*)::int AS count FROM pg_catalog.pg_largeobject_metadata');
  const { rows: constraints } = await session.query<{ total: number; valid: number }>(constraintsSql);
  return { tables, sequences, largeObjects: objects[0]?.count ?? 0, constraints: { total: constraints[0]?.total ?? 0, valid: constraints[0]?.valid ?? 0 } };
}
