/** Verifies a copy of files level by level, and remembers each answer in its folder and in the catalogue. */
import { fileProofWords } from '#shared/domain/file-set.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { ProofLevel } from '#shared/domain/proof.ts';
import { levelsUpTo, proofStepOf } from '../backup/prove.ts';
import { timeInWords } from '../backup/words.ts';
import type { EngineContext } from '../engine-context.ts';
import type { RunningOperation } from '../operations/procedure.ts';
import type { PlanStep } from '#shared/contract/operations.ts';
import { archiveName, type FilesManifest } from './manifest.ts';
import { checkContents, checkExtracted, checkHashes, checkList, type ProofCheck, type ProofSubject } from './proof-checks.ts';
import { manifestDoubtOf, rememberFileProof } from './proof-memory.ts';

export interface Proving {
  backupId: string;
  folder: string;
  manifest: FilesManifest;
  manifestSha256: string;
  upTo: ProofLevel;
  operation: RunningOperation;
  /** The share of the operation that this is. */
  range: readonly [number, number];
}

const weights: Record<ProofLevel, number> = { L0: 1, L1: 2, L2: 2, L3: 6 };

/** What is next where a look found something. The levels below it have passed by then. */
const nextAfter: Record<ProofLevel, string> = {
  L0: 'Back up again, and find out what happened to the disk that it lies on.',
  L1: 'Its archive is the one that was written, so that the copy was not whole from the start: back up again.',
  L2: 'Its archive is the one that was written, so that the copy was not whole from the start: back up again.',
  L3: 'Its archive can be read whole. The disk on which it was brought out here may not keep all that the host keeps (rights, times, links): look at what differs, and at that disk.',
};

/** What each level does, as a step of a plan. */
export function proofSteps(upTo: ProofLevel): PlanStep[] {
  const steps: Record<ProofLevel, Omit<PlanStep, 'id'>> = {
    L0: { title: 'Prove: the hash of every file', detail: 'The SHA-256 of every file, read back from the disk, must be what the manifest says.' },
    L1: { title: 'Prove: list the archive', detail: `${archiveName} is read to its end; every name, size, time, owner and right must be what the manifest says, and nothing may lead out of its folder.` },
    L2: { title: 'Prove: read every file', detail: 'The SHA-256 of every file in the archive must be that of the bytes that the host sent.' },
    L3: { title: 'Prove: bring it out and compare', detail: 'Into a new folder beside the copy on this computer; every file, folder and link is compared there, and the folder is removed.' },
  };
  return levelsUpTo(upTo).map((level) => ({ id: proofStepOf(level), ...steps[level] }));
}

function look(context: EngineContext, level: ProofLevel, subject: ProofSubject): Promise<ProofCheck[]> {
  switch (level) {
    case 'L0':
      return checkHashes(subject);
    case 'L1':
      return checkList(subject);
    case 'L2':
      return checkContents(subject);
    case 'L3':
      return checkExtracted(context, subject);
  }
}

/**
 * Looks at a copy up to a level, and stops at the first that fails. Each answer is remembered as it comes; what says
 * nothing about the copy (no space, cancelled) leaves what is known of it as it was.
 * @throws backup.proof-failed where a look found something, operation.cancelled, and what kept it from looking
 */
export async function proveFiles(context: EngineContext, { backupId, folder, manifest, manifestSha256, upTo, operation, range }: Proving): Promise<void> {
  const levels = levelsUpTo(upTo);
  const total = levels.reduce((sum, level) => sum + weights[level], 0);
  const remembered = { id: backupId, folder, manifestSha256 };
  const manifestDoubt = await manifestDoubtOf(context, remembered);
  let passed = 0;
  for (const level of levels) {
    const share = (weight: number): number => range[0] + ((range[1] - range[0]) * weight) / total;
    const subject: ProofSubject = { folder, manifest, manifestDoubt, operation, range: [share(passed), share(passed + weights[level])] };
    await operation.phase(proofStepOf(level), async () => {
      const startedAt = context.ports.clock.now();
      await context.ports.checkpoint?.(`files:proof:${level}`);
      const checks = await look(context, level, subject);
      const at = context.ports.clock.now();
      const ok = checks.every((each) => each.ok);
      const problem = await rememberFileProof(context, remembered, { level, ok, at: new Date(at).toISOString(), durationMs: at - startedAt, where: 'this computer', checks, operationId: operation.id });
      if (problem !== null) operation.warn(`What was found could not be written down beside the copy, only in the catalogue: ${problem}`);
      for (const each of checks) operation.log(each.ok ? 'ok' : 'error', `${each.name}: ${each.detail}`);
      if (!ok) {
        const failed = checks.filter((each) => !each.ok).map((each) => `${each.name}: ${each.detail}`);
        throw new PilothouseError('backup.proof-failed', `The copy of ${manifest.set.name} of ${timeInWords(manifest.takenAt)} did not pass ${level} (${fileProofWords[level]}). ${failed.join('. ')}`, { hint: nextAfter[level], details: { level, checks: checks.filter((each) => !each.ok) } });
      }
      operation.progress({ fraction: subject.range[1], text: `${level}: ${fileProofWords[level]}` });
    });
    passed += weights[level];
  }
}
