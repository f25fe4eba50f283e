import type { ServerFacts } from './types.ts';

interface FactRow {
  version: string;
  version_num: number;
  database: string;
  user: string;
  superuser: boolean;
  monitor: boolean;
  read_all_data: boolean;
  create_database: boolean;
  standby: boolean;
  may_identify: boolean;
  [column: string]: unknown;
}

/**
 * Roles that a version lacks count as not held (pg_read_all_data came with 14). Needs no privilege. Source: "System Information Functions", pg_roles.
 */
export const factsSql = `SELECT pg_catalog.current_setting('server_version') AS version,
  pg_catalog.current_setting('server_version_num')::pg_catalog.int4 AS version_num,
  pg_catalog.current_database()::pg_catalog.text AS database,
  current_user::pg_catalog.text AS "user",
  me.rolsuper AS superuser,
  me.rolsuper OR EXISTS (SELECT 1 FROM pg_catalog.pg_roles r WHERE r.rolname = 'pg_monitor' AND pg_catalog.pg_has_role(r.oid, 'USAGE')) AS monitor,
  EXISTS (SELECT 1 FROM pg_catalog.pg_roles r WHERE r.rolname = 'pg_read_all_data' AND (me.rolsuper OR pg_catalog.pg_has_role(r.oid, 'USAGE'))) AS read_all_data,
  me.rolsuper OR me.rolcreatedb AS create_database,
  pg_catalog.pg_is_in_recovery() AS standby,
  pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') AS may_identify
FROM pg_catalog.pg_roles me WHERE me.rolname = current_user`;

/** What makes a cluster itself, from its control file. Needs EXECUTE on pg_control_system(), which everybody has by default. */
export const identitySql = `SELECT system_identifier::pg_catalog.text AS system_identifier FROM pg_catalog.pg_control_system()`;

export type Ask = (sql: string) => Promise<Record<string, unknown>[]>;

/**
 * Where names and operators are looked for from our first statement on: in the catalogue. Whoever owns a database, or
 * the role, may have put a schema of theirs before it, and an operator in it that does what they like with our rights.
 */
const searchPath = 'pg_catalog, pg_temp';

/**
 * Reads what is known of a server. It changes nothing there but this very session: where its names are looked for, and
 * its limit, which a role may have set too low to be asked anything. So a wrong server is recognised before anything is
 * done to it. Each SET stands by itself, in front: it is carried out before the next statement is even read.
 */
export async function readFacts(ask: Ask, tls: boolean): Promise<ServerFacts> {
  const [row] = (await ask(`SET search_path = ${searchPath}; SET statement_timeout = 0; ${factsSql}`)) as FactRow[];
  if (row === undefined) throw new Error('the role of this session is not listed in pg_roles');
  const [identity] = row.may_identify ? await ask(identitySql) : [];
  return {
    version: row.version,
    versionNum: row.version_num,
    major: Math.floor(row.version_num / 10_000),
    systemIdentifier: identity === undefined ? null : String(identity['system_identifier']),
    database: row.database,
    user: row.user,
    superuser: row.superuser,
    monitor: row.monitor,
    readAllData: row.read_all_data,
    createDatabase: row.create_database,
    standby: row.standby,
    tls,
  };
}

/**
 * What every session of ours sets, whatever the role or the database carry: no surprise ends a long dump, and values
 * come in one form. Milliseconds, 0 for none. Source: "Client Connection Defaults".
 */
export function sessionSettingsSql(facts: Pick<ServerFacts, 'major'>, limits: { statementTimeoutMs: number; lockTimeoutMs: number }): string {
  const settings: [string, string | number][] = [
    ['search_path', searchPath],
    ['statement_timeout', limits.statementTimeoutMs],
    ['lock_timeout', limits.lockTimeoutMs],
    ['idle_in_transaction_session_timeout', 0],
    ...(facts.major >= 14 ? [['idle_session_timeout', 0] as [string, number]] : []),
    ...(facts.major >= 17 ? [['transaction_timeout', 0] as [string, number]] : []),
    ['row_security', 'on'],
    ['standard_conforming_strings', 'on'],
    ['datestyle', 'ISO, YMD'],
    ['intervalstyle', 'postgres'],
    ['extra_float_digits', 1],
    ['bytea_output', 'hex'],
  ];
  return `SELECT ${settings.map(([name, value]) => `pg_catalog.set_config('${name}', '${value}', false)`).join(', ')}`;
}
