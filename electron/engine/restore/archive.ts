/** Reading an archive with pg_restore, without a server. */
import { join } from 'node:path';
import type { CommandRecord } from '#shared/contract/operations.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { archiveOf } from '../backup/archive-contents.ts';
import type { Manifest } from '../backup/manifest.ts';
import { complaints, requireAnswer, runTool, type ToolArgument } from '../backup/run-tool.ts';
import type { ClientTool, PostgresService, PostgresTarget } from '../postgres/index.ts';
import { parseArchiveList, type ArchiveEntry, type ArchiveList } from './archive-list.ts';

/** An archive and the program that can read it. */
export interface Archive {
  tool: ClientTool;
  /** The file of a custom dump, the folder of a directory dump. */
  path: string;
  /** Where the same archive lies on the host of the tool, if it does. */
  there?: string;
  /** In words, for errors: the backup folder. */
  folder: string;
}

/** The major in a version as a tool prints it: "15.18 (Debian …)". */
export function majorOf(version: string): number {
  return Number(/\d+/.exec(version)?.[0] ?? Number.NaN);
}

/**
 * The pg_restore for a backup: the lowest that is not older than the pg_dump that wrote it. A newer one may send
 * settings that an older server does not know.
 * @param of the database whose host may have one where this computer has none
 * @param copyThere the path of the same archive on that host, as long as it lies there
 * @throws postgres.tool-missing, postgres.tool-too-old
 */
export async function openArchive(postgres: Pick<PostgresService, 'requireReader'>, manifest: Manifest, folder: string, of: PostgresTarget | null, copyThere?: string): Promise<Archive> {
  const tool = await postgres.requireReader(majorOf(manifest.madeBy.pgDump), { isOneFile: manifest.dump.format === 'custom' || copyThere !== undefined }, of);
  return { tool, path: join(folder, manifest.dump.path), ...(copyThere === undefined ? {} : { there: copyThere }), folder };
}

/** Who may stop the reading, and who is told of the commands. */
export interface Reading {
  signal?: AbortSignal | undefined;
  record?: ((record: CommandRecord) => void) | undefined;
}

async function readText(archive: Archive, args: readonly ToolArgument[], reading: Reading): Promise<string> {
  const chunks: Buffer[] = [];
  const result = await runTool({
    tool: archive.tool,
    args: [...args, archiveOf(archive)],
    target: archive.folder,
    signal: reading.signal ?? new AbortController().signal,
    record: reading.record ?? (() => {}),
    onStdoutChunk: (chunk) => void chunks.push(chunk),
  });
  if (result.exitStatus === 0) return Buffer.concat(chunks).toString('utf8');
  requireAnswer({ tool: archive.tool, target: archive.folder }, result);
  throw new PilothouseError('backup.damaged', `The dump in ${archive.folder} cannot be read: ${complaints(result.stderr)}`, {
    hint: 'Verify the backup to see which file is damaged, and restore another one.',
    details: { exitStatus: result.exitStatus },
  });
}

/** The archive's table of contents. @throws backup.damaged, postgres.tool-failed */
export async function readArchiveList(archive: Archive, reading: Reading = {}): Promise<ArchiveList> {
  return parseArchiveList(await readText(archive, ['--list'], reading));
}

/** The same with what belongs to the database itself, which is listed only where it would be restored. @throws backup.damaged, postgres.tool-failed */
export async function readListWithDatabase(archive: Archive, reading: Reading = {}): Promise<ArchiveList> {
  return parseArchiveList(await readText(archive, ['--list', '--create'], reading));
}

/**
 * The SQL of some entries, each after a comment that names its dump id.
 * @param listFile a file that holds the entries as a list
 * @throws backup.damaged, postgres.tool-failed
 */
export async function readEntriesSql(archive: Archive, listFile: string, reading: Reading = {}): Promise<string> {
  return readText(archive, ['--verbose', '--file=-', { option: '--use-list=', file: listFile, is: 'list' }], reading);
}

/** Entries whose SQL names roles besides the owner of what they are about. */
export function entriesWithRoles(list: ArchiveList): ArchiveEntry[] {
  return list.entries.filter(({ kind }) => kind === 'ACL' || kind === 'DEFAULT ACL' || kind === 'POLICY' || kind === 'USER MAPPING');
}
