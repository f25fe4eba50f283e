import { useState } from 'react';
import type { GuideFlag, GuideItem } from '#shared/contract/guides.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { AreaField, Segments } from '../../components/field.tsx';
import { plainText, plural } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { Markdown } from '../../components/markdown.tsx';
import { StepsPreview } from '../../components/steps-preview.tsx';
import { useMethod } from '../../transport/use-method.ts';
import { isSettled } from './stops.ts';
import type { Review } from './use-review.ts';
import { classWords, isBlocking, kindWords, linesWords } from './words.ts';

function toneOf(item: GuideItem, flag: GuideFlag): 'critical' | 'warn' | 'ok' {
  return isSettled(item, flag) ? 'ok' : isBlocking(flag) ? 'critical' : 'warn';
}

function Flag({ item, flag, isHere, onGo }: { item: GuideItem; flag: GuideFlag; isHere: boolean; onGo: () => void }) {
  const tone = toneOf(item, flag);
  if (!isHere) {
    return (
      <li>
        <button type="button" className="gflag-link" onClick={onGo}>
          <span className={tone}><Glyph kind={tone} small label={tone === 'ok' ? 'Settled' : classWords[flag.class]} /></span>
          <span className="t3 nowrap">line {flag.line}</span>
          <span className="clip grow">{plainText(flag.message)}</span>
        </button>
      </li>
    );
  }
  return (
    <li className={`tint ${tone} gflag`} aria-current="true">
      <Glyph kind={tone} />
      <p><b className="strong">{classWords[flag.class]}</b>{flag.state === 'kept' ? ', and stays' : flag.state === 'fixed' ? ', put right' : ''} <span className="xs">line {flag.line}</span></p>
      <p className="break">{plainText(flag.message)}</p>
      {flag.explanation === '' || flag.explanation === flag.message ? null : <p className="break">{plainText(flag.explanation)}</p>}
      {flag.fix === null ? null : <p className="break"><b className="strong">Instead:</b> {plainText(flag.fix)}</p>}
      {flag.reason === null || flag.reason === '' ? null : <p className="break"><b className="strong">Kept because:</b> {plainText(flag.reason)}</p>}
    </li>
  );
}

/** What one press writes: the lines that go, and those that come. */
function Offered({ edit }: { edit: NonNullable<GuideFlag['edit']> }) {
  const lines = (text: string) => plainText(text).split('\n');
  return (
    <div className="code diff">
      <header><b>OFFERED</b><span className="clip">{edit.title}</span></header>
      <pre tabIndex={0} aria-label="What the fix changes">
        <span className="vh">Removed:</span>{lines(edit.find).map((line, index) => <span key={index} className="del">- {line}</span>)}
        <span className="vh">Added:</span>{lines(edit.replace).map((line, index) => <span key={index} className="add">+ {line}</span>)}
      </pre>
    </div>
  );
}

function RunbookResult({ text }: { text: string }) {
  const [view, setView] = useState<'steps' | 'text'>('steps');
  const check = useMethod('runbook.check', { text }, { freshMs: Infinity, keepPrevious: true });
  return (
    <div className="sec">
      <div className="row"><h3 className="grow">What it becomes</h3><Segments label="Show" value={view} onChange={setView} options={[{ value: 'steps', label: 'Steps' }, { value: 'text', label: 'Text' }]} /></div>
      {view === 'text' ? <CodeBlock title="RUNBOOK" code={text} /> : check.data === undefined ? (check.error === null ? null : <ErrorPanel error={check.error} />) : <StepsPreview steps={check.data.steps} />}
    </div>
  );
}

const focus = (field: HTMLTextAreaElement | null): void => field?.focus();

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Front matter is for the file. */
const withoutFront = (text: string): string => text.replace(/^---\n[\s\S]*?\n---\n/, '');

function Result({ item }: { item: GuideItem }) {
  if (item.kind === 'runbook') return <RunbookResult key={item.key} text={item.text} />;
  if (item.kind === 'card' || item.kind === 'note' || item.kind === 'template') return <div className="sec"><h3>What it becomes</h3><Markdown text={withoutFront(item.text)} /></div>;
  return <div className="sec"><h3>What it becomes</h3><CodeBlock title={kindWords[item.kind].one.toUpperCase()} code={item.text} /></div>;
}

const decisionWords: Record<GuideItem['decision'], string> = { open: '', accepted: 'Accepted', edited: 'Accepted as it was changed', rejected: 'Left out' };
const standingWords: Record<GuideItem['standing'], string> = { same: '', new: 'New in the guide', changed: 'Changed in the guide', gone: 'Gone from the guide' };

interface Props {
  review: Review;
  item: GuideItem;
  editing: { text: string; onText: (text: string) => void } | null;
  reason: string;
  onReason: (reason: string) => void;
}

/** What the lines become, what is said of them, and what is offered instead. */
export function ResultPane({ review, item, editing, reason, onReason }: Props) {
  const { flag } = review;
  const here = item.flags.findIndex(({ id }) => id === flag?.id);
  // What a flag says already is not said twice.
  const flagged = new Set(item.flags.map(({ rule }) => rule));
  const problems = item.problems.filter(({ severity, rule }) => severity === 'error' || !flagged.has(rule));
  const badges = [standingWords[item.standing], decisionWords[item.decision]].filter((word) => word !== '');
  return (
    <section className="gpane res" aria-label="Result" tabIndex={0}>
      <div className="stack tight">
        <p className="t3 xs break">{item.path.map((heading) => plainText(heading)).join(' / ')}</p>
        <h2 className="break">{plainText(item.title)}</h2>
        <p className="row wrap t2">{capitalised(linesWords(item.lines))} became a {kindWords[item.kind].one}{badges.map((word) => <span key={word} className="badge skipped">{word}</span>)}</p>
      </div>
      {review.error === null ? null : <ErrorPanel error={review.error} title="It was not kept." onRetry={review.clearError} retryLabel="Look again" />}
      {item.flags.length === 0 ? null : (
        <ul className="gflags" aria-label={`${plural(item.flags.length, 'flag')} of it`}>
          {item.flags.map((each, index) => <Flag key={each.id} item={item} flag={each} isHere={index === here} onGo={() => review.go({ key: item.key, flagId: each.id })} />)}
        </ul>
      )}
      {problems.length === 0 ? null : (
        <div className="tint warn row at-top"><Glyph kind="warn" small /><ul className="stack tight">{problems.slice(0, 8).map((problem) => <li key={`${problem.line}${problem.rule}`} className="break">Line {problem.line} of the result: {plainText(problem.message)}</li>)}{problems.length > 8 ? <li>and {problems.length - 8} more</li> : null}</ul></div>
      )}
      {editing !== null ? <AreaField label="The result, to be changed" hint="Ctrl or ⌘ with Enter keeps it, Esc leaves it as it was" value={editing.text} rows={24} onChange={(event) => editing.onText(event.target.value)} ref={focus} /> : (
        <>
          {flag === null || flag.state !== 'open' || item.decision === 'rejected' ? null : (
            <>
              {flag.edit === null ? null : <Offered edit={flag.edit} />}
              <div className="field">
                <label htmlFor="g-reason">Why it may stay as it is, where it does</label>
                <input
                  id="g-reason" className="input" value={reason} maxLength={500} autoComplete="off" aria-describedby="g-reason-b"
                  onChange={(event) => onReason(event.target.value)}
                  onKeyDown={(event) => {
                    if (event.key !== 'Enter' || event.ctrlKey || event.metaKey || review.isPending) return;
                    event.preventDefault();
                    // The next key is one of the bar again.
                    event.currentTarget.blur();
                    review.act({ item, acknowledge: { flagId: flag.id, how: 'keep', reason } });
                  }}
                />
                <p id="g-reason-b" className="hint">Enter keeps it for this reason</p>
              </div>
            </>
          )}
          <Result item={item} />
        </>
      )}
    </section>
  );
}
