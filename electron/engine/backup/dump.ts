/** pg_dump and pg_dumpall: how they are called, how far they are, and what their end means. */
import type { BackupOptions } from '#shared/contract/backups.ts';
import { isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import type { ClientTool, PostgresTarget } from '../postgres/types.ts';
import { complaints, runTool, type ToolArgument, type ToolRun } from './run-tool.ts';

/** A dump waits this long for a lock, and then lets go: behind it everybody else waits too. */
export const lockWaitMs = 30_000;

/**
 * The arguments of pg_dump. The conninfo holds no password.
 * @param what.encoding of the database. Left to themselves, pg_dump and pg_dumpall write in the client_encoding that the
 * server, the database or the role sets: then a character that this lacks fails them, and names in the archive are not
 * in the encoding that the manifest tells.
 */
export function dumpArguments(what: { options: BackupOptions; conninfo: string; encoding: string; snapshot: string; file: string }): ToolArgument[] {
  const { options, encoding } = what;
  return [
    `--format=${options.format}`,
    ...(options.format === 'directory' ? [`--jobs=${options.jobs}`] : []),
    `--compress=${options.compressLevel}`,
    `--encoding=${encoding}`,
    `--snapshot=${what.snapshot}`,
    `--lock-wait-timeout=${lockWaitMs}`,
    '--no-password',
    '--verbose',
    // Every file is made durable by us, while the next ones are still being written.
    '--no-sync',
    { option: '--file=', file: what.file, is: 'output' },
    `--dbname=${what.conninfo}`,
  ];
}

/** The arguments of pg_dumpall for roles and tablespaces. Hashes of passwords are read by superusers only. */
export function globalsArguments(what: { conninfo: string; database: string; encoding: string; passwords: boolean; file: string }): ToolArgument[] {
  const { encoding } = what;
  return ['--globals-only', `--encoding=${encoding}`, ...(what.passwords ? [] : ['--no-role-passwords']), '--no-password', '--no-sync', `--database=${what.database}`, { option: '--file=', file: what.file, is: 'output' }, `--dbname=${what.conninfo}`];
}

const afterLostLine = 'Check the line and the server, then back up again. What was written of this one was removed.';

/** `--verbose` tells what it reads, also "row-level security policies": only what it complains of says why it ended. */
function withoutChatter(stderr: string): string {
  return stderr.split('\n').filter((line) => line.trim() !== '' && !/^pg_dump(all)?: (?!(error|warning|fatal|detail|hint|panic):)/i.test(line)).join('\n');
}

/** What an end other than exit status 0 means. */
export function explainEnd(tool: Omit<ClientTool, 'there'>, all: string, exitStatus: number | null, signal: string | null, target: PostgresTarget): PilothouseError {
  const stderr = withoutChatter(all);
  const told = complaints(all);
  const first = (stderr.split('\n').find((line) => /\b(error|fatal):/i.test(line)) ?? stderr.split('\n')[0] ?? '').replace(/^pg_dump(all)?: /, '');
  const about = `Dumping ${target.label}`;
  const details = { exitStatus, signal, stderr: told };
  if (/No space left on device|Disk quota exceeded/i.test(stderr)) {
    return new PilothouseError('backup.space', `${about} stopped: the disk for backups is full. ${first}`, { hint: 'Free some space, or delete backups that are no longer needed; then back up again. What was written of this one was removed.', retryable: true, details });
  }
  if (/server version mismatch/i.test(stderr)) {
    return new PilothouseError('postgres.tool-too-old', `${about} stopped: ${tool.name} ${tool.version} is older than the server. ${first}`, { hint: 'Install the client programs of the server\'s major, then try again.', details });
  }
  if (/lock timeout|could not obtain lock/i.test(stderr)) {
    return new PilothouseError('postgres.lock-timeout', `${about} stopped: another session holds or waits for a lock on a table for longer than ${lockWaitMs / 1000} s. ${first}`, { hint: 'Look at who holds it (pg_blocking_pids), and back up again when it is gone.', retryable: true, details });
  }
  if (/server closed the connection|terminating connection|connection to server|could not (?:send|receive) data|SSL SYSCALL|no connection to the server|lost synchronization|SSL error/i.test(stderr)) {
    return new PilothouseError('postgres.connection-lost', `${about} stopped: the connection was lost. ${first}`, { hint: afterLostLine, retryable: true, details });
  }
  if (/snapshot ".*" does not exist|invalid snapshot identifier|could not import the requested snapshot|source (process|transaction) .* is not running/i.test(stderr)) {
    return new PilothouseError('backup.dump-failed', `${about} stopped: its snapshot is not known where it connected. The session that held it ended before all workers had begun, or the programs of a host met another server. ${first}`, { hint: 'Back up again over a line that holds in its first moments; if it stays like this, look at where the programs of the host connect to. What was written of this backup was removed.', retryable: true, details: { ...details, unknown: 'snapshot' } });
  }
  if (/permission denied|row-level security/i.test(stderr)) {
    return new PilothouseError('postgres.privilege', `${about} stopped: ${first}`, { hint: `Let ${target.connection.user} read everything in this database, or back up as a role that may.`, details });
  }
  if (/(relation|schema) ".*" does not exist|could not open relation with OID|cache lookup failed for/i.test(stderr)) {
    return new PilothouseError('backup.dump-failed', `${about} stopped: something in it was dropped or changed while the dump began. ${first}`, { hint: 'Back up again when nobody makes or drops tables. What was written of this one was removed.', retryable: true, details });
  }
  const how = signal === null ? `${tool.name} ended with status ${exitStatus ?? 'unknown'}` : `${tool.name} was ended by ${signal}`;
  return new PilothouseError('backup.dump-failed', `${about} failed: ${how}. ${first}`.trim(), { hint: 'The log of this operation has what it said. What was written of this backup was removed.', retryable: signal !== null, details });
}

/**
 * A line that was lost, in the words of a backup: a command or a statement by itself would have to be looked at before
 * it is done again, and these have only read. Any other error as it is.
 */
export function explainLostLine(error: unknown, { there }: Pick<ClientTool, 'there'>): unknown {
  if (!isPilothouseError(error) || (error.code !== 'ssh.connection-lost' && error.code !== 'postgres.connection-lost')) return error;
  return new PilothouseError(error.code, error.message, { hint: there === undefined ? afterLostLine : `${afterLostLine} What worked for it on ${there.label} ends with the line.`, retryable: true, details: error.details, cause: error });
}

/** Whether pg_dump, or a worker of it, began when the session that held its snapshot was over, or elsewhere. */
export const isSnapshotUnknown = (error: unknown): boolean => isPilothouseError(error) && error.details['unknown'] === 'snapshot';

/** What pg_dump says about itself while it works. */
export interface DumpWatcher {
  /** Tables begun so far, as pg_dump tells them. */
  onTable: (name: string) => void;
  /** One of several workers has written all of this entry, by its number in the archive. */
  onFinished: (dumpId: number) => void;
  /** It holds its locks on all tables. */
  onLocked: () => void;
  onWarning: (text: string) => void;
}

/** Reads one line of pg_dump's `--verbose`. Source: pg_dump.c, pg_backup_archiver.c of 13 to 18, LANG=C. */
export function readVerboseLine(line: string, watcher: DumpWatcher): void {
  const text = line.replace(/^pg_dump: /, '');
  const finished = /^finished item (\d+) /.exec(text)?.[1];
  if (finished !== undefined) watcher.onFinished(Number(finished));
  const table = /^dumping contents of table "(.+)"$/.exec(text)?.[1];
  if (table !== undefined) {
    watcher.onLocked();
    watcher.onTable(table);
  } else if (/^saving (?:encoding|database definition|search_path)/.test(text)) watcher.onLocked();
  else if (/^warning:/i.test(text)) watcher.onWarning(text);
}

type Run = Pick<ToolRun, 'signal' | 'record' | 'sent'> & { tool: ClientTool; target: PostgresTarget };

/** @throws backup.dump-failed, backup.space, postgres.connection-lost, .lock-timeout, .privilege, .tool-too-old */
export async function runDump(run: Run & { args: ToolArgument[]; watcher: DumpWatcher }): Promise<void> {
  const { tool, target, args, watcher } = run;
  const result = await runTool({ ...run, target: target.label, args, onStderrLine: (line) => readVerboseLine(line, watcher) });
  if (result.exitStatus !== 0) throw explainEnd(tool, result.stderr, result.exitStatus, result.signal, target);
}

/** @throws as `runDump` */
export async function runGlobals(run: Run & { args: ToolArgument[] }): Promise<void> {
  const result = await runTool({ ...run, target: run.target.label });
  if (result.exitStatus !== 0) throw explainEnd(run.tool, result.stderr, result.exitStatus, result.signal, run.target);
}
