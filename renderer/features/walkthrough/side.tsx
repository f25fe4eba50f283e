import type { WalkedStep } from '#shared/contract/walkthroughs.ts';
import { Link } from 'wouter';
import { plainText } from '../../components/format.ts';
import { paths } from '../../components/paths.ts';
import { RunState } from './ask-call.tsx';
import { useWalked } from './context.ts';
import { EvidenceList } from './evidence.tsx';
import { Notes } from './notes.tsx';
import { Signatures } from './sign-off.tsx';

/** Evidence and notes, and what is known: values, targets, runbooks that were called. */
export function Side({ step, onEvidence }: { step: WalkedStep | null; onEvidence: (evidenceId: string) => void }) {
  const { view } = useWalked();
  return (
    <section className="col rightcol" aria-label="Evidence and notes" tabIndex={0}>
      <EvidenceList onOpen={onEvidence} />
      <Notes key={`${step?.key ?? ''}-${step?.attempt ?? 0}-${step?.state ?? ''}`} stepKey={step?.key ?? null} />
      {step === null ? null : <Signatures signatures={view.signatures} />}
      {view.children.length === 0 ? null : (
        <section className="sec" aria-labelledby="called">
          <h2 id="called">Runbooks that it called</h2>
          <ul className="stack tight">{view.children.map((child) => <li key={child.id}><Link to={paths.walkthrough(child.id)}>{plainText(child.title)}</Link> <RunState run={child} /></li>)}</ul>
        </section>
      )}
      {view.values.length === 0 ? null : (
        <details>
          <summary>Values <span className="count">{view.values.length}</span></summary>
          <dl className="kv" style={{ marginTop: 6 }}>{view.values.map(({ name, label, text, secret }) => [<dt key={`${name}-k`}>{plainText(label)}</dt>, <dd key={name} className={secret ? 't3' : 'mono'}>{plainText(text)}</dd>])}</dl>
        </details>
      )}
      {view.targets.length === 0 ? null : (
        <details>
          <summary>Targets <span className="count">{view.targets.length}</span></summary>
          <dl className="kv" style={{ marginTop: 6 }}>{view.targets.map(({ role, label, to, identity }) => [<dt key={`${role}-k`}>{plainText(label)}</dt>, <dd key={role}>{plainText(to)}{identity === null ? null : <span className="t3 xs"><br />{identity}</span>}</dd>])}</dl>
        </details>
      )}
    </section>
  );
}
