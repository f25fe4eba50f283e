/** Rebuilds the catalogue from the folders, and sweeps what a crash left among them. */
import { lstat, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isPilothouseError, PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import type { ProofRecord } from '#shared/contract/backups.ts';
import type { EngineContext } from '../engine-context.ts';
import { createBackupRepository } from '../store/backup-repository.ts';
import { catalogueEntry } from './catalogue-entry.ts';
import { dumpsOf, folderOfDump } from './detached/record.ts';
import { removeFolder } from './files.ts';
import { deletingEnding, filesFolder, partialEnding } from './folder-names.ts';
import { manifestFileName, type Manifest } from './manifest.ts';
import { isBeingWritten } from './partial-folder.ts';
import { compareSizes } from './proof-checks.ts';
import { inTurn, mergeProofs } from './proof-memory.ts';
import { proofStateOf, type ProofState } from './proof-state.ts';
import { readProofs, writeProofs } from './proofs-file.ts';
import { manifestDoubtOf } from './prove.ts';
import { readManifestFile } from './read-manifest.ts';

export interface ScanResult {
  found: number;
  added: number;
  missing: number;
  unreadable: { path: string; reason: string }[];
}

/** When the folders were last read, kept among the engine's own facts: milliseconds since the epoch. */
const scannedFact = 'backup.scannedAt';

/** Folders below a folder; links and files are none. Empty where it cannot be read. */
async function foldersIn(path: string, unreadable: ScanResult['unreadable']): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    for (const entry of entries) if (entry.isSymbolicLink()) unreadable.push({ path: join(path, entry.name), reason: 'It is a link. Backups are looked for in plain folders only.' });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name));
  } catch (error) {
    unreadable.push({ path, reason: error instanceof Error ? error.message : String(error) });
    return [];
  }
}

async function backupFolders(root: string, unreadable: ScanResult['unreadable']): Promise<{ backups: string[]; leftovers: string[] }> {
  const backups: string[] = [];
  const leftovers: string[] = [];
  for (const system of await foldersIn(root, unreadable)) {
    for (const database of await foldersIn(system, unreadable)) {
      if (basename(database) === filesFolder) continue;
      for (const folder of await foldersIn(database, unreadable)) {
        if (folder.endsWith(partialEnding) || folder.endsWith(deletingEnding)) leftovers.push(folder);
        else backups.push(folder);
      }
    }
  }
  return { backups, leftovers };
}

/**
 * Removes folders that were being written or deleted when an engine died. Those of operations under way are left alone.
 * @returns what was removed, and what could not be
 */
export async function sweepFolders(context: EngineContext): Promise<{ removed: string[]; left: { path: string; reason: string }[] }> {
  const { leftovers } = await backupFolders(context.home.backups, []);
  // What a host still has the rest of is gone on with.
  const wanted = new Set(dumpsOf(context).list().filter(({ state }) => state === 'wanted').map((dump) => folderOfDump(context, dump)));
  const removed: string[] = [];
  const left: { path: string; reason: string }[] = [];
  for (const path of leftovers) {
    if (isBeingWritten(path) || wanted.has(path)) continue;
    try {
      await removeFolder(path);
      removed.push(path);
    } catch (error) {
      left.push({ path, reason: error instanceof Error ? error.message : String(error) });
      context.ports.logger.warn({ path, reason: String(error) }, 'An unfinished backup could not be removed.');
    }
  }
  return { removed, left };
}

/** What speaks against a backup at first sight, by names and sizes alone; null where nothing does. */
export async function visibleDamage(folder: string, manifest: Manifest): Promise<string | null> {
  try {
    const { missing, otherSize, unexpected } = await compareSizes(folder, manifest);
    const problems = [...missing, ...otherSize, ...unexpected];
    return problems.length === 0 ? null : problems.slice(0, 8).join('; ');
  } catch (error) {
    return toErrorShape(error, '').message;
  }
}

function stateFrom(records: readonly ProofRecord[], problem: string | null): ProofState {
  return problem === null ? proofStateOf(records) : { proof: null, provenAt: null, damaged: problem };
}

async function readFolder(context: EngineContext, folder: string, seen: ReadonlyMap<string, string>): Promise<{ id: string; isNew: boolean }> {
  const repository = createBackupRepository(context.store);
  const { manifest, sha256 } = await readManifestFile(folder);
  const twin = seen.get(manifest.id);
  if (twin !== undefined) throw new PilothouseError('backup.manifest-invalid', `It is a copy of ${twin}: both say they are the same backup.`, { hint: 'Take one of the two away.' });
  const before = repository.find(manifest.id);
  const doubt = await manifestDoubtOf(context, { id: manifest.id, folder, manifestSha256: sha256 });
  const problem = doubt ?? (await visibleDamage(folder, manifest));
  await inTurn(folder, async () => {
    // It may have been deleted since it was read, and must not come back into the catalogue.
    const { size } = await lstat(join(folder, manifestFileName));
    const known = await readProofs(folder);
    // Either may know what the other does not: the folder was brought here, or could not be written when damage was found.
    const records = mergeProofs(known.records, repository.proofsOf(manifest.id).reverse());
    const pinned = known.pinned || repository.find(manifest.id)?.pinned === true;
    const manifestSha256 = repository.manifestHashOf(manifest.id) ?? known.manifestSha256 ?? sha256;
    context.store.transaction(() => {
      const elsewhere = repository.findByPath(folder);
      if (elsewhere !== null && elsewhere.id !== manifest.id) repository.remove(elsewhere.id);
      repository.upsert(catalogueEntry(manifest, { folder, manifestBytes: size, pinned, state: stateFrom(records, problem) }, context.systems), manifestSha256);
      repository.replaceProofs(manifest.id, records);
    })();
    if (doubt !== null || records.length === known.records.length) return;
    try {
      await writeProofs(folder, { manifestSha256, pinned, records });
    } catch (error) {
      // The catalogue knows it; the next scan tries again.
      context.ports.logger.warn({ folder, error: String(error) }, 'What is known of a backup could not be written down beside it.');
    }
  });
  return { id: manifest.id, isNew: before === null };
}

/** Whether a folder was taken away while the folders were read: then it is neither found nor unreadable. */
async function isGone(folder: string): Promise<boolean> {
  return lstat(folder).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );
}

/**
 * Reads the backup folder and puts the catalogue right: new folders come in, missing ones are marked, and proofs are as
 * far as `proofs.json` and the files' sizes bear them out. Follows no link, and believes no path that leads out.
 */
async function scanOnce(context: EngineContext): Promise<ScanResult> {
  const repository = createBackupRepository(context.store);
  const result: ScanResult = { found: 0, added: 0, missing: 0, unreadable: [] };
  // Known before the folders are listed: one that is sealed meanwhile stands in no list, and is not missing.
  const known = repository.list({ limit: 1_000_000 });
  const { backups } = await backupFolders(context.home.backups, result.unreadable);
  await context.ports.checkpoint?.('scan:listed');
  const seen = new Map<string, string>();
  const unreadable = new Map<string, string>();
  for (const folder of backups) {
    try {
      const { id, isNew } = await readFolder(context, folder, seen);
      seen.set(id, folder);
      result.found += 1;
      if (isNew) result.added += 1;
    } catch (error) {
      if (await isGone(folder)) continue;
      const reason = toErrorShape(error, '').message;
      if (!isPilothouseError(error)) context.ports.logger.error({ folder, error: String(error) }, 'A backup folder could not be read.');
      unreadable.set(folder, reason);
      result.unreadable.push({ path: folder, reason });
    }
  }
  for (const backup of known) {
    // Deleted meanwhile, it is not missing either.
    if (seen.has(backup.id) || repository.find(backup.id) === null) continue;
    result.missing += 1;
    repository.setDamaged(backup.id, unreadable.get(backup.path) ?? `Its folder ${backup.path} is missing`);
  }
  context.settings.writeFact(scannedFact, context.ports.clock.now());
  context.changes.changed('backups');
  return result;
}

/** When the folders were last read; null where they never were. */
export function scannedAt(context: EngineContext): string | null {
  const at = context.settings.readFact(scannedFact);
  return typeof at === 'number' ? new Date(at).toISOString() : null;
}

const scanning = new WeakMap<EngineContext, Promise<ScanResult>>();

/** As `scanOnce`; who asks while one is under way gets its result. */
export function scan(context: EngineContext): Promise<ScanResult> {
  const under = scanning.get(context);
  if (under !== undefined) return under;
  const started = scanOnce(context).finally(() => scanning.delete(context));
  scanning.set(context, started);
  return started;
}

/** As `scan`, by a look that begins now: one that is under way may have passed where something came back since. */
export async function scanFromNow(context: EngineContext): Promise<ScanResult> {
  // Whoever asked for that one is told how it failed.
  await scanning.get(context)?.catch(() => {});
  return scan(context);
}

/** Backups that are read again at each start; with more of them a person asks for it. */
const cheapToScan = 500;

/** For the start of the engine: sweeps what a crash left, and reads the folders again where there are not too many. */
export async function scanAtStart(context: EngineContext): Promise<void> {
  await sweepFolders(context);
  const { backups } = await backupFolders(context.home.backups, []);
  const known = createBackupRepository(context.store).list({ limit: 1 }).length > 0;
  if (backups.length <= cheapToScan || !known) await scan(context);
}
