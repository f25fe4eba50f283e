import type { PostgresSession } from '../postgres/types.ts';
import { databaseName } from './configuration.ts';
import { applicationRole, ownerRole, reportingRole, type Passwords } from './passfile.ts';

/**
 * Makes the roles and the empty database.
 *
 * The console's own role is a superuser here, which a console seldom is elsewhere. It takes one to back up the roles
 * with their passwords, to see md5 passwords and the rules of pg_hba.conf; the grants that would open the same to a
 * lesser role are stored in the database itself, so they end up in its dumps, where a lesser role cannot restore them.
 *
 * Passwords go as parameters into a setting of the session and are put into the statement on the server, so no
 * statement that is sent, logged or kept in history contains one.
 */
export async function createRolesAndDatabase(session: PostgresSession, passwords: Passwords): Promise<void> {
  for (const [role, encryption] of [
    [ownerRole, 'scram-sha-256'],
    [applicationRole, 'scram-sha-256'],
    [reportingRole, 'md5'],
  ] as const) {
    await session.query(`SELECT set_config('practice.password', $1, false), set_config('password_encryption', $2, false)`, [passwords[role]?.reveal() ?? '', encryption]);
    await session.query(`DO $$BEGIN EXECUTE format('CREATE ROLE ${role} LOGIN PASSWORD %L', current_setting('practice.password')); END$$`);
  }
  await session.query(`SELECT set_config('practice.password', '', false)`);
  await session.query(`CREATE DATABASE ${databaseName} OWNER ${ownerRole} TEMPLATE template0`);
  await session.query(`COMMENT ON DATABASE ${databaseName} IS 'A small online shop to practise with. Everything in it is invented'`);
  await session.query(`ALTER DATABASE ${databaseName} SET default_statistics_target = 120`);
  // Something for a restore to carry over; the traffic itself asks for it in each session.
  await session.query(`ALTER ROLE ${applicationRole} IN DATABASE ${databaseName} SET lock_timeout = '15s'`);
}
