/** The four looks at a copy of files, each of which goes deeper than the one before. L3 makes a folder here, and removes it. */
import { dirname, join } from 'node:path';
import { lstat } from 'node:fs/promises';
import type { ProofRecord } from '#shared/contract/backups.ts';
import { isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import { destinationError, hashFile, listFiles } from '../backup/files.ts';
import { manifestFileName } from '../backup/manifest.ts';
import { makePartialBelow } from '../backup/partial-folder.ts';
import { isOwnFile } from '../backup/proofs-file.ts';
import { requireSpace } from '../backup/space.ts';
import { bytesInWords, countInWords } from '../backup/words.ts';
import type { EngineContext } from '../engine-context.ts';
import type { RunningOperation } from '../operations/procedure.ts';
import { createHashingReader, readArchive } from './archive.ts';
import { compareContents, createExtraction, differenceOf } from './extract.ts';
import { archiveName, describeEntry, entryKey, type EntryInManifest, type FilesManifest } from './manifest.ts';
import { removeTree } from './remove-tree.ts';
import { whyUnsafeTogether } from './structure.ts';
import { keyOf } from './tar-names.ts';

export type ProofCheck = ProofRecord['checks'][number];

export interface ProofSubject {
  folder: string;
  manifest: FilesManifest;
  /** Why the manifest is not the one that was written; null where it is, or nobody knows. */
  manifestDoubt: string | null;
  operation: RunningOperation;
  /** The share of the operation that this look is. */
  range: readonly [number, number];
}

const named = 8;

/** At most eight of them, and how many more. */
export const listed = (items: readonly string[]): string => (items.length <= named ? items.join('; ') : `${items.slice(0, named).join('; ')}; and ${(items.length - named).toLocaleString('en-US')} more`);

const check = (name: string, problems: readonly string[], good: string): ProofCheck => ({ name, ok: problems.length === 0, detail: problems.length === 0 ? good : listed(problems) });

/** Files that are missing or have another size. Cheap: reads no content. @throws backup.damaged for what is no plain file */
export async function compareSizes(folder: string, manifest: FilesManifest): Promise<{ missing: string[]; otherSize: string[]; unexpected: string[] }> {
  const found = new Map((await listFiles(folder)).map((file) => [file.path, file.sizeBytes]));
  const expected = new Set([manifestFileName, ...manifest.files.map((file) => file.path)]);
  return {
    missing: manifest.files.filter((file) => !found.has(file.path)).map((file) => `${file.path} is missing`),
    otherSize: manifest.files.flatMap((file) => {
      const size = found.get(file.path);
      return size === undefined || size === file.sizeBytes ? [] : [`${file.path} has ${size.toLocaleString('en-US')} bytes, and had ${file.sizeBytes.toLocaleString('en-US')}`];
    }),
    unexpected: [...found.keys()].filter((path) => !expected.has(path) && !isOwnFile(path)),
  };
}

/** How far a look at bytes is. */
function follow({ operation, range }: Pick<ProofSubject, 'operation' | 'range'>, total: number, words: string): (bytes: number) => void {
  let done = 0;
  return (bytes) => {
    done += bytes;
    const share = total === 0 ? 1 : Math.min(1, done / total);
    operation.progress({ fraction: range[0] + (range[1] - range[0]) * share, done, total, unit: 'bytes', text: `${words} ${bytesInWords(done)} of ${bytesInWords(total)}` });
  };
}

const archiveBytes = ({ files }: FilesManifest): number => files.find(({ path }) => path === archiveName)?.sizeBytes ?? 0;

/** L0: every file is there, has its size, and its bytes have the hash that the manifest names. */
export async function checkHashes(subject: ProofSubject): Promise<ProofCheck[]> {
  const { folder, manifest, manifestDoubt, operation } = subject;
  const { signal } = operation;
  let sizes: Awaited<ReturnType<typeof compareSizes>>;
  try {
    sizes = await compareSizes(folder, manifest);
  } catch (error) {
    if (!isPilothouseError(error) || error.code !== 'backup.damaged') throw error;
    return [{ name: 'Every file is a plain file', ok: false, detail: error.message }];
  }
  const total = manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const onBytes = follow(subject, total, 'Read back');
  const changed: string[] = [];
  for (const file of manifest.files) {
    signal.throwIfAborted();
    const path = join(folder, file.path);
    const facts = await lstat(path).catch((error: NodeJS.ErrnoException) => {
      // Only that it is not there speaks against the copy: a disk that refuses to look says nothing about it.
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
      throw error;
    });
    if (facts?.isFile() !== true) continue;
    const { sha256 } = await hashFile(path, { signal, onBytes });
    if (sha256 !== file.sha256) changed.push(`${file.path} is not what was written`);
  }
  return [
    check('The manifest is the one that was written', manifestDoubt === null ? [] : [manifestDoubt], 'Nothing speaks against it'),
    check('Every file is there', [...sizes.missing, ...sizes.unexpected.map((path) => `${path} does not belong to it`)], countInWords(manifest.files.length, 'file')),
    check('Every file has its size', sizes.otherSize, bytesInWords(total)),
    check('Every SHA-256 matches', changed, `${bytesInWords(total)} read back`),
  ];
}

const factsOf = ({ path, raw, type, size, mode, mtime, uid, gid, target, rawTarget }: EntryInManifest): string => JSON.stringify([path, raw, type, size, mode, mtime, uid, gid, target, rawTarget]);

/** What an archive that cannot be read says, as a failed check. Everything else is thrown: it says nothing about the copy. */
function unreadable(name: string, error: unknown): ProofCheck[] {
  if (!isPilothouseError(error) || (error.code !== 'backup.damaged' && error.code !== 'files.unsafe-archive')) throw error;
  return [{ name, ok: false, detail: error.message }];
}

/** Reads all of it, and compares each entry in its order. @param withHashes whether the contents count as well */
async function compareEntries(subject: ProofSubject, withHashes: boolean): Promise<{ differences: string[]; entries: number }> {
  const { folder, manifest, operation } = subject;
  const differences: string[] = [];
  let index = 0;
  const reader = createHashingReader((entry, sha256) => {
    const found = describeEntry(entry, sha256);
    const expected = manifest.entries[index];
    index += 1;
    if (expected === undefined) differences.push(`${found.path} does not stand in the manifest`);
    else if (factsOf(found) !== factsOf(expected)) differences.push(`${expected.path} is not as the manifest says`);
    else if (withHashes && found.sha256 !== expected.sha256) differences.push(`${expected.path} has another content`);
  });
  const { entries } = await readArchive(join(folder, archiveName), reader, { signal: operation.signal, onBytes: follow(subject, archiveBytes(manifest), 'Read') });
  if (entries < manifest.entries.length) differences.push(`${countInWords(manifest.entries.length - entries, 'entry', 'entries')} of the manifest are not in it`);
  return { differences, entries };
}

/** L1: the archive can be listed to its end, lists what the manifest does, and nothing in it leads out of its folder. */
export async function checkList(subject: ProofSubject): Promise<ProofCheck[]> {
  const name = 'The archive can be listed to its end';
  try {
    const { differences, entries } = await compareEntries(subject, false);
    return [{ name, ok: true, detail: countInWords(entries, 'entry', 'entries') }, check('It lists what the manifest says', differences, countInWords(entries, 'entry', 'entries')), check('Nothing in it leads out of its folder', whyUnsafeTogether(subject.manifest.entries), 'Every name stays inside')];
  } catch (error) {
    return unreadable(name, error);
  }
}

/** L2: every file in the archive has the content that was read on the host. */
export async function checkContents(subject: ProofSubject): Promise<ProofCheck[]> {
  const name = 'Every file can be read';
  try {
    const { differences } = await compareEntries(subject, true);
    const files = subject.manifest.entries.filter(({ type }) => type === 'file');
    return [check(name, differences, `${countInWords(files.length, 'file')}, ${bytesInWords(files.reduce((sum, { size }) => sum + size, 0))}, every SHA-256 as it was read`)];
  } catch (error) {
    return unreadable(name, error);
  }
}

/** Bytes that the entries take on a disk, roughly: each file has a block that is not full. */
export const neededBytes = (entries: readonly EntryInManifest[]): number => entries.reduce((sum, { size }) => sum + size + 4096, 0);

/** Brings chosen entries into a folder that is there and empty, and compares each with the manifest. @returns what differs */
export async function bringOut(options: { archive: string; into: string; entries: readonly EntryInManifest[]; signal: AbortSignal; onBytes: (bytes: number) => void }): Promise<{ differences: string[]; made: number; skipped: number }> {
  const { archive, into, entries, signal, onBytes } = options;
  const expected = new Map(entries.map((entry) => [entryKey(entry), entry]));
  const extraction = createExtraction(into, (key) => expected.has(key));
  try {
    await readArchive(archive, createHashingReader(() => {}, extraction.take), { signal, onBytes });
    const differences = await compareContents(into, entries, { signal, onBytes: () => {} });
    await extraction.finish(async ({ name }) => {
      const entry = expected.get(keyOf(name));
      const difference = entry === undefined ? null : await differenceOf(into, entry);
      if (difference !== null) differences.push(difference);
    });
    const done = extraction.made.length + extraction.skipped.length;
    if (done !== entries.length) differences.push(`${countInWords(done, 'entry came', 'entries came')} out, and ${entries.length} belong to it`);
    return { differences, made: extraction.made.length, skipped: extraction.skipped.length };
  } finally {
    await extraction.close();
  }
}

/** What the disk says while entries are brought out, as ours. */
export function extractionError(error: unknown, folder: string): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return destinationError(error, folder);
  return new PilothouseError('backup.destination', `The disk that holds ${folder} takes two names of the archive for one: ${(error as Error).message}.`, { hint: 'It does not tell capitals from small letters. Bring the files out on the host, or on a disk that does.', cause: error });
}

/** L3: brought out into a folder of its own, and every file, folder and link is as it was. */
export async function checkExtracted(context: EngineContext, subject: ProofSubject): Promise<ProofCheck[]> {
  const { folder, manifest, operation } = subject;
  const name = 'It can be brought out';
  await requireSpace(context.home.backups, neededBytes(manifest.entries));
  const scratch = await makePartialBelow(dirname(folder), [], context.ports.clock.now());
  const takeBack = operation.onFailure(`the folder of the proof, ${scratch.path}`, () => removeTree(scratch.path).then(() => scratch.remove()));
  let checks: ProofCheck[];
  try {
    await context.ports.checkpoint?.('files:extracting');
    const { differences, made, skipped } = await bringOut({ archive: join(folder, archiveName), into: scratch.path, entries: manifest.entries, signal: operation.signal, onBytes: follow(subject, archiveBytes(manifest), 'Brought out') });
    await context.ports.checkpoint?.('files:extracted');
    checks = [
      { name, ok: true, detail: `Into a folder of its own here${skipped === 0 ? '' : `; ${countInWords(skipped, 'pipe or device', 'pipes and devices')} left out`}` },
      check('Everything is as it was', differences, `${countInWords(made, 'entry', 'entries')}: content, size, rights, time and where links lead`),
    ];
  } catch (error) {
    operation.throwIfCancelled();
    checks = unreadable(name, extractionError(error, scratch.path));
  }
  await removeTree(scratch.path);
  await scratch.remove();
  takeBack.disarm();
  return checks;
}
