/** Free space, here and, where it can be seen, where the server's data lie. */
import { statfs } from 'node:fs/promises';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { EngineContext } from '../engine-context.ts';
import type { PostgresSession, PostgresTarget } from '../postgres/types.ts';
import { exec } from '../ssh/exec.ts';
import { quoteCommand } from '../ssh/quote.ts';
import { destinationError } from './files.ts';
import { bytesInWords } from './words.ts';

/** Milliseconds for one look at a disk of a host. */
const dfMs = 20_000;

/** What is needed besides the dump: manifest, globals, the file system's own. */
const reserveBytes = 16 * 1024 * 1024;

/** Bytes that an ordinary account may still write. @throws backup.destination */
export async function freeBytesOf(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    throw destinationError(error, folder);
  }
}

/** What a dump before this one was like, in bytes. */
export interface LastDump {
  sizeBytes: number;
  compressLevel: number;
  databaseBytes: number;
}

/**
 * About how many bytes a dump will have: as the last one of this database, grown with it; else by the size of the
 * tables. Text is about as large as what is stored, and gzip takes away two thirds of ordinary rows.
 */
export function expectedDumpBytes(options: { tableBytes: number; compressLevel: number; last: LastDump | null; databaseBytes: number }): number {
  const { last, compressLevel, tableBytes, databaseBytes } = options;
  const isAlike = last !== null && (last.compressLevel === 0) === (compressLevel === 0) && last.databaseBytes > 0;
  if (isAlike) return Math.round(last.sizeBytes * Math.max(1, databaseBytes / last.databaseBytes));
  return Math.round(tableBytes * (compressLevel === 0 ? 1.1 : 0.35));
}

/** @throws backup.space, backup.destination */
export async function requireSpace(folder: string, expectedBytes: number): Promise<number> {
  const free = await freeBytesOf(folder);
  if (free < expectedBytes + reserveBytes) throw noSpace(folder, free, expectedBytes);
  return free;
}

function noSpace(folder: string, free: number, expectedBytes: number): PilothouseError {
  return new PilothouseError('backup.space', `The backup needs about ${bytesInWords(expectedBytes + reserveBytes)}, and ${bytesInWords(free)} are free in ${folder}.`, {
    hint: 'Free some space, delete backups that are no longer needed, or choose a higher compression level.',
    retryable: true,
    details: { free, expectedBytes, folder },
  });
}

export function hasSpace(free: number, expectedBytes: number): boolean {
  return free >= expectedBytes + reserveBytes;
}

export function isLoopback(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** Reads the answer of `df -P -k`: the fourth figure of its second line, in units of 1024 bytes. Null where it is something else. */
export function readFree(text: string): number | null {
  const [, line] = text.trim().split('\n');
  const kilobytes = /\s\d+\s+\d+\s+(\d+)\s+\d+%\s/.exec(line ?? '')?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

async function freeThere({ hosts, ports }: Pick<EngineContext, 'hosts' | 'ports'>, hostId: string, folder: string): Promise<number | null> {
  try {
    const { exitStatus, stdout } = await hosts.use(hostId, (connection) => exec(connection, quoteCommand(['df', '-P', '-k', '--', folder]), { signal: AbortSignal.timeout(dfMs), keepBytes: 4096 }));
    return exitStatus === 0 ? readFree(stdout) : null;
  } catch (error) {
    ports.logger.info({ hostId, error: String(error) }, 'How much is free on a host could not be seen.');
    return null;
  }
}

/**
 * Bytes free where the server's data lie; null where that cannot be seen. Postgres has no function for it: it shows
 * only for a server on this very computer, or on the host it is reached through, whose data folder this role may know.
 */
export async function serverFreeBytes(context: Pick<EngineContext, 'hosts' | 'ports'>, target: PostgresTarget, session: PostgresSession): Promise<number | null> {
  if (!isLoopback(target.connection.host)) return null;
  const { rows } = await session.query<{ folder: string | null }>(`SELECT CASE WHEN pg_catalog.pg_has_role('pg_read_all_settings', 'MEMBER') THEN pg_catalog.current_setting('data_directory') END AS folder`);
  const folder = rows[0]?.folder ?? null;
  if (folder === null) return null;
  if (target.connection.viaId !== null) return freeThere(context, target.connection.viaId, folder);
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    // In a container, or not to be seen by this account: then nobody here knows.
    return null;
  }
}

/**
 * For the moment before a database is made for a proof: what a plan saw may be hours old.
 * @throws restore.space
 */
export async function requireServerSpace(context: Pick<EngineContext, 'hosts' | 'ports'>, target: PostgresTarget, session: PostgresSession, neededBytes: number): Promise<void> {
  const free = await serverFreeBytes(context, target, session);
  if (free === null || free >= neededBytes) return;
  throw new PilothouseError('restore.space', `The proof needs about ${bytesInWords(neededBytes)} on the server of ${target.label}, and ${bytesInWords(free)} are free where its data lie. Nothing was written there.`, { hint: 'Free some space on the server, or verify up to L2 (read to the end).', retryable: true, details: { free, neededBytes } });
}
