/** What is remembered of a backup's proofs, in its folder and in the catalogue: put together, and written by one at a time. */
import type { ProofRecord } from '#shared/contract/backups.ts';
import { toErrorShape } from '#shared/domain/errors.ts';
import type { EngineContext } from '../engine-context.ts';
import { createBackupRepository } from '../store/backup-repository.ts';
import { destinationError } from './files.ts';
import { proofStateOf } from './proof-state.ts';
import { readProofs, writeProofs } from './proofs-file.ts';

/** The last work on each folder's memory, for the next one to wait for. */
const turns = new Map<string, Promise<unknown>>();

/**
 * Reads and changes what is remembered of one folder while nobody else does: a proof, a pin and a scan that come at the
 * same time each see what the one before has written.
 */
export async function inTurn<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(folder) ?? Promise.resolve();
  const mine = before.then(work, work);
  turns.set(folder, mine);
  try {
    return await mine;
  } finally {
    if (turns.get(folder) === mine) turns.delete(folder);
  }
}

/** Which answer a record is: the same in both memories. */
const keyOf = (record: ProofRecord) => JSON.stringify([record.operationId, record.level, record.at]);

/** Of two answers that only one memory each knows: the earlier first; at the same moment the one that speaks for the backup. */
const comesFirst = (a: ProofRecord, b: ProofRecord) => Date.parse(a.at) < Date.parse(b.at) || (a.at === b.at && a.ok);

/**
 * Every answer that either memory knows, in the order in which they were made. Each keeps its own order, whatever the
 * clock said; only between answers of which neither memory knows the other does time decide. Pure.
 */
export function mergeProofs(folder: readonly ProofRecord[], catalogue: readonly ProofRecord[]): ProofRecord[] {
  const inFolder = new Set(folder.map(keyOf));
  const inCatalogue = new Set(catalogue.map(keyOf));
  const merged = new Map<string, ProofRecord>();
  const left = [...folder];
  const right = [...catalogue];
  const known = (record: ProofRecord | undefined) => record !== undefined && merged.has(keyOf(record));
  for (;;) {
    while (known(left[0])) left.shift();
    while (known(right[0])) right.shift();
    const [a] = left;
    const [b] = right;
    const next = a === undefined || b === undefined ? (a ?? b) : choose(a, b, inFolder, inCatalogue);
    if (next === undefined) return [...merged.values()];
    merged.set(keyOf(next), next);
  }
}

function choose(a: ProofRecord, b: ProofRecord, inFolder: ReadonlySet<string>, inCatalogue: ReadonlySet<string>): ProofRecord {
  const aIsShared = inCatalogue.has(keyOf(a));
  const bIsShared = inFolder.has(keyOf(b));
  if (aIsShared !== bIsShared) return aIsShared ? b : a;
  return comesFirst(a, b) ? a : b;
}

/**
 * Adds an answer to what the folder and the catalogue know, in this order: the folder is what outlives the other.
 * @returns why it could not be written down in the folder; null where it was. The catalogue knows it in any case, and
 * the next scan writes it down where it then can.
 */
export async function rememberProof(context: EngineContext, backup: { id: string; folder: string; manifestSha256: string }, record: ProofRecord): Promise<string | null> {
  const backups = createBackupRepository(context.store);
  return inTurn(backup.folder, async () => {
    const known = await readProofs(backup.folder);
    const { pinned } = backups.get(backup.id);
    // What was found quotes Postgres's programs, and what they quote nobody knows.
    const records = [...mergeProofs(known.records, backups.proofsOf(backup.id).reverse()), context.scrubber.scrub(record)];
    // It stays bound to the manifest as it was written: one that was changed later must not become the one it speaks of.
    const manifestSha256 = known.manifestSha256 ?? backups.manifestHashOf(backup.id) ?? backup.manifestSha256;
    let problem: string | null = null;
    try {
      await writeProofs(backup.folder, { manifestSha256, pinned, records });
    } catch (error) {
      problem = toErrorShape(destinationError(error, backup.folder), '').message;
    }
    const state = proofStateOf(records);
    context.store.transaction(() => {
      backups.replaceProofs(backup.id, records);
      backups.setProof(backup.id, state.proof, state.provenAt);
      backups.setDamaged(backup.id, state.damaged);
    })();
    context.changes.changed('backups');
    return problem;
  });
}

/** Pins a backup, in its folder first: a pin that only one of the two knows is a pin. @throws backup.destination, backup.space */
export async function rememberPin(context: EngineContext, backup: { id: string; folder: string; manifestSha256: string | null }, pinned: boolean): Promise<void> {
  const backups = createBackupRepository(context.store);
  await inTurn(backup.folder, async () => {
    // A folder that is damaged or gone has nothing to keep a pin for.
    if (backup.manifestSha256 !== null) {
      const known = await readProofs(backup.folder);
      const records = mergeProofs(known.records, backups.proofsOf(backup.id).reverse());
      try {
        await writeProofs(backup.folder, { manifestSha256: known.manifestSha256 ?? backups.manifestHashOf(backup.id) ?? backup.manifestSha256, pinned, records });
      } catch (error) {
        throw destinationError(error, backup.folder);
      }
    }
    backups.setPinned(backup.id, pinned);
  });
  context.changes.changed('backups');
}
