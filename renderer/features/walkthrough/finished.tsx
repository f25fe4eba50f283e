import { Download } from 'lucide-react';
import type { WalkedStep } from '#shared/contract/walkthroughs.ts';
import { Instant } from '../../components/age.tsx';
import { Button, LinkButton } from '../../components/button.tsx';
import { plainText, plural, prose, span } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { paths } from '../../components/paths.ts';
import { useWalked } from './context.ts';
import { Signatures } from './sign-off.tsx';
import { fullTitle, modeWords, outcomeLine, stateOf, wentWrong } from './words.ts';

function StepList({ id, title, says, steps }: { id: string; title: string; says: string; steps: readonly WalkedStep[] }) {
  const { open } = useWalked();
  if (steps.length === 0) return null;
  return (
    <section className="sec" aria-labelledby={id}>
      <header><h2 id={id}>{title} <span className="count">{steps.length}</span></h2><span className="t3 xs">{says}</span></header>
      <ul className="verds">
        {steps.map((step) => {
          const { glyph, tone, word } = stateOf(step);
          return (
            <li key={step.key}>
              <span className={tone}><Glyph kind={glyph} small label={word} /></span>
              <span className="break">{step.number}. {fullTitle(step)}</span>
              <span className="v"><Button look="quiet" size="sm" onClick={() => open(step.key)} aria-label={`Open ${fullTitle(step)}`}>Open</Button></span>
              {outcomeLine(step) === '' ? null : <span className="d">{outcomeLine(step)}</span>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** What came of it as a whole: what failed, what was skipped and why, what nobody knows. */
export function Finished() {
  const { view, ask } = useWalked();
  const { run, steps } = view;
  const unknown = steps.filter(({ state }) => state === 'unknown');
  const wrong = steps.filter((step) => wentWrong(step));
  const skipped = steps.filter(({ state }) => state === 'skipped');
  const open = steps.filter(({ state }) => state === 'pending' || state === 'eligible' || state === 'awaiting-input' || state === 'waiting');
  // A decision that passes over a step leaves it over, and not done.
  const without = steps.filter(({ state }) => state === 'not-applicable').length;
  const byHand = steps.filter(({ by }) => by === 'paper');
  return (
    <>
      <p className="why">{prose(run.stateText).replace(/\.$/, '')}. {view.stateReason === null ? '' : prose(view.stateReason)}</p>
      <dl className="stats">
        <div><dt>Done</dt><dd>{run.done - without} of {plural(run.steps, 'step')}{without === 0 ? '' : `, ${without} did not apply`}</dd></div>
        {run.durationMs === null ? null : <div><dt>Took</dt><dd>{span(run.durationMs)}</dd></div>}
        <div><dt>Began</dt><dd><Instant at={run.startedAt} zone /></dd></div>
        {run.endedAt === null ? null : <div><dt>Ended</dt><dd><Instant at={run.endedAt} zone /></dd></div>}
        <div><dt>How</dt><dd>{modeWords[run.mode]}{byHand.length === 0 || run.mode !== 'live' ? '' : `, ${plural(byHand.length, 'step')} by hand`}</dd></div>
        <div><dt>By</dt><dd>{plainText(run.operator)}</dd></div>
      </dl>
      <StepList id="unknown-ones" title="What nobody knows" says="It may or may not have happened" steps={unknown} />
      <StepList id="wrong-ones" title="What went wrong" says="And what was done about it" steps={wrong} />
      <StepList id="skipped-ones" title="What was skipped" says="And why" steps={skipped} />
      <StepList id="open-ones" title="What was not reached" says="" steps={open} />
      {unknown.length + wrong.length + skipped.length + open.length === 0 ? <p className="t2">Nothing was skipped, nothing failed, and of every step it is known what came of it.</p> : null}
      <Signatures signatures={view.signatures} />
      <div className="acts">
        <Button look="primary" size="lg" needsEngine={false} icon={Download} onClick={() => ask('export')}>Export report…</Button>
        <Button size="lg" onClick={() => ask('sign')}>Sign off…</Button>
        {run.ref === null ? null : <LinkButton size="lg" to={paths.runbookEdit(run.systemId, run.ref)}>Open the runbook</LinkButton>}
        <LinkButton size="lg" to={paths.walkthroughs(run.systemId)}>All that was walked</LinkButton>
      </div>
    </>
  );
}
