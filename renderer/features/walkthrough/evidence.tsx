import { useState } from 'react';
import type { WalkedStep, WalkthroughView } from '#shared/contract/walkthroughs.ts';
import { Exact, Instant } from '../../components/age.tsx';
import { Button, CopyButton } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { bytes, localTime, plainText, prose } from '../../components/format.ts';
import { useMethod } from '../../transport/use-method.ts';
import { useWalked } from './context.ts';
import { fullTitle, hasEnded } from './words.ts';

/** One piece of evidence, whole. A text is shown as text, whatever stands in it. */
export function EvidenceViewer({ evidenceId, onClose }: { evidenceId: string; onClose: () => void }) {
  const { id } = useWalked();
  const query = useMethod('walkthrough.evidence', { walkthroughId: id, evidenceId }, { freshMs: Infinity });
  return (
    <Dialog title={query.data === undefined ? 'Evidence' : plainText(query.data.name)} onClose={onClose} size={760}>
      <Loaded query={query} what="the evidence">
        {({ name, media, encoding, content, sha256, at }) => (
          <>
            <dl className="stats"><div><dt>Kept</dt><dd><Instant at={at} zone /></dd></div><div><dt>SHA-256</dt><dd className="mono break xs">{sha256}</dd></div></dl>
            {encoding === 'text' ? (
              <section className="code" aria-label="Text"><header><b>Text</b><span>{media}</span><CopyButton text={content} label={`Copy ${name}`} /></header><pre tabIndex={0} aria-label={plainText(name)}>{plainText(content)}</pre></section>
            ) : media.startsWith('image/') ? <img className="picture" src={`data:${media};base64,${content}`} alt={plainText(name)} /> : <p className="t2">This kind of file ({media}) is not shown here. It is part of the export as JSON.</p>}
          </>
        )}
      </Loaded>
      <div className="btns"><Button size="lg" onClick={onClose} data-autofocus>Close</Button></div>
    </Dialog>
  );
}

interface Fact {
  id: string;
  at: string;
  title: string;
  /** Words of people or of Pilothouse, or what a target wrote. */
  text: string;
  kind: 'words' | 'output' | 'table' | 'file';
  evidenceId: string | null;
}

const shownLines = 4;
const ruler = /^-+(?:\+-+)+$|^-+$/;
/** Of a table, beside its names and the line below them. */
const shownRows = 8;

/** The end of an output, where what came of it stands; of a table its beginning, without which nobody knows what a column is. */
function shortened(text: string): Pick<Fact, 'kind' | 'text'> {
  const lines = plainText(text).trimEnd().split('\n');
  if (!ruler.test(lines[1] ?? '')) return { kind: 'output', text: lines.slice(-shownLines).join('\n') };
  const shown = lines.length <= shownRows + 3 ? lines : [...lines.slice(0, shownRows + 2), '…', ...lines.slice(-1)];
  return { kind: 'table', text: shown.join('\n') };
}

function ofStep(step: WalkedStep): Fact[] {
  if (!hasEnded(step) || step.state === 'not-applicable' || step.endedAt === null) return [];
  const output = step.output !== null && step.output.tail.trim() !== '' ? step.output : null;
  if (output === null && step.outcome === null) return [];
  return [{ id: step.key, at: step.endedAt, title: fullTitle(step), ...(output === null ? { kind: 'words', text: prose(step.outcome ?? '') } : shortened(output.tail)), evidenceId: output?.evidenceId ?? null }];
}

/** All that was gathered so far, newest first: what steps wrote or came to, what people noted and attached. */
function gathered(view: WalkthroughView): Fact[] {
  const titles = new Map(view.steps.map((step) => [step.key, fullTitle(step)]));
  const titleOf = (key: string | null): string => (key === null ? 'The whole walkthrough' : (titles.get(key) ?? key));
  const steps = view.steps.flatMap(ofStep);
  const known = new Set(steps.map(({ evidenceId }) => evidenceId));
  const notes = view.comments.map((comment, index): Fact => ({ id: `note-${index}`, at: comment.at, title: `Note: ${titleOf(comment.key)}`, text: plainText(comment.text), kind: 'words', evidenceId: null }));
  const files = view.evidence.filter(({ id }) => !known.has(id)).map((each): Fact => ({ id: each.id, at: each.at, title: titleOf(each.key), text: `${plainText(each.name)}, ${bytes(each.bytes)}`, kind: 'file', evidenceId: each.id }));
  return [...steps, ...notes, ...files].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

const shownAtFirst = 12;

export function EvidenceList({ onOpen }: { onOpen: (evidenceId: string) => void }) {
  const { view } = useWalked();
  const [all, setAll] = useState(false);
  const facts = gathered(view);
  const shown = all ? facts : facts.slice(0, shownAtFirst);
  return (
    <section className="sec" aria-labelledby="evidence">
      <header><h2 id="evidence">Evidence <span className="count">{facts.length}</span></h2></header>
      {facts.length === 0 ? <p className="t2">Nothing yet. What steps write and people note gathers here.</p> : (
        <ul className="walk-ev">
          {shown.map((fact) => (
            <li key={fact.id}>
              <div className="row"><span className="t3 xs"><Exact at={fact.at}>{localTime(fact.at)}</Exact></span><span className="clip" title={fact.title}>{fact.title}</span></div>
              {fact.kind === 'table' ? <pre className="table" tabIndex={0} aria-label={`Table of ${fact.title}`}>{fact.text}</pre> : fact.kind === 'output' ? <pre>{fact.text}</pre> : <p className="t2 xs break">{fact.text}</p>}
              {fact.evidenceId === null ? null : <div><Button look="quiet" size="sm" onClick={() => { if (fact.evidenceId !== null) onOpen(fact.evidenceId); }} aria-label={`Show all of ${fact.title}`}>Show all</Button></div>}
            </li>
          ))}
        </ul>
      )}
      {facts.length > shown.length ? <div><Button onClick={() => setAll(true)}>Show {facts.length - shown.length} older</Button></div> : null}
    </section>
  );
}
