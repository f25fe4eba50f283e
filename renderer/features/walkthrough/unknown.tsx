import { Eye, Square, Undo2 } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { WalkedStep } from '#shared/contract/walkthroughs.ts';
import { Exact } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { CodeBlock } from '../../components/code-block.tsx';
import { EnvironmentTag } from '../../components/environment-tag.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { AreaField } from '../../components/field.tsx';
import { logTime, plainText, prose } from '../../components/format.ts';
import { Glyph, Icon } from '../../components/icons.tsx';
import { InSight } from '../../components/in-sight.tsx';
import { useAct, useWalked } from './context.ts';
import { useDraft } from './drafts.ts';
import { Running } from './running.tsx';
import { useRunStep } from './use-run-step.ts';
import { textTitle } from './words.ts';

type Unknown = NonNullable<WalkedStep['unknown']>;

function ways({ ways: known }: Unknown): string {
  const words: Record<Unknown['ways'][number], string> = { job: 'the job that ran it left its exit status on the host', operation: 'its operation is asked how it ended', probe: 'its probe is sent, which only reads', person: 'somebody looks at the target' };
  return known.map((way) => words[way]).join('; then ');
}

function isElsewhere(event: KeyboardEvent): boolean {
  const { target } = event;
  return event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('[role="dialog"]') !== null || (target instanceof HTMLElement && ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}

/** 1, 2 and 3 press what they stand beside, where nobody writes. */
function useNumbers(presses: readonly (() => void)[]): void {
  const latest = useRef(presses);
  useEffect(() => {
    latest.current = presses;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const press = latest.current[Number(event.key) - 1];
      if (press === undefined || isElsewhere(event)) return;
      event.preventDefault();
      press();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

function Way({ number, glyph, title, says, children }: { number: number; glyph: ReactNode; title: string; says: string; children: ReactNode }) {
  return <div className="way"><h3>{glyph}{title}<kbd>{number}</kbd></h3><p>{says}</p>{children}</div>;
}

/** What somebody saw that tells whether it happened; both answers want it. */
function Settle({ step, happened, onClose }: { step: WalkedStep; happened: boolean; onClose: () => void }) {
  const { id } = useWalked();
  const seen = useDraft(id, step.key, 'seen');
  const act = useAct(onClose);
  const field = useRef<HTMLFormElement>(null);
  useEffect(() => field.current?.querySelector('textarea')?.focus(), [happened]);
  const ready = seen.text.trim() !== '' && !act.isPending;
  return (
    <form ref={field} className="stack" onSubmit={(event) => { event.preventDefault(); if (ready) act.mutate({ kind: 'settle', key: step.key, happened, evidence: seen.text.trim() }); }}>
      <AreaField label={happened ? 'It happened: what you saw that says so' : 'It did not happen: what you saw that says so'} hint="Kept as evidence, with who and when" rows={4} value={seen.text} onChange={(event) => seen.set(event.target.value)} />
      {act.error === null ? null : <InSight><ErrorPanel error={act.error} title="It was not kept." /></InSight>}
      <div className="row wrap">
        <Button type="submit" size="lg" disabled={!ready}>{happened ? 'Record that it happened' : 'Record that it did not'}</Button>
        <Button size="lg" onClick={onClose}>Cancel</Button>
      </div>
    </form>
  );
}

/** A step of which nobody knows whether it happened. Nothing is sent there until it is settled; the ways to settle it are equal. */
export function UnknownStep({ step, unknown }: { step: WalkedStep; unknown: Unknown }) {
  const { view, ask } = useWalked();
  const look = useRunStep(step, 'look');
  const [settling, setSettling] = useState<boolean | null>(null);
  const settles = step.can.includes('settle');
  const happened = (): void => { if (settles) setSettling(true); };
  const not = (): void => { if (settles) setSettling(false); };
  const stop = (): void => ask('more');
  useNumbers([happened, not, stop]);
  const repeats = step.can.includes('retry');
  const again = useAct();
  const target = step.target ?? 'the target';
  const looking = look.operationId === null ? null : <Running key={look.operationId} step={step} operationId={look.operationId} onAgain={() => look.start()} onClose={look.clear} />;
  return (
    <>
      <section className="tgt lost" aria-labelledby="unknown">
        <header>
          <Glyph kind="unknown" />
          <h2 id="unknown" className="grow break">Nobody knows whether this happened on {plainText(target)}</h2>
          {view.environment === null ? null : <EnvironmentTag environment={view.environment} />}
        </header>
        <div>
          <p className="t2">{step.startedAt === null ? 'It may have been sent' : <>Sent at <Exact at={step.startedAt}>{logTime(step.startedAt).clock}</Exact></>}; since <Exact at={unknown.since}>{logTime(unknown.since).clock}</Exact> nobody has heard what became of it. Nothing more is sent there until this is settled.</p>
          <CodeBlock title={textTitle(step)} about={`sent once, attempt ${Math.max(1, step.attempt)}`} code={step.text} />
          {step.probeText === null ? null : (
            <div className="sec" style={{ gap: 6 }}>
              <h3>How to tell, at the server</h3>
              <CodeBlock title="Probe" about="only reads" code={step.probeText} />
            </div>
          )}
          <div className="row wrap">
            <p className="t2 grow">{step.can.includes('look') ? `How Pilothouse finds out: ${ways(unknown)}.` : 'Pilothouse has no way of its own to find out: it takes somebody who looks.'}</p>
            {step.can.includes('look') ? <Button needsEngine icon={Eye} disabled={look.isPending || look.operationId !== null} onClick={() => look.start()}>Look now</Button> : null}
          </div>
          {look.error === null ? null : <ErrorPanel error={look.error} title="It was not looked at." onRetry={() => look.start()} />}
          {unknown.looks.length === 0 ? null : (
            <ol className="sent" aria-label="Looks so far">{unknown.looks.map((each, index) => <li key={index}><span className="t">{logTime(each.at).clock}</span><span className="break">{prose(each.found)}</span></li>)}</ol>
          )}
          {again.error === null ? null : <ErrorPanel error={again.error} title="It was not begun again." />}
          {settling !== null ? <Settle step={step} happened={settling} onClose={() => setSettling(null)} /> : (
            <div className="walk-ways" role="group" aria-label="What happened">
              <Way number={1} glyph={<span className="ok"><Glyph kind="ok" small /></span>} title="It happened" says="Say what you saw; it is kept as evidence."><Button size="lg" needsEngine disabled={!settles} onClick={happened}>Record what I saw</Button></Way>
              <Way number={2} glyph={<span className="t2"><Icon of={Undo2} small /></span>} title="It did not" says={repeats ? 'It may be begun again in any case: it does no harm twice.' : `Attempt ${Math.max(1, step.attempt) + 1} is planned anew, and asks first.`}><Button size="lg" needsEngine disabled={!settles} onClick={not}>It did not happen</Button>{repeats ? <Button size="lg" needsEngine disabled={again.isPending} onClick={() => again.mutate({ kind: 'retry', key: step.key })}>Begin it again anyway</Button> : null}</Way>
              <Way number={3} glyph={<span className="t2"><Icon of={Square} small /></span>} title="Stop here" says="It stays unknown, and every report says so. Nothing is undone."><Button size="lg" onClick={stop}>Stop the runbook…</Button></Way>
            </div>
          )}
        </div>
      </section>
      {looking}
    </>
  );
}
