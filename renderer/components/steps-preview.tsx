import { Fragment, type ReactNode } from 'react';
import type { PreviewStep } from '#shared/contract/runbooks.ts';
import { CopyButton } from './button.tsx';
import { plainText } from './format.ts';
import { State } from './state.tsx';
import { minutes, riskWords } from './run-words.ts';
import './steps-preview.css';

const sectionWords: Record<PreviewStep['section'], string> = { prerequisites: 'Before it', steps: 'Steps', rollback: 'Way back' };
const kindWords: Record<PreviewStep['kind'], string> = { manual: 'By hand', note: 'Note', sh: 'Shell', sql: 'SQL', http: 'HTTP', transfer: 'File transfer', wait: 'Wait', decide: 'Decision', approve: 'Approval', runbook: 'Runbook', procedure: 'Procedure', 'undo-completed': 'Undo what was done' };

/** A resolved text; what is not known yet is set apart. */
function Resolved({ text }: { text: string }) {
  return <>{plainText(text).split(/(⟨[^⟩]*⟩)/).map((part, index) => (part.startsWith('⟨') ? <mark key={index}>{part}</mark> : <Fragment key={index}>{part}</Fragment>))}</>;
}

/** The item stands behind the title, where it does not already. */
const titleOf = ({ title, item }: PreviewStep): string => (item === null || title.endsWith(`(${item})`) ? title : `${title} (${item})`);

function facts(step: PreviewStep): string[] {
  return [
    step.pause ? 'asks before it' : '',
    step.detached ? 'outlives the connection' : '',
    step.timeoutMs === null ? '' : `ends after ${minutes(step.timeoutMs)}`,
    step.by.length === 0 ? '' : `by ${step.by.join(' or ')}`,
    step.choices.length === 0 ? '' : step.choices.map(({ label, to }) => (to === null ? label : `${label} → ${to}`)).join(', '),
    step.captures.length === 0 ? '' : `remembers ${step.captures.join(', ')}`,
    step.skip === 'never' ? 'cannot be skipped' : '',
    step.undo !== null && step.undo.length === 0 ? 'no way back' : '',
  ].filter((fact) => fact !== '');
}

function Step({ step, number, beside, onOpen }: { step: PreviewStep; number: number; beside: ReactNode; onOpen: ((step: PreviewStep) => void) | undefined }) {
  const said = facts(step);
  const quoted = step.language !== 'text';
  return (
    <li data-step={step.key}>
      <header>
        <span className="n" aria-hidden>{number}</span>
        {onOpen === undefined ? <span className="medium break">{titleOf(step)}</span> : <button type="button" className="title break" onClick={() => onOpen(step)} title={`Line ${step.line}`}>{titleOf(step)}</button>}
        <span className="t3 xs where">{kindWords[step.kind]}{step.target === null ? '' : `, ${step.target}`}</span>
        {step.risk === 'read' ? null : step.risk === 'destructive' ? <State kind="critical">{riskWords.destructive}</State> : <span className="badge skipped">{riskWords.change}</span>}
      </header>
      {step.why === null ? null : <p className="t2 break">{step.why}</p>}
      {step.text === '' ? null : quoted ? <div className="cmd"><pre tabIndex={0} aria-label={`Step ${number}, ${kindWords[step.kind]}`}><Resolved text={step.text} /></pre><CopyButton size="sm" text={step.text} label={`Copy step ${number}`}><span className="vh">Copy</span></CopyButton></div> : <p className="say break"><Resolved text={step.text} /></p>}
      {step.missing.length === 0 ? null : <p className="xs warn">Not known yet: {step.missing.join(', ')}</p>}
      {step.expectations.length === 0 ? null : <p className="xs t2">Expects: {step.expectations.join('; ')}</p>}
      {step.undo === null || step.undo.length === 0 ? null : <details><summary>Way back</summary>{step.undo.map((command) => <pre key={command} tabIndex={0} aria-label={`Way back of step ${number}`}><Resolved text={command} /></pre>)}</details>}
      {said.length === 0 ? null : <p className="xs t3 break">{said.join(' · ')}</p>}
      {beside}
    </li>
  );
}

interface Props {
  steps: readonly PreviewStep[];
  /** What is known of a step besides, below it, by the step's id. */
  beside?: ReadonlyMap<string, ReactNode>;
  onOpen?: (step: PreviewStep) => void;
}

/** The steps as they would be sent or asked, with what is known by now. */
export function StepsPreview({ steps, beside, onOpen }: Props) {
  const sections = (['prerequisites', 'steps', 'rollback'] as const).filter((section) => steps.some((step) => step.section === section));
  if (steps.length === 0) return <p className="t2">There are no steps to show.</p>;
  return (
    <div className="stepsv">
      {sections.map((section) => (
        <section key={section} aria-label={sectionWords[section]}>
          <h3>{sectionWords[section]} <span className="count">{steps.filter((step) => step.section === section).length}</span></h3>
          <ol>
            {steps.map((step, index) => (step.section === section ? <Step key={step.key} step={step} number={index + 1} beside={beside?.get(step.stepId)} onOpen={onOpen} /> : null))}
          </ol>
        </section>
      ))}
    </div>
  );
}
