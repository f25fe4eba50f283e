/** Counts what a database holds: in the snapshot a dump is made from, and in what was restored from it. */
import { escapeLiteral } from 'pg';
import type { TableCount } from '#shared/contract/backups.ts';
import { isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import type { PostgresSession } from '../postgres/types.ts';
import { quoteIdentifier, quoteQualified } from './identifiers.ts';
import type { CountedInManifest, DatabaseContents, SequenceValue } from './manifest.ts';

export interface ContentsOptions {
  signal?: AbortSignal | undefined;
  /** The session is in a transaction: each table's locks are let go as soon as it is counted. */
  inTransaction?: boolean | undefined;
  /** Called after each table with its rows. */
  onTable?: ((table: TableCount, rows: number) => void) | undefined;
}

/** A table whose rows pg_dump writes, or a materialised view. */
export interface CountedTable {
  oid: string;
  schema: string;
  name: string;
  kind: TableCount['kind'];
  populated: boolean;
  unlogged: boolean;
  /** Of an extension's configuration table: the `WHERE …` it was registered with. */
  condition: string;
  /** Of a partition whose rows pg_dump loads through the topmost table: that table. Null everywhere else. */
  root_schema: string | null;
  root: string | null;
}

/** pg_dump's rule for what is the user's: neither Postgres's own schemas nor temporary ones. */
const userSchema = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;

/**
 * What pg_dump dumps the rows of: ordinary tables and leaves of partitioned ones, logged or not (on a standby unlogged
 * ones cannot be read), no foreign and no temporary tables; of an extension's tables only those it registered with
 * pg_extension_config_dump. Materialised views come as their definition, but are counted. Where something above a
 * partition is hashed by an enum, rows are loaded through the topmost table: the hash follows the enum's OIDs, so that
 * in another database they belong to other partitions.
 * Source: selectDumpableTable, makeTableDataInfo, processExtensionTables, getPartitioningInfo and
 * forcePartitionRootLoad of pg_dump.c, 13 to 18.
 */
const tablesSql = `
  WITH configuration AS (
    SELECT k.oid, k.condition FROM pg_catalog.pg_extension x, LATERAL unnest(x.extconfig, x.extcondition) AS k(oid, condition)
  )
  SELECT c.oid::text AS oid, n.nspname AS schema, c.relname AS name, c.relispopulated AS populated, c.relpersistence = 'u' AS unlogged, coalesce(k.condition, '') AS condition,
    rn.nspname AS root_schema, rc.relname AS root,
    CASE WHEN c.relkind = 'm' THEN 'materialized-view' WHEN c.relispartition THEN 'partition' ELSE 'table' END AS kind
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN configuration k ON k.oid = c.oid
  LEFT JOIN pg_catalog.pg_class rc ON c.relispartition AND rc.oid = pg_catalog.pg_partition_root(c.oid) AND EXISTS (
    SELECT FROM pg_catalog.pg_partition_ancestors(c.oid) AS a(oid)
    JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = a.oid
    JOIN pg_catalog.pg_opclass o ON o.oid = ANY (p.partclass)
    JOIN pg_catalog.pg_am m ON m.oid = o.opcmethod
    WHERE m.amname = 'hash' AND o.opcname = 'enum_ops' AND o.opcnamespace = 'pg_catalog'::regnamespace)
  LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = rc.relnamespace
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

const savepoint = 'pilothouse_count';

/**
 * Lets go of what the statement before has locked, and keeps the snapshot. A count locks its table and all indexes of
 * it, and thousands of them would leave nobody on the server any room in the table of locks. Goes in one message with
 * the statement that follows.
 */
const letGo = ({ inTransaction }: ContentsOptions): string => (inTransaction === true ? `ROLLBACK TO SAVEPOINT ${savepoint}; ` : '');

/** The tables whose rows a dump of this database holds, and its materialised views. */
export async function listCountedTables(session: PostgresSession): Promise<CountedTable[]> {
  const { rows } = await session.query<Record<keyof CountedTable, unknown>>(tablesSql);
  return rows as unknown as CountedTable[];
}

/** undefined_table, invalid_schema_name: not there any more, though the snapshot knows it. */
const goneStates: ReadonlySet<string> = new Set(['42P01', '3F000']);

/** @throws postgres.privilege naming the table and the grant that is missing */
function explain(error: unknown, table: { schema: string; name: string }, session: PostgresSession): unknown {
  if (!isPilothouseError(error)) return error;
  if (goneStates.has(String(error.details['sqlState']))) {
    return new PilothouseError('backup.incomplete', `Something in ${session.server.database} was dropped or renamed while it was counted: ${error.message}`, { hint: 'Somebody changes tables of it. Try again when that is over.', retryable: true, details: { ...error.details, schema: table.schema, table: table.name }, cause: error });
  }
  if (error.details['sqlState'] !== '42501') return error;
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

/**
 * What no snapshot protects from: TRUNCATE and an ALTER TABLE that rewrites show a table as empty to snapshots that are
 * older, and a name may lead to another table by now. What pg_dump has copied is then as wrong as the count, and agrees
 * with it. A rewrite that leaves rows visible has left all of them (CLUSTER, VACUUM FULL, another tablespace).
 * Source: "Caveats" of "Concurrency Control" of Postgres's manual.
 */
function changedBehind(table: { schema: string; name: string }, found: { rows: string; other: boolean; rewritten: boolean }, session: PostgresSession): PilothouseError | null {
  const isEmptied = found.rewritten && found.rows === '0';
  return found.other || isEmptied ? changedError(table, session.server.database, found.other) : null;
}

function changedError(table: { schema: string; name: string }, database: string, other: boolean): PilothouseError {
  const what = other ? 'was replaced by another table of that name or renamed' : 'was rewritten or emptied';
  return new PilothouseError('backup.incomplete', `${table.schema}.${table.name} in ${database} ${what} after the snapshot was taken, so what it held then can neither be dumped nor counted.`, {
    hint: 'That happens while a table is changed by ALTER TABLE or TRUNCATE. Try again when that is over.',
    retryable: true,
    details: { schema: table.schema, table: table.name },
  });
}

/**
 * The lock that counting takes comes before the look at the catalogue, which `pg_relation_filenode` and `regclass` see
 * as it is now and pg_class as it was in the snapshot: what has not changed by then cannot change while it is counted.
 */
function countSql({ oid, schema, name, condition }: CountedTable): string {
  const named = quoteQualified(schema, name);
  return `SELECT count(*)::text AS rows, pg_catalog.to_regclass(${escapeLiteral(named)})::oid IS DISTINCT FROM ${oid}::oid AS other,
    coalesce((SELECT c.relfilenode <> pg_catalog.pg_relation_filenode(c.oid) FROM pg_catalog.pg_class c WHERE c.oid = ${oid}), true) AS rewritten
    FROM ONLY ${named} ${condition}`.trimEnd();
}

async function countTable(session: PostgresSession, table: CountedTable, options: ContentsOptions): Promise<CountedInManifest> {
  const { schema, name, kind, unlogged, root_schema, root } = table;
  if (kind === 'materialized-view' && !table.populated) return { schema, name, kind, rows: 0, populated: false };
  try {
    const { rows } = await session.query<{ rows: string; other: boolean; rewritten: boolean }>(`${letGo(options)}${countSql(table)}`);
    const [found] = rows;
    // A materialised view is dumped as its definition: what it holds at the moment is in no archive.
    const changed = found === undefined || kind === 'materialized-view' ? null : changedBehind(table, found, session);
    if (changed !== null) throw changed;
    return { schema, name, kind, rows: Number(found?.rows), ...(unlogged ? { unlogged } : {}), ...(root_schema === null || root === null ? {} : { loadedThrough: { schema: root_schema, name: root } }) };
  } catch (error) {
    throw explain(error, table, session);
  }
}

async function readSequences(session: PostgresSession, options: ContentsOptions): Promise<SequenceValue[]> {
  const { signal } = options;
  const { rows: sequences } = await session.query<{ schema: string; name: string }>(sequencesSql);
  const values: SequenceValue[] = [];
  for (let from = 0; from < sequences.length; from += sequencesAtOnce) {
    signal?.throwIfAborted();
    const slice = sequences.slice(from, from + sequencesAtOnce);
    const sql = slice.map((sequence, at) => `SELECT ${at} AS at, last_value::text AS value, is_called FROM ${quoteQualified(sequence.schema, sequence.name)}`).join(' UNION ALL ');
    try {
      const { rows } = await session.query<{ at: number; value: string; is_called: boolean }>(`${letGo(options)}${sql} ORDER BY at`);
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
 * @throws postgres.privilege with the grant that is missing; backup.incomplete where a table was changed in a way that no
 * snapshot protects from; the signal's reason when it aborts
 */
export async function readContents(session: PostgresSession, options: ContentsOptions = {}): Promise<DatabaseContents> {
  const { signal, onTable } = options;
  signal?.throwIfAborted();
  await session.query(sessionSql);
  if (options.inTransaction === true) await session.query(`SAVEPOINT ${savepoint}`);
  const tables: CountedInManifest[] = [];
  for (const table of await listCountedTables(session)) {
    signal?.throwIfAborted();
    const counted = await countTable(session, table, options);
    tables.push(counted);
    onTable?.(counted, counted.rows);
  }
  const sequences = await readSequences(session, options);
  const { rows: objects } = await session.query<{ count: number }>(`${letGo(options)}SELECT count(*)::int AS count FROM pg_catalog.pg_largeobject_metadata`);
  const { rows: constraints } = await session.query<{ total: number; valid: number }>(constraintsSql);
  return { tables, ...(session.server.standby ? { fromStandby: true } : {}), sequences, largeObjects: objects[0]?.count ?? 0, constraints: { total: constraints[0]?.total ?? 0, valid: constraints[0]?.valid ?? 0 } };
}

/**
 * What there is to count, without counting: every table without its rows, every sequence without its value. Takes no
 * locks on what is the user's, and is as exact as the snapshot of the session's transaction.
 */
export async function readOutline(session: PostgresSession): Promise<DatabaseContents> {
  const tables = (await listCountedTables(session)).map(({ schema, name, kind, populated, unlogged, root_schema, root }): CountedInManifest => ({
    schema, name, kind, rows: 0,
    ...(kind === 'materialized-view' && !populated ? { populated: false } : {}),
    ...(unlogged && kind !== 'materialized-view' ? { unlogged } : {}),
    ...(root_schema === null || root === null ? {} : { loadedThrough: { schema: root_schema, name: root } }),
  }));
  const { rows: sequences } = await session.query<{ schema: string; name: string }>(sequencesSql);
  const { rows: objects } = await session.query<{ count: number }>('SELECT count(*)::int AS count FROM pg_catalog.pg_largeobject_metadata');
  const { rows: constraints } = await session.query<{ total: number; valid: number }>(constraintsSql);
  return {
    tables,
    ...(session.server.standby ? { fromStandby: true } : {}),
    sequences: sequences.map(({ schema, name }) => ({ schema, name, lastValue: '0', isCalled: false })),
    largeObjects: objects[0]?.count ?? 0,
    constraints: { total: constraints[0]?.total ?? 0, valid: constraints[0]?.valid ?? 0 },
  };
}

/** As in `countSql`: the catalogue as it is now against the catalogue of the snapshot. */
const rewrittenSql = `
  SELECT n.nspname AS schema, c.relname AS name, pg_catalog.to_regclass(pg_catalog.format('%I.%I', n.nspname, c.relname))::oid IS DISTINCT FROM c.oid AS other
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND ${userSchema}
    AND (pg_catalog.to_regclass(pg_catalog.format('%I.%I', n.nspname, c.relname))::oid IS DISTINCT FROM c.oid OR c.relfilenode <> coalesce(pg_catalog.pg_relation_filenode(c.oid), 0))`;

/**
 * The tables that were rewritten or emptied between the snapshot and now, when pg_dump holds its locks and nobody can do
 * so any more. Whoever finds one of them without rows in the archive cannot tell whether it had none.
 * @throws backup.incomplete where another table has the name of one by now
 */
export async function findRewritten(session: PostgresSession, outline: Pick<DatabaseContents, 'tables'>): Promise<{ schema: string; name: string }[]> {
  const dumped = new Set(outline.tables.map(({ schema, name }) => JSON.stringify([schema, name])));
  const { rows } = await session.query<{ schema: string; name: string; other: boolean }>(rewrittenSql);
  const found = rows.filter(({ schema, name }) => dumped.has(JSON.stringify([schema, name])));
  const other = found.find((each) => each.other);
  if (other !== undefined) throw changedError(other, session.server.database, true);
  return found.map(({ schema, name }) => ({ schema, name }));
}

/**
 * Which of them stands without rows in an archive. Where rows are loaded through another table, nobody can tell whose
 * they were: there each of them counts as one.
 */
export function findEmptied(rewritten: readonly { schema: string; name: string }[], counted: Pick<DatabaseContents, 'tables'>): { schema: string; name: string } | null {
  return rewritten.find(({ schema, name }) => counted.tables.some((table) => table.schema === schema && table.name === name && (table.rows === 0 || table.loadedThrough !== undefined))) ?? null;
}

/** The error of a table that was rewritten and has no rows in the archive: see `findRewritten`. */
export function emptiedBehind(table: { schema: string; name: string }, database: string): PilothouseError {
  return changedError(table, database, false);
}
