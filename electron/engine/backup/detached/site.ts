/** The host that makes a dump by itself: how its jobs are asked for, what it has, and who it is. */
import { Readable } from 'node:stream';
import type { BackupOptions } from '#shared/contract/backups.ts';
import type { DatabaseConnection } from '#shared/contract/systems.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { EngineContext } from '../../engine-context.ts';
import type { ToolsThere } from '../../postgres/index.ts';
import type { ClientTool, PostgresTarget } from '../../postgres/types.ts';
import { fingerprintOf } from '../../ssh/host-key.ts';
import type { AskHost, JobGround, JobHost } from '../../ssh/jobs/detached-job.ts';
import { bytesInWords } from '../words.ts';
import type { Dump } from './record.ts';

export interface DumpSite {
  hostId: string;
  /** What people call it: "db-1", "db-1 as postgres". */
  label: string;
  there: ToolsThere;
  /** Lends it to one question. @param pin where secrets are told in it: asked before. @throws ssh.*; what it throws; the signal's reason */
  ask(signal: AbortSignal, pin?: () => void): AskHost;
}

/** Whether SFTP reaches what the programs write: they are of the account that signed in. */
export const isOfSignedIn = ({ tools }: DatabaseConnection): boolean => tools.where === 'host' && tools.access.kind === 'plain';

/**
 * Whether the programs are inside of a container or a pod: a job there would end with it, and nothing but a running
 * program brings out what it writes.
 */
export const isInside = ({ tools }: DatabaseConnection): boolean => tools.where === 'host' && (tools.access.kind === 'docker' || tools.access.kind === 'kubectl');

/** Whether a dump is made on the host, as a job, and then fetched: several workers write several files, which no line streams. */
export function isMadeThere(options: Pick<BackupOptions, 'format'>, { connection }: Pick<PostgresTarget, 'connection'>): boolean {
  return options.format === 'directory' && connection.viaId !== null && connection.tools.where === 'host' && !isInside(connection);
}

const keptBytes = 1024 * 1024;

/** @param tool one of the host's programs */
export function siteOf({ there }: Pick<ClientTool, 'there'>, { connection, label }: PostgresTarget): DumpSite {
  const { viaId } = connection;
  if (there === undefined || viaId === null) throw new PilothouseError('postgres.tool-missing', `The programs of ${label} are those of this computer, not of a host.`, { hint: 'Look at the connection of the database.' });
  const hostFor = (signal: AbortSignal, pin: (() => void) | undefined): JobHost => ({
    label: there.label,
    another: !isOfSignedIn(connection),
    runScript: (script, options) => there.run({ argv: ['/bin/sh', '-s'], folder: null, files: [], stdin: Readable.from([Buffer.from(script)]), signal: options.signal === undefined ? signal : AbortSignal.any([signal, options.signal]), keepBytes: keptBytes, ...(pin === undefined ? {} : { pin }), ...(options.onStdout === undefined ? {} : { onStdoutChunk: options.onStdout }) }),
  });
  return { hostId: viaId, label: there.label, there, ask: (signal, pin) => (question) => question(hostFor(signal, pin)) };
}

/** Who the host is, by the key that it showed. @throws ssh.* */
export function hostKeyOf(context: Pick<EngineContext, 'hosts'>, hostId: string, signal: AbortSignal): Promise<string> {
  return context.hosts.use(hostId, async ({ hops }) => fingerprintOf(hops.at(-1)?.hostKey ?? { type: '', key: '' }), signal, 'tunnel');
}

/**
 * Why nothing may be done about a dump on the machine that answers there now; null where it is the one that it was begun
 * on. Also one whose key was trusted is another, or was set up anew. @throws ssh.* where it cannot be reached
 */
export async function whyAnotherMachine(context: Pick<EngineContext, 'hosts'>, { hostId, about }: Dump, signal: AbortSignal): Promise<PilothouseError | null> {
  const hostKey = await hostKeyOf(context, hostId, signal);
  if (hostKey === about.hostKey) return null;
  return new PilothouseError('ssh.host-key-changed', `${about.siteLabel} shows the key ${hostKey}, and showed ${about.hostKey} when the dump of ${about.targetLabel} was begun there.`, { hint: 'It is another machine, or was set up anew: what lies there is not known to be that dump. Give it up, and back up again.', details: { before: about.hostKey, now: hostKey } });
}

/**
 * What a dump must leave free where it is written, so that whoever else writes there goes on: a twentieth of the disk, 1
 * GiB at most. The job watches it.
 */
export function reserveOf({ totalBytes }: Pick<JobGround, 'totalBytes'>): number {
  return Math.min(1024 ** 3, Math.round((totalBytes ?? 0) / 20));
}

/** @throws backup.space */
export function requireSpaceThere(ground: JobGround, expectedBytes: number, label: string): void {
  const needed = expectedBytes + reserveOf(ground);
  if (ground.freeBytes === null || ground.freeBytes >= needed) return;
  throw new PilothouseError('backup.space', `The dump needs about ${bytesInWords(needed)} on ${label}, with what is left free for others, and ${bytesInWords(ground.freeBytes)} are free where ${ground.home} is. Nothing was written there.`, {
    hint: 'Free some space there, or back up as one file (custom): that is streamed here and needs none on the server.',
    retryable: true,
    details: { free: ground.freeBytes, expectedBytes, folder: ground.home },
  });
}

export const noHashes = (label: string): PilothouseError => new PilothouseError('postgres.tool-missing', `${label} has none of sha256sum, shasum and openssl, so nobody could tell there what was dumped.`, { hint: 'Install one of them there, or back up as one file (custom).' });
