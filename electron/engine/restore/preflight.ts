/** What stands in the way of restoring a backup beside its original, and what will be different. */
import { escapeIdentifier } from 'pg';
import type { PlanFinding } from '#shared/contract/operations.ts';
import type { Manifest } from '../backup/manifest.ts';
import { serverFreeBytes } from '../backup/space.ts';
import type { EngineContext } from '../engine-context.ts';
import { bytesInWords } from '../backup/words.ts';
import type { PostgresSession, PostgresTarget } from '../postgres/index.ts';
import type { RestoreDecisions } from './decisions.ts';
import { besideName, whyNotAName } from './names.ts';

/** A restored database with its indexes needs about what it had, and room for sorting. Source: backup-restore rules, "Space". */
const spaceFactor = 1.3;


const ok = (title: string, detail?: string): PlanFinding => ({ state: 'ok', title, ...(detail === undefined ? {} : { detail }) });
const warn = (title: string, detail: string, fix?: string): PlanFinding => ({ state: 'warn', title, detail, ...(fix === undefined ? {} : { fix }) });
const critical = (title: string, detail: string, fix: string): PlanFinding => ({ state: 'critical', title, detail, fix });

/** Findings about the name of the new database. What has the name may be what the backup came from: dropping it is never advised. */
export function nameFindings(into: string, databases: ReadonlySet<string>, target: PostgresTarget, beside: string): PlanFinding[] {
  const reason = whyNotAName(into);
  if (reason !== null) return [critical(`A database cannot be called that`, `"${into}": ${reason}.`, 'Choose a shorter, plain name.')];
  if (databases.has(into)) return [critical(`There is a database ${into} already`, `A restore never writes into a database that stands on ${target.label}.`, `Choose another name: ${besideName(beside, databases)} is free.`)];
  return [ok(`The name ${into} is free`)];
}

/** Findings about the server: its version, its role, who it is. */
export function serverFindings(session: PostgresSession, manifest: Manifest, target: PostgresTarget): PlanFinding[] {
  const { server } = session;
  const sourceMajor = Math.floor(manifest.server.versionNum / 10_000);
  const findings: PlanFinding[] = [];
  if (server.standby) findings.push(critical('The server is a standby', 'It only repeats what its primary does; no database can be made there.', 'Restore to the primary.'));
  findings.push(
    server.major >= sourceMajor
      ? ok(`Postgres ${server.version} takes a backup of ${manifest.server.version}`)
      : critical(`The server is older than the backup`, `It runs Postgres ${server.version}; the backup is of ${manifest.server.version}.`, `Restore to a server of major ${sourceMajor} or newer.`),
  );
  if (server.systemIdentifier === null) findings.push(critical('Which cluster it is cannot be read', `${server.user} may not call pg_control_system().`, `GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO ${escapeIdentifier(server.user)};`));
  else if (server.systemIdentifier === manifest.server.systemIdentifier) findings.push(ok('It is the cluster that the backup was made of', `System identifier ${server.systemIdentifier}.`));
  else findings.push(warn('It is another cluster than the one that was backed up', `The backup is of ${manifest.database.name} on ${manifest.database.host}:${manifest.database.port} (system identifier ${manifest.server.systemIdentifier}); ${target.label} is ${server.systemIdentifier}.`));
  if (!server.createDatabase) findings.push(critical(`${server.user} may not create databases`, 'A restore needs one of its own.', `As a superuser: ALTER ROLE ${escapeIdentifier(server.user)} CREATEDB;`));
  return findings;
}

/** Findings about free connections. The restore takes one per worker and three of ours. */
export async function connectionFindings(session: PostgresSession, jobs: number): Promise<PlanFinding[]> {
  const { rows } = await session.query<{ free: string; role_limit: number; role_used: string }>(
    `SELECT (current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int - (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend'))::text AS free,
       r.rolconnlimit AS role_limit, (SELECT count(*)::text FROM pg_catalog.pg_stat_activity a WHERE a.usename = current_user AND a.backend_type = 'client backend') AS role_used
     FROM pg_catalog.pg_roles r WHERE r.rolname = current_user`,
  );
  const needed = jobs + 3;
  const free = Number(rows[0]?.free ?? 0);
  const roleLimit = rows[0]?.role_limit ?? -1;
  const roleFree = roleLimit < 0 ? Number.POSITIVE_INFINITY : roleLimit - Number(rows[0]?.role_used ?? 0);
  if (Math.min(free, roleFree) >= needed) return [];
  const [left, what] = free <= roleFree ? [free, 'the server has'] : [roleFree, `the role ${session.server.user} has`];
  return [warn(`${needed} connections are needed, ${what} ${Math.max(0, left)} left`, 'The restore may fail for want of one, and would then be taken back.', 'Restore with fewer workers, or close idle sessions.')];
}

/** Findings about space on the server. */
export async function spaceFindings(context: Pick<EngineContext, 'hosts' | 'ports'>, session: PostgresSession, manifest: Manifest, target: PostgresTarget): Promise<PlanFinding[]> {
  const needed = manifest.databaseBytes * spaceFactor;
  const free = await serverFreeBytes(context, target, session);
  if (free === null) return [warn(`It needs about ${bytesInWords(needed)} on the server`, 'How much is free there cannot be seen from here.', 'Look on the server: df -h in its data_directory.')];
  if (free < needed) return [critical('The server has too little space', `About ${bytesInWords(needed)} are needed, ${bytesInWords(free)} are free.`, 'Free some space on the server, or restore to another one.')];
  return [ok(`${bytesInWords(free)} are free, about ${bytesInWords(needed)} are needed`)];
}

/** Findings about encoding and locale. Whether a locale exists is known for certain only when the database is made. */
export async function localeFindings(session: PostgresSession, manifest: Manifest): Promise<PlanFinding[]> {
  const { rows } = await session.query<{ known: boolean }>(
    `SELECT $1::text IN ('C', 'POSIX') OR EXISTS (SELECT FROM pg_catalog.pg_database d WHERE d.datcollate = $1::text AND d.datctype = $2::text)
       OR EXISTS (SELECT FROM pg_catalog.pg_collation c WHERE c.collcollate = $1::text) AS known`,
    [manifest.collate, manifest.ctype],
  );
  if (rows[0]?.known === true) return [ok(`Encoding ${manifest.encoding} and collation ${manifest.collate} are there`)];
  return [warn(`The collation ${manifest.collate} may not be there`, `No database of the server uses it. Should it be missing, the restore stops before anything is written.`, `On the server (Debian): add ${manifest.collate} to /etc/locale.gen, run locale-gen, restart Postgres.`)];
}

/** What was decided about the archive, as findings. */
export function decisionFindings(decisions: RestoreDecisions): PlanFinding[] {
  return [
    ...decisions.obstacles.map(({ title, detail, fix }) => critical(title, detail, fix)),
    ...decisions.omissions.map((omission) => warn('Not everything is restored as it was', omission)),
    ...(decisions.obstacles.length === 0 && decisions.omissions.length === 0 ? [ok('Roles, extensions and tablespaces are all there')] : []),
  ];
}
