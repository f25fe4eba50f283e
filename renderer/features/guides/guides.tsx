import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { GuideSummary } from '#shared/contract/guides.ts';
import type { MethodOutput } from '#shared/contract/index.ts';
import { Age } from '../../components/age.tsx';
import { Button, IconButton, LinkButton } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { AreaField } from '../../components/field.tsx';
import { count, plainText, plural } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { Empty, PageHead, useScreen } from '../../components/screen.tsx';
import { Tint } from '../../components/state.tsx';
import { useEngine } from '../../transport/engine-context.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { useSubmission } from '../../transport/use-submission.ts';
import { GuideFile } from './guide-file.tsx';
import { largestGuideWords, readAsText } from './read-text.ts';
import { classWords, countsWords, isBlocking, leftWords } from './words.ts';
import './guides.css';

interface Chosen {
  fileName: string;
  text: string;
}

/** What would be made of it, before anything is kept. */
function Found({ chosen, found, onGiveUp }: { chosen: Chosen; found: MethodOutput<'guide.read'>; onGiveUp: () => void }) {
  const [, navigate] = useLocation();
  const keep = useCommand('guide.import');
  const { counts, problems } = found;
  const classes = Object.entries(counts.flags).filter(([, number]) => number > 0) as [keyof typeof counts.flags, number][];
  const secrets = counts.flags.secret ?? 0;
  return (
    <section className="panel" aria-labelledby="found">
      <header><h2 id="found" className="grow break">{plainText(found.title)}</h2><span className="t3">{count(counts.source.lines)} lines of {plainText(chosen.fileName)}</span></header>
      <div className="body stack wide">
        <p>It becomes {countsWords(counts.byKind)}. Nothing of it is dropped: what is no step and no figure is kept as a card or a note.</p>
        {secrets === 0 ? null : <Tint kind="warn"><p>{plural(secrets, 'secret')} in it {secrets === 1 ? 'is' : 'are'} taken out before anything is kept. {secrets === 1 ? 'It stands' : 'They stand'} in the file all the same: change {secrets === 1 ? 'it' : 'them'} where others can read that.</p></Tint>}
        {classes.length === 0 ? <p className="t2">No line has to be looked at.</p> : (
          <ul className="stack tight" aria-label="What has to be looked at">
            {classes.map(([of, number]) => <li key={of} className="row"><span className={isBlocking({ class: of }) ? 'critical' : 'warn'}><Glyph kind={isBlocking({ class: of }) ? 'critical' : 'warn'} small /></span><span className="num" style={{ minWidth: 32 }}>{number}</span>{classWords[of]}</li>)}
          </ul>
        )}
        {problems.length === 0 ? null : <ul className="bul t2" aria-label="What was noticed">{problems.slice(0, 12).map((problem) => <li key={`${problem.line}${problem.rule}`} className="break">Line {problem.line}: {plainText(problem.message)}</li>)}{problems.length > 12 ? <li>and {problems.length - 12} more</li> : null}</ul>}
        {keep.error === null ? null : <ErrorPanel error={keep.error} title="It was not kept." />}
        <div className="row wrap">
          <Button look="primary" disabled={keep.isPending} onClick={() => keep.mutate({ ...chosen }, { onSuccess: ({ guide }) => navigate(paths.guide(guide.id)) })}>Keep and review</Button>
          <Button onClick={onGiveUp}>Give it up</Button>
        </div>
      </div>
    </section>
  );
}

function ReadGuide() {
  const engine = useEngine();
  const [pasted, setPasted] = useState('');
  const [refused, setRefused] = useState<string | null>(null);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  // A guide may hold passwords: it is no name of an answer that is remembered.
  const read = useSubmission<MethodOutput<'guide.read'>, Chosen>({ mutationFn: (input) => engine.call('guide.read', input) });
  const look = (fileName: string, text: string) => {
    const next = { fileName, text };
    setChosen(next);
    setRefused(null);
    read.mutate(next);
  };
  const onDrop = (event: React.DragEvent): void => {
    event.preventDefault();
    const [file] = event.dataTransfer.files;
    if (file !== undefined) void readAsText(file).then((found) => ('text' in found ? look(file.name, found.text) : setRefused(`${plainText(file.name)} ${found.why}`)));
  };
  return (
    <>
      <section className="panel" aria-labelledby="read" onDragOver={(event) => event.preventDefault()} onDrop={onDrop}>
        <header><h2 id="read" className="grow">Read a guide</h2><GuideFile label="Choose a file…" look={read.data === undefined ? 'primary' : 'plain'} disabled={read.isPending} onText={look} /></header>
        <div className="body stack">
          <AreaField label="Or paste it here, or drop a file" rows={4} value={pasted} placeholder={'# Operations guide\n\n## Restart\n1. …'} onChange={(event) => setPasted(event.target.value)} />
          {refused === null ? null : <p className="critical" role="alert">{refused}. {largestGuideWords}</p>}
          <div><Button needsEngine disabled={pasted.trim() === '' || read.isPending} onClick={() => look('pasted.md', pasted)}>Read what was pasted</Button></div>
        </div>
      </section>
      {read.error === null ? null : <ErrorPanel error={read.error} title="The guide was not read." />}
      {chosen === null || read.data === undefined ? null : <Found chosen={chosen} found={read.data} onGiveUp={() => { read.reset(); setChosen(null); }} />}
    </>
  );
}

function RemoveGuide({ guide, onClose }: { guide: GuideSummary; onClose: () => void }) {
  const remove = useCommand('guide.remove');
  return (
    <Dialog title={`Forget ${plainText(guide.title)}?`} onClose={onClose}>
      <div className="stack wide">
        <ul className="bul t2">
          <li>What was decided about its lines is gone. The file itself is yours and stays.</li>
          <li>{guide.state === 'published' ? 'The pack that was made of it stays, with its runbooks.' : 'Nothing was published of it.'}</li>
        </ul>
        {remove.error === null ? null : <ErrorPanel error={remove.error} />}
        <div className="btns">
          <button type="button" className="btn lg" data-autofocus onClick={onClose}>Cancel</button>
          <Button size="lg" look="danger" disabled={remove.isPending} onClick={() => remove.mutate({ guideId: guide.id }, { onSuccess: onClose })}>Forget guide</Button>
        </div>
      </div>
    </Dialog>
  );
}

/** Guides that were read, and the way to read one: a file in Markdown becomes runbooks, a calendar and all that goes with them. */
export function Guides() {
  const query = useMethod('guide.list', {});
  const [removing, setRemoving] = useState<GuideSummary | null>(null);
  useScreen({ screen: 'Guides', system: null });
  return (
    <div className="page dense">
      <PageHead title="Guides" lede="An operations guide in Markdown becomes runbooks, a calendar, thresholds and people. Nothing of it runs before you have looked at each line that needs it.">
        <LinkButton to={paths.packs}>Packs</LinkButton>
      </PageHead>
      <ReadGuide />
      <Loaded query={query} what="the guides">
        {({ guides }) => guides.length === 0 ? <Empty>No guide was read yet.</Empty> : (
          <section className="panel" aria-labelledby="guides">
            <header><h2 id="guides">Read so far <span className="count">{guides.length}</span></h2></header>
            <div className="scroll">
              <table aria-labelledby="guides">
                <thead><tr><th scope="col">Guide</th><th scope="col">Became</th><th scope="col">Left</th><th scope="col">Read</th><th scope="col"><span className="vh">Actions</span></th></tr></thead>
                <tbody>
                  {guides.map((guide) => (
                    <tr key={guide.id}>
                      <th scope="row"><Link to={paths.guide(guide.id)}>{plainText(guide.title)}</Link><span className="t3 xs under break">{plainText(guide.fileName)}</span></th>
                      <td className="break">{countsWords(guide.counts.byKind)}</td>
                      <td>{guide.state === 'published' ? <span className="row ok"><Glyph kind="ok" small />Published</span> : leftWords(guide.counts)}</td>
                      <td><Age at={guide.importedAt} /></td>
                      <td><div className="actions"><LinkButton size="sm" look="quiet" to={paths.guide(guide.id)}>{guide.state === 'published' ? 'Look' : 'Review'}</LinkButton>{guide.state === 'published' ? <LinkButton size="sm" look="quiet" to={paths.pack(guide.name)}>Adopt</LinkButton> : null}<IconButton icon={Trash2} label={`Forget ${guide.title}`} onClick={() => setRemoving(guide)} /></div></td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </section>
        )}
      </Loaded>
      {removing === null ? null : <RemoveGuide guide={removing} onClose={() => setRemoving(null)} />}
    </div>
  );
}
