import { fileProofWords } from '#shared/domain/file-set.ts';
import type { ProofLevel } from '#shared/domain/proof.ts';
import { ProofLadder } from '../../components/proof-ladder.tsx';

/** How far a copy of files is proved, in words for files. */
export function FileProof({ level }: { level: ProofLevel | null }) {
  return (
    <span className="row nowrap">
      <ProofLadder level={level} bare />
      {level === null ? <span className="t2">Nothing proven</span> : <span>{level} <span className="t3">{fileProofWords[level]}</span></span>}
    </span>
  );
}
