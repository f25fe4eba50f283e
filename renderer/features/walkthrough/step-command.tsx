import type { WalkedStep, WalkthroughView } from '#shared/contract/walkthroughs.ts';
import { Instant } from '../../components/age.tsx';
import { CodeBlock } from '../../components/code-block.tsx';
import { EnvironmentTag } from '../../components/environment-tag.tsx';
import { plainText, plural, span } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { Tint } from '../../components/state.tsx';
import { useWalked } from './context.ts';
import { hasEnded, isSentKind, riskWords, textTitle } from './words.ts';

/** Whether nothing reaches the target of a step now. */
export function isCutOff(step: WalkedStep, targets: WalkthroughView['targets']): boolean {
  return targets.some(({ role, lostSince, trouble }) => role === step.targetRole && (lostSince !== null || trouble !== null));
}

function aboutText(step: WalkedStep, isSent: boolean): string {
  if (step.by === 'paper' || step.by === 'person') return 'to be run by hand';
  if (hasEnded(step)) return step.startedAt === null ? 'was not sent' : `as it was sent, attempt ${Math.max(1, step.attempt)}`;
  return isSent ? 'exactly as it will be sent' : 'exactly as it would have been sent';
}

/** What is sent or asked: a command to copy, or a sentence. */
export function StepText({ step }: { step: WalkedStep }) {
  const { view } = useWalked();
  if (step.text === '') return null;
  if (!isSentKind(step)) return <p className="asked break">{plainText(step.text)}</p>;
  return (
    <div className="stack">
      <div className="bigcode"><CodeBlock title={textTitle(step)} about={aboutText(step, view.run.mode === 'live' && !isCutOff(step, view.targets))} code={step.text} /></div>
      {step.missing.length === 0 || hasEnded(step) ? null : <Tint kind="warn"><p><b className="strong">Not known yet:</b> {step.missing.map(plainText).join(', ')}.</p></Tint>}
    </div>
  );
}

function WayBack({ undo }: { undo: WalkedStep['undo'] }) {
  if (undo === null) return <span className="t2">Nothing was said of one</span>;
  if (undo.length === 0) return <span>There is none</span>;
  return (
    <details>
      <summary>{plural(undo.length, 'command')}, in a rollback</summary>
      <div className="stack" style={{ marginTop: 6 }}>{undo.map((text, index) => <CodeBlock key={index} title={undo.length === 1 ? 'UNDO' : `UNDO ${index + 1}`} code={text} />)}</div>
    </details>
  );
}

/** The same within a question, which may cover it on the screen. */
export function WhatGoesOut({ step }: { step: WalkedStep }) {
  return <section aria-label="What goes out"><CodeBlock title={textTitle(step)} code={step.text} /></section>;
}

/** On what, what it risks, and how it is taken back. */
export function StepFacts({ step }: { step: WalkedStep }) {
  const { view } = useWalked();
  const target = view.targets.find(({ role }) => role === step.targetRole) ?? null;
  const identity = target?.identity ?? null;
  return (
    <dl className="facts">
      <div>
        <dt>Target</dt>
        <dd className="row wrap" style={{ gap: '2px 8px' }}>
          <span className="break">{step.target ?? target?.to ?? 'This computer'}</span>
          {view.environment === null || step.target === null ? null : <EnvironmentTag environment={view.environment} />}
        </dd>
        {identity === null ? null : <dd className="t3 xs break">{target?.kind === 'ssh' ? 'Host key' : target?.kind === 'postgres' ? 'System identifier' : 'Identity'} {identity}</dd>}
      </div>
      <div>
        <dt>What it risks</dt>
        <dd>{riskWords[step.risk].says}</dd>
        {step.timeoutMs === null ? null : <dd className="t3 xs">Ended after {span(step.timeoutMs)} at most</dd>}
        {step.detached ? <dd className="t3 xs">Runs as a job there, which outlives this connection</dd> : null}
      </div>
      {step.risk === 'read' ? null : <div><dt>Way back</dt><dd className="break"><WayBack undo={step.undo} /></dd></div>}
    </dl>
  );
}

/** What has to be seen for it to count as done; here still to come. */
export function Expected({ step }: { step: WalkedStep }) {
  if (step.expectations.length === 0) return null;
  return (
    <section className="sec" aria-labelledby="expected">
      <h2 id="expected">{isSentKind(step) ? 'What is looked for afterwards' : 'What is expected'}</h2>
      <ul className="verds">{step.expectations.map((say, index) => <li key={index}><span className="t3"><Glyph kind="todo" small label="Not yet" /></span><span>{plainText(say)}</span></li>)}</ul>
    </section>
  );
}

/** Why nothing is sent to the target of a step, and what can be done instead. */
export function TargetTrouble({ step }: { step: WalkedStep }) {
  const { view } = useWalked();
  if (view.run.mode !== 'live' || hasEnded(step) || !isSentKind(step)) return null;
  if (view.readOnly && step.risk !== 'read') return <Tint kind="skipped" role="status"><p><b className="strong">{plainText(view.run.systemName ?? 'The system')} is read only, and this step changes something.</b> Switch that off above to run it from here, or do it by hand and record what came of it.</p></Tint>;
  const target = view.targets.find(({ role }) => role === step.targetRole);
  if (target === undefined) return null;
  if (target.trouble !== null) {
    return <Tint kind="critical" role="alert"><p><b className="strong">Nothing is sent to {plainText(target.to)}.</b> {plainText(target.trouble)}</p></Tint>;
  }
  if (target.lostSince === null) return null;
  return (
    <Tint kind="unknown" role="status">
      <p>
        <b className="strong">No connection to {plainText(target.to)} since <Instant at={target.lostSince} />, so this step is on paper.</b> Run it at the server's own console, then record what it answered. Everything here is kept on this computer. Once the connection is back it can be run from here.
      </p>
    </Tint>
  );
}
