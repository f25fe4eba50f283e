import { useEffect, useState } from 'react';
import type { WalkedStep } from '#shared/contract/walkthroughs.ts';
import { Instant, useEngineNow } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { span } from '../../components/format.ts';
import { InSight } from '../../components/in-sight.tsx';
import { Tint } from '../../components/state.tsx';
import { useAct, useWalked } from './context.ts';
import { ReasonDialog, SkipButton } from './skip.tsx';
import { fullTitle } from './words.ts';

/** A wait until an instant. It counts by the clock, so that neither a reload nor sleep makes it longer. */
export function AskWait({ step }: { step: WalkedStep }) {
  const { reread } = useWalked();
  const now = useEngineNow();
  const act = useAct();
  const [ending, setEnding] = useState(false);
  const { timer } = step;
  const leftMs = timer === null ? null : Math.max(0, Date.parse(timer.dueAt) - now);
  const due = timer?.state === 'armed' && leftMs === 0;
  useEffect(() => {
    // The engine looks at its timers now and then: what it makes of this one is read once it has.
    if (due) void reread();
  }, [due, reread]);
  return (
    <>
      {timer === null ? null : timer.state === 'stale' ? (
        <Tint kind="warn" role="status"><p><b className="strong">This wait was over <Instant at={timer.dueAt} />, while nobody watched.</b> Look first whether it is still right to go on. It does not go on by itself.</p></Tint>
      ) : (
        <div className="countdown">
          <p className="big">{leftMs === 0 ? 'Over' : span(leftMs ?? 0)}</p>
          <p className="t2">{leftMs === 0 ? 'It goes on in a moment.' : <>left, until <Instant at={timer.dueAt} zone /></>}</p>
        </div>
      )}
      {act.error === null ? null : <InSight><ErrorPanel error={act.error} title="It was not kept." /></InSight>}
      <div className="acts">
        {step.can.includes('start-wait') ? <Button look="primary" size="lg" disabled={act.isPending} onClick={() => act.mutate({ kind: 'start-wait', key: step.key })}>Start waiting</Button> : null}
        {step.can.includes('end-wait') ? <Button size="lg" needsEngine onClick={() => setEnding(true)}>{timer?.state === 'stale' ? 'Go on…' : 'End the wait…'}</Button> : null}
        <SkipButton step={step} />
      </div>
      {ending ? (
        <ReasonDialog
          step={step} title={timer?.state === 'stale' ? `Go on after "${fullTitle(step)}"?` : `End "${fullTitle(step)}" before its time?`} label="Why" hint="It is told in every report of this walkthrough" verb={timer?.state === 'stale' ? 'Go on' : 'End the wait'} field="end-wait"
          send={(reason) => ({ kind: 'end-wait', key: step.key, reason })} onClose={() => setEnding(false)}
        />
      ) : null}
    </>
  );
}
