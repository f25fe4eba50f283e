import type { ReactNode } from 'react';
import { StepRail, type Step } from '../../components/step-rail.tsx';
import './restore.css';

/** Rail on the left, evidence in the middle, the decision on the right: it stands beside the evidence and does not cover it. */
export function RestoreFrame({ steps, children, decision }: { steps: readonly Step[]; children: ReactNode; decision?: ReactNode }) {
  return (
    <div className={`restore${decision === undefined ? ' no-decision' : ''}`}>
      <section className="rail-cell" aria-label="Steps" tabIndex={0}><StepRail label="Restore steps" steps={steps} /></section>
      <section className="mid" aria-label="Evidence" tabIndex={0}>{children}</section>
      {decision === undefined ? null : <section className="dec" aria-label="Decision" tabIndex={0}>{decision}</section>}
    </div>
  );
}
