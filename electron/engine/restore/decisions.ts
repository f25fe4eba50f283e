/** What of an archive a server can take as it is, what is left out or mapped, and what stands in the way. */
import { escapeIdentifier } from 'pg';
import type { Manifest } from '../backup/manifest.ts';
import type { PostgresSession } from '../postgres/index.ts';
import type { ArchiveEntry, ArchiveList } from './archive-list.ts';

/** What a server has, of what an archive needs. */
export interface ServerCapabilities {
  user: string;
  superuser: boolean;
  /** Roles of the archive that exist. */
  roles: ReadonlySet<string>;
  /** Roles of the archive that may be made the owner of something. */
  owners: ReadonlySet<string>;
  /** Extensions of the archive that are installed on the server's disk. */
  extensions: ReadonlySet<string>;
  /** Those of them that this user may create. */
  creatable: ReadonlySet<string>;
  /** Extensions of the archive that the new database may not have, because another one may, with the name of that one. */
  elsewhere: ReadonlyMap<string, string>;
  /** Tablespaces of the archive in which this user may create. */
  tablespaces: ReadonlySet<string>;
}

export interface RestoreDecisions {
  /** For pg_restore. */
  flags: string[];
  /** Dump ids of entries that are not restored. */
  leftOut: Set<number>;
  /** What a restore leaves out or maps, in words, with the consequence. */
  omissions: string[];
  /** What cannot be restored there at all. */
  obstacles: { title: string; detail: string; fix: string }[];
}

/** Extensions that only watch: nothing a database holds depends on them, so they can be left out. */
const watchers = new Set(['pg_stat_statements', 'pg_buffercache', 'pgstattuple', 'pg_prewarm', 'pageinspect', 'pg_visibility', 'pg_freespacemap', 'pgrowlocks', 'pg_walinspect', 'pg_stat_kcache', 'pg_qualstats', 'pg_wait_sampling', 'auto_explain', 'amcheck', 'pg_repack', 'hypopg']);

/**
 * Extensions that may exist in one database of a cluster only, with the setting that names it and its default.
 * Source: pg_cron's README, "Setting up pg_cron".
 */
const inOneDatabase = [{ extension: 'pg_cron', setting: 'cron.database_name', byDefault: 'postgres' }] as const;

async function readElsewhere(session: PostgresSession, extensions: readonly string[], into: string): Promise<Map<string, string>> {
  const elsewhere = new Map<string, string>();
  for (const { extension, setting, byDefault } of inOneDatabase.filter((each) => extensions.includes(each.extension))) {
    const { rows } = await session.query<{ name: string | null }>('SELECT pg_catalog.current_setting($1, true) AS name', [setting]);
    const name = rows[0]?.name ?? byDefault;
    if (name !== into) elsewhere.set(extension, name);
  }
  return elsewhere;
}

/**
 * Asks a server about what an archive names.
 * @param into the name of the new database
 */
export async function readCapabilities(session: PostgresSession, manifest: Pick<Manifest, 'roles' | 'tablespaces'>, list: ArchiveList, into: string): Promise<ServerCapabilities> {
  const extensions = list.entries.filter((entry) => entry.kind === 'EXTENSION').map((entry) => entry.tag);
  const names = async (sql: string, parameters: readonly unknown[]): Promise<Set<string>> => new Set((await session.query<{ name: string }>(sql, parameters)).rows.map((row) => row.name));
  // Who may make something belong to a role, and let it go: from 16 on that is a right of its own. Source: GRANT, "WITH SET".
  const mayGiveTo = session.server.major >= 16 ? 'SET' : 'MEMBER';
  const trusted = session.server.major >= 13 ? 'OR v.trusted' : '';
  return {
    user: session.server.user,
    superuser: session.server.superuser,
    roles: await names('SELECT rolname::text AS name FROM pg_catalog.pg_roles WHERE rolname = ANY ($1::text[])', [manifest.roles]),
    owners: await names('SELECT rolname::text AS name FROM pg_catalog.pg_roles WHERE rolname = ANY ($1::text[]) AND pg_catalog.pg_has_role(oid, $2)', [manifest.roles, mayGiveTo]),
    extensions: await names('SELECT name::text AS name FROM pg_catalog.pg_available_extensions WHERE name = ANY ($1::text[])', [extensions]),
    creatable: await names(`SELECT DISTINCT v.name::text AS name FROM pg_catalog.pg_available_extension_versions v WHERE v.name = ANY ($1::text[]) AND ($2::boolean OR NOT v.superuser ${trusted})`, [extensions, session.server.superuser]),
    elsewhere: await readElsewhere(session, extensions, into),
    tablespaces: await names("SELECT spcname::text AS name FROM pg_catalog.pg_tablespace WHERE spcname = ANY ($1::text[]) AND pg_catalog.has_tablespace_privilege(oid, 'CREATE')", [manifest.tablespaces]),
  };
}

function ownsSomething(list: ArchiveList, role: string): boolean {
  return list.entries.some(({ line }) => line.endsWith(` ${role}`));
}

const listed = (names: readonly string[]) => names.slice(0, 8).join(', ') + (names.length > 8 ? ` and ${names.length - 8} more` : '');
const ofKind = (list: ArchiveList, kind: string) => list.entries.filter((entry) => entry.kind === kind);

function decideExtensions(list: ArchiveList, server: ServerCapabilities, decisions: RestoreDecisions): void {
  for (const entry of ofKind(list, 'EXTENSION')) {
    const { tag: name } = entry;
    const home = server.elsewhere.get(name);
    if (home !== undefined) {
      decisions.obstacles.push({
        title: `Extension ${name} can be in the database ${home} only`,
        detail: `The backup needs it, and a server has it in one database, which its settings name. That says nothing about the backup.`,
        fix: `Verify the backup up to L2. To restore it, use a server on which the settings of ${name} name the new database.`,
      });
      continue;
    }
    if (server.creatable.has(name)) continue;
    const installed = server.extensions.has(name);
    const why = installed ? `${server.user} may not create it` : 'it is not installed on the server';
    if (watchers.has(name)) {
      decisions.leftOut.add(entry.dumpId);
      for (const comment of list.entries.filter(({ kind, tag }) => kind === 'COMMENT' && tag === `EXTENSION ${name}`)) decisions.leftOut.add(comment.dumpId);
      decisions.omissions.push(`Extension ${name} is left out: ${why}. It only watches, no data depends on it.`);
      continue;
    }
    decisions.obstacles.push({
      title: `Extension ${name} cannot be created there`,
      detail: `The backup needs it, and ${why}.`,
      fix: installed ? `Restore as a superuser, or have one run: CREATE EXTENSION ${escapeIdentifier(name)}; in the new database.` : `Install the package of ${name} for the server's version (Debian: postgresql-<major>-${name.replaceAll('_', '-')}, or postgresql-contrib).`,
    });
  }
}

function decideRoles(manifest: Pick<Manifest, 'roles'>, list: ArchiveList, server: ServerCapabilities, naming: (roles: readonly string[]) => Set<number>, decisions: RestoreDecisions): void {
  const missing = manifest.roles.filter((role) => !server.roles.has(role));
  const unusable = manifest.roles.filter((role) => server.roles.has(role) && !server.owners.has(role));
  const lostOwners = [...missing, ...unusable].filter((role) => ownsSomething(list, role));
  if (lostOwners.length > 0) {
    decisions.flags.push('--no-owner');
    const why = [
      ...(lostOwners.some((role) => missing.includes(role)) ? [`there is no role ${listed(lostOwners.filter((role) => missing.includes(role)))}`] : []),
      ...(lostOwners.some((role) => unusable.includes(role)) ? [`${server.user} may not act for ${listed(lostOwners.filter((role) => unusable.includes(role)))}`] : []),
    ].join(', and ');
    decisions.omissions.push(`Owners are not restored, because ${why}: everything belongs to ${server.user}.`);
  }
  if (missing.length === 0) return;
  const entries = naming(missing);
  for (const dumpId of entries) decisions.leftOut.add(dumpId);
  if (entries.size > 0) {
    const about = list.entries.filter(({ dumpId }) => entries.has(dumpId)).map(({ kind, tag }) => (kind === 'ACL' ? `grants on ${tag}` : `${kind.toLowerCase()} ${tag}`));
    decisions.omissions.push(`Left out, because there is no role ${listed(missing)}: ${listed(about)}. globals.sql in the backup's folder makes the roles.`);
  }
}

function leaveOut(entries: readonly ArchiveEntry[], decisions: RestoreDecisions, why: (names: string) => string): void {
  if (entries.length === 0) return;
  for (const entry of entries) decisions.leftOut.add(entry.dumpId);
  decisions.omissions.push(why(listed(entries.map((entry) => entry.tag))));
}

/**
 * Settings and grants of the database itself are no part of what is restored: a swap takes them from the live one.
 * Where there is none, they stay in the archive.
 * @param list with what belongs to the database itself
 * @param dump the archive's path, for the command that shows them
 * @returns what is left out, in words; null where the archive has nothing of the kind
 */
export function propertyOmission(list: ArchiveList, live: string, dump: string): string | null {
  const settings = ofKind(list, 'DATABASE PROPERTIES').length > 0;
  const grants = ofKind(list, 'ACL').some(({ tag }) => tag.startsWith('DATABASE '));
  if (!settings && !grants) return null;
  const what = [...(settings ? ['settings'] : []), ...(grants ? ['grants'] : [])].join(' and ');
  return `The ${what} of the database itself are not restored: a swap takes them from the live ${live}, and there is none. The backup has them, among the first statements of: pg_restore --create --schema-only --file=- ${dump}`;
}

/**
 * Decides what of an archive is restored to a server.
 * @param naming which entries name one of some roles; asked only where roles are missing
 * @param purpose a proof is thrown away: it leaves out what acts on the outside without a word
 */
export function decideRestore(options: { manifest: Pick<Manifest, 'roles' | 'tablespaces'>; list: ArchiveList; server: ServerCapabilities; purpose: 'proof' | 'restore'; naming: (roles: readonly string[]) => Set<number> }): RestoreDecisions {
  const { manifest, list, server, purpose } = options;
  const decisions: RestoreDecisions = { flags: ['--no-subscriptions'], leftOut: new Set(), omissions: [], obstacles: [] };
  decideExtensions(list, server, decisions);
  decideRoles(manifest, list, server, options.naming, decisions);
  if (purpose === 'proof') {
    decisions.flags.push('--no-publications', '--no-tablespaces');
    for (const { dumpId } of ofKind(list, 'EVENT TRIGGER')) decisions.leftOut.add(dumpId);
    return decisions;
  }
  const subscriptions = ofKind(list, 'SUBSCRIPTION').map((entry) => entry.tag);
  if (subscriptions.length > 0) decisions.omissions.push(`Subscriptions are left out (${listed(subscriptions)}): two databases must not take the same changes from one publisher. Create them by hand when this copy is to receive.`);
  if (!server.superuser) leaveOut(ofKind(list, 'EVENT TRIGGER'), decisions, (names) => `Event triggers are left out (${names}): only a superuser may create them.`);
  const missing = manifest.tablespaces.filter((name) => !server.tablespaces.has(name));
  if (missing.length > 0) {
    decisions.flags.push('--no-tablespaces');
    decisions.omissions.push(`Tablespaces are not restored, because ${listed(missing)} ${missing.length === 1 ? 'is' : 'are'} not there or not ours to use: everything goes to the default one.`);
  }
  return decisions;
}
