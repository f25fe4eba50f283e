/** What backing up a file set is about to do, seen on the host before it does it. */
import type { FileSet, filesOptions } from '#shared/contract/files.ts';
import type { PlanFinding } from '#shared/contract/operations.ts';
import { fileProofWords } from '#shared/domain/file-set.ts';
import type { z } from 'zod';
import { filesFolder, folderNameOf } from '../backup/folder-names.ts';
import { freeBytesOf, hasSpace } from '../backup/space.ts';
import { bytesInWords, countInWords } from '../backup/words.ts';
import type { PlanDraft } from '../operations/procedure.ts';
import { createFileBackupRepository } from '../store/file-backup-repository.ts';
import { createFileSetRepository } from '../store/file-set-repository.ts';
import { createHostRepository } from '../store/host-repository.ts';
import { kindOf } from './kinds.ts';
import { look, mostEntries, type Look } from './look.ts';
import { listed } from './proof-checks.ts';
import { proofSteps } from './prove.ts';
import { tarCommand } from './tar-command.ts';
import { nameOf, written } from './tar-names.ts';
import { accessLabel, lineThere, onHost, type FilesReach } from './there.ts';

export interface FilesInput {
  setId: string;
  options: z.output<typeof filesOptions>;
}

/** What a set says is backed up: what a run goes by. */
export type Definition = Pick<FileSet, 'paths' | 'exclude' | 'access' | 'oneFileSystem'>;

export interface FilesDetails extends FilesInput, Definition {
  hostId: string;
  /** Whom the plan was made with. */
  hostKey: string;
  expectedBytes: number;
}

/** A host that needs longer to be looked at is looked at by the run, which waits. */
const lookLimitMs = 120_000;
/** Bytes per second over a line of which nothing is known: cautious. */
const assumedBytesPerSecond = 8_000_000;
/** What gzip leaves of ordinary files, where nothing is known. */
const assumedRatio = 0.6;

export interface Figures {
  files: number;
  folders: number;
  links: number;
  bytes: number;
  special: string[];
}

export function figuresOf({ entries, unreadable }: Pick<Look, 'entries' | 'unreadable'>): Figures {
  const figures: Figures = { files: 0, folders: 0, links: 0, bytes: 0, special: [] };
  for (const [key, { mode, size }] of entries) {
    if (unreadable.has(key)) continue;
    const kind = kindOf(mode);
    if (kind === 'file') {
      figures.files += 1;
      figures.bytes += size;
    } else if (kind === 'folder') figures.folders += 1;
    else if (kind === 'link') figures.links += 1;
    else figures.special.push(written(nameOf(key)).text);
  }
  return figures;
}

export const figuresInWords = ({ files, bytes }: { files: number; bytes: number }): string => `${countInWords(files, 'file')}, ${bytesInWords(bytes)}`;

const slashed = (names: readonly string[]): string => listed(names.map((name) => `/${name}`));

/** What was seen on the host, as findings. */
export function lookFindings(set: Definition, seen: Look): PlanFinding[] {
  const findings: PlanFinding[] = [];
  const missing = seen.roots.filter(({ kind }) => kind === 'missing').map(({ path }) => path);
  if (missing.length > 0) findings.push({ state: 'critical', title: `${missing.length === 1 ? 'A path is' : 'Paths are'} not there`, detail: `${listed(missing)}. Or ${seen.account} may not look into the folder above.`, fix: 'Take it from the set, or read the files as an account that may look there.' });
  for (const { path, target } of seen.roots.filter(({ kind }) => kind === 'link')) findings.push({ state: 'warn', title: `${path} is a link`, detail: `It leads to ${target ?? 'somewhere'}. The link itself is kept, and nothing of what is behind it.`, fix: 'Add to the set what it leads to.' });
  const figures = figuresOf(seen);
  if (seen.entries.size > mostEntries) findings.push({ state: 'critical', title: `More than ${mostEntries.toLocaleString('en-US')} files and folders`, detail: 'Each of them would be listed and compared by itself.', fix: 'Divide it into several sets, or leave folders out.' });
  else if (missing.length === 0) findings.push({ state: 'ok', title: `${seen.account} can read ${figuresInWords(figures)}`, detail: `In ${countInWords(figures.folders, 'folder')}, with ${countInWords(figures.links, 'link')}.` });
  if (seen.unreadable.size > 0) {
    const names = [...seen.unreadable].map((key) => written(nameOf(key)).text);
    findings.push({ state: 'warn', title: `${countInWords(names.length, 'file or folder', 'files and folders')} cannot be read and will be left out`, detail: slashed(names), fix: `Read them as an account that may (sudo), or leave them out of the set.` });
  }
  if (seen.mounts.length > 0) findings.push({ state: 'warn', title: `${countInWords(seen.mounts.length, 'other file system is', 'other file systems are')} left out`, detail: slashed(seen.mounts.map((key) => written(nameOf(key)).text)), fix: 'Add those paths to the set, or let it look into other file systems.' });
  if (figures.special.length > 0) findings.push({ state: 'warn', title: `${countInWords(figures.special.length, 'pipe, socket or device', 'pipes, sockets and devices')} hold no files`, detail: slashed(figures.special) });
  if (seen.tar === null) findings.push({ state: 'critical', title: 'There is no tar', fix: 'Install it there: apt-get install tar, dnf install tar, apk add tar.' });
  else {
    const made = tarCommand(set, seen.tar, seen);
    if ('why' in made) findings.push({ state: 'critical', title: made.why, fix: made.fix });
    else findings.push({ state: 'ok', title: seen.tar.version, detail: made.compressed ? 'It compresses there, by gzip.' : 'It cannot compress; that is done on this computer.' });
  }
  return findings;
}

/** @throws store.not-found, ssh.*, files.tar-failed */
export async function planFiles(reach: FilesReach, input: FilesInput): Promise<PlanDraft<FilesDetails>> {
  const { context } = reach;
  const set = createFileSetRepository(context.store).get(input.setId);
  const system = context.systems.get(set.systemId);
  const host = createHostRepository(context.store).get(set.hostId);
  const limit = AbortSignal.timeout(lookLimitMs);
  const { seen, hostKey } = await onHost(reach, set, limit, async (there) => ({ seen: await look(there, set, limit), hostKey: there.hostKey }));
  const findings = lookFindings(set, seen);
  const figures = figuresOf(seen);
  const last = createFileBackupRepository(context.store).newestOf(set.id);
  const ratio = last === null || last.damaged !== null || last.contentBytes === 0 ? assumedRatio : last.sizeBytes / last.contentBytes;
  const expectedBytes = Math.round(figures.bytes * ratio);
  const { proof } = input.options;
  const free = await freeBytesOf(context.home.backups);
  const needed = proof === 'L3' ? expectedBytes + figures.bytes : expectedBytes;
  const space = `About ${bytesInWords(needed)} are needed${proof === 'L3' ? ', most of it for the proof alone' : ''}; ${bytesInWords(free)} are free in ${context.home.backups}.`;
  findings.push(hasSpace(free, needed) ? { state: 'ok', title: 'There is space for it', detail: space } : { state: 'critical', title: 'Too little space', detail: space, fix: hasSpace(free, expectedBytes) ? 'Choose L2 (every file read), or free some space.' : 'Free some space, or leave more out of the set.' });
  const made = seen.tar === null ? null : tarCommand(set, seen.tar, seen);
  const label = accessLabel(host.label, set.access);
  return {
    title: `Back up ${set.name} of ${host.label}`,
    question: `Back up ${set.name} of ${host.label}?`,
    system: { id: system.id, name: system.name, environment: system.environment, readOnly: system.readOnly },
    target: `${set.name} on ${label}`,
    targets: [{ label: `${set.name} on ${label}, ${hostKey}`, databaseId: null, hostId: host.id, identity: null }],
    steps: [
      { id: 'look', title: 'Look at the host, the files and the space' },
      { id: 'read', title: 'Read the files there, hash each of them here', ...(made === null || 'why' in made ? {} : { detail: `${host.label}: ${lineThere(set.access, made.argv)}` }) },
      { id: 'compare', title: 'Look again, for what changed or is missing' },
      { id: 'seal', title: 'Hash the archive, write the manifest, put it in place' },
      ...proofSteps(proof),
    ],
    consequences: [
      `${last === null ? 'The first copy' : 'One more copy'} of ${set.name}: ${figuresInWords(figures)} there, about ${bytesInWords(expectedBytes)} here, in ${context.home.backups}/${folderNameOf(system.name)}/${filesFolder}/${folderNameOf(set.name)}.`,
      `Nothing on ${host.label} changes, and nothing is left there. Access control lists and other extended attributes are not in the copy.`,
      ...(proof === 'L3' ? ['For the proof all of it is brought out beside the copy on this computer, compared, and removed.'] : [`It is verified up to ${proof} (${fileProofWords[proof]}) and counts as unproven until it was brought out and compared.`]),
    ],
    findings,
    wayBack: 'Cancel at any time: an unfinished copy is removed, here and there. One that is whole stays, also when its proof is cancelled, and can be deleted.',
    changes: false,
    irreversible: false,
    nameToConfirm: null,
    estimatedMs: Math.round(2000 + (expectedBytes / assumedBytesPerSecond) * 1000 * (proof === 'L3' ? 1.5 : 1)),
    exclusive: [`files:${set.id}`],
    details: { ...input, hostId: set.hostId, hostKey, expectedBytes, paths: set.paths, exclude: set.exclude, access: set.access, oneFileSystem: set.oneFileSystem },
  };
}
