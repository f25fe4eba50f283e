import { useEffect, useRef, useState } from 'react';
import type { WalkedStep } from '#shared/contract/walkthroughs.ts';
import { isOver } from '#shared/domain/runbook/walkthrough.ts';
import { Button, CopyButton, LinkButton } from '../../components/button.tsx';
import { plainText } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { paths } from '../../components/paths.ts';
import { Heading } from '../../components/screen.tsx';
import { AskApprove, AskDecide } from './ask-decide.tsx';
import { AskCall } from './ask-call.tsx';
import { AskManual } from './ask-manual.tsx';
import { AskWait } from './ask-wait.tsx';
import { NewerBanner, ReadingNotice, SecretsNeeded, StaleNotice } from './banners.tsx';
import { useWalked } from './context.ts';
import { fieldWords, typedDrafts } from './drafts.ts';
import { FailedActs } from './failed.tsx';
import { Finished } from './finished.tsx';
import { RunOrRecord } from './run-acts.tsx';
import { Running } from './running.tsx';
import { Expected, StepFacts, StepText, TargetTrouble } from './step-command.tsx';
import { StepResult } from './step-result.tsx';
import { UnknownStep } from './unknown.tsx';
import { fullTitle, hasEnded, isSentKind, outcomeLine, riskWords, stateOf, wentWrong } from './words.ts';

function Badges({ step }: { step: WalkedStep }) {
  const risk = riskWords[step.risk];
  const sent = isSentKind(step);
  return (
    <div className="row wrap">
      {sent ? <span className={`badge ${risk.tone}`}>{step.risk === 'destructive' ? <Glyph kind="critical" small /> : null}{risk.badge}</span> : null}
      {step.skip === 'never' && !hasEnded(step) ? <span className="badge skipped">Cannot be skipped</span> : null}
      {step.pause ? <span className="badge skipped">Asks before it runs</span> : null}
      {step.idempotent && sent ? <span className="badge skipped">May be run twice</span> : null}
      {step.section === 'rollback' ? <span className="badge warn"><Glyph kind="warn" small />Rollback</span> : null}
      {step.attempt > 1 ? <span className="badge skipped">Attempt {step.attempt}</span> : null}
    </div>
  );
}

/** What was typed for a step that went on without it. It can be taken along, and nobody threw it away. */
function LeftOver({ step }: { step: WalkedStep }) {
  const { id } = useWalked();
  const left = hasEnded(step) ? typedDrafts(id, step.key) : [];
  if (left.length === 0) return null;
  return (
    <section className="sec" aria-labelledby="left">
      <h2 id="left">You had typed here</h2>
      {left.map(({ field, text }) => <div key={field} className="code"><header><b>{fieldWords[field]}</b><span>not sent</span><CopyButton text={text} label={`Copy ${fieldWords[field] ?? field}`} /></header><pre tabIndex={0}>{plainText(text)}</pre></div>)}
    </section>
  );
}

/** What can be done with a step that is to be done now. */
function Ask({ step }: { step: WalkedStep }) {
  switch (step.kind) {
    case 'manual':
    case 'note': return <AskManual step={step} />;
    case 'decide': return <AskDecide step={step} />;
    case 'approve': return <AskApprove step={step} />;
    case 'wait': return <AskWait step={step} />;
    case 'runbook': return <AskCall step={step} />;
    case 'sh':
    case 'sql':
    case 'http':
    case 'transfer':
    case 'procedure':
    case 'undo-completed': return <RunOrRecord step={step} />;
  }
}

function Body({ step, onEvidence }: { step: WalkedStep; onEvidence: (evidenceId: string) => void }) {
  const { view } = useWalked();
  const facts = isSentKind(step) ? <StepFacts step={step} /> : null;
  if (step.state === 'unknown' && step.unknown !== null) return <><UnknownStep step={step} unknown={step.unknown} />{facts}</>;
  if (step.state === 'dispatched' && step.operationId !== null) return <><StepText step={step} />{facts}<Running key={step.operationId} step={step} operationId={step.operationId} /><Expected step={step} /></>;
  if (hasEnded(step)) {
    return (
      <>
        <StepText step={step} />
        {facts}
        <StepResult step={step} onEvidence={onEvidence} />
        <LeftOver step={step} />
        {step.kind === 'runbook' && step.childId !== null ? <div><LinkButton to={paths.walkthrough(step.childId)}>Open the runbook that it called</LinkButton></div> : null}
        {step.can.length > 0 && wentWrong(step) ? <FailedActs step={step} /> : null}
      </>
    );
  }
  const waits = step.state === 'pending' || step.can.length === 0 && step.kind !== 'runbook' && step.kind !== 'wait';
  return (
    <>
      <TargetTrouble step={step} />
      <StepText step={step} />
      {facts}
      {waits ? <><Expected step={step} /><p className="t2">{step.state === 'pending' ? 'It is not its turn yet.' : view.canResume ? 'It is paused. Resume it to go on.' : 'Nothing can be done here now.'}</p></> : <Ask step={step} />}
    </>
  );
}

/** The step that ended last, in one line above the next: nobody loses what just happened. */
function LastDone({ shown }: { shown: WalkedStep }) {
  const { view, open } = useWalked();
  const ended = view.steps.filter((step) => hasEnded(step) && step.state !== 'not-applicable' && step.endedAt !== null && step.key !== shown.key);
  const last = ended.reduce<WalkedStep | null>((newest, step) => (newest === null || (step.endedAt ?? '') >= (newest.endedAt ?? '') ? step : newest), null);
  if (last === null) return null;
  const { word, glyph, tone } = stateOf(last);
  return (
    <div className="last-done" role="status">
      <span className={`st ${tone}`}><Glyph kind={glyph} small />{word}:</span>
      <span className="clip">{[fullTitle(last), outcomeLine(last)].filter((part) => part !== '').join(/\p{P}$/u.test(fullTitle(last)) ? ' ' : ', ')}</span>
      <Button look="quiet" size="sm" onClick={() => open(last.key)} aria-label={`Open ${fullTitle(last)}`}>Open</Button>
    </div>
  );
}

/** The second press of a double click, and one that was meant for the step before, come within this time. */
const settlingMs = 500;

/** Whether what is shown has only just come: nothing of it can be pressed yet. Never at first: nobody aimed at anything before. */
function useSettling(key: string): boolean {
  const [settled, setSettled] = useState(key);
  useEffect(() => {
    if (settled === key) return;
    const timer = window.setTimeout(() => setSettled(key), settlingMs);
    return () => window.clearTimeout(timer);
  }, [settled, key]);
  return settled !== key;
}

interface Props {
  /** The step that is shown; null: what came of the whole. */
  step: WalkedStep | null;
  /** Whether that is the one to be done now. */
  isCurrent: boolean;
  stale: boolean;
  onCloseStale: () => void;
  onEvidence: (evidenceId: string) => void;
}

/** The middle: one step, large, with what it needs. */
export function StepPane({ step, isCurrent, stale, onCloseStale, onEvidence }: Props) {
  const { view } = useWalked();
  const box = useRef<HTMLElement>(null);
  const first = useRef(true);
  const key = step?.key ?? null;
  const settling = useSettling(step === null ? '' : `${step.key} ${step.attempt}`);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    box.current?.scrollTo({ top: 0 });
    // What was pressed went with its step: reading begins at the next. Who writes elsewhere goes on writing.
    if (document.activeElement === null || document.activeElement === document.body) box.current?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
  }, [key]);
  return (
    <section ref={box} className="col mid" aria-label="Current step" tabIndex={0}>
      {stale ? <StaleNotice onClose={onCloseStale} /> : null}
      {!isCurrent ? <ReadingNotice /> : step === null || step.state === 'unknown' ? null : <LastDone shown={step} />}
      {isCurrent ? <><NewerBanner /><SecretsNeeded /></> : null}
      <div className="stack">
        {step === null ? null : <Badges step={step} />}
        <Heading>{step === null ? plainText(view.run.title) : fullTitle(step)}</Heading>
        {step?.why === null || step === null ? null : <p className="why break">{plainText(step.why)}</p>}
      </div>
      <fieldset className="body" disabled={settling}>
        {step === null ? (isOver(view.run.state) ? <Finished /> : <p className="t2">No step is to be done now.</p>) : <Body key={`${step.key}-${step.attempt}`} step={step} onEvidence={onEvidence} />}
      </fieldset>
    </section>
  );
}
