/** What belongs to a database itself and not to anything in it: owner, settings, grants, connection limit, comment. */
import { escapeIdentifier, escapeLiteral } from 'pg';
import type { CommandRecord } from '#shared/contract/operations.ts';
import { isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import { redacted } from '#shared/domain/scrub.ts';
import type { PostgresSession } from '../postgres/index.ts';
import { commentOn, type ServerDatabase } from './server-databases.ts';

/** Settings whose value is a list of quoted names. Source: variable_is_guc_list_quote() of pg_dump. */
const listSettings = new Set(['local_preload_libraries', 'search_path', 'session_preload_libraries', 'shared_preload_libraries', 'temp_tablespaces', 'unix_socket_directories']);

/** Takes apart a stored list of names: `"$user", public` is `$user` and `public`. Source: SplitGUCList() of Postgres. */
export function splitNames(value: string): string[] {
  const names: string[] = [];
  for (const match of value.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,"\s][^,]*?))\s*(?:,|$)/gy)) {
    names.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'));
  }
  return names;
}

/** One statement, and how it may be told of where it holds a value that nobody has to see. */
export interface PropertyStatement {
  sql: string;
  /** The same text, or one without the value. */
  shown: string;
}

/**
 * The `name TO value` of an `ALTER … SET` for a setting as `pg_db_role_setting` stores it: `name=value`. Shown is the
 * value of the server's own settings alone: what people put under names of their own (`app.jwt_secret`) may be secret.
 */
export function settingClause(stored: string, ownSettings: ReadonlySet<string>): PropertyStatement {
  const at = stored.indexOf('=');
  const name = stored.slice(0, at);
  const value = stored.slice(at + 1);
  // A setting of an extension is written with its two names apart: app.tenant.
  const quoted = name.split('.').map(escapeIdentifier).join('.');
  const names = listSettings.has(name.toLowerCase()) ? splitNames(value) : [value];
  const sql = `${quoted} TO ${names.length === 0 ? "''" : names.map(escapeLiteral).join(', ')}`;
  const isOwn = !name.includes('.') && ownSettings.has(name.toLowerCase());
  return { sql, shown: isOwn ? sql : `${quoted} TO ${redacted}` };
}

/** Names of the settings that the server itself knows, in lower case. */
async function readOwnSettings(session: PostgresSession): Promise<Set<string>> {
  const { rows } = await session.query<{ name: string }>("SELECT pg_catalog.lower(name) AS name FROM pg_catalog.pg_settings WHERE pg_catalog.strpos(name, '.') = 0");
  return new Set(rows.map(({ name }) => name));
}

interface RoleSettings {
  role: string | null;
  settings: string[];
}

async function readSettings(session: PostgresSession, oid: string): Promise<RoleSettings[]> {
  const { rows } = await session.query<{ role: string | null; settings: string[] }>(
    `SELECT r.rolname::text AS role, s.setconfig AS settings FROM pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
      WHERE s.setdatabase = $1::oid ORDER BY 1 NULLS FIRST`,
    [oid],
  );
  return rows;
}

interface Grant {
  /** Null: PUBLIC. */
  grantee: string | null;
  privilege: string;
  grantable: boolean;
}

/** Null where nobody ever granted or revoked anything: the defaults apply. */
async function readGrants(session: PostgresSession, oid: string): Promise<Grant[] | null> {
  const { rows: acl } = await session.query<{ given: boolean }>('SELECT datacl IS NOT NULL AS given FROM pg_catalog.pg_database WHERE oid = $1::oid', [oid]);
  if (acl[0]?.given !== true) return null;
  const { rows } = await session.query<{ grantee: string | null; privilege: string; grantable: boolean }>(
    `SELECT r.rolname::text AS grantee, a.privilege_type AS privilege, bool_or(a.is_grantable) AS grantable
       FROM pg_catalog.pg_database d, LATERAL pg_catalog.aclexplode(d.datacl) a LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
      WHERE d.oid = $1::oid GROUP BY 1, 2 ORDER BY 1 NULLS FIRST, 2`,
    [oid],
  );
  return rows;
}

const roleName = (role: string | null) => (role === null ? 'PUBLIC' : escapeIdentifier(role));

/** The statements that make the settings and grants of one database those of another. */
export function propertyStatements(options: { to: ServerDatabase; from: ServerDatabase; settings: { from: RoleSettings[]; to: RoleSettings[] }; grants: { from: Grant[] | null; to: Grant[] | null }; ownSettings: ReadonlySet<string> }): PropertyStatement[] {
  const { from, to, settings, grants, ownSettings } = options;
  const database = escapeIdentifier(to.name);
  const statements: PropertyStatement[] = [];
  const push = (sql: string) => statements.push({ sql, shown: sql });
  const alter = (role: string | null) => (role === null ? `ALTER DATABASE ${database}` : `ALTER ROLE ${escapeIdentifier(role)} IN DATABASE ${database}`);
  if (to.owner !== from.owner) push(`ALTER DATABASE ${database} OWNER TO ${escapeIdentifier(from.owner)}`);
  for (const { role } of settings.to) push(`${alter(role)} RESET ALL`);
  for (const { role, settings: stored } of settings.from) {
    for (const setting of stored) {
      const { sql, shown } = settingClause(setting, ownSettings);
      statements.push({ sql: `${alter(role)} SET ${sql}`, shown: `${alter(role)} SET ${shown}` });
    }
  }
  if (grants.from !== null) {
    const holders = new Set<string | null>([null, from.owner, to.owner, ...(grants.to ?? []).map(({ grantee }) => grantee)]);
    for (const holder of holders) push(`REVOKE ALL ON DATABASE ${database} FROM ${roleName(holder)}`);
    for (const { grantee, privilege, grantable } of grants.from) push(`GRANT ${privilege} ON DATABASE ${database} TO ${roleName(grantee)}${grantable ? ' WITH GRANT OPTION' : ''}`);
  }
  if (to.connectionLimit !== from.connectionLimit) push(`ALTER DATABASE ${database} CONNECTION LIMIT ${from.connectionLimit}`);
  return statements;
}

async function readStatements(session: PostgresSession, from: ServerDatabase, to: ServerDatabase): Promise<PropertyStatement[]> {
  const settings = { from: await readSettings(session, from.oid), to: await readSettings(session, to.oid) };
  const grants = { from: await readGrants(session, from.oid), to: await readGrants(session, to.oid) };
  return propertyStatements({ from, to, settings, grants, ownSettings: await readOwnSettings(session) });
}

/** What copying would send, in one transaction, as it may be shown. */
export async function planProperties(session: PostgresSession, from: ServerDatabase, to: ServerDatabase): Promise<string[]> {
  return (await readStatements(session, from, to)).map(({ shown }) => shown);
}

/** Listens to what a session sends, and tells of it without the values that `copyProperties` keeps to itself. */
export interface DiscreetListener {
  onStatement(record: CommandRecord): void;
  /** From now on this text is told of as `shown`, and without what the server answers to it. */
  hide(statement: PropertyStatement): void;
}

export function createDiscreetListener(tell: (record: CommandRecord) => void): DiscreetListener {
  const hidden = new Map<string, string>();
  return {
    hide: ({ sql, shown }) => void (sql !== shown && hidden.set(sql, shown)),
    onStatement(record) {
      const shown = hidden.get(record.text);
      // The server repeats a value that it does not take.
      tell(shown === undefined ? record : { ...record, text: shown, ...(record.output === undefined ? {} : { output: redacted }) });
    },
  };
}

/** An error of a statement that holds a value, without the words of the server, which may repeat it. */
function withoutValue(error: unknown, shown: string): unknown {
  const sqlState = isPilothouseError(error) ? error.details['sqlState'] : undefined;
  if (!isPilothouseError(error) || typeof sqlState !== 'string') return error;
  return new PilothouseError(error.code, `The server refused ${shown} (SQLSTATE ${sqlState}).`, { hint: "Look in the server's log why; change the setting of the live database, or remove it, then plan again.", details: { sqlState } });
}

/**
 * Gives `to` the owner, settings (of all roles), grants, connection limit and comment of `from`, in one transaction.
 * Values that may be secret are read from the catalogue here and are known to nobody but the server afterwards.
 * @param session its `onStatement` is that of `listener`
 * @returns what is still different afterwards, in words
 */
export async function copyProperties(session: PostgresSession, listener: DiscreetListener, from: ServerDatabase, to: ServerDatabase): Promise<string[]> {
  const statements = await readStatements(session, from, to);
  await session.query('BEGIN');
  try {
    for (const statement of statements) {
      listener.hide(statement);
      try {
        await session.query(statement.sql);
      } catch (error) {
        throw statement.sql === statement.shown ? error : withoutValue(error, statement.shown);
      }
    }
    await commentOn(session, to.name, from.comment);
    await session.query('COMMIT');
  } catch (error) {
    // The session may be gone, and its transaction with it; the first error is the one that matters.
    await session.query('ROLLBACK').catch(() => {});
    throw error;
  }
  const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
  const left: string[] = [];
  if (!same(await readSettings(session, from.oid), await readSettings(session, to.oid))) left.push(`the settings of ${to.name} are not those of ${from.name}`);
  const grants = await readGrants(session, from.oid);
  if (grants !== null && !same(grants, await readGrants(session, to.oid))) left.push(`the grants on ${to.name} are not those on ${from.name}`);
  return left;
}
