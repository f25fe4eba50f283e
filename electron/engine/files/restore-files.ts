/** Brings files back: into a new folder on this computer, or beside each path on the host. Never over what is there. */
import { createReadStream } from 'node:fs';
import { lstat, mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { FilesAccess } from '#shared/contract/files.ts';
import type { Operation, PlanFinding } from '#shared/contract/operations.ts';
import { hasCode, PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import { syncFolder } from '../platform/durable.ts';
import { destinationError, hashFile } from '../backup/files.ts';
import { folderNameOf, folderStamp } from '../backup/folder-names.ts';
import { freeBytesOf, hasSpace, requireSpace } from '../backup/space.ts';
import { bytesInWords, countInWords, timeInWords } from '../backup/words.ts';
import type { EngineContext } from '../engine-context.ts';
import type { PlanDraft, ProcedureOutcome, RunningOperation } from '../operations/procedure.ts';
import { serverText } from '../ssh/server-text.ts';
import { createFileBackupRepository } from '../store/file-backup-repository.ts';
import { createFileSetRepository } from '../store/file-set-repository.ts';
import { createHostRepository } from '../store/host-repository.ts';
import { isSpecial, kindOf } from './kinds.ts';
import { look } from './look.ts';
import { archiveName, entryKey, type EntryInManifest, type FilesManifest } from './manifest.ts';
import { bringOut, extractionError, listed, neededBytes } from './proof-checks.ts';
import { removeTree } from './remove-tree.ts';
import { requireHostKey } from './run-files.ts';
import { missingFirstNames, whyUnsafeTogether } from './structure.ts';
import { isAtOrBelow, keyOf } from './tar-names.ts';
import { lineThere, onHost, type FilesReach, type There } from './there.ts';
import { requireFilesManifest, systemOf } from './verify-files.ts';
import { withoutSpecial } from './without-special.ts';

export interface RestoreFilesInput {
  backupId: string;
  paths?: string[] | undefined;
  to: 'here' | 'host';
}

/** One path and what it becomes. */
interface Beside {
  path: string;
  into: string;
}

export interface RestoreFilesDetails {
  backupId: string;
  paths: string[];
  /** A folder here that does not exist yet; null where it goes to the host. */
  here: string | null;
  there: { hostId: string; access: FilesAccess; hostKey: string; beside: Beside[] } | null;
}

/** What a folder ends in, here and there, while files are brought into it. */
const unfinished = '.restoring';

/** Archive names of paths. */
const keysOf = (paths: readonly string[]): string[] => paths.map((path) => keyOf(Buffer.from(path.slice(1), 'utf8')));

function chosen(manifest: FilesManifest, paths: readonly string[]): EntryInManifest[] {
  const keys = keysOf(paths);
  return manifest.entries.filter((entry) => isAtOrBelow(entryKey(entry), keys));
}

function chosenFindings(manifest: FilesManifest, paths: readonly string[], entries: readonly EntryInManifest[]): PlanFinding[] {
  const findings: PlanFinding[] = [];
  const absent = paths.filter((path) => chosen(manifest, [path]).length === 0);
  if (absent.length > 0) findings.push({ state: 'critical', title: 'Not in this copy', detail: listed(absent), fix: 'Choose paths that stand in its list.' });
  const keys = keysOf(paths);
  const halves = missingFirstNames(entries, (key) => isAtOrBelow(key, keys));
  if (halves.length > 0) findings.push({ state: 'critical', title: `${countInWords(halves.length, 'file is', 'files are')} in the copy under another name only`, detail: listed(halves.map(({ path, target }) => `/${path} is a second name of /${target ?? ''}`)), fix: 'Choose the other path as well.' });
  const unsafe = whyUnsafeTogether(manifest.entries);
  if (unsafe.length > 0) findings.push({ state: 'critical', title: 'Something in it leads out of its folder', detail: listed(unsafe), fix: 'No tar makes such an archive. Find out who changed it, and use another copy.' });
  return findings;
}

const notMade = (count: number): string => `${countInWords(count, 'pipe or device', 'pipes and devices')} ${count === 1 ? 'was' : 'were'} not brought back.`;

const rootOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** @throws backup.not-found, backup.manifest-invalid, backup.incomplete; store.not-found and ssh.* for the host */
export async function planRestoreFiles(reach: FilesReach, { backupId, paths, to }: RestoreFilesInput): Promise<{ draft: PlanDraft<RestoreFilesDetails>; into: string[] }> {
  const { context } = reach;
  const backup = createFileBackupRepository(context.store).get(backupId);
  const { manifest } = await requireFilesManifest(context, backup);
  const wanted = paths ?? manifest.set.paths;
  const entries = chosen(manifest, wanted);
  const findings = chosenFindings(manifest, wanted, entries);
  if (backup.damaged !== null) findings.push({ state: 'critical', title: 'This copy was found damaged', detail: backup.damaged, fix: 'Use another copy.' });
  else if (backup.proof !== 'L3') findings.push({ state: 'warn', title: 'This copy was never brought out and compared', detail: 'Its hashes are checked before anything is written.' });
  const stamp = folderStamp(context.ports.clock.now());
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  const figures = `${countInWords(entries.filter(({ type }) => type === 'file').length, 'file')}, ${bytesInWords(bytes)}`;
  const special = entries.filter(isSpecial);
  const specialFinding: PlanFinding = { state: 'warn', title: 'Pipes and devices are not brought back', detail: listed(special.map(({ path }) => `/${path}`)) };
  const common = {
    title: `Bring back files of ${backup.setName}`,
    system: systemOf(context, backup),
    irreversible: false,
    estimatedMs: Math.round(2000 + bytes / 20_000),
    exclusive: [`files-backup:${backupId}`],
  };
  if (to === 'here') {
    const into = join(context.home.exports, `${folderNameOf(backup.setName)}-${stamp}`);
    if (special.length > 0) findings.push(specialFinding);
    const free = await freeBytesOf(context.home.exports);
    const detail = `About ${bytesInWords(neededBytes(entries))} are needed, ${bytesInWords(free)} are free in ${context.home.exports}.`;
    findings.push(hasSpace(free, neededBytes(entries)) ? { state: 'ok', title: 'There is space for it', detail } : { state: 'critical', title: 'Too little space', detail, fix: 'Free some space, or choose fewer paths.' });
    return {
      into: [into],
      draft: {
        ...common,
        question: `Bring back ${figures} of ${timeInWords(backup.takenAt)} to this computer?`,
        target: into,
        targets: [{ label: into, databaseId: null, identity: null }],
        steps: [{ id: 'hash', title: 'Check the hash of the archive' }, { id: 'extract', title: 'Bring out the files, and compare each', detail: into }],
        consequences: [`A new folder ${into} with ${figures}.`, 'Rights and times are as they were; everything belongs to your account.'],
        findings,
        wayBack: 'Remove the folder.',
        changes: false,
        nameToConfirm: null,
        details: { backupId, paths: wanted, here: into, there: null },
      },
    };
  }
  const set = createFileSetRepository(context.store).find(backup.setId);
  const host = createHostRepository(context.store).find(set?.hostId ?? manifest.host.id);
  if (host === null) throw new PilothouseError('store.not-found', `${manifest.host.label} is no host here any more.`, { hint: 'Bring the files back to this computer, or add the host again.' });
  // The rules of the host that is written to hold, whatever a folder that was brought here says of where it is from.
  const { id, name, environment, readOnly } = context.systems.get(host.systemId);
  const access = set?.access ?? manifest.set.access;
  const specialKeys = new Set(special.map(entryKey));
  const made = wanted.filter((path) => !keysOf([path]).some((key) => specialKeys.has(key)));
  const isNothing = made.length === 0;
  const beside = (isNothing ? wanted : made).map((path) => ({ path, into: `${path}.pilothouse-${stamp}` }));
  if (wanted.includes('/') || manifest.set.paths.includes('/')) findings.push({ state: 'critical', title: 'A whole file system is not brought back beside itself', fix: 'Bring the files back to this computer.' });
  if (special.length > 0) findings.push(isNothing ? { ...specialFinding, state: 'critical', fix: 'Choose a path that is something else.' } : specialFinding);
  const limit = AbortSignal.timeout(60_000);
  const seen = await onHost(reach, { hostId: host.id, access }, limit, async (there) => ({ hostKey: there.hostKey, ...(await look(there, { paths: beside.flatMap(({ into }) => [into, `${into}${unfinished}`]), exclude: [], oneFileSystem: true }, limit)) }));
  if (seen.hostKey !== manifest.host.hostKey) findings.push({ state: 'warn', title: 'The host has another key than when it was backed up', detail: `${seen.hostKey} instead of ${manifest.host.hostKey}.`, fix: 'Make sure that it is the machine that you mean.' });
  const inTheWay = seen.roots.filter(({ kind }) => kind !== 'missing').map(({ path }) => path);
  if (inTheWay.length > 0) findings.push({ state: 'critical', title: 'Something has that name already', detail: listed(inTheWay), fix: 'Plan again: the name has the time in it.' });
  if (seen.tar === null) findings.push({ state: 'critical', title: 'There is no tar', fix: 'Install it there.' });
  else findings.push({ state: 'ok', title: seen.tar.version });
  if (seen.account !== 'root') findings.push({ state: 'warn', title: `Everything will belong to ${seen.account}`, detail: 'Only root can give files to other accounts.' });
  return {
    into: beside.map(({ into }) => into),
    draft: {
      ...common,
      system: { id, name, environment, readOnly },
      question: `Bring back ${figures} of ${timeInWords(backup.takenAt)} beside what is on ${host.label}?`,
      target: `${host.label}: ${beside.map(({ into }) => into).join(', ')}`,
      targets: [{ label: `${host.label}, ${seen.hostKey}`, databaseId: null, hostId: host.id, identity: null }],
      steps: [
        { id: 'hash', title: 'Check the hash of the archive and of every file in it' },
        { id: 'send', title: 'Bring out the files on the host', detail: beside.map((each) => `${host.label}: ${lineThere(access, extractCommand(each))}`).join('\n') },
        { id: 'compare', title: 'Compare each with the manifest, and give them their names' },
      ],
      consequences: [`On ${host.label}: ${beside.map(({ into }) => into).join(', ')}, with ${figures}.`, 'Nothing that is there is changed. What is to take its place, you decide.'],
      findings,
      wayBack: 'Remove what was made; nothing else was touched.',
      changes: true,
      nameToConfirm: host.label,
      details: { backupId, paths: wanted, here: null, there: { hostId: host.id, access, hostKey: seen.hostKey, beside } },
    },
  };
}

/** Into the unfinished folder, with what is above the path taken off. */
function extractCommand({ path, into }: Beside): [string, ...string[]] {
  const parts = path.slice(1).split('/');
  return ['env', '-u', 'TAR_OPTIONS', 'tar', '-x', '-p', '--numeric-owner', '-f', '-', '-C', `${into}${unfinished}`, ...(parts.length === 1 ? [] : [`--strip-components=${parts.length - 1}`]), '--', path.slice(1)];
}

/** @throws backup.proof-failed */
async function requireHash(folder: string, manifest: FilesManifest, operation: RunningOperation): Promise<void> {
  const { sha256 } = await hashFile(join(folder, archiveName), { signal: operation.signal });
  if (sha256 === manifest.files.find(({ path }) => path === archiveName)?.sha256) return;
  throw new PilothouseError('backup.proof-failed', `${archiveName} in ${folder} is not what was written. Nothing was brought back.`, { hint: 'Verify the copy (L0), and use another one.' });
}

async function restoreHere(context: EngineContext, about: { folder: string; manifest: FilesManifest; into: string; paths: string[] }, operation: RunningOperation): Promise<ProcedureOutcome> {
  const { folder, manifest, into, paths } = about;
  const entries = chosen(manifest, paths);
  await requireSpace(dirname(into), neededBytes(entries));
  const part = `${into}${unfinished}`;
  try {
    await mkdir(part, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw destinationError(error, part);
    throw new PilothouseError('restore.target-exists', `${part} is there: the same is being brought back, or was not to its end.`, { hint: 'Plan again in a moment: the name has the time in it.', cause: error });
  }
  const takeBack = operation.onFailure(`the unfinished folder ${part}`, () => removeTree(part));
  const { differences, skipped } = await operation.phase('extract', async () => {
    try {
      const total = manifest.files.find(({ path }) => path === archiveName)?.sizeBytes ?? 0;
      let done = 0;
      const out = await bringOut({ archive: join(folder, archiveName), into: part, entries, signal: operation.signal, onBytes: (bytes) => operation.progress({ fraction: total === 0 ? 1 : 0.95 * Math.min(1, (done += bytes) / total), done, total, unit: 'bytes', text: `Read ${bytesInWords(done)} of ${bytesInWords(total)}` }) });
      await context.ports.checkpoint?.('files:restored');
      return out;
    } catch (error) {
      throw extractionError(error, part);
    }
  });
  if (differences.length > 0) throw new PilothouseError('backup.proof-failed', `What came out is not what the manifest says: ${listed(differences)}. Nothing is kept of it.`, { hint: 'Verify the copy, and use another one.' });
  if (await lstat(into).then(() => true, () => false)) throw new PilothouseError('restore.target-exists', `${into} is there meanwhile.`, { hint: 'Plan again.' });
  operation.throwIfCancelled();
  await rename(part, into);
  await syncFolder(dirname(into));
  takeBack.disarm();
  if (skipped > 0) operation.warn(notMade(skipped));
  return { summary: `Brought back ${countInWords(entries.length - skipped, 'entry', 'entries')} of ${manifest.set.name} to ${into}, each compared with the manifest`, result: { backupId: manifest.id, into: [into] } };
}

const quoteInScript = (script: string, ...values: string[]): [string, ...string[]] => ['/bin/sh', '-c', script, 'sh', ...values];

async function orFail(there: There, what: string, argv: [string, ...string[]], signal: AbortSignal): Promise<void> {
  const { exitStatus, stderr } = await there.run({ argv, signal });
  if (exitStatus === 0) return;
  const said = serverText(stderr.trim().slice(-1000), 1000);
  throw new PilothouseError('restore.failed', `${there.label}: ${what} (status ${exitStatus ?? 'unknown'})${said === '' ? '' : `: ${said}`}.`, { hint: 'Nothing that was there was changed, and what was begun is removed. What it says names the reason.', details: { exitStatus, stderr: said } });
}

/** What of an unfinished folder is not as the manifest says. */
async function differencesThere(there: There, { path, into }: Beside, entries: readonly EntryInManifest[], signal: AbortSignal): Promise<string[]> {
  const part = `${into}${unfinished}`;
  const parent = path.slice(1).split('/').slice(0, -1).join('/');
  const prefix = parent === '' ? '' : keyOf(Buffer.from(`${parent}/`, 'utf8'));
  const base = `${keyOf(Buffer.from(part.slice(1), 'utf8'))}/`;
  const seen = await look(there, { paths: [part], exclude: [], oneFileSystem: false }, signal);
  const hashes = new Map<string, string>();
  let waiting = '';
  let name: string | null = null;
  const { exitStatus } = await there.run({
    argv: quoteInScript(`command -v sha256sum >/dev/null 2>&1 || exit 69
find "$1" -type f -exec sh -c 'for each do printf "%s\\0%s\\0" "$each" "$(sha256sum <"$each")"; done' sh {} +`, part),
    onStdoutChunk(chunk) {
      const fields = (waiting + chunk.toString('latin1')).split('\0');
      waiting = fields.pop() ?? '';
      for (const field of fields) {
        if (name === null) name = field;
        else {
          hashes.set(name.slice(1), field.slice(0, 64));
          name = null;
        }
      }
    },
    signal,
  });
  const differences: string[] = [];
  if (exitStatus !== 0) differences.push(exitStatus === 69 ? 'there is no sha256sum on the host to compare by' : 'the files could not be read again');
  for (const entry of entries) {
    const key = entryKey(entry);
    const place = `${base}${key.slice(prefix.length)}`;
    const found = seen.entries.get(place);
    const kind = found === undefined ? null : kindOf(found.mode);
    if (found === undefined) differences.push(`/${entry.path} did not come`);
    else if (kind !== (entry.type === 'hard-link' ? 'file' : entry.type)) differences.push(`/${entry.path} came as a ${kind ?? 'thing that nobody knows'}`);
    else if (entry.type === 'file') {
      if (found.size !== entry.size) differences.push(`/${entry.path} has ${found.size} bytes, and had ${entry.size}`);
      else if (exitStatus === 0 && hashes.get(place) !== entry.sha256) differences.push(`/${entry.path} has another content`);
      else if ((found.mode & 0o7777) !== entry.mode) differences.push(`/${entry.path} has the rights ${(found.mode & 0o7777).toString(8)}, and had ${entry.mode.toString(8)}`);
    }
  }
  const more = seen.entries.size - 1 - entries.length;
  if (more > 0) differences.push(`${countInWords(more, 'entry', 'entries')} came that do not belong to it`);
  return differences;
}

async function restoreThere(reach: FilesReach, about: { folder: string; manifest: FilesManifest; paths: string[] }, to: NonNullable<RestoreFilesDetails['there']>, operation: RunningOperation): Promise<ProcedureOutcome> {
  const { folder, manifest, paths } = about;
  const { signal } = operation;
  let count = 0;
  await onHost(reach, to, signal, async (there) => {
    requireHostKey(there, to.hostKey);
    /** What is there by us: unfinished folders, and names that were given although others were not. */
    const ours: string[] = [];
    const claim = async (path: string, work: () => Promise<void>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        // It said that it was not made: then what is there is another's. A line that was cut says nothing.
        if (!hasCode(error, 'restore.failed')) ours.push(path);
        throw error;
      }
      ours.push(path);
    };
    const takeBack = operation.onFailure(`what was begun on ${there.label}, in ${to.beside.map((each) => `${each.into}${unfinished}`).join(', ')}`, () => onHost(reach, to, AbortSignal.timeout(25_000), async (again) => {
      requireHostKey(again, to.hostKey);
      await removeThere(again, ours, AbortSignal.timeout(25_000));
    }));
    await operation.phase('send', async () => {
      for (const each of to.beside) {
        const part = `${each.into}${unfinished}`;
        await claim(part, () => orFail(there, `${part} could not be made`, quoteInScript('[ ! -e "$2" ] && [ ! -L "$2" ] && mkdir -m 700 -- "$1"', part, each.into), signal));
        await reach.context.ports.checkpoint?.('files:folder-there');
        const source = createReadStream(join(folder, archiveName), { highWaterMark: 256 * 1024 });
        const gunzip = createGunzip({ chunkSize: 256 * 1024 });
        source.once('error', (error) => gunzip.destroy(error));
        const stdin = Readable.from(withoutSpecial(source.pipe(gunzip)), { objectMode: false });
        // Whoever sends it is told, and of nothing but its end where that comes early.
        for (const stream of [gunzip, stdin]) stream.on('error', () => {});
        const argv = extractCommand(each);
        const result = await there.run({ argv, stdin, signal }).finally(() => {
          // Nobody reads the rest of the archive where it ended early.
          stdin.destroy();
          source.destroy();
          gunzip.destroy();
        });
        const said = serverText(result.stderr.trim().slice(-1000), 1000);
        operation.command({ text: `${there.label}: ${lineThere(to.access, argv)}`, target: there.label, exitStatus: result.exitStatus, signal: result.signal, durationMs: Math.round(result.durationMs), ...(said === '' ? {} : { output: said }) });
        if (result.exitStatus !== 0) throw new PilothouseError('restore.failed', `tar on ${there.label} did not bring the files out (status ${result.exitStatus ?? 'unknown'})${said === '' ? '' : `: ${said}`}.`, { hint: 'Nothing that was there was changed, and what was begun is removed.', details: { exitStatus: result.exitStatus, stderr: said } });
      }
    });
    await reach.context.ports.checkpoint?.('files:sent');
    await operation.phase('compare', async () => {
      for (const each of to.beside) {
        const entries = chosen(manifest, [each.path]).filter((entry) => !isSpecial(entry));
        const differences = await differencesThere(there, each, entries, signal);
        if (differences.length > 0) throw new PilothouseError('restore.counts-differ', `What came out on ${there.label} is not what the manifest says: ${listed(differences)}.`, { hint: 'Nothing that was there was changed, and what was begun is removed.', details: { differences: differences.slice(0, 100) } });
        count += entries.length;
      }
      for (const each of to.beside) {
        operation.throwIfCancelled();
        await claim(each.into, () => orFail(there, `${each.into} could not get its name`, quoteInScript('[ ! -e "$3" ] && [ ! -L "$3" ] && mv -- "$1/$2" "$3"', `${each.into}${unfinished}`, rootOf(each.path), each.into), signal));
        await orFail(there, `${each.into}${unfinished} could not be removed`, ['rmdir', '--', `${each.into}${unfinished}`], signal);
      }
    });
    takeBack.disarm();
  });
  const skipped = chosen(manifest, paths).filter(isSpecial).length;
  if (skipped > 0) operation.warn(notMade(skipped));
  const into = to.beside.map((each) => each.into);
  return { summary: `Brought back ${countInWords(count, 'entry', 'entries')} of ${manifest.set.name} beside what is there: ${into.join(', ')}`, result: { backupId: manifest.id, into } };
}

/** What was made by us, by names that have the time in them; nothing else is ever meant. */
async function removeThere(there: There, parts: readonly string[], signal: AbortSignal): Promise<void> {
  if (parts.length === 0) return;
  await orFail(there, `${parts.join(', ')} could not be removed`, quoteInScript('for each do rm -rf -- "$each" || exit 1; done', ...parts), signal);
}

/** @throws backup.*, restore.*, ssh.*, operation.cancelled */
export async function runRestoreFiles(reach: FilesReach, details: RestoreFilesDetails, operation: RunningOperation): Promise<ProcedureOutcome> {
  const { context } = reach;
  const backup = createFileBackupRepository(context.store).get(details.backupId);
  const { manifest } = await requireFilesManifest(context, backup);
  await operation.phase('hash', async () => {
    await requireHash(backup.path, manifest, operation);
    const unsafe = whyUnsafeTogether(manifest.entries);
    if (unsafe.length > 0) throw new PilothouseError('files.unsafe-archive', `Something in ${backup.path} leads out of its folder: ${listed(unsafe)}.`, { hint: 'Use another copy.' });
  });
  if (details.here !== null) return restoreHere(context, { folder: backup.path, manifest, into: details.here, paths: details.paths }, operation);
  if (details.there === null) throw new Error('A restore of files goes to one place.');
  return restoreThere(reach, { folder: backup.path, manifest, paths: details.paths }, details.there, operation);
}

/**
 * What is done at the next start about files that were being brought back when the engine died.
 * @throws with `details.notYet` where the host cannot be reached
 */
export async function recoverRestoreFiles(reach: FilesReach, details: RestoreFilesDetails, _operation: Operation): Promise<string> {
  if (details.here !== null) {
    await removeTree(`${details.here}${unfinished}`);
    const isThere = await lstat(details.here).then(() => true, () => false);
    return isThere ? `The files were brought back whole: ${details.here}.` : 'What was half brought back was removed. Plan it again.';
  }
  const { there: to } = details;
  if (to === null) return 'Nothing was begun.';
  const parts = to.beside.map(({ into }) => `${into}${unfinished}`);
  try {
    const limit = AbortSignal.timeout(60_000);
    await onHost(reach, to, limit, async (there) => {
      requireHostKey(there, to.hostKey);
      await removeThere(there, parts, limit);
    });
    return `What was half brought back on the host was removed. What has its name already is whole: ${to.beside.map(({ into }) => into).join(', ')}, as far as they are there.`;
  } catch (error) {
    const shape = toErrorShape(error, '');
    if (shape.code === 'store.not-found') return `The host is none of those here any more. Remove there by hand, where they are: ${parts.join(', ')}`;
    throw new PilothouseError(shape.code, `${shape.message} What was half brought back lies there still, where it is: ${parts.join(', ')}.`, { hint: 'It is removed as soon as the host can be reached.', retryable: shape.retryable, details: { ...shape.details, notYet: true }, cause: error });
  }
}
