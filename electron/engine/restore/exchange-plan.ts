/** What is looked at before two databases exchange their names, for a swap and for taking it back. */
import { escapeIdentifier } from 'pg';
import type { PlanFinding } from '#shared/contract/operations.ts';
import { isPilothouseError } from '#shared/domain/errors.ts';
import { readContents } from '../backup/contents.ts';
import type { DatabaseContents } from '../backup/manifest.ts';
import { countInWords } from '../backup/words.ts';
import type { EngineContext } from '../engine-context.ts';
import type { PostgresSession, PostgresTarget } from '../postgres/index.ts';
import { isSomebodys, sessionsIn, type ServerDatabase } from './server-databases.ts';

/** How long a plan may count rows for its consequences, in milliseconds. A plan is to be read, not waited for. */
const countingLimitMs = 5000;

async function names(session: PostgresSession, sql: string, parameters: readonly unknown[]): Promise<string[]> {
  return (await session.query<{ name: string }>(sql, parameters)).rows.map((row) => row.name);
}

const oidList = (databases: readonly Pick<ServerDatabase, 'oid'>[]) => `{${databases.map(({ oid }) => oid).join(',')}}`;

/** What makes an exchange impossible on this server: a standby, slots, prepared transactions, subscriptions. */
export async function obstacleFindings(session: PostgresSession, databases: readonly Pick<ServerDatabase, 'oid' | 'name'>[]): Promise<PlanFinding[]> {
  const called = databases.map(({ name }) => name);
  const findings: PlanFinding[] = [];
  if (session.server.standby) findings.push({ state: 'critical', title: 'The server is a standby', detail: 'Names are exchanged on the primary only.', fix: 'Do this on the primary.' });
  const slots = await names(session, 'SELECT slot_name::text AS name FROM pg_catalog.pg_replication_slots WHERE database = ANY ($1::name[])', [called]);
  if (slots.length > 0) {
    findings.push({
      state: 'critical',
      title: `Logical slots follow these databases: ${slots.join(', ')}`,
      detail: 'Whoever reads from them would go on reading from the database that is set aside, and never see what is written to the new one.',
      fix: `Stop their readers and drop them (SELECT pg_drop_replication_slot('…');), and set them up anew afterwards.`,
    });
  }
  const prepared = await names(session, 'SELECT gid AS name FROM pg_catalog.pg_prepared_xacts WHERE database = ANY ($1::name[])', [called]);
  if (prepared.length > 0) findings.push({ state: 'critical', title: `Prepared transactions are open: ${prepared.join(', ')}`, detail: 'A database with one cannot be renamed.', fix: "COMMIT PREPARED '…' or ROLLBACK PREPARED '…' in that database." });
  const subscriptions = await names(session, 'SELECT subname::text AS name FROM pg_catalog.pg_subscription WHERE subenabled AND subdbid = ANY ($1::oid[])', [oidList(databases)]);
  if (subscriptions.length > 0) findings.push({ state: 'critical', title: `Subscriptions receive into these databases: ${subscriptions.join(', ')}`, detail: 'They would go on receiving into the database that is set aside.', fix: 'ALTER SUBSCRIPTION … DISABLE; and set it up anew in the new database afterwards.' });
  return findings;
}

/** What the role lacks to rename both and to end every session in them. */
async function privilegeFindings(session: PostgresSession, databases: readonly ServerDatabase[]): Promise<PlanFinding[]> {
  const { server } = session;
  if (server.superuser) return [];
  const findings: PlanFinding[] = [];
  const user = escapeIdentifier(server.user);
  if (!server.createDatabase) findings.push({ state: 'critical', title: `${server.user} may not rename databases`, detail: 'Renaming needs CREATEDB besides owning the database.', fix: `As a superuser: ALTER ROLE ${user} CREATEDB;` });
  const foreign = await names(session, "SELECT datname::text AS name FROM pg_catalog.pg_database WHERE oid = ANY ($1::oid[]) AND NOT pg_catalog.pg_has_role(datdba, 'USAGE')", [oidList(databases)]);
  for (const name of foreign) {
    const owner = databases.find((database) => database.name === name)?.owner ?? '';
    findings.push({ state: 'critical', title: `${server.user} does not own ${name}`, detail: `It belongs to ${owner}.`, fix: `As a superuser: GRANT ${escapeIdentifier(owner)} TO ${user};` });
  }
  const untouchable = await names(
    session,
    `SELECT DISTINCT a.usename::text AS name FROM pg_catalog.pg_stat_activity a LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid
      WHERE a.datid = ANY ($1::oid[]) AND a.pid <> pg_catalog.pg_backend_pid() AND ${isSomebodys}
        AND (r.rolsuper OR NOT (pg_catalog.pg_has_role(a.usesysid, 'USAGE') OR EXISTS (SELECT FROM pg_catalog.pg_roles s WHERE s.rolname = 'pg_signal_backend' AND pg_catalog.pg_has_role(s.oid, 'USAGE'))))`,
    [oidList(databases)],
  );
  if (untouchable.length > 0) findings.push({ state: 'critical', title: `${server.user} may not end the sessions of ${untouchable.join(', ')}`, detail: 'A database with sessions in it cannot be renamed.', fix: `As a superuser: GRANT pg_signal_backend TO ${user}; sessions of superusers have to be ended by hand.` });
  return findings;
}

/** How the two differ in what cannot be copied. */
async function differenceFindings(session: PostgresSession, outgoing: ServerDatabase, incoming: ServerDatabase): Promise<PlanFinding[]> {
  const { rows } = await session.query<{ encoding: string; collate: string; ctype: string; tablespace: string }>(
    `SELECT pg_catalog.pg_encoding_to_char(d.encoding)::text AS encoding, d.datcollate::text AS collate, d.datctype::text AS ctype, t.spcname::text AS tablespace
       FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace WHERE d.oid IN ($1::oid, $2::oid) ORDER BY d.oid = $1::oid DESC`,
    [outgoing.oid, incoming.oid],
  );
  const [went, came] = rows;
  if (went === undefined || came === undefined) return [];
  const different = (['encoding', 'collate', 'ctype', 'tablespace'] as const).filter((key) => went[key] !== came[key]);
  return different.map((key) => ({ state: 'warn', title: `${incoming.name} has another ${key} than ${outgoing.name}`, detail: `${came[key]} instead of ${went[key]}; this cannot be changed by a swap.` }));
}

/** Everything that is known before two databases exchange their names. */
export async function exchangeFindings(session: PostgresSession, outgoing: ServerDatabase, incoming: ServerDatabase): Promise<{ findings: PlanFinding[]; sessions: { count: number; words: string } }> {
  const both = [outgoing, incoming];
  const sessions = await sessionsIn(session, both.map(({ oid }) => oid));
  const findings = [...(await obstacleFindings(session, both)), ...(await privilegeFindings(session, both)), ...(await differenceFindings(session, outgoing, incoming))];
  if (!outgoing.allowsConnections) findings.push({ state: 'warn', title: `${outgoing.name} accepts no connections now`, detail: 'Somebody closed it. It stays closed: the name lets in whom it let in before.', fix: `ALTER DATABASE ${escapeIdentifier(outgoing.name)} ALLOW_CONNECTIONS true;` });
  findings.push(sessions.count === 0 ? { state: 'ok', title: 'Nobody is connected' } : { state: 'warn', title: countInWords(sessions.count, 'session is ended', 'sessions are ended'), detail: `${sessions.words}. Their open transactions are rolled back; applications that reconnect find the new database.` });
  return { findings, sessions };
}

/** Counts a database for a plan, as far as that goes within five seconds; null where it does not, or may not be read. */
export async function countForPlan(context: EngineContext, target: PostgresTarget, database: string): Promise<DatabaseContents['tables'] | null> {
  const signal = AbortSignal.timeout(countingLimitMs);
  try {
    const session = await context.postgres.connect(target, { applicationName: 'pilothouse plan', database, signal, lockTimeoutMs: 1000 });
    try {
      await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      return (await readContents(session, { signal, inTransaction: true })).tables;
    } finally {
      await session.close();
    }
  } catch (error) {
    // Figures make a plan better and are no part of it: without them it says that it has none.
    if (isPilothouseError(error) || signal.aborted) return null;
    throw error;
  }
}

export interface RowChange {
  table: string;
  /** Rows now less rows then. */
  change: number;
  /** Where only one side has the table: the side that lacks it. */
  lacking: 'before' | 'after' | null;
}

/** What is compared: rows by table. The kind is not known of everything that was stored. */
export type CountedRows = readonly { schema: string; name: string; rows: number; kind?: DatabaseContents['tables'][number]['kind'] }[];

/**
 * How many rows each table of either side has more or fewer than it had, tables that only one side has among them.
 * Materialised views are no rows of their own.
 */
export function rowChanges(then: CountedRows, now: CountedRows): RowChange[] {
  const key = (table: { schema: string; name: string }) => JSON.stringify([table.schema, table.name]);
  const views = new Set([...then, ...now].filter(({ kind }) => kind === 'materialized-view').map(key));
  const before = new Map(then.map((table) => [key(table), table]));
  const after = new Map(now.map((table) => [key(table), table]));
  const changes = [...new Map([...before, ...after])].filter(([id]) => !views.has(id)).map(([id, { schema, name }]): RowChange => {
    const was = before.get(id);
    const is = after.get(id);
    return { table: `${schema}.${name}`, change: (is?.rows ?? 0) - (was?.rows ?? 0), lacking: was === undefined ? 'before' : is === undefined ? 'after' : null };
  });
  return changes.filter(({ change, lacking }) => change !== 0 || lacking !== null).sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
}

/** What every difference of counts leaves open, for whoever reads it as rows. */
export const netWords = 'rows may have been both added and deleted';

/** "public.orders +300, public.customers −2 (the table is missing), and 3 more tables". */
export function changeWords(changes: readonly RowChange[]): string {
  const notes = { before: ' (the table is new)', after: ' (the table is missing)' };
  const shown = changes.slice(0, 5).map(({ table, change, lacking }) => `${table} ${change > 0 ? '+' : change < 0 ? '−' : ''}${Math.abs(change).toLocaleString('en-US')}${lacking === null ? '' : notes[lacking]}`);
  const more = changes.length - shown.length;
  return shown.join(', ') + (more > 0 ? `, and ${countInWords(more, 'more table')}` : '');
}
