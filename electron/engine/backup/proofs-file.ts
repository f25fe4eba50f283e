/**
 * `proofs.json` beside the manifest: what was found when the backup was verified, and whether it is pinned, so that a
 * catalogue that is rebuilt from the folders knows it too.
 *
 * It is not hashed, because it changes, and it is bound to the manifest by that file's hash. A scan believes it as far
 * as the manifest is the one it speaks of and every file has the size that the manifest names; whether the bytes are
 * still the same only the next verification tells. Somebody who may write to the folder can forge it, as they can
 * forge the manifest: it guards against accidents.
 */
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { proofRecord, type ProofRecord } from '#shared/contract/backups.ts';
import { syncFolder } from '../platform/durable.ts';
import { readWarily, writeDurably } from './files.ts';

export const proofsFileName = 'proofs.json';
const unfinishedName = `${proofsFileName}.new`;
const largestBytes = 16 * 1024 * 1024;

const proofsFile = z.object({
  format: z.literal('pilothouse-proofs/1'),
  manifestSha256: z.string(),
  pinned: z.boolean(),
  /** In the order in which they were made. */
  records: z.array(proofRecord),
});

export interface KnownProofs {
  /** The manifest it speaks of; null where there is no such file, or it cannot be understood. */
  manifestSha256: string | null;
  pinned: boolean;
  /** In the order in which they were made. */
  records: ProofRecord[];
}

/** As if nobody had ever looked. */
const nothingKnown: KnownProofs = { manifestSha256: null, pinned: false, records: [] };

/**
 * What the file says. Whether it speaks of the manifest that is there is for the caller to compare: where it speaks of
 * another, one of the two was changed and neither can be relied on.
 */
export async function readProofs(folder: string): Promise<KnownProofs> {
  let text: string;
  try {
    const file = await open(join(folder, proofsFileName), readWarily);
    try {
      const facts = await file.stat();
      if (!facts.isFile() || facts.size > largestBytes) return nothingKnown;
      text = await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== undefined) return nothingKnown;
    throw error;
  }
  try {
    const parsed = proofsFile.safeParse(JSON.parse(text));
    return parsed.success ? { manifestSha256: parsed.data.manifestSha256, pinned: parsed.data.pinned, records: parsed.data.records } : nothingKnown;
  } catch {
    // Not JSON: it says nothing, and nothing is what is then known.
    return nothingKnown;
  }
}

/** Writes it in place of the one before, whole or not at all. */
export async function writeProofs(folder: string, known: KnownProofs & { manifestSha256: string }): Promise<void> {
  const unfinished = join(folder, unfinishedName);
  await rm(unfinished, { force: true });
  await writeDurably(unfinished, `${JSON.stringify({ format: 'pilothouse-proofs/1', manifestSha256: known.manifestSha256, pinned: known.pinned, records: known.records }, null, 1)}\n`);
  await rename(unfinished, join(folder, proofsFileName));
  await syncFolder(folder);
}

/** Files in a backup folder that no manifest names. */
export function isOwnFile(path: string): boolean {
  return path === proofsFileName || path === unfinishedName;
}
