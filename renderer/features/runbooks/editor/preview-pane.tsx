import { useEffect, useState } from 'react';
import type { MethodOutput } from '#shared/contract/index.ts';
import type { RunSummary } from '#shared/contract/runbooks.ts';
import { plural } from '../../../components/format.ts';
import { ParamField } from '../start/param-field.tsx';
import { shownText, type Param, type Texts } from '../start/values.ts';
import { StepsPreview } from '../../../components/steps-preview.tsx';
import { LastRuns, StepPast } from './step-past.tsx';

interface Props {
  checked: MethodOutput<'runbook.check'> | undefined;
  stats: MethodOutput<'runbook.get'>['stats'];
  /** Null: it is a new one. */
  runs: readonly RunSummary[] | null;
  texts: Texts;
  asked: readonly Param[];
  onTexts: (texts: Texts) => void;
  onOpenLine: (line: number) => void;
}

/** The steps as they would be sent with the values that are typed here, and how each went so far. */
export function PreviewPane({ checked, stats, runs, texts, asked, onTexts, onOpenLine }: Props) {
  const [open, setOpen] = useState(false);
  // A text that cannot be read for a moment takes nothing away from what one was looking at.
  const [readable, setReadable] = useState(checked?.steps ?? []);
  const now = checked?.steps;
  const isRead = now !== undefined && now.length > 0;
  useEffect(() => {
    if (now !== undefined && now.length > 0) setReadable(now);
  }, [now]);
  const steps = isRead ? now : readable;
  const past = new Map(stats.map((each) => [each.stepId, <StepPast key={each.stepId} stats={each} />] as const));
  const plain = asked.filter(({ type }) => type !== 'secret');
  return (
    <section className="look" aria-labelledby="preview" tabIndex={0}>
      <header className="row base"><h2 id="preview">As it would be sent</h2><span className="t3 xs">{checked === undefined ? '' : !isRead && steps.length > 0 ? 'as it stood when it could last be read' : `${plural(steps.length, 'step')}; nothing is sent to make this`}</span></header>
      {plain.length === 0 ? null : (
        <div className="stack">
          <div><button type="button" className="btn sm" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? 'Hide the sample values' : `Sample values (${plain.length})`}</button></div>
          {open ? <div className="samples">{plain.map((param) => <ParamField key={param.name} param={param} text={shownText(param, texts)} error={undefined} onChange={(text) => onTexts({ ...texts, [param.name]: text })} />)}</div> : null}
        </div>
      )}
      {checked === undefined ? null : <StepsPreview steps={steps} onOpen={({ line }) => onOpenLine(line)} beside={past} />}
      {runs === null ? null : <section className="sec" aria-labelledby="lately"><header><h2 id="lately">Walked lately</h2></header><LastRuns runs={runs} /></section>}
    </section>
  );
}
