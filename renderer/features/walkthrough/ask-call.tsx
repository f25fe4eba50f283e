import { useLocation } from 'wouter';
import type { RunSummary } from '#shared/contract/runbooks.ts';
import type { WalkedStep } from '#shared/contract/walkthroughs.ts';
import { Age } from '../../components/age.tsx';
import { Button, LinkButton } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { plainText } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { InSight } from '../../components/in-sight.tsx';
import { paths } from '../../components/paths.ts';
import { runWords } from '../../components/run-words.ts';
import { useAct, useWalked } from './context.ts';
import { SkipButton } from './skip.tsx';

export function RunState({ run }: { run: Pick<RunSummary, 'state' | 'stateText'> }) {
  const { glyph, tone, word } = runWords[run.state];
  return <span className={`st ${tone}`}><Glyph kind={glyph} small />{run.stateText === '' ? word : plainText(run.stateText)}</span>;
}

/** A runbook within this one: begun from here, or one that ended well lately enough. */
export function AskCall({ step }: { step: WalkedStep }) {
  const { view } = useWalked();
  const [, navigate] = useLocation();
  const act = useAct(({ childId }, sent) => {
    if (childId !== null && sent.kind === 'call' && sent.use === 'new') navigate(paths.walkthrough(childId));
  });
  const child = view.children.find(({ id }) => id === step.childId) ?? null;
  const mayCall = step.can.includes('call');
  return (
    <>
      {child === null ? null : (
        <div className="panel"><header><RunState run={child} /><span className="grow" /><LinkButton look={mayCall ? 'plain' : 'primary'} size="lg" to={paths.walkthrough(child.id)}>Open {plainText(child.title)}</LinkButton></header></div>
      )}
      {!mayCall || step.usable.length === 0 ? null : (
        <section className="sec" aria-labelledby="usable">
          <h2 id="usable">Done lately enough to count</h2>
          <ul className="usable">
            {step.usable.map((run) => (
              <li key={run.id} className="row wrap">
                <span className="grow"><span className="medium">{plainText(run.title)}</span> <RunState run={run} /> {run.endedAt === null ? null : <Age at={run.endedAt} before="ended " />}</span>
                <Button needsEngine disabled={act.isPending} onClick={() => act.mutate({ kind: 'call', key: step.key, use: { walkthroughId: run.id } })}>Use this one</Button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {act.error === null ? null : <InSight><ErrorPanel error={act.error} title="It was not begun." /></InSight>}
      <div className="acts">
        {mayCall ? <Button look="primary" size="lg" disabled={act.isPending} onClick={() => act.mutate({ kind: 'call', key: step.key, use: 'new' })}>Begin this runbook</Button> : null}
        <SkipButton step={step} />
      </div>
    </>
  );
}
