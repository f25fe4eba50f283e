/**
 * What a role sees. Asked of the server once per session; a check that needs an eye that is shut is `unknown`, and
 * says what would open it. Nothing is concluded from rows that a role might not have been shown.
 */
import type { ServerFacts } from '../postgres/index.ts';
import { comment, identifier } from './sql-text.ts';

export const eyeIds = ['activity', 'settings', 'role-settings', 'file-settings', 'archive-status', 'password-hashes', 'hba-rules', 'counts'] as const;
export type EyeId = (typeof eyeIds)[number];

interface Eye {
  /** A boolean expression: whether the role sees. */
  sql: string;
  /** What is hidden without it. */
  hidden: string;
  /** For the catalogue: the privilege, in words. */
  needs: string;
  /** The step that opens it. */
  opener(role: string, database: string): string;
}

const monitorGrant = (role: string) => `GRANT pg_monitor TO ${identifier(role)};`;

/** Views and functions of the catalogue carry their privileges per database, so those grants say where. */
const inDatabase = (database: string) => comment(`in database ${database}, as a superuser`);

export const eyes: Record<EyeId, Eye> = {
  activity: {
    sql: "pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')",
    hidden: "other roles' sessions are shown without their state",
    needs: 'member of pg_monitor',
    opener: monitorGrant,
  },
  settings: {
    sql: "pg_has_role(current_user, 'pg_read_all_settings', 'USAGE')",
    hidden: 'some settings are hidden from this role',
    needs: 'member of pg_monitor',
    opener: monitorGrant,
  },
  'role-settings': {
    sql: ['setdatabase', 'setrole', 'setconfig'].map((column) => `has_column_privilege('pg_catalog.pg_db_role_setting', '${column}', 'SELECT')`).join(' AND '),
    hidden: 'what is set for roles and databases is hidden from this role',
    needs: 'SELECT on pg_db_role_setting',
    opener: (role, database) => `${inDatabase(database)}\nGRANT SELECT ON pg_catalog.pg_db_role_setting TO ${identifier(role)};`,
  },
  'file-settings': {
    sql: "has_table_privilege('pg_catalog.pg_file_settings', 'SELECT') AND has_function_privilege('pg_catalog.pg_show_all_file_settings()', 'EXECUTE')",
    hidden: 'the configuration files are hidden from this role',
    needs: 'superuser, or SELECT on pg_file_settings and EXECUTE on pg_show_all_file_settings()',
    opener: (role, database) =>
      `${inDatabase(database)}\nGRANT SELECT ON pg_catalog.pg_file_settings TO ${identifier(role)};\nGRANT EXECUTE ON FUNCTION pg_catalog.pg_show_all_file_settings() TO ${identifier(role)};`,
  },
  'archive-status': {
    sql: "has_function_privilege('pg_catalog.pg_ls_archive_statusdir()', 'EXECUTE')",
    hidden: 'how many files wait to be archived is hidden from this role',
    needs: 'member of pg_monitor',
    opener: monitorGrant,
  },
  'password-hashes': {
    sql: "has_column_privilege('pg_catalog.pg_authid', 'rolname', 'SELECT') AND has_column_privilege('pg_catalog.pg_authid', 'rolcanlogin', 'SELECT') AND has_column_privilege('pg_catalog.pg_authid', 'rolpassword', 'SELECT')",
    hidden: 'how passwords are stored is hidden from this role',
    needs: 'superuser, or SELECT on pg_authid (which shows password hashes to the role)',
    opener: (role, database) =>
      `-- Shows password hashes to the role; connecting once as a superuser answers the same question.\n${inDatabase(database)}\nGRANT SELECT (rolname, rolcanlogin, rolpassword) ON pg_catalog.pg_authid TO ${identifier(role)};`,
  },
  'hba-rules': {
    sql: "has_table_privilege('pg_catalog.pg_hba_file_rules', 'SELECT') AND has_function_privilege('pg_catalog.pg_hba_file_rules()', 'EXECUTE')",
    hidden: 'pg_hba_file_rules is hidden from this role',
    needs: 'superuser, or SELECT on pg_hba_file_rules and EXECUTE on pg_hba_file_rules()',
    opener: (role, database) =>
      `${inDatabase(database)}\nGRANT SELECT ON pg_catalog.pg_hba_file_rules TO ${identifier(role)};\nGRANT EXECUTE ON FUNCTION pg_catalog.pg_hba_file_rules() TO ${identifier(role)};`,
  },
  counts: {
    sql: "current_setting('track_counts')::boolean",
    hidden: 'track_counts is off, so nothing is counted',
    needs: 'track_counts = on',
    opener: () => 'ALTER SYSTEM SET track_counts = on;\nSELECT pg_reload_conf();',
  },
};

/**
 * One row: a boolean column per eye, and what is known of the statistics of the current database. Where
 * `stats_reset` is empty they are at least as old as the server's start, unless a crash threw them away since then:
 * pg_stat_bgwriter carries that moment.
 */
export const eyesStatement = `SELECT ${eyeIds.map((eye) => `${eyes[eye].sql} AS ${identifier(eye)}`).join(',\n       ')},
       extract(epoch FROM now() - coalesce((SELECT stats_reset FROM pg_stat_database WHERE datname = current_database()),
         greatest(pg_postmaster_start_time(), (SELECT stats_reset FROM pg_stat_bgwriter))))::float8 / 3600 AS statistics_hours,
       pg_database_size(current_database())::float8 AS size_bytes`;

/** What would open these eyes, each step once. */
export function openerOf(shut: readonly EyeId[], server: Pick<ServerFacts, 'user' | 'database'>): string {
  return [...new Set(shut.map((eye) => eyes[eye].opener(server.user, server.database)))].join('\n');
}
