/** What can be seen on the server before a backup: its size, and what would keep a dump or a proof from being made. */
import type { PlanFinding } from '#shared/contract/operations.ts';
import { figuresOf, tablesInWords, type TableFigures } from '#shared/domain/table-counts.ts';
import type { PostgresSession } from '../postgres/types.ts';
import { listCountedTables } from './contents.ts';
import { quoteIdentifier } from './identifiers.ts';
import { bytesInWords, countInWords } from './words.ts';

/**
 * A restored copy needs the size of the original, and room for sorting while its indexes are built.
 * Source: "backup-restore" figures of this project, × 1.3.
 */
export const scratchFactor = 1.3;

export interface LookAhead {
  databaseBytes: number;
  /** Bytes of the tables that are dumped, with what is stored out of line, without indexes, by `schema.name`. */
  tableBytes: Map<string, number>;
  /** How many tables, partitions and materialised views that is; their rows are not counted here. */
  counted: Omit<TableFigures, 'rows'>;
  /** Nothing in it: everything can be read. */
  unreadable: { name: string; grant: string }[];
}

/** Needs no privilege on the tables. Source: "Access Privilege Inquiry Functions", row_security_active. */
const accessSql = `
  SELECT n.nspname AS schema, c.relname AS name, c.relkind = 'S' AS sequence,
    CASE WHEN c.relkind = 'S' THEN 0 ELSE pg_catalog.pg_table_size(c.oid) END::float8 AS bytes,
    pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS may_enter,
    CASE WHEN c.relkind = 'S' THEN pg_catalog.has_sequence_privilege(c.oid, 'SELECT') ELSE pg_catalog.has_table_privilege(c.oid, 'SELECT') END AS may_read,
    CASE WHEN c.relkind = 'S' THEN false ELSE pg_catalog.row_security_active(c.oid) END AS hides_rows
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm', 'S') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;

/**
 * Large objects that the role may not read: pg_read_all_data is of no use for them.
 * Source: "Large Objects", lo_compat_privileges; pg_dump reads each with lo_open.
 */
const objectsSql = `
  SELECT count(*)::int AS count, min(m.oid)::text AS first
  FROM pg_catalog.pg_largeobject_metadata m
  WHERE pg_catalog.current_setting('lo_compat_privileges') = 'off' AND NOT pg_catalog.pg_has_role(m.lomowner, 'USAGE')
    AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(m.lomacl) a WHERE a.privilege_type = 'SELECT' AND (a.grantee = 0 OR pg_catalog.pg_has_role(a.grantee, 'USAGE')))`;

type AccessRow = { schema: string; name: string; sequence: boolean; bytes: number; may_enter: boolean; may_read: boolean; hides_rows: boolean };

function grantFor(row: AccessRow, user: string): string | null {
  const schema = quoteIdentifier(row.schema);
  const table = `${schema}.${quoteIdentifier(row.name)}`;
  if (row.hides_rows) return `ALTER ROLE ${user} BYPASSRLS;`;
  const needed = [...(row.may_enter ? [] : [`GRANT USAGE ON SCHEMA ${schema} TO ${user};`]), ...(row.may_read ? [] : [`GRANT SELECT ON ${row.sequence ? 'SEQUENCE ' : ''}${table} TO ${user};`])];
  return needed.length === 0 ? null : needed.join(' ');
}

export async function lookAhead(session: PostgresSession): Promise<LookAhead> {
  await session.query(`SELECT pg_catalog.set_config('search_path', '', false)`);
  const listed = await listCountedTables(session);
  const dumped = new Set(listed.map(({ schema, name }) => `${schema}.${name}`));
  const { rows } = await session.query<AccessRow>(accessSql);
  const { rows: sizes } = await session.query<{ bytes: number }>('SELECT pg_catalog.pg_database_size(pg_catalog.current_database())::float8 AS bytes');
  const user = quoteIdentifier(session.server.user);
  const tableBytes = new Map<string, number>();
  const unreadable: LookAhead['unreadable'] = [];
  for (const row of rows) {
    const name = `${row.schema}.${row.name}`;
    if (!row.sequence && !dumped.has(name)) continue;
    if (!row.sequence) tableBytes.set(name, row.bytes);
    const grant = grantFor(row, user);
    if (grant !== null) unreadable.push({ name, grant });
  }
  const { rows: objects } = await session.query<{ count: number; first: string | null }>(objectsSql);
  const [{ count, first } = { count: 0, first: null }] = objects;
  if (first !== null) unreadable.push({ name: count === 1 ? `large object ${first}` : `${countInWords(count, 'large object')}, ${first} the first`, grant: `GRANT SELECT ON LARGE OBJECT ${first} TO ${user};${count === 1 ? '' : '  -- and so for each of them'}` });
  return { databaseBytes: sizes[0]?.bytes ?? 0, tableBytes, counted: figuresOf(listed.map(({ kind }) => ({ kind, rows: 0 }))), unreadable };
}

const namedAtMost = 5;

/** What keeps this role from dumping all of it. */
export function readFindings(ahead: LookAhead, session: PostgresSession): PlanFinding[] {
  const { user, major, database } = session.server;
  const findings: PlanFinding[] = [];
  if (ahead.unreadable.length === 0) {
    findings.push({ state: 'ok', title: `${user} can read everything`, detail: tablesInWords(ahead.counted) });
  } else {
    const names = ahead.unreadable.slice(0, namedAtMost).map(({ name }) => name);
    const more = ahead.unreadable.length - names.length;
    const grants = [...new Set(ahead.unreadable.slice(0, namedAtMost).map(({ grant }) => grant))].join(' ');
    findings.push({
      state: 'critical',
      title: `${user} cannot read all of ${database}`,
      detail: `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}. A dump without them would not be one.`,
      fix: major >= 14 && !/BYPASSRLS|LARGE OBJECT/.test(grants) ? `GRANT pg_read_all_data TO ${quoteIdentifier(user)};  -- or: ${grants}` : grants,
    });
  }
  return findings;
}

/** What keeps a backup from being restored and counted on this server. */
export function proofFindings(session: PostgresSession, neededBytes: number, freeBytes: number | null): PlanFinding[] {
  const { user, createDatabase, standby, database } = session.server;
  if (standby) return [{ state: 'critical', title: 'A standby cannot make a database to restore into', detail: `${database} is served by a standby.`, fix: 'Choose L2 (read to the end), or back up and prove on the primary.' }];
  if (!createDatabase) return [{ state: 'critical', title: `${user} may not create databases, so nothing can be restored and counted`, fix: `Choose L2 (read to the end), or: ALTER ROLE ${quoteIdentifier(user)} CREATEDB;` }];
  const needed = `The copy needs about ${bytesInWords(neededBytes)}`;
  if (freeBytes === null) return [{ state: 'ok', title: `${user} may create the database for the proof`, detail: `${needed}; how much is free on the server cannot be seen from here.` }];
  if (freeBytes < neededBytes) return [{ state: 'critical', title: 'The server has too little space for the proof', detail: `${needed}; ${bytesInWords(freeBytes)} are free where its data lie. A server whose disk is full stands still.`, fix: 'Choose L2 (read to the end), or free some space on the server.' }];
  return [{ state: 'ok', title: `${user} may create the database for the proof`, detail: `${needed}; ${bytesInWords(freeBytes)} are free.` }];
}
