import { useState } from 'react';
import { Link } from 'wouter';
import type { MethodOutput } from '#shared/contract/index.ts';
import type { ItemChange } from '#shared/contract/packs.ts';
import { fieldWords, valueWords } from '#shared/domain/pack/field-words.ts';
import { Age } from '../../components/age.tsx';
import { Button, LinkButton } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { Segments } from '../../components/field.tsx';
import { plainText, plural } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { Empty, PageHead } from '../../components/screen.tsx';
import { Tint } from '../../components/state.tsx';
import { useSystemScreen } from '../../components/use-system.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { PackForm, useSaid } from './form.tsx';
import { itemWords } from './words.ts';
import './packs.css';

type Choice = 'mine' | 'theirs';
const changeWords: Record<ItemChange['change'], string> = { added: 'New', changed: 'Changed in the pack', removed: 'Gone from the pack', conflict: 'Changed here and in the pack', kept: 'Gone from the pack, kept as your own', hidden: 'Removed here, stays so' };

function Change({ change, choice, onChoose }: { change: ItemChange; choice: Choice | undefined; onChoose: (choice: Choice) => void }) {
  return (
    <li>
      <div className="grow stack tight">
        <p className="row wrap"><b className="strong break">{plainText(change.title)}</b><span className="t3">{itemWords[change.kind].one}</span><span className={`badge ${change.change === 'conflict' ? 'warn' : 'skipped'}`}>{changeWords[change.change]}</span></p>
        {change.fields.length === 0 ? null : (
          <ul className="stack tight xs">
            {change.fields.map((field) => (
              <li key={field.field} className="break"><span className="t3">{fieldWords(field.field)}:</span> {field.conflict ? <>here {plainText(valueWords(field.field, field.mine))}, in the pack {plainText(valueWords(field.field, field.theirs))} (was {plainText(valueWords(field.field, field.was))})</> : <>{plainText(valueWords(field.field, field.was))} → {plainText(valueWords(field.field, field.theirs))}</>}</li>
            ))}
          </ul>
        )}
      </div>
      {change.change === 'conflict' ? <Segments<Choice | ''> label={`Which of both for ${change.title}`} value={choice ?? ''} onChange={(next) => { if (next !== '') onChoose(next); }} options={[{ value: 'mine', label: 'Keep mine' }, { value: 'theirs', label: 'Take the pack’s' }]} /> : null}
    </li>
  );
}

function Update({ systemId, preview }: { systemId: string; preview: MethodOutput<'pack.preview'> }) {
  const [choices, setChoices] = useState<Readonly<Record<string, Choice>>>({});
  const say = useSaid(preview);
  const update = useCommand('pack.update');
  const conflicts = preview.items.filter(({ change }) => change === 'conflict');
  const undecided = conflicts.filter(({ kind, key }) => choices[`${kind}/${key}`] === undefined).length;
  // What it still asks is among its answers.
  if (preview.items.length === 0 && preview.from === preview.to) return <Empty>This system is as its pack says, with what was changed here.</Empty>;
  return (
    <form className="stack wide" onSubmit={(event) => { event.preventDefault(); if (undecided === 0) update.mutate({ systemId, hash: preview.hash, choices: { ...choices }, ...say.said }); }}>
      <section className="panel" aria-labelledby="difference">
        <header><h2 id="difference" className="grow">From version {preview.from} to {preview.to} <span className="count">{plural(preview.items.length, 'difference')}</span></h2></header>
        {preview.items.length === 0 ? <p className="body t2">No item changes.</p> : <ul className="pk-list">{preview.items.toSorted((a, b) => Number(b.change === 'conflict') - Number(a.change === 'conflict')).map((change) => { const name = `${change.kind}/${change.key}`; return <Change key={name} change={change} choice={choices[name]} onChoose={(choice) => setChoices((now) => ({ ...now, [name]: choice }))} />; })}</ul>}
      </section>
      <PackForm roles={preview.roles} questions={preview.questions} say={say} error={update.error} />
      <div className="pk-bar">
        {update.error === null ? null : <ErrorPanel error={update.error} title="Nothing was changed." />}
        <p className="grow t2">{undecided > 0 ? `Choose for ${plural(undecided, 'thing')} that ${undecided === 1 ? 'was' : 'were'} changed on both sides.` : 'What was changed here stays.'}</p>
        <Button look="primary" size="lg" type="submit" disabled={undecided > 0 || update.isPending}>Update to {preview.to}</Button>
      </div>
    </form>
  );
}

function Answers({ systemId, form }: { systemId: string; form: MethodOutput<'pack.reopen'> }) {
  const say = useSaid(form);
  const answer = useCommand('pack.answer');
  return (
    <form className="stack wide" onSubmit={(event) => { event.preventDefault(); answer.mutate({ systemId, ...say.said }); }}>
      <PackForm roles={form.roles} questions={form.questions} say={say} error={answer.error} />
      {answer.data === undefined ? null : <Tint kind={answer.data.open.questions.length + answer.data.open.roles.length === 0 ? 'ok' : 'warn'} role="status"><p>Kept. {answer.data.open.questions.length + answer.data.open.roles.length === 0 ? 'Nothing is open.' : `${plural(answer.data.open.questions.length + answer.data.open.roles.length, 'answer')} still missing.`}</p></Tint>}
      <div className="pk-bar">{answer.error === null ? null : <ErrorPanel error={answer.error} title="It stands as it was." />}<p className="grow t2">{say.open === 0 ? 'Everything is said.' : `${plural(say.open, 'answer')} missing.`}</p><Button look="primary" size="lg" type="submit" disabled={answer.isPending}>Keep answers</Button></div>
    </form>
  );
}

type View = 'answers' | 'update';

function Adopted({ systemId, adoption }: { systemId: string; adoption: NonNullable<MethodOutput<'pack.standing'>['adoption']> }) {
  const newer = adoption.available?.isNewer === true;
  const [view, setView] = useState<View>(newer && adoption.open.questions.length + adoption.open.roles.length === 0 ? 'update' : 'answers');
  const form = useMethod('pack.reopen', { systemId }, { enabled: adoption.available !== null });
  const preview = useMethod('pack.preview', { systemId }, { enabled: view === 'update' && adoption.available !== null });
  return (
    <>
      <p className="row wrap t2"><span>Made of <Link to={paths.pack(adoption.pack)}>{plainText(adoption.title)}</Link>, version {adoption.version}, <Age at={adoption.updatedAt} /></span></p>
      {adoption.trouble === null ? null : <Tint kind="warn"><p className="break">{plainText(adoption.trouble)}</p></Tint>}
      {adoption.available === null ? null : (
        <>
          <Segments<View> label="Show" value={view} onChange={setView} options={[{ value: 'answers', label: 'Answers' }, { value: 'update', label: newer ? `Update to ${adoption.available.version}` : 'Compare' }]} />
          {view === 'answers' ? <Loaded query={form} what="the questions">{(data) => <Answers key={data.hash} systemId={systemId} form={data} />}</Loaded> : <Loaded query={preview} what="the difference">{(data) => <Update key={data.hash} systemId={systemId} preview={data} />}</Loaded>}
        </>
      )}
    </>
  );
}

/** The pack that a system was made of: what was answered, and what a newer version of it would change. */
export function PackOfSystem({ systemId }: { systemId: string }) {
  useSystemScreen(systemId, 'Pack');
  const standing = useMethod('pack.standing', { systemId });
  return (
    <div className="page dense narrow">
      <PageHead title="Pack"><LinkButton to={paths.systemScreen(systemId, 'handbook')}>Handbook</LinkButton></PageHead>
      <Loaded query={standing} what="the pack">
        {({ adoption }) => adoption === null ? <Empty action={<LinkButton look="primary" to={paths.packsFor(systemId)}>Choose a pack</LinkButton>}>This system was made without a pack.</Empty> : <Adopted systemId={systemId} adoption={adoption} />}
      </Loaded>
    </div>
  );
}
