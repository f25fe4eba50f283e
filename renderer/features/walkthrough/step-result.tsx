import { Link } from 'wouter';
import type { WalkedStep } from '#shared/contract/walkthroughs.ts';
import { Instant } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { bytes, plainText, prose, span } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { paths } from '../../components/paths.ts';
import { useWalked } from './context.ts';
import { sourceOf, stateOf, verdictCount } from './words.ts';

export function Verdicts({ verdicts }: { verdicts: WalkedStep['verdicts'] }) {
  return (
    <ul className="verds">
      {verdicts.map((verdict, index) => (
        <li key={index}>
          <span className={verdict.ok ? 'ok' : 'critical'}><Glyph kind={verdict.ok ? 'ok' : 'critical'} small label={verdict.ok ? 'Seen' : 'Not seen'} /></span>
          <span className={verdict.ok ? 't2' : 'medium'}>{plainText(verdict.say)}</span>
          <span className={verdict.ok ? 'v' : 'v critical'}>{verdict.ok ? 'seen' : 'not seen'}</span>
          {verdict.seen === '' ? null : <span className="d">{verdict.ok ? '' : 'Found: '}{plainText(verdict.seen)}</span>}
        </li>
      ))}
    </ul>
  );
}

const answerText = (answer: NonNullable<WalkedStep['answer']>): string => (typeof answer === 'boolean' ? (answer ? 'yes' : 'no') : Array.isArray(answer) ? answer.join(', ') : String(answer));

/** What came of a step: how it ended and who says so, what was looked for, what it wrote, what was kept of it. */
export function StepResult({ step, onEvidence }: { step: WalkedStep; onEvidence: (evidenceId: string) => void }) {
  const { view } = useWalked();
  const { word, glyph, tone } = stateOf(step);
  const kept = view.values.filter(({ name }) => step.captures.includes(name));
  const evidenceId = step.output?.evidenceId ?? null;
  return (
    <section className="sec" aria-labelledby="result">
      <h2 id="result" className="vh">What came of it</h2>
      <p className="row at-top"><span className={`st ${tone}`}><Glyph kind={glyph} small />{word}</span>{step.outcome === null ? null : <span className="break">{prose(step.outcome)}</span>}</p>
      <dl className="stats">
        {step.endedAt === null ? null : <div><dt>Ended</dt><dd><Instant at={step.endedAt} /></dd></div>}
        {step.doneAt === null ? null : <div><dt>Done by hand at</dt><dd><Instant at={step.doneAt} /></dd></div>}
        {step.durationMs === null ? null : <div><dt>Took</dt><dd>{span(step.durationMs)}</dd></div>}
        {step.exitStatus === null ? null : <div><dt>Exit status</dt><dd>{step.exitStatus}</dd></div>}
        {step.attempt > 1 ? <div><dt>Attempt</dt><dd>{step.attempt}</dd></div> : null}
        {step.by === null ? null : <div><dt>How it is known</dt><dd>{sourceOf(step.by)}</dd></div>}
      </dl>
      {step.reason === null ? null : <p className="break"><b className="strong">{step.state === 'skipped' ? 'Why it was skipped:' : step.passed ? 'Why it was left behind:' : 'Why:'}</b> {prose(step.reason)}</p>}
      {step.answer === null ? null : <p className="break"><b className="strong">Answer:</b> {plainText(answerText(step.answer))}</p>}
      {step.verdicts.length === 0 ? null : <><h3>{verdictCount(step.verdicts)}</h3><Verdicts verdicts={step.verdicts} /></>}
      {step.output === null || step.output.bytes === 0 ? null : (
        <div className="code">
          <header>
            <b>Output</b>
            <span className="clip">{step.output.truncated ? `the end of ${bytes(step.output.bytes)}` : bytes(step.output.bytes)}</span>
            {evidenceId === null ? null : <Button look="quiet" onClick={() => onEvidence(evidenceId)}>Show all</Button>}
          </header>
          <pre tabIndex={0} aria-label="Output">{plainText(step.output.tail)}</pre>
        </div>
      )}
      {kept.length === 0 ? null : (
        <><h3>Kept for later steps</h3><dl className="kv">{kept.map(({ name, label, text }) => [<dt key={`${name}-k`}>{plainText(label)}</dt>, <dd key={name} className="mono">{plainText(text)}</dd>])}</dl></>
      )}
      {step.operationId === null ? null : <p><Link to={paths.operation(step.operationId)}>All that was sent and answered</Link></p>}
      {step.approvals.map((approval, index) => (
        <p key={index} className="row at-top"><span className={approval.decision === 'approved' ? 'ok' : 'critical'} style={{ paddingTop: 3 }}><Glyph kind={approval.decision === 'approved' ? 'ok' : 'critical'} small /></span><span className="break">{plainText(approval.who)}, {plainText(approval.role)}: {approval.decision} <Instant at={approval.at} />{approval.note === '' ? '' : `. ${plainText(approval.note)}`}</span></p>
      ))}
    </section>
  );
}
