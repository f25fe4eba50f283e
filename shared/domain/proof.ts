/**
 * How far a backup has been verified: L0 every file's hash, L1 table of contents, L2 read to the end, L3 restored and
 * counted. Proven means L3 and nothing less.
 */
export const proofLevels = ['L0', 'L1', 'L2', 'L3'] as const;
export type ProofLevel = (typeof proofLevels)[number];

/** What a level means, in the words shown beside it. */
export const proofWords: Record<ProofLevel, string> = {
  L0: 'Hashes match',
  L1: 'Contents listed only',
  L2: 'Read to the end',
  L3: 'Restored and counted',
};

/** Whether a backup counts as proven. */
export function isProven(level: ProofLevel | null): boolean {
  return level === 'L3';
}

/** Negative when `a` proves less than `b`. No proof at all is the least. */
export function compareProof(a: ProofLevel | null, b: ProofLevel | null): number {
  const rank = (level: ProofLevel | null) => (level === null ? -1 : proofLevels.indexOf(level));
  return rank(a) - rank(b);
}
