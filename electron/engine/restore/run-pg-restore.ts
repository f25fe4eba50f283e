/** pg_restore into a database, with progress, to an end that is judged. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PilothouseError } from '#shared/domain/errors.ts';
import { figuresOf, holdsRows, tablesInWords } from '#shared/domain/table-counts.ts';
import type { Manifest } from '../backup/manifest.ts';
import { lastLines, runTool, type ToolArgument } from '../backup/run-tool.ts';
import { bytesInWords } from '../backup/words.ts';
import type { EngineContext } from '../engine-context.ts';
import { leftOfWhole } from '../operations/left.ts';
import type { RunningOperation } from '../operations/procedure.ts';
import { readLanguage, type ClientTool, type PostgresSession, type PostgresTarget, type Sent } from '../postgres/index.ts';
import type { Archive } from './archive.ts';
import { listWithout, type ArchiveList } from './archive-list.ts';
import type { RestoreDecisions } from './decisions.ts';
import { createRestoreListener, kindOfComplaint, sendsUnknownSetting, type RestoreListener, type RestoreVerdict } from './pg-restore-verdict.ts';

/** How often the size of the growing database is asked for, in milliseconds. */
const lookEveryMs = 1000;

/**
 * The arguments of pg_restore. The conninfo holds no password.
 * @param options `passOver`: it goes on after the one statement that the server does not know. Then by one worker: each
 * of several would send it, and what they say at the same moment cannot be told apart.
 */
export function pgRestoreArguments(options: { conninfo: string; jobs: number; passOver: boolean; flags: readonly string[]; listFile: string | null; archive: string; there?: string }): ToolArgument[] {
  return [
    `--dbname=${options.conninfo}`,
    ...(options.passOver ? [] : ['--exit-on-error']),
    '--no-password',
    '--verbose',
    ...(options.jobs > 1 && !options.passOver ? [`--jobs=${options.jobs}`] : []),
    ...options.flags,
    ...(options.listFile === null ? [] : [{ option: '--use-list=', file: options.listFile, is: 'list' as const }]),
    { option: '', file: options.archive, is: 'archive', ...(options.there === undefined ? {} : { there: options.there }) },
  ];
}

/** What pg_restore's verbose lines say about how far it is. */
interface Tracker {
  line(text: string): void;
  tables: () => { started: number; current: string | null };
}

function trackTables(operation: RunningOperation, listener: RestoreListener): Tracker {
  let started = 0;
  let current: string | null = null;
  return {
    line(text) {
      listener.line(text);
      const message = text.replace(/^pg_restore: /, '');
      const table = /^processing data for table "(.+)"$/.exec(message)?.[1];
      if (table !== undefined) {
        started += 1;
        current = table;
        operation.log('info', `Restoring the rows of ${table}`);
      } else if (message.startsWith('creating ')) {
        operation.log('info', message.charAt(0).toUpperCase() + message.slice(1));
      } else if (/^(error|FATAL):/.test(message)) {
        operation.log(listener.isPassedOver(text) ? 'info' : 'error', message);
      } else if (/^(warning|detail|hint):/i.test(message)) {
        operation.log('info', message);
      }
    },
    tables: () => ({ started, current }),
  };
}

/** What a database is filled for, and what is done once more where that has failed for a reason of the moment. */
export const againAfter = { restore: 'restore again', proof: 'prove the backup again' } as const;

/** The error of a pg_restore that has not done its work. Judged by its first complaint alone. */
function explainFailure(verdict: Extract<RestoreVerdict, { done: false }>, end: { exitStatus: number | null; signal: string | null; inEnglish: boolean }, { into, target, archive: { tool }, purpose }: PgRestoreOptions): PilothouseError {
  const { complaint, lines, unfit } = verdict;
  const { exitStatus, signal, inEnglish } = end;
  const again = againAfter[purpose];
  const details = { exitStatus, signal, inEnglish, stderr: lines.join('\n') };
  const about = `Restoring into ${into} on ${target.label}`;
  if (unfit) return new PilothouseError('postgres.tool-failed', `${about} stopped: pg_restore ${tool.version} and this server do not fit: ${complaint}.`, { hint: 'This says nothing about the backup. Install the client programs of the major of the server, back up again with them, and try again.', details });
  switch (kindOfComplaint(complaint)) {
    case 'space':
      return new PilothouseError('restore.space', `${about} stopped: the server has no space left. ${complaint}`, { hint: `Free some space on the server, then ${again}.`, retryable: true, details });
    case 'connection':
      return new PilothouseError('postgres.connection-lost', `${about} stopped: the connection was lost. ${complaint}`, { hint: `Check the line and the server, then ${again}.`, retryable: true, details });
    case 'one-database':
      return new PilothouseError('restore.preflight', `${about} stopped: ${complaint}. An extension of the backup may exist in one database of a cluster only.`, { hint: 'This says nothing about the backup. Restore it on a server where that extension is configured for this database, or verify it up to L2.', details });
    case null: {
      const how = signal !== null ? `pg_restore was ended by ${signal}` : `pg_restore ended with status ${exitStatus ?? 'unknown'}`;
      // Of a proof this is the hint only where pg_restore could not say anything: all else is a look that found something.
      const next = purpose === 'proof' ? `Look on the computer that ran pg_restore for what ended it, then ${again}.` : 'The log of this operation shows what pg_restore was doing. Verify the backup, or put right what the error names.';
      return new PilothouseError('restore.failed', `${about} failed: ${how}: ${complaint}`, { hint: next, details });
    }
  }
}

/** Where the list of an operation's restore lies while it runs. It holds names, nothing secret. */
export function listFileOf(context: Pick<EngineContext, 'home'>, operationId: string): string {
  return join(context.home.root, `restore-${operationId}.list`);
}

export const listFilePattern = /^restore-[\w-]+\.list$/;

export interface PgRestoreOptions {
  target: PostgresTarget;
  into: string;
  oid: string;
  archive: Archive;
  list: ArchiveList;
  decisions: RestoreDecisions;
  manifest: Manifest;
  jobs: number;
  operation: RunningOperation;
  purpose: keyof typeof againAfter;
  /** Beside the database that is filled; used to look at how it grows. */
  session: PostgresSession;
  /** The share of the operation that this is. */
  range: readonly [number, number];
}

/** An archive that is sent to the program comes in order, so that one worker reads it. */
const jobsOf = ({ tool, there }: Archive, jobs: number): number => (tool.there === undefined || there !== undefined ? jobs : 1);

/**
 * A program of a host connects in a way of its own, and could meet another server there: it is asked who it is before
 * anything is written.
 * @throws postgres.wrong-identity
 */
async function requireSameCluster(tool: ClientTool, conninfo: string, sent: Sent, { session, target, into, oid, operation }: PgRestoreOptions): Promise<void> {
  if (tool.there === undefined) return;
  const expected = `${session.server.systemIdentifier ?? ''} ${oid}`;
  const psql = { ...tool, name: 'psql' as const, path: tool.path.replace(/pg_restore$/, 'psql') };
  const sql = 'SELECT system_identifier::text || chr(32) || (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())::text FROM pg_catalog.pg_control_system()';
  const { exitStatus, stdout, stderr } = await runTool({ tool: psql, args: ['--no-psqlrc', '--tuples-only', '--no-align', '--no-password', `--command=${sql}`, `--dbname=${conninfo}`], sent, target: target.label, signal: operation.signal, record: operation.command });
  const found = stdout.trim();
  if (exitStatus === 0 && found === expected) return;
  throw new PilothouseError('postgres.wrong-identity', `The programs of ${tool.there.label} do not meet ${into} of ${target.label}: ${exitStatus === 0 ? 'another cluster, or another database of that name, answers them' : lastLines(stderr.trim(), 500)}.`, { hint: 'Nothing was written. Look at how the programs of the host connect, in the settings of this database.', details: { expected, found, exitStatus } });
}

/**
 * Fills an empty database from an archive. Ends at the first error: `--exit-on-error`, and nothing but exit status 0
 * counts as done. Where this pg_restore begins with a setting that this server does not know, it goes on after errors,
 * and nothing but that one complaint counts as done.
 * @throws restore.failed, restore.space, restore.preflight, postgres.connection-lost, postgres.tool-failed,
 * operation.cancelled
 */
export async function runPgRestore(context: EngineContext, options: PgRestoreOptions): Promise<void> {
  const { target, into, archive, list, decisions, manifest, jobs, operation } = options;
  const listFile = decisions.leftOut.size > 0 ? listFileOf(context, operation.id) : null;
  const passOver = sendsUnknownSetting(archive.tool.major, options.session.server.major);
  if (passOver) operation.log('info', `pg_restore ${archive.tool.version} begins with a setting that Postgres ${options.session.server.version} does not know; that one complaint is passed over, and one worker restores`);
  const listener = createRestoreListener(passOver);
  const tracker = trackTables(operation, listener);
  const stopLooking = watchGrowth(context, options, tracker);
  try {
    if (listFile !== null) await writeFile(listFile, listWithout(list, decisions.leftOut), { mode: 0o600 });
    const { isEnglish, mayAsk } = await readLanguage(options.session);
    await context.postgres.withConninfo(target, { applicationName: 'pilothouse restore', database: into, inEnglish: mayAsk, tool: archive.tool }, async (conninfo, sent) => {
      await requireSameCluster(archive.tool, conninfo, sent, options);
      const args = pgRestoreArguments({ conninfo, jobs: jobsOf(archive, jobs), passOver, flags: decisions.flags, listFile, archive: archive.path, ...(archive.tool.there === undefined || archive.there === undefined ? {} : { there: archive.there }) });
      const result = await runTool({ tool: archive.tool, args, sent, target: target.label, signal: operation.signal, record: operation.command, onStderrLine: tracker.line });
      const verdict = listener.verdict(result);
      if (!verdict.done) throw explainFailure(verdict, { ...result, inEnglish: isEnglish || mayAsk }, options);
    });
  } finally {
    await stopLooking();
    if (listFile !== null) await rm(listFile, { force: true });
  }
  operation.log('ok', `pg_restore finished: ${tablesInWords(figuresOf(manifest.contents.tables))}`);
}

/** Reports how far the database has grown, about once a second. */
function watchGrowth(context: EngineContext, options: PgRestoreOptions, tracker: Tracker): () => Promise<void> {
  const { session, manifest, operation, range, oid } = options;
  const total = manifest.databaseBytes;
  const tables = manifest.contents.tables.filter(holdsRows).length;
  const startedAt = context.ports.clock.now();
  let empty: number | null = null;
  let reached = 0;
  let looking: Promise<void> | null = null;

  const look = async (): Promise<void> => {
    const { rows } = await session.query<{ bytes: string }>('SELECT pg_catalog.pg_database_size($1::oid)::text AS bytes', [oid]);
    const bytes = Number(rows[0]?.bytes ?? 0);
    empty ??= bytes;
    const { started, current } = tracker.tables();
    // Neither measure is whole: a bloated original never grows back to its size, and one big table is one step.
    const byBytes = total > empty ? Math.min(1, (bytes - empty) / (total - empty)) : 0;
    const byTables = tables > 0 ? Math.max(0, started - 1) / tables : 0;
    reached = Math.max(reached, Math.min(0.98, Math.max(byBytes, byTables * 0.8)));
    const elapsed = context.ports.clock.now() - startedAt;
    operation.progress({
      fraction: range[0] + (range[1] - range[0]) * reached,
      done: bytes,
      total,
      unit: 'bytes',
      leftMs: leftOfWhole(elapsed, reached, range),
      text: `${current === null ? 'Restoring the schema' : `Restoring ${current}`} · table ${Math.min(started, tables)} of ${tables} · ${bytesInWords(bytes)} of about ${bytesInWords(total)}`,
    });
  };
  const timer = setInterval(() => {
    looking ??= look()
      // Progress is a courtesy: whatever broke the look breaks the restore as well, which then says so.
      .catch(() => {})
      .finally(() => {
        looking = null;
      });
  }, lookEveryMs);
  return async () => {
    clearInterval(timer);
    await looking;
  };
}
