import { Play } from 'lucide-react';
import { useState } from 'react';
import type { WalkedStep } from '#shared/contract/walkthroughs.ts';
import { Button } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { InSight } from '../../components/in-sight.tsx';
import { useWalked } from './context.ts';
import { RecordForm } from './record-form.tsx';
import { Running } from './running.tsx';
import { SkipButton } from './skip.tsx';
import { Expected, isCutOff } from './step-command.tsx';
import { useRunStep } from './use-run-step.ts';

const runWords = (step: WalkedStep): string => (step.section === 'rollback' ? 'Undo it' : step.kind === 'transfer' ? 'Transfer it' : 'Run it');

/** A step that is sent, now: run it from here, or do it by hand and record what came of it. */
export function RunOrRecord({ step }: { step: WalkedStep }) {
  const { view } = useWalked();
  const run = useRunStep(step, 'run');
  const lost = isCutOff(step, view.targets);
  const mayRun = step.can.includes('run');
  const mayRecord = step.can.includes('record');
  const [byHand, setByHand] = useState(false);
  const records = mayRecord && (!mayRun || lost || byHand);
  const runButton = mayRun ? (
    <Button look={records ? 'plain' : 'primary'} size="lg" needsEngine icon={Play} disabled={run.isPending || run.operationId !== null} onClick={() => run.start()}>
      {lost ? 'Try to run it from here' : step.risk === 'read' ? runWords(step) : `${runWords(step)}…`}
    </Button>
  ) : null;
  const trouble = run.error === null ? null : <InSight><ErrorPanel error={run.error} title="It was not run." onRetry={() => run.start()} /></InSight>;
  const running = run.operationId === null ? null : <Running key={run.operationId} step={step} operationId={run.operationId} onAgain={() => run.start()} onClose={run.clear} />;
  if (records) {
    return (
      <>
        {running}
        {trouble}
        <RecordForm step={step} beside={<>{runButton}{mayRun && !lost ? <Button size="lg" onClick={() => setByHand(false)}>Not by hand</Button> : null}<SkipButton step={step} /></>} />
      </>
    );
  }
  return (
    <>
      <Expected step={step} />
      {running}
      {trouble}
      <div className="acts">
        {runButton}
        {mayRecord ? <Button size="lg" onClick={() => setByHand(true)}>Record by hand</Button> : null}
        <SkipButton step={step} />
      </div>
    </>
  );
}
