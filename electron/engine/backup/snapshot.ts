/** One snapshot of a database, kept open while it is dumped and counted. */
import { PilothouseError } from '#shared/domain/errors.ts';
import type { PostgresSession } from '../postgres/types.ts';
import type { Manifest } from './manifest.ts';

/** What a manifest says of the database itself. */
export type DatabaseFacts = Pick<Manifest, 'encoding' | 'collate' | 'ctype' | 'localeProvider' | 'locale' | 'icuRules' | 'collationVersion' | 'owner' | 'databaseBytes' | 'extensions' | 'tablespaces' | 'roles' | 'lsn'>;

export interface Snapshot {
  /** For `pg_dump --snapshot`; valid while the session's transaction is open. */
  id: string;
  /** The server's clock at the beginning of the transaction, ISO 8601. */
  takenAt: string;
}

/** Ends the transaction where a role's own limits would end it while the dump goes on. */
const noLimits = (versionNum: number) =>
  ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', ...(versionNum >= 170_000 ? ['transaction_timeout'] : [])].map((name) => `SET LOCAL ${name} = 0`).join('; ');

/** Columns that came with later majors are read through JSON, where they are simply absent before. */
const factsSql = `
  SELECT pg_catalog.pg_encoding_to_char(d.encoding) AS encoding, d.datcollate AS collate, d.datctype AS ctype,
    to_jsonb(d) ->> 'datlocprovider' AS provider, coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') AS locale, to_jsonb(d) ->> 'daticurules' AS icu_rules,
    to_jsonb(d) ->> 'datcollversion' AS collation_version, pg_catalog.pg_get_userbyid(d.datdba) AS owner,
    pg_catalog.pg_database_size(d.oid)::float8 AS bytes,
    (CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn() ELSE pg_catalog.pg_current_wal_lsn() END)::text AS lsn
  FROM pg_catalog.pg_database d WHERE d.datname = current_database()`;

const exportSql = `SELECT pg_catalog.pg_export_snapshot() AS id, pg_catalog.to_char(transaction_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS taken_at`;

const extensionsSql = 'SELECT extname AS name, extversion AS version FROM pg_catalog.pg_extension ORDER BY extname';

const tablespacesSql = `
  SELECT DISTINCT t.spcname AS name FROM pg_catalog.pg_tablespace t JOIN pg_catalog.pg_class c ON c.reltablespace = t.oid
  WHERE t.spcname !~ '^pg_' ORDER BY 1`;

/**
 * Roles that own something here or hold a right on it: pg_shdepend knows all but the bootstrap superuser, who is
 * pinned and found by what it owns.
 */
const rolesSql = `
  SELECT r.rolname AS name FROM pg_catalog.pg_roles r
  WHERE r.rolname !~ '^pg_' AND (
    r.oid IN (SELECT s.refobjid FROM pg_catalog.pg_shdepend s WHERE s.refclassid = 'pg_catalog.pg_authid'::regclass
      AND s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
    OR r.oid IN (SELECT c.relowner FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
    OR r.oid = (SELECT datdba FROM pg_catalog.pg_database WHERE datname = current_database()))
  ORDER BY r.rolname`;

const providers: Record<string, string> = { c: 'libc', i: 'icu', b: 'builtin' };

/** What a manifest says of the database, in the session's current transaction. @throws postgres.no-such-database */
export async function readDatabaseFacts(session: PostgresSession): Promise<DatabaseFacts> {
  const { rows } = await session.query<{ encoding: string; collate: string; ctype: string; provider: string | null; locale: string | null; icu_rules: string | null; collation_version: string | null; owner: string; bytes: number; lsn: string | null }>(factsSql);
  const [row] = rows;
  if (row === undefined) throw new PilothouseError('postgres.no-such-database', `${session.server.database} is not in pg_database any more.`, { hint: 'Test the connection; the database may have been renamed or dropped.' });
  const names = async (sql: string) => (await session.query<{ name: string }>(sql)).rows.map(({ name }) => name);
  return {
    encoding: row.encoding,
    collate: row.collate,
    ctype: row.ctype,
    localeProvider: row.provider === null ? null : (providers[row.provider] ?? row.provider),
    locale: row.locale,
    ...(row.icu_rules === null ? {} : { icuRules: row.icu_rules }),
    collationVersion: row.collation_version,
    owner: row.owner,
    databaseBytes: row.bytes,
    lsn: row.lsn,
    extensions: (await session.query<{ name: string; version: string }>(extensionsSql)).rows.map(({ name, version }) => ({ name, version })),
    tablespaces: await names(tablespacesSql),
    roles: await names(rolesSql),
  };
}

/**
 * Begins a REPEATABLE READ transaction that cannot write and exports its snapshot. It ends with the session, or with
 * COMMIT; until then the server keeps every row version it sees.
 * @param limits.silentAtMostMs after so long without a statement the server ends it; never unless it is said
 * Source: "Snapshot Synchronization Functions" of Postgres's manual.
 */
export async function openSnapshot(session: PostgresSession, limits: { silentAtMostMs?: number } = {}): Promise<Snapshot> {
  // Waking idle workers for every count would take them from the people the server is for.
  await session.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${noLimits(session.server.versionNum)}; SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL search_path = ''${limits.silentAtMostMs === undefined ? '' : `; SET LOCAL idle_in_transaction_session_timeout = ${limits.silentAtMostMs}`}`);
  const { rows } = await session.query<{ id: string; taken_at: string }>(exportSql);
  return { id: rows[0]?.id ?? '', takenAt: rows[0]?.taken_at ?? '' };
}
