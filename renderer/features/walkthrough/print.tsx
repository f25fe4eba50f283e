import { Printer } from 'lucide-react';
import type { WalkedStep, WalkthroughView } from '#shared/contract/walkthroughs.ts';
import { Button, LinkButton } from '../../components/button.tsx';
import { environmentWords } from '../../components/words.ts';
import { exactTime, localTime, plainText, prose, span } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { runWords } from '../../components/run-words.ts';
import { Heading, useScreen } from '../../components/screen.tsx';
import { useMethod } from '../../transport/use-method.ts';
import { fullTitle, hasEnded, isSentKind, modeWords, riskWords, stateOf } from './words.ts';
import './print.css';

const sectionWords: Record<WalkedStep['section'], string> = { prerequisites: 'Before you begin', steps: 'Steps', rollback: 'Rollback' };

/** A box on paper: ticked where it is done, crossed where it went wrong, open where somebody has to look. */
const mark = (step: WalkedStep): string => (step.state === 'succeeded' || step.state === 'undone' ? '☑' : step.state === 'skipped' || step.state === 'not-applicable' ? '–' : step.state === 'unknown' ? '?' : hasEnded(step) ? '☒' : '☐');

function came(step: WalkedStep): string | null {
  if (step.state === 'unknown') return 'Nobody knows whether this happened.';
  if (!hasEnded(step)) return null;
  const at = step.doneAt ?? step.endedAt;
  return [stateOf(step).word, at === null ? null : localTime(at), step.outcome === null ? null : prose(step.outcome), step.reason === null ? null : prose(step.reason)].filter((part) => part !== null).join(', ');
}

function Line({ step }: { step: WalkedStep }) {
  const result = came(step);
  return (
    <li className="sheet-step">
      <span className="box" aria-hidden>{mark(step)}</span>
      <div className="stack tight">
        <h3>{step.number}. {fullTitle(step)}</h3>
        {isSentKind(step) ? <p className="xs">{plainText(step.target ?? 'This computer')}, {riskWords[step.risk].badge.toLowerCase()}</p> : null}
        {step.why === null ? null : <p className="t2">{plainText(step.why)}</p>}
        {step.text === '' ? null : isSentKind(step) ? <pre>{plainText(step.text)}</pre> : <p className="asked">{plainText(step.text)}</p>}
        {step.choices.length === 0 || hasEnded(step) ? null : <p>{step.choices.map(({ label }) => `☐ ${plainText(label)}`).join('   ')}</p>}
        {step.expectations.length === 0 ? null : <ul>{step.expectations.map((say, index) => <li key={index}>{hasEnded(step) ? (step.verdicts[index]?.ok === true ? '☑' : '☒') : '☐'} {plainText(say)}</li>)}</ul>}
        {result === null ? <p className="write">Done at ________  by ________________  result ______________________________</p> : <p><b className="strong">{result}</b></p>}
      </div>
    </li>
  );
}

function Sheet({ view }: { view: WalkthroughView }) {
  const { run } = view;
  return (
    <>
      <header className="stack">
        <Heading>{plainText(run.title)}</Heading>
        <p>{[`version ${plainText(run.version)}`, run.systemName === null ? null : plainText(run.systemName), view.environment === null ? null : environmentWords[view.environment].long, modeWords[run.mode], runWords[run.state].word].filter((part) => part !== null).join(', ')}</p>
        <p className="xs">Begun {exactTime(run.startedAt)} by {plainText(run.operator)}{view.estimateMs === null ? '' : `, estimated ${span(view.estimateMs)}`}. {run.id}</p>
        {view.contacts.length === 0 ? null : <p className="xs">{view.contacts.map((contact) => plainText([contact.role, contact.name, contact.phone, contact.email, contact.afterMs === null ? null : `after ${span(contact.afterMs)}`].filter((part) => part !== null).join(' '))).join('; ')}</p>}
      </header>
      {(['prerequisites', 'steps', 'rollback'] as const).map((section) => {
        const steps = view.steps.filter((step) => step.section === section);
        return steps.length === 0 ? null : <section key={section} className="stack"><h2>{sectionWords[section]}</h2><ol className="stack">{steps.map((step) => <Line key={step.key} step={step} />)}</ol></section>;
      })}
    </>
  );
}

/** A walkthrough as a clean checklist on paper: commands to read, boxes to tick, what is done already with its time. */
export function WalkthroughPrint({ walkthroughId }: { walkthroughId: string }) {
  const query = useMethod('walkthrough.get', { walkthroughId });
  useScreen({ screen: query.data === undefined ? 'Walkthrough' : plainText(query.data.run.title), system: null, environment: query.data?.environment ?? null });
  return (
    <div className="print-sheet">
      <div className="row wrap no-print">
        <Button look="primary" size="lg" needsEngine={false} icon={Printer} disabled={query.data === undefined} onClick={() => window.print()}>Print</Button>
        <LinkButton size="lg" to={paths.walkthrough(walkthroughId)}>Back to the walkthrough</LinkButton>
      </div>
      {query.data === undefined ? <Heading>Walkthrough</Heading> : null}
      <Loaded query={query} what="the walkthrough">{(view) => <Sheet view={view} />}</Loaded>
    </div>
  );
}
