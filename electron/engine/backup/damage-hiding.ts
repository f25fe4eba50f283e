/**
 * Where settings are on that let a server pass over damage in silence: one statement, for backups and for health.
 * Source: zero_damaged_pages and ignore_checksum_failure in "Developer Options" of Postgres's manual; pg_db_role_setting.
 */
import { quoteIdentifier } from './identifiers.ts';

/** Whose a setting is; both null where it is the server's, or of all roles. */
export interface SettingOwner {
  role: string | null;
  database: string | null;
}

/** A place where one of them can be on. */
export interface HidingPlace extends SettingOwner {
  name: string;
  /** `unseen`: the server's own value, where one of the owner's stands before it in our session. */
  setting: 'on' | 'off' | 'unseen';
  /** As in pg_settings; `role or database` where it was found among those of all roles and databases. */
  source: string;
  sourcefile: string | null;
  [column: string]: unknown;
}

const ownSources = ['global', 'database', 'user', 'database user'];

/** Whether a value is set for roles or databases, and not for the server. */
export const isOwn = (source: string): boolean => source === 'role or database' || ownSources.includes(source);

/** Whose the value is that counts in our session: two columns beside those of pg_settings. */
export const ownerColumns = `
    CASE WHEN s.source IN ('user', 'database user') THEN session_user::text END AS role,
    CASE WHEN s.source IN ('database', 'database user') THEN pg_catalog.current_database()::text END AS database`;

/** Checksums that do not match are not looked at where there are none. */
const hiding = `(SELECT 'zero_damaged_pages' AS name UNION ALL SELECT 'ignore_checksum_failure' WHERE pg_catalog.current_setting('data_checksums') <> 'off') h`;

/**
 * The server's own value of each, and everything for which one of them is on. For our own sessions alone it could be
 * switched off, but that would be no help: a page that any session has read while it was on stays in the server's
 * buffers as it was read, for every other session too. So it counts for whom it is on, whoever that is, and one that
 * is off for us hides whether it is on for all others. What somebody has SET in a session of theirs no other session
 * can see.
 * @param of for whom in this database, or in any of the server
 * @param roleSettings false where pg_db_role_setting may not be read
 */
export function damageHidingSql({ of, roleSettings }: { of: 'database' | 'server'; roleSettings: boolean }): string {
  const ofServer = `SELECT s.name, CASE WHEN s.source IN (${ownSources.map((source) => `'${source}'`).join(', ')}) THEN 'unseen' ELSE s.setting END AS setting, s.source, s.sourcefile,${ownerColumns}
  FROM ${hiding} JOIN pg_catalog.pg_settings s ON s.name = h.name`;
  if (!roleSettings) return ofServer;
  return `${ofServer}
  UNION ALL
  SELECT h.name, 'on', 'role or database', NULL, CASE WHEN c.setrole <> 0 THEN pg_catalog.pg_get_userbyid(c.setrole)::text END, d.datname::text
  FROM pg_catalog.pg_db_role_setting c CROSS JOIN LATERAL unnest(c.setconfig) AS one(entry)
  JOIN ${hiding} ON h.name = split_part(one.entry, '=', 1)
  LEFT JOIN pg_catalog.pg_database d ON d.oid = c.setdatabase
  WHERE ${of === 'server' ? '' : '(c.setdatabase = 0 OR d.datname = pg_catalog.current_database()) AND '}CASE WHEN split_part(one.entry, '=', 1) = h.name THEN split_part(one.entry, '=', 2)::boolean END`;
}

/** In words: "role app in database shop". */
export function ownerWords({ role, database }: SettingOwner): string {
  return [...(role === null ? [] : [`role ${role}`]), ...(database === null ? [] : [`database ${database}`])].join(' in ') || 'all roles';
}

/** What ALTER takes for it: `ROLE "app" IN DATABASE "shop"`. */
export function ownerSql({ role, database }: SettingOwner): string {
  if (role === null && database !== null) return `DATABASE ${quoteIdentifier(database)}`;
  return `ROLE ${role === null ? 'ALL' : quoteIdentifier(role)}${database === null ? '' : ` IN DATABASE ${quoteIdentifier(database)}`}`;
}
