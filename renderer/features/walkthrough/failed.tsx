import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import type { WalkedStep } from '#shared/contract/walkthroughs.ts';
import { Button } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { InSight } from '../../components/in-sight.tsx';
import { useAct, useWalked } from './context.ts';
import { ReasonDialog, SkipButton } from './skip.tsx';
import { useRunStep } from './use-run-step.ts';
import { fullTitle, isSentKind } from './words.ts';

/** What can be done about a step that went wrong. Trying again runs it again where that is what the step does. */
export function FailedActs({ step }: { step: WalkedStep }) {
  const { view, ask, open } = useWalked();
  const run = useRunStep(step, 'run');
  const [leaving, setLeaving] = useState(false);
  const runs = isSentKind(step) && view.run.mode === 'live';
  const retry = useAct(({ seq }) => {
    open(null);
    if (runs) run.start(seq);
  });
  const error = retry.error ?? run.error;
  return (
    <>
      {error === null ? null : <InSight><ErrorPanel error={error} title="It was not tried again." /></InSight>}
      <div className="acts">
        {step.can.includes('retry') ? <Button look="primary" size="lg" icon={RotateCcw} disabled={retry.isPending || run.isPending} onClick={() => retry.mutate({ kind: 'retry', key: step.key })}>{runs && step.risk !== 'read' ? 'Try again…' : 'Try again'}</Button> : null}
        {step.can.includes('pass') ? <Button size="lg" needsEngine onClick={() => setLeaving(true)}>Leave it behind…</Button> : null}
        {view.rollback.possible ? <Button size="lg" needsEngine onClick={() => ask('rollback')}>Roll back…</Button> : null}
        <SkipButton step={step} />
        {view.canAbort || view.canPause ? <Button size="lg" onClick={() => ask('more')}>Stop here…</Button> : null}
      </div>
      {leaving ? (
        <ReasonDialog
          step={step} title={`Leave "${fullTitle(step)}" behind?`} label="Why it does not stop the rest" hint="It stays failed, and every report says so" verb="Leave it behind" field="pass"
          send={(reason) => ({ kind: 'pass', key: step.key, reason })} onClose={() => setLeaving(false)}
        />
      ) : null}
    </>
  );
}
