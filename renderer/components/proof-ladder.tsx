import { proofLevels, proofWords, type ProofLevel } from '#shared/domain/proof.ts';

/** Four rungs and, unless `bare`, the level and what it means. Green only for L3. */
export function ProofLadder({ level, bare, short }: { level: ProofLevel | null; bare?: boolean; short?: boolean }) {
  const rungs = (
    <span className="proof" data-l={level === null ? undefined : proofLevels.indexOf(level)} aria-hidden>
      <i /><i /><i /><i />
    </span>
  );
  if (bare) return rungs;
  return (
    <span className="row nowrap">
      {rungs}
      {level === null ? <span className="t2">Nothing proven</span> : <span>{level} {short ? null : <span className="t3">{proofWords[level]}</span>}</span>}
    </span>
  );
}
