import { useState } from 'react';
import type { MethodOutput } from '#shared/contract/index.ts';
import { fewNames } from '#shared/domain/few-names.ts';
import { Button } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { plainText, plural } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Heading, useScreen } from '../../components/screen.tsx';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { DecideBar } from './decide-bar.tsx';
import { GuideFile } from './guide-file.tsx';
import { PublishDialog } from './publish-dialog.tsx';
import { ResultPane } from './result-pane.tsx';
import { SourcePane } from './source-pane.tsx';
import { leftOf } from './stops.ts';
import { useReview } from './use-review.ts';
import { isBlocking } from './words.ts';
import './guides.css';

const mostBars = 40;

/** As many bars as flags, up to a number: those that are settled first. */
function Meter({ done, all }: { done: number; all: number }) {
  const bars = Math.min(all, mostBars);
  const filled = all === 0 ? 0 : Math.round((done / all) * bars);
  return <span className="gmeter" aria-hidden>{Array.from({ length: bars }, (_, index) => <i key={index} className={index < filled ? 'd' : index === filled ? 'c' : ''} />)}</span>;
}

function Changes({ changes, onClose }: { changes: MethodOutput<'guide.reimport'>['changes']; onClose: () => void }) {
  const parts = [changes.new.length === 0 ? '' : `${changes.new.length} new`, changes.changed.length === 0 ? '' : `${changes.changed.length} changed`, changes.gone.length === 0 ? '' : `${changes.gone.length} gone (${fewNames(changes.gone.map((title) => plainText(title)))})`].filter((part) => part !== '');
  return (
    <div className="tint unknown row grestate" role="status">
      <span className="grow">Read again: {parts.length === 0 ? 'nothing changed' : parts.join(', ')}; {plural(changes.same, 'piece')} as before, with what was decided.</span>
      <Button look="quiet" onClick={onClose}>Close</Button>
    </div>
  );
}

function Inside({ guide, items: all, source }: MethodOutput<'guide.get'> & { source: MethodOutput<'guide.source'> }) {
  const review = useReview({ guide, items: all });
  const [draft, setDraft] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [publishing, setPublishing] = useState(false);
  const [changes, setChanges] = useState<MethodOutput<'guide.reimport'>['changes'] | null>(null);
  const plain = useCommand('guide.acceptPlain');
  const again = useCommand('guide.reimport');
  const { items, item, flag } = review;
  // What was typed for one flag says nothing of the next.
  const stopName = `${item?.key ?? ''} ${flag?.id ?? ''}`;
  const [of, setOf] = useState(stopName);
  if (of !== stopName) {
    setOf(stopName);
    setReason('');
    setDraft(null);
  }
  const left = leftOf(items, isBlocking);
  const open = left.blocking + left.other;
  const isDone = open === 0 && left.undecided === 0;
  const save = () => {
    if (item === null || draft === null) return;
    if (draft === item.text) setDraft(null);
    else review.act({ item, decide: { decision: 'edit', text: draft } }, () => setDraft(null));
  };
  return (
    <div className="greview">
      <div className="grhead">
        <div className="grow"><Heading>Review {plainText(guide.fileName)}</Heading><p className="lede">{isDone ? 'Everything was looked at. Publish it to use it.' : 'Nothing of this draft can run until every flag is settled.'}</p></div>
        <div className="row wrap end">
          <Meter done={left.flags - open} all={left.flags} />
          <span className="nowrap" role="status"><b className="strong">{open} of {left.flags}</b> <span className="t2">flags left{left.undecided > 0 && open === 0 ? `, ${left.undecided} undecided` : ''}</span></span>
          {left.blocking === 0 ? null : <span className="row critical medium nowrap"><Glyph kind="critical" small />{left.blocking} block</span>}
          {left.other === 0 ? null : <span className="row warn medium nowrap opt"><Glyph kind="warn" small />{left.other} to look at</span>}
          <GuideFile label="Read again…" look="quiet" disabled={again.isPending} onText={(fileName, text) => again.mutate({ guideId: guide.id, text, fileName }, { onSuccess: (answer) => setChanges(answer.changes) })} />
          <Button needsEngine disabled={!isDone} onClick={() => setPublishing(true)}>Publish…</Button>
        </div>
      </div>
      {changes === null ? null : <Changes changes={changes} onClose={() => setChanges(null)} />}
      {again.error === null ? null : <ErrorPanel error={again.error} title="It was not read again." />}
      {plain.error === null ? null : <ErrorPanel error={plain.error} title="They were not accepted." />}
      <SourcePane fileName={source.fileName} lines={source.lines} items={items} item={item} flag={flag} onGo={review.go} />
      {item === null ? <section className="gpane res"><p className="t2">Nothing was made of this guide.</p></section> : <ResultPane review={review} item={item} reason={reason} onReason={setReason} editing={draft === null ? null : { text: draft, onText: setDraft }} />}
      <DecideBar
        review={review} editing={draft !== null} plain={left.plain} reason={reason}
        onEdit={() => { if (item !== null) setDraft(item.text); }} onSave={save} onCancel={() => setDraft(null)}
        onPlain={() => { if (left.plain > 0) plain.mutate({ guideId: guide.id }); }}
      />
      {publishing ? <PublishDialog guide={guide} onClose={() => setPublishing(false)} /> : null}
    </div>
  );
}

/** A guide beside what becomes of it: every flag is looked at, one after the other. */
export function ReviewGuide({ guideId }: { guideId: string }) {
  const query = useMethod('guide.get', { guideId }, { freshMs: Infinity });
  const source = useMethod('guide.source', { guideId }, { freshMs: Infinity });
  useScreen({ screen: query.data === undefined ? 'Review' : `Review ${query.data.guide.fileName}`, system: null, focus: true });
  return (
    <Loaded query={query} what="the guide">
      {(data) => <Loaded query={source} what="its lines">{(lines) => <Inside guide={data.guide} items={data.items} source={lines} />}</Loaded>}
    </Loaded>
  );
}
