/** Carries out a backup of files: looked at, read, compared, sealed, proved. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { FileBackup } from '#shared/contract/files.ts';
import { fileProofWords } from '#shared/domain/file-set.ts';
import { PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import { destinationError, writeDurably } from '../backup/files.ts';
import { filesFolder, folderNameOf } from '../backup/folder-names.ts';
import { manifestFileName } from '../backup/manifest.ts';
import { makePartialBelow, type PartialFolder } from '../backup/partial-folder.ts';
import { writeProofs } from '../backup/proofs-file.ts';
import { restoreTextName } from '../backup/restore-text.ts';
import { createSealing } from '../backup/sealing.ts';
import { requireSpace } from '../backup/space.ts';
import { bytesInWords, countInWords } from '../backup/words.ts';
import type { EngineContext } from '../engine-context.ts';
import type { ProcedureOutcome, RunningOperation } from '../operations/procedure.ts';
import { version as pilothouseVersion } from '../settings/app-room.ts';
import { createFileBackupRepository } from '../store/file-backup-repository.ts';
import { createFileSetRepository } from '../store/file-set-repository.ts';
import { createHostRepository } from '../store/host-repository.ts';
import { catalogueEntry } from './catalogue-entry.ts';
import { compareLook } from './compare-look.ts';
import { look, mostEntries, tooMany, type Look } from './look.ts';
import { archiveName, filesFormat, manifestText, readFilesManifest, type FilesManifest } from './manifest.ts';
import { figuresOf, type FilesDetails } from './plan-files.ts';
import { listed } from './proof-checks.ts';
import { proveFiles } from './prove.ts';
import { readFiles } from './read-files.ts';
import { restoreText } from './restore-text.ts';
import { tarCommand, type TarCommand } from './tar-command.ts';
import { written } from './tar-names.ts';
import { lineThere, onHost, type FilesReach, type There } from './there.ts';

/** The share of the whole that making the copy takes, by how far it is proved afterwards. */
const makingShare = { L0: 0.9, L1: 0.85, L2: 0.8, L3: 0.6 } as const;
const almostDone = 0.99;

interface Making {
  context: EngineContext;
  details: FilesDetails;
  operation: RunningOperation;
  there: There;
}

/** Who is there has to be who the plan was made with. @throws ssh.host-key-changed */
export function requireHostKey(there: There, planned: string): void {
  if (there.hostKey === planned) return;
  throw new PilothouseError('ssh.host-key-changed', `${there.label} has another host key now than when this was planned: ${there.hostKey} instead of ${planned}.`, { hint: 'Nothing was done there. Find out why, then plan again.', details: { planned, found: there.hostKey } });
}

/** A look that knows each of them. @throws files.tar-failed where there are too many; as `look` */
async function lookAtAll({ details, there, operation }: Making): Promise<Look> {
  const seen = await look(there, details, operation.signal);
  if (seen.entries.size > mostEntries) throw tooMany(there.label);
  return seen;
}

async function lookFirst(making: Making): Promise<{ before: Look; command: TarCommand; tar: NonNullable<Look['tar']> }> {
  const { context, details, there } = making;
  requireHostKey(there, details.hostKey);
  const before = await lookAtAll(making);
  const missing = before.roots.filter(({ kind }) => kind === 'missing');
  if (missing.length > 0) throw new PilothouseError('files.tar-failed', `Not on ${there.label} any more: ${listed(missing.map(({ path }) => path))}.`, { hint: 'Plan again.' });
  if (before.tar === null) throw new PilothouseError('files.tar-failed', `There is no tar on ${there.label}.`, { hint: 'Install it there.' });
  const command = tarCommand(details, before.tar, before);
  if ('why' in command) throw new PilothouseError('files.tar-failed', `${there.label}: ${command.why}.`, { hint: command.fix });
  await requireSpace(context.home.backups, details.expectedBytes);
  return { before, command, tar: before.tar };
}

/** GNU tar writes what is no ordinary letter with a backslash. */
function unquoted(name: string): string {
  const letters: Record<string, string> = { n: '\n', t: '\t', a: '\u0007', b: '\b', f: '\f', r: '\r', v: '\v' };
  const bytes = name.replaceAll(/\\([0-7]{3}|.)/g, (_whole, code: string) => (code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (letters[code] ?? code)));
  return written(Buffer.from(bytes.replace(/^\.\//, ''), 'latin1')).text;
}

interface Made {
  backup: FileBackup;
  manifest: FilesManifest;
  manifestSha256: string;
}

/** Writes RESTORE.md and, last of all, the manifest; then the folder gets its name, and the catalogue its row. */
async function seal({ context, operation }: Making, folder: PartialFolder, description: Omit<FilesManifest, 'files'>, sha256: string): Promise<Made> {
  await writeDurably(join(folder.path, restoreTextName), restoreText(description));
  const sealed = await createSealing(folder.path, { signal: operation.signal, onBytes: () => {} }).finish();
  const archive = sealed.find(({ path }) => path === archiveName);
  if (archive?.sha256 !== sha256) throw new PilothouseError('backup.incomplete', `${archiveName} in ${folder.path} is not what was written to it.`, { hint: 'The disk does not keep what it is given. Check it, then back up again.' });
  const manifest: FilesManifest = { ...description, files: sealed.map((file) => ({ path: file.path, sizeBytes: file.sizeBytes, sha256: file.sha256 })) };
  await writeDurably(join(folder.path, manifestFileName), manifestText(manifest));
  const read = await readFilesManifest(folder.path);
  await writeProofs(folder.path, { manifestSha256: read.sha256, pinned: false, records: [] });
  await context.ports.checkpoint?.('files:before-rename');
  operation.throwIfCancelled();
  await folder.seal();
  await context.ports.checkpoint?.('files:renamed');
  const { size } = await stat(join(folder.finalPath, manifestFileName));
  const backup = catalogueEntry(manifest, { folder: folder.finalPath, manifestBytes: size, state: { proof: null, provenAt: null, damaged: null } }, context.systems);
  const backups = createFileBackupRepository(context.store);
  backups.upsert(backup, read.sha256);
  backups.setMadeHere(backup.id);
  context.changes.changed('backups');
  return { backup, manifest: read.manifest, manifestSha256: read.sha256 };
}

async function make(making: Making, share: number): Promise<Made> {
  const { context, details, operation, there } = making;
  const { checkpoint, clock } = context.ports;
  const set = createFileSetRepository(context.store).get(details.setId);
  const system = context.systems.get(set.systemId);
  const host = createHostRepository(context.store).get(details.hostId);
  const { before, command, tar } = await operation.phase('look', () => lookFirst(making));
  await checkpoint?.('files:looked');
  const startedAt = clock.now();
  const folder = await makePartialBelow(context.home.backups, [folderNameOf(system.name), filesFolder, folderNameOf(set.name)], startedAt);
  const takeBack = operation.onFailure(`the unfinished copy ${folder.path}`, () => folder.remove());
  try {
    const figures = figuresOf(before);
    let done = 0;
    const read = await operation.phase('read', () =>
      readFiles({
        there, tar, command, operation,
        file: join(folder.path, archiveName),
        line: `${host.label}: ${lineThere(details.access, command.argv)}`,
        onBytes(bytes) {
          done += bytes;
          operation.progress({ fraction: 0.02 + (share * 0.9 - 0.02) * (figures.bytes === 0 ? 1 : Math.min(1, done / figures.bytes)), done, total: figures.bytes, unit: 'bytes', text: `Read ${bytesInWords(done)} of ${bytesInWords(figures.bytes)}` });
        },
      }),
    );
    await checkpoint?.('files:read');
    const compared = await operation.phase('compare', async () => compareLook(read.entries, before, await lookAtAll(making)));
    const changed = [...new Set([...read.verdict.changed.map(unquoted), ...[...compared.changed].map((key) => written(Buffer.from(key, 'latin1')).text)])].sort();
    const { leftOut } = compared;
    if (changed.length > 0) operation.warn(`${countInWords(changed.length, 'file', 'files')} changed while ${changed.length === 1 ? 'it was' : 'they were'} read: ${listed(changed)}. What is in the copy may be neither as it was before nor as it was after.`);
    if (leftOut.length > 0) operation.warn(`Left out: ${listed(leftOut.map(({ path, why }) => `${path} (${why})`))}.`);
    const others = read.verdict.said.filter((line) => !/: socket ignored$|on a different filesystem; not dumped$/.test(line));
    if (others.length > 0) operation.warn(`tar said besides: ${listed(others)}`);
    if (compared.came + compared.went > 0) operation.log('info', `Meanwhile ${countInWords(compared.came, 'entry came', 'entries came')} and ${countInWords(compared.went, 'entry went', 'entries went')}`);
    const description: Omit<FilesManifest, 'files'> = {
      format: filesFormat,
      // One operation makes one copy, and is found again by it after a crash.
      id: operation.id,
      madeBy: { pilothouse: pilothouseVersion, tar: tar.version, gzip: command.compressed ? 'host' : 'here' },
      system: { id: system.id, name: system.name, environment: system.environment },
      host: { id: host.id, label: host.label, host: host.connection.host, port: host.connection.port, hostKey: there.hostKey, account: before.account },
      set: { id: set.id, name: set.name, paths: details.paths, exclude: details.exclude, access: details.access, oneFileSystem: details.oneFileSystem },
      takenAt: new Date(startedAt).toISOString(),
      endedAt: new Date(clock.now()).toISOString(),
      archive: { path: archiveName, tarBytes: read.tarBytes },
      leftOut,
      changed,
      entries: read.described,
    };
    const made = await operation.phase('seal', () => seal(making, folder, description, read.sha256));
    operation.progress({ fraction: share, text: `Written: ${bytesInWords(made.backup.sizeBytes)}` });
    takeBack.disarm();
    return made;
  } catch (error) {
    throw destinationError(error, folder.path);
  }
}

/** @throws files.tar-failed, backup.*, ssh.*, operation.plan-changed, operation.cancelled */
export async function runFiles(reach: FilesReach, details: FilesDetails, operation: RunningOperation): Promise<ProcedureOutcome> {
  const { context } = reach;
  const sets = createFileSetRepository(context.store);
  const { paths, exclude, access, oneFileSystem } = sets.get(details.setId);
  const planned = { paths: details.paths, exclude: details.exclude, access: details.access, oneFileSystem: details.oneFileSystem };
  if (!isDeepStrictEqual({ paths, exclude, access, oneFileSystem }, planned)) throw new PilothouseError('operation.plan-changed', 'The file set was changed since this was planned.', { hint: 'Plan again.' });
  const { proof } = details.options;
  const share = makingShare[proof];
  const { backup, manifest, manifestSha256 } = await onHost(reach, details, operation.signal, (there) => make({ context, details, operation, there }, share));
  const backups = createFileBackupRepository(context.store);
  try {
    await proveFiles(context, { backupId: backup.id, folder: backup.path, manifest, manifestSha256, upTo: proof, operation, range: [share, almostDone] });
  } catch (error) {
    throw whileKept(error, backups.get(backup.id));
  }
  if (sets.find(details.setId) !== null) sets.touch(details.setId, context.ports.clock.now());
  const now = backups.get(backup.id);
  return { summary: `Backed up ${now.setName} of ${now.hostLabel}: ${countInWords(now.files, 'file')}, ${bytesInWords(now.contentBytes)}, ${bytesInWords(now.sizeBytes)} here. ${proof}: ${fileProofWords[proof].toLowerCase()}`, result: { backupId: backup.id, proof: now.proof } };
}

/** An error that came when the copy had been made already: it stays, and the error says so and how good it is. */
function whileKept(error: unknown, backup: FileBackup): PilothouseError {
  const shape = toErrorShape(error, '');
  const kept = `The copy was made and is kept in ${backup.path}, ${backup.proof === null ? 'without any proof' : `verified up to ${backup.proof} (${fileProofWords[backup.proof].toLowerCase()})`}.`;
  return new PilothouseError(shape.code, `${shape.message} ${kept}`, { hint: shape.hint, retryable: shape.retryable, details: { ...shape.details, backupId: backup.id, kept }, cause: error });
}
