/** Rebuilds the list of copies of files from their folders, and sweeps what a crash left among them. */
import { lstat, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isPilothouseError, PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import { deletingEnding, filesFolder, partialEnding } from '../backup/folder-names.ts';
import { isBeingWritten } from '../backup/partial-folder.ts';
import { inTurn, mergeProofs } from '../backup/proof-memory.ts';
import { proofStateOf } from '../backup/proof-state.ts';
import { readProofs, writeProofs } from '../backup/proofs-file.ts';
import type { EngineContext } from '../engine-context.ts';
import { createFileBackupRepository } from '../store/file-backup-repository.ts';
import { catalogueEntry } from './catalogue-entry.ts';
import { readFilesManifest, type FilesManifest } from './manifest.ts';
import { compareSizes } from './proof-checks.ts';
import { manifestDoubtOf } from './proof-memory.ts';
import { removeTree } from './remove-tree.ts';

export interface FilesScan {
  found: number;
  added: number;
  missing: number;
  unreadable: { path: string; reason: string }[];
}

/** Folders below a folder; links and files are none. Nothing where it is not there. */
async function foldersIn(path: string, unreadable: FilesScan['unreadable']): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') unreadable.push({ path, reason: error instanceof Error ? error.message : String(error) });
    return [];
  }
}

async function copyFolders(root: string, unreadable: FilesScan['unreadable']): Promise<{ copies: string[]; leftovers: string[] }> {
  const copies: string[] = [];
  const leftovers: string[] = [];
  for (const system of await foldersIn(root, unreadable)) {
    const [files] = (await foldersIn(system, unreadable)).filter((folder) => basename(folder) === filesFolder);
    for (const set of files === undefined ? [] : await foldersIn(files, unreadable)) {
      for (const folder of await foldersIn(set, unreadable)) (folder.endsWith(partialEnding) || folder.endsWith(deletingEnding) ? leftovers : copies).push(folder);
    }
  }
  return { copies, leftovers };
}

/** Removes what was being written, brought out or deleted when an engine died. What is under way is left alone. */
export async function sweepFiles(context: EngineContext): Promise<{ removed: string[]; left: { path: string; reason: string }[] }> {
  const { leftovers } = await copyFolders(context.home.backups, []);
  const removed: string[] = [];
  const left: { path: string; reason: string }[] = [];
  for (const path of leftovers) {
    if (isBeingWritten(path)) continue;
    try {
      await removeTree(path);
      removed.push(path);
    } catch (error) {
      left.push({ path, reason: error instanceof Error ? error.message : String(error) });
      context.ports.logger.warn({ path, reason: String(error) }, 'An unfinished copy of files could not be removed.');
    }
  }
  return { removed, left };
}

/** What speaks against a copy at first sight, by names and sizes alone; null where nothing does. */
export async function visibleDamage(folder: string, manifest: FilesManifest): Promise<string | null> {
  try {
    const { missing, otherSize } = await compareSizes(folder, manifest);
    const problems = [...missing, ...otherSize];
    return problems.length === 0 ? null : problems.slice(0, 8).join('; ');
  } catch (error) {
    return toErrorShape(error, '').message;
  }
}

async function readFolder(context: EngineContext, folder: string, seen: ReadonlyMap<string, string>): Promise<{ id: string; isNew: boolean }> {
  const backups = createFileBackupRepository(context.store);
  const { manifest, sha256, bytes } = await readFilesManifest(folder);
  const twin = seen.get(manifest.id);
  if (twin !== undefined) throw new PilothouseError('backup.manifest-invalid', `It is a copy of ${twin}: both say they are the same.`, { hint: 'Take one of the two away.' });
  const isNew = backups.find(manifest.id) === null;
  const doubt = await manifestDoubtOf(context, { id: manifest.id, folder, manifestSha256: sha256 });
  const problem = doubt ?? (await visibleDamage(folder, manifest));
  await inTurn(folder, async () => {
    // It may have been deleted since it was read, and must not come back into the list.
    await lstat(folder);
    const known = await readProofs(folder);
    const records = mergeProofs(known.records, backups.proofsOf(manifest.id));
    const manifestSha256 = backups.manifestHashOf(manifest.id) ?? known.manifestSha256 ?? sha256;
    const state = problem === null ? proofStateOf(records) : { proof: null, provenAt: null, damaged: problem };
    context.store.transaction(() => {
      const elsewhere = backups.findByPath(folder);
      if (elsewhere !== null && elsewhere.id !== manifest.id) backups.remove(elsewhere.id);
      backups.upsert(catalogueEntry(manifest, { folder, manifestBytes: bytes, state }, context.systems), manifestSha256);
      backups.replaceProofs(manifest.id, records);
    })();
    if (doubt !== null || records.length === known.records.length) return;
    try {
      await writeProofs(folder, { manifestSha256, pinned: false, records });
    } catch (error) {
      // The catalogue knows it; the next scan tries again.
      context.ports.logger.warn({ folder, error: String(error) }, 'What is known of a copy of files could not be written down beside it.');
    }
  });
  return { id: manifest.id, isNew };
}

const isGone = (folder: string): Promise<boolean> => lstat(folder).then(() => false, (error: NodeJS.ErrnoException) => error.code === 'ENOENT');

async function scanOnce(context: EngineContext): Promise<FilesScan> {
  const backups = createFileBackupRepository(context.store);
  const result: FilesScan = { found: 0, added: 0, missing: 0, unreadable: [] };
  // Known before the folders are listed: one that is sealed meanwhile stands in no list, and is not missing.
  const known = backups.list({ limit: 1_000_000 });
  const { copies } = await copyFolders(context.home.backups, result.unreadable);
  const seen = new Map<string, string>();
  const unreadable = new Map<string, string>();
  for (const folder of copies) {
    try {
      const { id, isNew } = await readFolder(context, folder, seen);
      seen.set(id, folder);
      result.found += 1;
      if (isNew) result.added += 1;
    } catch (error) {
      if (await isGone(folder)) continue;
      const reason = toErrorShape(error, '').message;
      if (!isPilothouseError(error)) context.ports.logger.error({ folder, error: String(error) }, 'A folder of files could not be read.');
      unreadable.set(folder, reason);
      result.unreadable.push({ path: folder, reason });
    }
  }
  for (const backup of known) {
    // Deleted meanwhile, it is not missing either.
    if (seen.has(backup.id) || backups.find(backup.id) === null) continue;
    result.missing += 1;
    backups.setDamaged(backup.id, unreadable.get(backup.path) ?? `Its folder ${backup.path} is missing`);
  }
  context.changes.changed('backups');
  return result;
}

const scanning = new WeakMap<EngineContext, Promise<FilesScan>>();

/**
 * Reads the folders and puts the list right: new ones come in, missing ones are marked. Who asks while one is under way
 * gets its result.
 */
export function scanFiles(context: EngineContext): Promise<FilesScan> {
  const under = scanning.get(context);
  if (under !== undefined) return under;
  const started = scanOnce(context).finally(() => scanning.delete(context));
  scanning.set(context, started);
  return started;
}

/** As `scanFiles`, by a look that begins now: one that is under way may have passed where something came back since. */
export async function scanFilesFromNow(context: EngineContext): Promise<FilesScan> {
  // Whoever asked for that one is told how it failed.
  await scanning.get(context)?.catch(() => {});
  return scanFiles(context);
}
