/** The databases of a server, seen and changed from a session in another one of them. */
import { escapeIdentifier, escapeLiteral } from 'pg';
import { PilothouseError, hasCode, isPilothouseError } from '#shared/domain/errors.ts';
import type { EngineContext } from '../engine-context.ts';
import type { ConnectOptions, PostgresSession, PostgresTarget } from '../postgres/index.ts';

export interface ServerDatabase {
  /** `pg_database.oid`, as text. It stays when the name changes. */
  oid: string;
  name: string;
  owner: string;
  allowsConnections: boolean;
  connectionLimit: number;
  comment: string | null;
}

type DatabaseRow = { oid: string; name: string; owner: string; allows: boolean; connection_limit: number; comment: string | null };

const databaseColumns = `d.oid::text AS oid, d.datname::text AS name, pg_catalog.pg_get_userbyid(d.datdba)::text AS owner, d.datallowconn AS allows,
  d.datconnlimit AS connection_limit, pg_catalog.shobj_description(d.oid, 'pg_database') AS comment`;

function toServerDatabase(row: DatabaseRow): ServerDatabase {
  return { oid: row.oid, name: row.name, owner: row.owner, allowsConnections: row.allows, connectionLimit: row.connection_limit, comment: row.comment };
}

/** Every database of the server but its templates. */
export async function listDatabases(session: PostgresSession): Promise<ServerDatabase[]> {
  const { rows } = await session.query<DatabaseRow>(`SELECT ${databaseColumns} FROM pg_catalog.pg_database d WHERE NOT d.datistemplate ORDER BY d.datname`);
  return rows.map(toServerDatabase);
}

export async function findByName(session: PostgresSession, name: string): Promise<ServerDatabase | null> {
  const { rows } = await session.query<DatabaseRow>(`SELECT ${databaseColumns} FROM pg_catalog.pg_database d WHERE d.datname = $1`, [name]);
  return rows[0] === undefined ? null : toServerDatabase(rows[0]);
}

export async function findByOid(session: PostgresSession, oid: string): Promise<ServerDatabase | null> {
  const { rows } = await session.query<DatabaseRow>(`SELECT ${databaseColumns} FROM pg_catalog.pg_database d WHERE d.oid = $1::oid`, [oid]);
  return rows[0] === undefined ? null : toServerDatabase(rows[0]);
}

/**
 * A session on the target's server from which its databases can be made, renamed and dropped: in `postgres`, else
 * `template1`, else the managed database itself, and never in one of `avoid`.
 * @throws postgres.* as a connection does; postgres.no-such-database where none of them lets us in
 */
export async function connectBeside(context: EngineContext, target: PostgresTarget, options: Omit<ConnectOptions, 'database'> & { avoid?: readonly string[] }): Promise<PostgresSession> {
  const { avoid = [], ...connectOptions } = options;
  const candidates = [...new Set(['postgres', 'template1', target.connection.database])].filter((name) => !avoid.includes(name));
  let refusal: unknown = null;
  for (const database of candidates) {
    try {
      return await context.postgres.connect(target, { ...connectOptions, database });
    } catch (error) {
      // 55000: this one database takes no connections. Everything else of that code is the whole server.
      const closed = hasCode(error, 'postgres.not-accepting') && isPilothouseError(error) && error.details['sqlState'] === '55000';
      if (!hasCode(error, 'postgres.no-such-database') && !hasCode(error, 'postgres.privilege') && !closed) throw error;
      refusal ??= error;
    }
  }
  throw new PilothouseError('postgres.no-such-database', `The server of ${target.label} lets us into none of its databases ${candidates.join(', ')}; from one of them another has to be made, renamed or dropped.`, {
    hint: `Allow it: GRANT CONNECT ON DATABASE postgres TO ${escapeIdentifier(target.connection.user)};`,
    cause: refusal,
  });
}

/**
 * A standby shares the identity of its primary and may not have replayed what was done there: what is not seen on it
 * says nothing. @throws postgres.not-accepting
 */
export function requirePrimary(session: PostgresSession, target: PostgresTarget): void {
  if (!session.server.standby) return;
  throw new PilothouseError('postgres.not-accepting', `${target.label} is a standby at this moment, on which nobody can tell what was done to its databases, and nothing can be changed.`, { hint: 'Wait until it is promoted, or until the address leads to the primary again; it is tried again.', retryable: true });
}

/** Lets new sessions into a database, or no more. Sessions that are there stay. */
export async function allowConnections(session: PostgresSession, name: string, allow: boolean): Promise<void> {
  await session.query(`ALTER DATABASE ${escapeIdentifier(name)} ALLOW_CONNECTIONS ${allow ? 'true' : 'false'}`);
}

export async function renameDatabase(session: PostgresSession, from: string, to: string): Promise<void> {
  await session.query(`ALTER DATABASE ${escapeIdentifier(from)} RENAME TO ${escapeIdentifier(to)}`);
}

export async function commentOn(session: PostgresSession, name: string, comment: string | null): Promise<void> {
  await session.query(`COMMENT ON DATABASE ${escapeIdentifier(name)} IS ${comment === null ? 'NULL' : escapeLiteral(comment)}`);
}

/**
 * Whether a row of pg_stat_activity is somebody's session, and not work of the server itself. Autovacuum has no user,
 * ends by itself where a database is renamed or dropped, and may be ended by a superuser only. The kind of another
 * role's session is hidden from an ordinary role; its user never is.
 */
export const isSomebodys = 'a.usesysid IS NOT NULL';

/** Who is connected to some databases: "web (3), etl (1)". */
export async function sessionsIn(session: PostgresSession, oids: readonly string[]): Promise<{ count: number; words: string }> {
  const { rows } = await session.query<{ who: string; sessions: string }>(
    `SELECT concat_ws(' as ', nullif(a.application_name, ''), a.usename::text) AS who, count(*)::text AS sessions
       FROM pg_catalog.pg_stat_activity a
      WHERE a.datid = ANY ($1::oid[]) AND a.pid <> pg_catalog.pg_backend_pid() AND ${isSomebodys} AND coalesce(a.backend_type, 'client backend') = 'client backend'
      GROUP BY 1 ORDER BY count(*) DESC, 1`,
    [`{${oids.join(',')}}`],
  );
  const count = rows.reduce((sum, row) => sum + Number(row.sessions), 0);
  return { count, words: rows.slice(0, 6).map((row) => `${row.who} (${row.sessions})`).join(', ') + (rows.length > 6 ? `, and ${rows.length - 6} more` : '') };
}

/** Asks everybody's sessions in some databases to end. Returns how many there were. @throws postgres.privilege */
export async function endSessions(session: PostgresSession, oids: readonly string[]): Promise<number> {
  const { rows } = await session.query<{ ended: string }>(
    `SELECT count(*) FILTER (WHERE pg_catalog.pg_terminate_backend(a.pid))::text AS ended
       FROM pg_catalog.pg_stat_activity a WHERE a.datid = ANY ($1::oid[]) AND a.pid <> pg_catalog.pg_backend_pid() AND ${isSomebodys}`,
    [`{${oids.join(',')}}`],
  );
  return Number(rows[0]?.ended ?? 0);
}

/** How often a database is tried to be dropped while somebody keeps connecting to it. */
const dropAttempts = 3;

const hasState = (error: unknown, ...states: string[]): boolean => isPilothouseError(error) && states.includes(String(error.details['sqlState']));

/**
 * Drops a database and ends the sessions in it: from 13 on in one statement, so that none slips in between. That one
 * refuses an ordinary role while autovacuum is at work there (42501); a plain DROP ends autovacuum by itself, and is
 * refused while somebody is connected (55006).
 * @throws postgres.privilege, postgres.query-failed
 */
export async function dropDatabase(session: PostgresSession, database: ServerDatabase): Promise<void> {
  const name = escapeIdentifier(database.name);
  if (session.server.versionNum < 130000) {
    await allowConnections(session, database.name, false);
    await endSessions(session, [database.oid]);
    await session.query(`DROP DATABASE IF EXISTS ${name}`);
    return;
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      await session.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      return;
    } catch (error) {
      if (attempt >= dropAttempts || !hasState(error, '42501', '55006') || !(await owns(session, database.oid))) throw error;
    }
    await endSessions(session, [database.oid]);
    try {
      await session.query(`DROP DATABASE IF EXISTS ${name}`);
      return;
    } catch (error) {
      if (!hasState(error, '55006')) throw error;
    }
  }
}

/** Whether a database may be dropped by this role at all: nobody's sessions are ended for one that may not. */
async function owns(session: PostgresSession, oid: string): Promise<boolean> {
  const { rows } = await session.query<{ owns: boolean }>("SELECT pg_catalog.pg_has_role(datdba, 'USAGE') AS owns FROM pg_catalog.pg_database WHERE oid = $1::oid", [oid]);
  return rows[0]?.owns === true;
}
