/**
 * Settings that let a server pass over damage in silence. Under them COPY and count(*) read a damaged page as empty, or
 * as whatever stands in it: the dump, the counts and every proof agree with each other, and rows are missing in all.
 */
import type { PlanFinding } from '#shared/contract/operations.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { PostgresSession } from '../postgres/types.ts';
import { quoteIdentifier } from './identifiers.ts';

/**
 * Where one of them is on. For our own sessions alone it could be switched off, but that would be no help: a page that
 * any session has read while it was on stays in the server's buffers as it was read, for every other session too. So
 * it counts for whom it is on in this database, whoever that is. What somebody has SET in a session of theirs no other
 * session can see. Checksums are not looked at where there are none.
 * Source: zero_damaged_pages and ignore_checksum_failure in "Developer Options" of Postgres's manual; pg_db_role_setting.
 */
const unseenSql = `
  WITH hiding(name) AS (
    SELECT 'zero_damaged_pages' UNION ALL SELECT 'ignore_checksum_failure' WHERE pg_catalog.current_setting('data_checksums') <> 'off')
  SELECT s.name, s.source, NULL AS role, NULL AS database
  FROM hiding h JOIN pg_catalog.pg_settings s ON s.name = h.name
  WHERE s.setting = 'on' AND s.source NOT IN ('global', 'database', 'user', 'database user')
  UNION ALL
  SELECT h.name, 'role or database', CASE WHEN c.setrole = 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(c.setrole) END, d.datname
  FROM pg_catalog.pg_db_role_setting c CROSS JOIN LATERAL unnest(c.setconfig) AS one(entry)
  JOIN hiding h ON h.name = split_part(one.entry, '=', 1)
  LEFT JOIN pg_catalog.pg_database d ON d.oid = c.setdatabase
  WHERE (c.setdatabase = 0 OR d.datname = pg_catalog.current_database())
    AND CASE WHEN split_part(one.entry, '=', 1) = h.name THEN split_part(one.entry, '=', 2)::boolean END
  ORDER BY name, role, database`;

interface Unseen {
  name: string;
  /** As in pg_settings; `role or database` where it is one's own, and these say whose. */
  source: string;
  role: string | null;
  database: string | null;
  [column: string]: unknown;
}

const whose = ({ source, role, database }: Unseen): string => {
  if (source !== 'role or database') return `the whole server (${source})`;
  return [...(role === null ? [] : [`role ${role}`]), ...(database === null ? [] : [`database ${database}`])].join(' in ') || 'all roles';
};

function switchOff({ name, source, role, database }: Unseen): string {
  if (source === 'command line') return `Take -c ${name}=on out of the command that starts the server.`;
  if (source !== 'role or database') return `ALTER SYSTEM SET ${name} = off; SELECT pg_reload_conf();`;
  if (role === null && database !== null) return `ALTER DATABASE ${quoteIdentifier(database)} RESET ${name};`;
  return `ALTER ROLE ${role === null ? 'ALL' : quoteIdentifier(role)}${database === null ? '' : ` IN DATABASE ${quoteIdentifier(database)}`} RESET ${name};`;
}

/** Why nothing that is read on this server can be believed; null where nothing speaks for that. */
export async function findDamageUnseen(session: PostgresSession): Promise<Required<PlanFinding> | null> {
  const { rows } = await session.query<Unseen>(unseenSql);
  if (rows.length === 0) return null;
  return {
    state: 'critical',
    title: `The server passes over damage in ${session.server.database} in silence`,
    detail: `${rows.map((row) => `${row.name} is on for ${whose(row)}`).join('; ')}. Rows in damaged pages would be missing from the dump and from what is counted beside it, and the backup would look proven.`,
    fix: `${rows.map(switchOff).join(' ')}  -- as a superuser; then restart the server: pages that were read meanwhile stay in its memory as they were read`,
  };
}

/**
 * For the moment of reading: a plan is older, and a setting of the server counts at once in sessions that are open.
 * @throws backup.incomplete
 */
export async function requireDamageSeen(session: PostgresSession): Promise<void> {
  const found = await findDamageUnseen(session);
  if (found !== null) throw new PilothouseError('backup.incomplete', `${found.title}: ${found.detail}`, { hint: found.fix });
}
